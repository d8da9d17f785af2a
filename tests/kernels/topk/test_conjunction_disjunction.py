"""The loops of plain words against plain definitions, on arrays alone."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest

from search.index.storage.column_file import Array
from search.kernels.core.bitmap import count_with_groups
from search.kernels.core.dense_terms import CELLS, RANK_BLOCK, SUPERBLOCK, DenseTables, make_dense
from search.kernels.core.postings_codec import DEFAULT_PAYLOAD, FREQUENCY_MASK, MATCHES_ITSELF
from search.kernels.jit.argument_types import read_only
from search.kernels.topk.conjunction import all_of_dense, all_of_sparse
from search.kernels.topk.disjunction import any_of
from search.kernels.topk.structs import ArticleColumns, QueryTerms, Scoring, Scratch, TopK
from search.ranking import impact_table
from tests.kernels.helpers import encode_blocks, encode_posting

SIZES = (63, 64, 65, 4_095, 4_097, 8_191, 8_193, 70_000)
AVERAGE = 20.0
KEPT = 10


class Scene:
    """Documents in groups, and terms with postings of any distance, some of them dense."""

    def __init__(self, size: int, seed: int) -> None:
        rng = random.Random(seed)
        self.size, self.blocks = size, -(-size // 64)
        self.impacts = impact_table(AVERAGE)
        self.lengths = np.array([rng.randrange(256) for _ in range(size)], np.uint8)
        cuts = sorted({0, size, *(rng.randrange(size) for _ in range(rng.choice((1, size // 5, size // 90))))})
        self.first = np.array(cuts, np.uint32)
        self.group_of = np.repeat(np.arange(len(cuts) - 1, dtype=np.int32), np.diff(self.first))
        self.ends = self.bitmap(self.first[1:].astype(np.int64) - 1)
        self.alive = np.array([rng.random() > 0.1 for _ in range(size)]) if seed % 2 else np.ones(size, bool)
        self.live = self.bitmap(np.flatnonzero(self.alive)) if seed % 2 else np.zeros(0, np.uint64)
        self.terms: list[tuple[Array, Array]] = []
        for share in (0.4, 0.1, 0.05, 0.02, 6 / size, 6 / size):
            chosen = sorted(rng.sample(range(size), max(1, int(share * size))))
            flags = [
                rng.choice((DEFAULT_PAYLOAD, DEFAULT_PAYLOAD, MATCHES_ITSELF | 3, 64 | 1, MATCHES_ITSELF | 64 | 2))
                for _ in chosen
            ]
            self.terms.append((np.array(chosen, np.int32), np.array(flags, np.uint8)))

    def bitmap(self, docs: Array) -> Array:
        bits = np.zeros(self.blocks * 64, bool)
        bits[docs] = True
        return np.packbits(bits, bitorder="little").view(np.uint64)

    def expected(self, order: list[int], weights: list[float], *, every: bool) -> tuple[list[tuple[float, int]], int]:
        """The best by definition, scores added in the order of the terms; and in how many groups documents match."""
        scores, matches_itself = np.zeros(self.size), np.zeros(self.size, bool)
        met = np.zeros(self.size, np.int64)
        for t, weight in zip(order, weights, strict=True):
            docs, flags = self.terms[t]
            scores[docs] += weight * self.impacts[(flags & FREQUENCY_MASK).astype(np.int64) * 256 + self.lengths[docs]]
            matches_itself[docs] |= (flags & MATCHES_ITSELF) > 0
            met[docs] += 1
        found = np.flatnonzero(matches_itself & self.alive & (met == len(order) if every else met > 0))
        rows = sorted((-float(scores[doc]), int(doc)) for doc in found)
        return [(-score, doc) for score, doc in rows], len(set(self.group_of[found].tolist()))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("every", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_plain_words_by_definition(size: int, seed: int, *, every: bool) -> None:
    """Borders of blocks and windows, numbers of three bytes, words in titles only, deletions: there is nothing else."""
    scene = Scene(size, seed)
    rng = random.Random(seed)
    for sparse, most in itertools.product(range(4), (2, 5)):
        chosen = rng.sample(range(6), rng.randint(max(1, sparse), max(most, sparse)))
        weights = [rng.uniform(0.1, 9) for _ in chosen]
        n, total, groups, scores, out = ask(scene, chosen, min(sparse, len(chosen)), weights, every=every)
        rows, expected_groups = scene.expected(chosen, weights, every=every)
        assert (total, groups) == (len(rows), expected_groups)
        assert list(zip(scores[:n].tolist(), out[0, :n].tolist(), strict=True)) == rows[:KEPT]
        matching = {doc for _, doc in rows}
        for doc, group, number, others in out[:, :n].T.tolist():
            low, high = int(scene.first[group]), int(scene.first[group + 1])
            assert (scene.group_of[doc], number) == (group, doc - low + 1)
            assert others == len(matching.intersection(range(low, high))) - 1


def ask(
    scene: Scene, chosen: list[int], sparse: int, weights: list[float], *, every: bool
) -> tuple[int, int, int, Array, Array]:
    """Call the kernel; the first terms are sparse, the others dense."""
    docs, flags = zip(*(scene.terms[t] for t in chosen[:sparse]), strict=True) if sparse else ((), ())
    blob, at = np.zeros(100 * sparse + 6 * sum(map(len, docs)), np.uint8), np.zeros(sparse + 1, np.int64)
    for t in range(sparse):
        at[t + 1] = at[t]
        if t % 2:
            at[t + 1] = encode_blocks(docs[t], flags[t], len(docs[t]), blob, at[t])
            continue
        for distance, payload in zip(np.diff(docs[t], prepend=-1).tolist(), flags[t], strict=True):
            at[t + 1] = encode_posting(blob, at[t + 1], distance, payload)
    rows = len(chosen) - sparse
    blocks = scene.blocks
    bits, superblock_rank = np.zeros((rows, blocks), np.uint64), np.zeros((rows, -(-blocks // SUPERBLOCK)), np.int64)
    block_rank, block_max = np.zeros((rows, -(-blocks // RANK_BLOCK)), np.uint16), np.zeros((rows, blocks), np.uint8)
    cell_max, scales = np.zeros((rows, blocks * CELLS), np.uint8), np.zeros(rows, np.float32)
    title_only_counts, words = np.zeros(rows, np.int32), np.zeros((rows, blocks), np.uint64)
    title_only_blocks = np.zeros((rows, blocks), np.int32)
    payloads = np.concatenate([np.zeros(0, np.uint8), *(scene.terms[t][1] for t in chosen[sparse:])])
    terms = [[-1, at[t], at[t + 1], len(docs[t])] for t in range(sparse)]
    base = 0
    for row, t in enumerate(chosen[sparse:]):
        scales[row], title_only_counts[row] = make_dense(
            *scene.terms[t], scene.impacts, scene.lengths, base,
            bits[row], superblock_rank[row], block_rank[row], block_max[row], cell_max[row], title_only_blocks[row],
            words[row],
        )  # fmt: skip
        base += len(scene.terms[t][0])
        terms.append([row, 0, 0, len(scene.terms[t][0])])
    places = np.array([[*term, 0] for term in terms], np.int64)
    query = QueryTerms(places, np.array(weights), sparse)
    arrays = (bits, superblock_rank, block_rank, payloads, title_only_counts, title_only_blocks, words)
    tables = DenseTables(*map(read_only, (*arrays, block_max, cell_max, scales)))
    scoring = Scoring(read_only(scene.impacts), read_only(scene.lengths), 1.0)
    articles = ArticleColumns(*map(read_only, (scene.ends, scene.group_of, scene.first)))
    room, matching = sum(map(len, docs)), np.empty(blocks, np.uint64)
    scratch = Scratch(
        np.empty(room, np.int32), np.empty(room, np.uint8), np.empty(blocks, np.uint64), np.empty(blocks, np.uint64),
        np.empty(blocks, np.uint64),
        np.empty(blocks, np.int32), np.empty(blocks, np.float32),
    )  # fmt: skip
    topk = TopK(np.empty(KEPT), np.empty((4, KEPT), np.int32))
    common = tables, scoring, scene.live, articles, scratch
    if not every:
        counts = any_of(query, blob, *common, matching, topk)
    elif sparse:
        matching[:] = 0
        counts = all_of_sparse(query, blob, *common, matching, True, topk)
        assert not matching.any()
    else:
        counts = all_of_dense(query, *common, matching, topk)
    return (*counts, topk.scores, topk.rows)


@pytest.mark.parametrize("size", SIZES)
def test_groups_are_counted_once(size: int) -> None:
    """A group that fills words without an end must be counted, and only once."""
    scene = Scene(size, 0)
    for docs in ([0], [size - 1], list(range(0, size, 7)), list(range(size)), []):
        assert count_with_groups(scene.bitmap(np.array(docs, np.int64)), scene.ends)[1] == len(
            set(scene.group_of[docs])
        )
