"""Variable-byte lists of postings are read as they were written."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.kernels.core.postings_codec import decode
from tests.kernels.helpers import PAYLOADS, encode_posting, posting_size

DOCS = st.sets(st.integers(0, 200) | st.integers(0, 1 << 30), max_size=80).map(sorted)


@given(st.lists(DOCS, min_size=1, max_size=4), st.data())
def test_postings_come_back(lists: list[list[int]], data: st.DataObject) -> None:
    """A posting that changes on the way to disk is a wrong answer nobody sees."""
    wanted = [np.array([data.draw(PAYLOADS) for _ in docs], np.uint8) for docs in lists]
    at = [0]
    for docs, payloads in zip(lists, wanted, strict=True):
        distances = np.diff(docs, prepend=-1).tolist()
        at.append(at[-1] + sum(posting_size(d, p) for d, p in zip(distances, payloads, strict=True)))
    blob = np.full(at[-1] + 1, 0xAA, np.uint8)
    for s, (docs, payloads) in enumerate(zip(lists, wanted, strict=True)):
        n, before = at[s], -1
        for doc, payload in zip(docs, payloads, strict=True):
            n = encode_posting(blob, n, doc - before, payload)
            before = doc
        assert n == at[s + 1]
        found, kept = np.empty(len(docs), np.int32), np.empty(len(docs), np.uint8)
        assert decode(blob, at[s], at[s + 1], found, kept) == len(docs)
        assert found.tolist() == docs
        assert kept.tolist() == payloads.tolist()
    assert blob[-1] == 0xAA
