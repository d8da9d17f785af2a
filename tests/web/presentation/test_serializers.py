"""Marked text to HTML."""

from __future__ import annotations

from html import escape, unescape

from hypothesis import given
from hypothesis import strategies as st

from search.model import Marked
from web.presentation.serializers import marked_html


@given(st.data())
def test_all_of_a_text_is_there_and_escaped(data: st.DataObject) -> None:
    """Marking must not lose, repeat or reorder a letter; only marked text stands in marks; `mark` is the one tag."""
    pieces = st.sampled_from(["<mark>", "</mark>", "&lt;", "<script>", *"a<>&\"'é🌒 \x02\x03"])
    text = "".join(data.draw(st.lists(pieces, max_size=40)))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    spans = tuple(zip(cuts[::2], cuts[1::2], strict=False))
    html = marked_html(Marked(text, spans))
    first, *rest = html.split("<mark>")
    inside, outside = zip(*[piece.split("</mark>") for piece in rest], strict=True) if rest else ((), ())
    assert [unescape(piece) for piece in inside] == [text[low:high] for low, high in spans]
    assert unescape(html.replace("<mark>", "").replace("</mark>", "")) == text
    for piece in (first, *inside, *outside):
        assert escape(unescape(piece)) == piece
