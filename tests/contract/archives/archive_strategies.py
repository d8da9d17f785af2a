"""Archives, runs and queries drawn at random, small and of few words so that much coincides."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import settings
from hypothesis import strategies as st

from search.model import Article, Duplicates, Facet, Group, Match, Scope, Sort
from tests.contract.engines import article

WORDS = (
    *("ship", "ships", "shipping", "move", "moved", "moving", "pilot", "Pilots", "pilot’s", "the", "no", "a"),
    *("café", "cafés", "cafe", "Straße", "strasse", "Häuser", "Haus", "été", "gru\u0308n", "grün", "İstanbul", "naïve"),
    *("al-Sharaa", "Sharaa", "al", "AT&T", "at", "C++", "C", "U.S.", "us", "F-16", "16", "and/or", "l’été", "10,000"),
    *("北京", "上海", "السلام", "والسلام", "🏠", "—"),
)
IDS = ("a", "b", "b-p1", "B", "b/c", "á", "z")
DATES = (None, "1999", "2024", "2024-05", "2024-05-03", "2024-05-03 08:30", "2024-05-03 08:30:15", "2025-01-01")
LANGUAGES = ("en", "fr", "de", "ar", "zh")
SOURCES = ("north", "south")

SIZES = (62, 63, 64, 65, 66, 127, 128, 129, 191, 200)
"""Paragraphs of a long article: engines cut what they keep into blocks, of 64 for the most part."""

FEWER = settings(max_examples=settings().max_examples * 2 // 5)
"""For properties of a history of runs: each takes as long as a hundred other examples, and has many questions."""

texts = st.lists(st.sampled_from((*WORDS, *WORDS, *WORDS, ".", "! A", "。")), max_size=9).map(" ".join)


def long(words: list[str], size: int) -> list[str]:
    """Many paragraphs of few words: the n-th has those words whose bits are set in n, so that few are alike."""
    return [" ".join(word for bit, word in enumerate(words) if n >> bit & 1) for n in range(1, size + 1)]


bodies = st.lists(texts, min_size=1, max_size=6)
long_bodies = st.builds(long, st.lists(st.sampled_from(WORDS), min_size=6, max_size=9), st.sampled_from(SIZES))


def edited(begin: int, changes: dict[int, str], at: int) -> list[str]:
    """A text that others share, with some words changed, in two paragraphs."""
    words = [changes.get(n, WORDS[(begin + n * n) % len(WORDS)] + "x" * (n % 3 == 2)) for n in range(90)]
    return [" ".join(words[:at]), " ".join(words[at:])]


copied_bodies = st.builds(
    edited,
    st.sampled_from([0, 0, 5]),
    st.dictionaries(st.integers(0, 89), st.sampled_from(WORDS), max_size=5),
    st.integers(0, 90),
)


@dataclass(frozen=True)
class Run:
    """What one run of a writer does: removes, then adds."""

    articles: tuple[Article, ...]
    gone: tuple[str, ...] = ()
    anew: bool = False


@dataclass(frozen=True)
class Question:
    """A query as typed, and how to ask it."""

    q: str
    match: Match = "all"
    sort: Sort = "relevance"
    group: Group = "none"
    scope: Scope = "paragraph"
    offset: int = 0
    limit: int = 10
    facets: tuple[Facet, ...] = ()
    source: str | None = None
    lang: str | None = None
    date_from: str | None = None
    group_limit: int = 1
    duplicates: Duplicates = "show"


def archives() -> st.SearchStrategy[list[Run]]:
    """Runs in a row; later ones replace and remove what earlier ones added."""
    parts = st.tuples(
        st.integers(0, 9).flatmap(lambda n: long_bodies if n == 9 else copied_bodies if n > 4 else bodies),
        texts,
        st.sampled_from(DATES),
        st.sampled_from(SOURCES),
        st.sampled_from(LANGUAGES),
    )
    added = st.dictionaries(st.sampled_from(IDS), parts, min_size=1, max_size=len(IDS)).map(
        lambda drawn: tuple(
            article(name, *paragraphs, title=title, date=date, source=source, lang=lang)
            for name, (paragraphs, title, date, source, lang) in drawn.items()
        )
    )
    gone = st.lists(st.sampled_from(IDS), max_size=2, unique=True).map(tuple)
    runs = st.builds(Run, added, gone, st.integers(0, 7).map(lambda n: n == 1))
    return st.lists(runs, min_size=1, max_size=4)


word = st.sampled_from([w for w in WORDS if w not in {"🏠", "—"}])
quote = st.lists(word, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
sloppy = st.builds("{}~{}".format, quote, st.integers(1, 4))
near = st.builds("{} NEAR/{} {}".format, word | quote, st.integers(1, 4), word | quote)
also = st.builds(
    lambda typed, variants: " ALSO ".join([typed, *variants]),
    word | quote | st.builds("({} {})".format, word, word),
    st.lists(word | quote, min_size=1, max_size=3),
)
pattern = st.sampled_from(["ship*", "s?ip", "*a*", "ca?é", "pilot*s", "al-*", "f-?6", "cafe*", "gr*n", "0*", "Stra*e"])
fuzzy = st.builds(
    "{}~{}".format, st.sampled_from(["ship", "pilat", "cafe", "sharaa", "mvoe", "haus"]), st.sampled_from(["", 1, 2])
)
same = st.builds("{} SAME/s {}".format, word | quote | sloppy, word | quote)
count = st.builds("ATLEAST/{} {}".format, st.integers(1, 3), word | quote)
plain_leaf = word | quote | sloppy | near | also | pattern | fuzzy | same
lead = st.builds("lead:({})".format, plain_leaf | count)
text_leaf = plain_leaf | count | lead
title = st.builds("title:{}".format, word | quote | pattern | st.builds("({} {})".format, word, word))
dated = st.builds(
    "{}:{}".format,
    st.sampled_from(["date", "before", "after"]),
    st.sampled_from(["1999", "2024", "2024-05", "2024-05-03"]),
)
filters = (
    st.builds("source:{}".format, st.sampled_from(SOURCES))
    | st.builds("lang:{}".format, st.sampled_from(LANGUAGES))
    | dated
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Two queries made one, or one turned round."""
    joined = st.builds(
        lambda a, how, b: f"{a}{how}{b}", inner, st.sampled_from([" ", " AND ", " OR ", " NOT ", " -"]), inner
    )
    return joined | inner.map("({})".format) | inner.map("-({})".format) | inner.map("NOT {}".format)


queries = st.recursive(text_leaf | text_leaf | title | filters, combined, max_leaves=6) | st.just("")

questions = st.builds(
    Question,
    queries,
    st.sampled_from(["all", "any"]),
    st.sampled_from(["relevance", "relevance", "date", "-date"]),
    st.sampled_from(["none", "article"]),
    st.sampled_from(["paragraph", "article"]),
    st.integers(0, 6),
    st.integers(1, 12),
    st.sampled_from([(), ("source",), ("source", "lang", "year", "month")]),
    st.sampled_from([None, None, "north", "-north", "south,north", "nowhere"]),
    st.sampled_from([None, None, None, "en,fr", "-en,-de", "zh,de,-de"]),
    st.sampled_from([None, None, None, "2024-05-03"]),
    st.sampled_from([1, 2, 3, 10]),
    st.sampled_from(["show", "fold"]),
)
