"""Whether an engine finds anything at all: one that does not is quick, and its figures would be worth nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.peers import Batched, Peer
from benchmarks.queries.tree import Query

CHECKED = ("or-2-common", "and-2-common", "phrase-2")
"""Kinds whose queries have answers: common words, words of one paragraph, words that stand side by side."""
QUERIES = 5
"""Queries of each kind that are looked at. Some must find something: an engine may drop stop words."""


class FindsNothing(Exception):
    """An engine whose index, or whose way of asking, is wrong."""


def check(peers: Mapping[str, Peer], drawn: Mapping[str, Sequence[Query]]) -> None:
    """Ask a few queries of every engine that has a way to answer them. Raises FindsNothing."""
    for name, peer in peers.items():
        for kind in CHECKED:
            queries = drawn[kind][:QUERIES]
            found = answers(peer, queries)
            if found and not any(found):
                raise FindsNothing(f"{name} finds {found} for {kind}: {[query.tree for query in queries]}")


def answers(peer: Peer, queries: Sequence[Query]) -> list[int]:
    """How many results it has for each query; none where it has no way to answer."""
    if isinstance(peer, Batched):
        return peer.found(queries)
    return [len(ask().ids) for query in queries if (ask := peer.ask(query)) is not None]
