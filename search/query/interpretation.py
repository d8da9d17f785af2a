"""Parsed parts of a query, each a node with the text that shows how it was interpreted, and how they are joined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from search.query.tree import And, Node, Or, Phrase, Word, is_witness

T = TypeVar("T")
OR, AND, NOT, NEAR, ATOM = range(1, 6)
"""Precedence of operators, from the loosest to the tightest. A field has that of NEAR; ATOM is a word or a quote."""

JOINED: dict[int, tuple[str, type[And | Or]]] = {OR: ("OR", Or), AND: ("AND", And)}
"""The name and the node of each operator that joins any number of operands, by its precedence."""


class Variants(NamedTuple):
    """A part of a query as it was interpreted, and the text and the leaf of each variant that it is found as too."""

    typed: str
    variants: tuple[tuple[str, Word | Phrase], ...]


class Parsed(NamedTuple):
    """A parsed query.

    `interpreted` is the query with every operator written out; parsing it gives the same tree. `warnings` name the
    parts that were left out or changed. `variants` are those of ALSO.
    """

    tree: Node
    interpreted: str
    warnings: tuple[str, ...]
    variants: tuple[Variants, ...] = ()


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
    parts: list[Operand] = []
    for one in operands:
        if one is not None:
            parts += one.parts if one.precedence == operator else (one,)
    parts = _without_repeats(parts, [part.node for part in parts])
    if len(parts) < 2:
        return parts[0] if parts else None
    name, kind = JOINED[operator]
    nodes: list[Node] = []
    for part in parts:
        nodes += part.node.children if isinstance(part.node, kind) else (part.node,)
    text = f" {name} ".join([part.within(operator) for part in parts])
    if len(nodes) > len(parts):
        nodes = _without_repeats(nodes, nodes)
    return Operand(kind(tuple(nodes)), text, operator, tuple(parts))


def _without_repeats(items: list[T], nodes: list[Node]) -> list[T]:
    """Return items without those whose node, at the same index in `nodes`, came before, but for words."""
    seen: set[Node] = set()
    kept: list[T] = []
    for item, node in zip(items, nodes, strict=True):
        if isinstance(node, Word):
            kept.append(item)
        elif node not in seen:
            seen.add(node)
            kept.append(item)
    return kept


def join_any(operands: Sequence[Operand | None]) -> Operand | None:
    """Join operands for match=any: those that hold words by OR, and the result by AND with filters and NOTs."""
    kept = [one for one in operands if one is not None]
    words = [one for one in kept if is_witness(one.node)]
    return join(AND, [join(OR, words), *(one for one in kept if not is_witness(one.node))])
