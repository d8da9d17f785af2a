"""One OpenSearch node for whole requests: fetched, started, filled, asked what Stemma is asked."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import java, texts
from benchmarks.peers import LIMIT, Unavailable
from benchmarks.queries.tree import DISTANCE, And, Fuzzy, Leaf, Near, Node, Not, Or, Phrase, Prefix, Query, Token, Word
from benchmarks.wrk import Request
from search.model import Article

VERSION = "3.8.0"
DISTRIBUTION = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
THAI = ("com.ibm.icu:icu4j:77.1", "com.ibm.icu:icu4j-localespi:77.1")
"""What knows how Thai is cut into words, for a Java that does not: OpenSearch makes no index without it."""
UNUSED = ("ingest-geoip", "ingest-user-agent", "opensearch-dashboards", "repository-url", "transport-grpc")
"""Modules that are left out; the first carries data under a licence of its own."""
HEAP = "2g"
PATIENCE = 180.0
"""Seconds that it may take to start."""
MERGING = 3600.0
"""Seconds that it may take to merge."""
BULK = 5_000
"""Paragraphs that are sent together."""
INDEX = "paragraphs"
ANALYZER = {"english_whole": {"type": "english", "stopwords": "_none_"}}
"""Its English analyzer; but a word that it drops finds nothing, and that is quick."""
ENGLISH = {"type": "text", "analyzer": "english_whole"}
SCHEMA = {
    "settings": {
        "number_of_shards": 1,
        "number_of_replicas": 0,
        "refresh_interval": "-1",
        "analysis": {"analyzer": ANALYZER},
    },
    "mappings": {
        "properties": {
            "article": {"type": "keyword"},
            "title": ENGLISH,
            "date": {"type": "date", "format": "epoch_second"},
            "source": {"type": "keyword"},
            "text": ENGLISH,
        }
    },
}
HIGHLIGHT = {"fields": {"text": {"number_of_fragments": 0}}, "pre_tags": ["<mark>"], "post_tags": ["</mark>"]}
FACETS = {
    "source": {"terms": {"field": "source"}},
    "year": {"date_histogram": {"field": "date", "calendar_interval": "year", "min_doc_count": 1}},
}
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d %p %c %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
"""


