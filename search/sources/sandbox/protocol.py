"""What the process that reads heavy formats and the one that keeps it say to each other. Imports next to nothing.

A job is two lengths, a header as JSON and the file's bytes; then comes one byte when the reader is loaded, then an
answer: a length and JSON. JSON, not pickles: whoever takes over the reader must not get hold of the keeper.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from dataclasses import asdict
from typing import Any

from search.model import Date
from search.sources.records import Options, Record

JOB = struct.Struct(">QQ")
ANSWER = struct.Struct(">Q")
READY = b"!"


class Broke(Exception):
    """The other side is gone."""


class TooSlow(Exception):
    """The other side took too long."""


def receive(connection: socket.socket, size: int, until: float | None = None) -> bytes:
    """Exactly so many bytes. Raises Broke when the other side is gone, TooSlow when the clock has passed `until`."""
    data = bytearray()
    while len(data) < size:
        if until is not None:
            connection.settimeout(max(until - time.monotonic(), 0.001))
        try:
            piece = connection.recv(min(size - len(data), 1 << 20))
        except TimeoutError:
            raise TooSlow from None
        except OSError:
            raise Broke from None
        if not piece:
            raise Broke
        data += piece
    return bytes(data)


def job(kind: str, name: str, data: bytes, options: Options) -> bytes:
    """What asks for a file to be read."""
    header = json.dumps({"kind": kind, "name": name, "options": asdict(options)}).encode()
    return JOB.pack(len(header), len(data)) + header


def options_of(header: dict[str, Any]) -> Options:
    """The options in a job's header."""
    return Options(**{**header["options"], "languages": tuple(header["options"]["languages"])})


def answer(record: Record, encoding: str) -> bytes:
    """What tells an article."""
    return _packed({"record": asdict(record), "encoding": encoding})


def refusal(reason: str, advice: str) -> bytes:
    """What tells why there is none."""
    return _packed({"refused": [reason, advice]})


def record_of(told: dict[str, Any]) -> Record:
    """The article in an answer."""
    values = told["record"]
    date = Date(*values["date"]) if values["date"] is not None else None
    return Record(**{**values, "date": date, "paragraphs": tuple(values["paragraphs"])})


def _packed(value: dict[str, Any]) -> bytes:
    data = json.dumps(value).encode()
    return ANSWER.pack(len(data)) + data
