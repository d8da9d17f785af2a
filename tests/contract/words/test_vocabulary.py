"""Every engine knows its words, and counts what they and whole queries find, as a count over the texts does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from search.budget import QueryBudget
from search.engine import Engine, Search, Snapshot
from search.model import WordCount
from search.query.parser import parse
from search.query.tree import Source
from tests.contract.archives.archive_strategies import Run, archives
from tests.contract.engines import article, run
from tests.oracle import Oracle

ALL_OF_THEM = 1_000
TITLED = [article("a", "cats ran", "a cat ran", title="Cat"), article("b", "a cat-like dog", "dogs", title="Pets")]


def test_words_are_counted_in_texts_and_titles(library: Snapshot) -> None:
    """What is offered has to stand somewhere, and what stands in more paragraphs is offered first."""
    words = ["pilots", "pilot", "al-sharaa", "c++", "strasse", "gone", "support"]
    assert library.vocabulary.counts(words) == [5, 1, 3, 2, 1, 0, 2]


def test_similar_words_are_those_within_some_edits(library: Snapshot) -> None:
    """A correction is a word of the archive, the most frequent first; the word itself is among them if it is there."""
    vocabulary = library.vocabulary
    assert vocabulary.similar("pilot", 1, 9) == [WordCount("pilots", 5), WordCount("pilot", 1)]
    assert vocabulary.similar("pilosts", 1, 9) == [WordCount("pilots", 5)]
    assert vocabulary.similar("miltiray", 1, 9) == []
    assert vocabulary.similar("miltiray", 2, 9) == [WordCount("military", 2)]
    assert vocabulary.similar("pilot", 1, 1) == [WordCount("pilots", 5)]


def test_completions_are_words_that_begin_so(library: Snapshot) -> None:
    """Compounds too: whoever types `al-` wants the name."""
    assert library.vocabulary.beginning_with("pil", 9) == [
        WordCount("pilots", 5),
        WordCount("pilot", 1),
        WordCount("pilotinnen", 1),
    ]
    assert library.vocabulary.beginning_with("al-", 9) == [WordCount("al-sharaa", 3)]
    assert library.vocabulary.beginning_with("xyz", 9) == []
    assert library.vocabulary.beginning_with("pi?o", 9) == library.vocabulary.beginning_with("p*", 9) == []


def test_words_after_a_word(library: Snapshot) -> None:
    """`military su` goes on as the archive does, whatever the inflection of the word before."""
    vocabulary = library.vocabulary
    assert vocabulary.words_after(["militari"], "", 9) == [
        WordCount("aid", 1),
        WordCount("does", 1),
        WordCount("support", 1),
    ]
    assert vocabulary.words_after(["militari"], "su", 9) == [WordCount("support", 1)]
    assert vocabulary.words_after(["c++"], "", 9) == [WordCount("on", 1)]
    assert vocabulary.words_after(["ship"], "", 1) == [WordCount("moved", 4)]
    assert vocabulary.words_after(["nowhere", "the"], "f-", 9) == [WordCount("f-16", 1)]


QUERIES = [
    "",
    "ship",
    "pilots",
    "military support",
    '"no ship"',
    "-ship",
    "sup*",
    "zebra",
    "ship OR grün",
    "source:south",
]


def test_counts_are_the_totals_of_searches(library: Snapshot) -> None:
    """An offer that says 12 and finds 11 is a lie, whatever else the search asks for."""
    languages = tuple(library.statistics().languages)
    trees = [parse(q, languages=languages).tree for q in QUERIES] + [Source("south")]
    totals = library.count([Search(tree, 5, 3, "date", "article", ("year",)) for tree in trees], QueryBudget())
    assert totals == [library.search(Search(tree)).total for tree in trees]
    assert library.count([], QueryBudget()) == []


words = st.text("ab", min_size=1, max_size=3) | st.sampled_from(["moved", "mvoed", "ships", "ver"])


@given(archives(), st.lists(words, min_size=1, max_size=6))
def test_knows_the_words_that_the_oracle_knows(
    on_disk: Callable[[Path], Engine], runs: list[Run], asked: list[str]
) -> None:
    """Whatever the archive. Counts may be higher where a word is there with and without accents, never lower."""
    oracle = Oracle()
    with TemporaryDirectory() as folder:
        engine = on_disk(Path(folder))
        for step in runs:
            for each in (engine, oracle):
                run(each, step.articles, gone=step.gone, anew=step.anew)
        found, expected = engine.snapshot().vocabulary, oracle.snapshot().vocabulary
        for word in asked:
            for ours, theirs in (
                (found.similar(word, 1, ALL_OF_THEM), expected.similar(word, 1, ALL_OF_THEM)),
                (found.similar(word, 2, ALL_OF_THEM), expected.similar(word, 2, ALL_OF_THEM)),
                (found.beginning_with(word, ALL_OF_THEM), expected.beginning_with(word, ALL_OF_THEM)),
            ):
                counts = dict(theirs)
                assert {one.word for one in ours} >= set(counts)
                assert all(one.paragraphs >= counts.get(one.word, 0) for one in ours)
                assert ours == sorted(ours, key=lambda one: (-one.paragraphs, one.word))
        engine.close()


def test_the_most_frequent_form_is_counted_exactly(on_disk: Callable[[Path], Engine], tmp_path: Path) -> None:
    """It has no list of its own: what it has is what its stem has without the paragraphs of other forms alone."""
    engine, oracle = on_disk(tmp_path), Oracle()
    for each in (engine, oracle):
        run(each, TITLED)
    asked = ["cat", "cats", "ran", "dog", "dogs", "cat-like", "like", "pets", "a"]
    assert engine.snapshot().vocabulary.counts(asked) == oracle.snapshot().vocabulary.counts(asked)
    engine.close()
