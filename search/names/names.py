"""The list of names in force: the one that comes with Stemma, and the file of synonyms of the settings."""

from __future__ import annotations

import logging
import time
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from search.errors import SettingsError
from search.names.name_expansion import HasLeaf, NameExpansion
from search.names.name_list import NameList
from search.names.synonyms import SynonymGroup, read_groups
from search.names.transliteration import OTHER_LETTERS

CHECK_INTERVAL = 1.0
"""Seconds between two checks whether the file of synonyms has changed."""
MAX_BYTES = 10_000_000
"""Maximum size of a file of synonyms."""

_LOGGER = logging.getLogger(__name__)


class VersionedList(NamedTuple):
    """A list of names, and a number that changes with the file of synonyms; threads see both change at once."""

    version: int
    names: NameList


class Names:
    """The names in force, which threads share. A file of synonyms is read again when it has changed.

    `file` is the path of a file of synonyms, empty for none. `added` is what is added to a name: nothing (`off`), other
    spellings (`on`), or other names too (`alias`).

    Raises SettingsError for a file that cannot be read. If a later version of it cannot be, the one before stays, and
    a line of the log says so.
    """

    def __init__(self, added: str = "on", file: str | Path = "") -> None:
        self.added = added
        self.file = Path(file) if file else None
        self._checked = time.monotonic()
        self._state = _state(self.file)
        self._versioned = _read(self.file) if self.file else VersionedList(0, shipped())

    @property
    def version(self) -> int:
        """A number that changes with the file of synonyms."""
        return self._current().version

    def expansion(self, query: str, languages: tuple[str, ...], has: HasLeaf) -> NameExpansion | None:
        """Return what adds variants to a query; None if the query has no name, which takes a few microseconds to tell.

        `languages` are those of the archive; `has` tells whether the archive has the words of a leaf.
        """
        names = self._current().names
        is_plain = query.isascii() and OTHER_LETTERS.isdisjoint(languages)
        if self.added == "off" or (is_plain and not names.may_have(query)):
            return None
        return NameExpansion(names, languages, has, aliases=self.added == "alias")

    def _current(self) -> VersionedList:
        """Return the list in force; read the file of synonyms again if it has changed."""
        now = time.monotonic()
        if self.file is not None and now - self._checked >= CHECK_INTERVAL:
            self._checked = now
            if (state := _state(self.file)) != self._state:
                self._state = state
                try:
                    self._versioned = _read(self.file)
                except SettingsError as error:
                    _LOGGER.warning("%s What was read before stays in force.", error)
        return self._versioned


def _read(file: Path) -> VersionedList:
    """Return the list that comes with Stemma with the groups of a file of synonyms. Raises SettingsError."""
    hint = "STEMMA_SYNONYMS is a file in Solr's format, in UTF-8."
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise SettingsError(f"{file} has more than {MAX_BYTES:,} bytes.", hint)
        groups = read_groups(data.decode("utf-8-sig"), str(file), marked=False)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise SettingsError(f"{file} cannot be read: {reason}.", hint) from error
    return VersionedList(crc32(data), NameList([*shipped_groups(), *groups]))


def _state(file: Path | None) -> tuple[int, int, int] | None:
    """Return the modification time in ns, the size in bytes and the inode of a file; None if there is no such file."""
    try:
        found = file.stat() if file else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None


@cache
def shipped_groups() -> tuple[SynonymGroup, ...]:
    """Return the groups of the list that comes with Stemma."""
    file = files("search.names") / "variants.txt"
    return tuple(read_groups(file.read_text("utf-8"), "variants.txt", marked=True))


@cache
def default_names() -> Names:
    """Return the names in force without any setting."""
    return Names()


@cache
def shipped() -> NameList:
    """Return the list that comes with Stemma."""
    return NameList(shipped_groups())
