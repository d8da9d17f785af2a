"""Single lexemes to leaves of the tree: words, quotes, patterns, filters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from search.analysis.tokenizer import CACHED, Kind, Token, fold, stems, tokenize
from search.dates import parse_date
from search.errors import QueryError
from search.query.lexer import Lexeme, Type, lex
from search.query.plain import MAX_EDITS, plain_word
from search.query.tree import Dated, Fuzzy, Lang, Leaf, Node, Phrase, Slot, Source, Wildcard, Word

MAX_DISTANCE = 100
"""Words between which NEAR and a quote's ~n may still look."""

PLAIN_QUOTE = re.compile(r"[A-Za-z0-9]{1,100}(?: [A-Za-z0-9]{1,100})*")
"""The text of a quote of words of ASCII letters and digits with a space between them."""
_FUZZY = re.compile(r"(.+)~(\w*)")
_ANY = str.maketrans({"*": "x", "?": "x"})
_SIGNS = re.compile(r"(\w?)([*?~]+(?:(?<=~)\d\b)?)(?=(\w?))")
"""Signs of patterns, and the letters on both sides of them."""
_GAP = str.maketrans({"*": " ", "?": " "})


def chunk(lexeme: Lexeme, languages: tuple[str, ...], *, title: bool) -> Leaf | None:
    """The leaf for unquoted text without spaces; None when it holds no word.

    Several words (`and/or`, `10,000`, `al-Sharaa`) are a phrase of stems.
    """
    if is_plain(lexeme.text):
        return plain_word(lexeme.text, languages, title=title)
    text, at = _core(lexeme.text)
    if found := _FUZZY.fullmatch(text):
        return _fuzzy(found, lexeme.at + at, title=title)
    if "*" in text or "?" in text:
        return _wildcard(text, lexeme.at, title=title)
    if is_plain(text):
        return plain_word(text, languages, title=title)
    slots = []
    for token in _outermost(text, Kind.SYMBOL):
        forms = _stems(token, languages)
        slots.append(Slot(forms, forms, token.width, stemmed=True))
    if not slots:
        return None
    if len(slots) == 1:
        return Word(slots[0].terms, title)
    return Phrase(tuple(slots), title=title)


def quote(lexeme: Lexeme, languages: tuple[str, ...], *, title: bool) -> Phrase | None:
    """The leaf for a quote: words as written, a compound as a whole; None when it holds no word."""
    slop = 1 if lexeme.slop is None else distance(lexeme.slop, lexeme.at, f"~{lexeme.slop}")
    if PLAIN_QUOTE.fullmatch(lexeme.text):
        slots = tuple([_plain_slot(word, languages) for word in lexeme.text.split(" ")])
    else:
        slots = _slots(lexeme.text, languages)
    return Phrase(slots, slop, title) if slots else None


def _slots(text: str, languages: tuple[str, ...]) -> tuple[Slot, ...]:
    """The slots for the words of a quote."""
    slots = []
    for token in _outermost(text, Kind.COMPOUND):
        words = _outermost(token.written, Kind.SYMBOL)
        forms = tuple(stem for word in words for stem in _stems(word, languages))
        slots.append(Slot((fold(token.written),), forms, token.width))
    return tuple(slots)


@lru_cache(CACHED)
def _plain_slot(word: str, languages: tuple[str, ...]) -> Slot:
    """The slot for a word of ASCII letters and digits."""
    (slot,) = _slots(word, languages)
    return slot


