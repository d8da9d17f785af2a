"""The production server as a process: it starts, answers, refuses and stops as an operator expects."""

from __future__ import annotations

import json
import os
import re
import resource
import select
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from threading import Thread
from types import MappingProxyType

import pytest

from search.errors import OperatorError
from tests.processes import ROOT, STEMMA, environment, run
from web.serving.listening import address_of, url
from web.serving.server import KILL_TIMEOUT


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Served:
    """`stemma serve` in a folder, from the line that names its address to its end."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [*STEMMA, "serve", "--port", str(self.port), *arguments],
            cwd=folder,
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert select.select([self.process.stdout], [], [], 60)[0]
        self.said = self.process.stdout.readline()

    def answer(self, path: str, headers: Mapping[str, str] = MappingProxyType({})) -> HTTPResponse:
        """An answer, read to its end. The server may have to begin to listen."""
        deadline = time.monotonic() + 30
        while True:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request("GET", path, headers={**headers, "Connection": "close"})
                return connection.getresponse()
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.02)

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, type and body of an answer."""
        with self.answer(path) as response:
            return response.status, response.headers.get_content_type(), response.read().decode()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """The exit code, and what stands on stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Starts servers and leaves none behind."""
    started: list[Served] = []

    def start(folder: Path, *arguments: str) -> Served:
        started.append(Served(folder, *arguments))
        return started[-1]

    yield start
    for served in started:
        if served.process.poll() is None:
            served.process.kill()
            served.process.communicate()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A folder with an index of one article."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "moon.txt").write_text("Men on the moon\n- 1969-07-20\n\nArmstrong walked.\n", "utf-8")
    assert run(tmp_path, "reindex").returncode == 0
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_stops(archive: Path, serve: Callable[..., Served], number: signal.Signals) -> None:
    """Says where it is, answers, logs nothing of what people ask, and ends with 0 when it is told to."""
    served = serve(archive)
    assert f"http://127.0.0.1:{served.port} " in served.said
    assert served.get("/readyz")[0] == 200
    status, kind, body = served.get("/api/v1/search?q=walking")
    assert (status, kind, json.loads(body)["total"]["value"]) == (200, "application/json", 1)
    assert served.get("/?q=walking")[:2] == (200, "text/html")
    assert served.stop(number) == (0, "")


@pytest.mark.parametrize("delay", [0.3, 0.6, 0.7, 0.8, 0.9, 1.2])
def test_it_stops_while_it_starts(archive: Path, delay: float) -> None:
    """A worker that was told to end before it listened never did, and was killed ten seconds later."""
    command = [*STEMMA, "serve", "--port", str(free_port())]
    with subprocess.Popen(command, cwd=archive, env=environment(), stdout=subprocess.DEVNULL) as process:
        time.sleep(delay)
        process.terminate()
        assert process.wait(KILL_TIMEOUT - 2) in {0, -signal.SIGTERM}, "a worker had to be killed"


def test_pages_bring_their_files(archive: Path, serve: Callable[..., Served]) -> None:
    """A page without its style is a broken page, and only this server sends files as files."""
    served = serve(archive)
    _, _, page = served.get("/?q=walking")
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(assets) >= 2
    for asset in assets:
        name = asset.partition("?")[0].removeprefix("/static/")
        status, _, body = served.get(asset)
        assert (status, body) == (200, (ROOT / "web" / "static" / name).read_text("utf-8"))
    assert served.stop() == (0, "")


def test_new_generations_show_without_a_restart(archive: Path, serve: Callable[..., Served]) -> None:
    """`stemma reindex` beside a running server is how an archive is kept up to date."""
    served = serve(archive)
    assert json.loads(served.get("/api/v1/search?q=")[2])["index"]["generation"] == 1
    (archive / "seeds" / "more.txt").write_text("More\n\nTenzing climbed.\n", "utf-8")
    assert run(archive, "reindex").returncode == 0
    for _ in range(10):  # whichever worker answers
        assert json.loads(served.get("/api/v1/search?q=tenzing")[2])["total"]["value"] == 1


