"""Token streams are read as they were written."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.kernels.core import token_stream
from search.kernels.core.token_stream import FORM_LEAD, MARKER_LEAD, MAX_PAIRS, decode_stream, encode_stream


@given(st.data(), st.sampled_from([1, 50, FORM_LEAD - 1, FORM_LEAD, FORM_LEAD + 1, FORM_LEAD + 5000, MAX_PAIRS]))
def test_streams_come_back(data: st.DataObject, first_marker: int) -> None:
    """Frequent words, rare ones and markers of compounds keep apart on both sides of each border."""
    near = (
        st.integers(0, min(first_marker, 3) - 1)
        | st.integers(max(0, first_marker - 3), first_marker + 5)
        | st.integers(0, first_marker + 9_000)
    )
    texts = data.draw(st.lists(st.lists(near, max_size=30), min_size=1, max_size=4))
    stream = np.array([form_id for text in texts for form_id in text], np.int32)
    first = np.concatenate([[0], np.cumsum([len(text) for text in texts])]).astype(np.int64)
    units, at = np.empty(2 * len(stream) + 1, np.uint16), np.empty(len(first), np.int64)
    encode_stream(stream, first, first_marker, units, at)
    for t, text in enumerate(texts):
        form_ids = np.empty(len(text), np.int32)
        assert decode_stream(units, at[t], at[t + 1], first_marker, form_ids) == len(text)
        assert form_ids.tolist() == text
        leads = [u for u in units[at[t] : at[t + 1]].tolist() if MARKER_LEAD <= u < 0xF000]
        assert len(leads) == sum(form_id >= first_marker for form_id in text)
    assert token_stream.count_positions(stream, first, first_marker).tolist() == [
        sum(e < first_marker for e in text) for text in texts
    ]
