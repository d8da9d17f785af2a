"""The process that reads heavy formats: bounded in memory and time, thrown away when it breaks. See keeper.py.

Their libraries are large, and what they read is from strangers. Only this process imports them.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import resource
import select
import signal
import socket
from collections.abc import Callable
from typing import TypeAlias

from search.errors import UnreadableArticle
from search.sources.records import Options, Record
from search.sources.sandbox.protocol import JOB, READY, Broke, answer, options_of, receive, refusal

Reader: TypeAlias = Callable[[bytes, str, Options], tuple[Record, str]]

GRACE = 5
"""Seconds after which a reader ends itself that its keeper should have ended."""


def main(connection: int, life: int, memory: int) -> None:
    """Read what is asked for until nobody asks any more. `life` is a pipe that its keeper holds open while it lives."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the keeper, which then goes, and we with it
    _die_with(life)
    with contextlib.suppress(ValueError, OSError):  # some systems do not bound memory
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=connection) as client, contextlib.suppress(Broke, OSError):
        while _serve(client):
            pass


def _die_with(life: int) -> None:
    """Have the kernel end this process when the other end of a pipe is closed, whatever it is doing then."""
    fcntl.fcntl(life, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(life, fcntl.F_SETFL, fcntl.fcntl(life, fcntl.F_GETFL) | os.O_ASYNC)
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    if select.select([life], [], [], 0)[0]:
        os._exit(1)  # it was closed before we listened


def _serve(client: socket.socket) -> bool:
    """Do one job; False when the process is not to be trusted with another."""
    header_size, size = JOB.unpack(receive(client, JOB.size))
    header = json.loads(receive(client, header_size))
    options = options_of(header)
    data = receive(client, size)
    read = reader_of(header["kind"])
    client.sendall(READY)
    seconds = int(options.seconds) + GRACE
    spent = resource.getrusage(resource.RUSAGE_SELF)
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    allowed = int(spent.ru_utime + spent.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (allowed if most == resource.RLIM_INFINITY else min(allowed, most), most))
    signal.alarm(seconds)  # nobody handles it: it ends the process
    reply, healthy = _read(read, data, header["name"], options)
    signal.alarm(0)
    client.sendall(reply)
    return healthy


def _read(read: Reader, data: bytes, name: str, options: Options) -> tuple[bytes, bool]:
    """The answer to a job, and whether this process is as good as before."""
    advice = "Save it anew or in another format, or take it out of the folder."
    try:
        return answer(*read(data, name, options)), True
    except UnreadableArticle as error:
        return refusal(error.message, error.hint), True
    except MemoryError:
        return refusal(f"The file takes more than {options.memory >> 20:,} MB of memory to read.", advice), False
    except RecursionError:
        return refusal("The file is nested too deep.", advice), True
    except Exception as error:  # noqa: BLE001 - on damaged files libraries raise whatever comes up
        said = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        detail = "".join(letter if letter.isprintable() else "?" for letter in said)
        return refusal(f"The file is damaged ({detail.rstrip('.: ')}).", advice), True


def reader_of(kind: str) -> Reader:
    """The reader of a format, with the libraries that it needs."""
    if kind == "html":
        from search.sources.formats.html import read_html as read
    elif kind == "md":
        from search.sources.formats.markdown import read_markdown as read
    elif kind == "pdf":
        from search.sources.formats.pdf import read_pdf as read
    elif kind == "docx":
        from search.sources.formats.docx import read_docx as read
    else:
        from search.sources.formats.epub import read_epub as read
    return read
