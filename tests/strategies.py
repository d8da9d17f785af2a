"""Texts drawn at random: of any characters, and of those that are known to make trouble."""

from __future__ import annotations

from hypothesis import strategies as st

TRICKY = (
    *("a", "b", "cat", "Dogs", "requesting", "é", "e\u0301", "İstanbul", "ß", "ſ", "ﬁ", "½", "²", "⒈", "ﷺ", "𝐀"),
    *("中国", "日本語", "ภาษา", "한국어", "हिन्दी", "मी", "والسلام", "\u0640", "Ь", "שָׁלוֹם", "😀", "👩\u200d👧", "🏴"),
    *("'", "’", "'s", "’S", ".", "-", "--", "&", "+", "++", "#", "_", "/", ":", "~", "*", "?", ",", "!", "…", "·"),
    *(" ", " ", " ", "\u00a0", "\u2003", "\t", "\n", "\r\n", "\x1c", "\x00", "\x85"),
    *("\u00ad", "\u200b", "\u200d", "\u200f", "\u202e", "\ufeff", "\u0301", "\u0345", "\u20dd", "\ud800", "\U0010ffff"),
)
"""Letters of many scripts, what joins and ends words, spaces, what cannot be seen, what should not be there."""

texts = st.text(max_size=80) | st.lists(st.sampled_from(TRICKY), max_size=30).map("".join)
"""Any text."""

words = st.text(st.characters(categories=("L", "N", "M")), min_size=1, max_size=12) | st.sampled_from(
    [piece for piece in TRICKY if piece.isalnum()]
)
"""One word, mostly; a mark at its beginning is not part of it."""

sentences = st.lists(st.sampled_from((*TRICKY, "ab", "a-b", "U.S.", "C++")), max_size=40).map(" ".join)
"""Many short words in a row, of which some are the same."""
