"""Messages between the program and its sandbox process. Imports next to nothing, for the sandbox has to start fast.

A job is a header in JSON and the bytes of the file. The sandbox sends READY when the reader is loaded, and then one
reply in JSON. Before each of these messages, except READY, stands its length. JSON rather than pickle: code that takes
over the sandbox must not be able to run code in the program.
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

LENGTH = struct.Struct(">Q")
READY = b"!"
ADVICE = "Save it anew or in another format, or take it out of the folder."


def send(connection: socket.socket, message: bytes) -> None:
    """Send the length of a message and the message."""
    connection.sendall(LENGTH.pack(len(message)))
    connection.sendall(message)


def receive(connection: socket.socket, deadline: float | None = None, limit: int | None = None) -> bytes:
    """Receive a message that `send` sent.

    Raise TimeoutError when `deadline` (of `time.monotonic`) passes, another OSError when the other side is gone or
    announces more than `limit` bytes.
    """
    (size,) = LENGTH.unpack(receive_exactly(connection, LENGTH.size, deadline))
    if limit is not None and size > limit:
        raise OSError(f"{size} bytes are announced")
    return receive_exactly(connection, size, deadline)


def receive_exactly(connection: socket.socket, size: int, deadline: float | None = None) -> bytes:
    """Receive `size` bytes. Raise TimeoutError at the deadline, another OSError when the other side is gone."""
    data = bytearray()
    while len(data) < size:
        if deadline is not None:
            connection.settimeout(max(deadline - time.monotonic(), 0.001))
        piece = connection.recv(min(size - len(data), 1 << 20))
        if not piece:
            raise ConnectionResetError
        data += piece
    return bytes(data)


def encode_header(kind: str, name: str, options: Options) -> bytes:
    """Return the header of a job: the kind of reader, the file's name without endings, and the options."""
    return json.dumps({"kind": kind, "name": name, "options": asdict(options)}).encode()


def decode_header(message: bytes) -> tuple[str, str, Options]:
    """Return the arguments that `encode_header` was given."""
    header = json.loads(message)
    options = header["options"]
    return header["kind"], header["name"], Options(**{**options, "languages": tuple(options["languages"])})


def encode_record(record: Record, encoding: str) -> bytes:
    """Return the reply to a file that could be read."""
    return json.dumps({"record": asdict(record), "encoding": encoding}).encode()


def encode_refusal(reason: str, advice: str) -> bytes:
    """Return the reply to a file that could not be read."""
    return json.dumps({"refused": [reason, advice]}).encode()


def decode_record(reply: dict[str, Any]) -> tuple[Record, str]:
    """Return the arguments that `encode_record` was given."""
    values = reply["record"]
    date = Date(*values["date"]) if values["date"] is not None else None
    return Record(**{**values, "date": date, "paragraphs": tuple(values["paragraphs"])}), reply["encoding"]
