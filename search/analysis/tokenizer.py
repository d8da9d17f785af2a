"""Turn text into tokens, words and stems: the one analysis that articles and queries share.

A *raw token* is a maximal sequence of word characters, with joiners between them (`al-Sharaa`, `AT&T`, `U.S.`, `C++`).
One of several parts gives a token for each part, at consecutive positions, and a token for the whole, a *compound* or
*symbol*, at the position of its first part. Raw tokens are found by a regular expression over code points and split one
by one, because folding a whole text would move offsets (`İ` in lower case is two code points).

Chinese and Japanese put no spaces between words. Where two of their characters stand side by side, the token is a
*bigram*, both of them, at the position of the first; the last character of such a run is a token by itself. So a word
of two characters is one term. A bigram has two stems, that of its first character and its own: what is found by a
single character is the same wherever it stands. Thai, Lao, Burmese and Khmer are read character by character: their
words are longer, and often divided by spaces without width, over which a bigram would not reach.

A *word* is a token as written, folded: without case, accents and invisible characters. Quotes, wildcards and
misspellings are matched with words, unquoted words of a query with *stems*. Stemmers need accents, so a word is stemmed
first and folded after; where folding before stemming gives another stem, both are kept at the same position.

A stem carries its language, as one string can be the stem of unrelated words: *news* is `new` in English, `fr:new` in
French. Those of English are bare; numbers and symbols, which are not stemmed, are bare in every language.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from array import array
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from search.analysis.characters import HAN_AND_KANA, INVISIBLE, JOINERS, UNSPACED, latin_raw_tokens
from search.analysis.nltk_modules import SnowballStemmer, redos, regexp_tokenizer
from search.analysis.turkish_stemmer import TurkishStemmer
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
    "tr": "turkish",
}
"""The name of the Snowball stemmer for each language code. Words of any other language are indexed unstemmed."""
TAGS = {lang: f"{lang}:" for lang in LANGUAGES} | {"en": ""}
"""The prefix of every stem by its language's code, so that stems of two languages differ; English stems have none.

No token contains a colon, so no word can be mistaken for a stem with a prefix.
"""
UNSTEMMED = "und:"
"""The prefix of every stem in a language without a stemmer; `und` is the code of undetermined languages (BCP 47)."""

MAX_WORD = 128
"""Maximum number of code points of a word that are indexed: words that agree in all of these count as equal."""

ANALYSIS_VERSION = 4
"""Version of the analysis, to be raised with every change of tokens, words or stems.

An index of another version has to be rebuilt.
"""

CACHE_SIZE = 1 << 14
"""Number of words, raw tokens or leaves that each cache of the analysis holds."""
MAX_CACHED_LENGTH = 32
"""Maximum number of code points of a raw token that is cached; longer ones are rarely seen twice."""

LETTER = r"[\p{L}\p{N}]"
"""Regular expression of the code points that a word can begin with: letters and digits."""
INNER = rf"[\p{{L}}\p{{N}}\p{{M}}{INVISIBLE}]"
"""Regular expression of the other code points of a word: letters, digits, combining marks, format characters."""
SINGLE = rf"{LETTER}[\p{{M}}{INVISIBLE}]*"
"""Regular expression of one letter or digit with its combining marks."""
JOINER = f"[{re.escape(JOINERS)}]"
RAW_TOKEN = rf"{LETTER}{INNER}*(?:{JOINER}{LETTER}{INNER}*)*(?:\+{{1,2}}|\#|(?<=\.{SINGLE})\.)?"
"""Regular expression of a raw token, with a symbol at the end that carries meaning: `C++`, `C#`, the dot of `U.S.`"""

SLICE = 100_000
"""Number of code points, and on to the next gap between words, that NLTK's tokenizer gets at a time.

