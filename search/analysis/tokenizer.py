"""Text to tokens, words and stems: the one analysis that articles and queries share.

A *run* is a maximal stretch of word characters, with joiners between them (`al-Sharaa`, `AT&T`, `U.S.`, `C++`).
A run of several parts gives its parts at consecutive positions, and itself as one more token, a compound, at the
position of its first part. Runs are found by a regular expression over code points and then taken apart one by one,
so text never changes length before offsets are known (lower-casing a whole text would move them: `İ`).

A *word* is a token as written, folded: without case, accents, invisible characters. It serves quotes, wildcards and
fuzzy search. A *stem* serves plain words. Stemmers want accents, so a word is stemmed with them and folded after; where
folding first leads elsewhere, both stems are kept at the same position.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from search.analysis.characters import INVISIBLE, JOINERS, UNSPACED, latin_raw_tokens
from search.analysis.nltk_modules import SnowballStemmer, redos, regexp_tokenizer
from search.model import Span

LANGUAGES = {
    "ar": "arabic",
    "da": "danish",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "it": "italian",
    "nl": "dutch",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
}
"""Language code to the name of its Snowball stemmer. Words of any other language are indexed unstemmed."""

MAX_WORD = 128
"""Code points of a word that are indexed; longer ones (encoded data, mostly) count as equal when these are."""

ANALYSIS_VERSION = 1
"""Grows with every change of tokens, words or stems: an index of another version has to be built anew."""

CACHED = 1 << 14
"""Distinct words whose forms are remembered."""
CACHED_LENGTH = 32
"""Code points of the longest run whose tokens are remembered; longer ones hardly come twice."""

LETTER = r"[\p{L}\p{N}]"
"""The class of the code points that a word can begin with: letters and digits."""
INNER = rf"[\p{{L}}\p{{N}}\p{{M}}{INVISIBLE}]"
"""The class of the code points that a word can go on with: letters, digits, combining marks, format characters."""
SINGLE = rf"{LETTER}[\p{{M}}{INVISIBLE}]*"
"""One letter, whether its accent is a code point of its own or not."""
JOINER = f"[{re.escape(JOINERS)}]"
RAW_TOKEN = rf"{LETTER}{INNER}*(?:{JOINER}{LETTER}{INNER}*)*(?:\+{{1,2}}|\#|(?<=\.{SINGLE})\.)?"
"""Word characters and what joins them, and at the end a symbol that carries meaning: `C++`, `C#`, the dot of `U.S.`"""

SLICE = 100_000
"""Code points given to NLTK's tokenizer at a time, and on to the next gap: it bounds each call by wall-clock time."""
LONGEST = 1_000_000
"""Code points further on where a slice ends without a gap too: no word is that long."""

_PART = redos.compile(rf"[{UNSPACED}][\p{{M}}{INVISIBLE}]*|(?:(?![{UNSPACED}]){INNER})+")
ASCII_PART = re.compile("[A-Za-z0-9]+")
_SPLIT = re.compile(f"[{re.escape(JOINERS)}#]")
_POSSESSIVE = re.compile(f"['’＇][sS][{INVISIBLE}]*$")
_GAP = redos.compile(rf"(?!{INNER}|{JOINER}|\#)(?s:.)")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_SINGLE = redos.compile(SINGLE)
ACRONYM = redos.compile(rf"(?:(?!\p{{N}}){SINGLE}\.)+(?!\p{{N}}){SINGLE}")
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_FOLDED = str.maketrans(
    {"’": "'", "＇": "'", "‐": "-", "‑": "-", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae"}
    | {"œ": "oe", "þ": "th", "ð": "d", "ŋ": "n", "ĸ": "k", "ـ": "", "ʻ": "", "ʼ": "", "ʾ": "", "ʿ": ""}
)
_ACCENT_CLASSES = {1, *range(10, 37), *range(200, 256)}
"""Canonical combining classes of accents and points. Vowel signs of Indic and South-East Asian scripts are letters."""


class Kind(IntEnum):
    """The kinds of tokens: a plain word, and two for a whole run of several parts."""

    WORD = 0
    COMPOUND = 1
    """`al-sharaa`: found by its parts next to each other; itself it serves quotes, wildcards and fuzzy search."""
    SYMBOL = 2
    """`c++`, `u.s.`: the parts say nothing, so plain words match the whole."""


class Token(NamedTuple):
    """A token: `text[start:end]` is `written`. It takes `width` positions; a compound as many as it has parts."""

    start: int
    end: int
    position: int
    width: int
    written: str
    kind: Kind


def tokenize(text: str) -> list[Token]:
    """All tokens of a text in order; a compound comes before its parts.

    >>> [(t.written, t.position) for t in tokenize("Ahmad al-Sharaa’s C++")]
    [('Ahmad', 0), ('al-Sharaa', 1), ('al', 1), ('Sharaa', 2), ('C++', 3), ('C', 3)]
    """
    tokens: list[Token] = []
    position = 0
    for start, end in find_raw_tokens(text):
        parts = tokens_of(text[start:end])
        tokens += [Token(start + a, start + b, position + at, n, word, kind) for a, b, at, n, word, kind in parts]
        position += parts[-1].position + 1
    return tokens


def find_raw_tokens(text: str) -> list[Span]:
    """The spans of all runs."""
    if (found := latin_raw_tokens(text)) is not None:
        return found
    runs: list[Span] = []
    tokenizer = regexp_tokenizer(RAW_TOKEN)
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + SLICE, start + SLICE + LONGEST)
        end = gap.start() if gap else start + SLICE + LONGEST
        runs += [(start + low, start + high) for low, high in tokenizer.span_tokenize(text[start:end])]
        start = end
    return runs