def distance(text: str, at: int, written: str) -> int:
    """The number of words after NEAR/ or ~. Raises QueryError unless it is from 1 to MAX_DISTANCE."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= MAX_DISTANCE):
        message = f"{written} needs a number of words."
        raise QueryError(message, f"It can be 1 to {MAX_DISTANCE}.", at)
    return int(text)


def as_phrase(node: Node, at: int) -> Phrase:
    """One side of NEAR. Raises QueryError for what is neither a word nor a quote."""
    if isinstance(node, Word):
        return Phrase((Slot(node.stems, node.stems, stemmed=True),), title=node.title)
    if isinstance(node, Phrase):
        return node
    message = "NEAR joins words and quotes only."
    raise QueryError(message, "Write it as in: military NEAR/5 support", at)


def filter_of(field: str, value: Lexeme) -> Node:
    """The node for `source:`, `lang:`, `date:`, `before:` or `after:`."""
    if not value.text or value.slop is not None:
        message = f"{field}: takes one value, not a distance." if value.text else f"{field}: has no value."
        raise QueryError(message, f"Write it as in {field}:value.", value.at)
    if field == "source":
        return Source(value.text)
    if field == "lang":
        return Lang(value.text.lower())
    try:
        date = parse_date(value.text)
    except ValueError as error:
        message = f"{error}."
        raise QueryError(message, f"Write it as in {field}:2025-07.", value.at) from None
    if field == "before":
        return Dated(ends_by=date.start)
    if field == "after":
        return Dated(starts_from=date.end)
    return Dated(ends_after=date.start, starts_before=date.end)


def without_patterns(text: str) -> str:
    """The text of a quote without what would be a pattern outside of it."""

    def plain(found: re.Match[str]) -> str:
        # Before a letter, or after one: but a question mark after a word is the text's own.
        meant = found[3] or found[2][-1].isdigit() or (found[1] and found[2].strip("?"))
        return f"{found[1]} " if meant else found[0]

    changed = _SIGNS.sub(plain, text)
    return text if changed == text else " ".join(changed.split())


def shown(text: str) -> str:
    """A chunk as `interpreted` shows it: without punctuation around it, unless it would read as something else then.

    The full stop that ends an abbreviation (`U.S.`) belongs to it.
    """
    if is_plain(text):
        return text
    core, at = _core(text)
    end = at + len(core)
    if text[end : end + 1] == "." and any(token.end > len(core) for token in tokenize(text[at:])):
        core = text[at : end + 1]
    return core if _is_chunk(core) else text


def is_plain(text: str) -> bool:
    """Whether a chunk is one word of ASCII letters and digits, as nearly all are."""
    return text.isascii() and text.isalnum()


def shown_value(value: Lexeme) -> str:
    """A filter's value as `interpreted` shows it: in quotes where it needs them."""
    return value.text if value.type is Type.CHUNK or _is_chunk(value.text) else f'"{value.text}"'


def _is_chunk(text: str) -> bool:
    try:
        return lex(text) == [Lexeme(Type.CHUNK, text, 0)]
    except QueryError:
        return False


def _core(text: str) -> tuple[str, int]:
    """A chunk without punctuation around it, and where that begins."""
    low, high = 0, len(text)
    while low < high and _is_edge(text[low], "*?"):
        low += 1
    while low < high and _is_edge(text[high - 1], "*+#~"):
        high -= 1
    return text[low:high], low


def _is_edge(character: str, but: str) -> bool:
    """Whether a character at the edge of a chunk says nothing. Letters, digits and marks do."""
    category = unicodedata.category(character)
    return character not in but and (category[0] in "PSZ" or category in {"Cc", "Cf"})


def _outermost(text: str, whole: Kind) -> list[Token]:
    """The tokens of a text, with compounds of this kind (or symbols) in place of their parts."""
    tokens: list[Token] = []
    taken = 0
    for token in tokenize(text):
        if token.position < taken or (token.kind is Kind.COMPOUND and whole is Kind.SYMBOL):
            continue
        tokens.append(token)
        taken = token.position + token.width
    return tokens


def _stems(token: Token, languages: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(stem for lang in languages for stem in stems(token, lang)))


def _one_word(text: str) -> bool:
    """Whether a text is one run from end to end, so that it can be one word of the index."""
    tokens = tokenize(text)
    return bool(tokens) and tokens[0].start == 0 and tokens[0].end == len(text)


def _wildcard(text: str, at: int, *, title: bool) -> Wildcard:
    if not tokenize(text.translate(_GAP)):
        message = f"{text!r} has no letter to go by."
        raise QueryError(message, "Write at least one beside the * or ?, as in Suwayd*.", at)
    if not _one_word(text.translate(_ANY)):
        message = f"{text!r} is not one word."
        raise QueryError(message, "A wildcard stands inside or at the end of a single word, as in Suwayd*.", at)
    return Wildcard(re.sub(r"\*+", "*", fold(text)), title, at)


def _fuzzy(found: re.Match[str], at: int, *, title: bool) -> Fuzzy:
    word, edits = found[1], found[2] or str(MAX_EDITS)
    if edits not in {"1", "2"}:
        message = f"~{edits} is not a number of letters that can differ."
        raise QueryError(message, "Write ~1 or ~2; ~ alone is ~2.", at + found.start(2))
    if not _one_word(word):
        message = f"{word!r} is not one word."
        raise QueryError(message, "~ follows a single word, as in Sharra~, or a quote.", at)
    return Fuzzy(fold(word), int(edits), title, at)
