"""A pattern that is all of a query is answered by loops of its own, which must find what the general way finds."""

from __future__ import annotations

import random

import pytest

from search.engine import Search
from search.index.snapshot import WhooshSnapshot
from search.query.tree import Fuzzy, Wildcard
from tests.index.random_index import compare_plans, random_snapshot

SIZES = (63, 64, 65, 129, 186, 2_048, 4_500)
VOCABULARY = 200
ENDINGS = ("", "", "s", "ing", "ed")


@pytest.fixture(scope="module", params=SIZES)
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """Paragraphs of words of all bands."""
    return random_snapshot(tmp_path_factory.mktemp("index"), request.param, _text, lambda rng: _text(rng)[:16])


def _text(rng: random.Random) -> str:
    return " ".join(_word(rng, 4) for _ in range(rng.randint(0, 30)))


def _word(rng: random.Random, power: int) -> str:
    return f"aw{int(VOCABULARY * rng.random() ** power)}{rng.choice(ENDINGS)}"


def _pattern(rng: random.Random) -> Wildcard | Fuzzy:
    word = _word(rng, rng.choice((1, 4)))
    cut = rng.randint(1, len(word))
    title = rng.random() < 0.1
    match rng.randrange(4):
        case 0:
            return Wildcard(f"{word[:cut]}*", title)
        case 1:
            return Wildcard(rng.choice((f"*{word[cut:]}", f"{word[: cut - 1]}?{word[cut:]}", f"a*{word[-1]}")), title)
        case _:
            return Fuzzy(word[: cut - 1] + word[cut:] or "a", rng.choice((1, 1, 2)), title)


@pytest.mark.parametrize("seed", range(4))
def test_a_pattern_alone_finds_what_the_general_way_finds(snapshot: WhooshSnapshot, seed: int) -> None:
    """Rows, order, scores to the last bit, ties and both totals: nobody may see which way a query went."""
    rng = random.Random(seed)
    searches = (Search(_pattern(rng), rng.choice((0, 0, 3)), rng.choice((1, 10, 60))) for _ in range(120))
    taken, hits = compare_plans(snapshot, searches)
    assert taken > 80
    assert hits > 100
