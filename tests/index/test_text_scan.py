"""What answers from the texts while the loops are being compiled."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from search.budget import QueryBudget
from search.engine import Search
from search.errors import LoopsCompiling
from search.index import WhooshEngine
from search.index.text_scan import MAX_LEAVES, TextScan
from search.query.parser import parse
from tests.contract.engines import article, run
from tests.processes.commands import ROOT, environment

BEFORE_THE_LOOPS = """
import sys
from pathlib import Path
from search.kernels.jit import cache
cache._chosen, cache._waits = Path(sys.argv[1]), False  # another process compiles, and has not begun
from search.index import WhooshEngine
from search.settings import Settings
from web import create_app
client = create_app(WhooshEngine(Path(sys.argv[2])), Settings()).test_client()
for path in ("/", "/?q=storm", "/articles/b?q=storm", "/api/v1/articles/b", "/api/v1/explain?q=storm&id=b-p1"):
    answer = client.get(path)
    print(path, answer.status_code, '<a href="/articles/a" dir="auto"' in answer.text)
"""


def test_variants_of_names_do_not_count() -> None:
    """The first search of whoever installs Stemma may be for a name: it must not wait for the compiler."""
    scan = TextScan([article("a", "Gaddafi spoke.", "Qadhafi spoke.")])
    names = [f"name{n}" for n in range(MAX_LEAVES)]
    tree = parse(" ALSO ".join(["gaddafi", "qadhafi", *names])).tree
    assert [hit.number for hit in scan.search(Search(tree), QueryBudget()).hits] == [1, 2]
    with pytest.raises(LoopsCompiling):
        scan.search(Search(parse(" OR ".join(["gaddafi", *names])).tree), QueryBudget())


def test_an_export_has_copies_too() -> None:
    """What a program takes as a whole must not depend on whether the loops are compiled yet."""
    text = " ".join(f"word{n} of the storm" for n in range(30))
    scan = TextScan([article("a", text), article("b", text)])
    search = Search(parse("storm").tree, limit=1, duplicates="fold")
    assert [hit.article_id for hit in scan.search(search, QueryBudget()).hits] == ["a"]
    assert scan.search(search, QueryBudget()).folded.articles == 1
    assert [hit.article_id for hit in scan.stream(search, QueryBudget()).rows] == ["a", "b"]


def test_an_export_that_would_take_long_is_refused() -> None:
    """All pairs of a common word, in all texts, would hold up everything else for minutes."""
    with pytest.raises(LoopsCompiling):
        TextScan([article("a", "Storm.")]).stream(Search(parse("storm NEAR/3 sea").tree), QueryBudget())


def test_pages_are_there_before_any_loop_is(tmp_path: Path) -> None:
    """Whoever has just installed Stemma opens the first result: its copies were looked up by a loop, a 503."""
    text = " ".join(f"word{n} of the storm" for n in range(30))
    run(WhooshEngine(tmp_path / "index"), [article("a", text), article("b", text)])
    asked = [sys.executable, "-c", BEFORE_THE_LOOPS, str(tmp_path / "loops"), str(tmp_path / "index")]
    done = subprocess.run(asked, cwd=ROOT, env=environment(), capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "/ 200 True",
        "/?q=storm 200 False",
        "/articles/b?q=storm 200 True",
        "/api/v1/articles/b 200 False",
        "/api/v1/explain?q=storm&id=b-p1 200 False",
    ]
