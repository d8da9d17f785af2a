"""Merging: which segments are chosen, and that a merged segment is the one that its articles would have given."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from search.index.segment.segment_reader import SegmentReader
from search.index.writing.lexicon import SurfaceForm
from search.index.writing.merge import DEAD, SIMILAR, SMALL, MergeCandidate, merge_into, read_dictionary, read_stream
from search.index.writing.merge import select_merges as select
from search.index.writing.segment_builder import A_TOKEN, SegmentBuilder
from search.model import Article, Heading

PLENTY = 1 << 40


def candidate(docs: int, deleted: int = 0) -> MergeCandidate:
    """A segment of so many documents, each of one token, as far as the choice looks at it."""
    file = SimpleNamespace(places={"texts": (0, "<u2", docs), "titles": (0, "<u2", 0)}, map=b"")
    segment = SimpleNamespace(paragraphs=docs, articles=0, n_forms=0, file=file)
    return MergeCandidate(cast("SegmentReader", segment), np.arange(deleted, dtype=np.int32))


def sizes(groups: list[list[MergeCandidate]]) -> list[list[int]]:
    """The documents of each chosen segment."""
    return [sorted(one.segment.paragraphs for one in group) for group in groups]


def test_one_segment_is_left_alone() -> None:
    """An archive that does not change must not be written anew by every run."""
    assert select([], PLENTY) == []
    assert select([candidate(100)], PLENTY) == []


def test_segments_of_similar_size_become_one() -> None:
    """Every search goes through all segments, so many small ones make it slow."""
    assert sizes(select([candidate(300), candidate(100), candidate(150)], PLENTY)) == [[100, 150, 300]]


def test_a_much_larger_segment_stays() -> None:
    """A run that adds one article must not rewrite a million of them."""
    large = SIMILAR * 200 + 1
    assert sizes(select([candidate(large), candidate(100), candidate(100)], PLENTY)) == [[100, 100]]
    assert select([candidate(large), candidate(100)], PLENTY) == []


def test_segments_stay_few_and_documents_are_written_a_few_times() -> None:
    """After a thousand runs a search must not be slower, nor each run take longer than the one before."""
    segments: list[MergeCandidate] = []
    written = 0
    for _ in range(1_000):
        segments.append(candidate(10))
        for group in select(segments, PLENTY):
            docs = sum(one.live for one in group)
            written += docs
            segments = [one for one in segments if one not in group] + [candidate(docs)]
    assert sum(one.live for one in segments) == 10_000
    assert len(segments) <= 8
    assert written <= 10_000 * 10


@pytest.mark.parametrize(
    ("docs", "deleted", "due"),
    [(SMALL - 1, 1, True), (SMALL, 1, False), (10 * SMALL, int(DEAD * 10 * SMALL), True), (SMALL, 0, False)],
)
def test_deletions_are_dropped_where_it_is_cheap_or_many(docs: int, deleted: int, due: bool) -> None:
    """Deleted texts take room and falsify frequencies, but a large segment is not rewritten for one of them."""
    assert bool(select([candidate(docs, deleted)], PLENTY)) == due


def test_groups_keep_to_the_memory() -> None:
    """A merge that needs more memory than it was given is killed, at each run anew."""
    segments = [candidate(docs, 1) for docs in (500, 400, 300, 200, 100)] + [candidate(100), candidate(150)]
    memory = 700 * A_TOKEN
    groups = select(segments, memory)
    assert sorted(docs for group in sizes(groups) for docs in group if docs != 150)[-5:] == [100, 200, 300, 400, 500]
    assert all(sum(one.memory for one in group) <= memory for group in groups)


def test_a_segment_that_takes_too_much_is_written_anew_by_itself() -> None:
    """It took that much when it was written; were it left, its deleted texts would stay for ever."""
    assert sizes(select([candidate(1_000, 1), candidate(10, 1)], 100 * A_TOKEN)) == [[1_000], [10]]


def test_a_segment_is_not_only_copied() -> None:
    """If all other segments of a group are deleted as a whole, a merge would write the same segment again."""
    gone, alive = candidate(50, 50), candidate(100)
    assert select([gone, alive], PLENTY) == [[gone]]


def articles(seed: int) -> list[Article]:
    """Articles in two languages, with compounds, accents, and titles that occur nowhere else."""
    rng = np.random.default_rng(seed)
    words = ["ship", "ships", "sailing", "al-sharaa", "C++", "été", "naïve", "naive", "the", "鯨", "Häuser"]
    made = []
    for number in rng.permutation(40).tolist():
        texts = tuple(" ".join(rng.choice(words, rng.integers(1, 12))) for _ in range(rng.integers(1, 4)))
        title = f"Title {number}" if number % 3 else ""
        made.append(Article(Heading(f"{seed}-{number:02}", title, None, "s", "en" if number % 2 else "de"), texts))
    return made


def written(folder: Path, name: str, builder: SegmentBuilder) -> SegmentReader:
    """The segment of a builder."""
    builder.write(folder, name)
    return SegmentReader(folder / name)


def built(folder: Path, name: str, found: list[Article]) -> SegmentReader:
    """A segment of articles."""
    builder = SegmentBuilder()
    for article in found:
        builder.add(article)
    return written(folder, name, builder)


def streams(segment: SegmentReader) -> list[list[SurfaceForm]]:
    """The forms in each title and each text."""
    forms = read_dictionary(segment).forms()
    rows = [read_stream(segment, name) for name in ("titles", "texts")]
    return [[forms[f] for f in row.tolist()] for of in rows for row in np.split(of.stream, of.first[1:-1])]


def test_a_merged_segment_is_the_one_of_its_live_articles(tmp_path: Path) -> None:
    """Whether articles came in one run or in many must not change what is found, nor how it is ranked."""
    merged, live = SegmentBuilder(), []
    for seed in (1, 2):
        found = articles(seed)
        segment = built(tmp_path, f"{seed}", found)
        deleted = {f"{seed}-{number:02}" for number in range(5 * seed, 5 * seed + 9)}
        dead = [np.arange(*segment.span(segment.find_article(name)), dtype=np.int32) for name in sorted(deleted)]
        merge_into(merged, MergeCandidate(segment, np.concatenate(dead)))
        live += [article for article in found if article.heading.id not in deleted]
    one, fresh = written(tmp_path, "merged", merged), built(tmp_path, "fresh", live)
    assert streams(one) == streams(fresh)
    by_form = {"titles", "texts", "word_entry", "entry_stems", "entry_stem_counts", "forms", "form_sizes", "form_large"}
    by_form |= {"titles_units", "texts_units", "marker_widths", "marker_via"}  # forms of one frequency may swap ids
    for name in fresh.file.places.keys() - by_form:
        assert np.array_equal(one.column(name), fresh.column(name)), name
    for number in range(fresh.articles):
        assert one.heading(number) == fresh.heading(number)
        assert one.texts(number) == fresh.texts(number)


def test_nothing_of_deleted_texts_stays(tmp_path: Path) -> None:
    """What was deleted may have been deleted because nobody must read it."""
    secret = Article(Heading("9", "", None, "s", "en"), ("dublooned treasure",))
    segment = built(tmp_path, "a", [*articles(1), secret])
    builder = SegmentBuilder()
    dead: Any = np.arange(*segment.span(segment.find_article("9")), dtype=np.int32)
    merge_into(builder, MergeCandidate(segment, dead))
    merged = written(tmp_path, "b", builder)
    assert merged.strings("word").find("dublooned") < 0 <= segment.strings("word").find("dublooned")
    assert merged.find_article("9") < 0
