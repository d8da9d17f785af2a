"""What clients send that is too long, not for us, broken or never finished."""

from __future__ import annotations

import json
import resource
import shlex
import socket
import subprocess
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests.processes.commands import STEMMA, environment
from tests.web.serving.served import Served, free_port


def test_long_queries_reach_the_application(archive: Path, serve: Callable[..., Served]) -> None:
    """So that they are refused in the form that the API promises, not as the server would."""
    served = serve(archive)
    status, _, body = served.get(f"/api/v1/search?q={'moon+' * 1500}")
    assert (status, json.loads(body)["code"]) == (400, "bad-query")
    status, kind, body = served.get(f"/api/v1/search?q={'a' * 40_000}")
    assert (status, kind, json.loads(body)["code"]) == (414, "application/problem+json", "query-too-long")


REFUSED = {
    "line": (b"GET /api/v1/search?q=" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "headers": (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
    "name": (b"GET /api/v1/search HTTP/1.1\r\nHost x\r\n\r\n", 400),
    "space": (b"GET /api/v1/search?q=secret words HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "quote": (b'GET /api/v1/search?q="secret" HTTP/1.1\r\nHost: x\r\n\r\n', 400),
    "angle": (b"GET /api/v1/search?q=%3Csecret> HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "version": (b"GET /api/v1/search?q=secret HTTP/7\r\nHost: x\r\n\r\n", 400),
    "nothing": (b"<script>\r\n\r\n", 400),
}


def test_what_never_reaches_the_application_is_refused(archive: Path, serve: Callable[..., Served]) -> None:
    """What is no request gets a status and an end, and none of it gets into a log: it may be what people search for."""
    served = serve(archive, "--workers", "1")
    for name, (request, status) in REFUSED.items():
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
            client.sendall(request)
            answer = HTTPResponse(client)
            answer.begin()
            assert (answer.status, answer.read(), client.recv(1)) == (status, b"", b""), name
    assert served.get("/healthz")[0] == 200
    assert served.stop() == (0, "")


def test_letters_may_stand_in_an_address_as_they_are(archive: Path, serve: Callable[..., Served]) -> None:
    """Curl and old browsers send what was typed, in UTF-8; what they mean is clear."""
    served = serve(archive)
    with socket.create_connection(("127.0.0.1", served.port), timeout=60) as client:
        client.sendall("GET /api/v1/search?q=wälked HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        answer = HTTPResponse(client)
        answer.begin()
        found = json.loads(answer.read())
    assert (found["q"], found["total"]["value"]) == ("wälked", 1)
    assert served.stop() == (0, "")


def test_headers_of_proxies_change_nothing(archive: Path, serve: Callable[..., Served]) -> None:
    """Any client can send them: one that says where the application lives must not move its pages for it, or others."""
    served = serve(archive)
    sent = {"Script-Name": "/a", "X-Forwarded-Prefix": "/a", "X-Forwarded-Host": "evil.example", "X-Script-Name": "/a"}
    plain = served.answer("/?q=walked&source=")
    forged = served.answer("/?q=walked&source=", headers=sent)
    assert (plain.status, plain.headers["Location"]) == (302, "/?q=walked")
    assert (forged.status, forged.headers["Location"]) == (302, "/?q=walked")
    assert served.answer("/?q=walked", headers=sent).read() == served.answer("/?q=walked").read()


HELD = {
    "half a head": b"GET / HTTP/1.1\r\n",
    "nothing": b"",
    "nothing more": b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "no body": b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n",
    "no chunks": b"POST /api/v1/search HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    "no end": b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
}
"""What clients send who then hold their connection."""
HOLDERS = 250
"""Clients of each kind: more than anything but connections that wait for free could bear."""


def test_clients_who_hold_their_connections_hold_up_nobody(archive: Path, serve: Callable[..., Served]) -> None:
    """A few that send half a request and wait must not be able to stop the service, by malice or by a bad network."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096) if hard > 0 else 4096, hard))
    served = serve(archive)
    assert served.get("/readyz")[0] == 200
    held: list[socket.socket] = []
    try:
        for sent in HELD.values():
            for _ in range(HOLDERS):
                held.append(socket.create_connection(("127.0.0.1", served.port), timeout=60))
                held[-1].sendall(sent)
        for _ in range(20):
            assert served.get("/api/v1/search?q=walked")[0] == 200
        for client in held:  # and each of them is given up
            while client.recv(65_536):
                pass
    finally:
        for client in held:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert served.stop() == (0, "")


def test_fewer_files_than_are_wanted(archive: Path) -> None:
    """Where the system allows few open files the server says what to raise, and takes no more clients than fit."""
    port = free_port()
    command = f"ulimit -n 128; exec {shlex.join(STEMMA)} serve --workers 1 --port {port}"
    with subprocess.Popen(["/bin/sh", "-c", command], cwd=archive, env=environment(), stderr=subprocess.PIPE, text=True,
                          stdout=subprocess.PIPE) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        held = []
        for _ in range(200):
            try:
                held.append(socket.create_connection(("127.0.0.1", port), timeout=5))
            except OSError:
                time.sleep(0.1)
        for client in held:
            client.close()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/api/v1/search?q=walked")
        assert connection.getresponse().status == 200
        connection.close()
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors.startswith("stemma: this process may have 128 files open")
    assert "ulimit -n" in errors
    assert len(errors.splitlines()) == 1
