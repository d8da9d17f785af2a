"""A node of a cluster of three that dies: nothing that was acknowledged is lost, and no answer is wrong.

`make faults` does more to them: long_faults.py.
"""

from __future__ import annotations

import signal
import time

from search.ledger import Ledger
from search.model import SearchRequest
from search.service import find
from tests.cluster.faults.three_nodes import ARTICLES, Reader, manager, tell, version
from tests.contract.clusters import opened
from tests.contract.engines import run
from tests.opensearch_nodes import Nodes


def test_the_manager_is_killed_while_a_run_writes(whole: Nodes) -> None:
    """A machine that fails must cost neither an article nor a right answer, and nobody has to do anything."""
    engine = opened(whole, "killed")
    run(engine, version(0))
    with Reader(opened(whole, "killed")) as reader:
        with engine.write() as writer:
            for at, one in enumerate(version(1)):
                writer.add(one)
                if at == ARTICLES // 2:
                    whole.signal(manager(whole), signal.SIGKILL)
            writer.commit(Ledger())
        time.sleep(1)
    tell(f"the manager is killed: {reader.figures}")
    assert reader.wrong == []
    assert reader.answers > 0
    page = find(engine.snapshot(), SearchRequest("v1", per_page=100))
    assert page.total.value == ARTICLES
    engine.close()
