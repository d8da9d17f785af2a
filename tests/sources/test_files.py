"""Which files a source folder holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from search.errors import SourceError
from search.sources import find_files

TXT = frozenset({".txt"})


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("Title\n\nText.\n")


def found(root: Path) -> dict[str, str]:
    return {file.path: file.ignored for file in find_files(root, TXT)}


def test_all_files_below_a_folder_in_order(tmp_path: Path) -> None:
    """The order decides ids, ledgers and progress, so it must not depend on the disk."""
    write(tmp_path, "b.txt", "a/z.txt", "a/b/c.txt", "a.txt", "B.txt", "ä.txt")
    paths = ["B.txt", "a.txt", "a/b/c.txt", "a/z.txt", "b.txt", "ä.txt"]
    files = find_files(tmp_path, TXT)
    assert [file.path for file in files] == paths
    assert [file.location for file in files] == [tmp_path / path for path in paths]
    assert not any(file.ignored for file in files)


def test_what_is_ignored_says_why(tmp_path: Path) -> None:
    """A file that is passed over in silence is one that somebody searches for in vain."""
    write(tmp_path, "a.TXT", "b.md", "c", ".d.txt", "e.txt~", "f/.g/h.txt", "i.txt.gz", "~$l.txt")
    os.mkfifo(tmp_path / "j.txt")
    (tmp_path / "k.txt").mkdir()
    assert found(tmp_path) == {
        "a.TXT": "",
        "b.md": "not a format that is read (.txt)",
        "c": "not a format that is read (.txt)",
        ".d.txt": "hidden file",
        "e.txt~": "not a format that is read (.txt)",
        "f/.g": "a hidden folder",
        "i.txt.gz": "not a format that is read (.txt)",
        "j.txt": "not a regular file",
        "~$l.txt": "a lock of a word processor",
    }


@pytest.mark.parametrize("end", ["_files", "-Dateien", "_fichiers"])
def test_parts_of_a_saved_page(tmp_path: Path, end: str) -> None:
    """Browsers put scripts and advertisements beside a page, some of which look like pages themselves."""
    write(tmp_path, f"a/my page{end}/ad.txt", "a/my page.html", f"b{end}/b.txt", f"c{end}/c.txt", "c.htm")
    assert {path: why for path, why in found(tmp_path).items() if not path.endswith(("html", "htm"))} == {
        f"a/my page{end}": "a part of a saved page",
        f"b{end}/b.txt": "",
        f"c{end}": "a part of a saved page",
    }


def test_links(tmp_path: Path) -> None:
    """A link to a file is a file; one to a folder may lead in a circle, one out of the root to anybody's files."""
    root = tmp_path / "root"
    write(root, "a.txt")
    write(tmp_path, "elsewhere.txt")
    (tmp_path / "rooted").mkdir()
    write(tmp_path / "rooted", "x.txt")
    (root / "b.txt").symlink_to(tmp_path / "elsewhere.txt")
    (root / "c.txt").symlink_to("gone.txt")
    (root / "d.txt").symlink_to(root)
    (root / "e").symlink_to(tmp_path)
    (root / "f.txt").symlink_to("a.txt")
    (root / "g.txt").symlink_to("b.txt")
    (root / "h.txt").symlink_to("../rooted/x.txt")
    (root / "i.txt").symlink_to("/etc/passwd")
    (root / "j.txt").symlink_to("j.txt")
    (root / "k").symlink_to(".")
    assert found(root) == {
        "a.txt": "",
        "b.txt": "a link out of the folder",
        "c.txt": "",  # reading it says what is wrong
        "d.txt": "a link to a folder",
        "e": "a link out of the folder",
        "f.txt": "",
        "g.txt": "a link out of the folder",
        "h.txt": "a link out of the folder",
        "i.txt": "a link out of the folder",
        "j.txt": "",
        "k": "a link to a folder",
    }
    assert found(root / "e") == found(tmp_path)


def test_links_through_a_linked_root(tmp_path: Path) -> None:
    """A root may be a link itself; what lies below its target lies below it."""
    write(tmp_path / "real", "a.txt")
    (tmp_path / "real" / "b.txt").symlink_to("a.txt")
    (tmp_path / "root").symlink_to("real")
    assert found(tmp_path / "root") == {"a.txt": "", "b.txt": ""}


def test_the_index_is_no_article(tmp_path: Path) -> None:
    """Its files change with every run: read as articles they would be indexed again and again."""
    write(tmp_path, "a.txt", "b/index/c.txt", "index/d.txt")
    files = find_files(tmp_path, TXT, tmp_path / "x" / ".." / "b" / "index")
    assert {file.path: file.ignored for file in files} == {"a.txt": "", "b/index": "the index", "index/d.txt": ""}


def test_an_empty_folder_is_a_source_too(tmp_path: Path) -> None:
    """Whether it is wrong that nothing is there is for the run to judge."""
    assert found(tmp_path) == {}


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    """A disk that is not mounted must not look like an archive that was emptied."""
    with pytest.raises(SourceError, match="There is no folder or file") as caught:
        find_files(tmp_path / "root", TXT)
    assert "Nothing was changed" in caught.value.hint


def test_a_file_is_a_source(tmp_path: Path) -> None:
    """Many archives are one file; to make a folder around it is a detour."""
    write(tmp_path, "a.txt")
    (file,) = find_files(tmp_path / "a.txt", TXT)
    assert (file.path, file.ignored, file.size, file.location) == ("a.txt", "", 13, tmp_path / "a.txt")


def test_a_source_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    """Whoever named it wants it: an index without it would look complete."""
    (tmp_path / "a.odt").write_text("x")
    os.mkfifo(tmp_path / "b.txt")
    with pytest.raises(SourceError, match=r"a.odt' is not a format that is read \(.txt\)"):
        find_files(tmp_path / "a.odt", TXT)
    with pytest.raises(SourceError, match="neither a folder nor a regular file"):
        find_files(tmp_path / "b.txt", TXT)


def test_a_folder_that_cannot_be_listed_costs_only_itself(unprivileged: Path) -> None:
    """There is one on every disk of its own: lost+found."""
    write(unprivileged, "a.txt", "b/c.txt", ".hidden/d.txt")
    for name in ("b", ".hidden"):
        (unprivileged / name).chmod(0)
    a, b, hidden = sorted(find_files(unprivileged, TXT), key=lambda file: file.path.strip("."))
    assert (a.path, a.unreadable, a.ignored) == ("a.txt", "", "")
    assert (b.path, b.unreadable, b.ignored) == ("b", "The folder cannot be read: Permission denied.", "")
    assert (hidden.path, hidden.unreadable, hidden.ignored) == (".hidden", "", "a hidden folder")
    unprivileged.chmod(0)
    with pytest.raises(SourceError, match=r"cannot be read: Permission denied. Mend its permissions"):
        find_files(unprivileged, TXT)


def test_a_name_that_is_not_utf8_is_found(tmp_path: Path) -> None:
    """It cannot be an id, but whoever can rename it has to hear of it."""
    name = os.fsdecode(b"caf\xe9.txt")
    (tmp_path / name).write_text("Title\n\nText.\n")
    assert found(tmp_path) == {name: ""}


def test_a_hidden_root_is_not_hidden(tmp_path: Path) -> None:
    """Whoever names a folder wants it, whatever it is called."""
    write(tmp_path, ".archive/a.txt")
    assert found(tmp_path / ".archive") == {"a.txt": ""}
