"""Workers share what comes: none idles while another has a queue, and none is held up by one slow request."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from pathlib import Path
from selectors import DefaultSelector
from threading import Event, Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import TConn, ThreadWorker

from tests.processes import environment, run
from tests.test_server import Served, archive, serve
from web.at_once import IN_A_ROW, LONG, MOST, UNREAD, WARY, BrokenOff, Kept, arrived, finished, is_whole_search
from web.turns import PATIENCE, Turns
from web.workers import Worker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["archive", "serve"]  # the fixtures
Json: TypeAlias = dict[str, Any]


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


TOLD_TO_QUIT = """
import os, signal, threading
from concurrent.futures import ThreadPoolExecutor
from web.workers import Worker

worker = Worker.__new__(Worker)
worker.tpool = ThreadPoolExecutor(1)
signal.signal(signal.SIGQUIT, worker.handle_quit)

class Thread(threading.Thread):
    def start(self):
        os.kill(os.getpid(), signal.SIGQUIT)
        super().start()

threading.Thread = Thread
worker.tpool.submit(print)
"""


def test_it_ends_when_told_so_in_the_middle_of_something() -> None:
    """While a request was given to the pool, Ctrl-C waited for what it had interrupted, ten seconds, until a kill."""
    python = [sys.executable, "-c", TOLD_TO_QUIT]
    assert subprocess.run(python, env=environment(), timeout=60, check=False).returncode == 0


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


SEARCH = b"GET /api/v1/search?q=walked HTTP/1.1\r\nHost: x\r\n\r\n"


class Client:
    """A connection to a server, used as it should not be."""

    def __init__(self, served: Served, room: int = 1 << 20) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(60)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        self.socket.connect(("127.0.0.1", served.port))

    def ask(self, request: bytes) -> None:
        """Send it, or a part of it."""
        self.socket.sendall(request)

    def answer(self) -> Json:
        """What is answered to the next request."""
        response = HTTPResponse(self.socket)
        response.begin()
        found: Json = json.loads(response.read())
        return found


@pytest.fixture
def connect() -> Iterator[Callable[..., Client]]:
    """Makes clients and leaves none behind."""
    with ExitStack() as open_ones:

        def connected(served: Served, **options: int) -> Client:
            client = Client(served, **options)
            open_ones.callback(client.socket.close)
            return client

        yield connected


def test_who_is_slow_to_ask_holds_up_nobody(
    archive: Path, serve: Callable[..., Served], connect: Callable[..., Client]
) -> None:
    """Searches are answered by the thread that waits for all: it must wait for none of them."""
    served = serve(archive, "--workers", "1")
    slow, fast = connect(served), connect(served)
    for _ in range(2):
        slow.ask(SEARCH[:-2])
        for _ in range(3):
            fast.ask(SEARCH)
            assert fast.answer()["total"]["value"] == 1
        slow.ask(SEARCH[-2:])
        assert slow.answer()["total"]["value"] == 1
    assert served.stop()[0] == 0


def test_who_is_slow_to_read_holds_up_nobody(
    tmp_path: Path, serve: Callable[..., Served], connect: Callable[..., Client]
) -> None:
    """Answers of megabytes are more than the system takes, and wait for whoever asked: more than there are threads."""
    (tmp_path / "seeds").mkdir()
    paragraphs = [f"Armstrong walked {number} {'far ' * 15_000}" for number in range(100)]
    (tmp_path / "seeds" / "moon.txt").write_text("Moon\n- 1969-07-20\n\n" + "\n\n".join(paragraphs), "utf-8")
    assert run(tmp_path, "reindex").returncode == 0
    served = serve(tmp_path, "--workers", "1")
    slow = [connect(served, room=4_096) for _ in range(10)]
    for client in slow:
        client.ask(SEARCH.replace(b"walked", b"armstrong&per_page=100"))
    fast = connect(served)
    for _ in range(3):
        fast.ask(SEARCH.replace(b"walked", b"missing"))
        assert fast.answer()["total"]["value"] == 0
    assert served.get("/healthz")[0] == 200
    for client in slow[::3]:
        texts = [hit["paragraph"]["text"] for hit in client.answer()["hits"]]
        assert sorted(texts) == sorted(text.strip() for text in paragraphs)
        client.ask(SEARCH)
        assert client.answer()["total"]["value"] == 100
    for client in slow:
        client.socket.close()
    fast.ask(SEARCH)
    assert fast.answer()["total"]["value"] == 100
    assert served.stop()[0] == 0


def test_who_does_not_close_holds_up_nobody(
    archive: Path, serve: Callable[..., Served], connect: Callable[..., Client]
) -> None:
    """After the last answer a connection lingers until the client closes it too, seconds if it does not."""
    served = serve(archive, "--workers", "1")
    fast = connect(served)
    for request in (SEARCH.replace(b"HTTP/1.1", b"HTTP/1.0"), b"GET /healthz HTTP/1.0\r\n\r\n", b"GET x\r\n\r\n"):
        still_open = [connect(served) for _ in range(4)]
        for client in still_open:
            client.ask(request)
            assert client.socket.recv(9).startswith(b"HTTP/1.")
        started = time.monotonic()
        fast.ask(SEARCH)
        assert fast.answer()["total"]["value"] == 1
        assert time.monotonic() - started < 1.9  # it lingers for 2
    assert served.stop()[0] == 0


def test_several_requests_at_once_are_answered_in_order(
    archive: Path, serve: Callable[..., Served], connect: Callable[..., Client]
) -> None:
    """Programs may send the next before they have read the answer (RFC 9112, section 9.3.2)."""
    served = serve(archive, "--workers", "1")
    client = connect(served)
    for words in ((b"walked", b"missing", b"walked"), (b"missing",), (b"walked", b"walked")):
        client.ask(b"".join(SEARCH.replace(b"walked", word) for word in words))
        for word in words:
            assert client.answer()["total"]["value"] == (word == b"walked")
    assert served.stop()[0] == 0


@pytest.mark.parametrize(
    ("sent", "whole"),
    [
        (SEARCH, True),
        (b"GET /?q=a HTTP/1.0\r\n\r\n", True),
        (b"", False),
        (SEARCH[:-1], False),
        (SEARCH + b"G", False),
        (SEARCH + SEARCH, False),
        (SEARCH.replace(b"Host: x", b"content-length : 9"), False),
        (SEARCH.replace(b"Host: x", b"Transfer-Encoding: chunked"), False),
        (SEARCH.replace(b"Host: x", b"Expect: 100-continue"), False),
        (SEARCH.replace(b"GET", b"POST"), False),
        (b"GET /style.css?v=1 HTTP/1.1\r\n\r\n", False),
        (b"GET /?q=" + b"a" * MOST + b" HTTP/1.1\r\n\r\n", False),
    ],
)
def test_what_is_answered_at_once(sent: bytes, whole: bool) -> None:  # noqa: FBT001 - a parameter
    """Only what can be read without waiting, and what no other can hide in."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert arrived(SimpleNamespace(sock=ours, parser=None)) is None
        theirs.sendall(sent)
        theirs.shutdown(socket.SHUT_WR)
        assert is_whole_search(arrived(SimpleNamespace(sock=ours, parser=None))) is whole
        before = SimpleNamespace(unreader=SimpleNamespace(buf=BytesIO(b"POST / HTTP/1.1\r\nContent-Length: 99\r\n")))
        assert not is_whole_search(arrived(SimpleNamespace(sock=ours, parser=before)))


