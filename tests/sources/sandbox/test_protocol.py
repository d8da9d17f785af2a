"""Messages between the program and its sandbox process."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator

import pytest

from search.dates import parse_date
from search.sources import Options, Record
from search.sources.sandbox.protocol import (
    LENGTH,
    decode_header,
    decode_record,
    encode_header,
    encode_record,
    receive,
    receive_exactly,
    send,
)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_is_encoded_comes_back_the_same() -> None:
    """JSON has no tuples and no dates: an article would come back as another type, and options would not be equal."""
    options = Options(languages=("en", "tr"), seconds=1.5)
    assert decode_header(encode_header("pdf", "näme", options)) == ("pdf", "näme", options)
    for date in (None, parse_date("2025-07")):
        record = Record("T", date, ("One.", "Two."), "fr", "", date_guessed=True)
        assert decode_record(json.loads(encode_record(record, "utf-8"))) == (record, "utf-8")


def test_messages_keep_their_borders(pair: tuple[socket.socket, socket.socket]) -> None:
    """Two messages in a row must not run together, nor an empty one vanish."""
    for message in (b"one", b"", b"two" * 9999):
        send(pair[0], message)
    assert [receive(pair[1], time.monotonic() + 30) for _ in range(3)] == [b"one", b"", b"two" * 9999]


def test_an_announced_length_is_bounded(pair: tuple[socket.socket, socket.socket]) -> None:
    """Code that took over the sandbox must not have the program wait for, or hold, any number of bytes."""
    pair[0].sendall(LENGTH.pack(1 << 60))
    with pytest.raises(OSError, match="announced"):
        receive(pair[1], time.monotonic() + 30, 1 << 20)


def test_silence_and_an_end_are_told_apart(pair: tuple[socket.socket, socket.socket]) -> None:
    """The message to the user is another one: a limit of time that can be raised, or a crash."""
    pair[0].sendall(b"ab")
    with pytest.raises(TimeoutError):
        receive_exactly(pair[1], 3, time.monotonic() + 0.05)
    pair[0].close()
    with pytest.raises(ConnectionResetError):
        receive_exactly(pair[1], 1, time.monotonic() + 30)
