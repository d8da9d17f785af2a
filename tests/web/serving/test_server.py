"""The production server as a process: it starts, answers and stops as an operator expects."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from threading import Thread

import pytest

from search.errors import OperatorError
from tests.processes.commands import ROOT, STEMMA, environment, run
from tests.web.serving.served import Served, free_port
from web.serving.listening import address_of, url
from web.serving.server import KILL_TIMEOUT


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


def test_metrics_are_of_all_workers(archive: Path, serve: Callable[..., Served]) -> None:
    """Prometheus asks one worker at random: figures of that one alone would jump up and down."""
    served = serve(archive, "--workers", "2")
    count = 40
    for _ in range(count):
        assert served.get("/api/v1/search?q=walking")[0] == 200
    for _ in range(4):
        assert f'stemma_requests_total{{route="/api/v1/search",status="200"}} {count}.0' in served.get("/metrics")[2]
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
    assert f"--port {served.port + 1}" in line
    assert f"STEMMA_PORT={served.port + 1} make serve" in line
    assert served.get("/healthz")[0] == 200


def test_a_file_of_synonyms_that_cannot_be_read(archive: Path) -> None:
    """It was a traceback of each worker, over and over, for a setting that is misspelt."""
    (archive / "stemma.toml").write_text('synonyms = "missing.txt"')
    done = run(archive, "serve", "--port", str(free_port()))
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("stemma: missing.txt cannot be read: No such file or directory.")


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


@pytest.mark.parametrize(
    ("number", "group"),
    [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, False), (signal.SIGINT, True)],
)
def test_requests_that_run_are_finished(
    archive: Path, serve: Callable[..., Served], number: signal.Signals, *, group: bool
) -> None:
    """Nobody's search may break by a restart, nor by Ctrl-C, which a terminal sends to the workers, too."""
    served = serve(archive, "--workers", "2")
    assert served.get("/readyz")[0] == 200
    clients = [Asking(served.port, keep=bool(number % 2)) for number in range(16)]
    time.sleep(1)
    assert served.stop(number, group=group) == (0, "")
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


def test_a_wrong_logo_ends_the_start(archive: Path) -> None:
    """One line says what is wrong, not a traceback of each worker; and nothing is left behind."""
    before = set(Path(tempfile.gettempdir()).glob("stemma-metrics-*"))
    found = run(archive, "serve", "--port", str(free_port()), STEMMA_LOGO="/nowhere.svg")
    assert found.returncode == 2
    assert "nowhere.svg" in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert set(Path(tempfile.gettempdir()).glob("stemma-metrics-*")) <= before
