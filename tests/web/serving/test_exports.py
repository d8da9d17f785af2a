"""Exports of a server, whose clients are slow, or go away."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from http.client import HTTPResponse
from pathlib import Path

from tests.processes.commands import run
from tests.web.serving.served import Served
from web.views.export_route import MAX_EXPORTS

REQUEST = b"GET /api/v1/export?q=walked&format=ndjson HTTP/1.1\r\nHost: x\r\n\r\n"


def begun(served: Served) -> tuple[socket.socket, HTTPResponse]:
    """An export of which only the head has been read."""
    client = socket.create_connection(("127.0.0.1", served.port), timeout=60)
    client.sendall(REQUEST)
    answer = HTTPResponse(client)
    answer.begin()
    return client, answer


def test_clients_who_do_not_read_their_exports_hold_up_nobody(tmp_path: Path, serve: Callable[..., Served]) -> None:
    """A download over a bad line takes hours; searches go on meanwhile, and who goes away makes room for others."""
    (tmp_path / "seeds").mkdir()
    count = 20_000
    with (tmp_path / "seeds" / "many.jsonl").open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps({"title": f"Walk {number}", "text": f"They walked {number} miles. " + "Far. " * 60}))
            file.write("\n")
    assert run(tmp_path, "reindex").returncode == 0
    served = serve(tmp_path, "--workers", "1")
    assert served.get("/readyz")[0] == 200
    stalled = [begun(served) for _ in range(MAX_EXPORTS)]
    assert [answer.status for _, answer in stalled] == [200] * MAX_EXPORTS
    for _ in range(20):
        assert served.get("/api/v1/search?q=walked")[0] == 200
    client, refused = begun(served)
    assert (refused.status, refused.getheader("Retry-After")) == (503, "5")
    client.close()
    client, answer = stalled.pop()
    assert answer.getheader("X-Total-Count") == str(count)
    assert answer.read().count(b"\n") == count
    client.close()
    for client, answer in stalled:
        answer.close()
        client.close()
    deadline = time.monotonic() + 30
    again = [begun(served) for _ in range(MAX_EXPORTS)]
    while any(answer.status == 503 for _, answer in again) and time.monotonic() < deadline:
        for client, answer in again:
            answer.close()
            client.close()
        time.sleep(0.2)
        again = [begun(served) for _ in range(MAX_EXPORTS)]
    assert [answer.status for _, answer in again] == [200] * MAX_EXPORTS
    for client, answer in again:
        answer.close()
        client.close()
    assert served.stop() == (0, "")
