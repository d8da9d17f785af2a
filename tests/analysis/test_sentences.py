"""Where sentences begin."""

from __future__ import annotations

import pytest
from hypothesis import given

from search.analysis.sentences import sentence_starts
from tests.strategies import texts
from tests.timeouts import in_proportion

SENTENCES = (
    "One. |Two! |Three? |Four",
    "Mr. Ford met Gen. Grant on Feb. 3. |They spoke.",
    "The U.S. Army and J. Smith. |So did 2.5 others...  |Then",
    "He said “no.” |“Why?” |(Nobody knew.) |End",
    "He came at 5 p.m. yesterday. and left",
    "« Oui\u00a0!\u00a0» |Il part.",
    "第一句。|第二句！|第三句",
    "السؤال؟ |الجواب۔ |نعم",
    "No end here, e.g. of this",
)


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences(text: str) -> None:
    """People read sentences, not full stops."""
    parts = text.split("|")
    starts = [sum(map(len, parts[:n])) for n in range(1, len(parts))]
    assert sentence_starts("".join(parts)) == starts


@given(texts)
def test_sentences_begin_within_the_text(text: str) -> None:
    """Whatever the text is, its sentences ascend, and none is empty."""
    starts = sentence_starts(text)
    assert starts == sorted(set(starts))
    assert all(0 < start < len(text) and not text[start].isspace() for start in starts)


@pytest.mark.parametrize("piece", [".", ". ", ".'", ". a", "。", "! ", "A. ", ".\u00a0'"])
def test_no_text_takes_long(piece: str) -> None:
    """A paragraph of nothing but marks must not hold up the server."""
    with in_proportion():
        sentence_starts(piece * (10_000 // len(piece)))
