"""Runs commands of `stemma` in processes that it forks from itself, with all modules and loops there already.

A command in a Python of its own takes about a second of CPU to begin, most of it in numba, and tests run hundreds.
`commands` starts this with a socket, and sends of each command its arguments, folder, environment and streams.
"""

from __future__ import annotations

import gc
import json
import os
import socket
import sys
from importlib import import_module
from pkgutil import walk_packages

import search
from search.cli.main import main
from search.kernels.jit.warming import all_loops

MAX_ORDER = 1 << 20
"""Maximum number of bytes of an order."""


def load_everything() -> None:
    """Import all modules but two kinds, and load all loops: those that need what is hidden from commands, and mains."""
    for found in walk_packages(search.__path__, "search."):
        if not found.name.startswith("search.evaluation") and not found.name.endswith("__main__"):
            import_module(found.name)
    for loop in all_loops():
        loop.compiled()


def next_command(orders: socket.socket) -> list[str] | None:
    """Fork for each order, and answer with the exit code. Returns its arguments in the child, and None at the end."""
    while True:
        order, streams, _, _ = socket.recv_fds(orders, MAX_ORDER, 3)
        if not order:
            return None
        if child := os.fork():
            for stream in streams:
                os.close(stream)
            orders.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())
            continue
        arguments, folder, environment = json.loads(order)
        for target, stream in enumerate(streams):
            os.dup2(stream, target)
            os.close(stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        return list(arguments)


if __name__ == "__main__":
    load_everything()
    gc.freeze()  # else a command looks through all that at its end
    with socket.socket(fileno=int(sys.argv[1])) as server:
        command = next_command(server)
    if command is not None:
        sys.argv[1:] = command
        sys.exit(main())
