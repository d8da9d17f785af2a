"""What is written is what is read: postings and streams."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.kernels.postings import IN_TITLE, OWN, decode, encode
from search.kernels.streams import MARKER, MOST, RARE, decode_stream, encode_stream, positions

DOCS = st.sets(st.integers(0, 200) | st.integers(0, 1 << 30), max_size=80).map(sorted)
PAYLOADS = st.builds(
    lambda tf, own, title: tf | own * OWN | title * IN_TITLE, st.integers(1, 63), st.booleans(), st.booleans()
)


@given(st.lists(DOCS, min_size=1, max_size=4), st.data())
def test_postings_come_back(lists: list[list[int]], data: st.DataObject) -> None:
    """A posting that changes on the way to disk is a wrong answer nobody sees."""
    docs = np.array([doc for docs in lists for doc in docs], np.int32)
    payloads = np.array([data.draw(PAYLOADS) for _ in docs], np.uint8)
    first = np.concatenate([[0], np.cumsum([len(docs) for docs in lists])]).astype(np.int64)
    blob, at = np.empty(6 * len(docs) + 1, np.uint8), np.empty(len(first), np.int64)
    used = encode(docs, payloads, first, blob, at)
    assert at[-1] == used
    for s, wanted in enumerate(lists):
        found, kept = np.empty(len(wanted), np.int32), np.empty(len(wanted), np.uint8)
        assert decode(blob, at[s], at[s + 1], found, kept) == len(wanted)
        assert found.tolist() == wanted
        assert kept.tolist() == payloads[first[s] : first[s + 1]].tolist()


@given(st.data(), st.sampled_from([1, 50, RARE - 1, RARE, RARE + 1, RARE + 5000, MOST]))
def test_streams_come_back(data: st.DataObject, plain: int) -> None:
    """Frequent words, rare ones and markers of compounds keep apart on both sides of each border."""
    near = st.integers(0, min(plain, 3) - 1) | st.integers(max(0, plain - 3), plain + 5) | st.integers(0, plain + 9_000)
    texts = data.draw(st.lists(st.lists(near, max_size=30), min_size=1, max_size=4))
    stream = np.array([entry for text in texts for entry in text], np.int32)
    first = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    units, at = np.empty(2 * len(stream) + 1, np.uint16), np.empty(len(first), np.int64)
    encode_stream(stream, first, plain, units, at)
    for t, text in enumerate(texts):
        entries = np.empty(len(text), np.int32)
        assert decode_stream(units, at[t], at[t + 1], plain, entries) == len(text)
        assert entries.tolist() == text
        leads = [u for u in units[at[t] : at[t + 1]].tolist() if MARKER <= u < 0xF000]
        assert len(leads) == sum(entry >= plain for entry in text)
    assert positions(stream, first, plain).tolist() == [sum(e < plain for e in text) for text in texts]
