"""Marked text to pieces."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.model import Marked
from web.rendering import pieces, snippet


@given(st.data())
def test_pieces_are_the_whole_text(data: st.DataObject) -> None:
    """Marking must not lose, repeat or reorder a letter, and only marked text stands in marks."""
    text = data.draw(st.text("a<>&\"'é🌒 ", max_size=40))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    spans = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    marked = Marked(text, spans)
    assert "".join(piece for piece, _ in pieces(marked)) == text
    assert [piece for piece, hit in pieces(marked) if hit] == [text[low:high] for low, high in spans]
    rest = snippet(marked).replace("<mark>", "").replace("</mark>", "")
    assert "<" not in rest
    assert ">" not in rest
