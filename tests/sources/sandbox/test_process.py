"""The table of heavy readers."""

from __future__ import annotations

import pytest

from search.sources.registry import HEAVY
from search.sources.sandbox.process import HEAVY_READERS, load_reader


def test_every_heavy_ending_has_a_reader() -> None:
    """An ending without one would be found, opened and then break the process for each of its files."""
    assert set(HEAVY.values()) == HEAVY_READERS.keys()
    assert [load_reader(kind).__name__ for kind in HEAVY_READERS] == [name for _, name in HEAVY_READERS.values()]


def test_an_unknown_kind_has_no_reader() -> None:
    """Reading it with the reader of another format would say that the file is damaged."""
    with pytest.raises(KeyError):
        load_reader("rtf")
