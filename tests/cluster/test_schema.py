"""What is sent to a cluster: terms that it cannot take apart otherwise than they were put together."""

from __future__ import annotations

import re
from base64 import b64decode
from bisect import bisect_right
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from search.analysis.sentences import sentence_starts
from search.analysis.tokenizer import LANGUAGES, fold, stems, tokenize
from search.cluster.schema import (
    COUNT,
    HOLE,
    SAME,
    SENTENCE_END,
    SENTENCE_START,
    WIDTH,
    article_document,
    documents,
    text_terms,
)
from search.copies import signature
from search.ranking import TITLE
from tests.contract.archives.archive_strategies import WORDS
from tests.contract.engines import article

texts = st.text(max_size=40) | st.lists(st.sampled_from([*WORDS, ".", "! A", "。"]), max_size=12).map(" ".join)
languages = st.sampled_from([*LANGUAGES, "zh"])
SEPARATORS = re.compile(f"[\\s\x1c-\x1f{re.escape(SAME + HOLE + WIDTH + COUNT)}]")
"""What Java takes for white space, and what stands between terms."""


@given(texts, languages)
def test_no_term_has_a_separator(text: str, lang: str) -> None:
    """A word with a separator in it would become two words in the cluster, and shift all that come after it."""
    for token in tokenize(text):
        for term in (fold(token.written), *stems(token, lang)):
            assert term
            assert not SEPARATORS.search(term)


@given(texts, languages)
def test_terms_stand_where_tokens_do(text: str, lang: str) -> None:
    """Positions are what phrases and lengths are made of: each has terms, those of the tokens that cover it."""
    found = text_terms(text, lang)
    tokens = tokenize(text)
    assert len(found.positions) == max((t.position + t.width for t in tokens), default=0)
    for at, terms in enumerate(found.positions):
        covering = [t for t in tokens if t.position <= at < t.position + t.width]
        wanted = [term for t in covering for term in (f"={fold(t.written)}", *(f"~{s}" for s in stems(t, lang)))]
        words = [term for term in terms.split(SAME) if term[0] in "=~"]
        assert [term.partition(WIDTH)[0] for term in words] == wanted
    assert found.stems.total() == sum(len(stems(t, lang)) for t in tokens)


@given(texts, languages)
def test_sentences_are_marked_where_they_begin(text: str, lang: str) -> None:
    """What stands in one sentence is told by these marks and nothing else; one of a single position must have none."""
    found = [set(terms.split(SAME)) for terms in text_terms(text, lang).positions]
    starts = sentence_starts(text)
    sentences = {t.position: bisect_right(starts, t.start) for t in tokenize(text)}
    several = {number for number, count in Counter(sentences.values()).items() if count > 1}
    first = {number: min(at for at, n in sentences.items() if n == number) for number in several}
    last = {number: max(at for at, n in sentences.items() if n == number) for number in several}
    assert {at for at, terms in enumerate(found) if SENTENCE_START in terms} == {*first.values()}
    assert {at for at, terms in enumerate(found) if SENTENCE_END in terms} == {*last.values()}


@given(st.lists(texts, min_size=2, max_size=4), languages)
def test_signatures_are_those_of_the_definition(parts: list[str], lang: str) -> None:
    """A cluster that signs articles otherwise would link others than the embedded engine does."""
    title, *paragraphs = parts
    words = [token for text in parts for token in tokenize(text) if not token.kind.is_whole]
    shingles, *slots = b64decode(article_document(article("a", *paragraphs, title=title, lang=lang), 7)["signature"])
    assert (shingles, tuple(slots)) == signature([stems(token, lang)[-1] for token in words])


def test_a_title_counts_as_defined() -> None:
    """It lends its words to every paragraph's score, and is matched by the first one alone."""
    first, second = documents(article("a", "A moon.", "A ship, a ship.", title="Ships"), 7)
    assert f"ship{COUNT}{TITLE}" in first["score"]
    assert f"ship{COUNT}{2 + TITLE}" in second["score"]
    assert "ship" in first["matches"]
    assert [second["matches"].count("ship"), "ships" in second["matches_word"]] == [1, False]
    assert first["in_title"] == second["in_title"] == [f"ship{COUNT}1"]
    assert {first["serial"], second["serial"]} == {7}
