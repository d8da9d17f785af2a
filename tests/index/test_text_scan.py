"""What answers from the texts while the loops are being compiled."""

from __future__ import annotations

import pytest

from search.budget import QueryBudget
from search.engine import Search
from search.errors import LoopsCompiling
from search.index.text_scan import MAX_LEAVES, TextScan
from search.query.parser import parse
from tests.contract.engines import article


def test_variants_of_names_do_not_count() -> None:
    """The first search of whoever installs Stemma may be for a name: it must not wait for the compiler."""
    scan = TextScan([article("a", "Gaddafi spoke.", "Qadhafi spoke.")])
    names = [f"name{n}" for n in range(MAX_LEAVES)]
    tree = parse(" ALSO ".join(["gaddafi", "qadhafi", *names])).tree
    assert [hit.number for hit in scan.search(Search(tree), QueryBudget()).hits] == [1, 2]
    with pytest.raises(LoopsCompiling):
        scan.search(Search(parse(" OR ".join(["gaddafi", *names])).tree), QueryBudget())
