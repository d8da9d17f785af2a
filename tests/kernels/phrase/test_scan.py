"""Phrases are answered by a loop of their own, and by what stands beside words: nobody may see which way one went."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from search.engine import Search
from search.index.query.phrase_matcher import PhraseMatcher
from search.index.segment.segment_reader import NO_BITMAP
from search.index.snapshot import WhooshSnapshot
from search.index.storage.column_file import Array
from search.kernels.core.postings_codec import MATCHES_ITSELF, PLAIN
from search.kernels.jit.argument_types import read_only
from search.kernels.phrase.candidates import END, START, PhraseScratch, PhraseTerms, candidates
from search.model import Facet
from search.query import Node, parse
from tests.kernels.called import put
from tests.kernels.segments import LANGUAGES, SMALL, both_ways, drawn, no_neighbours, restricted, tables_of, tuned

SIZES = (63, 64, 65, 129, 186, 2_048, 4_500)
STEMS = ("walk", "ship", "the", "of", "paint", "sort", "x", "count", "turn", "light", "10", "kelp")
ENDINGS = ("", "", "", "", "s", "ed", "ing")
JOINTS = (" ", " ", " ", " ", " ", " ", "-", ". ")


@pytest.fixture(scope="module", params=SIZES)
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """Paragraphs of few words, so that phrases of any of them are found."""
    return drawn(tmp_path_factory.mktemp("index"), request.param, _body, _title)


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


def _tree(rng: random.Random) -> Node:
    return restricted(rng, parse(_query(rng), languages=LANGUAGES[1:]).tree)


@pytest.mark.parametrize("pruned", [0, 1 << 60])
@pytest.mark.parametrize("seed", range(2))
def test_phrases_find_what_reading_all_texts_finds(
    snapshot: WhooshSnapshot, seed: int, pruned: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows, order, scores to the last bit, ties and both totals, whatever was known of neighbours."""
    snapshot = tuned(snapshot, replace(SMALL, pruned_matches=pruned))
    rng = random.Random(seed)  # noqa: S311 - a seeded sample
    taken = hits = 0

    for _ in range(100):
        facets: tuple[Facet, ...] = ("source",) if rng.random() < 0.5 else ()
        search = Search(_tree(rng), rng.choice((0, 0, 3)), rng.choice((1, 10, 60)), facets=facets)
        with monkeypatch.context() as patch:
            patch.setattr(PhraseMatcher, "checks", lambda *_: np.zeros((0, 7), np.int64))
            expected = both_ways(snapshot, search)[1]
        found, again = both_ways(snapshot, search)
        assert again == expected, search
        if found is not None:
            taken += 1
            hits += len(found.hits)
            assert found == expected, search
    assert taken > 40
    assert hits > 40


@pytest.mark.parametrize("size", [63, 64, 65, 1_000])
def test_candidates_by_definition(size: int) -> None:
    """Deletions, lent titles, any order of rare words: what is left of each list is what scoring will look up."""
    rng = random.Random(size)  # noqa: S311 - a seeded sample
    for sparse in range(1, 4):
        dense = rng.randint(0, 2)
        lists = [_list(rng, size, 0.5) for _ in range(sparse)]
        tables = [_list(rng, size, 0.8)[0] for _ in range(dense)]
        alive = [doc for doc in range(size) if rng.random() < 0.9]
        blob, at = np.zeros(6 * size * (sparse + 1), np.uint8), [0]
        for docs, flags in lists:
            n = at[-1]
            for distance, flag in zip(np.diff(docs, prepend=-1).tolist(), flags.tolist(), strict=True):
                n = put(blob, n, distance, flag)
            at.append(n)
        starts = np.cumsum([0, *(len(docs) for docs, _ in lists)])
        terms = np.array(
            [[-1, at[t], at[t + 1], starts[t], 0] for t in range(sparse)] + [[row, 0, 0, 0, 0] for row in range(dense)]
        ).T.copy()
        order = np.array(sorted(range(sparse), key=lambda t: len(lists[t][0])), np.int64)
        room = int(starts[-1]) + 1
        docs, found = np.empty(room, np.int32), np.empty(size, np.int32)
        bits = np.array([_bitmap(row, size) for row in tables], np.uint64).reshape(dense, -(-size // 64))
        scratch = np.zeros(-(-size // 64), np.uint64)
        phrase = PhraseTerms(terms, read_only(order), read_only(np.zeros((0, 7), np.int64)))
        proofs, proved = np.empty(room, np.int8), np.empty(size, np.int8)
        n = candidates(
            phrase, blob, tables_of(dense, len(scratch), bits=bits), no_neighbours(), _bitmap(alive, size), NO_BITMAP,
            PhraseScratch(scratch, docs, np.empty(room, np.uint8), proofs, proved, found),
        )  # fmt: skip
        assert not scratch.any()
        matches_itself = [set(docs[flags >= MATCHES_ITSELF].tolist()) for docs, flags in lists]
        expected = set(alive).intersection(*matches_itself, *(set(row.tolist()) for row in tables))
        assert found[:n].tolist() == sorted(expected)
        for t in range(sparse if n else 0):
            assert expected <= set(docs[terms[START, t] : terms[END, t]].tolist()) <= matches_itself[t]


def _list(rng: random.Random, size: int, share: float) -> tuple[Array, Array]:
    docs = np.array([doc for doc in range(size) if rng.random() < share] or [0], np.int32)
    return docs, np.array([rng.choice((PLAIN, PLAIN, MATCHES_ITSELF | 3, 64 | 1)) for _ in docs], np.uint8)


def _bitmap(docs: Array | list[int], size: int) -> Array:
    bits = np.zeros(-(-size // 64) * 64, bool)
    bits[docs] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)