def test_an_answer_that_breaks_off_is_none() -> None:
    """Nothing of it has been sent, so the client can still be told; gunicorn would just close the connection."""
    with pytest.raises(BrokenOff):
        close_graceful(Kept())


class Seen:
    """A worker whose searches take a time, and what it saw to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.pooled: list[int] = []
        self.at_once: list[int] = []
        self.worker = Worker.__new__(Worker)

        def handle(connection: SimpleNamespace) -> None:
            self.at_once.append(connection.number)
            time.sleep(seconds)

        monkeypatch.setattr(self.worker, "handle", handle)
        monkeypatch.setattr(self.worker, "finish_request", lambda *_: None)
        monkeypatch.setattr(ThreadWorker, "enqueue_req", lambda _, connection: self.pooled.append(connection.number))

    def ask(self, numbers: range) -> None:
        """Searches that are there together."""
        self.worker._row_began = 0.0  # noqa: SLF001 - as before each wait
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(SEARCH)
            for number in numbers:
                self.worker.enqueue_req(SimpleNamespace(sock=ours, parser=None, number=number))


def test_after_a_slow_search_others_are_left_to_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that takes its whole time holds up those that came with it; they must not do the same to each other."""
    seen = Seen(monkeypatch, LONG * 1.1)
    seen.ask(range(3))
    time.sleep(WARY)
    seen.ask(range(3, 4))
    assert seen.at_once == [0, 3]
    assert seen.pooled == [1, 2]


