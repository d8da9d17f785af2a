"""The list in force: settings, and a file that changes."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import pytest

from search.errors import SettingsError
from search.names import names as names_module
from search.names.name_list import NameList
from search.names.names import Names
from search.names.synonyms import SynonymGroup
from search.query.parser import parse


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(names_module, "CHECK_INTERVAL", 0.0)
    path = tmp_path / "synonyms.txt"
    path.write_text("Nubia, Kush\n", "utf-8")
    return path


def interpreted(names: Names, query: str, languages: tuple[str, ...] = ("en",)) -> str:
    return parse(query, languages=languages, expand=names.expansion(query, languages, lambda _leaf: None)).interpreted


def test_settings_say_what_is_added() -> None:
    """Who wants nothing added, or everything, says so once."""
    assert interpreted(Names(), "isis") == "isis"
    assert interpreted(Names("off"), "turkiye") == "turkiye"
    assert interpreted(Names("alias"), "isis").startswith("isis ALSO ISIL ALSO Daesh")


def test_a_file_of_synonyms_adds_to_the_list(file: Path) -> None:
    """An archive has names that nobody else has heard of."""
    assert interpreted(Names("on", file), "nubia") == "nubia ALSO Kush"
    assert interpreted(Names("on", file), "turkiye").startswith("turkiye ALSO Turkey")


def test_the_file_is_read_again_when_it_changes(file: Path) -> None:
    """Nobody restarts a server for a line."""
    names = Names("on", file)
    version = names.version
    file.write_text("Nubia, Kush, Kerma\n", "utf-8")
    assert interpreted(names, "nubia") == "nubia ALSO Kush ALSO Kerma"
    assert names.version != version


def test_a_list_comes_with_its_version(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a thread that answers while another reads the file sends the old answer under the new ETag."""
    names = Names("on", file)
    before, met = names.version, []

    def slow(groups: Iterable[SynonymGroup]) -> NameList:
        met.append((names.version, interpreted(names, "nubia")))
        return NameList(groups)

    monkeypatch.setattr(names_module, "NameList", slow)
    file.write_text("Nubia, Kerma\n", "utf-8")
    assert interpreted(names, "nubia") == "nubia ALSO Kerma"
    assert met == [(before, "nubia ALSO Kush")]


def test_a_file_that_is_too_large_is_not_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size is known before its lines are: here none of them could be used."""
    monkeypatch.setattr(names_module, "MAX_BYTES", 10)
    file.write_bytes(b"\xff" * 11)
    with pytest.raises(SettingsError, match="more than 10 bytes"):
        Names("on", file)
    file.write_bytes(b"One, two,\n")
    assert interpreted(Names("on", file), "two") == "two ALSO One"


def test_a_faulty_new_file_leaves_the_old_in_force(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A slip of an editor must not take away what worked; the log says what is wrong, once."""
    names = Names("on", file)
    for broken in (b"alone\n", b"\xff\xfe\x00", b""):
        caplog.clear()
        file.write_bytes(broken) if broken else file.unlink()
        with caplog.at_level(logging.WARNING):
            assert interpreted(names, "nubia") == "nubia ALSO Kush"
            assert interpreted(names, "nubia") == "nubia ALSO Kush"
        assert len(caplog.records) == 1


@pytest.mark.parametrize("content", [b"alone\n", b"\xff\xfe\x00", None])
def test_a_faulty_file_at_the_start_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    """Whoever sets it finds out at once."""
    path = tmp_path / "synonyms.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError):
        Names("on", path)


@pytest.mark.parametrize("query", ["landing of moons", "a b c", '"x y" OR z', "title:treaty -peace"])
def test_a_query_without_a_name_is_not_looked_at(query: str) -> None:
    """It costs a look into one set, and keeps its quick way through the parser."""
    assert Names().expansion(query, ("en",), lambda _leaf: True) is None
