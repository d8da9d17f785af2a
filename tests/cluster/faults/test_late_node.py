"""A node that has not heard of a new index yet, as one whose disk is full: it costs neither a run nor an article."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import orjson
import pytest

from search.cluster.connection import Connection, IndexGone
from search.cluster.writing.bulk_sender import BulkSender
from tests.contract.clusters import nodes

INDEX = "late-000001"
CREATED = "action.auto_create_index"


class LateNode(BaseHTTPRequestHandler):
    """Answers as OpenSearch does for an index that it does not know."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        """Say that there is no index."""
        asked = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        error = {"type": "index_not_found_exception", "reason": "no such index"}
        status, answer = 404, {"error": error, "status": 404}
        if self.path == "/":
            status, answer = 200, {"version": {"distribution": "opensearch", "number": "3.8.0"}}
        elif self.path.endswith("/_mget"):
            docs = orjson.loads(asked)["docs"]
            status, answer = 200, {"docs": [{"_index": INDEX, "_id": doc["_id"], "error": error} for doc in docs]}
        body = orjson.dumps(answer)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture
def late_node() -> Iterator[str]:
    """The address of a node that does not know any index."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), LateNode)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A connection to a cluster that does not make an index because somebody writes to it."""
    connection = Connection(nodes().urls)
    connection.call("PUT", "/_cluster/settings", {"persistent": {CREATED: "-late*,+*"}})
    yield connection
    connection.call("DELETE", f"/{INDEX}", missing={})
    connection.call("PUT", "/_cluster/settings", {"persistent": {CREATED: None}})
    connection.close()


def test_another_node_is_asked(connection: Connection, late_node: str) -> None:
    """What one node does not know another one may: only if all agree, the index is not there."""
    connection.create(f"/{INDEX}", {})
    connection.call("PUT", f"/{INDEX}/_doc/1", {"a": 1})
    both = Connection((late_node, *connection.urls))
    for _ in range(4):  # nodes take turns
        assert both.call("POST", f"/{INDEX}/_refresh")["_shards"]["failed"] == 0
        assert both.sources(INDEX, [{"_id": "1"}]) == [{"a": 1}]
    for missing in (lambda: both.call("POST", "/late-000002/_refresh"), lambda: both.sources(INDEX, [{"_id": "2"}])):
        with pytest.raises(IndexGone):
            missing()
    both.close()


def test_documents_are_sent_again(connection: Connection) -> None:
    """A node that does not know the index answers for each document that it is not there: it must not be lost."""
    sender = BulkSender(connection, INDEX, lambda: None)
    sender.put(b'{"create":{"_id":"1"}}\n{"a":1}\n')
    sending = threading.Thread(target=sender.flush)
    sending.start()
    time.sleep(0.5)
    assert sending.is_alive()
    connection.create(f"/{INDEX}", {})
    sending.join(60)
    assert connection.call("GET", f"/{INDEX}/_doc/1")["found"]
    sender.put(b'{"delete":{"_id":"2"}}\n')  # there is nothing to do
    sender.flush()
    assert sender.refused() == {}
    sender.close()
