"""Wildcards and misspellings: a cluster's own automata find the words that ours do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.engine import Search, Snapshot
from search.query.term_patterns import matcher
from search.query.tree import Fuzzy, Wildcard
from tests.contract.clusters import in_cluster
from tests.contract.engines import article, run

WORDS = ["".join(letters) for size in (1, 2, 3, 4) for letters in product("ab0", repeat=size)] + ["abab00", "b0b0b"]

words = st.text("ab0", min_size=1, max_size=5)
patterns = st.text("ab0*?", min_size=1, max_size=6).filter(lambda pattern: "*" in pattern or "?" in pattern)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    """A paragraph for each word."""
    engine = in_cluster(tmp_path_factory.mktemp("patterns") / "index")
    yield run(engine, [article("w", *WORDS, title="")])
    engine.close()


@given(st.builds(Wildcard, patterns) | st.builds(Fuzzy, words, st.sampled_from([1, 2])))
def test_patterns(snapshot: Snapshot, leaf: Wildcard | Fuzzy) -> None:
    """Short words, swapped neighbours and stars in a row are where rules differ between programs."""
    fits = matcher(leaf)
    found = {WORDS[hit.number - 1] for hit in snapshot.search(Search(leaf, limit=1_000)).hits}
    assert found == set(filter(fits, WORDS))