class OpenSearch:
    """A node with all that it needs in a folder: `dist` the program, `node` its files, `built.json` what it holds."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.dist, self.node = folder, folder / "dist", folder / "node"
        self.home = self.dist / f"opensearch-{VERSION}"
        self.built = folder / "built.json"
        self.port = self.pid = 0

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def fetch(self) -> None:
        """Unpack the distribution, if it is not there. Raises Unavailable."""
        try:
            self.java = java.home()
            if not java.knows_languages(self.java):
                java.fetch(THAI, self.dist)
            if self.home.exists():
                return
            java.fetch([DISTRIBUTION], self.dist)
        except java.NoJava as missing:
            raise Unavailable(str(missing)) from None
        if os.geteuid() == 0 and not shutil.which("unshare"):
            raise Unavailable("it does not run as root, and unshare (util-linux) is not installed")
        archive, unpacked = self.dist / f"opensearch-{VERSION}.zip", self.dist / "unpacked"
        shutil.rmtree(unpacked, ignore_errors=True)
        left_out = tuple(f"opensearch-{VERSION}/modules/{name}/" for name in UNUSED)
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(unpacked, [name for name in packed.namelist() if not name.startswith(left_out)])
        (unpacked / self.home.name).rename(self.home)  # whole, or not there
        archive.unlink()

    @property
    def classpath(self) -> str:
        """Where its Java finds it."""
        languages = [] if java.knows_languages(self.java) else sorted(self.dist.glob("icu4j*.jar"))
        return os.pathsep.join(map(str, [self.home / "lib" / "*", *languages]))

    @contextmanager
    def running(self) -> Iterator[OpenSearch]:
        """Start it, wait until it answers, and end it afterwards. Raises Unavailable when it does not."""
        self._configure()
        with (self.folder / "node.log").open("ab") as log:
            process = subprocess.Popen(
                self._command(), cwd=self.node, env=self._environment(), stdout=log, stderr=log, start_new_session=True
            )
        self.pid = process.pid
        try:
            until = time.monotonic() + PATIENCE
            while not self._ready():
                if process.poll() is not None or time.monotonic() > until:
                    raise Unavailable(f"it does not start: {self.folder / 'node.log'} says why")
                time.sleep(0.2)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)

    def _configure(self) -> None:
        for name in ("config", "data", "logs", "tmp"):
            (self.node / name).mkdir(parents=True, exist_ok=True)
        self.port, transport = free_ports(2)
        settings = {
            "cluster.name": "benchmark",
            "node.name": "one",
            "path.data": str(self.node / "data"),
            "path.logs": str(self.node / "logs"),
            "network.host": "127.0.0.1",
            "http.port": self.port,
            "transport.port": transport,
            "discovery.type": "single-node",
            "cluster.routing.allocation.disk.threshold_enabled": False,
        }
        lines = "".join(f"{name}: {json.dumps(value)}\n" for name, value in settings.items())
        (self.node / "config" / "opensearch.yml").write_text(lines)
        (self.node / "config" / "log4j2.properties").write_text(LOGGING)

    def _command(self) -> list[str]:
        """What its own start script runs; in a namespace where root is somebody else, for it refuses to be root."""
        nobody = ["unshare", "--user", "--map-user=1000", "--map-group=1000"] if os.geteuid() == 0 else []
        properties = {
            "file.encoding": "UTF-8",
            "java.awt.headless": "true",
            "java.io.tmpdir": self.node / "tmp",
            "jna.nosys": "true",
            "jna.tmpdir": self.node / "tmp",
            "log4j.shutdownHookEnabled": "false",
            "log4j2.disable.jmx": "true",
            "io.netty.noUnsafe": "true",
            "io.netty.noKeySetOptimization": "true",
            "io.netty.recycler.maxCapacityPerThread": 0,
            "java.locale.providers": "SPI,CLDR",
            "opensearch.path.home": self.home,
            "opensearch.path.conf": self.node / "config",
            "opensearch.distribution.type": "zip",
            "opensearch.bundled_jdk": "false",
        }
        return [
            *nobody,
            str(self.java / "bin" / "java"),
            f"-Xms{HEAP}",
            f"-Xmx{HEAP}",
            "-XX:+UseG1GC",
            *java.options(self.java),
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            f"-javaagent:{self.home}/agent/opensearch-agent.jar",
            *(f"-D{name}={value}" for name, value in properties.items()),
            "-cp",
            self.classpath,
            "org.opensearch.bootstrap.OpenSearch",
        ]

    def _environment(self) -> dict[str, str]:
        return java.environment(self.java) | {"HOME": str(self.node / "tmp")}

    def _ready(self) -> bool:
        try:
            health = self.call("GET", "/_cluster/health?timeout=1s")
        except OSError:
            return False
        return health.get("status") in {"green", "yellow"}

    def call(self, method: str, path: str, body: str = "", patience: float = 60.0) -> dict[str, Any]:
        """Ask it for something; an error is in the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=patience)
        kind = "application/x-ndjson" if path.endswith("_bulk") else "application/json"
        connection.request(method, path, body.encode(), {"Content-Type": kind})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def fill(self, articles: Path) -> dict[str, Any]:
        """Index what `texts.save` kept, if it does not hold that already: paragraphs and seconds, merging included."""
        wanted = {"articles": articles.stat().st_size, "schema": json.dumps(SCHEMA)}
        if self.built.exists():
            built: dict[str, Any] = json.loads(self.built.read_text())
            if wanted.items() <= built.items():
                return built
        self.built.unlink(missing_ok=True)
        self.call("DELETE", f"/{INDEX}")
        self._succeed(self.call("PUT", f"/{INDEX}", json.dumps(SCHEMA)))
        rows = rows_of(texts.load(articles))
        started, paragraphs = time.perf_counter(), 0
        while bulk := list(islice(rows, BULK)):
            self._succeed(self.call("POST", f"/{INDEX}/_bulk", "".join(bulk)))
            paragraphs += len(bulk)
        self._succeed(self.call("POST", f"/{INDEX}/_forcemerge?max_num_segments=1", patience=MERGING))
        self._succeed(self.call("POST", f"/{INDEX}/_flush"))
        self._succeed(self.call("POST", f"/{INDEX}/_refresh"))
        done = {**wanted, "paragraphs": paragraphs, "seconds": time.perf_counter() - started}
        size = self.call("GET", f"/{INDEX}/_stats/store")["_all"]["primaries"]["store"]["size_in_bytes"]
        self.built.write_text(json.dumps({**done, "bytes": size}))
        return {**done, "bytes": size}

    @staticmethod
    def _succeed(answer: dict[str, Any]) -> None:
        if answer.get("error") or answer.get("errors"):
            raise RuntimeError(f"OpenSearch refuses: {json.dumps(answer)[:1000]}")

    def hits(self, request: Request) -> int:
        """How many paragraphs are on the page that a request asks for."""
        answer = self.call(*request)
        self._succeed(answer)
        return len(answer["hits"]["hits"])


