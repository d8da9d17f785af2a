"""Whatever the weights of the ranking are, the index ranks as the definition does, in one segment and in several."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search import ranking
from search.brute_force import Paragraph, answer, paragraphs_of
from search.engine import Recency, Search
from search.index import WhooshEngine
from search.model import Article
from search.query.parser import parse
from tests.index.segments import ALL_DENSE, article, index

FORMS = (
    "ship ships shipping moon moons the of port ports strike striking pilot harbour bay " * 3 + "lamp lamps"
).split()
WEIGHTS = ("K1", "B", "BURSTINESS", "FUNCTION_WORD", "EXACT_FORM", "RECENT")
WORDS = st.lists(st.sampled_from(FORMS), min_size=1, max_size=12).map(" ".join)
QUERIES = WORDS | st.sampled_from(
    ['"the ship" moons', "ship* the pilots", "port -moon striking", "the of", "title:ships"]
)


def articles(seed: int) -> list[Article]:
    """Sixty articles of up to four paragraphs, a third of them without a date."""
    rng = random.Random(seed)
    return [
        article(
            f"{number:02}",
            *(" ".join(rng.choices(FORMS, k=rng.randint(1, 25))) for _ in range(rng.randint(1, 4))),
            title=" ".join(rng.choices(FORMS, k=rng.randint(0, 4))),
            date=rng.choice(("", f"20{rng.randint(10, 24)}-0{rng.randint(1, 9)}-11", "2024")),
        )
        for number in range(60)
    ]


@pytest.fixture(scope="module", params=[1, 3])
def archive(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Sequence[Paragraph]]:
    """An index with so many segments, and its paragraphs."""
    folder, all_articles = tmp_path_factory.mktemp("ranked"), articles(request.param)
    index(folder, *(all_articles[start :: request.param] for start in range(request.param)), tuning=ALL_DENSE)
    return folder, [paragraph for one in all_articles for paragraph in paragraphs_of(one)]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_is_that_of_the_definition(
    archive: tuple[Path, Sequence[Paragraph]], data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounds that prune, and the second scoring, must be right for any parameters, not for those of today."""
    folder, paragraphs = archive
    for name in WEIGHTS:
        monkeypatch.setattr(ranking, name, data.draw(st.floats(0.01, 3 if name == "K1" else 0.99), label=name))
    low, size = data.draw(st.integers(0, 30)), data.draw(st.integers(1, 40))
    search = Search(
        parse(data.draw(QUERIES), match=data.draw(st.sampled_from(["all", "any"]))).tree,
        low,
        size,
        group=data.draw(st.sampled_from(["none", "article"])),
        function_stems=frozenset({"the", "of"}),
        recency=data.draw(st.none() | st.just(Recency(datetime(2024, 6, 1, tzinfo=UTC).timestamp(), 3e7))),
    )
    engine = WhooshEngine(folder, tuning=ALL_DENSE)
    found, wanted = engine.snapshot().search(search), answer(paragraphs, search)
    engine.close()
    assert (found.total, found.total_articles) == (wanted.total, wanted.total_articles)
    assert [hit.score for hit in found.hits] == pytest.approx([hit.score for hit in wanted.hits], rel=1e-9)
    ties = {round(hit.score, 6) for hit in wanted.hits if sum(abs(hit.score - o.score) < 1e-6 for o in wanted.hits) > 1}
    clear = [(hit.article_id, hit.number, hit.more) for hit in wanted.hits if round(hit.score, 6) not in ties]
    assert [(hit.article_id, hit.number, hit.more) for hit in found.hits if round(hit.score, 6) not in ties] == clear
