"""Plain words are answered by loops of their own, which must find what the general way finds."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from search.engine import Search
from search.index.snapshot import WhooshSnapshot
from search.model import Facet
from search.query.tree import And, Node, Or, Word
from tests.index.random_index import SMALL, compare_plans, random_snapshot, reopened, with_filters

SIZES = (63, 64, 65, 127, 129, 186, 2_048, 4_500)
VOCABULARY = 300


@pytest.fixture(scope="module", params=SIZES)
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """Paragraphs of words of all bands."""
    return random_snapshot(tmp_path_factory.mktemp("index"), request.param, _text, lambda rng: _text(rng)[:16])


def _text(rng: random.Random) -> str:
    return " ".join(f"w{int(VOCABULARY * rng.random() ** 4)}" for _ in range(rng.randint(0, 30)))


def _query(rng: random.Random) -> Node:
    """One to eight words, some of which have two stems or do not occur; drawn so that any band comes with any other."""
    power = rng.choice((1, 2, 4, 8))
    stems = [f"w{int((VOCABULARY + 20) * rng.random() ** power)}" for _ in range(12)]
    words: dict[Node, None] = {}
    for _ in range(rng.choice((1, 2, 2, 3, 5, 8))):
        words[Word(tuple(dict.fromkeys(rng.sample(stems, 2 if rng.random() < 0.1 else 1))))] = None
    return next(iter(words)) if len(words) == 1 else rng.choice((And, Or))(tuple(words))


@pytest.mark.parametrize("seed", range(4))
def test_plain_words_find_what_the_general_way_finds(snapshot: WhooshSnapshot, seed: int) -> None:
    """Rows, order, scores to the last bit, ties, both totals and facets: nobody may see which way a query went."""
    rng = random.Random(seed)
    snapshot = reopened(snapshot, replace(SMALL, short_postings=rng.choice((0, 2_048))))

    def search() -> Search:
        facets: tuple[Facet, ...] = ("source",) if rng.random() < 0.5 else ()
        return Search(with_filters(rng, _query(rng)), rng.choice((0, 0, 3)), rng.choice((1, 10, 60)), facets=facets)

    taken, hits = compare_plans(snapshot, (search() for _ in range(150)))
    assert taken > 100
    assert hits > 100
