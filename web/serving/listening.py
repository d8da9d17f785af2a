"""The address that the server listens on, and the number of connections it can hold."""

from __future__ import annotations

import errno
import os
import resource
import socket

from search.cli.terminal import tell
from search.errors import OperatorError

CONNECTIONS = 4_096
"""Number of connections that all workers together can hold; each takes some kilobytes of memory."""
OTHER_FILES = 512
"""Number of files, mostly of the index, that a worker may have open besides its connections."""
MIN_CONNECTIONS = 64
"""Minimum number of connections of each worker, however many workers there are."""


def address_of(host: str, port: int) -> str:
    """Return the IP address of a host name. Raises OperatorError with the reason if the server cannot listen there."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        # The sockets of the workers share the port. This one does not, so that it fails if any process listens there.
        socket.create_server(address[:2], family=family).close()
    except socket.gaierror:
        message = f"There is no address {host!r}."
        raise OperatorError(message, "Give one of this machine's own, such as --host 127.0.0.1.") from None
    except OSError as error:
        other = port % 65_535 + 1
        hint = {
            errno.EADDRINUSE: f"Something listens there. Stop it, or choose another port: "
            f"--port {other}, or with make: STEMMA_PORT={other} make serve.",
            errno.EACCES: "Ports below 1024 are the administrator's. Choose another: --port 8000.",
            errno.EADDRNOTAVAIL: "Give one of this machine's own addresses, such as --host 127.0.0.1.",
        }.get(error.errno or 0, "Choose another: --host 127.0.0.1 --port 8000.")
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OperatorError(f"{url(host, port)} cannot be served: {reason}.", hint) from None
    return str(address[0])


def url(host: str, port: int) -> str:
    """Return the URL of a server at a host name or an IP address, and a port."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def connection_limit(workers: int) -> int:
    """Return how many connections each worker can hold, and raise the limit of open files accordingly.

    If the system does not allow so many open files, the result is lower, and advice is written to stderr.
    """
    wanted = max(CONNECTIONS // workers, MIN_CONNECTIONS) + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        soft = max(soft, most)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return wanted - OTHER_FILES
    advice = f"Raise that to {wanted}: `ulimit -n {wanted}`, or LimitNOFILE={wanted} in a systemd unit."
    tell([f"stemma: this process may have {soft} files open, so that fewer clients can be connected at once. {advice}"])
    # A connection that has ended may keep its file a moment longer, when another has taken its place already.
    return max(soft - OTHER_FILES, soft // 3, 1)
