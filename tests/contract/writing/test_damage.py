"""An index that cannot be read is an error that says so and what to do; a run from nothing mends it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from search.engine import Engine, Snapshot
from search.errors import IndexDamaged, IndexOutdated, OperatorError
from search.index.storage.column_file import ArrayFile
from search.indexing import reindex
from search.ledger import Ledger
from tests.contract.archives.corpus import NEW_A, OLD, ask, rows
from tests.contract.engines import article, run

Open = Callable[[Path], Engine]

MANIFEST, CONTENTS = "manifest-*.json", "*.toc"
DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "nothing left": lambda _: b"",
    "one byte": lambda data: data[:1],
    "half": lambda data: data[: len(data) // 2],
    "all but one byte": lambda data: data[:-1],
    "zeros": lambda data: bytes(len(data)),
    "garbage": lambda data: bytes(n * 37 % 251 for n in range(len(data))),
    "text": lambda _: b"This is not the file that you are looking for.\n" * 20,
    "another JSON": lambda _: b"[1, 2, 3]",
    "null": lambda _: b"null",
}


def newest(folder: Path, pattern: str) -> Path:
    """The file of the newest generation."""
    return max(folder.glob(pattern), key=lambda path: int("".join(filter(str.isdigit, path.stem))))


@pytest.fixture
def folder(on_disk: Open, tmp_path: Path) -> Path:
    """A good index of two runs."""
    engine = on_disk(tmp_path / "index")
    run(engine, OLD[1:])
    assert ask(run(engine, OLD), "lamp") == rows("a 2, b 1")
    engine.close()
    return tmp_path / "index"


def complains(on_disk: Open, folder: Path, wanted: type[OperatorError]) -> None:
    """Readers and writers say the same, each time; what they were asked does not matter."""
    engine = on_disk(folder)
    for _ in range(2):
        with pytest.raises(wanted) as caught:
            engine.snapshot()
        assert "stemma reindex --full" in caught.value.hint
        with pytest.raises(wanted):
            run(engine, [NEW_A])
    engine.close()


def mends(on_disk: Open, folder: Path) -> Snapshot:
    """A run from nothing gives a good index, in the same process and for the next one."""
    engine = on_disk(folder)
    run(engine, OLD, anew=True)
    assert ask(engine.snapshot(), "lamp") == rows("a 2, b 1")
    assert ask(run(engine, [NEW_A]), "lamp") == rows("b 1, a 1")
    assert ask(on_disk(folder).snapshot(), "lamp") == rows("b 1, a 1")
    return engine.snapshot()


@pytest.mark.parametrize("pattern", [MANIFEST, CONTENTS])
@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_file(on_disk: Open, folder: Path, pattern: str, damage: str) -> None:
    """A cut or overwritten file is a damaged index, never a traceback; a run from nothing mends it."""
    path = newest(folder, pattern)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    complains(on_disk, folder, IndexDamaged)
    mends(on_disk, folder)


WRONG: dict[str, dict[str, object]] = {
    "no format": {"format": ...},
    "no time": {"updated_at": ...},
    "no segments": {"segments": ...},
    "segments are none": {"segments": []},
    "segments are an object": {"segments": {"roots": {}}},
    "another object": {"segments": {"roots": 3, "entries": []}},
    "a nested object": {"segments": {"roots": {}, "entries": [{"source": "a"}]}},
}
"""What to put into the manifest; the ellipsis takes away."""


@pytest.mark.parametrize("wrong", WRONG)
def test_manifest_of_another_shape(on_disk: Open, folder: Path, wrong: str) -> None:
    """A manifest that is JSON, but not ours, is damaged as well."""
    path = newest(folder, MANIFEST)
    manifest = json.loads(path.read_bytes()) | WRONG[wrong]
    path.write_text(json.dumps({key: value for key, value in manifest.items() if value is not ...}))
    complains(on_disk, folder, IndexDamaged)
    mends(on_disk, folder)


def test_manifest_is_gone(on_disk: Open, folder: Path) -> None:
    """A table of contents without its manifest is not trusted."""
    newest(folder, MANIFEST).unlink()
    complains(on_disk, folder, IndexDamaged)
    mends(on_disk, folder)


@pytest.mark.parametrize("version", ["0.0", "99.99", 7, None])
def test_other_format(on_disk: Open, folder: Path, version: object) -> None:
    """An index of another version asks for a new build; it is not read, nor is it called damaged."""
    path = newest(folder, MANIFEST)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | {"format": version}))
    complains(on_disk, folder, IndexOutdated)
    mends(on_disk, folder)


def test_abandoned_mending_changes_nothing(on_disk: Open, folder: Path) -> None:
    """A run from nothing that is given up leaves an outdated index as outdated: its own version still reads it."""
    path = newest(folder, MANIFEST)
    good = path.read_bytes()
    path.write_text(json.dumps(json.loads(good) | {"format": "0.0"}))
    engine = on_disk(folder)
    with engine.write(anew=True) as writer:
        writer.add(NEW_A)
    complains(on_disk, folder, IndexOutdated)
    path.write_bytes(good)
    assert ask(on_disk(folder).snapshot(), "lamp") == rows("a 2, b 1")


@pytest.mark.parametrize("pattern", [MANIFEST, CONTENTS, "ledger-*.json"])
def test_sources_outlast_damage(on_disk: Open, tmp_path: Path, pattern: str) -> None:
    """A new build has all sources of the index, under the same ids, or the searches would lose them without a word."""
    folder, roots = tmp_path / "index", [tmp_path / name for name in ("north", "south")]
    for root in roots:
        root.mkdir()
        (root / "a.txt").write_text("A lamp\n\nIt burns.\n")
    reindex(on_disk(folder), roots)
    path = newest(folder, pattern)
    path.write_bytes(path.read_bytes() + b" ")
    reindex(on_disk(folder), roots[:1], full=True)
    assert ask(on_disk(folder).snapshot(), "lamp") == rows("north/a.txt 1, south/a.txt 1")
    assert sorted(on_disk(folder).last_ledger().roots) == ["north", "south"]


def test_no_ledger_is_none(on_disk: Open, folder: Path) -> None:
    """Whatever is left of it, a new build is possible."""
    path = newest(folder, "ledger-*.json")
    for damage in DAMAGE.values():
        path.write_bytes(damage(path.read_bytes()))
        assert on_disk(folder).last_ledger() == Ledger()
    assert on_disk(folder / "none").last_ledger() == Ledger()


def test_files_of_the_index_are_gone(on_disk: Open, folder: Path) -> None:
    """A manifest and a table of contents that name files which are not there are a damaged index."""
    kept = {newest(folder, MANIFEST), newest(folder, CONTENTS)}
    gone = [path for path in folder.iterdir() if path.is_file() and path not in kept and path.stat().st_size > 100]
    assert gone
    for path in gone:
        path.unlink()
    with pytest.raises(IndexDamaged):
        on_disk(folder).snapshot()
    mends(on_disk, folder)


def test_foreign_files_do_no_harm(on_disk: Open, folder: Path) -> None:
    """What a person, an editor or a file manager leaves in the folder is neither read nor removed."""
    foreign = [
        folder / name for name in (".gitignore", ".DS_Store", "notes.txt", "manifest-old.json", "manifest.json~")
    ]
    for path in foreign:
        path.write_text("mine")
    mends(on_disk, folder)
    assert [path.read_text() for path in foreign] == ["mine"] * len(foreign)


def test_folder_that_is_a_file(on_disk: Open, tmp_path: Path) -> None:
    """A path that names no folder is an error for people, to readers and to writers, and says no more than that."""
    path = tmp_path / "index"
    path.write_text("mine")
    with pytest.raises(OperatorError, match="not a folder"):
        on_disk(path).snapshot()
    with pytest.raises(OperatorError, match="not a folder"):
        run(on_disk(path), OLD)
    assert path.read_text() == "mine"


def test_a_damaged_text_is_said_in_a_sentence(on_disk: Open, tmp_path: Path) -> None:
    """Who searches is told once what is wrong, where, and what to do, though a text is read long after the opening."""
    draw = random.Random(1)
    run(on_disk(tmp_path), [article(f"{n:03}", draw.randbytes(400).hex()) for n in range(600)])
    (path,) = tmp_path.glob("MAIN_*.arrays")
    at, _, size = ArrayFile(path).places["blocks"]
    data = bytearray(path.read_bytes())
    data[at + size // 2] ^= 1
    path.unlink()  # in place would change what this process has mapped
    path.write_bytes(data)
    snapshot = on_disk(tmp_path).snapshot()
    with pytest.raises(IndexDamaged) as caught:
        list(map(snapshot.article, (f"{n:03}" for n in range(600))))
    assert caught.value.message == f"The index is damaged: {path.name} is cut short or changed."
