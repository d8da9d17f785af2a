"""A process that analyses words for a writer, and how the two talk: parts with their lengths before them.

to it      language, runs with line breaks between them; or no language and no runs: the result, please
from it    the languages, counts and entries of each; then the columns of the table
"""

from __future__ import annotations

import json
import signal
import struct
import sys
from array import array
from typing import IO

from search.index.writing.lexicon import Coded, Lexicon, Table, TokenAnalyses

_LENGTH = struct.Struct("<Q")


def serve() -> None:
    """Be that process; ends when there is nobody to read from. Ctrl-C is for the writer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    source, target = sys.stdin.buffer, sys.stdout.buffer
    lexicon = Lexicon()
    try:
        while True:
            lang, joined = _read(source).decode(), _read(source)
            if joined:
                lexicon.learn(lang, joined.decode("utf-8", "surrogatepass").split("\n"))
            else:
                coded, widths = lexicon.finish()
                parts = [part for of in coded.values() for part in of]
                _write(target, json.dumps(list(coded)).encode(), *parts, widths)
                _write(target, *lexicon.table())
    except (EOFError, BrokenPipeError):
        return


def send(target: IO[bytes], lang: str, joined: str) -> None:
    """Send runs."""
    _write(target, lang.encode(), joined.encode("utf-8", "surrogatepass"))


def ask(target: IO[bytes]) -> None:
    """Ask for the result."""
    _write(target, b"", b"")


def receive_found(source: IO[bytes]) -> TokenAnalyses:
    """The result. Raises EOFError when the process has died."""
    coded = {lang: Coded(_numbers(source), _numbers(source)) for lang in json.loads(_read(source))}
    return TokenAnalyses(coded, _numbers(source))


def receive_table(source: IO[bytes]) -> Table:
    """The entries, which come after the result. Raises EOFError when the process has died."""
    return Table(
        _numbers(source), _read(source), _numbers(source), _numbers(source), _read(source),
        _numbers(source, "B"), _numbers(source), _numbers(source), _numbers(source),
    )  # fmt: skip


def _numbers(source: IO[bytes], kind: str = "i") -> array[int]:
    return array(kind, _read(source))


def _write(target: IO[bytes], *parts: bytes | array[int]) -> None:
    for part in parts:
        data = part if isinstance(part, bytes) else part.tobytes()
        target.write(_LENGTH.pack(len(data)))
        target.write(data)
    target.flush()


def _read(source: IO[bytes]) -> bytes:
    length = _LENGTH.unpack(_exactly(source, _LENGTH.size))[0]
    return _exactly(source, length)


def _exactly(source: IO[bytes], length: int) -> bytes:
    data = source.read(length)
    if len(data) < length:
        raise EOFError
    return data