It limits the wall-clock time of each call.
"""
MAX_GAP_DISTANCE = 1_000_000
"""Number of code points after SLICE at which a slice ends even without a gap between words."""

_PART = redos.compile(rf"[{UNSPACED}][\p{{M}}{INVISIBLE}]*|(?:(?![{UNSPACED}]){INNER})+")
ASCII_PART = re.compile("[A-Za-z0-9]+")
_SPLIT = re.compile(f"[{re.escape(JOINERS)}#]")
_POSSESSIVE = re.compile(f"['’＇][sS][{INVISIBLE}]*$")
_GAP = redos.compile(rf"(?!{INNER}|{JOINER}|\#)(?s:.)")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_HAN_OR_KANA = re.compile(f"[{HAN_AND_KANA}]")
PLAIN_HAN_OR_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u3400-\u4dbf\u4e00-\u9fff]+")
"""Matches texts of nothing but characters of Chinese and Japanese that folding leaves as they are: nearly all."""
_LEAST_PLAIN = "\u3041"
"""No text that PLAIN_HAN_OR_KANA matches sorts before this one; nearly all words of other scripts do."""
_SINGLE = redos.compile(SINGLE)
ACRONYM = redos.compile(rf"(?:(?!\p{{N}}){SINGLE}\.)+(?!\p{{N}}){SINGLE}")
ASCII_ACRONYM = re.compile(r"[A-Za-z](?:\.[A-Za-z])+")
"""Matches the ASCII texts that ACRONYM matches, in a tenth of the time.

The time counts, as section numbers such as `1.2.3` are frequent and have to be told from acronyms.
"""
_INVISIBLE = re.compile(f"[{INVISIBLE}]")
_FOLDED = str.maketrans(
    {"’": "'", "＇": "'", "‐": "-", "‑": "-", "ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae"}
    | {"œ": "oe", "þ": "th", "ð": "d", "ŋ": "n", "ĸ": "k", "ـ": "", "ʻ": "", "ʼ": "", "ʾ": "", "ʿ": ""}
    | {"\u0649": "\u064a", "\u0629": "\u0647"}  # alef maksura is yeh, teh marbuta is heh, as Lucene's ArabicNormalizer
    | {"\u06cc": "\u064a", "\u06d2": "\u064a", "\u06a9": "\u0643", "\u06c1": "\u0647"}  # as its PersianNormalizer
)
_HEH_WITH_YEH = "\u06d5\u0654"
"""The two code points that NFKD decomposes U+06C0 into, which Lucene's PersianNormalizer reads as heh.

The first of the two, when it stands alone, is a letter of its own and stays.
"""
_ACCENT_CLASSES = {1, *range(10, 37), *range(200, 256)}
"""Canonical combining classes (Unicode) of the marks that `fold` removes: accents and points.