def test_without_an_index(tmp_path: Path, serve: Callable[..., Served]) -> None:
    """It says so and starts, answers 503, and is ready as soon as there is one; no restart loop, no manual order."""
    served = serve(tmp_path)
    assert served.get("/healthz")[0] == 200
    assert served.get("/readyz")[0] == 503
    assert served.get("/")[:2] == (503, "text/html")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_text("A title\n\nSome news.\n", "utf-8")
    assert run(tmp_path, "reindex").returncode == 0
    assert served.get("/readyz")[0] == 200
    code, errors = served.stop()
    assert code == 0
    assert errors.startswith("stemma: There is no index in index. Run `stemma reindex` first.")


def test_a_port_that_is_taken(archive: Path, serve: Callable[..., Served]) -> None:
    """The second server ends at once and says what to do; it must not take connections from the first."""
    served = serve(archive)
    done = run(archive, "serve", "--port", str(served.port))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "in use" in line
    assert "--port" in line
    assert served.get("/healthz")[0] == 200


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "::g"])
def test_an_address_that_is_not_ours(archive: Path, host: str) -> None:
    """A misspelt --host is named, too."""
    done = run(archive, "serve", "--host", host, "--port", str(free_port()))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert host in line
    assert "--host" in line


def test_addresses_as_browsers_take_them() -> None:
    """What is printed gets clicked on."""
    assert url("127.0.0.1", 80) == "http://127.0.0.1:80"
    assert url("::1", 8000) == "http://[::1]:8000"


def test_an_address_that_was_looked_at_is_free() -> None:
    """The address of a server that has ended can be taken again at once, and looking at it takes it from nobody."""
    port = free_port()
    assert address_of("localhost", port) in {"127.0.0.1", "::1"}
    with socket.create_server(("127.0.0.1", port)), pytest.raises(OperatorError):
        address_of("127.0.0.1", port)


def test_requests_that_run_are_finished(archive: Path, serve: Callable[..., Served]) -> None:
    """TERM is how a service manager restarts it; nobody's search may break by that, nor one that has just been sent."""
    served = serve(archive, "--workers", "2")
    assert served.get("/readyz")[0] == 200
    clients = [Asking(served.port, keep=bool(number % 2)) for number in range(16)]
    time.sleep(1)
    assert served.stop() == (0, "")
    for client in clients:
        client.join(60)
    assert sum(client.answered for client in clients) > len(clients)
    assert [error for client in clients for error in client.lost] == []


class Asking(Thread):
    """A client that asks until nobody listens, with a connection for each request, or one for as long as it is kept."""

    def __init__(self, port: int, *, keep: bool) -> None:
        super().__init__(daemon=True)
        self.port, self.keep = port, keep
        self.answered = 0
        self.lost: list[str] = []
        self.start()

    def run(self) -> None:
        while True:
            try:
                client = socket.create_connection(("127.0.0.1", self.port), timeout=5)
            except OSError:
                return
            with client:
                while self._ask(client):
                    pass

    def _ask(self, client: socket.socket) -> bool:
        """Send a request and read its answer; whether the connection can be used for another one."""
        kept = "" if self.keep else "Connection: close\r\n"
        client.sendall(f"GET /api/v1/search?q=walked HTTP/1.1\r\nHost: x\r\n{kept}\r\n".encode())
        try:
            answer = HTTPResponse(client)
            answer.begin()
            answer.read()
        except (OSError, HTTPException) as error:
            self.lost.append(repr(error))
            return False
        self.answered += 1
        return not answer.will_close


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


