"""The engines that have to keep the contract, and a few words to say what goes into them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from search import budget
from search.dates import parse_date
from search.engine import Engine, Snapshot, open_engine
from search.ledger import Ledger
from search.model import Article, Heading
from search.settings import Settings
from tests.contract.clusters import in_cluster
from tests.oracle import Oracle

ON_DISK: dict[str, Callable[[Path], Engine]] = {
    "whoosh": lambda folder: open_engine(Settings(index=folder, engine="whoosh"))
}
LASTING: dict[str, Callable[[Path], Engine]] = {**ON_DISK, "opensearch": in_cluster}
"""How to open each engine whose index outlasts it. One in a cluster has a name made of the folder's."""
ENGINES: dict[str, Callable[[Path], Engine]] = {"oracle": lambda _folder: Oracle(), **LASTING}
"""How to open each engine upon a folder."""


def tolerance(snapshot: Snapshot) -> float:
    """How far, relative to it, a score may be from the oracle's: a cluster's have 32 bits."""
    return 1e-6 if is_in_cluster(snapshot) else 1e-9


def is_in_cluster(snapshot: Snapshot) -> bool:
    """Whether a snapshot is a cluster's, where each question is some requests: what asks hundreds takes a sample."""
    return type(snapshot).__name__ == "ClusterSnapshot"


@contextmanager
def patient() -> Iterator[None]:
    """Let queries take their time: what a slow machine cuts short would not be what the oracle says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "SECONDS", 60.0)
        yield


def article(
    article_id: str,
    *paragraphs: str,
    title: str = "Untitled",
    date: str | None = None,
    source: str = "north",
    lang: str = "en",
) -> Article:
    return Article(Heading(article_id, title, parse_date(date) if date else None, source, lang), paragraphs)


def run(engine: Engine, articles: Iterable[Article], *, gone: Iterable[str] = (), anew: bool = False) -> Snapshot:
    """One run of the writer: remove, add, commit; the generation that it made."""
    with engine.write(anew=anew) as writer:
        for article_id in gone:
            writer.remove(article_id)
        for one in articles:
            writer.add(one)
        writer.commit(Ledger())
    return engine.snapshot()
