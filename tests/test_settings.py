"""Settings: which of four places wins, and what is said of a value that cannot be used."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from search.errors import SettingsError
from search.settings import KEYS, Settings, load


def load_with(
    tmp_path: Path, flags: dict[str, Any] | None = None, environ: dict[str, str] | None = None, toml: str = ""
) -> Settings:
    file = tmp_path / "stemma.toml"
    if toml:
        file.write_text(toml, "utf-8")
    return load(flags or {}, environ or {}, file)


def test_defaults(tmp_path: Path) -> None:
    """Without any configuration, `stemma` works on index/ and seeds/ and listens on this machine only."""
    assert load_with(tmp_path) == Settings(
        index=Path("index"), sources=(Path("seeds"),), host="127.0.0.1", port=8000, workers=2
    )


def test_each_place_wins_over_the_next(tmp_path: Path) -> None:
    """Flag over environment over stemma.toml over default: what operators of twelve-factor programs expect."""
    toml = 'index = "toml"\nhost = "toml"\nlanguages = ["de", "fr"]\n'
    settings = load_with(
        tmp_path, {"index": "flag"}, {"STEMMA_INDEX": "environment", "STEMMA_HOST": "environment"}, toml
    )
    assert (settings.index, settings.host, settings.languages, settings.port) == (
        Path("flag"),
        "environment",
        ("de", "fr"),
        8000,
    )


def test_flags_that_were_not_given_win_over_nothing(tmp_path: Path) -> None:
    """The parser gives None for an option that is absent; that must not hide the environment."""
    assert load_with(tmp_path, {"port": None}, {"STEMMA_PORT": "9000"}).port == 9000


def test_the_file_that_was_read_is_known(tmp_path: Path) -> None:
    """`stemma status` names it, so that nobody wonders where a value comes from."""
    assert load_with(tmp_path).file is None
    assert load_with(tmp_path, toml="port = 9000").file == tmp_path / "stemma.toml"


@pytest.mark.parametrize(
    ("environ", "toml"), [({"STEMMA_SOURCES": f"a{os.pathsep}b"}, ""), ({}, 'sources = ["a", "b"]')]
)
def test_several_sources(tmp_path: Path, environ: dict[str, str], toml: str) -> None:
    """A list in TOML, and the way PATH is written in the environment."""
    assert load_with(tmp_path, environ=environ, toml=toml).sources == (Path("a"), Path("b"))


def test_every_setting_can_stand_in_every_place(tmp_path: Path) -> None:
    """A setting that only one place knows would surprise whoever moves it to another."""
    values = {
        "index": "i",
        "sources": "s",
        "engine": "whoosh",
        "languages": "fr,de",
        "fields": "title=headline,text = body",
        "memory": "512",
        "jobs": "2",
        "host": "h",
        "port": "81",
        "workers": "3",
        "half_life": "30",
        "variants": "alias",
        "synonyms": "s.txt",
        "name": "The Archive",
        "about": "All that was printed.",
        "logo": "logo.svg",
        "url": "https://archive.example:8443/",
        "cors": "https://a.example,http://b.example:81",
        "opensearch_url": "https://a:9200,https://b:9200",
        "opensearch_index": "archive",
        "opensearch_user": "u",
        "opensearch_password": "p",
        "opensearch_ca": "ca.pem",
        "opensearch_shards": "3",
    }
    assert set(values) == set(KEYS)
    toml = "\n".join(f"{key} = {value!r}" for key, value in values.items())
    environ = {f"STEMMA_{key.upper()}": value for key, value in values.items()}
    assert load_with(tmp_path, values) == load_with(tmp_path, environ=environ)
    from_file = load_with(tmp_path, toml=toml)
    for field in fields(Settings):
        if field.name != "file":
            assert getattr(from_file, field.name) == getattr(load_with(tmp_path, values), field.name)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "eighty"),
        ("port", "-1"),
        ("port", "٨٠"),
        ("port", "9" * 5000),
        ("workers", "0"),
        ("workers", "65"),
        ("languages", "xx"),
        ("languages", "EN"),
        ("languages", ""),
        ("languages", "en,,fr"),
        ("fields", "headline=title"),
        ("fields", "title"),
        ("fields", "text=body,text=summary"),
        ("memory", "1"),
        ("jobs", "-1"),
        ("index", ""),
        ("host", ""),
        ("sources", ""),
        ("sources", f"a{os.pathsep}"),
        ("url", "archive.example"),
        ("url", "ftp://archive.example"),
        ("url", "https://"),
        ("url", "https://archive.example/below"),
        ("url", "https://archive.example?a=b"),
        ("url", "https://archive.example#a"),
        ("url", "https://user:secret@archive.example"),
        ("url", "https://archive.example:0"),
        ("url", "https://archive.example:65536"),
        ("url", "https://archive.example https://b.example"),
        ("url", 'https://archive.example"><script>'),
    ],
)
def test_values_that_cannot_be_used(tmp_path: Path, key: str, value: str) -> None:
    """A wrong value is refused with its place and its name, not carried on to fail later."""
    with pytest.raises(SettingsError) as caught:
        load_with(tmp_path, environ={f"STEMMA_{key.upper()}": value})
    assert "the environment" in str(caught.value)
    assert key in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://archive.example", "https://archive.example"),
        ("https://archive.example/", "https://archive.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_the_address_of_the_archive(tmp_path: Path, written: str, read: str) -> None:
    """Paths are put behind it, so that a slash at its end, which people copy from the browser, has to go."""
    assert load_with(tmp_path, environ={"STEMMA_URL": written}).url == read


@pytest.mark.parametrize(
    "toml",
    [
        *("port = true", "port = 80.5", "index = 3", 'sources = "a:"', "sources = []", "sources = [1]", "host = []"),
        *(
            "languages = []",
            "opensearch_url = []",
            r'index = "a\u0000b"',
            r'sources = ["a\u0000b"]',
            r'name = "\u0000"',
        ),
    ],
)
def test_values_of_a_wrong_type(tmp_path: Path, toml: str) -> None:
    """TOML has types; one that does not fit is an error and no traceback."""
    with pytest.raises(SettingsError):
        load_with(tmp_path, toml=toml)


def test_a_slip_in_a_name_is_told(tmp_path: Path) -> None:
    """A list of two dozen names does not show at once which one was meant."""
    with pytest.raises(SettingsError, match=r"sets 'indx', which is no setting\. Is 'index' meant\?"):
        load_with(tmp_path, toml='indx = "archive"')
    with pytest.raises(SettingsError, match=r"sets 'colour', which is no setting\. The settings are"):
        load_with(tmp_path, toml="colour = true")


def test_unknown_settings(tmp_path: Path) -> None:
    """A misspelt setting that is silently ignored is the hardest to find."""
    with pytest.raises(SettingsError, match="indx"):
        load_with(tmp_path, environ={"STEMMA_INDX": "elsewhere"})
    with pytest.raises(SettingsError, match="prot"):
        load_with(tmp_path, toml="prot = 80")


def test_other_variables_of_the_environment(tmp_path: Path) -> None:
    """Only STEMMA_* is ours."""
    assert load_with(tmp_path, environ={"PORT": "1", "INDEX": "x"}) == load_with(tmp_path)


@pytest.mark.parametrize("data", [b"port = ", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_file_that_is_no_toml(tmp_path: Path, data: bytes) -> None:
    """A broken file is named; it is not taken for an empty one."""
    file = tmp_path / "stemma.toml"
    file.write_bytes(data)
    with pytest.raises(SettingsError, match="cannot be read as TOML"):
        load({}, {}, file)


def test_a_file_with_a_mark_of_utf8(tmp_path: Path) -> None:
    """Editors of Windows put one at the beginning, where nobody sees it."""
    file = tmp_path / "stemma.toml"
    file.write_bytes(b"\xef\xbb\xbfport = 9000\n")
    assert load({}, {}, file).port == 9000


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    """What cannot be opened is an error with a name too, and a pipe, which would never end, is not opened."""
    (tmp_path / "stemma.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    for name in ("stemma.toml", "pipe.toml"):
        with pytest.raises(SettingsError, match=name):
            load({}, {}, tmp_path / name)