def take_apart(run: str) -> tuple[Token, ...]:
    """The tokens of one run, with offsets and positions relative to it; its last part is the last of them."""
    if run.isascii():
        return _ascii_parts(run)
    run = _POSSESSIVE.sub("", run)
    words = [Token(part.start(), part.end(), at, 1, part[0], Kind.WORD) for at, part in enumerate(_PART.finditer(run))]
    if not _SPLIT.search(run) or _UNSPACED.search(run):
        return tuple(words)  # where no space ends a word, a run is half a sentence and no word of its own
    single = all(_SINGLE.fullmatch(word.written) for word in words)
    if run[-1] == "." and not (len(words) > 1 and ACRONYM.fullmatch(run[:-1])):
        run = run[:-1]
    suffixed = run[-1] in "+#"
    if suffixed or _SPLIT.search(run):
        kind = Kind.SYMBOL if suffixed or single else Kind.COMPOUND
        words.insert(0, Token(0, len(run), 0, len(words), run, kind))
    return tuple(words)


def _ascii_parts(run: str) -> tuple[Token, ...]:
    """Return the tokens of a run of ASCII, as `take_apart` does, in a fraction of the time; most runs are."""
    if run.isalnum():
        return (Token(0, len(run), 0, 1, run, Kind.WORD),)
    if run[-2:] in {"'s", "'S"}:
        run = run[:-2]
    words = [Token(*part.span(), at, 1, part[0], Kind.WORD) for at, part in enumerate(ASCII_PART.finditer(run))]
    if len(words) == 1 and words[0].end == len(run):
        return tuple(words)
    single = all(len(word.written) == 1 for word in words)
    if run[-1] == "." and not (len(words) > 1 and ACRONYM.fullmatch(run[:-1])):
        run = run[:-1]
    suffixed = run[-1] in "+#"
    if suffixed or len(words) > 1:
        kind = Kind.SYMBOL if suffixed or single else Kind.COMPOUND
        words.insert(0, Token(0, len(run), 0, len(words), run, kind))
    return tuple(words)


_remembered_parts = lru_cache(CACHED)(take_apart)


def tokens_of(run: str) -> tuple[Token, ...]:
    """Return the tokens of a run, as `take_apart` does, and remember those of short runs."""
    return (_remembered_parts if len(run) <= CACHED_LENGTH else take_apart)(run)


def fold(written: str) -> str:
    """The word as written: without case, accents, points, invisible characters; compatibility forms made plain."""
    return _fold(written[:MAX_WORD])


@lru_cache(CACHED)
def _fold(written: str) -> str:
    if written.isascii():
        word = written.lower()
    else:
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", written).casefold())
        kept = "".join(c for c in plain.translate(_FOLDED) if not _is_accent(c))
        word = unicodedata.normalize("NFC", kept)[:MAX_WORD] or written
    return word + "." if "." in word and ACRONYM.fullmatch(word) else word


@cache
def folded_points(limit: int) -> list[str | None]:
    """Return what `fold` makes of each code point below a limit: a string of one or none; None where it may be more.

    None stands as well for marks that may change places with others, and for the scripts of which `take_apart` makes a
    token of each character. The folded word is what they add, composed (NFC).
    """
    return [_folded_point(chr(code)) for code in range(limit)]


def _folded_point(character: str) -> str | None:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    kept = [c for c in plain.translate(_FOLDED) if not _is_accent(c)]
    if len(kept) > 1 or _UNSPACED.match(character) or any(map(unicodedata.combining, kept)):
        return None
    return "".join(kept)


def _is_accent(character: str) -> bool:
    return unicodedata.combining(character) in _ACCENT_CLASSES or unicodedata.category(character) in {"Cf", "Me"}


def stem(written: str, lang: str) -> tuple[str, ...]:
    """The stems of one word in a language: one, or two where folding before and after stemming differ."""
    return _stem(written[:MAX_WORD], lang)


@lru_cache(CACHED)
def _stem(written: str, lang: str) -> tuple[str, ...]:
    word = fold(written)
    if lang not in LANGUAGES or word.isdecimal():
        return (word,)
    accented = _INVISIBLE.sub("", unicodedata.normalize("NFC", written)).lower()
    stemmed = (stemmer(lang).stem(form) for form in dict.fromkeys((accented, word)))
    return tuple(dict.fromkeys(fold(form) or word for form in stemmed))


def stemmer(lang: str) -> SnowballStemmer:
    """NLTK's Arabic stemmer goes by what it remembers of the word before, so each word gets its own."""
    return SnowballStemmer(LANGUAGES[lang]) if lang == "ar" else _shared_stemmer(lang)


@cache
def _shared_stemmer(lang: str) -> SnowballStemmer:
    return SnowballStemmer(LANGUAGES[lang])


def stems(token: Token, lang: str) -> tuple[str, ...]:
    """The terms under which plain words find this token; none for a compound, whose parts are found instead."""
    if token.kind is Kind.WORD:
        return stem(token.written, lang)
    return (fold(token.written),) if token.kind is Kind.SYMBOL else ()


@cache
def character_classes(limit: int = 0x110000) -> bytes:
    """Return the class of each code point below a limit: 1 for LETTER, 2 for other INNER, 3 for JOINER, 0 for all else.

    The compiled tokenizer goes by them. They are read off the patterns above, so that there is one definition of a run.
    """
    points = "".join(["\0" if 0xD800 <= code < 0xE000 else chr(code) for code in range(limit)])
    classes = bytearray(len(points))
    for kind, pattern in ((2, INNER), (1, LETTER), (3, JOINER)):
        for found in redos.compile(f"{pattern}+").finditer(points):
            classes[found.start() : found.end()] = bytes([kind]) * (found.end() - found.start())
    return bytes(classes)
