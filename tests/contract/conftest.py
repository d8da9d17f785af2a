"""The hand-made corpus, indexed once for each engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search.engine import Snapshot
from search.index.writing import segment_serializer
from tests.contract.archives.corpus import CORPUS, PULPED, STALE
from tests.contract.engines import ENGINES, patient, run


@pytest.fixture(scope="package", autouse=True)
def time_enough() -> Iterator[None]:
    """No answer is cut short."""
    with patient():
        yield


@pytest.fixture(scope="package", autouse=True)
def packed() -> Iterator[None]:
    """Lists of postings are packed however short, as those of large indexes are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segment_serializer, "PACKED_FROM", 3)
        patch.setattr(segment_serializer, "PACKED_UP_TO", 1)
        yield


@pytest.fixture(scope="session", params=ENGINES)
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """The corpus as three runs leave it: in several segments, one article replaced and one removed on the way."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("library") / "index")
    run(engine, [STALE, PULPED, *CORPUS[4:]])
    run(engine, CORPUS[:2])
    yield run(engine, CORPUS[2:4], gone=["pulped"])
    engine.close()
