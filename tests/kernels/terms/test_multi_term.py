"""Forms are found by postings and lists of forms as they are in the texts themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from search.index.segment.segment_reader import shortest_halves
from search.index.segment.surface_forms import form_lists, form_roles
from search.index.storage.column_file import Rows, starts, widened
from search.index.writing.segment_serializer import build_postings
from search.kernels.core.dense_terms import CELLS, RANK_BLOCK, DenseTables, make_dense
from search.kernels.core.postings_codec import decode
from search.kernels.terms.multi_term_plan import (
    LISTED,
    MIXED,
    STEMMED,
    UNFILLED,
    UNREAD,
    plan_unions,
    shortest,
    shortest_topk,
)
from search.kernels.terms.multi_term_union import gather
from tests.kernels.helpers import dense_tables

Array = npt.NDArray[Any]
STEMS = [(0,), (0,), (0,), (1,), (1,), (2, 3), (3,), (2,), (4,), (4,), (), ()]
"""The stems of each entry; the last four are markers."""
MARKER_VIA = np.array([4, 4, 0, 1], np.int32)
PARTS = {10: 0, 11: 3}
"""Before these entries' first parts stand the compounds that have no stem."""
TEXT = st.lists(st.sampled_from([0, 0, 0, 1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11]), max_size=6)
ARTICLES = st.lists(st.tuples(TEXT, st.lists(TEXT, min_size=1, max_size=5)), min_size=1, max_size=45)


def rows(texts: list[list[int]]) -> Rows:
    """Texts of entries, compounds before their first parts."""
    full = [[e for entry in text for e in ([entry, PARTS[entry]] if entry in PARTS else [entry])] for text in texts]
    return Rows(np.array([e for text in full for e in text], np.int32), starts(np.array([len(text) for text in full])))


