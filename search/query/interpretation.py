"""Parsed parts of a query, each a node with the text that shows how it was interpreted, and how they are joined."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import attrgetter
from typing import NamedTuple, TypeVar

from search.query.tree import And, Node, Or, Word, is_witness

T = TypeVar("T")
OR, AND, NOT, NEAR, ATOM = range(1, 6)
"""Precedence of operators, from the loosest to the tightest. A field has that of NEAR; ATOM is a word or a quote."""

JOINED: dict[int, tuple[str, type[And | Or]]] = {OR: ("OR", Or), AND: ("AND", And)}
"""The name and the node of each operator that joins any number of operands, by its precedence."""


class Parsed(NamedTuple):
    """A parsed query.

    `interpreted` is the query with every operator written out; parsing it gives the same tree. `warnings` name the
    parts that were left out or changed.
    """

    tree: Node
    interpreted: str
    warnings: tuple[str, ...]


class Operand(NamedTuple):
    """A parsed part of a query, to be joined with others.

    `text` shows how it was interpreted, `precedence` is that of the outermost operator in this text, and `parts` are
    the operands of that operator where it is AND or OR.
    """

    node: Node
    text: str
    precedence: int = ATOM
    parts: tuple[Operand, ...] = ()

    def within(self, precedence: int) -> str:
        """Return the text as an operand of an operator of this precedence: in parentheses where it needs them."""
        return self.text if self.precedence >= precedence else f"({self.text})"


def join(operator: int, operands: Sequence[Operand | None]) -> Operand | None:
    """Join operands by OR or AND; None without any. Nested ANDs or ORs are flattened.

    A word counts as often as it stands; of anything else that stands twice the first is enough.
    """
    if len(operands) == 1:
        return operands[0]
    flat = (one.parts if one.precedence == operator else (one,) for one in operands if one is not None)
    parts = tuple(_without_repeats(chain.from_iterable(flat), key=attrgetter("node")))
    if len(parts) < 2:
        return parts[0] if parts else None
    name, kind = JOINED[operator]
    nodes = (part.node.children if isinstance(part.node, kind) else (part.node,) for part in parts)
    text = f" {name} ".join(part.within(operator) for part in parts)
    children = tuple(_without_repeats(chain.from_iterable(nodes), key=lambda node: node))
    return Operand(kind(children), text, operator, parts)


def _without_repeats(items: Iterable[T], key: Callable[[T], Node]) -> Iterator[T]:
    """Yield items without those whose node came before, but for words."""
    seen: set[Node] = set()
    for item in items:
        node = key(item)
        if isinstance(node, Word):
            yield item
        elif node not in seen:
            seen.add(node)
            yield item


def join_any(operands: Sequence[Operand | None]) -> Operand | None:
    """Join operands for match=any: those that hold words by OR, and the result by AND with filters and NOTs."""
    kept = [one for one in operands if one is not None]
    words = [one for one in kept if is_witness(one.node)]
    return join(AND, [join(OR, words), *(one for one in kept if not is_witness(one.node))])
