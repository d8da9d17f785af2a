"""Articles like one, on every engine."""

from __future__ import annotations

import pytest

from search.engine import Snapshot
from search.similar import similar
from tests.contract.engines import ENGINES, article, run

ARTICLES = (
    article("wheat", "The wheat harvest failed.", "Farmers lost wheat and barley.", title="Wheat harvest fails"),
    article("barley", "A barley harvest that farmers praised.", "Prices fell.", title="Barley harvest"),
    article("chess", "The match ended in a draw.", "The champion praised the draw.", title="Chess"),
    article("lone", "Xylophones.", title="Zithers"),
)


@pytest.fixture(scope="module", params=ENGINES)
def four(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The articles above, in two segments."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("similar") / "index")
    run(engine, ARTICLES[:1])
    return run(engine, ARTICLES[1:])


def test_telling_stems(four: Snapshot) -> None:
    """What no other article has finds nothing; of the rest what is frequent here and rare elsewhere leads."""
    assert four.telling_stems("wheat", 3, {"the", "and", "a"}) == ("farmer", "harvest", "barley")
    assert four.telling_stems("wheat", 1, ()) == ("farmer",)
    assert four.telling_stems("lone", 3, ()) == ()
    assert four.telling_stems("nothing", 3, ()) is None


def test_similar(four: Snapshot) -> None:
    """The article of the same matter comes first, one of another matter last or not at all, itself never."""
    found = similar(four, "wheat", 10)
    assert found is not None
    assert [one.article.id for one in found] == ["barley"]
    assert found[0].score > 0
    assert similar(four, "lone", 10) == ()
    assert similar(four, "nothing", 10) is None
