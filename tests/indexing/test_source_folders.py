"""reindex() with several sources: their ids, and that each run touches only those it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.engine import open_engine
from search.errors import RequestError, SourceError
from search.settings import Settings
from tests.indexing.test_reindex import counts, run, texts, write
from tests.oracle import Oracle


def test_several_sources_have_their_name_in_their_ids(tmp_path: Path) -> None:
    """Two folders may hold files of one name."""
    engine = Oracle()
    run(engine, write(tmp_path / "north", a="One."), write(tmp_path / "south", a="Two."))
    assert texts(engine) == {"north/a.txt": "One.", "south/a.txt": "Two."}


def test_a_run_touches_only_the_sources_that_it_was_given(tmp_path: Path) -> None:
    """`reindex A` must not forget B, nor look at it."""
    north, south = write(tmp_path / "north", a="One."), write(tmp_path / "south", a="Two.")
    engine = Oracle()
    run(engine, north, south)
    write(north, a="Uno.")
    write(south, a="Due.")
    assert counts(run(engine, north)) == (0, 1, 0, 0)
    assert texts(engine) == {"north/a.txt": "Uno.", "south/a.txt": "Two."}
    assert sorted(engine.snapshot().ledger().roots) == ["north", "south"]
    assert len(engine.snapshot().ledger().entries) == 2


def test_an_id_stays_when_a_second_source_comes(tmp_path: Path) -> None:
    """Links to the articles of the first one go on working."""
    engine = Oracle()
    north = write(tmp_path / "north", a="One.")
    run(engine, north)
    assert counts(run(engine, north, write(tmp_path / "south", a="Two."))) == (1, 0, 0, 1)
    assert texts(engine) == {"a.txt": "One.", "south/a.txt": "Two."}


def test_full_builds_all_remembered_sources_that_are_still_there(tmp_path: Path) -> None:
    """A new index without the other sources would look complete and not be."""
    north, south = write(tmp_path / "north", a="One."), write(tmp_path / "south", a="Two.")
    engine = Oracle()
    run(engine, north, south)
    write(south, a="Due.")
    assert counts(run(engine, north, full=True))[1] == 2
    assert texts(engine) == {"north/a.txt": "One.", "south/a.txt": "Due."}
    (south / "a.txt").unlink()
    south.rmdir()
    run(engine, north, full=True)
    assert texts(engine) == {"north/a.txt": "One."}
    assert sorted(engine.snapshot().ledger().roots) == ["north"]


@pytest.mark.parametrize("full", [False, True])
def test_a_folder_that_becomes_a_source_of_its_own_keeps_its_articles(tmp_path: Path, *, full: bool) -> None:
    """Its articles have the same ids then, now from another source: the old entry must not remove the new article."""
    engine = Oracle()
    news = write(tmp_path / "news", north__a="One.", b="Two.", c="Three.")
    run(engine, news)
    (news / "north").rename(tmp_path / "north")
    run(engine, news, tmp_path / "north", full=full)
    assert texts(engine) == {"north/a.txt": "One.", "b.txt": "Two.", "c.txt": "Three."}
    assert len(engine.snapshot().ledger().of("indexed")) == 3
    assert counts(run(engine, news, tmp_path / "north")) == (0, 0, 0, 3)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_an_id_belongs_to_the_file_that_had_it(tmp_path: Path, order: tuple[int, int]) -> None:
    """Whichever source is named first: the article that readers know stays, the newcomer is told to be renamed."""
    engine = Oracle()
    roots = [write(tmp_path / "news", north__a="One."), write(tmp_path / "north", a="Other.")]
    run(engine, roots[0])
    report = run(engine, *(roots[at] for at in order))
    assert texts(engine) == {"north/a.txt": "One."}
    (bad,) = report.ledger.of("quarantined")
    assert (bad.source, bad.article_id) == ("north", None)
    assert "Another article has the id 'north/a.txt'" in bad.reason
    assert "Rename" in bad.advice
    (roots[0] / "north/a.txt").unlink()
    write(roots[0], b="Two.")
    run(engine, *roots, full=True)
    assert texts(engine) == {"b.txt": "Two.", "north/a.txt": "Other."}


def test_a_missing_folder_changes_nothing(tmp_path: Path) -> None:
    """Neither its own articles nor those of the other folders named with it."""
    root, engine = write(tmp_path / "news", a="One."), Oracle()
    run(engine, root)
    write(root, b="Two.")
    with pytest.raises(SourceError, match="There is no folder"):
        run(engine, root, tmp_path / "gone")
    assert texts(engine) == {"a.txt": "One."}


def test_an_empty_folder_is_remembered(tmp_path: Path) -> None:
    """The first article may come later."""
    engine = Oracle()
    (tmp_path / "news").mkdir()
    assert run(engine, tmp_path / "news").committed
    assert engine.snapshot().articles == {}
    assert not run(engine, tmp_path / "news").committed
    assert counts(run(engine, write(tmp_path / "news", a="One."))) == (1, 0, 0, 0)


def test_two_sources_of_one_name_are_refused(tmp_path: Path) -> None:
    """The name is what `source:` and the ids go by; one folder named twice is one source."""
    one, other = write(tmp_path / "x/news", a="One."), write(tmp_path / "y/news", a="Two.")
    engine = Oracle()
    with pytest.raises(RequestError, match="Two sources are called 'news'") as caught:
        run(engine, one, other)
    assert caught.value.parameter == "sources"
    assert counts(run(engine, one, tmp_path / "y/../x/news")) == (1, 0, 0, 0)


@pytest.mark.parametrize("source", ["index", "index/below"])
def test_the_index_is_no_source(tmp_path: Path, source: str) -> None:
    """Its folder would be read and written in the same run; whoever confused the two has to hear it."""
    write(tmp_path / "index" / "below", a="One.")
    engine = open_engine(Settings(index=tmp_path / "index"))
    with pytest.raises(RequestError, match="folder of the index") as caught:
        run(engine, tmp_path / source)
    assert "--index" in caught.value.hint


def test_the_index_may_lie_in_a_source(tmp_path: Path) -> None:
    """`stemma reindex .` is natural; runs that change nothing must find nothing new in the index of the last one."""
    engine = open_engine(Settings(index=tmp_path / "index"))
    write(tmp_path, a="One.")
    assert run(engine, tmp_path).committed
    assert not run(engine, tmp_path).committed
    assert [(entry.path, entry.reason) for entry in engine.snapshot().ledger().of("ignored")] == [
        ("index", "the index")
    ]


def test_a_link_that_leads_nowhere_is_said_to_be_one(tmp_path: Path) -> None:
    """Permissions have nothing to do with it."""
    write(tmp_path, a="One.")
    (tmp_path / "b.txt").symlink_to("gone.txt")
    engine = Oracle()
    run(engine, tmp_path)
    (entry,) = engine.snapshot().ledger().of("quarantined")
    assert "link that leads nowhere" in entry.reason
    assert "Mend the link" in entry.advice
