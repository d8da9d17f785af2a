"""Clients of a server that send the body of a request slowly, or never."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.web.serving.served import Served
from web.serving import request_body
from web.serving.request_body import MAX_BODIES

HEAD = b"POST /api/v1/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BODY = b'{"q": "walking"}'


def posted(served: Served, body: bytes) -> int:
    """The status of the answer to a search that is posted at once; an error is a problem as of any other request."""
    with closing(HTTPConnection("127.0.0.1", served.port, timeout=30)) as connection:
        connection.request("POST", "/api/v1/search", body, {"Content-Type": "application/json", "Connection": "close"})
        with connection.getresponse() as answer:
            found = json.load(answer)
            if answer.status == 503:
                assert (found["code"], found["request_id"]) == ("retry-later", answer.headers["X-Request-Id"])
                assert answer.headers["Retry-After"]
            return answer.status


def test_a_body_that_never_ends_holds_up_nobody(archive: Path, serve: Callable[..., Served]) -> None:
    """One client that stops in the middle of a request must not stop the searches of all others."""
    served = serve(archive, "--workers", "1")
    assert served.get("/readyz")[0] == 200
    stalled = []
    for _ in range(MAX_BODIES):
        client = socket.create_connection(("127.0.0.1", served.port), timeout=60)
        client.sendall(HEAD % len(BODY) + BODY[:1])
        stalled.append(client)
    for _ in range(5):
        assert served.get("/api/v1/search?q=walking")[0] == 200
    deadline = time.monotonic() + 10
    while (status := posted(served, BODY)) != 503 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert status == 503, "so many bodies may be on their way, and no more"
    stalled[0].sendall(BODY[1:])
    with stalled[0], HTTPResponse(stalled[0]) as answer:
        answer.begin()
        assert (answer.status, json.load(answer)["total"]["value"]) == (200, 1)
    assert posted(served, BODY) == 200
    stalled[1].close()
    stalled[2].sendall(BODY[1:-1])  # some of it comes, and not the end
    for client in stalled[2:]:
        assert client.recv(1) == b"", "who takes too long is given up"
        client.close()
    assert {posted(served, BODY) for _ in range(MAX_BODIES)} == {200}, "and makes room"


def test_bodies_of_all_sizes_are_answered(archive: Path, serve: Callable[..., Served]) -> None:
    """A body without a length, or one that is too long, has the answer that the application gives it."""
    served = serve(archive, "--workers", "1")
    assert served.get("/readyz")[0] == 200
    assert posted(served, BODY + b" " * 60_000) == 200
    assert posted(served, BODY + b" " * 70_000) == 413
    for length, status in ((1, 200), (70_000, 413)):
        client = socket.create_connection(("127.0.0.1", served.port), timeout=30)
        body = BODY + b" " * length
        head = (HEAD % 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        client.sendall(head + b"%x\r\n" % len(body) + body + b"\r\n0\r\n\r\n")
        with client, HTTPResponse(client) as answer:
            answer.begin()
            assert answer.status == status


HERE = "127.0.0.9"
"""An address of this machine that no other test connects from."""


def test_who_reads_nothing_has_no_more_than_a_longer_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that leaves an answer unread, and then sends half a body, would have a thread for good."""
    monkeypatch.setattr(request_body, "BODY_TIMEOUT", 0.2)
    monkeypatch.setattr(request_body, "READ_TIMEOUT", 3600.0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        clients = [socket.socket(), socket.socket()]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            client.bind((HERE, 0))
            client.connect(listener.getsockname())
        served = [listener.accept()[0] for _ in clients]
        served[0].sendall(b"a" * 100_000)  # more than fits on its way to somebody who does not read
        time.sleep(0.4)
        request_body.shut_unanswered({HERE})
        with closing(served[1]), closing(clients[1]):
            assert clients[1].recv(1) == b"", "a client that has no answer to read is given up"
        with closing(served[0]), closing(clients[0]):
            served[0].send(b"a")  # one that has may be slow
            time.sleep(0.4)
            monkeypatch.setattr(request_body, "READ_TIMEOUT", 0.2)
            request_body.shut_unanswered({HERE})
            with pytest.raises(BrokenPipeError):
                served[0].send(b"a")
