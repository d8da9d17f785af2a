"""Turn single lexemes into leaves of the query tree: words, quotes, patterns and filters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from search.analysis.characters import UNSPACED
from search.analysis.tokenizer import (
    CACHE_SIZE,
    Kind,
    Token,
    first_character,
    fold,
    is_character,
    stem,
    stems,
    tokenize,
)
from search.dates import parse_date
from search.errors import QueryError
from search.query.lexer import Lexeme, LexemeType, is_chunk
from search.query.tree import (
    And,
    AtLeast,
    Dated,
    Fuzzy,
    Lang,
    Lead,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    SameSentence,
    Slot,
    Source,
    Wildcard,
    Word,
)

MAX_DISTANCE = 100
"""Maximum distance, in words, of NEAR/n and of a quote with ~n."""
MAX_COUNT = 1_000
"""Maximum number of ATLEAST/n."""
MAX_EDITS = 2
"""Maximum edit distance of a misspelling, which is also the distance of `~` without a number."""

_URL = re.compile(r"[a-z][a-z0-9+.-]*://.|www\.[\w.-]+/", re.IGNORECASE)
"""The beginning of an address, whose `?`, `*` and `~` are no patterns."""
_ASCII_PATTERN = re.compile(r"([A-Za-z0-9]{1,64})(?:(\*)|~([12]?))")
"""A prefix or a misspelling of ASCII letters and digits, as most patterns are."""
_FUZZY = re.compile(r"(.+)~(\w*)")
_RANGE = re.compile(r"\.\.|^[<>]|\d\s*(?:\bto\b|[-–—,])\s*(?:19|20)\d\d", re.IGNORECASE)
"""A sign that a value is meant as a range of dates, as other search engines write it."""
_GENDER_STAR = re.compile(r"(\w+)\*(in|innen)", re.IGNORECASE)
"""German for both sexes, as in `Bürger*innen`: two words in a text, but in a query the star is a wildcard."""
_SIGNS = re.compile(r"(\w?)([*?~]+(?:(?<=~)\d\b)?)(?=(\w?))")
"""Signs of patterns, with the character before and after them where it is a letter or a digit."""
_UNSPACED = re.compile(f"[{UNSPACED}]")
_GAP = re.compile(r"(?<=[^\W\d_]\s)(\*)(?=\s[^\W\d_])")
"""A star between words, which stands for a word elsewhere."""


def chunk(lexeme: Lexeme, languages: tuple[str, ...], *, title: bool) -> Node | None:
    """Return the node for unquoted text without spaces; None when it contains no word.

    Text of several words (`and/or`, `10,000`, `al-Sharaa`) becomes a phrase of their stems. Where German is among the
    languages, `Bürger*innen` becomes a wildcard OR the phrase of its two words.
    """
    if is_ascii_word(lexeme.text):
        return ascii_word(lexeme.text, languages, title=title)
    text, at = _trimmed(lexeme.text)
    if is_ascii_word(text):
        return ascii_word(text, languages, title=title)
    if found := _ASCII_PATTERN.fullmatch(text):
        word, at = found[1].lower(), lexeme.at + at
        return Wildcard(f"{word}*", title, at) if found[2] else Fuzzy(word, int(found[3] or MAX_EDITS), title, at)
    address = _URL.match(text)
    if not address and (found := _FUZZY.fullmatch(text)):
        return _fuzzy(found, lexeme.at + at, title=title)
    if not address and ("*" in text or "?" in text):
        wildcard = _wildcard(text, lexeme.at, title=title)
        both = _plain(text, languages, title=title) if "de" in languages and _GENDER_STAR.fullmatch(text) else None
        return Or((wildcard, both)) if both else wildcard
    return _plain(text, languages, title=title)


def _plain(text: str, languages: tuple[str, ...], *, title: bool) -> Word | Phrase | None:
    """Return the leaf for text without patterns; None when it contains no word."""
    tokens = _outermost(text, Kind.SYMBOL)
    if not tokens:
        return None
    slots = _slots(tokens, languages, lambda token: _stemmed(token, languages))
    if len(slots) == 1:
        return _word(tokens[0], languages, title=title, last=slots[0].last)
    return Phrase(slots, title=title)


def _word(token: Token, languages: tuple[str, ...], *, title: bool, last: tuple[str, ...] = ()) -> Word:
    """Return the leaf for a token by itself. A single character has no form: as a word it ends a run of others."""
    form = "" if is_character(token) else fold(token.written)
    return Word(_stems(token, languages), title, form, width=token.width, last=last)


def _stemmed(token: Token, languages: tuple[str, ...]) -> Slot:
    """Return the slot of a token in any inflection."""
    terms = _stems(token, languages)
    return Slot(terms, terms, token.width, stemmed=True)


def _slots(tokens: Sequence[Token], languages: tuple[str, ...], slot_of: Callable[[Token], Slot]) -> tuple[Slot, ...]:
    """Return the slots of tokens side by side.

    The last character of a run of Chinese or Japanese ones is in the bigram before: it has a slot of its own only where
    something follows, which stands behind it.
    """
    slots = [_stemmed(token, languages) if is_character(token) else slot_of(token) for token in tokens]
    if len(tokens) > 1 and tokens[-2].kind is Kind.BIGRAM:
        last = slots.pop()
        slots[-1] = replace(slots[-1], last=last.terms)
    return tuple(slots)


@lru_cache(CACHE_SIZE)
def ascii_word(text: str, languages: tuple[str, ...], *, title: bool) -> Word:
    """Return the leaf for one word of ASCII letters and digits."""
    return Word(tuple(dict.fromkeys(term for lang in languages for term in stem(text, lang))), title, text.lower())


def quote(lexeme: Lexeme, languages: tuple[str, ...], *, title: bool, slop_at: int = 0) -> Word | Phrase | None:
    """Return the leaf for a quote, a phrase of words as written; None when the quote contains no word.

    A compound such as `al-Sharaa` is one slot of the phrase; one character of Chinese or Japanese by itself is a word.
    Raises QueryError, with the position `slop_at`, for a distance that cannot be read.
    """
    slop = 1 if lexeme.slop is None else distance(lexeme.slop, slop_at, f"~{lexeme.slop}")
    if all(map(is_ascii_word, lexeme.text.split(" "))):
        return words_quoted(lexeme.text, languages, slop, title=title)
    tokens = _outermost(lexeme.text, Kind.COMPOUND)
    if slop > 1:  # then characters may stand apart, too
        tokens = list(map(first_character, tokens))
    if len(tokens) == 1 and is_character(tokens[0]):
        return _word(tokens[0], languages, title=title)
    slots = _slots(tokens, languages, lambda token: _as_written(token, languages))
    return Phrase(slots, slop, title) if slots else None


def _as_written(token: Token, languages: tuple[str, ...]) -> Slot:
    """Return the slot of a quote for a token, a compound as a whole."""
    parts = [token] if token.kind is Kind.BIGRAM else _outermost(token.written, Kind.SYMBOL)
    forms = tuple(stem for part in parts for stem in _stems(part, languages))
    return Slot((fold(token.written),), forms, token.width)


def words_quoted(text: str, languages: tuple[str, ...], slop: int = 1, *, title: bool = False) -> Phrase:
    """Return the leaf for a quote of words of ASCII letters and digits with a space between them."""
    return Phrase(tuple([_ascii_slot(word, languages) for word in text.split(" ")]), slop, title)


@lru_cache(CACHE_SIZE)
def _ascii_slot(word: str, languages: tuple[str, ...]) -> Slot:
    """Return the slot of a quote for one word of ASCII letters and digits."""
    return Slot((word.lower(),), ascii_word(word, languages, title=False).stems)


def _is_number(text: str, most: int) -> bool:
    """Tell whether a text is a whole number from 1 to `most`; one of more than 9 digits is not."""
    return text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= most


def distance(text: str, at: int, written: str) -> int:
    """Return the distance in words that is written after NEAR/ or ~.

    `text` is the number as it stands in the query, `written` is how the error message shows it, and `at` its place.
    Raises QueryError unless the number is 1 to MAX_DISTANCE.
    """
    if not _is_number(text, MAX_DISTANCE):
        raise QueryError(f"{written} needs a number of words.", f"It can be 1 to {MAX_DISTANCE}.", at)
    return int(text)


def as_phrase(node: Node, at: int, operator: str, example: str) -> Phrase:
    """Return an operand of NEAR, PRE or SAME as a phrase.

    Raises QueryError, which names the operator and advises the example, for a node that is neither a word nor a phrase.
    """
    if isinstance(node, Word):
        node = Phrase((Slot(node.stems, node.stems, node.width, stemmed=True, last=node.last),), title=node.title)
    if isinstance(node, Phrase):
        last = node.slots[-1].last
        return replace(node, slots=(*node.slots, Slot(last, last, stemmed=True))) if last else node
    raise QueryError(f"{operator} joins words and quotes only.", example, at)


def at_least(text: str, node: Node | None, at: int) -> AtLeast:
    """Return the leaf for ATLEAST before a word or a quote. Raises QueryError for anything else, or a wrong number."""
    if not _is_number(text, MAX_COUNT):
        message = f"ATLEAST/{text} needs a number of times."
        raise QueryError(message, f"Write it as in ATLEAST/3 support; it can be 1 to {MAX_COUNT}.", at)
    if isinstance(node, Word | Phrase) and not node.title and (isinstance(node, Word) or node.slop == 1):
        return AtLeast(int(text), node)
    message = "ATLEAST needs a word or a quote after it, without a distance, and counts them in paragraphs."
    raise QueryError(message, "Write it as in ATLEAST/3 support.", at)


def in_lead(node: Node) -> Node:
    """Return a node of which first paragraphs have to meet every leaf."""
    match node:
        case And() | Or():
            return type(node)(tuple(map(in_lead, node.children)))
        case Not():
            return Not(in_lead(node.child))
        case Word() | Phrase() | Near() | Wildcard() | Fuzzy() | SameSentence() | AtLeast():
            return Lead(node)
    return node


def filter_of(field: str, value: Lexeme) -> Node:
    """Return the node for `source:`, `lang:`, `date:`, `before:` or `after:`. Raises QueryError for a wrong value."""
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
        hint = "Write a range as in after:2019 before:2026." if _RANGE.search(value.text) else ""
        raise QueryError(f"{error}.", hint or f"Write it as in {field}:2025-07.", value.at) from None
    if field == "before":
        return Dated(ends_by=date.start)
    if field == "after":
        return Dated(starts_from=date.end)
    return Dated(ends_after=date.start, starts_before=date.end)


def without_patterns(text: str) -> str:
    """Return the text of a quote without the `*`, `?` and `~` that would be signs of a pattern outside of quotes."""
    while (changed := _without_signs(text)) != text:  # without one sign another may stand between words
        text = " ".join(changed.split())
    return text


def _without_signs(text: str) -> str:
    gaps = {found.start(1) for found in _GAP.finditer(text)}

    def replaced(found: re.Match[str]) -> str:
        # A sign is meant as one next to a letter, but a question mark after a word is punctuation.
        meant = found[3] or found[2][-1].isdigit() or (found[1] and found[2].strip("?")) or found.start(2) in gaps
        return f"{found[1]} " if meant else found[0]

    return _SIGNS.sub(replaced, text)


def interpreted(text: str) -> str:
    """Return a chunk as `Parsed.interpreted` shows it: without punctuation around it, where that means the same.

    The full stop at the end of an abbreviation (`U.S.`) stays.
    """
    if is_ascii_word(text) or _ASCII_PATTERN.fullmatch(text):
        return text
    core, at = _trimmed(text)
    end = at + len(core)
    if text[end : end + 1] == "." and any(token.end > len(core) for token in tokenize(text[at:])):
        core = text[at : end + 1]
    return core if is_chunk(core) else text


def is_ascii_word(text: str) -> bool:
    """Tell whether a text is one word of ASCII letters and digits."""
    return text.isascii() and text.isalnum()


def interpreted_value(value: Lexeme) -> str:
    """Return the value of a filter as `Parsed.interpreted` shows it: in quotes where it needs them."""
    return value.text if value.type is LexemeType.CHUNK or is_chunk(value.text) else f'"{value.text}"'


def _trimmed(text: str) -> tuple[str, int]:
    """Return a chunk without the punctuation around it, and the offset at which the rest begins."""
    low, high = 0, len(text)
    while low < high and _is_punctuation(text[low], "*?"):
        low += 1
    while low < high and _is_punctuation(text[high - 1], "*+#~"):
        high -= 1
    return text[low:high], low


def _is_punctuation(character: str, kept: str) -> bool:
    """Tell whether a character is punctuation, a symbol, a space or a control character, and not one to be kept."""
    category = unicodedata.category(character)
    return character not in kept and (category[0] in "PSZ" or category in {"Cc", "Cf"})


def folded_words(text: str) -> tuple[str, ...]:
    """Return the words of an unquoted text, folded: the parts of `al-Sharaa`, but `u.s.` as a whole.

    A character of a script without spaces counts as a word.
    """
    words = text.split(" ")
    if all([word.isalpha() for word in words]) and not _UNSPACED.search(text):  # noqa: C419 - faster than a generator
        return tuple(map(fold, words))
    return tuple([fold(first_character(token).written) for token in _outermost(text, Kind.SYMBOL)])


def _outermost(text: str, whole: Kind) -> list[Token]:
    """Return the tokens of a text without those that are parts of another one.

    With `whole` SYMBOL compounds are left out and their parts returned; with COMPOUND both kinds replace their parts.
    """
    tokens: list[Token] = []
    taken = 0
    for token in tokenize(text):
        if token.position < taken or (token.kind is Kind.COMPOUND and whole is Kind.SYMBOL):
            continue
        tokens.append(token)
        taken = token.position + token.width
    return tokens


def _stems(token: Token, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stems by which a token is found in any of some languages: of a bigram those of the pair."""
    found = (stem(token.written, lang) if token.kind is Kind.BIGRAM else stems(token, lang) for lang in languages)
    return tuple(dict.fromkeys(term for of_lang in found for term in of_lang))


