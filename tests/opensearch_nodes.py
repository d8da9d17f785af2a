"""A real OpenSearch cluster for tests: nodes on this machine, a process each, that can be killed one by one."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from benchmarks import java
from benchmarks.opensearch import LOGGING, VERSION, OpenSearch, free_ports

CACHE = Path("~/.cache/stemma-tests").expanduser()
"""Where the distribution is kept between runs."""
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
"""Where files are in memory, if there is that."""
ROOM = 1 << 29
"""Bytes that have to be free there for nodes, which wait for the disk at each step of a run."""
HEAP = "512m"
MOST_HEAP = "1g"
QUICK = (
    "-XX:TieredStopAtLevel=1",
    "-XX:CompileThresholdScaling=0.1",
    "-XX:+UseSerialGC",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:-BytecodeVerificationRemote",
)
"""A node starts in a third of the time, takes a third of the memory, and answers its first questions sooner."""
POLICY = f"agent/opensearch-agent-bootstrap-{VERSION}.jar"
"""What says which files a plugin may open. The agent beside it, which looks into each call that opens one, would double
what a commit takes; there are no plugins here."""
PATIENCE = 300.0
"""Seconds that a cluster may take to be whole."""
PROPERTIES = {
    "file.encoding": "UTF-8",
    "io.netty.noKeySetOptimization": "true",
    "io.netty.noUnsafe": "true",
    "io.netty.recycler.maxCapacityPerThread": "0",
    "java.awt.headless": "true",
    "java.locale.providers": "SPI,CLDR",
    "jna.nosys": "true",
    "log4j.shutdownHookEnabled": "false",
    "log4j2.disable.jmx": "true",
    "opensearch.bundled_jdk": "false",
    "opensearch.distribution.type": "zip",
}
_started: list[subprocess.Popen[bytes]] = []
"""Processes that this one is not told of when they end: it asks for them."""


@dataclass
class Node:
    """One node: its name, its ports, and its process, 0 while there is none."""

    name: str
    http: int
    transport: int
    pid: int = 0


@dataclass
class Nodes:
    """A cluster, with all of its files in a folder. Raises `benchmarks.peers.Unavailable` where it cannot be run."""

    folder: Path
    nodes: list[Node] = field(default_factory=list)

    @classmethod
    def started(cls, folder: Path, count: int) -> Nodes:
        """A new cluster of so many nodes, when all of them answer."""
        ports = free_ports(2 * count)
        cluster = cls(folder, [Node(f"n{n + 1}", ports[2 * n], ports[2 * n + 1]) for n in range(count)])
        try:
            for node in cluster.nodes:
                cluster.start(node)
            cluster.wait()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    @classmethod
    def kept(cls, folder: Path) -> Nodes | None:
        """The cluster that another process has started in a folder."""
        file = folder / "nodes.json"
        return cls(folder, [Node(**one) for one in json.loads(file.read_text())]) if file.exists() else None

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of all nodes."""
        return tuple(f"http://127.0.0.1:{node.http}" for node in self.nodes)

    def start(self, node: Node) -> None:
        """Start the process of a node, upon the data that it has."""
        program = OpenSearch(CACHE)
        with alone(CACHE):
            program.fetch()
        home = self._configure(node)
        known = {"opensearch.path.home": program.home, "opensearch.path.conf": home / "config"}
        known |= {"java.io.tmpdir": home / "tmp", "jna.tmpdir": home / "tmp"}
        # it refuses to be root, who is somebody else in a namespace of its own
        nobody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
        command = [
            *nobody,
            str(program.java / "bin" / "java"),
            f"-Xms{HEAP}",
            f"-Xmx{MOST_HEAP}",
            *QUICK,
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            f"-Xbootclasspath/a:{program.home / POLICY}",
            *(f"-D{name}={value}" for name, value in (PROPERTIES | known).items()),
            "-cp",
            program.classpath,
            "org.opensearch.bootstrap.OpenSearch",
        ]
        environment = java.environment(program.java) | {"HOME": str(home / "tmp")}
        with (self.folder / f"{node.name}.log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        _started.append(process)
        node.pid = process.pid
        (self.folder / "nodes.json").write_text(json.dumps([asdict(one) for one in self.nodes]))

    def _configure(self, node: Node) -> Path:
        home = self.folder / node.name
        for name in ("config", "data", "logs", "tmp"):
            (home / name).mkdir(parents=True, exist_ok=True)
        settings: dict[str, Any] = {
            "action.auto_create_index": False,
            "cluster.initial_cluster_manager_nodes": [one.name for one in self.nodes],
            "cluster.max_shards_per_node": 20_000,
            "cluster.name": "tests",
            "cluster.routing.allocation.disk.threshold_enabled": False,
            "discovery.seed_hosts": [f"127.0.0.1:{one.transport}" for one in self.nodes],
            "http.port": node.http,
            "indices.breaker.total.use_real_memory": False,  # what could be collected would count as used
            "network.host": "127.0.0.1",
            "node.name": node.name,
            "path.data": str(home / "data"),
            "path.logs": str(home / "logs"),
            "transport.port": node.transport,
        }
        lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (home / "config" / "opensearch.yml").write_text(lines)
        (home / "config" / "log4j2.properties").write_text(LOGGING)
        return home

    def wait(self) -> None:
        """Wait until all nodes have found each other and every shard has its copies. Raises TimeoutError.

        Each node is asked, as the others may not have noticed yet that one is gone which begins again.
        """
        until = time.monotonic() + PATIENCE
        running = [node for node in self.nodes if node.pid]
        query = f"/_cluster/health?wait_for_status=green&wait_for_nodes={len(running)}&timeout=1s"
        while any(_ask(node, "GET", query).get("timed_out", True) for node in running):
            if time.monotonic() > until or not all(map(alive, running)):
                raise TimeoutError(f"The cluster does not start: see the logs in {self.folder}.")
            time.sleep(0.1)

    def request(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """What the first node that answers says to a request; nothing if none does."""
        answers = (_ask(node, method, path, body) for node in self.nodes)
        return next(filter(None, answers), {})

    def signal(self, node: Node, number: int) -> None:
        """Send a signal to a node. After SIGKILL its process is gone."""
        os.kill(node.pid, number)
        if number == signal.SIGKILL:
            while alive(node):
                time.sleep(0.01)
            node.pid = 0

    def stop(self) -> None:
        """End all nodes; nothing of them is of use any more."""
        for node in self.nodes:
            if node.pid and alive(node):
                self.signal(node, signal.SIGKILL)
        (self.folder / "nodes.json").unlink(missing_ok=True)


def _ask(node: Node, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Return what a node says to a request; nothing if it does not answer."""
    data, kind = (json.dumps(body), {"Content-Type": "application/json"}) if body is not None else (None, {})
    connection = HTTPConnection("127.0.0.1", node.http, timeout=60)
    try:
        connection.request(method, path, data, kind)
        found: dict[str, Any] = json.loads(connection.getresponse().read())
    except (OSError, HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return found


def alive(node: Node) -> bool:
    """Tell whether the process of a node runs: one that has ended, and that nobody has asked for, does not."""
    try:
        if os.waitpid(node.pid, os.WNOHANG)[0]:
            return False
    except ChildProcessError:  # it is another process's
        pass
    try:
        state = Path(f"/proc/{node.pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


def quick_folder(prefix: str) -> Path:
    """A new folder for the files of nodes."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=memory_folder(ROOM)))


def memory_folder(room: int) -> Path | None:
    """Where files are in memory, if as many bytes are free there."""
    is_roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= room
    return MEMORY if is_roomy else None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Only one process of a test run at a time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def shared(folder: Path, count: int = 1) -> Nodes:
    """The cluster that all processes of a test run use: the first one that needs it starts it."""
    with alone(folder):
        return Nodes.kept(folder) or Nodes.started(folder, count)


if __name__ == "__main__":
    shared(Path(sys.argv[1]))
