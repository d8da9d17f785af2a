"""Where the server listens, and how many connections it can hold."""

from __future__ import annotations

import errno
import os
import resource
import socket

from search.cli.terminal import tell
from search.errors import OperatorError

CONNECTIONS = 4_096
"""Connections that all workers hold together, beside those that wait to be taken: each costs some kilobytes."""
OTHERS = 512
"""Files that a process has open besides: the index, above all."""
FEWEST = 64
"""Connections of a worker below which it is no server."""


def address_of(host: str, port: int) -> str:
    """Return the address of a host's name. Raises OperatorError, saying why, when it cannot be listened on."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # The workers' sockets share the port; this one does not, so that it fails where anybody listens.
        socket.create_server(address[:2], family=family).close()
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
    return str(address[0])


def url(host: str, port: int) -> str:
    """Return the address as a browser takes it."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def connections(workers: int) -> int:
    """Return how many connections each worker can hold, after the limit of open files has been raised to that.

    Says on stderr what to raise where the system allows less.
    """
    wanted = max(CONNECTIONS // workers, FEWEST) + OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        soft = max(soft, most)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted - OTHERS
    advice = f"Raise that to {wanted}: `ulimit -n {wanted}`, or LimitNOFILE={wanted} in a systemd unit."
    tell([f"stemma: this process may have {soft} files open, so that fewer clients can be connected at once. {advice}"])
    return max(soft - min(OTHERS, soft // 2), 1)
