"""Completions of the word that is being typed, and of the phrase that it is in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from search.analysis.characters import JOINERS, UNSPACED
from search.analysis.function_words import function_words
from search.analysis.tokenizer import fold, stem
from search.budget import QueryBudget
from search.engine import SearchReader, Snapshot, Vocabulary
from search.errors import QueryError
from search.model import Completion, SearchRequest, WordCount
from search.query.lexer import FIELDS, QUOTES, WORD_FIELDS
from search.query.parser import parse
from search.query.tree import Word

MAX_TYPED = 200
"""Number of code points of the longest query that is completed: nobody types a longer one word by word."""
MAX_PHRASES, MAX_ALONE = 5, 3
"""Maximum number of completions by words that often follow the word before, and of others by words that begin so.

Where there is no word before, the latter are at most MAX_PHRASES.
"""
MAX_AFTER = 3
"""Maximum number of completions by two words: the likeliest word, and one that often stands after it."""
CANDIDATES = 24
"""Number of words that are asked for; function words and inflections of other words are then left out."""
_TYPED = re.compile(rf"(?:(?<=^)|(?<=[\s(:{QUOTES}]))[^\s()|:{QUOTES}]*$")
_MARK = re.compile(f"[{QUOTES}]")
_SIGNS = re.compile(r"[*?~]|^[/^!+-]|[/^!+-]$")
"""Signs of patterns anywhere, and other signs at either end: a word that has one is not completed."""
_BEFORE = re.compile(rf"(?:^|[\s({QUOTES}])([^\s()|:{QUOTES}]+)\s+$")
_FIELD = re.compile(rf"(?:^|[\s(])-?({'|'.join(FIELDS)}):$", re.IGNORECASE)
_JOINERS = frozenset(JOINERS)
_UNSPACED = re.compile(f"[{UNSPACED}]")
OPERATORS = frozenset(("AND", "OR", "NOT", "NEAR"))


class Typing(NamedTuple):
    """A query that ends with a word that is being typed: the text before it, and the word, which may be empty."""

    before: str
    prefix: str
    """The word, folded."""
    begun: Sequence[WordCount]
    """The most frequent words of the archive that begin with `prefix`, at most CANDIDATES; none if that is empty."""
    previous: str
    """The word before; empty where there is none, or where that is an operator."""
    closing: str
    """The quotation mark and parentheses that have to be added at the end of the query to close those that are open."""


def typing(vocabulary: Vocabulary, q: str) -> Typing | None:
    """Return what is being typed at the end of a query; None where it is no word that can be completed."""
    found = _TYPED.search(q) if len(q) <= MAX_TYPED else None
    if found is None or _SIGNS.search(found[0]):
        return None
    before, prefix = q[: found.start()], fold(found[0])
    field = _FIELD.search(before)
    if field and field[1].lower() not in WORD_FIELDS:
        return None
    previous = _BEFORE.search(before)
    word = previous[1] if previous and previous[1] not in OPERATORS and "/" not in previous[1] else ""
    pieces = _MARK.split(q)  # outside of quotes and inside, in turn
    outside = "".join(pieces[::2])
    closing = '"' * (len(pieces) % 2 == 0) + ")" * max(0, outside.count("(") - outside.count(")"))
    if not prefix and not word:
        return None
    begun = vocabulary.beginning_with(prefix, CANDIDATES) if prefix else ()
    return Typing(before, prefix, begun, word, closing)


def completions(
    snapshot: Snapshot, request: SearchRequest, typed: Typing, budget: QueryBudget, search_of: SearchReader
) -> list[Completion]:
    """Return completions of the query of a request, each with how many paragraphs it finds under the request's filters.

    First come words that often follow the word before, then other words that begin with what is typed, each by falling
    frequency. Completions that find nothing are left out. `typed` is what `typing` returns for the query. Raises
    RequestError for a date that cannot be read.
    """
    languages = snapshot.statistics().query_languages
    texts = list(dict.fromkeys(_texts(snapshot.vocabulary, typed, languages)))
    if request.q in texts:
        texts.remove(request.q)
    searches = [(text, search) for text in texts if (search := search_of(replace(request, q=text)))]
    totals = snapshot.count([search for _, search in searches], budget)
    return [Completion(text, total) for (text, _), total in zip(searches, totals, strict=True) if total.value]


def _texts(vocabulary: Vocabulary, typed: Typing, languages: tuple[str, ...]) -> Iterator[str]:
    if typed.previous and (stems := _stems(typed.previous, languages)):
        after = vocabulary.words_after(stems, typed.prefix, CANDIDATES)
        for word in _distinct(after, languages, MAX_PHRASES, typed.prefix):
            yield f"{typed.before}{word}{typed.closing}"
    if typed.prefix:
        alone = list(_distinct(typed.begun, languages, MAX_PHRASES, typed.prefix))
        for word in alone[: MAX_ALONE if typed.previous else MAX_PHRASES]:
            yield f"{typed.before}{word}{typed.closing}"
        if alone and not typed.previous and not typed.before.endswith(":"):
            after = vocabulary.words_after(_stems(alone[0], languages), "", CANDIDATES)
            for word in _distinct(after, languages, MAX_AFTER):
                yield f"{typed.before}{alone[0]} {word}{typed.closing}"


def _stems(word: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stems by which a word is found; none if the text is not one word."""
    try:
        tree = parse(word, languages=languages).tree
    except QueryError:
        return ()
    return tree.stems if isinstance(tree, Word) else ()


def _distinct(words: Iterable[WordCount], languages: tuple[str, ...], limit: int, typed: str = "") -> Iterator[str]:
    """Yield up to `limit` words of two letters or more, without numbers, function words and inflections of others.

    Compounds are left out, as counting what they find takes long, unless `typed`, the begun word, has a joiner. So are
    the words of scripts without spaces: what the archive has of these are characters and pairs, which may be no words.
    """
    light = {word for lang in languages for word in function_words(lang)}
    joined = not _JOINERS.isdisjoint(typed)
    seen = set[str]()
    for one in words:
        word = one.word
        if len(word) < 2 or word in light or word.isdecimal() or _UNSPACED.match(word):
            continue
        if not (joined or _JOINERS.isdisjoint(word)):
            continue
        stems = {found for lang in languages for found in stem(word, lang)}
        if stems.isdisjoint(seen):
            seen |= stems
            yield word
            limit -= 1
            if not limit:
                return
