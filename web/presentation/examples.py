"""Queries to begin with, made from what this archive says, each tried before it is shown.

They show the query language at work, so they have to look like what a person would type: words are taken where they
stand side by side, names where they are written as such, nouns from the ends of titles.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from search.analysis.tokenizer import Kind, Token, fold, stem, tokenize
from search.engine import Snapshot
from search.model import Hit, SearchRequest
from search.service import find

LETTERS = 4
"""Letters that make a word worth an example."""
LENGTH = 600
"""Code points of a title or a text that are looked at."""
COMMON = 0.12
"""The part of the articles above which a word is one that says little; of FEW articles nothing is known."""
FEW = 20
TRIES = 8
"""Queries of a kind that are tried."""
SECONDS = 1.0
"""How long they are tried in all; what is not found by then is not shown."""
OPERATORS = frozenset({"AND", "OR", "NOT"})


class Example(NamedTuple):
    """A query, and what it finds."""

    q: str
    meaning: str


class Piece(NamedTuple):
    """A title or a text, and the words of it that say something."""

    text: str
    tokens: Sequence[Token]
    telling: Sequence[Token]


class Found(NamedTuple):
    """How much a query found."""

    paragraphs: int
    articles: int


def examples(snapshot: Snapshot, hits: Sequence[Hit]) -> tuple[Example, ...]:
    """At most one of each kind, from some paragraphs of the archive; each finds something."""
    maker = _Maker(snapshot, hits)
    words, name, without, dated = maker.words(), maker.name(), maker.without(), maker.dated()
    return tuple(filter(None, (words, name, maker.either(), maker.beginning(), without, dated)))


class _Maker:
    def __init__(self, snapshot: Snapshot, hits: Sequence[Hit]) -> None:
        self.snapshot, self.hits = snapshot, hits
        self.until = time.monotonic() + SECONDS
        self.used: set[str] = set()
        written = [(hit.article.title[:LENGTH], hit.text.text[:LENGTH]) for hit in hits]
        tokens = [tuple(list(tokenize(text)) for text in texts) for texts in written]
        self.spread = Counter(word for both in tokens for word in {fold(t.written) for part in both for t in part})
        self.titles = [self._piece(texts[0], both[0]) for texts, both in zip(written, tokens, strict=True)]
        self.texts = [self._piece(texts[1], both[1]) for texts, both in zip(written, tokens, strict=True)]

    def _piece(self, text: str, tokens: Sequence[Token]) -> Piece:
        return Piece(text, tokens, [token for token in tokens if self._tells(token)])

    def _tells(self, token: Token) -> bool:
        # Letters only: what is not may mean something in the query language.
        word = token.written
        few = len(self.hits) < FEW or self.spread[fold(word)] <= COMMON * len(self.hits)
        return few and _is_word(token) and len(word) >= LETTERS and word not in OPERATORS

    def words(self) -> Example | None:
        """Two words that stand side by side in a title, those first that hardly stand apart; else any two of it."""
        usual = Counter(pair for piece in (*self.titles, *self.texts) for pair in _neighbours(piece))

        def bound(pair: str) -> float:
            return usual[pair] ** 2 / max(self.spread[fold(word)] for word in pair.split())

        beside = sorted((pair for title in self.titles for pair in _neighbours(title)), key=lambda pair: -bound(pair))
        apart = (f"{a.written} {b.written}".lower() for title in self.titles for a, b in pairwise(title.telling))
        return self._first(
            (*beside, *apart), "both, in any form", lambda found: found.paragraphs > 2 and found.articles > 1
        )

    def name(self) -> Example | None:
        """Neighbours that are written with capitals inside a sentence."""
        names = Counter(name for piece in (*self.texts, *self.titles) for name in set(_names(piece)))
        queries = (f'"{name}"' for name, _ in names.most_common())
        return self._first(queries, "exactly these words", lambda found: found.paragraphs > 1)

    def either(self) -> Example | None:
        """Words from the ends of two titles, where nouns stand; rather rare ones."""
        all_ = dict.fromkeys(noun for title in self.titles if (noun := _noun(title)) and fold(noun) not in self.used)
        counted = {noun: self._find(noun).paragraphs for noun in list(all_)[:TRIES]}
        nouns = sorted(counted, key=lambda noun: (counted[noun] < 3, counted[noun]))
        queries = (f"{a} OR {b}" for a, b in combinations(nouns, 2) if stem(a, "en") != stem(b, "en"))
        return self._first(queries, "either word", lambda found: found.articles > 1)

    def beginning(self) -> Example | None:
        """The stem of the word with the most forms."""
        forms: dict[str, set[str]] = defaultdict(set)
        for hit, pieces in zip(self.hits, zip(self.titles, self.texts, strict=True), strict=True):
            for token in (token for piece in pieces for token in piece.telling if token.written.islower()):
                for of in stem(token.written, hit.article.lang):
                    forms[of].add(fold(token.written))
        stems = [of for of, all_ in forms.items() if len(of) >= LETTERS and all(f.startswith(of) for f in all_ - {of})]
        stems.sort(key=lambda of: (len(forms[of]) < 3 or of in forms[of], -len(forms[of]), -len(of)))
        return self._first((f"{of}*" for of in stems), "words that begin so", lambda found: found.paragraphs > 1)

    def without(self) -> Example | None:
        """A word of several articles, without another one of one of their titles."""
        tried = 0
        for title in self.titles:
            noun = _noun(title)
            if not noun or self.spread[fold(noun)] < 2 or fold(noun) in self.used or tried == TRIES:
                continue
            tried += 1
            names = [token.written for token in title.telling if token.written.istitle()]
            for other in (*names[-1:], title.telling[0].written):
                left = self._find(query := f"{noun} -{other.lower()}").paragraphs
                if 0 < left < self._find(noun).paragraphs:
                    return self._take(query, "without the second")
        return None

    def dated(self) -> Example | None:
        """A noun of a title, in the year of its article."""
        of = zip((hit.article.date for hit in self.hits), self.titles, strict=True)
        dated = [(_noun(title), date.text[:4]) for date, title in of if date and _noun(title)]
        queries = (f"{noun} date:{year}" for noun, year in dated)
        example = self._first(queries, "", lambda found: found.paragraphs > 1)
        return example and example._replace(meaning=f"in articles of {example.q[-4:]}")

    def _first(self, queries: Iterable[str], meaning: str, enough: Callable[[Found], bool]) -> Example | None:
        """The first query that finds enough, else the one that finds most; of words that were not used yet."""
        best, most = "", 0
        fresh = (q for q in dict.fromkeys(queries) if self.used.isdisjoint(_words_of(q)))
        for q, _ in zip(fresh, range(TRIES), strict=False):
            found = self._find(q)
            if enough(found):
                return self._take(q, meaning)
            if found.paragraphs > most:
                best, most = q, found.paragraphs
        return self._take(best, meaning) if best else None

    def _take(self, q: str, meaning: str) -> Example:
        self.used |= _words_of(q)
        return Example(q, meaning)

    def _find(self, q: str) -> Found:
        if time.monotonic() > self.until:
            return Found(0, 0)
        page = find(self.snapshot, SearchRequest(q, per_page=1))
        return Found(page.total.value, page.total_articles)


def _is_word(token: Token) -> bool:
    return token.kind is Kind.WORD and token.written.isalpha()


def _noun(title: Piece) -> str:
    """The last telling word of a title, where it is no name."""
    last = title.telling[-1].written if title.telling else ""
    return last if last.islower() else ""


def _words_of(q: str) -> set[str]:
    return {fold(token.written) for token in tokenize(q)} - {"or", "date"}


def _neighbours(piece: Piece) -> Iterator[str]:
    """Telling words that stand side by side, with nothing but a space between them."""
    for a, b in pairwise(piece.telling):
        if piece.text[a.end : b.start] == " ":
            yield f"{a.written} {b.written}".lower()


def _names(piece: Piece) -> Iterator[str]:
    """Runs of two or three capitalised words within a sentence."""
    run: list[Token] = []
    for token in (*piece.tokens, None):
        capital = token is not None and _is_word(token) and len(token.written) > 2 and token.written.istitle()
        if run and not (capital and token is not None and piece.text[run[-1].end : token.start] == " "):
            if len(run) in {2, 3}:
                yield piece.text[run[0].start : run[-1].end]
            run = []
        inside = token is not None and piece.text[: token.start].rstrip(' "“«„(')[-1:] not in {"", ".", "!", "?", ":"}
        if capital and token is not None and (run or inside):
            run.append(token)
