"""A process that forks a child for each order: the child reindexes with an injected fault, and may die.

`python -m tests.faults.harness.faulty_reindex FOLDER` reads orders as JSON, one a line, and answers each with a line
of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from search.engine import Engine
from search.errors import OperatorError, StorageError
from search.index.writing import index_writer
from search.indexing import reindex
from search.model import SearchRequest
from search.service import find
from tests.contract.engines import ON_DISK, patient
from tests.faults.harness.fault_injector import FaultInjector

Order: TypeAlias = dict[str, Any]
"""The engine, its index, the source, whether to build anew, what goes wrong and when."""
Reply: TypeAlias = dict[str, Any]
"""`outcome` of the run, what it had `done`, the `signal` that ended it; what readers got `then`; how it went `again`,
with nothing in the way, and what readers got `finally`."""
QUERIES = ("", "ships OR pilot", 'moved "no ship" -strike', "str* title:harbour", "north NEAR/5 ship OR pilat~")


def answers(engine: Engine) -> str:
    """What readers get: every answer to some queries, and every article; or the error that they meet."""
    try:
        snapshot = engine.snapshot()
    except OperatorError as error:
        return type(error).__name__
    pages = [find(snapshot, SearchRequest(q, per_page=100, facets=("source", "year"))) for q in QUERIES]
    names = sorted({hit.article.id for page in pages for hit in page.hits})
    rows = [[page.total.value, page.total_articles, repr(page.facets), *map(repr, page.hits)] for page in pages]
    entries = [entry._replace(mtime=0, generation=0) for entry in snapshot.ledger().entries]
    return json.dumps([rows, [repr(snapshot.article(name)) for name in names], [repr(entry) for entry in entries]])


def attempt(engine: Engine, order: Order) -> str:
    """One run: `committed`, `unchanged`, or the error that it ended with."""
    try:
        report = reindex(engine, [Path(order["source"])], full=order["full"])
    except StorageError:
        return "StorageError"
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})"
    return "committed" if report.committed else "unchanged"


def aftermath(order: Order, engine: Engine) -> Reply:
    """What there is to see, and whether the next run gets to the end."""
    return {"then": answers(engine), "again": attempt(engine, order), "finally": answers(engine)}


def reindex_with_fault(order: Order, say: Callable[[Reply], None]) -> None:
    """Reindex with an injected fault; after a full disk, the same process goes on."""
    engine = ON_DISK[order["engine"]](Path(order["index"]))
    if order["staged"]:
        index_writer.BATCH_SECONDS = -1.0  # each file is a batch of its own
    injector = FaultInjector(Path(order["index"]), order["how"], order["at"], lambda done: say({"done": done}))
    injector.install()
    outcome = attempt(engine, order)
    done = list(injector.done)
    injector.end()
    rest = aftermath(order, engine) if order["how"] in {"full", "once"} else {}
    say({"outcome": outcome, "done": done} | rest)


def forked(order: Order) -> Reply:
    """Let a child do it; what it said, and the signal that ended it."""
    assert threading.active_count() == 1, "a child would have the locks of these threads, but not the threads"
    receiver, sender = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiver)
        file = os.fdopen(sender, "w")

        def say(reply: Reply) -> None:
            json.dump(reply, file)
            file.flush()

        try:
            reindex_with_fault(order, say)
        except BaseException:  # noqa: BLE001 - a child must never go on as its parent
            say({"outcome": traceback.format_exc(), "done": []})
        os._exit(0)
    os.close(sender)
    with os.fdopen(receiver) as file:
        text = file.read()
    _, status = os.waitpid(child, 0)
    reply: Reply = json.loads(text or "{}")
    return reply | {"signal": signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else ""}


def main(source: str) -> None:
    """Warm up, so that children find everything imported, then take orders."""
    with patient():
        for open_engine in ON_DISK.values():
            with tempfile.TemporaryDirectory() as folder:
                engine = open_engine(Path(folder))
                reindex(engine, [Path(source)])
                answers(engine)
                engine.close()
        gc.freeze()
        for line in sys.stdin:
            order = json.loads(line)
            reply = forked(order)
            if order["look"] and "then" not in reply:  # the child is dead; this is the process that comes by after it
                engine = ON_DISK[order["engine"]](Path(order["index"]))
                reply |= aftermath(order, engine)
                engine.close()
            print(json.dumps(reply), flush=True)  # noqa: T201 - it is how this process answers


if __name__ == "__main__":
    main(sys.argv[1])
