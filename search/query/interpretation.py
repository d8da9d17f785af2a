"""What the parser has read of a query so far: nodes, each with the words for how it was read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from search.query.tree import And, Node, Or, is_witness

OR, AND, NOT, NEAR, ATOM = range(1, 6)
"""How tightly the outermost operator of a text binds. A field binds as NEAR does; a word, a quote need no brackets."""

KINDS: dict[int, type[And | Or]] = {OR: Or, AND: And}
NAMES = {OR: "OR", AND: "AND"}


class Parsed(NamedTuple):
    """A query that was read: its tree, how it was read in words, and what was left out."""

    tree: Node
    interpreted: str
    warnings: tuple[str, ...]


class Read(NamedTuple):
    """A node, how to write it, how tightly the outermost operator of that writing binds, and what that one joins."""

    node: Node
    text: str
    binds: int = ATOM
    parts: tuple[Read, ...] = ()

    def within(self, binds: int) -> str:
        """The text, as an operand of an operator that binds so tightly."""
        return self.text if self.binds >= binds else f"({self.text})"


def join(operator: int, reads: Sequence[Read | None]) -> Read | None:
    """What is left of the operands, each once, joined; nested operands of the same operator are taken in."""
    if len(reads) == 1:
        return reads[0]
    opened = (read.parts if read.binds == operator else (read,) for read in reads if read is not None)
    first: dict[Node, Read] = {}
    for part in chain.from_iterable(opened):
        first.setdefault(part.node, part)
    parts = tuple(first.values())
    if len(parts) < 2:
        return parts[0] if parts else None
    kind = KINDS[operator]
    nodes = (part.node.children if isinstance(part.node, kind) else (part.node,) for part in parts)
    text = f" {NAMES[operator]} ".join(part.within(operator) for part in parts)
    return Read(kind(tuple(dict.fromkeys(chain.from_iterable(nodes)))), text, operator, parts)


def any_of(reads: Sequence[Read | None]) -> Read | None:
    """Any of the operands that hold words, restricted by all of the others."""
    kept = [read for read in reads if read is not None]
    words = [read for read in kept if is_witness(read.node)]
    return join(AND, [join(OR, words), *(read for read in kept if not is_witness(read.node))])
