"""Phrases are answered by a loop of their own, and by what stands beside words: nobody may see which way one went."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from search.engine import Search
from search.index.query.matching.phrase_matcher import PhraseMatcher
from search.index.snapshot import WhooshSnapshot
from search.model import Facet
from search.query.parser import parse
from search.query.tree import Node
from tests.index.random_index import LANGUAGES, SMALL, both_plans, random_snapshot, reopened, with_filters

SIZES = (63, 64, 65, 129, 186, 2_048, 4_500)
MIXED = (186, 2_048)
"""Sizes of which a part is in another language, so that each word has two stems and goes the general way."""
STEMS = ("walk", "ship", "the", "of", "paint", "sort", "x", "count", "turn", "light", "10", "kelp")
ENDINGS = ("", "", "", "", "s", "ed", "ing")
JOINTS = (" ", " ", " ", " ", " ", " ", "-", ". ")


@pytest.fixture(scope="module", params=SIZES)
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """Paragraphs of few words, so that phrases of any of them are found."""
    languages = LANGUAGES if request.param in MIXED else ("en",)
    return random_snapshot(tmp_path_factory.mktemp("index"), request.param, _body, _title, languages)


def _body(rng: random.Random) -> str:
    return _text(rng, rng.choice((0, 3, 20, 70)))


def _title(rng: random.Random) -> str:
    return _text(rng, rng.choice((0, 4)))


def _text(rng: random.Random, words: int) -> str:
    return "".join(_word(rng) + rng.choice(JOINTS) for _ in range(words))


def _word(rng: random.Random) -> str:
    """Some are frequent, and many have several forms."""
    word = STEMS[int(len(STEMS) * rng.random() ** 3)]
    return word + rng.choice(ENDINGS) if len(word) > 3 else word


def _query(rng: random.Random) -> str:
    if rng.random() < 0.2:
        return f"{_word(rng)} NEAR/{rng.choice((1, 2, 5, 70))} {_word(rng)}"
    return f'"{_text(rng, rng.choice((1, 2, 2, 2, 3, 3, 5)))}"'


def _tree(rng: random.Random, languages: tuple[str, ...]) -> Node:
    return with_filters(rng, parse(_query(rng), languages=languages).tree)


@pytest.mark.parametrize("pruned", [0, 1 << 60])
@pytest.mark.parametrize("seed", range(2))
def test_phrases_find_what_reading_all_texts_finds(
    snapshot: WhooshSnapshot, seed: int, pruned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, order, scores to the last bit, ties and both totals, whatever was known of neighbours."""
    snapshot = reopened(snapshot, replace(SMALL, pruned_matches=pruned))
    rng = random.Random(seed)
    taken = hits = 0
    languages = tuple(snapshot.statistics().languages)
    for _ in range(100):
        facets: tuple[Facet, ...] = ("source",) if rng.random() < 0.5 else ()
        search = Search(_tree(rng, languages), rng.choice((0, 0, 3)), rng.choice((1, 10, 60)), facets=facets)
        with monkeypatch.context() as patch:
            patch.setattr(PhraseMatcher, "checks", lambda *_: np.zeros((0, 7), np.int64))
            expected = both_plans(snapshot, search)[1]
        found, again = both_plans(snapshot, search)
        assert again == expected, search
        if found is not None:
            taken += 1
            hits += len(found.hits)
            assert found == expected, search
    assert len(languages) > 1 or taken > 40
    assert len(languages) > 1 or hits > 40
