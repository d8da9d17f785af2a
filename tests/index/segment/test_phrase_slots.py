"""Which forms fill the slots of phrases in a segment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from search.index.segment.phrase_slots import PhraseSlots, ResolvedSlot, lead_units_of
from search.index.segment.segment_reader import SegmentReader
from search.kernels.core.token_stream import FORM_LEAD, MARKER_LEAD
from search.kernels.phrase.nextword import ALL_FORMS, ANY_FORM, MAIN_FORM
from search.query.tree import Slot
from tests.index.segments import article, index

ARTICLES = (
    article("a", "House house house, houses houses, housing.", "A well-known man.", title="Old houses"),
    article("b", "Well known is the house.", title="Housing"),
    article("c", "Nothing.", title="The house and the houses"),
)


@pytest.fixture(scope="module")
def segment(tmp_path_factory: pytest.TempPathFactory) -> SegmentReader:
    """A segment with one stem that is three words, and a compound."""
    folder: Path = tmp_path_factory.mktemp("index")
    return index(folder, ARTICLES).views[0].segment


def quoted(word: str, width: int = 1) -> Slot:
    """The slot of a word in quotes, of a stem that no test here asks for but `hous`."""
    return Slot((word,), ("hous",), width)


def words(segment: SegmentReader, slot: ResolvedSlot) -> list[str]:
    """The words that fill a slot, ascending."""
    return sorted(segment.strings("word").text(segment.word_of_form[form_id]) for form_id in slot.form_ids)


def test_a_quoted_word_is_that_word_alone(segment: SegmentReader) -> None:
    """Who quotes *houses* wants no *housing*: quotes are what tells words of one stem apart."""
    assert words(segment, segment.derived(PhraseSlots).resolve(quoted("houses"))) == ["houses"]


def test_a_stemmed_slot_is_every_word_of_the_stem(segment: SegmentReader) -> None:
    """NEAR without quotes finds what the words find by themselves."""
    resolved = segment.derived(PhraseSlots).resolve(Slot(("hous",), ("hous",), stemmed=True))
    assert words(segment, resolved) == ["house", "houses", "housing"]
    assert resolved.form_ids == sorted(resolved.form_ids)


@pytest.mark.parametrize(
    ("slot", "form_set"),
    [
        (quoted("house"), MAIN_FORM),
        (quoted("houses"), ANY_FORM),
        (Slot(("hous",), ("hous",), stemmed=True), ALL_FORMS),
        (Slot(("house", "houses"), ("hous",)), ANY_FORM),
    ],
)
def test_which_forms_of_its_term_a_slot_takes(segment: SegmentReader, slot: Slot, form_set: int) -> None:
    """Neighbours say whether a text has the main form only; a wrong answer here is a phrase that is not there."""
    resolved = segment.derived(PhraseSlots).resolve(slot)
    assert (resolved.term_id, resolved.form_set) == (segment.strings("stem").find("hous"), form_set)


def test_a_compound_takes_the_positions_of_its_parts(segment: SegmentReader) -> None:
    """*well-known* in quotes is one slot, two positions wide, and has no term whose neighbours could be checked."""
    slots = segment.derived(PhraseSlots)
    compound = slots.resolve(Slot(("well-known",), ("well", "known"), 2))
    assert words(segment, compound) == ["well-known"]
    assert (compound.width, compound.term_id) == (2, -1)
    assert compound.form_ids[0] >= segment.first_marker
    assert compound.lead_units == [MARKER_LEAD]
    assert slots.resolve(Slot(("well-known",), ("well", "known"), 1)).form_ids == []


def test_a_word_that_is_not_there_fills_nothing(segment: SegmentReader) -> None:
    """A matcher takes the first of the forms: it must be told that there is none."""
    resolved = segment.derived(PhraseSlots).resolve(Slot(("whale",), ("whale",)))
    assert (resolved.form_ids, resolved.term_ids, resolved.term_id) == ([], (), -1)
    assert len(resolved.title_articles) == 0


def test_titles_are_found_by_the_forms_they_have(segment: SegmentReader) -> None:
    """Titles are only read where the index of titles says so: one that it misses is never found."""
    slots = segment.derived(PhraseSlots)
    assert slots.resolve(quoted("houses")).title_articles.tolist() == [0, 2]
    assert slots.resolve(quoted("house")).title_articles.tolist() == [2]
    assert slots.resolve(Slot(("hous",), ("hous",), stemmed=True)).title_articles.tolist() == [0, 1, 2]
    assert len(slots.resolve(Slot(("well-known",), ("well", "known"), 2)).title_articles) == 0


def test_lead_units_are_distinct_and_ascend() -> None:
    """Texts are searched for lead units first: one too few, and a word is never seen."""
    first_marker = FORM_LEAD + 10_000
    forms = [
        3,
        FORM_LEAD - 1,
        FORM_LEAD,
        FORM_LEAD + 1,
        FORM_LEAD + 4096,
        first_marker,
        first_marker + 4095,
        first_marker + 4096,
    ]
    expected = [3, FORM_LEAD - 1, FORM_LEAD, FORM_LEAD + 1, MARKER_LEAD, MARKER_LEAD + 1]
    assert lead_units_of(np.array(forms, np.int32), first_marker) == expected