def _one_word(text: str) -> bool:
    """Tell whether a text is a single token from end to end, so that the index can have it as a word."""
    tokens = tokenize(text)
    return bool(tokens) and tokens[0].start == 0 and tokens[0].end == len(text) and tokens[0].kind is not Kind.BIGRAM


def _wildcard(text: str, at: int, *, title: bool) -> Wildcard:
    if not tokenize(re.sub(r"[*?]", " ", text)):
        message = f"{text!r} has no letter to go by."
        raise QueryError(message, "Write at least one beside the * or ?, as in Suwayd*.", at)
    if not _one_word(re.sub(r"[*?]", "x", text)):
        message = f"{text!r} is not one word."
        raise QueryError(message, "A wildcard stands inside or at the end of a single word, as in Suwayd*.", at)
    return Wildcard(re.sub(r"\*+", "*", fold(text)), title, at)


def _fuzzy(found: re.Match[str], at: int, *, title: bool) -> Fuzzy:
    word, edits = found[1], found[2] or str(MAX_EDITS)
    if edits not in {"1", "2"}:
        message = f"~{edits} is not a number of letters that can differ."
        raise QueryError(message, "Write ~1 or ~2; ~ alone is ~2.", at + found.start(2))
    if not _one_word(word):
        raise QueryError(f"{word!r} is not one word.", "~ follows a single word, as in Sharra~, or a quote.", at)
    return Fuzzy(fold(word), int(edits), title, at)
