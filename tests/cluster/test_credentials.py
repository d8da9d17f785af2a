"""A cluster behind TLS that wants a password: the settings open it, and whoever lacks one is told which."""

from __future__ import annotations

import ssl
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from search.engine import open_engine
from search.errors import OperatorError
from search.settings import Settings
from tests.contract.archives.corpus import OLD, ask, rows
from tests.contract.clusters import in_cluster, nodes
from tests.contract.engines import run

USER, PASSWORD = "stemma", "open sesame"
ALLOWED = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Guard(BaseHTTPRequestHandler):
    """Hands requests with the right password on to the node."""

    protocol_version = "HTTP/1.1"
    behind = ""

    def hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, kind, answer = 401, "text/plain", b"Unauthorized"
        if self.headers.get("Authorization") == ALLOWED:
            connection = HTTPConnection(self.behind, timeout=60)
            connection.request(self.command, self.path, body, {"Content-Type": self.headers.get("Content-Type", "")})
            response = connection.getresponse()
            status, kind, answer = response.status, response.headers["Content-Type"], response.read()
            connection.close()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = hand_on  # noqa: N815 - the library's names

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate that signs itself, and its key."""
    folder = tmp_path_factory.mktemp("authority")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "ca.pem"]
    subprocess.run([*command, *names], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def settings(authority: Path, tmp_path: Path) -> Iterator[Settings]:
    """Settings that open a cluster behind TLS and a password, with an index in it."""
    engine = in_cluster(tmp_path / "index")
    run(engine, OLD)
    name = engine.where.rpartition("/")[2]
    handler = type("Guarded", (Guard,), {"behind": urlsplit(nodes().urls[0]).netloc})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "ca.pem", authority / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    yield Settings(
        engine="opensearch",
        opensearch_url=(f"https://127.0.0.1:{server.server_port}",),
        opensearch_index=name,
        opensearch_user=USER,
        opensearch_password=PASSWORD,
        opensearch_ca=str(authority / "ca.pem"),
    )
    server.shutdown()
    serving.join()
    server.server_close()
    engine.close()


def test_settings_open_a_guarded_cluster(settings: Settings) -> None:
    """Nobody has a cluster in the open."""
    engine = open_engine(settings)
    assert ask(run(engine, [], gone=["b"]), "lamp") == rows("a 2")
    engine.close()


@pytest.mark.parametrize(
    ("lacking", "what"),
    [
        ({"opensearch_ca": ""}, "STEMMA_OPENSEARCH_CA"),
        ({"opensearch_password": "closed sesame"}, "STEMMA_OPENSEARCH_PASSWORD"),
        ({"opensearch_user": ""}, "STEMMA_OPENSEARCH_USER"),
    ],
)
def test_what_is_missing_is_named(
    settings: Settings, lacking: dict[str, Any], what: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator learns which setting to mend; nobody learns the password from messages or logs."""
    engine = open_engine(replace(settings, **lacking))
    caplog.set_level(0)
    with pytest.raises(OperatorError, match=what) as caught:
        engine.snapshot()
    for said in (str(caught.value), caplog.text):
        assert "sesame" not in said
        assert ALLOWED not in said
    engine.close()
