"""Candidates of a phrase are the paragraphs that have all of its terms."""

from __future__ import annotations

import random

import numpy as np
import pytest

from search.index.segment.segment_reader import NO_BITMAP
from search.index.storage.column_file import Array
from search.kernels.core.postings_codec import DEFAULT_PAYLOAD, MATCHES_ITSELF
from search.kernels.phrase.candidates import END, START, PhraseScratch, PhraseTerms, phrase_candidates
from tests.kernels.helpers import dense_tables, empty_nextword_tables, encode_posting


@pytest.mark.parametrize("size", [63, 64, 65, 1_000])
def test_candidates_by_definition(size: int) -> None:
    """Deletions, words in titles only, any order of rare words: of each list is left what scoring will look up."""
    rng = random.Random(size)
    for sparse in range(1, 4):
        dense = rng.randint(0, 2)
        lists = [_list(rng, size, 0.5) for _ in range(sparse)]
        tables = [_list(rng, size, 0.8)[0] for _ in range(dense)]
        alive = [doc for doc in range(size) if rng.random() < 0.9]
        blob, at = np.zeros(6 * size * (sparse + 1), np.uint8), [0]
        for docs, flags in lists:
            n = at[-1]
            for distance, flag in zip(np.diff(docs, prepend=-1).tolist(), flags.tolist(), strict=True):
                n = encode_posting(blob, n, distance, flag)
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
        phrase = PhraseTerms(terms, order, np.zeros((0, 7), np.int64))
        proofs, proved = np.empty(room, np.int8), np.empty(size, np.int8)
        n = phrase_candidates(
            phrase, blob, dense_tables(dense, len(scratch), bits=bits), empty_nextword_tables(),
            _bitmap(alive, size), NO_BITMAP,
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
    return docs, np.array(
        [rng.choice((DEFAULT_PAYLOAD, DEFAULT_PAYLOAD, MATCHES_ITSELF | 3, 64 | 1)) for _ in docs], np.uint8
    )


def _bitmap(docs: Array | list[int], size: int) -> Array:
    bits = np.zeros(-(-size // 64) * 64, bool)
    bits[docs] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)
