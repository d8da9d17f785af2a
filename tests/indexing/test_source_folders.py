"""reindex() with several sources: their ids, and that each run touches only those it was given."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from search.engine import open_engine
from search.errors import RequestError, SourceError
from search.indexing import reindex
from search.indexing.run import with_hidden_files
from search.ledger import LedgerEntry
from search.settings import Settings
from search.sources import FoundFile
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


def test_full_builds_all_remembered_sources(tmp_path: Path) -> None:
    """A new index without the other sources would look complete and not be."""
    north, south = write(tmp_path / "north", a="One."), write(tmp_path / "south", a="Two.")
    engine = Oracle()
    run(engine, north, south)
    write(south, a="Due.")
    assert counts(run(engine, north, full=True))[1] == 2
    assert texts(engine) == {"north/a.txt": "One.", "south/a.txt": "Due."}


def test_full_says_what_it_removes(tmp_path: Path) -> None:
    """`--full` is how a loss of files is confirmed; "0 removed" would say that nothing was lost."""
    north, south = write(tmp_path / "north", a="One.", b="Two.", c="Three."), write(tmp_path / "south", a="Two.")
    engine = Oracle()
    run(engine, north, south)
    (north / "a.txt").unlink()
    (north / "b.txt").unlink()
    report = run(engine, full=True)
    assert counts(report) == (0, 2, 2, 0)
    assert [(one.verb, one.source, one.path) for one in report.changes if one.verb == "remove"] == [
        *(("remove", "north", "a.txt"), ("remove", "north", "b.txt"))
    ]


@pytest.mark.parametrize("mounted", [False, True])
def test_full_does_not_forget_a_source_that_is_not_there(tmp_path: Path, *, mounted: bool) -> None:
    """A disk that was not mounted cost all of its articles, with exit code 0; what is left of it may be its folder."""
    north, south = write(tmp_path / "north", a="One."), write(tmp_path / "south", a="Two.")
    engine = Oracle()
    run(engine, north, south)
    (south / "a.txt").unlink()
    if not mounted:
        south.rmdir()
    for roots in ([north], [north, south], [south], []):
        with pytest.raises(SourceError, match=r"south.* (?:not there|gone)|no folder or file.*south") as caught:
            run(engine, *roots, full=True)
        assert "Nothing was changed" in caught.value.hint
        assert "--drop south" in caught.value.hint or south in roots
    assert texts(engine) == {"north/a.txt": "One.", "south/a.txt": "Two."}


@pytest.mark.parametrize("full", [False, True])
def test_a_source_is_forgotten_by_its_name(tmp_path: Path, *, full: bool) -> None:
    """What is gone for good must not stand in the way for ever, and the other sources have nothing to do with it."""
    north, south = write(tmp_path / "north", a="One.", b="Uno."), write(tmp_path / "south", a="Two.")
    engine = Oracle()
    run(engine, north, south)
    (south / "a.txt").rename(north / "c.txt")
    south.rmdir()
    assert counts(reindex(engine, [], drop=["south"], full=full))[2] == 1
    ledger = engine.snapshot().ledger()
    assert (list(ledger.roots), {entry.source for entry in ledger.entries}) == (["north"], {"north"})
    run(engine, north)
    assert texts(engine) == {"north/a.txt": "One.", "north/b.txt": "Uno.", "north/c.txt": "Two."}


def test_what_cannot_be_forgotten_is_said(tmp_path: Path) -> None:
    """A name with a typing error would leave the source in the index, and the user with the belief that it is gone."""
    north, engine = write(tmp_path / "north", a="One."), Oracle()
    run(engine, north)
    with pytest.raises(RequestError, match="no source 'nort'") as caught:
        reindex(engine, [], drop=["nort"])
    assert "north" in caught.value.hint
    with pytest.raises(RequestError, match="dropped and indexed in one run"):
        reindex(engine, [north], drop=["north"])
    assert texts(engine) == {"a.txt": "One."}
    reindex(engine, [], drop=["north"])
    assert texts(engine) == {}


def test_without_sources_all_that_are_known_are_read(tmp_path: Path) -> None:
    """Who has named them once need not name them each time."""
    north, south, engine = write(tmp_path / "north", a="One."), write(tmp_path / "south", a="Two."), Oracle()
    run(engine, north, south)
    write(north, a="Uno.")
    write(south, a="Due.")
    assert counts(reindex(engine, [])) == (0, 2, 0, 0)


def test_a_source_of_a_known_name_at_another_place(tmp_path: Path) -> None:
    """A folder may move, or be copied with its index; another folder of the name would replace what the index has."""
    one, other = write(tmp_path / "x/news", a="One."), write(tmp_path / "y/news", b="Two.")
    engine = Oracle()
    run(engine, one)
    for full in (False, True):
        with pytest.raises(RequestError, match="Two sources are called 'news'"):
            run(engine, other, full=full)
    write(other, a="One.")
    run(engine, other)
    assert texts(engine) == {"a.txt": "One.", "b.txt": "Two."}


def test_files_are_sources(tmp_path: Path) -> None:
    """An archive is one file, often; its name is its source's, and stands in the ids once."""
    folder = write(tmp_path / "news", a="One.")
    for name in ("x", "y"):
        (tmp_path / f"{name}.jsonl").write_text(f'{{"text": "{name} one."}}\n{{"text": "{name} two.", "id": "b"}}\n')
    engine = Oracle()
    run(engine, tmp_path / "x.jsonl")
    first = {"x.jsonl:1": "x one.", "x.jsonl:b": "x two."}
    assert texts(engine) == first
    run(engine, tmp_path / "y.jsonl", folder)
    assert texts(engine) == first | {"y.jsonl:1": "y one.", "y.jsonl:b": "y two.", "news/a.txt": "One."}
    assert set(engine.snapshot().ledger().roots) == {"x.jsonl", "y.jsonl", "news"}
    assert not run(engine, tmp_path / "x.jsonl", tmp_path / "y.jsonl", folder).committed
    (tmp_path / "x.jsonl").unlink()
    for full in (False, True):
        with pytest.raises(SourceError, match="no folder or file"):
            run(engine, tmp_path / "x.jsonl", full=full)
    with pytest.raises(SourceError, match=r"source 'x.jsonl' is not there"):
        run(engine, full=True)