Vowel signs of Indic and South-East Asian scripts have other classes, as they count as letters.
"""


class Kind(IntEnum):
    """The kinds of tokens: a word, two for a raw token of several parts, and a pair of characters."""

    WORD = 0
    COMPOUND = 1
    """For example `al-sharaa`: quotes, wildcards and misspellings match it; an unquoted query matches its parts."""
    SYMBOL = 2
    """For example `c++` or `u.s.`: an unquoted query matches the whole, since the parts alone mean nothing."""
    BIGRAM = 3
    """For example `北京`: a character and the one behind it, which has a token of its own, at the next position."""

    @property
    def is_whole(self) -> bool:
        """Whether the token is a raw token of several parts, which have the positions."""
        return self is Kind.COMPOUND or self is Kind.SYMBOL


class Token(NamedTuple):
    """A token of a text: `written` is `text[start:end]`, in code points.

    `position` counts words from 0. `width` is how many positions it takes: a compound or symbol one for each part, a
    bigram one, for its first character.
    """

    start: int
    end: int
    position: int
    width: int
    written: str
    kind: Kind


def tokenize(text: str) -> list[Token]:
    """Return all tokens of a text in order; a compound or symbol comes before its parts.

    >>> [(t.written, t.position) for t in tokenize("Ahmad al-Sharaa’s C++")]
    [('Ahmad', 0), ('al-Sharaa', 1), ('al', 1), ('Sharaa', 2), ('C++', 3), ('C', 3)]
    """
    tokens: list[Token] = []
    position = 0
    for start, end in find_raw_tokens(text):
        parts = split_cached(text[start:end])
        tokens += [Token(start + a, start + b, position + at, n, word, kind) for a, b, at, n, word, kind in parts]
        position += parts[-1].position + 1
    return tokens


def find_raw_tokens(text: str) -> list[Span]:
    """Return the spans of all raw tokens of a text."""
    if (found := latin_raw_tokens(text)) is not None:
        return found
    spans: list[Span] = []
    tokenizer = regexp_tokenizer(RAW_TOKEN)
    start = 0
    while start < len(text):
        gap = _GAP.search(text, start + SLICE, start + SLICE + MAX_GAP_DISTANCE)
        end = gap.start() if gap else start + SLICE + MAX_GAP_DISTANCE
        spans += [(start + low, start + high) for low, high in tokenizer.span_tokenize(text[start:end])]
        start = end
    return spans


def split_raw_token(raw: str) -> tuple[Token, ...]:
    """Split a raw token into its tokens, with offsets and positions relative to it.

    A compound or symbol comes first, then the parts in order. A possessive `'s` and a full stop that ends no acronym
    are left out.
    """
    if raw.isascii() and raw.isalnum():
        return (Token(0, len(raw), 0, 1, raw, Kind.WORD),)
    if raw >= _LEAST_PLAIN and PLAIN_HAN_OR_KANA.fullmatch(raw):
        last = len(raw) - 1
        pairs = [Token(at, at + 2, at, 1, raw[at : at + 2], Kind.BIGRAM) for at in range(last)]
        return (*pairs, Token(last, last + 1, last, 1, raw[last], Kind.WORD))
    raw = _POSSESSIVE.sub("", raw)
    pattern = ASCII_PART if raw.isascii() else _PART
    words = [
        Token(part.start(), part.end(), at, 1, part[0], Kind.WORD) for at, part in enumerate(pattern.finditer(raw))
    ]
    if not _SPLIT.search(raw) or _UNSPACED.search(raw):  # where no space ends a word, it is half a sentence, no word
        return tuple(_in_pairs(words) if len(words) > 1 else words)
    single = all(_SINGLE.fullmatch(word.written) for word in words)
    if raw[-1] == "." and not (len(words) > 1 and ACRONYM.fullmatch(raw[:-1])):
        raw = raw[:-1]
    suffixed = raw[-1] in "+#"
    if suffixed or _SPLIT.search(raw):
        kind = Kind.SYMBOL if suffixed or single else Kind.COMPOUND
        words.insert(0, Token(0, len(raw), 0, len(words), raw, kind))
    return tuple(words)


def _in_pairs(words: list[Token]) -> list[Token]:
    """Return tokens with a bigram in place of each Chinese or Japanese character that another one follows."""
    paired = [_HAN_OR_KANA.match(word.written) is not None for word in words]
    found: list[Token] = []
    for at, word in enumerate(words):
        after = words[at + 1] if paired[at] and at + 1 < len(words) and paired[at + 1] else None
        if after and word.end == after.start and after.end - word.start <= MAX_WORD:
            found.append(Token(word.start, after.end, word.position, 1, word.written + after.written, Kind.BIGRAM))
        else:
            found.append(word)
    return found


def is_character(token: Token) -> bool:
    """Tell whether a token is a single character of Chinese or Japanese, which bigrams may have as their first one."""
    return token.kind is Kind.WORD and _HAN_OR_KANA.match(token.written) is not None


def first_character(token: Token) -> Token:
    """Return the token of the first character of a bigram; any other token as it is."""
    if token.kind is not Kind.BIGRAM:
        return token
    length = 1 if len(token.written) == 2 else _PART.match(token.written).end()
    return Token(token.start, token.start + length, token.position, 1, token.written[:length], Kind.WORD)


_split_remembered = lru_cache(CACHE_SIZE)(split_raw_token)


def split_cached(raw: str) -> tuple[Token, ...]:
    """Split a raw token into its tokens by `split_raw_token`, with a cache for short ones."""
    return (_split_remembered if len(raw) <= MAX_CACHED_LENGTH else split_raw_token)(raw)


def positions_of(raw: str) -> int:
    """Return how many positions the tokens of a raw token take."""
    return len(raw) if PLAIN_HAN_OR_KANA.fullmatch(raw) else split_cached(raw)[-1].position + 1


def fold(written: str) -> str:
    """Return the folded word: without case, accents, points, invisible characters and compatibility forms (NFKD).

    Digits of all scripts become those of ASCII. Arabic letters become what Lucene's ArabicNormalizer makes of them: an
    alef loses its hamza or madda, alef maksura becomes yeh, teh marbuta heh; vowel signs and tatweel go. The forms that
    yeh, kaf and heh have in Persian and Urdu become those of Arabic, as by its PersianNormalizer.
    """
    if written >= _LEAST_PLAIN and PLAIN_HAN_OR_KANA.fullmatch(written):
        return written[:MAX_WORD]
    return _fold(written[:MAX_WORD])


@lru_cache(CACHE_SIZE)
def _fold(written: str) -> str:
    if written.isascii():
        word = written.lower()
        return word + "." if word[1:2] == "." and ASCII_ACRONYM.fullmatch(word) else word
    word = unicodedata.normalize("NFC", _fold_decomposed(written))[:MAX_WORD] or written
    return word + "." if "." in word and ACRONYM.fullmatch(word) else word


def _fold_decomposed(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = plain.replace(_HEH_WITH_YEH, "\u0647")
    letters = [c for c in plain.translate(_FOLDED) if not _is_accent(c)]
    return "".join([str(unicodedata.decimal(c)) if c.isdecimal() else c for c in letters])


@cache
def fold_table(limit: int) -> list[str | None]:
    """Return a list whose element c is what `fold` makes of code point c: one or two code points, or an empty string.

    The list has `limit` elements. A folded word is the elements of its code points, joined and composed (NFC). An
    element is None if its code point cannot be folded by itself: it becomes more than two letters, it is a mark that
    may be reordered, or it belongs to a script without spaces between words.
    """
    return [_folded_point(chr(code)) for code in range(limit)]


def _folded_point(character: str) -> str | None:
    folded = _fold_decomposed(character)
    alone = (
        (len(folded) < 2 or (len(folded) == 2 and folded.isalpha()))
        and character != _HEH_WITH_YEH[0]
        and not _UNSPACED.match(character)
        and not any(map(unicodedata.combining, folded))
    )
    return folded if alone else None


def _is_accent(character: str) -> bool:
    return unicodedata.combining(character) in _ACCENT_CLASSES or unicodedata.category(character) in {"Cf", "Me"}


def stem(written: str, lang: str) -> tuple[str, ...]:
    """Return the stems of one word in a language: one, or two where folding before and after stemming differ.

    They begin with the tag of the language. In a language without a stemmer the stem is the folded word, with the tag
    UNSTEMMED; a number is its own stem in all languages, without a tag.
    """
    return _stem(written[:MAX_WORD], lang)


@lru_cache(CACHE_SIZE)
def _stem(written: str, lang: str) -> tuple[str, ...]:
    word = fold(written)
    if word.isdecimal():
        return (word,)
    if lang not in LANGUAGES:
        return (UNSTEMMED + word,)
    tag = TAGS[lang]
    accented = _INVISIBLE.sub("", unicodedata.normalize("NFC", written)).lower()
    stemmed = (stemmer(lang).stem(form) for form in dict.fromkeys((accented, word)))
    return tuple(dict.fromkeys(tag + (fold(form) or word) for form in stemmed))


def stemmer(lang: str) -> SnowballStemmer | TurkishStemmer:
    """Return the Snowball stemmer of a language in LANGUAGES.

    NLTK's Arabic stemmer depends on the word before, so it is made anew for each word.
    """
    return SnowballStemmer(LANGUAGES[lang]) if lang == "ar" else _shared_stemmer(lang)


@cache
def _shared_stemmer(lang: str) -> SnowballStemmer | TurkishStemmer:
    return TurkishStemmer() if lang == "tr" else SnowballStemmer(LANGUAGES[lang])


def stems(token: Token, lang: str) -> tuple[str, ...]:
    """Return the terms by which an unquoted query matches a token; none for a compound, as it matches the parts.

    Those of a bigram are that of its first character, and that of the pair.
    """
    if token.kind is Kind.WORD:
        return stem(token.written, lang)
    if token.kind is Kind.BIGRAM:
        return stem(first_character(token).written, lang) + stem(token.written, lang)
    return (fold(token.written),) if token.kind is Kind.SYMBOL else ()


@cache
def character_classes(limit: int = 0x110000) -> bytes:
    """Return the class of each code point below a limit: 1 for LETTER, 2 for other INNER, 3 for JOINER, else 0.

    The compiled tokenizer uses them. They follow from the regular expressions, so that there is one definition.
    """
    order = "le" if sys.byteorder == "little" else "be"
    points = array("I", range(limit)).tobytes().decode(f"utf-32-{order}", "surrogatepass")  # a quarter of chr's time
    classes = bytearray(len(points))
    for kind, pattern in ((2, INNER), (1, LETTER), (3, JOINER)):
        for found in redos.compile(f"{pattern}+").finditer(points):
            classes[found.start() : found.end()] = bytes([kind]) * (found.end() - found.start())
    return bytes(classes)
