"""Small indexes for loops that answer whole queries: several segments, deletions, every sort of list."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from search.budget import QueryBudget
from search.engine import Search
from search.index import WhooshEngine
from search.index.query.answer import answer
from search.index.query.weighted_query import WeightedQuery
from search.index.snapshot import WhooshSnapshot
from search.index.tuning import Tuning
from search.index.writing import merge, segment_serializer
from search.ledger import Ledger
from search.model import Article, Heading, Result
from search.query.tree import And, Lang, Node, Not, Or, Source

LANGUAGES = ("en", "en", "de")
"""What an article may be in."""
Text = Callable[[random.Random], str]
SMALL = Tuning(dense_paragraphs=1, nextword_share=1 << 40)
"""Words of small segments have tables and neighbours."""


def with_filters(rng: random.Random, query: Node) -> Node:
    """A query, now and then with filters that all it finds has to meet."""
    either, other = Or((Source("s"), Lang("de"))), Not(Source("s"))
    filters: tuple[Node, ...] = rng.choice(
        (
            (),
            (),
            (Source("s"),),
            (Source("t"), Lang("en")),
            (Lang("en"),),
            (Source("nobody"),),
            (other,),
            (either, other),
        )
    )
    children = query.children if isinstance(query, And) else (query,)
    return And((*children, *filters)) if filters else query


def random_snapshot(
    folder: Path, paragraphs: int, text: Text, title: Text, languages: Sequence[str] = LANGUAGES
) -> WhooshSnapshot:
    """So many paragraphs in each of three segments, which are not merged; two of them have deletions.

    Stems in more than 64 paragraphs are dense; of the others those in at least 20 are packed, where the segment has
    several times as many paragraphs. Every word may have its neighbours noted.
    """
    rng = random.Random(paragraphs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_serializer, "PACKED_FROM", 20)
        patch.setattr(segment_serializer, "PACKED_UP_TO", 4)
        for name, value in (("SMALL", 0), ("DEAD", 2.0), ("SIMILAR", 0)):
            patch.setattr(merge, name, value)
        engine = WhooshEngine(folder, tuning=SMALL)
        for run in range(3):
            with engine.write() as writer:
                left, number = paragraphs, 0
                while left > 0:
                    # of the first ones some are deleted, and not all paragraphs with them
                    size = min(left, rng.choice((1, 1, 2, 3, 70) if number > 3 else (1, 2, 3)))
                    texts = tuple(text(rng) for _ in range(size))
                    source, language = rng.choice("st"), rng.choice(languages)
                    writer.add(Article(Heading(f"{run}-{number:05}", title(rng), None, source, language), texts))
                    left, number = left - size, number + 1
                if run:
                    writer.remove(f"{run - 1}-00000")
                    writer.remove(f"{run - 1}-00003")
                writer.commit(Ledger())
        snapshot = WhooshEngine(folder, tuning=SMALL).snapshot()
    assert [part.segment.paragraphs for part in snapshot.views] == [paragraphs] * 3
    assert [part.live is None for part in snapshot.views] == [False, False, True]
    return snapshot


def both_plans(snapshot: WhooshSnapshot, search: Search) -> tuple[Result | None, Result]:
    """The answer by the loop that does all of a query at once, if there is one for it, and by the general plan."""
    searcher = snapshot.searcher
    budget = QueryBudget()
    query = WeightedQuery(searcher.generation, search)
    *shortcuts, general = searcher.plans(query, budget)
    found = [answer(searcher.generation, plan, query, budget) for plan in shortcuts]
    expected = answer(searcher.generation, general, query, budget)
    assert expected is not None
    return found[0] if found else None, expected


def compare_plans(snapshot: WhooshSnapshot, searches: Iterable[Search]) -> tuple[int, int]:
    """Check that both plans give one answer; return how many searches a loop answered, and how many rows it found."""
    taken = hits = 0
    for search in searches:
        found, expected = both_plans(snapshot, search)
        if found is not None:
            taken += 1
            hits += len(found.hits)
            assert found == expected, search
    return taken, hits


def reopened(snapshot: WhooshSnapshot, tuning: Tuning) -> WhooshSnapshot:
    """The newest generation of the same index, opened with other thresholds."""
    return WhooshEngine(snapshot.folder, tuning=tuning).snapshot()
