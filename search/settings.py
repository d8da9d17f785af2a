"""Settings: the only reader of the variables `STEMMA_*` of the environment, and of `stemma.toml`.

The flag of a command wins over the environment, the environment over `stemma.toml` in the working directory, and the
file over the default. A key in the file is the name of the variable without `STEMMA_`, in small letters:
`index = "archive"` is the same as STEMMA_INDEX=archive.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from search.analysis.tokenizer import LANGUAGES
from search.errors import SettingsError

FILE = Path("stemma.toml")
PREFIX = "STEMMA_"
"""Each variable of the environment that is a setting has a name that begins with this."""
DEFAULT_SOURCES = (Path("seeds"),)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each with its default."""

    index: Path = Path("index")
    """The folder in which the index is kept."""
    sources: tuple[Path, ...] = DEFAULT_SOURCES
    """The folders and files that `stemma reindex` reads if none is named; in the environment separated as in PATH."""
    engine: str = "whoosh"
    """The engine that keeps and searches the index: `whoosh` or `opensearch`."""
    languages: tuple[str, ...] = ("en",)
    """Codes of the languages that articles may be in; the first is taken if the language of one cannot be told. In the
    environment: `en,fr`."""
    fields: tuple[str, ...] = ()
    """Unusual names of fields in JSON and CSV files: `title=headline` if titles are in the field `headline`."""
    memory: int = 1_024
    """Megabytes of memory, by estimate, that `stemma reindex` fills before it writes what it has read to disk."""
    jobs: int = 0
    """Number of processes that `stemma reindex` uses; 0 is one for each core."""
    host: str = "127.0.0.1"
    """The address or host name that `stemma serve` listens on; by the default only this machine can reach it."""
    port: int = 8000
    """The port that `stemma serve` listens on."""
    workers: int = 2
    """Number of processes that answer requests. Each can use one core; they share the memory of the index."""
    half_life: int = 0
    """Age in days at which an article has half the boost that new articles get in the ranking; 0 is no boost."""
    variants: str = "on"
    """Which variants of names a search adds: `off` adds none, `on` other spellings, `alias` also other names."""
    synonyms: str = ""
    """The path of a file of synonyms, in Solr's format, that are variants too; empty for none."""
    name: str = "Stemma"
    """The name of the archive, at the top of each page."""
    about: str = ""
    """A line about the archive, on the home page; empty for none."""
    logo: str = ""
    """The path of a picture beside the archive's name, SVG, PNG, JPEG or WebP; empty for that of Stemma."""
    url: str = ""
    """The address at which readers reach `stemma serve`, such as `https://archive.example`, with which absolute links
    begin; empty for the address that each request was sent to."""
    cors: tuple[str, ...] = ()
    """Origins whose pages may use the JSON API by script, such as `https://example.org`; `*` for all."""
    opensearch_url: tuple[str, ...] = ("http://localhost:9200",)
    """The addresses of the nodes of the OpenSearch cluster, if that is the engine; in the environment with commas."""
    opensearch_index: str = "stemma"
    """The name of the index in the cluster."""
    opensearch_user: str = ""
    """The user name for the cluster; empty if the cluster asks for none."""
    opensearch_password: str = field(default="", repr=False)
    """The password of that user."""
    opensearch_ca: str = ""
    """The path of the certificate of the authority that signed that of the cluster; empty if the system knows it."""
    opensearch_shards: int = 1
    """Number of shards of a new index in the cluster; see docs/scaling.md."""
    file: Path | None = None
    """The file that was read, if any; not a setting."""


KEYS = tuple(one.name for one in fields(Settings) if one.name != "file")
"""The names of all settings."""


def load(overrides: Mapping[str, Any], environ: Mapping[str, str] = os.environ, file: Path = FILE) -> Settings:
    """Return the settings that apply. `overrides` are the flags of a command, None for those that were not given.

    Raises SettingsError for an unknown key, a value that cannot be used, or a file that cannot be read; the message
    says whether it stands in the file, in the environment or on the command line.
    """
    values: dict[str, Any] = {}
    for origin, found in (
        (str(file), _read(file)),
        ("the environment", {k[len(PREFIX) :].lower(): v for k, v in environ.items() if k.startswith(PREFIX)}),
        ("the command line", {k: v for k, v in overrides.items() if v is not None}),
    ):
        for key, value in found.items():
            if key not in KEYS:
                meant = "".join(f" Is {near!r} meant?" for near in get_close_matches(key, KEYS, 1, 0.7))
                message = f"{origin} sets {key!r}, which is no setting.{meant}"
                raise SettingsError(message, f"The settings are {', '.join(KEYS)}.")
            values[key] = _parse(key, value, origin)
    return Settings(**values, file=file if file.exists() else None)


def _read(file: Path) -> dict[str, Any]:
    """Return the values in a TOML file; none if there is no file. Raises SettingsError if it cannot be read."""
    if file.exists() and not file.is_file():  # a pipe would never end
        raise SettingsError(f"{file} is not a regular file.", "Take it away.")
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))  # Windows puts a mark of UTF-8 before it
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{file} cannot be read as TOML: {error}.", "Mend it or take it away.") from error


