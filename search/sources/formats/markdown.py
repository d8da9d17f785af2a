"""Reader of Markdown files with front matter in YAML, TOML or JSON. The only importer of markdown_it and yaml."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from search.errors import UnreadableArticle
from search.model import count
from search.sources.formats.html_blocks import block_texts, clean_text, parse_html
from search.sources.records import Options, Record
from search.sources.text.decoding import decode_text
from search.sources.text.languages import language_code
from search.sources.text.line_breaks import without_breaks
from search.sources.text.markdown_dialects import shown_text
from search.sources.text.stated_dates import first_date

FRONT = 1 << 16
"""Characters of the longest front matter."""

DEPTH = 20
"""Deepest nesting of lists and mappings in YAML; the time to parse it grows with the square of the depth."""

NESTING = 200
"""Levels of blocks that are read: a list in a list is two."""

_FRONT = re.compile(
    r"\A(?P<mark>---|\+\+\+)[ \t]*\n(?P<front>.*?)^(?:(?P=mark)|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_PANDOC = re.compile(
    r"\A%[ \t]+(?P<title>\S[^\n]*(?:\n[ \t]+\S[^\n]*)*)\n"
    r"(?:%[^\n]*(?:\n[ \t]+\S[^\n]*)*\n(?:%(?P<date>[^\n]*)\n)?|(?=\n))"
)
"""The title block of Pandoc: title, authors and date, each after `%`."""
_FILE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
"""The date that the name of a file begins with, as Jekyll wants it and diaries have it."""
_NAMED = re.compile(r"""(?:\#[^\n]*\n)*["']?[\w$@.-]+(?:[ ][\w.-]+)?["']?[ \t]*[:=](?:\s|\Z)|\s*\Z""", re.VERBOSE)
"""The beginning of front matter: a name of at most two words, with a value. Anything else is text between two rules."""
_KEY = re.compile(r"[\w$@./-]+(?: [\w.-]+){0,2}")
_PROSE = re.compile(r"""^(?![\s#\]}]|-|\Z|["']?[\w$@./-]+(?:[ ][\w.-]+){0,2}["']?[ \t]*[:=]|\[)""", re.MULTILINE)
"""The beginning of a line that is in no way a part of front matter."""
_DATES = ("date", "published", "publishdate", "pubdate")
"""Names of the date of publication, in lower case; the first that is there is read."""
_READ = ("title", "date", "lang", "language")
_LINE = re.compile(r"^(title|date|lang|language)[ \t]*[:=](.*)$", re.IGNORECASE | re.MULTILINE)
_ALIAS = re.compile(r"^(?:&\S+\s*|\*\S+$)")
"""A name that a value has for others in front matter, or such a name in place of a value."""
_NULLS = frozenset({"null", "Null", "NULL", "~"})
_NOTE = re.compile(r"^( {0,3})\[\^(?=[^\]\n]+\]:)", re.MULTILINE)
"""The beginning of a footnote, which is taken for the target of a link if it is one word."""

_SAID = re.compile(
    r"""^(\ {0,3})\[(?P<label>[^\[\]\n^][^\[\]\n]*)(?=\]:[ \t]+[\w'’]+[.,;!?…]*"""
    r"""(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*$)""",
    re.MULTILINE,
)
"""The beginning of `[Alice]: Yes.`, which is taken for the target of a link if one word follows: see `_as_text`."""
_LABEL = re.compile(r"\[([^\[\]\n]+)\](?!:)")
"""Matches a label in brackets, such as `[Ann]`, which may refer to the target of a link."""
_PICTURE = re.compile(r"([(<\"'])data:[\w/+.-]{1,99};base64,[A-Za-z0-9+/=%]{1000,}+(?=[)>\"'])", re.ASCII)
"""Matches the address of a picture that holds all of it: no text, and the parser takes long for it."""
_CELL_END = re.compile(r"(?<!\\)\|")


def read_markdown(data: bytes, name: str, options: Options) -> tuple[Record, str]:
    """Return the article of a Markdown file and the file's encoding. Raise UnreadableArticle."""
    text, encoding, damage = decode_text(data, options.languages)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    front: dict[str, str] = {}
    missing: tuple[str, ...] = ()
    if (found := _FRONT.match(text)) and (values := _front_matter(found["front"], toml=found["mark"] == "+++")):
        front, missing = values
        text = text[found.end() :]
    elif json_values := _json_front(text):
        (front, missing), text = json_values
    elif found := _PANDOC.match(text):
        front = {"title": clean_text(found["title"]), "date": clean_text(found["date"] or "")}
        text = text[found.end() :]
    text = _PICTURE.sub(r"\1", text)
    text = _as_text(_NOTE.sub(r"\1\\[^", text))
    paragraphs, heading = [], ""
    tokens = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable(["table", "strikethrough"]).parse(text)
    if any(token.level >= NESTING - 1 and token.type in {"blockquote_open", "list_item_open"} for token in tokens):
        missing += ("What stands in too many lists or quotations was not read.",)
    blocks, cut = _blocks(tokens)
    missing += cut + _cells_left_out(tokens, text.split("\n"))
    for block, is_heading in blocks:
        first = is_heading and not heading
        heading = block if first else heading
        if not (first and front.get("title", block) == block):
            paragraphs.append(block)
    if not paragraphs:
        message = " ".join(["The file has no paragraphs.", *missing])
        raise UnreadableArticle(message, "An article has a title and at least one paragraph after it.")
    stated = next(filter(None, map(front.get, _DATES)), None)
    date = first_date([stated] if stated else [], options.languages)
    if not stated and (of_file := _FILE.match(name) or _FILE.match(front.get("created", ""))):
        guess = first_date([of_file[0]], options.languages)
        date = guess._replace(guessed=True, missing=()) if guess.date and not guess.missing else date
    lang = language_code(front.get("lang") or front.get("language") or "")
    title = front.get("title") or heading or name
    return Record(
        title, date.date, tuple(paragraphs), lang, "", date.guessed, damage + missing + date.missing
    ), encoding


def _as_text(text: str) -> str:
    """Return a text in which a word that somebody says, after a name in brackets, is no target of a link.

    A target that has the look of an address, or whose name stands in brackets elsewhere, is one.
    """
    named = {" ".join(label.lower().split()) for label in _LABEL.findall(text)}

    def escaped(said: re.Match[str]) -> str:
        label = said["label"]
        return said[0] if " ".join(label.lower().split()) in named else f"{said[1]}\\[{label}"

    return _SAID.sub(escaped, text)


def _cells_left_out(tokens: list[Token], lines: list[str]) -> tuple[str, ...]:
    """Return a sentence about the cells of tables that have no column in the header, which no program shows."""
    columns = rows = 0
    for token in tokens:
        if token.type == "tr_open" and token.map is not None and columns:
            cells = _CELL_END.split(lines[token.map[0]].strip("> \t").removeprefix("|"))
            rows += any(map(str.strip, cells[columns:]))
        columns = 0 if token.type == "table_close" else columns + (token.type == "th_open")
    return (f"In {count(rows, 'row')} of tables the cells beyond the header's were not read.",) if rows else ()


def _front_matter(text: str, *, toml: bool) -> tuple[dict[str, str], tuple[str, ...]] | None:
    """Return the values of front matter that are texts, by name in lower case, and what could not be read of it.

    Return None for what is no front matter but text between two rules: it has to be names and values, and nothing else.
    """
    if len(text) > FRONT or _NAMED.match(text) is None:
        return None
    try:
        values, names = _toml(text) if toml else _yaml(text)
    except _AliasesError:
        return _lines_of(text, "it uses aliases (`*name`)")
    except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
        if _PROSE.search(text):
            return None
        detail = " ".join(str(getattr(error, "problem", None) or error).split())
        return _lines_of(text, f"it is not {'TOML' if toml else 'YAML'}: {detail}")
    except RecursionError:
        return _lines_of(text, "it is nested too deep")
    if values is None:
        return {}, ()
    return _texts_of(values, names)


def _json_front(text: str) -> tuple[tuple[dict[str, str], tuple[str, ...]], str] | None:
    """Return what `_front_matter` does, of an object of JSON that a text begins with, and the rest of the text."""
    if not text.startswith("{\n"):
        return None
    names: list[str] = []

    def outermost(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names[:] = [name for name, _ in pairs]  # the outermost object comes last
        return dict(pairs)

    try:
        decoder = json.JSONDecoder(object_pairs_hook=outermost, parse_int=str, parse_float=str)
        values, end = decoder.raw_decode(text[:FRONT])
    except (ValueError, RecursionError):
        return None
    found = _texts_of(values, names) if text[end : end + 1] == "\n" and text[end:].strip() else None
    return found and (found, text[end:])


def _texts_of(values: object, names: list[str]) -> tuple[dict[str, str], tuple[str, ...]] | None:
    """Return what `_front_matter` does, of parsed values and the outermost names, as often as each is there."""
    if not isinstance(values, dict) or not all(_KEY.fullmatch(str(key)) for key in values):
        return None
    named = {str(key).lower(): value for key, value in values.items()}
    plain = {key: value for key, value in named.items() if not isinstance(value, list | dict)}
    bad = [f"Front matter: {key!r} is not text." for key in _READ if key in named and key not in plain]
    there = Counter(name.lower() for name in names)
    bad += (f"Front matter: {key!r} is there twice; the last one was read." for key in _READ if there[key] > 1)
    texts = {key: clean_text(str(value)) for key, value in plain.items() if value is not None and value not in _NULLS}
    return texts, tuple(bad)


def _lines_of(text: str, reason: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return what lines of their own say in front matter that cannot be parsed, and the reason as what is missing."""
    values = {name.lower(): _ALIAS.sub("", clean_text(value)).strip("\"'") for name, value in _LINE.findall(text)}
    return values, (f"Front matter: {reason.rstrip('.')}; only title, date and language were looked for.",)


class _AliasesError(ValueError):
    """The values of front matter refer to each other."""


def _toml(text: str) -> tuple[object, list[str]]:
    """Parse TOML; return the values and the names of the outermost ones, of which none is there twice."""
    values = tomllib.loads(text)
    return values, list(values)


def _yaml(text: str) -> tuple[object, list[str]]:
    """Parse YAML into texts, lists and dictionaries; no text becomes a number, a date or a truth value.

    Return the values, and the names of the outermost ones, as often as each is there. Raise _AliasesError for aliases,
    because an alias for a value that holds aliases expands a few lines to gigabytes; what only looks like one, such as
    `*bold*`, is an error of YAML. Raise RecursionError for nesting deeper than DEPTH.
    """
    depth, anchors = 0, set()
    outermost: list[str] = []
    for event in yaml.parse(text, yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent) and event.anchor in anchors:
            raise _AliasesError
        anchors.add(getattr(event, "anchor", None))
        if depth == 1 and isinstance(event, yaml.NodeEvent):
            outermost.append(event.value if isinstance(event, yaml.ScalarEvent) else "")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise RecursionError
    # this loader makes nothing but texts, lists and dicts; names and values take turns
    return yaml.load(text, yaml.BaseLoader), outermost[::2]  # noqa: S506 - as said above


def _blocks(tokens: list[Token]) -> tuple[list[tuple[str, bool]], tuple[str, ...]]:
    """Return the text of each block, without markup, and whether it is a heading; a row of a table is one block.

    Return distinct sentences, too, that say what could not be read of HTML in it.
    """
    blocks: list[tuple[str, bool]] = []
    missing: dict[str, None] = {}
    row: list[str] = []
    kind = before = ""
    for token in tokens:
        found, headings = list[str](), set[str]()
        if token.type == "inline":
            pieces = _inline(token.children or [], of_item=before == "list_item_open")
            found = [clean_text(without_breaks("".join(pieces)))]
        elif token.type in {"fence", "code_block"}:
            found = [clean_text(token.content)]
        elif token.type == "html_block":
            tree, cut = parse_html(token.content)
            found = block_texts(tree) if tree is not None else []
            headings = {clean_text(h1.text_content()) for h1 in tree.iter("h1")} if tree is not None else set()
            missing |= dict.fromkeys(cut)
        elif token.type == "tr_close":
            found, row = [" ".join(filter(None, row))], []
        if kind in {"td_open", "th_open"}:
            row += found
            found = []
        blocks += [(text, kind == "heading_open" or text in headings) for text in found if text]
        before, kind = kind, token.type
    return blocks, tuple(missing)


def _inline(tokens: list[Token], *, of_item: bool) -> Iterator[str]:
    """Yield the text of inline elements, cut at code, in which nothing is markup; a picture has its alternative text.

    `of_item` says that they begin an item of a list.
    """
    held: list[str] = []
    for token in tokens:
        if token.type == "code_inline":
            yield shown_text("".join(held), of_item=of_item)
            held, of_item = [], False
            yield token.content
        elif token.type in {"text", "image"}:
            held.append(token.content)
        elif token.type == "softbreak":
            held.append("\n")
        elif token.type == "hardbreak" or token.content.lower().startswith("<br"):
            held.append(" ")
    yield shown_text("".join(held), of_item=of_item)
