"""The sandbox process: reads heavy formats in bounded memory and time; `sandbox_client.py` starts and replaces it.

The libraries of these formats are large and read hostile files. No other process imports them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import select
import signal
import socket
from collections.abc import Callable
from importlib import import_module
from typing import TypeAlias, cast

from search.errors import UnreadableArticle
from search.sources.records import Options, Record
from search.sources.sandbox.protocol import ADVICE, READY, decode_header, encode_record, encode_refusal, receive, send

HeavyReader: TypeAlias = Callable[[bytes, str, Options], tuple[Record, str]]
"""Reader of a heavy format: takes the bytes of a file, its name without endings and the options; returns the article
and the encoding, which is empty for formats that prescribe theirs."""

HEAVY_READERS = {
    "docx": ("search.sources.formats.docx", "read_docx"),
    "epub": ("search.sources.formats.epub", "read_epub"),
    "html": ("search.sources.formats.html", "read_html"),
    "md": ("search.sources.formats.markdown", "read_markdown"),
    "pdf": ("search.sources.formats.pdf", "read_pdf"),
}
"""Module and function of each kind of heavy reader; a module is imported when the first file of its kind comes."""

GRACE_SECONDS = 5
"""Seconds beyond the limit of a file after which this process ends itself, in case its client does not kill it."""


def main(connection: int, life: int, memory: int) -> None:
    """Read files for the client until it closes the connection.

    `connection` is the descriptor of a socket, `life` that of a pipe that the client holds open while it lives,
    `memory` the limit of memory in bytes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the client, which then goes, and we with it
    _die_with(life)
    with contextlib.suppress(ValueError, OSError):  # some systems do not bound memory
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=connection) as client, contextlib.suppress(OSError):
        while _serve(client):
            pass


def _die_with(life: int) -> None:
    """Have the kernel end this process when the other end of a pipe is closed, even in the middle of a file."""
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    if select.select([life], [], [], 0)[0]:
        os._exit(1)  # it was closed before we listened


def _serve(client: socket.socket) -> bool:
    """Read one file and send the reply. Return False when this process must not read another."""
    kind, name, options = decode_header(receive(client))
    data = receive(client)
    read = load_reader(kind)
    client.sendall(READY)
    seconds = int(options.seconds) + GRACE_SECONDS
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(spent.ru_utime + spent.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (allowed if most == resource.RLIM_INFINITY else min(allowed, most), most))
    signal.alarm(seconds)  # nobody handles it: it ends the process
    reply, healthy = _read(read, data, name, options)
    signal.alarm(0)
    send(client, reply)
    return healthy


def _read(read: HeavyReader, data: bytes, name: str, options: Options) -> tuple[bytes, bool]:
    """Return the reply to a file, and whether this process may read another."""
    try:
        return encode_record(*read(data, name, options)), True
    except UnreadableArticle as error:
        return encode_refusal(error.message, error.hint), True
    except MemoryError:
        reason = f"The file takes more than {options.memory >> 20:,} MB of memory to read."
        return encode_refusal(reason, ADVICE), False
    except RecursionError:
        return encode_refusal("The file is nested too deep.", ADVICE), True
    except Exception as error:  # noqa: BLE001 - on damaged files libraries raise whatever comes up
        text = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        detail = "".join(letter if letter.isprintable() else "?" for letter in text)
        return encode_refusal(f"The file is damaged ({detail.rstrip('.: ')}).", ADVICE), True


def load_reader(kind: str) -> HeavyReader:
    """Import and return the reader of a kind of heavy format. Raise KeyError for a kind not in HEAVY_READERS."""
    module, function = HEAVY_READERS[kind]
    return cast("HeavyReader", getattr(import_module(module), function))