def test_many_searches_in_a_row_are_left_to_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    """While they are answered nobody is let in, and gunicorn takes a worker that says nothing for dead."""
    seen = Seen(monkeypatch, LONG * 0.8)
    seen.ask(range(20))
    assert seen.at_once
    assert len(seen.at_once) <= IN_A_ROW / (LONG * 0.8) + 1
    assert len(seen.pooled) == 20 - len(seen.at_once)
    answered = len(seen.at_once)
    seen.ask(range(20, 22))
    assert seen.at_once[answered:] == [20, 21]


def bare(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker that holds no connection, and is told nothing by others."""
    worker = Worker.__new__(Worker)
    without: dict[str, Any] = {
        "nr_conns": 0, "worker_connections": 100, "age": 1, "alive": True, "cfg": None, "sockets": [], "_unread": {},
        "_accepting": True, "poller": DefaultSelector(),
    }  # fmt: skip
    for name, value in without.items():
        monkeypatch.setattr(worker, name, value, raising=False)
    monkeypatch.setattr(worker, "fewest", lambda: worker.nr_conns)
    monkeypatch.setattr(worker, "_tell", lambda: None)
    return worker


def test_all_new_connections_are_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were it one before each row of searches, the last of many clients would wait for seconds."""
    worker = bare(monkeypatch)
    let_in: list[TConn] = []
    monkeypatch.setattr(worker, "enqueue_req", let_in.append)
    with ExitStack() as open_ones, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        for _ in range(5):
            open_ones.enter_context(socket.create_connection(listener.getsockname()))
        worker.accept(listener)
        for connection in let_in:
            open_ones.enter_context(connection.sock)
    assert len(let_in) == worker.nr_conns == 5


def test_a_worker_does_not_sleep_through_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that it left to others wait for it a moment, not until something else wakes it."""
    worker, waited = bare(monkeypatch), []
    monkeypatch.setattr(ThreadWorker, "wait_for_and_dispatch_events", lambda _, timeout: waited.append(timeout))
    monkeypatch.setattr(worker, "_left_until", time.monotonic() + 0.01)
    worker.set_accept_enabled(enabled=True)
    time.sleep(0.02)
    worker.wait_for_and_dispatch_events(1.0)
    worker.set_accept_enabled(enabled=True)
    worker.wait_for_and_dispatch_events(1.0)
    assert waited == [0.0, 1.0]


def test_who_takes_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left of an answer takes memory, and a client that is gone without a word never takes it."""
    worker = bare(monkeypatch)
    worker.nr_conns = 1
    ours, theirs = socket.socketpair()
    theirs.settimeout(5)
    with theirs:
        connection = TConn(None, ours, None, None)
        connection.rest, connection.at_once = b"left", True
        worker.finish_request(connection, finished(result=True))
        worker._give_up()  # noqa: SLF001 - as before each wait
        assert worker.nr_conns == 1
        later = time.monotonic() + UNREAD + 1
        monkeypatch.setattr(time, "monotonic", lambda: later)
        worker._give_up()  # noqa: SLF001 - as before each wait
        assert theirs.recv(1) == b""
    assert worker.nr_conns == 0
    assert not worker.poller.get_map()
