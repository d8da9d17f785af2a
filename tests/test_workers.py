"""Workers share what comes: none idles while another has a queue, and none is held up by one slow request."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from tests.test_server import Served, archive, serve
from web.turns import PATIENCE, Turns

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["archive", "serve"]  # the fixtures


def _held(served: Served) -> list[int]:
    """How many sockets each worker has open."""
    listed = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    if not listed.exists():
        pytest.skip("only Linux lists the children of a process")
    workers = [Path(f"/proc/{worker}/fd") for worker in listed.read_text("ascii").split()]
    return [sum(str(fd.readlink()).startswith("socket:") for fd in worker.iterdir()) for worker in workers]


def test_connections_are_shared_evenly(archive: Path, serve: Callable[..., Served]) -> None:
    """A proxy keeps its connections open: all of them at one worker would leave the other cores idle for good."""
    served = serve(archive, "--workers", "2")
    clients = [HTTPConnection("127.0.0.1", served.port, timeout=60) for _ in range(8)]
    deadline, held = time.monotonic() + 30, [0]
    while time.monotonic() < deadline:
        for client in clients:
            client.request("GET", "/healthz")
            assert client.getresponse().read()
        held = _held(served)
        if len(held) == 2 and all(client.sock for client in clients) and max(held) - min(held) <= 1:
            break
    for client in clients:
        client.close()
    assert len(held) == 2
    assert max(held) - min(held) <= 1
    assert served.stop()[0] == 0


class Slow:
    """An application that answers when it is let, and knows how many ask it."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = Event()

    def __call__(self, _environ: WSGIEnvironment, _start: StartResponse) -> list[bytes]:
        """Wait."""
        self.asked += 1
        self.go.wait(60)
        return [b"done"]


def test_requests_wait_for_their_turn_but_not_for_long() -> None:
    """Fast requests follow each other; one that takes seconds must not hold up all others of its process."""
    slow = Slow()
    turns = Turns(slow)
    threads = [Thread(target=turns, args=({}, None)) for _ in range(2)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    while slow.asked < 2 and time.monotonic() < started + 60:
        time.sleep(0.001)
    waited = time.monotonic() - started
    slow.go.set()
    for thread in threads:
        thread.join(60)
    assert slow.asked == 2
    assert waited >= PATIENCE


def test_who_came_first_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were turns given to whoever happens to ask, some would wait for all that came after them."""
    monkeypatch.setattr("web.turns.PATIENCE", 60.0)
    order, go = [], Event()

    def noted(environ: WSGIEnvironment, _start: StartResponse) -> list[bytes]:
        order.append(environ["number"])
        go.wait(60)
        return [b"done"]

    turns = Turns(noted)
    threads = [Thread(target=turns, args=({"number": number}, None)) for number in range(6)]
    for number, thread in enumerate(threads):
        thread.start()
        until = time.monotonic() + 60
        while (not order or turns.waiting < number) and time.monotonic() < until:
            time.sleep(0.001)
    go.set()
    for thread in threads:
        thread.join(60)
    assert order == list(range(6))


def test_a_turn_ends_with_an_error_too() -> None:
    """A request that breaks must not make all that follow wait."""

    def broken(_environ: WSGIEnvironment, _start: StartResponse) -> list[bytes]:
        raise ZeroDivisionError

    turns = Turns(broken)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            turns({}, lambda *_: lambda _: None)
        assert not turns.taken
