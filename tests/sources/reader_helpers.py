"""Writing a file and reading it, as the tests of every format do."""

from __future__ import annotations

from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.sources import Options, Record, RefusedRecord, SourceFile, open_source

MANY = Options(languages=("en", "fr", "tr"))


def opened(folder: Path, name: str, data: bytes | str, options: Options = MANY) -> SourceFile:
    """A file of this name and content, opened."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return open_source(path, options)


def read(folder: Path, name: str, data: bytes | str, options: Options = MANY) -> list[Record | RefusedRecord]:
    """Everything that it holds."""
    return list(opened(folder, name, data, options).records)


def article(folder: Path, name: str, data: bytes | str, options: Options = MANY) -> Record:
    """The one article that it is."""
    (record,) = read(folder, name, data, options)
    assert isinstance(record, Record), record
    return record


def refusal(folder: Path, name: str, data: bytes | str, options: Options = MANY) -> str:
    """Why the whole file cannot be read, and what to do; both are always said."""
    with pytest.raises(UnreadableArticle) as caught:
        read(folder, name, data, options)
    assert caught.value.message
    assert caught.value.hint
    return str(caught.value)
