"""Signatures and groups of copies are those of `search.copies`, whose loops work on arrays."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.copies import BANDS, SHORT, SLOTS, Signature, copy_groups, signature
from search.index.storage.column_file import Array, starts
from search.kernels.terms.minhash import find_mains, group_copies, hash_stems, sign_articles

STEMS = ["a", "de:haus", "und:北", "x" * 300, "0", "\ud800", ""]
"""The last stem of each form that is a word; higher forms are markers."""
MARKER = len(STEMS)
row = st.lists(st.integers(0, MARKER), max_size=SHORT + 9)


@given(st.lists(st.tuples(row, st.lists(row, min_size=1, max_size=3)), min_size=1, max_size=4))
def test_signatures_are_those_of_the_definition(articles: list[tuple[list[int], list[list[int]]]]) -> None:
    """An engine that signs articles otherwise would link others."""
    titles, texts = [title for title, _ in articles], [text for _, texts in articles for text in texts]
    encoded = [stem.encode("utf-8", "surrogatepass") for stem in STEMS]
    hashes = np.empty(len(STEMS), np.uint64)
    hash_stems(np.frombuffer(b"".join(encoded), np.uint8), starts(np.array([*map(len, encoded)])), hashes)
    sizes = np.array([len(texts) for _, texts in articles])
    slots, shingles = np.zeros((len(articles) + 1, SLOTS), np.uint8), np.full(len(articles) + 1, 77, np.uint8)
    most = max(len(title) + sum(map(len, texts)) for title, texts in articles)
    sign_articles(*rows(titles), *rows(texts), starts(sizes), hashes, most, slots[:-1], shingles[:-1])
    assert shingles[-1] == 77
    assert not slots[-1].any()
    for (title, texts), made, n in zip(articles, slots, shingles, strict=False):
        stems = [STEMS[form] for form in itertools.chain(title, *texts) if form != MARKER]
        assert Signature(int(n), tuple(made.tolist())) == signature(stems)


def rows(lists: list[list[int]]) -> tuple[Array, Array]:
    return np.array([*itertools.chain(*lists)], np.int32), starts(np.array([*map(len, lists)], np.int64))


@st.composite
def signatures(draw: st.DrawFn) -> list[Signature]:
    """Signatures made from few others by changing some slots, about as many as decide."""
    seeds = [[(seed * 77 + slot) % 256 for slot in range(SLOTS)] for seed in range(draw(st.integers(1, 3)))]
    made = []
    for _ in range(draw(st.integers(1, 14))):
        slots = list(draw(st.sampled_from(seeds)))
        for slot in draw(st.permutations(range(SLOTS)))[: draw(st.sampled_from([0, 1, 9, 10, 18, 19, 20, 21, 60]))]:
            slots[slot] = draw(st.integers(0, 2))
        shingles = draw(st.sampled_from([SHORT, SHORT, SHORT, SHORT - 1, 1, 0]))
        made.append(Signature(shingles, tuple(slots) if shingles else (0,) * SLOTS))
    return made


@given(signatures(), st.sampled_from([1, 2, 64]), st.sampled_from([0, 5, 9]))
def test_groups_are_those_of_the_definition(made: list[Signature], max_mains: int, bits: int) -> None:
    """Copies that the loop links otherwise would be folded in one engine and shown in another."""
    slots = np.array([one.slots for one in made], np.uint8)
    shingles = np.array([one.shingles for one in made], np.uint8)
    mains = np.empty(len(made), np.int32)
    find_mains(
        slots, shingles, max_mains, np.full(1 << bits, -1, np.int32), np.empty(len(made) * BANDS, np.int32), mains
    )
    groups: dict[int, list[int]] = {}
    for article, main in enumerate(mains.tolist()):
        groups.setdefault(main, []).append(article)
    assert [group for group in groups.values() if len(group) > 1] == copy_groups(made, max_mains)
    sizes, members = group_copies(slots, shingles, max_mains)
    listed = [part.tolist() for part in np.split(members, np.cumsum(sizes))]
    assert listed == [*copy_groups(made, max_mains), []]