@pytest.mark.parametrize("single", [False, True])
def test_a_source_has_a_name_that_addresses_can_hold(tmp_path: Path, *, single: bool) -> None:
    """It was indexed with exit code 0, and each page with an article of it was an internal error."""
    root = tmp_path / os.fsdecode(b"caf\xe9.txt")
    root.write_text("Title\n\nText.\n") if single else write(root, a="One.")
    with pytest.raises(RequestError, match=r"not UTF-8. Rename it"):
        run(Oracle(), root)
    with pytest.raises(RequestError, match="no name that a source could have"):
        run(Oracle(), Path("/"))


def test_a_working_directory_that_is_gone_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It named the folder None."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(SourceError, match=r"'.' cannot be found: the working directory was removed"):
        run(Oracle(), Path())


def test_what_is_below_a_closed_folder_is_kept(unprivileged: Path) -> None:
    """A folder that cannot be listed must neither refuse the run nor cost the articles in it."""
    root, engine = write(unprivileged / "news", a="One.", b__c="Two.", b__d="Three.", bb="Four."), Oracle()
    (root / "b/e.txt").write_text("")
    (root / "b/f.odt").write_text("x")
    run(engine, root)
    (root / "b").chmod(0)
    write(root, a="Uno.")
    (root / "bb.txt").unlink()
    report = run(engine, root)
    assert texts(engine) == {"a.txt": "Uno.", "b/c.txt": "Two.", "b/d.txt": "Three."}
    assert counts(report) == (0, 1, 1, 0)
    told = {entry.path: (entry.outcome, entry.article_id) for entry in report.ledger.entries}
    assert told == {
        "a.txt": ("indexed", "a.txt"),
        "b": ("quarantined", None),
        "b/c.txt": ("quarantined", "b/c.txt"),
        "b/d.txt": ("quarantined", "b/d.txt"),
        "b/e.txt": ("quarantined", None),
        "b/f.odt": ("ignored", None),
    }
    assert {entry.path: entry.reason for entry in report.ledger.of("quarantined")}["b"].endswith("Permission denied.")
    again = run(engine, root)
    assert (again.committed, again.changes) == (False, ())
    (root / "b").chmod(0o700)
    run(engine, root)
    assert [entry.path for entry in engine.snapshot().ledger().of("quarantined")] == ["b/e.txt"]
    assert texts(engine) == {"a.txt": "Uno.", "b/c.txt": "Two.", "b/d.txt": "Three."}


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


def test_thousands_of_folders_that_cannot_be_listed() -> None:
    """After a slip with permissions a large archive is looked through in a moment, and nothing of it is gone."""
    folders = [f"{number:04}" for number in range(3_000)]
    closed = [FoundFile(name, f"/news/{name}", unreadable="Permission denied.") for name in folders]
    files = [f"{name}/{number}/a.txt" for name in folders for number in range(10)]
    committed = {("news", name): LedgerEntry("news", name, "indexed", name) for name in (*files, "other/a.txt")}
    began = time.process_time()
    found = with_hidden_files({("news", file.path): file for file in closed}, committed)
    assert time.process_time() - began < 5
    assert len(found) == len(closed) + len(files)
    file = found["news", "0007/3/a.txt"]
    assert (file.path, file.place) == ("0007/3/a.txt", "/news/0007/3/a.txt")
    assert file.unreadable == "It is in a folder that cannot be read, '0007'."
    assert list(found)[:2] == [("news", "0000"), ("news", "0000/0/a.txt")]
