"""Turn query text into lexemes: operators, parentheses, quotes and chunks of text, each with its position.

What people bring from other search engines is read where it means one thing (`W/5`, `|`), and refused with what to
write instead where it cannot be read (`/re/`, `wom!`), but never taken for text without a word.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from typing import NamedTuple

from search.errors import QueryError
from search.query.term_patterns import within_distance


class LexemeType(Enum):
    """The type of a lexeme; the value is the name that error messages use."""

    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    NEAR = "NEAR"
    ALSO = "ALSO"
    PRE = "PRE"
    SAME = "SAME"
    ATLEAST = "ATLEAST"
    FIELD = "field"
    QUOTE = "quote"
    CHUNK = "chunk"


# Tuples, in which members of an enumeration are found by identity: their hashes are computed in Python.
OPERANDS = LexemeType.CHUNK, LexemeType.QUOTE
"""Types of lexemes that stand for words."""
DISTANCES = LexemeType.NEAR, LexemeType.PRE, LexemeType.SAME
"""Types of operators between two words or quotes, which take a distance, or the part of a paragraph, after a slash."""


class Lexeme(NamedTuple):
    """One lexical element of a query.

    `text` is the text of a chunk or a quote, the name of a field, or what follows the slash of an operator: the
    distance of NEAR or PRE, the part of a paragraph of SAME, the number of ATLEAST. `at` is the position of its first
    code point in the query. `slop` is the text after `~` behind a quote, None without one. `typed` is how it was typed
    where that is not how the language writes it (`W/5`, `|`, `+word`), and `warning` what to say of it.
    """

    type: LexemeType
    text: str
    at: int
    slop: str | None = None
    typed: str = ""
    warning: str = ""

    @property
    def name(self) -> str:
        """The name of an operator as it was typed, without its distance."""
        if not self.typed or self.type not in DISTANCES:
            return self.typed or self.type.value
        return self.typed[: self.typed.rindex(self.text)].rstrip("/( ")


WORD_FIELDS = ("title", "lead")
"""Fields of words; the values of all others are filters."""
FIELDS = (*WORD_FIELDS, "source", "lang", "date", "before", "after")
FIELD_LIST = f"The fields are {', '.join(FIELDS)}."
_OF_DATES = frozenset({"year", "time"})
"""Names of fields elsewhere for which `date` is written here, though others look more like them."""
MISTYPED = 2
"""Letters that an unknown field may be off the name of one to be taken for it."""
QUOTES = '"“”„‟«»＂❝❞⹂「」『』｢｣〝〞〟'
"""Characters that are read as a quotation mark: phones and word processors type all of these."""
_DASHES = "\u2010-\u2015\u2212\u02d7\u207b\u2796\u2e3a\u2e3b\ufe58\ufe63\uff0d"
"""Character ranges of dashes, hyphens and minus signs but the one of ASCII, which is what stands for NOT."""

_END = rf"(?=[\s()|{QUOTES}]|&&[^\s&]|$)"
WITH_NUMBER = r"(?i:o?near|pre|within|around|adj|atleast)\d"
"""The beginning of an operator with its number right behind it, in a form that is not read."""
_SPACE = re.compile(r"\s+")
_WORD = re.compile(
    rf"\s*((?!AND|OR|NOT|NEAR|ALSO|AROUND|ATLEAST|ADJ|WITHIN|XOR|SAME|ONEAR|[NW]\d|{WITH_NUMBER}|TITLE|[ＡＮＯ]|[\w-]+\()"
    rf"[^\W_]+(?:-[^\W_]+)*(?:\*|~[12]?)?){_END}"
)
"""Letters and digits, also with hyphens between, that cannot be an operator, as most words are, with the white space
before. They can be a prefix or a misspelling."""
_QUOTE = re.compile(f"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}](?:~(\\w*))?")
_SINGLE_QUOTE = re.compile(
    rf"(?:‹(?=\S)([^‹›{QUOTES}]*)(?<=\S)›|›(?=\S)([^‹›{QUOTES}]*)(?<=\S)‹"
    rf"|‚(?=\S)((?:[^‚‘’{QUOTES}]|[‘’](?=\w))*)(?<=\S)[‘’])(?:~(\w*))?"
)
"""A quote in single quotation marks that are nothing else: an apostrophe closes one only at the end of a word."""
_SINGLE = "‹›‚"
"""Characters that begin a quote if one of the other kind ends it."""
_AFTER_SLOP = re.compile(rf"[^\s(){QUOTES}]*[~\w]")
"""Text that must not follow the distance of a quote: a second distance, or the rest of a number such as `~5.5`."""
_LONE_SLOP = re.compile(rf"~\d+{_END}")
_OPERATOR = re.compile(rf"(AND|OR|NOT|ALSO){_END}")
_PLUS = re.compile(r"\++(?=[^\s+)|])")
_BAR = re.compile(r"\|\|?")
_JOINED_AMPERSANDS = r"(?<=[^\s&])&&(?=[^\s&])"
_AMPERSAND = re.compile(rf"(?<=\s)&&?(?=\s+\S)|{_JOINED_AMPERSANDS}")
_NEAR = re.compile(rf"NEAR/([^\s()|{QUOTES}]*)|(?:NEAR|W/)(\d+){_END}|AROUND\(\s*([^\s()|{QUOTES}]*)\s*\)")
_PRE = re.compile(rf"PRE/([^\s()|{QUOTES}]*)")
_SAME = re.compile(rf"SAME/([^\s()|{QUOTES}]*)")
_ATLEAST = re.compile(rf"ATLEAST(?:/([^\s()|{QUOTES}]*)|(\d+)(?:(?=\()|{_END}))")
_AS_TEXT = "{} was searched as text. "
_LOOSE = (
    (
        re.compile(rf"(?i:w|same)/(?:s|p|sent|para|seg){_END}|SAME{_END}|(?i:same)(?=\()|<(?i:sentence)>"),
        f"{_AS_TEXT}Write the operator as in military SAME/s support.",
    ),
    (
        re.compile(rf"(?i:atleast)[/\d]|(?i:atleast)(?=\()|ATLEAST{_END}"),
        f"{_AS_TEXT}Write the operator as in ATLEAST/3 support.",
    ),
    (
        re.compile(
            rf"(?i:o?near|pre|within|around|adj|next|[wnp])/\d+{_END}|(?:AROUND|O?NEAR|ADJ){_END}|{WITH_NUMBER}+{_END}"
            rf"|(?i:o?near|around|within|adj)(?=\()|WITHIN(?=\s+\d)|[NW]\d+{_END}"
            rf"|(?<=\s)/(?:\d+|[spSP]){_END}|<(?i:near|order|phrase|paragraph)(?:/\d*)?>"
        ),
        f"{_AS_TEXT}Write the operator as in military NEAR/5 support.",
    ),
    (re.compile(r"<(?i:and|or|not)>"), f"{_AS_TEXT}Write the operator in capitals only: AND, OR, NOT."),
    (re.compile(rf"(?:ANDNOT|XOR){_END}"), f"{_AS_TEXT}Write -word to leave out what has a word."),
    (
        re.compile(rf"(?:AND|OR|NOT)[^\w\s()|^{QUOTES}]+\w"),
        f"{_AS_TEXT}AND, OR and NOT are operators with blanks around them.",
    ),
    (re.compile(rf"[^\s()|~{QUOTES}]*\w~-\d"), f"{_AS_TEXT}~ takes the number of letters that differ, as in rome~1."),
    (
        re.compile(
            rf"[^\s()|\[{QUOTES}]*(?<=\S)\[(?i:ti(?:ab)?|tw|mh|mesh|majr|au|pt|la|dp|ta|all|title(?:/abstract)?|author"
            r"|journal|text word|mesh terms|all fields|lang(?:uage)?|[dep]dat|filter|ptyp|publication type"
            r"|date - publication)(?::noexp)?\]"
            rf"|[^\s()|.{QUOTES}]*\.(?:(?:ti|ab|tw|mp|kw|au|sh|hw|jn|pt|ot),?)+\.{_END}"
            r"|(?:TI|TS|AB|AU|KW|SU|PY|TITLE|ABS|AUTH|HEADLINE|HLEAD|BYLINE)=|TITLE(?:-ABS(?:-KEY)?)?(?=\s*\()"
            r"|(?i:ti|ts|ab|au|kw|su|abs|auth|noft|headline|hlead|byline)(?=\()"
            rf"|(?i:all(?:intitle|intext|inurl|inanchor)):{_END}|\{{!|_(?:exists|val|query)_:"
        ),
        f"{_AS_TEXT}Fields are written as in title:rome. {FIELD_LIST}",
    ),
    (re.compile(rf"[!！¬{_DASHES}]+(?=\w)"), "{1} does not exclude; write -{2} to leave out what has the word."),
    (
        re.compile(rf"[^\s()|&{QUOTES}]*\d\.\.\$?\d"),
        f"{_AS_TEXT}Ranges of dates can be read, as in after:2019 before:2026.",
    ),
    (
        re.compile(rf"[^\W\d_]{{2,}}[a-z](?=\$\d?{_END})"),
        "$ does not stand for letters; {1}* finds the words that begin so.",
    ),
    (
        re.compile(rf"(?:ＡＮＤ|ＯＲ|ＮＯＴ|ＮＥＡＲ){_END}|(?:NEAR|W|PRE|SAME|ATLEAST)／"),
        f"{_AS_TEXT}Operators and their signs are read in half width: AND, NEAR/5.",
    ),
    (re.compile(r"~(?=\w)"), "~ does nothing before a word; write {2}~ for words that are spelt nearly so."),
    (
        re.compile(rf"['‘`´]+(?=\w)[^\s'‘’`´(){QUOTES}]*\s[^'‘’`´(){QUOTES}]*(?<=\w)['’`´]+(?!\w)"),
        'Single quotation marks make no phrase; write "military support" in double ones.',
    ),
)
"""Operators in forms that are not read, with what to say of them. They are words; dashes are what is made of `-`.

