"""Read replicas, as docs/scaling.md has them: a second machine gets each generation by a backup, while it answers."""

from __future__ import annotations

import threading
from pathlib import Path

from search.engine import open_engine
from search.settings import Settings
from tests.processes.commands import run as stemma
from web import create_app

ARTICLES = 30
QUESTION = "/api/v1/search?q=version&per_page=100"


def publish(folder: Path, version: str) -> None:
    """What an operator does for each generation: index, back up, restore on the other machine."""
    (folder / "seeds").mkdir(exist_ok=True)
    for n in range(ARTICLES):
        (folder / "seeds" / f"{n}.txt").write_text(f"Title {n}\n2025-07-01\n\nVersion {version} of it.\n", "utf-8")
    for command in (
        ("reindex", "seeds", "--index", "primary"),
        ("backup", version, "--index", "primary"),
        ("restore", version, "--index", "replica"),
    ):
        done = stemma(folder, *command)
        assert done.returncode == 0, done.stderr


def test_a_replica_gets_a_generation_while_it_answers(tmp_path: Path) -> None:
    """Each answer is of one generation, and none is of the old one once the restore is done, from no cache either."""
    publish(tmp_path, "v1")
    settings = Settings(index=tmp_path / "replica")
    engine = open_engine(settings)
    app = create_app(engine, settings)
    before = app.test_client().get(QUESTION)
    seen: list[tuple[int, frozenset[str]]] = []
    done = threading.Event()

    def ask() -> None:
        client = app.test_client()
        while not done.is_set():
            page = client.get(QUESTION).get_json()
            texts = frozenset(hit["paragraph"]["text"] for hit in page["hits"])
            seen.append((page["total"]["value"], texts))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        publish(tmp_path, "v2")
        after = app.test_client().get(QUESTION, headers={"If-None-Match": before.headers["ETag"]})
    finally:
        done.set()
        asking.join()
    old, new = ((ARTICLES, frozenset({f"Version {version} of it."})) for version in ("v1", "v2"))
    assert after.status_code == 200
    assert {hit["paragraph"]["text"] for hit in after.get_json()["hits"]} == new[1]
    assert seen == [old] * seen.count(old) + [new] * seen.count(new)
    assert seen.count(old) > 1
    engine.close()
