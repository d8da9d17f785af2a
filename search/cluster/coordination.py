"""Keeps what the processes that use an archive in a cluster share beside its index: a writer's lock, and documents."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import uuid4

from search.cluster.connection import Conflict, Connection
from search.errors import IndexLocked, OperatorError, RetryLater

LEASE = 60.0
"""Seconds after which a writer that has not renewed its lock is taken for dead."""
CHUNK = 1 << 20
"""Maximum number of characters of JSON in one document; longer data is split over several documents.

Their names have a dot, which no other document's name has.
"""
LOCK = "lock"
"""The name of the document that is the writer's lock."""
_held: set[str] = set()
"""The tokens of the locks that this process holds."""


class StateIndex:
    """An index of small documents, by name: the lock, the ledgers, and what an unfinished run has staged."""

    def __init__(self, connection: Connection, name: str) -> None:
        self._connection = connection
        self.name = name

    def create(self) -> None:
        """Create the index if it is not there."""
        path = f"/{self.name}"
        if self._connection.call("GET", path, missing={}):
            return
        body = {"settings": {"number_of_shards": 1, "auto_expand_replicas": "0-1"}, "mappings": {"enabled": False}}
        self._connection.create(path, body)

    def read(self, name: str) -> Any:  # noqa: ANN401 - as JSON
        """Return the data that was written as a document; None if there is none, or a part of it is missing."""
        head = self._document(name)
        if head is None or "chunks" not in head:
            return head
        parts = [self._document(f"{name}.{at}") for at in range(head["chunks"])]
        return json.loads("".join(part["text"] for part in parts)) if all(parts) else None

    def _document(self, name: str) -> Any:  # noqa: ANN401 - as JSON
        found = self._connection.call("GET", f"/{self.name}/_doc/{name}", missing={})
        return found.get("_source")

    def write(self, name: str, data: object) -> None:
        """Write data that JSON can represent, of any size, as the document of this name, replacing what was there."""
        text = json.dumps(data)
        if len(text) <= CHUNK and isinstance(data, dict):
            self._connection.call("PUT", f"/{self.name}/_doc/{name}", data)
            return
        chunks = [text[at : at + CHUNK] for at in range(0, len(text), CHUNK)]
        for at, chunk in enumerate(chunks):
            self._connection.call("PUT", f"/{self.name}/_doc/{name}.{at}", {"text": chunk})
        self._connection.call("PUT", f"/{self.name}/_doc/{name}", {"chunks": len(chunks)})

    def remove(self, name: str) -> None:
        """Remove a document, if it is there."""
        head = self._document(name)
        self._connection.call("DELETE", f"/{self.name}/_doc/{name}", missing={})
        for at in range((head or {}).get("chunks", 0)):
            self._connection.call("DELETE", f"/{self.name}/_doc/{name}.{at}", missing={})

    def holder(self, name: str) -> str | None:
        """Return the token of the lease of a lock's holder; None if the lock is free, or its holder has ended."""
        found = self._document(name)
        return str(found["token"]) if found and not _is_dead(found) else None

    @contextmanager
    def locked(self, where: str, name: str = LOCK) -> Iterator[Lease]:
        """Hold a lock, by default the writer's, in this context, and yield its lease. `where` is for messages.

        Raises IndexLocked, which names the holder, if a process that has not ended holds the lock.
        """
        lease = Lease(self._connection, f"/{self.name}/_doc/{name}")
        lease.acquire(where)
        try:
            yield lease
        finally:
            lease.release()


class Lease:
    """A lock: a document that names its holder, and that its holder renews while it lives. `path` is its URL path."""

    def __init__(self, connection: Connection, path: str) -> None:
        self._connection, self._path = connection, path
        self._version = ""
        self.token = uuid4().hex
        """The id of this lease, which no other lease has."""
        self._mine = {
            "process": os.getpid(),
            "host": socket.gethostname(),
            "begun": _begun(os.getpid()),
            "token": self.token,
        }
        self._ended = Event()
        self._renewing = Thread(target=self._renew, daemon=True)

    def acquire(self, where: str) -> None:
        """Take the lock if it is free or its holder has ended. Else raises IndexLocked, which names `where`."""
        found = self._connection.call("GET", self._path, missing={})
        condition = "op_type=create"
        if holder := found.get("_source"):
            if not _is_dead(holder):
                raise _locked(where, holder)
            condition = _version_of(found)
        _held.add(self.token)
        try:
            self._put({**self._mine, "since": time.time()}, condition)
        except Conflict:
            _held.discard(self.token)
            raise _locked(where, self._connection.call("GET", self._path, missing={}).get("_source", {})) from None
        except BaseException:  # the lock may be there, if only the answer was lost: nobody holds it
            _held.discard(self.token)
            raise
        self._renewing.start()

    def _put(self, data: dict[str, Any], condition: str) -> None:
        self._data = data
        try:
            answer = self._connection.call("PUT", f"{self._path}?{condition}", data | {"renewed": time.time()})
        except Conflict:
            answer = self._connection.call("GET", self._path, missing={})
            if answer.get("_source", {}).get("token") != self.token:  # else this request arrived twice
                raise
        self._version = _version_of(answer)

    def _renew(self) -> None:
        while not self._ended.wait(LEASE / 4):
            try:
                self._put(self._data, self._version)
            except Conflict:
                return
            except (RetryLater, OperatorError):
                continue

    def check(self) -> None:
        """Raise IndexLocked if another process has taken the lock, since this one did not renew it in time."""
        holder = self._connection.call("GET", self._path, missing={}).get("_source", {})
        if holder.get("token") != self.token:
            message = "Another process has begun to write, for this one has been silent for too long."
            raise IndexLocked(message, "Run it again when the other is done.")

    def release(self) -> None:
        """Stop renewing the lock, and remove it."""
        self._ended.set()
        self._renewing.join()
        _held.discard(self.token)
        with suppress(Conflict, RetryLater, OperatorError):
            self._connection.call("DELETE", f"{self._path}?{self._version}", missing={})


def _version_of(answer: dict[str, Any]) -> str:
    """Return URL parameters for a write, which the cluster refuses if the document has changed since this answer."""
    return f"if_seq_no={answer['_seq_no']}&if_primary_term={answer['_primary_term']}"


def _locked(where: str, holder: dict[str, Any]) -> IndexLocked:
    age = max(0, round(time.time() - holder.get("since", time.time())))
    message = f"{where} is being written by process {holder.get('process')} on {holder.get('host')}, for {age} s."
    return IndexLocked(message, "Wait until it is done, or stop that process.")


def _is_dead(holder: dict[str, Any]) -> bool:
    """Tell whether the holder of a lock has ended.

    A process of this machine is looked up. One of another has ended if it has not renewed its lock for LEASE seconds.
    """
    if holder["process"] == os.getpid() and holder["begun"] == _begun(os.getpid()):
        return holder["token"] not in _held  # this process could not remove it
    if holder["host"] == socket.gethostname():
        return _begun(holder["process"]) != str(holder["begun"])
    return time.time() - float(holder["renewed"]) > LEASE


def _begun(process: int) -> str:
    """Return when a process of this machine began, in clock ticks since boot; empty if it is none, or has ended."""
    try:
        state, *fields = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in {"Z", "X"} else fields[18]