In what is said `{}` is the chunk, `{1}` the sign that it begins with, and `{2}` the rest of it.
"""
_REFUSED = (
    (re.compile(r"/(?:\\.|[^\s/\\])+/i?" + _END), "{} is a regular expression.", "* and ? can be read, as in Suwayd*."),
    (
        re.compile(r"[\[{][^\s\[\]{}]+\s+TO\s+[^\s\[\]{}]+[\]}]"),
        "{} is a range.",
        "Ranges of dates can be read, as in after:2019 before:2026.",
    ),
    (re.compile(rf"W/[sS]{_END}"), "{} has no number of words.", "Write it as in military SAME/s support."),
    (re.compile(rf"(?:W|SAME)/[pP]{_END}"), "{} has no number of words.", "AND joins what is in one paragraph."),
)
"""Forms that cannot be read, with the message, which names them, and what to write instead."""
_FIELD = re.compile(r"([^\W\d_]\w*):(?=[^\s)])")
_EMPTY_FIELD = re.compile(rf"({'|'.join(FIELDS)}):", re.IGNORECASE)
_CHUNK = re.compile(rf"(?:[^\s()|&{QUOTES}]+|(?!{_JOINED_AMPERSANDS})&)+")
_BULLET = re.compile(r"\*(?=\s+\S)")
_TRUNCATED = re.compile(r"(\w[\w'-]*[^\W\d_])!")
_WORD_BEFORE = re.compile(r"\w[^\w\s]*\s")
"""The end of a word, with what stands behind it up to a space; each character is looked at once."""
_BOOST = re.compile(rf"\^\d+(?:\.\d+)?{_END}")
_WEIGHT = re.compile(r"\^\d+(?:\.\d+)?$")
_LETTER = re.compile(r"[^\W\d_]")
_GERSHAYIM = re.compile(f"(?<=[\u05d0-\u05ea])[{QUOTES}](?=[\u05d0-\u05ea])")
"""A quotation mark between two Hebrew letters: typed for gershayim, the sign of an acronym."""
_INNER_SIGN = re.compile(rf"{_LETTER.pattern}([!#$]){_LETTER.pattern}")
"""A sign that stands for letters inside a word elsewhere."""
_FULL_WIDTH = re.compile(rf"[（）＊｜＆]|～(?=\d?$)|^(?i:{'|'.join(FIELDS)})：")
"""Signs of the query language in the width of Chinese and Japanese letters, where they are punctuation, too."""
_SIMILARITY = re.compile(r"([^~]*[^\W_]~)\d*\.\d+[.,;:!?]*")
"""A misspelling with a share of its letters that have to be the same, as older versions of Lucene read it."""


def lex(text: str) -> list[Lexeme]:
    """Return all lexemes of a query.

    Raises QueryError for a quote left open, a mistyped field, a field without a value, a misplaced distance, and forms
    of other languages that cannot be read.
    """
    text = _GERSHAYIM.sub("\u05f4", text)
    lexemes: list[Lexeme] = []
    at = 0
    while at < len(text):
        if found := _WORD.match(text, at):
            lexemes.append(Lexeme(LexemeType.CHUNK, found[1], found.start(1)))
            at = found.end()
        elif found := _SPACE.match(text, at):
            at = found.end()
        elif (found := _BULLET.match(text, at)) and (not lexemes or text[at - 1] == "\n"):
            warning = "* was left out: it stands for letters only beside others."
            lexemes.append(Lexeme(LexemeType.CHUNK, "", at, typed="*", warning=warning))
            at = found.end()
        else:
            lexeme, at = _next(text, at)
            lexemes.append(lexeme)
    return lexemes


def _next(text: str, at: int) -> tuple[Lexeme, int]:
    """Return the lexeme that begins at `at`, and the position of its end."""
    if found := _PLUS.match(text, at):
        lexeme, end = _next(text, found.end())
        warning = lexeme.warning or "+ does nothing here: all words have to be there, unless OR stands between them."
        return lexeme._replace(typed=text[at:end], warning=warning), end
    if text[at] in QUOTES:
        return _without_boost(*_quote(text, at), text)
    if text[at] in _SINGLE:
        if found := _SINGLE_QUOTE.match(text, at):
            return _without_boost(*_quoted(found), text)
        return Lexeme(LexemeType.CHUNK, text[at], at), at + 1
    if text[at] in "()":
        lexeme, end = Lexeme(LexemeType(text[at]), text[at], at), at + 1
        return _without_boost(lexeme, end, text) if text[at] == ")" else (lexeme, end)
    if text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace():
        return Lexeme(LexemeType.NOT, "-", at), at + 1
    for pattern, message, hint in _REFUSED:
        if found := pattern.match(text, at):
            raise QueryError(message.format(found[0]), f'{hint} To search for the text itself, put it in "quotes".', at)
    return _operator(text, at) or _field(text, at) or _chunk(text, at)


def _operator(text: str, at: int) -> tuple[Lexeme, int] | None:
    """Return the operator that begins at `at`, and the position of its end; None when there is none."""
    if found := _OPERATOR.match(text, at):
        return Lexeme(LexemeType(found[1]), found[1], at), found.end()
    for pattern, operator in ((_BAR, LexemeType.OR), (_AMPERSAND, LexemeType.AND)):
        if found := pattern.match(text, at):
            return Lexeme(operator, operator.value, at, typed=found[0]), found.end()
    for pattern, operator in ((_NEAR, LexemeType.NEAR), (_PRE, LexemeType.PRE)):
        if found := pattern.match(text, at):
            distance = next(group for group in found.groups() if group is not None)
            typed = "" if found[0] == f"{operator.value}/{distance}" else found[0]
            return Lexeme(operator, distance, at, typed=typed), found.end()
    if found := _SAME.match(text, at):
        return Lexeme(LexemeType.SAME, found[1], at, typed=found[0]), found.end()
    if found := _ATLEAST.match(text, at):
        return Lexeme(LexemeType.ATLEAST, found[2] or found[1], at, typed=found[0]), found.end()
    return None


def _field(text: str, at: int) -> tuple[Lexeme, int] | None:
    """Return the field that begins at `at`, and the position of its end; None when there is none."""
    if found := _FIELD.match(text, at):
        name = found[1].lower()
        if name in FIELDS:
            return Lexeme(LexemeType.FIELD, name, at), found.end()
        meant = next((field for field in FIELDS if within_distance(name, field, MISTYPED)), None)
        if meant := "date" if name in _OF_DATES else meant:
            hint = f'Write {meant}: if that is meant. {FIELD_LIST} To search for the text itself, put it in "quotes".'
            raise QueryError(f"There is no field {found[1]!r}.", hint, at)
        lexeme, end = _chunk(text, at)
        warning = f"There is no field {found[1]!r}, so it was searched as text, with what follows. {FIELD_LIST}"
        return lexeme._replace(warning=warning), end
    if found := _EMPTY_FIELD.match(text, at):
        raise QueryError(f"{found[0]} has no value.", f"Write it right after the colon, as in {found[0]}word.", at)
    return None


def _chunk(text: str, at: int) -> tuple[Lexeme, int]:
    if found := _LONE_SLOP.match(text, at):
        message = f"{found[0]} follows neither a word nor a quote."
        raise QueryError(message, 'Write it right after one, as in "military support"~5.', at)
    found = _CHUNK.match(text, at)
    if found is None:
        raise AssertionError(text, at)
    chunk, end, warning = found[0], found.end(), ""
    if (similar := _SIMILARITY.fullmatch(chunk)) and is_chunk(similar[1]):
        warning = f"{chunk} was read as {similar[1]}: it takes the number of letters that differ, as in rome~1."
        return Lexeme(LexemeType.CHUNK, similar[1], at, typed=chunk, warning=warning), end
    if (weight := _WEIGHT.search(chunk)) and _LETTER.search(word := chunk[: weight.start()]):
        if "^" not in word and is_chunk(word):
            return Lexeme(LexemeType.CHUNK, word, at, typed=chunk, warning=_boost_warning(chunk)), end
        warning = f"{chunk} was searched as text: words have no weights here."
    elif "^" in chunk and (_LETTER.search(chunk) or (chunk[0] == "^" and text[at - 1 : at] in {*QUOTES, ")"})):
        warning = f"{chunk} was searched as text: words have no weights here."
    if truncated := _TRUNCATED.fullmatch(chunk):
        warning = f"! does not stand for letters; {truncated[1]}* finds the words that begin so."
        if text[end:].strip(" \t\n)") or not _WORD_BEFORE.search(text, 0, at):  # else a sentence ends here
            message = f"{chunk} has a sign that is not read."
            hint = f'Write {truncated[1]}* for the words that begin so, or "{truncated[1]}" for the word.'
            raise QueryError(message, hint, at)
    else:
        warning = warning or _warning(text, at, chunk)
    return Lexeme(LexemeType.CHUNK, chunk, at, warning=warning), end


def _warning(text: str, at: int, chunk: str) -> str:
    """Return what to say of a chunk at `at` that means more than its words elsewhere; empty for others."""
    for form, told in _LOOSE:
        if found := form.match(text, at):
            return told.format(chunk, found[0], chunk[len(found[0]) :])
    if found := _INNER_SIGN.search(chunk):
        return f"{found[1]} does not stand for letters; ? stands for one and * for any, as in wom?n."
    if found := _FULL_WIDTH.search(chunk):
        return f"{found[0]} was read as punctuation; write {unicodedata.normalize('NFKC', found[0])} if that is meant."
    if "&&" in chunk:
        return "&& joins with blanks on both sides of it, or on neither; AND joins too."
    return ""


def is_chunk(text: str) -> bool:
    """Tell whether a text is one chunk by itself, of which nothing is left out and nothing has to be said."""
    try:
        return lex(text) == [Lexeme(LexemeType.CHUNK, text, 0)]
    except QueryError:
        return False


def _quote(text: str, at: int) -> tuple[Lexeme, int]:
    found = _QUOTE.match(text, at)
    if found is None:
        raise QueryError("A quotation mark is left open.", "Close it, or take it away.", at)
    if found[2] is not None and _AFTER_SLOP.match(text, found.end()) and not _BOOST.match(text, found.end()):
        message = "A quote takes one distance, a whole number."
        raise QueryError(message, 'Write it as in "military support"~5, and a space after it.', found.end())
    return Lexeme(LexemeType.QUOTE, found[1], at + 1, found[2]), found.end()


def _quoted(found: re.Match[str]) -> tuple[Lexeme, int]:
    """Return the lexeme for what _SINGLE_QUOTE matches, and the position of its end."""
    words = next(group for group in found.groups() if group is not None)
    return Lexeme(LexemeType.QUOTE, words, found.start() + 1, found[4], typed=found[0]), found.end()


def _without_boost(lexeme: Lexeme, end: int, text: str) -> tuple[Lexeme, int]:
    """Return a lexeme that ends at `end`, with a weight such as `^2` behind it left out, and where it ends then."""
    found = _BOOST.match(text, end)
    if found is None:
        return lexeme, end
    begin = lexeme.at - (lexeme.type is LexemeType.QUOTE)
    typed = text[begin : found.end()]
    return lexeme._replace(typed=typed, warning=_boost_warning(typed)), found.end()


def _boost_warning(typed: str) -> str:
    return f"The weight in {typed!r} was left out: words have no weights here."