class Index:
    """What a segment has of some articles, and the plain truth beside it."""

    def __init__(self, articles: list[tuple[list[int], list[list[int]]]]) -> None:
        self.titles, self.bodies = rows([title for title, _ in articles]), rows([t for _, ts in articles for t in ts])
        self.article_of = np.repeat(np.arange(len(articles), dtype=np.int32), [len(texts) for _, texts in articles])
        sizes = np.array([len(stems) for stems in STEMS])
        self.stems = Rows(np.array([s for stems in STEMS for s in stems], np.int32), starts(sizes).astype(np.int32))
        self.form_roles = form_roles(self.stems.stream, self.stems.first, MARKER_VIA, 5)
        found = build_postings(self.titles, self.bodies, self.stems, self.article_of)
        self.postings = found["postings"]
        at = found["postings_at"]
        self.at = np.concatenate([at, np.full(6 - len(at), at[-1], np.uint32)])
        lists = form_lists(self.titles, self.bodies, self.stems, self.form_roles, self.article_of)
        self.lists = lists["forms"], starts(widened(lists["form_sizes"], lists["form_large"]))
        self.paragraphs = len(self.article_of)
        self.blocks = -(-self.paragraphs // 64)

    def truth(self, wanted: set[int]) -> tuple[set[int], set[int], set[int]]:
        """Return the documents that have a wanted form in their own text, in text or title, in the title."""
        text, title = (
            [bool(wanted & set(r.stream[a:b].tolist())) for a, b in zip(r.first[:-1], r.first[1:], strict=True)]
            for r in (self.bodies, self.titles)
        )
        title_only = {d for d in range(self.paragraphs) if title[self.article_of[d]]}
        first = {d for d in title_only if d == 0 or self.article_of[d - 1] != self.article_of[d]}
        matches_itself = {d for d in range(self.paragraphs) if text[d]} | first
        return matches_itself, matches_itself | title_only, title_only

    def tables(self, dense: list[int]) -> DenseTables:
        """The tables of dense stems, a row each, as the loop takes them."""
        rows, blocks, n = len(dense), self.blocks, self.paragraphs
        bits, words = np.zeros((rows, blocks), np.uint64), np.zeros((rows, blocks), np.uint64)
        superblock_rank, block_rank = (
            np.zeros((rows, 1), np.int64),
            np.zeros((rows, -(-blocks // RANK_BLOCK)), np.uint16),
        )
        title_only_counts, where = np.zeros(rows, np.int32), np.zeros((rows, blocks), np.int32)
        payloads, base = np.zeros(rows * n, np.uint8), 0
        for row, stem in enumerate(dense):
            docs, some = np.empty(n, np.int32), np.empty(n, np.uint8)
            size = decode(self.postings, int(self.at[stem]), int(self.at[stem + 1]), docs, some)
            payloads[base : base + size] = some[:size]
            block_max, cell_max = np.zeros(blocks, np.uint8), np.zeros(blocks * CELLS, np.uint8)
            _, title_only_counts[row] = make_dense(
                docs[:size], some[:size], np.ones(64 * 256), np.zeros(n, np.uint8), base,
                bits[row], superblock_rank[row], block_rank[row], block_max, cell_max, where[row], words[row],
            )  # fmt: skip
            base += size
        ranks: dict[str, Array] = {"superblock_rank": superblock_rank, "block_rank": block_rank}
        titles: dict[str, Array] = {
            "title_only_counts": title_only_counts,
            "title_only_blocks": where,
            "title_only_words": words,
        }
        return dense_tables(rows, blocks, bits=bits, payloads=payloads, **ranks, **titles)


def bitmap(docs: list[int], blocks: int) -> Array:
    bits = np.zeros(blocks * 64, bool)
    bits[docs] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)


def numbers(bits: Array) -> set[int]:
    return set(np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little")).tolist())


@given(
    ARTICLES,
    st.sets(st.sampled_from(range(len(STEMS)))),
    st.sets(st.sampled_from(range(5))),
    st.sampled_from(["title", ""]),
)
def test_words_stand_where_the_texts_have_them(
    articles: list[tuple[list[int], list[list[int]]]], wanted: set[int], dense: set[int], titled: str
) -> None:
    """Patterns read no texts: what their lists do not say is lost, and what they say wrongly is shown."""
    index = Index(articles)
    known, entries = index.form_roles, np.array(sorted(wanted), np.int32)
    role_of = known.carrier_stem * 4 + known.listed * np.int32(LISTED) + known.stemmed * np.int32(STEMMED)
    rows, unions = np.array(sorted(dense), np.int32), np.empty((len(entries), 3), np.int32)
    is_dense = np.isin(np.arange(5), rows)
    n, needs = plan_unions(
        entries, role_of, np.bincount(index.stems.stream, minlength=5).astype(np.int32), is_dense, rows,
        np.zeros(len(rows), np.uint8), index.at, np.ones(9, np.uint8), 100, 1 << 20, unions,
    )  # fmt: skip
    unions = unions[:n]
    assert bool(needs & UNFILLED) == bool(is_dense[unions[:, 0]].any())
    assert bool(needs & UNREAD) == bool(not is_dense[unions[:, 0]].all())
    if needs & MIXED:
        unions = unions[np.argsort(unions[:, 0], kind="stable")]
    others = [
        np.flatnonzero(known.listed & known.stemmed & (known.carrier_stem == s)).astype(np.int32) for s in range(5)
    ]
    first, flat = starts(np.array([len(some) for some in others])).astype(np.int32), np.concatenate(others)
    matches_itself, title_only, title = (np.zeros(index.blocks, np.uint64) for _ in range(3))
    title = title[: index.blocks if titled else 0]
    read = [
        unions,
        index.postings,
        index.at,
        *index.lists,
        first,
        flat,
        index.tables(sorted(dense)),
        matches_itself,
        title_only,
        title,
    ]
    gather(*read)
    in_text, anywhere, in_title = index.truth(wanted)
    assert (numbers(matches_itself), numbers(matches_itself | title_only), numbers(title)) == (
        in_text,
        anywhere,
        in_title if titled else set(),
    )


PARAGRAPHS = st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), min_size=1, max_size=200)
"""Whether each matches, whether it is alive, its length."""


@given(PARAGRAPHS, st.integers(1, 12))
def test_shortest(paragraphs: list[tuple[bool, bool, int]], wanted: int) -> None:
    """A pattern alone is ranked by length, equals in their order, however few of those that match are looked at."""
    lengths, blocks = np.array([length for _, _, length in paragraphs], np.uint8), -(-len(paragraphs) // 64)
    matching = [d for d, (matches, _, _) in enumerate(paragraphs) if matches]
    docs = np.empty(wanted, np.int32)
    n = shortest(bitmap(matching, blocks), lengths, *shortest_halves(lengths, blocks), docs)
    assert docs[:n].tolist() == sorted(matching, key=lambda d: (lengths[d], d))[:wanted]


@given(PARAGRAPHS, st.integers(1, 12), st.integers(1, 70))
def test_shortest_topk(paragraphs: list[tuple[bool, bool, int]], wanted: int, size: int) -> None:
    """All that is said of a pattern alone comes from this one loop: rows, totals, and that nothing stays behind."""
    lengths, blocks = np.array([length for _, _, length in paragraphs], np.uint8), -(-len(paragraphs) // 64)
    docs = range(len(paragraphs))
    found, alive = [d for d in docs if paragraphs[d][0]], [d for d in docs if paragraphs[d][1]]
    first = np.array([*docs[::size], len(docs)], np.uint32)
    matches_itself, title_only, out = (
        bitmap(found, blocks),
        bitmap([*docs[::7]], blocks),
        np.empty((5, wanted), np.int32),
    )
    n, total, articles, fitting = shortest_topk(
        matches_itself, title_only, bitmap(alive, blocks), bitmap((first[1:].astype(np.int64) - 1).tolist(), blocks),
        lengths, *shortest_halves(lengths, blocks), np.arange(len(docs), dtype=np.int32) // size, first, out,
    )  # fmt: skip
    kept = sorted(set(found) & set(alive))
    of = [d // size for d in kept]
    best = sorted(kept, key=lambda d: (lengths[d], d))[:wanted]
    rows = [(d, d // size, d % size + 1, of.count(d // size) - 1, int(lengths[d])) for d in best]
    assert out[:, :n].T.tolist() == [list(row) for row in rows]
    assert (total, articles, fitting) == (len(kept), len(set(of)), len({*found, *docs[::7]}))
    assert not matches_itself.any()
    assert not title_only.any()
