"""Runs that are interrupted anywhere, any number of times, between changes of the folder: in the end all is indexed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from search.engine import LocalEngine
from search.errors import SourceError
from search.index.writing import index_writer
from search.index.writing.index_writer import IndexWriter
from search.indexing import reindex
from search.ledger import Progress

Open = Callable[[Path], LocalEngine]
Files: TypeAlias = dict[str, list[str | None]]
"""Each file's records; None is one that cannot be read. A text has but the first."""

words = st.sampled_from(["lamp", "boat", "tide"])
folders = st.dictionaries(
    st.sampled_from(["a.txt", "b.txt", "c.jsonl", "d.jsonl"]), st.lists(words | st.none(), min_size=1, max_size=5)
)
histories = st.lists(st.tuples(folders, st.none() | st.tuples(st.integers(1, 6), st.booleans())), max_size=6)
"""The folder before each run, and at which batch it is interrupted: before that is on disk, or after."""


def lay_out(root: Path, files: Files) -> None:
    for path in root.iterdir():
        path.unlink()
    for name, texts in files.items():
        if name.endswith(".txt"):
            text = f"Title\n\n{texts[0]}\n" if texts[0] else ""
        else:
            lines = ({"title": f"Title {n}", "text": text} if text else {} for n, text in enumerate(texts))
            text = "".join(f"{json.dumps(line)}\n" for line in lines)
        (root / name).write_text(text)


class Interrupted(Exception):
    """What ends a run."""


@contextmanager
def interrupting(at: tuple[int, bool] | None) -> Iterator[None]:
    """Let a run end at its batch number `at`, before or after that is written; each article is a batch."""
    number, stage = count(1), IndexWriter.stage

    def interrupted(self: IndexWriter, progress: Progress) -> None:
        here = at is not None and next(number) == at[0]
        if not (here and at and at[1]):
            stage(self, progress)
        if here:
            raise Interrupted

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_writer, "BATCH_SECONDS", -1.0)
        patch.setattr(IndexWriter, "stage", interrupted)
        yield


def run(engine: LocalEngine, root: Path, at: tuple[int, bool] | None) -> bool:
    """A run, which may be interrupted; whether it came to its end."""
    try:
        with interrupting(at):
            try:
                reindex(engine, [root])
            except SourceError:  # too much is gone: it is refused, and with `full` it is not, unless all is gone
                left = any(path.is_file() for path in root.rglob("*"))
                if not left:
                    reindex(engine, [], drop=[root.name])
                reindex(engine, [root], full=left)
    except Interrupted:
        return False
    return True


def held(engine: LocalEngine) -> dict[str, str]:
    """Every article that a file accounts for, by its id, as one text."""
    snapshot = engine.snapshot()
    files = {entry.article_id for entry in snapshot.ledger().entries} - {None}
    return {one.id: "/".join(one.paragraphs) for file in files for one in snapshot.articles_of(str(file))}


@given(histories, folders)
def test_interruptions_lose_nothing(
    on_disk: Open, history: list[tuple[Files, tuple[int, bool] | None]], last: Files
) -> None:
    """After any history the index holds what a run from nothing would hold, no part twice, and its parts agree."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "news"
        root.mkdir()
        engine, fresh = on_disk(Path(folder) / "index"), on_disk(Path(folder) / "fresh")
        whole = 0
        for files, at in [*history, (last, None)]:
            lay_out(root, files)
            whole += run(engine, root, at)
        reindex(fresh, [root])
        assert engine.check(lambda _done, _whole: None).damages == ()
        assert engine.unfinished() == 0
        # What once was good and is broken now stays as it was: that much more may be there.
        assert held(engine).items() >= held(fresh).items()
        now, anew = (each.snapshot().ledger().entries for each in (engine, fresh))
        for entry, other in zip(now, anew, strict=True):
            assert (entry.path, entry.outcome) == (other.path, other.outcome)
            assert entry.articles >= other.articles
        assert not reindex(engine, [root]).committed
    event(f"interrupted: {len(history) + 1 - whole}")