def rows_of(articles: Iterable[Article]) -> Iterator[str]:
    """The paragraphs as a bulk has them: two lines each."""
    for article in articles:
        heading = article.heading
        known = {"article": heading.id, "title": heading.title, "source": heading.source}
        if heading.date:
            known["date"] = str(heading.date.start)
        for text in article.paragraphs:
            yield '{"index":{}}\n' + json.dumps({**known, "text": text}) + "\n"


def request_of(query: Query) -> Request:
    """What asks for a query's ten best paragraphs, whole and marked, with exact totals."""
    body: dict[str, Any] = {"query": _filtered(query), "size": LIMIT, "track_total_hits": True, "highlight": HIGHLIGHT}
    match query.extra:
        case "newest":
            body["sort"] = [{"date": {"order": "desc", "missing": "_last"}}]
        case "grouped":
            body["collapse"] = {"field": "article"}
        case "facets":
            body["aggs"] = FACETS
    if query.offset:
        body["from"] = query.offset
    return Request("POST", f"/{INDEX}/_search", json.dumps(body))


def _filtered(query: Query) -> dict[str, Any]:
    filters: list[dict[str, Any]] = []
    if query.source:
        filters.append({"term": {"source": query.source}})
    if query.years:
        first, last = query.years
        filters.append({"range": {"date": {"gte": f"{first}||/y", "lte": f"{last}||/y", "format": "yyyy"}}})
    tree = tree_of(query.tree)
    return {"bool": {"must": [tree], "filter": filters}} if filters else tree


def tree_of(node: Node) -> dict[str, Any]:
    """A tree in OpenSearch's language; plain words are one `match`."""
    if isinstance(node, Not):
        raise TypeError("NOT stands alone")
    if not isinstance(node, And | Or):
        return _leaf(node)
    words = [each.text for each in node.nodes if isinstance(each, Word)]
    if len(words) == len(node.nodes):
        return {"match": {"text": {"query": " ".join(words), "operator": type(node).__name__.lower()}}}
    if isinstance(node, Or):
        return {"bool": {"should": [tree_of(each) for each in node.nodes], "minimum_should_match": 1}}
    must = [tree_of(each) for each in node.nodes if not isinstance(each, Not)]
    without = [tree_of(each.node) for each in node.nodes if isinstance(each, Not)]
    return {"bool": {"must": must, **({"must_not": without} if without else {})}}


def _leaf(leaf: Leaf) -> dict[str, Any]:
    match leaf:
        case Word():
            return {"match": {"text": leaf.text}}
        case Phrase():
            return {"match_phrase": {"text": " ".join(leaf.words)}}
        case Token():
            return {"match_phrase": {"text": leaf.text}}
        case Near():
            return {"intervals": {"text": {"match": {"query": " ".join(leaf.words), "max_gaps": DISTANCE - 1}}}}
        case Prefix():
            return {"prefix": {"text": leaf.text}}
        case Fuzzy():
            return {"match": {"text": {"query": leaf.text, "fuzziness": 1}}}


def free_ports(n: int) -> list[int]:
    """Return the numbers of n ports on which nobody listens."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports
