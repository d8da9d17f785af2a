"""Whole requests: `stemma serve` under wrk, random queries, ten highlighted hits a page.

`python -m benchmarks.http_load --index DIR --queries FILE` does this alone, for an index and queries of `benchmarks`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from benchmarks.peers import LIMIT
from benchmarks.peers.ours import Ours, match_of, text_of
from benchmarks.processes import ROOT, children, footprint
from benchmarks.queries.saved import load_queries

KINDS = ("or-2-mixed", "or-3-common", "and-2-mixed", "and-3-common", "phrase-2")
"""The kinds of queries that are mixed."""
PAGES = {"page": "/", "JSON": "/api/v1/search"}
CLIENTS = (1, 8, 64)
SECONDS = 10
WARMING = 30
"""Seconds of load before what is measured: nearly all queries have been asked of each process once by then."""
PAUSE = 1.0
"""Seconds before each load: when clients go, what they asked last is still answered, and would be waited for."""
PATIENCE = 60.0
"""Seconds that a server may take to start."""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}

SCRIPT = """\
local paths = {{
{paths}
}}
math.randomseed(1)
request = function() return wrk.format("GET", paths[math.random(#paths)]) end
"""


def measure(index: Path, queries: Path) -> dict[str, Any]:
    """`http`: requests a second and latencies in milliseconds, by what is asked for and number of clients.

    `workers`: the memory that each process that serves holds after that.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        sys.stderr.write("bench: HTTP is left out: wrk is not installed (apt-get install wrk)\n")
        return {}
    parameters = [urlencode(asked) for asked in asked_for(index, queries)]
    measured: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, served(index) as (address, server):
        for name, path in PAGES.items():
            script = Path(folder) / f"{name}.lua"
            script.write_text(SCRIPT.format(paths=",\n".join(json.dumps(f"{path}?{part}") for part in parameters)))
            load(wrk, address, script, max(CLIENTS), WARMING)
            measured[name] = {str(clients): load(wrk, address, script, clients, SECONDS) for clients in CLIENTS}
        workers = [footprint(worker, index) for worker in children(server)]
    return {"http": measured, "workers": workers}


def asked_for(index: Path, queries: Path) -> list[dict[str, str]]:
    """The requests: queries that have a full page of hits."""
    ours = Ours()
    ours.open(index)
    drawn = load_queries(queries)
    requests = []
    for query in (query for kind in KINDS for query in drawn[kind]):
        ask = ours.ask(query)
        if ask is not None and len(ask().ids) == LIMIT:
            requests.append({"q": text_of(query), "match": match_of(query)})
    return requests


@contextmanager
def served(index: Path) -> Iterator[tuple[str, int]]:
    """`stemma serve` with its own settings: its address, and its process; ended afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "search.cli", "serve", "--index", str(index), "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEMMA_")}
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + PATIENCE
        while not _answers(f"{address}/api/v1/search?q=x"):
            if server.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server does not answer")
            time.sleep(0.1)
        yield address, server.pid
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def load(wrk: str, address: str, script: Path, clients: int, seconds: int) -> dict[str, float]:
    """What wrk says of so many clients that ask one thing after the other."""
    command = [wrk, "--latency", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "-s", str(script), address]
    time.sleep(PAUSE)
    return parsed(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def parsed(output: str) -> dict[str, float]:
    """Rate, percentiles in milliseconds, and how many requests failed."""
    latencies = re.findall(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s|m)\s*$", output, re.MULTILINE)
    rate = re.search(r"^Requests/sec:\s+([\d.]+)", output, re.MULTILINE)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", output)
    if rate is None:
        raise ValueError(output)
    return {
        **{f"p{share}": float(value) * UNITS[unit] for share, value, unit in latencies},
        "rate": float(rate[1]),
        "failed": (int(refused[1]) if refused else 0) + (sum(map(int, broken.groups())) if broken else 0),
    }


def main() -> None:
    """Print what was measured."""
    parser = ArgumentParser(prog="python -m benchmarks.http_load", description="Load `stemma serve` with wrk.")
    parser.add_argument("--index", type=Path, required=True, help="an index: WORK/…/ours")
    parser.add_argument("--queries", type=Path, required=True, help="queries: WORK/…/queries-….json")
    args = parser.parse_args()
    sys.stdout.write(json.dumps(measure(args.index.resolve(), args.queries), indent=1) + "\n")


if __name__ == "__main__":
    main()
