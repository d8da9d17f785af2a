"""Queries of several kinds at once: whatever leads, whatever is asked of few or of all, the answer is the same."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from search.brute_force import Paragraph, paragraphs_of
from search.engine import Search
from search.index import WhooshEngine
from search.index.query import collector
from search.index.snapshot import WhooshSnapshot
from search.kernels.topk.topk_heap import SORTED
from search.ledger import Ledger
from search.model import Article, Facet, Group, Heading, Result, Sort
from search.query.parser import parse
from tests.index.random_index import LANGUAGES, SMALL, random_snapshot, reopened

SIZES = (65, 186, 2_048)
STEMS = ("walk", "ship", "the", "of", "paint", "sort", "x", "count", "turn", "light", "10", "kelp", "rare", "once")
ENDINGS = ("", "", "s", "ed")
NEVER, ALWAYS = 1 << 40, 0
WAYS = [
    replace(SMALL, few_share=few, listed_paragraphs=listed, pruned_matches=pruned)
    for few in (1, NEVER)
    for listed in (ALWAYS, NEVER)
    for pruned in (ALWAYS, NEVER)
]
"""Whether few paragraphs are asked one by one, phrases are looked for so, and block-max bounds are used."""


@pytest.fixture(scope="module", params=SIZES)
def snapshot(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> WhooshSnapshot:
    """Paragraphs of few words, so that phrases of any of them are found, and titles that lend theirs."""
    return random_snapshot(tmp_path_factory.mktemp("index"), request.param, _body, _title)


def _body(rng: random.Random) -> str:
    return _text(rng, rng.choice((0, 3, 20, 40)))


def _title(rng: random.Random) -> str:
    return _text(rng, rng.choice((0, 2, 4)))


def _text(rng: random.Random, size: int) -> str:
    return " ".join(_word(rng) for _ in range(size))


def _word(rng: random.Random) -> str:
    """Some are frequent, some are in one of a hundred paragraphs, and many have several forms."""
    word = STEMS[int(len(STEMS) * rng.random() ** 3)]
    return word + rng.choice(ENDINGS) if len(word) > 3 else word


def _leaf(rng: random.Random) -> str:
    filter_bit = rng.random()
    if filter_bit < 0.4:
        return _word(rng)
    if filter_bit < 0.65:
        return f'"{_text(rng, rng.choice((1, 2, 2, 3)))}"{rng.choice(("", "", "", "~3"))}'
    if filter_bit < 0.75:
        return f"{_word(rng)} NEAR/{rng.choice((1, 3))} {_word(rng)}"
    if filter_bit < 0.85:
        return f"{_word(rng)[:2]}*"
    return rng.choice((f"{_word(rng)}~1", f"title:{_word(rng)}", "source:s", "lang:de", f'title:"{_text(rng, 2)}"'))


def _query(rng: random.Random, depth: int = 2) -> str:
    """Two or three parts, some of them excluded, some of several parts themselves."""
    parts = []
    for _ in range(rng.choice((2, 2, 3))):
        part = f"({_query(rng, depth - 1)})" if depth and rng.random() < 0.3 else f"({_leaf(rng)})"
        parts.append(("-" if rng.random() < 0.25 else "") + part)
    return rng.choice((" ", " ", " OR ")).join(parts)


@pytest.fixture(scope="module")
def ways(snapshot: WhooshSnapshot) -> list[WhooshSnapshot]:
    """The same index, searched in each way."""
    return [reopened(snapshot, way) for way in WAYS]


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
@pytest.mark.parametrize("seed", range(3))
def test_every_way_finds_the_same(ways: list[WhooshSnapshot], seed: int) -> None:
    """Rows, order, scores to the last bit, both totals and facets must not depend on how rare a word happens to be."""
    rng = random.Random(seed)
    hits = 0
    for _ in range(60):
        tree = parse(_query(rng), languages=LANGUAGES[1:]).tree
        facets: tuple[Facet, ...] = ("source",) if rng.random() < 0.5 else ()
        group: Group = rng.choice(("none", "article"))
        sort: Sort = rng.choice(("relevance", "relevance", "-date"))
        search = Search(tree, rng.choice((0, 0, 3)), rng.choice((1, 10, 60)), sort, group, facets)
        found: list[Result] = [_unlocated(way.search(search)) for way in ways]
        assert found[1:] == found[:-1], search
        hits += len(found[0].hits)
    assert hits > 300


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
def test_what_is_found_is_what_the_texts_say(snapshot: WhooshSnapshot, ways: list[WhooshSnapshot]) -> None:
    """All ways could be wrong alike: the rule of titles, read off from the texts, is what they are to agree with."""
    rng = random.Random(snapshot.statistics().paragraphs)
    paragraphs = _paragraphs(snapshot)
    for _ in range(60 if len(paragraphs) < 1_000 else 4):
        tree = parse(_query(rng), languages=LANGUAGES[1:]).tree
        expected = {(one.heading.id, one.number) for one in paragraphs if one.matches(tree)}
        for way in ways:
            found = way.search(Search(tree, limit=len(paragraphs)))
            assert {(hit.article_id, hit.number) for hit in found.hits} == expected, (tree, way.tuning)


def test_a_title_has_a_phrase_for_all_paragraphs(tmp_path: Path) -> None:
    """Where the first text had the phrase for sure, nobody looked into the title: the others did not have it."""
    engine = WhooshEngine(tmp_path, tuning=SMALL)
    with engine.write() as writer:
        texts = ("earnings per share rose", "acquired nearly all", "sold")
        writer.add(Article(Heading("a", "Earnings per share", None, "s", "en"), texts))
        writer.add(Article(Heading("b", "", None, "s", "en"), ("per share",) * 100))  # so that both are frequent
        writer.commit(Ledger())
    for _ in range(2):
        found = engine.snapshot().search(Search(parse('acquired "per share"').tree))
        assert [(hit.article_id, hit.number) for hit in found.hits] == [("a", 2)]


def _unlocated(found: Result) -> Result:
    """A result without where its rows lie, which is another object in each snapshot."""
    return replace(found, hits=tuple(hit._replace(locator=None) for hit in found.hits))


def _paragraphs(snapshot: WhooshSnapshot) -> list[Paragraph]:
    alive = [(part.segment, part.live_articles().nonzero()[0].tolist()) for part in snapshot.views]
    articles = [segment.read_article(number) for segment, numbers in alive for number in numbers]
    return [one for article in articles for one in paragraphs_of(article)]


def test_many_rows_are_those_of_few(snapshot: WhooshSnapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A heap that loses or misplaces a row does so on deep pages only, where nobody looks."""
    rng = random.Random(7)
    for _ in range(40):
        tree = parse(_query(rng) if rng.random() < 0.5 else _text(rng, 2), languages=LANGUAGES[1:], match="any").tree
        for group in ("none", "article"):
            pages = [
                row
                for offset in range(0, 90, SORTED // 2)
                for row in snapshot.search(Search(tree, offset, SORTED // 2, group=group)).hits
            ]
            whole = snapshot.search(Search(tree, 0, len(pages), group=group))
            with monkeypatch.context() as patch:
                patch.setattr(collector, "MAX_K", 0)
                assert snapshot.search(Search(tree, 0, len(pages), group=group)) == whole
            assert list(whole.hits) == pages