def _parse(key: str, value: Any, origin: str) -> Any:  # noqa: ANN401 - TOML's values are of any type
    """Return a value in the type of its setting. Raises SettingsError, whose message has `origin`, where it stands."""
    shown = "a value" if key == "opensearch_password" else repr(value)
    wrong = SettingsError(f"{origin} sets {key} to {shown}, which cannot be used.", _HINTS[key])
    if key == "sources":
        paths = value.split(os.pathsep) if isinstance(value, str) else value
        if not isinstance(paths, list | tuple) or not paths or not all(map(_is_path, paths)):
            raise wrong
        return tuple(Path(path) for path in paths)
    if key in {"languages", "fields", "cors", "opensearch_url"}:
        names = value.split(",") if isinstance(value, str) else value
        if not isinstance(names, list | tuple) or not _are_usable(key, names):
            raise wrong
        return tuple(name.strip() for name in names)
    if key in _RANGES:
        text = str(value)
        if not (text.isascii() and text.isdecimal() and int(text[:9]) in _RANGES[key]):
            raise wrong
        return int(text)
    if not isinstance(value, str | Path):
        raise wrong
    text = _site(str(value)) if key == "url" else str(value)
    if not _is_path(text) or (key == "variants" and text not in VARIANTS):
        raise wrong
    if key == "opensearch_index" and not _INDEX_NAME.fullmatch(text):
        raise wrong
    return Path(text) if key == "index" else text


def _are_usable(key: str, names: Sequence[object]) -> bool:
    """Return whether these can be the values of a setting that takes several; of two fields for one part none is."""
    if not all(isinstance(name, str) and _PATTERNS[key].fullmatch(name) for name in names):
        return False
    if key == "fields":
        return len({str(name).partition("=")[0].strip() for name in names}) == len(names)
    return bool(names) or key == "cors"


def _is_path(value: object) -> bool:
    """Return whether a value is a text that is not empty and that the operating system takes for a path."""
    return isinstance(value, str | Path) and str(value) != "" and "\0" not in str(value)


def _site(text: str) -> str:
    """Return the address of a site without a slash at its end; an empty text if `text` is no such address."""
    found = _PATTERNS["url"].fullmatch(text)
    return found["origin"] if found and int(found["port"] or 1) in _RANGES["port"] else ""


VARIANTS = ("off", "on", "alias")
"""Values of the setting `variants`."""
FIELDS = ("title", "date", "text", "paragraphs", "id", "lang")
"""Parts of an article whose fields in JSON and CSV may have another name."""
_ORIGIN = r"https?://(?:[A-Za-z0-9][A-Za-z0-9.\-]*|\[[0-9A-Fa-f:]+\])(?::(?P<port>\d{1,5}))?"
"""A scheme, a host and perhaps a port, as in `https://archive.example:8443`."""
_PATTERNS = {
    "languages": re.compile(rf"\s*(?:{'|'.join(LANGUAGES)})\s*"),
    "url": re.compile(rf"(?P<origin>{_ORIGIN})/?"),
    "cors": re.compile(rf"\s*(?:\*|{_ORIGIN})\s*"),
    "fields": re.compile(rf"\s*(?:{'|'.join(FIELDS)})\s*=\s*\S.*"),
    "opensearch_url": re.compile(r"\s*https?://[^\s,/]+/?\s*"),
}
_INDEX_NAME = re.compile("[a-z0-9][a-z0-9_.-]{0,99}")
_RANGES = {
    "jobs": range(65),
    "port": range(1, 65_536),
    "workers": range(1, 65),
    "memory": range(64, 1 << 20),
    "half_life": range(100_000),
    "opensearch_shards": range(1, 1_025),
}
_HINTS = {
    "index": "It is a folder.",
    "sources": f"It is one folder or file or more, with {os.pathsep!r} between them.",
    "engine": "It can be: whoosh, opensearch.",
    "languages": f"It is one or more of {', '.join(LANGUAGES)}, with commas between them.",
    "fields": f"It is pairs such as title=headline, with commas between, one for each of {', '.join(FIELDS)} at most.",
    "jobs": "It is a number up to 64; 0 is one for each core.",
    "host": "It is an address or a host name, such as 127.0.0.1.",
    "port": "It is a number from 1 to 65535.",
    "workers": "It is a number from 1 to 64.",
    "memory": "It is a number of megabytes, at least 64.",
    "variants": f"It can be {', '.join(VARIANTS)}.",
    "synonyms": "It is a file.",
    "name": "It is the name of the archive.",
    "about": "It is a sentence about the archive.",
    "logo": "It is an SVG, PNG, JPEG or WebP file.",
    "url": "It is http:// or https:// and a host, such as https://archive.example, with no path, query or password.",
    "cors": "It is one or more origins such as https://example.org, with commas between them, or *.",
    "opensearch_url": "It is an address such as https://node:9200, or some with commas between them.",
    "opensearch_index": "It is a name of small letters, digits, '-', '_' and '.'.",
    "opensearch_user": "It is a name.",
    "opensearch_password": "It is a word.",
    "opensearch_ca": "It is a file.",
    "opensearch_shards": "It is a number from 1 to 1024.",
    "half_life": "It is a number of days; 0 is no boost of recent articles.",
}
