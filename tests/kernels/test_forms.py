"""Words as written are found by stems and lists of lesser words as they are in the texts themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from search.engines.whoosh.arrays import Rows, starts
from search.engines.whoosh.forms import forms_of, roles
from search.engines.whoosh.layout import postings_of
from search.kernels.choosing import divide, shortest
from search.kernels.patterns import add_chiefs, add_dense_chief, add_dense_forms, add_forms, add_stems
from search.kernels.postings import IN_TITLE, OWN, decode

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
        self.roles = roles(self.stems.stream, self.stems.first, MARKER_VIA, 5)
        found = postings_of(self.titles, self.bodies, self.stems, self.article_of)
        self.postings = found["postings"]
        at = found["postings_at"]
        self.at = np.concatenate([at, np.full(6 - len(at), at[-1], np.uint32)])
        lists = forms_of(self.titles, self.bodies, self.stems, self.roles, self.article_of)
        self.lists = lists["forms"], starts(lists["form_sizes"])
        self.paragraphs = len(self.article_of)
        self.blocks = -(-self.paragraphs // 64)

    def truth(self, wanted: set[int]) -> tuple[set[int], set[int], set[int]]:
        """Where a wanted entry stands in the text of its own, in text or title, in the title."""
        text, title = (
            [bool(wanted & set(r.stream[a:b].tolist())) for a, b in zip(r.first[:-1], r.first[1:], strict=True)]
            for r in (self.bodies, self.titles)
        )
        lent = {d for d in range(self.paragraphs) if title[self.article_of[d]]}
        first = {d for d in lent if d == 0 or self.article_of[d - 1] != self.article_of[d]}
        own = {d for d in range(self.paragraphs) if text[d]} | first
        return own, own | lent, lent

    def flagged(self, stem: int, flag: int) -> Array:
        """The bitmap of a stem."""
        n = self.paragraphs
        docs, payloads = np.empty(n, np.int32), np.empty(n, np.uint8)
        n = decode(self.postings, int(self.at[stem]), int(self.at[stem + 1]), docs, payloads)
        return bitmap(docs[:n][payloads[:n] & flag > 0].tolist(), self.blocks)


def bitmap(docs: list[int], blocks: int) -> Array:
    bits = np.zeros(blocks * 64, bool)
    bits[docs] = True
    return np.packbits(bits, bitorder="little").view(np.uint64)


def numbers(bits: Array) -> set[int]:
    return set(np.flatnonzero(np.unpackbits(bits.view(np.uint8), bitorder="little")).tolist())


@given(ARTICLES, st.sets(st.sampled_from(range(len(STEMS)))), st.sampled_from(["dense", "sparse"]))
def test_words_stand_where_the_texts_have_them(
    articles: list[tuple[list[int], list[list[int]]]], wanted: set[int], tables: str
) -> None:
    """Patterns read no texts: what their lists do not say is lost, and what they say wrongly is shown."""
    index = Index(articles)
    known, entries = index.roles, np.array(sorted(wanted), np.int32)
    words = np.bincount(index.stems.stream, minlength=5).astype(np.int32)
    whole, chiefs, lesser = (np.empty(len(entries), np.int32) for _ in range(3))
    a, b, c = divide(
        entries, known.via, known.stemmed, known.listed, words, np.zeros(5, np.int32), whole, chiefs, lesser
    )
    own, lent, title = (np.zeros(index.blocks, np.uint64) for _ in range(3))
    others = [np.flatnonzero(known.listed & known.stemmed & (known.via == s)).astype(np.int32) for s in range(5)]
    most, postings = index.paragraphs, (index.postings, index.at)
    if tables == "dense":
        for stem in [*whole[:a].tolist(), *chiefs[:b].tolist()]:
            none = np.zeros(0, np.int32) if stem in whole[:a] else others[stem]
            bits = index.flagged(stem, 255), index.flagged(stem, OWN), index.flagged(stem, IN_TITLE)
            add_dense_chief(none, *bits, *index.lists, own, lent, title)
        for entry in lesser[:c]:
            ranked = index.flagged(known.via[entry], 255)
            add_dense_forms(np.array([entry], np.int32), ranked, *index.lists, own, lent, title)
    else:
        add_stems(whole[:a], most, *postings, own, lent, title)
        first, flat = starts(np.array([len(some) for some in others])).astype(np.int32), np.concatenate(others)
        add_chiefs(chiefs[:b], most, *postings, *index.lists, first, flat, own, lent, title)
        add_forms(lesser[:c], known.via[lesser[:c]], most, *postings, *index.lists, own, lent, title)
    assert (numbers(own), numbers(own | lent), numbers(title)) == index.truth(wanted)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9)), min_size=1, max_size=200), st.integers(1, 12))
def test_shortest(paragraphs: list[tuple[bool, int]], wanted: int) -> None:
    """A pattern alone is ranked by length, equals in their order, whichever way they are looked for."""
    lengths = np.array([length for _, length in paragraphs], np.uint8)
    matching = [d for d, (matches, _) in enumerate(paragraphs) if matches]
    docs = np.empty(wanted, np.int32)
    by_length = np.argsort(lengths, kind="stable").astype(np.int32)
    n = shortest(bitmap(matching, -(-len(paragraphs) // 64)), len(matching), lengths, by_length, docs)
    assert docs[:n].tolist() == sorted(matching, key=lambda d: (lengths[d], d))[:wanted]
