"""The production server: gunicorn, run from here, with threads in a few processes.

Processes are forked before any index is open: each opens its own.
"""

from __future__ import annotations

import errno
import json
import os
import socket
from pathlib import Path
from typing import Any

import gunicorn.http.message
import gunicorn.util
from gunicorn.app.base import BaseApplication

from search.engines import open_engine
from search.errors import OperatorError
from search.settings import Settings
from web import create_app, workers
from web.arbiter import Arbiter
from web.garbage import collector
from web.headers import SECURITY
from web.problems import HTTP, MAX_QUERY_STRING, problem
from web.turns import Turns

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes its file there safely, without a name

MAX_REQUEST_LINE = 2 * MAX_QUERY_STRING
gunicorn.http.message.MAX_REQUEST_LINE = (
    MAX_REQUEST_LINE  # what gunicorn lets limit_request_line be; 8,190 is little for a query
)

OPTIONS: dict[str, Any] = {
    "worker_class": workers.Worker,
    "pre_request": workers.before_request,
    "post_request": collector.after_request,
    "child_exit": workers.after_exit,
    # One works, in turn; the others are for clients that are slow to send.
    "threads": 8,
    # Files are sent as other answers are: those that there are take a few kilobytes.
    "sendfile": False,
    # A proxy keeps its connections open; what it would otherwise wait for is a new one for each request.
    "keepalive": 5,
    # Longer than any request takes, short enough not to hold up a restart.
    "graceful_timeout": 10,
    # Longer than any query that the application takes, so that it is the one who refuses, in the form that it promises.
    "limit_request_line": MAX_REQUEST_LINE,
    # Errors go to stderr; requests are not logged, since what people search for is nobody else's business.
    "loglevel": "warning",
    # It would put a socket into the home folder, which may not be there.
    "control_socket_disable": True,
    # Workers prove that they are alive by touching a file, which can hang on a busy disk.
    "worker_tmp_dir": str(SHARED_MEMORY) if os.access(SHARED_MEMORY, os.W_OK) else None,
}


def refuse(client: socket.socket, status: int, reason: str, _message: str) -> None:
    """Answer what is no request that the application could see: cut short, too long, not HTTP."""
    code, _, detail = HTTP.get(
        status, ("bad-request", "", "The request cannot be read: it is not HTTP as it should be.")
    )
    body = json.dumps(problem(status, code, detail)).encode()
    head = {
        "Connection": "close",
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-cache",
        **SECURITY,
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in head.items()), "", ""]
    gunicorn.util.write_nonblock(client, "\r\n".join(lines).encode("latin-1") + body)


gunicorn.util.write_error = refuse  # what gunicorn's workers write in place of their own page of HTML


class Server(BaseApplication):
    """Gunicorn with these settings on a socket that is bound already."""

    def __init__(self, settings: Settings, listener: socket.socket) -> None:
        self.settings = settings
        self.bind = f"fd://{listener.detach()}"
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn how to run; called by it."""
        for name, value in (OPTIONS | {"bind": self.bind, "workers": self.settings.workers}).items():
            self.cfg.set(name, value)

    def run(self) -> None:
        """Serve until the process is told to stop."""
        Arbiter(self).run()

    def load(self) -> Turns:
        """The application; called in each worker."""
        app = create_app(open_engine(self.settings), self.settings)
        collector.begin()
        return Turns(app)


def serve(settings: Settings) -> int:
    """Serve until the process is told to stop; the exit code.

    TERM lets the requests that run finish. Raises OperatorError when the address cannot be listened on.
    """
    listener = listen(settings.host, settings.port)
    # Flushed, because workers are copies of this process and of what it has not written yet.
    print(f"Stemma is at {url(settings.host, settings.port)} - Ctrl-C stops it.", flush=True)
    parent = os.getpid()
    try:
        Server(settings, listener).run()
    except SystemExit as stopped:
        if os.getpid() != parent:
            raise  # a worker: gunicorn reads what its exit code says
        return 1 if stopped.code else 0
    return 0


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises OperatorError, saying why, when there can be none."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=2048)
    except socket.gaierror:
        message = f"There is no address {host!r}."
        raise OperatorError(message, "Give one of this machine's own, such as --host 127.0.0.1.") from None
    except OSError as error:
        hint = {
            errno.EADDRINUSE: f"Something listens there. Stop it, or choose another port: --port {port % 65_535 + 1}.",
            errno.EACCES: "Ports below 1024 are the administrator's. Choose another: --port 8000.",
            errno.EADDRNOTAVAIL: "Give one of this machine's own addresses, such as --host 127.0.0.1.",
        }.get(error.errno or 0, "Choose another: --host 127.0.0.1 --port 8000.")
        reason = os.strerror(error.errno) if error.errno else str(error)
        message = f"{url(host, port)} cannot be served: {reason}."
        raise OperatorError(message, hint) from None


def url(host: str, port: int) -> str:
    """The address as a browser takes it."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
