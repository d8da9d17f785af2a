"""A process that damages an index, opens it anew and asks it: `python -m tests.faults.harness.bit_flips INDEX`.

Takes damages as JSON, one a line, and answers each with a line. It may crash: then whoever sent the damage knows.
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any, TypeAlias

from search.engine import LocalEngine
from search.errors import IndexDamaged, IndexMissing, IndexOutdated
from search.model import SearchRequest
from search.service import find
from search.settings import Settings
from tests.contract.engines import patient
from tests.faults.harness.commands import opened
from web import create_app

Damage: TypeAlias = dict[str, Any]
"""A `file`, and a `byte` of it with the bit that flips there, or the length that is `left` of it."""
REFUSALS = (IndexDamaged, IndexOutdated, IndexMissing)
HANGS = 120
"""Seconds after which a question hangs."""
QUERIES = (
    "version",
    "word35 OR word42",
    "word35 -word42 title:title",
    '"version v0"',
    "wo*7",
    "vorsion~",
    "title NEAR/3 of",
    "c++ OR at&t",
    "source:south lang:en",
    "after:2011 before:2080",
)


def asked(engine: LocalEngine) -> str:
    """Every answer to the queries, sorted in each way, with facets; the articles found, the counts and the ledger."""
    snapshot = engine.snapshot()
    told: list[object] = []
    for number, query in enumerate(QUERIES):
        sort = ("relevance", "date", "-date")[number % 3]
        facets = ("source", "lang", "year", "month") if number % 4 == 0 else ()
        page = find(snapshot, SearchRequest(query, per_page=20, sort=sort, facets=facets))  # type: ignore[arg-type]  # names of sorts
        told += [page.total.value, page.total_articles, repr(page.facets), repr(page.hits)]
        told += [repr(snapshot.article(hit.article.id)) for hit in page.hits[:2]]
    return json.dumps([told, repr(snapshot.statistics()), repr(snapshot.ledger())])


def outcome(index: Path, right: str) -> str:
    """What a fresh engine gives for the index: the `right` answers, what refuses them, or what it must never give."""
    engine = opened(index)
    try:
        answer = asked(engine)
    except REFUSALS as error:
        return type(error).__name__
    except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
        return f"{type(error).__name__}: {error}"
    finally:
        engine.close()
    return "right" if answer == right else "wrong"


def on_the_web(index: Path) -> str:
    """What a server that starts now answers: only these may be seen."""
    engine = opened(index)
    client = create_app(engine, Settings(index=index)).test_client()
    paths = ("/api/v1/search?q=version&facets=year", "/?q=wo*7", "/articles/0001.txt", "/readyz")
    codes = {client.get(path).status_code for path in paths}
    engine.close()
    return "" if codes <= {200, 503} else f"status {codes}"


def damaged(index: Path, damage: Damage, right: str) -> str:
    """Do it, look, undo it."""
    path = index / damage["file"]
    if "left" in damage:
        whole = path.with_name("whole")
        shutil.copyfile(path, whole)
        os.truncate(path, damage["left"])
    else:
        whole = None
        flip(path, damage["byte"], damage["bit"])
    try:
        return (on_the_web(index) if damage["web"] else "") or outcome(index, right)
    finally:
        if whole is not None:
            whole.rename(path)
        else:
            flip(path, damage["byte"], damage["bit"])


def flip(path: Path, byte: int, bit: int) -> None:
    with path.open("r+b", buffering=0) as file:
        file.seek(byte)
        (was,) = file.read(1)
        file.seek(byte)
        file.write(bytes([was ^ 1 << bit]))


def main(index: Path) -> None:
    with patient():
        engine = opened(index)
        right = asked(engine)
        engine.close()
        for line in sys.stdin:
            faulthandler.dump_traceback_later(HANGS, exit=True)
            print(damaged(index, json.loads(line), right), flush=True)  # noqa: T201 - it is how this process answers
            faulthandler.cancel_dump_traceback_later()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