def test_a_worker_that_dies_is_replaced(archive: Path, serve: Callable[..., Served]) -> None:
    """One bad moment must not end the service."""
    served = serve(archive, "--workers", "1")
    assert served.get("/readyz")[0] == 200
    listed = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    if not listed.exists():
        pytest.skip("only Linux lists the children of a process")
    (worker,) = listed.read_text("ascii").split()
    os.kill(int(worker), signal.SIGKILL)
    deadline = time.monotonic() + 30
    while listed.read_text("ascii").split() in ([], [worker]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert served.get("/readyz")[0] == 200


def test_workers_do_not_outlive_the_server(archive: Path, serve: Callable[..., Served]) -> None:
    """A main process that is killed must not leave workers behind that answer at its address for good."""
    served = serve(archive)
    assert served.get("/readyz")[0] == 200
    served.process.kill()
    served.process.communicate(timeout=30)  # which waits for all who have its output
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", served.port)):
        pass


FAKE = """#!/bin/sh
case "$3" in
serve*) exit 0 ;;
esac
echo "$3" >> calls
[ "$3" = status ] && exit "$STATUS"
[ -z "$SAID" ] || { mkdir -p index; echo "$SAID"; }
echo "stemma: quarantined: seeds/bad.txt" >&2
exit 1
"""
"""Stands for Python: a `stemma` that fails, with or without having committed."""


@pytest.mark.parametrize(
    ("said", "status", "first", "second"),
    [
        ("Indexed.", "0", ["reindex"], ["reindex"]),
        ("", "0", ["reindex", "status"], ["reindex", "status", "reindex", "status"]),
        ("", "1", ["reindex", "status", "reindex", "status"], ["reindex", "status", "reindex", "status"] * 2),
    ],
)
def test_make_serve_indexes_once(tmp_path: Path, said: str, status: str, first: list[str], second: list[str]) -> None:
    """A file that cannot be read must not cost a run at each start; a run that failed must be tried again."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "search").mkdir()
    (tmp_path / "pyproject.toml").touch()
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(FAKE, "utf-8")
    python.chmod(0o755)
    (tmp_path / ".venv" / "made").touch()
    (tmp_path / ".venv" / "installed").touch()
    time.sleep(0.05)  # the clock of a file system is coarse
    for expected in (first, second):
        command = ["make", "-f", str(ROOT / "Makefile"), "serve"]
        variables = {"SAID": said, "STATUS": status, "PATH": os.environ["PATH"]}
        done = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, check=False)
        assert (tmp_path / "calls").read_text("utf-8").split() == expected
        assert done.returncode == (0 if status == "0" else 2)
        assert ("quarantined" in done.stderr) == (expected is first or not said)
        assert done.stdout.strip() == (said if expected is first else "")


def test_make_serve_knows_a_stale_index(tmp_path: Path) -> None:
    """`make serve` starts at once when nothing changed, and never serves what is no longer so."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (line,) = [line for line in makefile.splitlines() if line.startswith("FRESH := ")]
    check = line.removeprefix("FRESH := ").replace("$$", "$")

    def fresh() -> bool:
        return subprocess.run(["/bin/sh", "-c", check], cwd=tmp_path, check=False).returncode == 0

    def made() -> None:
        time.sleep(0.05)  # the clock of a file system is coarse
        (tmp_path / "index" / "made").touch()
        time.sleep(0.05)

    for folder in ("seeds/sub", "search/__pycache__", "index"):
        (tmp_path / folder).mkdir(parents=True)
    article = tmp_path / "seeds" / "sub" / "a.txt"
    article.write_text("old", "utf-8")
    assert not fresh()
    made()
    assert fresh()
    (tmp_path / "search" / "__pycache__" / "cli.pyc").touch()
    assert fresh()
    article.write_text("new", "utf-8")
    os.utime(article, (0, 0))
    assert not fresh()
    made()
    assert fresh()
    article.unlink()
    assert not fresh()
    made()
    (tmp_path / "search" / "analysis.py").touch()
    assert not fresh()
