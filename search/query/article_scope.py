"""The scope of an article: which of its paragraphs a query matches whose parts may stand in different paragraphs.

An article meets

- a leaf of words, if the text or the title meets it for one of its paragraphs (*any* of `search.query.tree`);
- a filter, if it passes it;
- OR, AND and NOT as in logic: NOT looks at the whole article.

Of an article that meets the query those paragraphs match that meet, as *own*, a leaf outside of NOT; all of them where
none does, as for a query of filters.
"""

from __future__ import annotations

from search.query.tree import JOIN_TYPES, LEAF_TYPES, And, Node, Not


def can_be_elsewhere(node: Node, *, negated: bool = False) -> bool:
    """Tell whether an article can meet a query of which no paragraph matches it.

    That takes two parts with words, joined by AND, which can stand in different paragraphs. `negated` tells whether the
    node stands below an odd number of NOTs, where OR is AND.
    """
    if isinstance(node, Not):
        return can_be_elsewhere(node.child, negated=not negated)
    if not isinstance(node, JOIN_TYPES):
        return False
    joins = isinstance(node, And) != negated
    if joins and sum(_has_words(child, negated=negated) for child in node.children) > 1:
        return True
    return any(can_be_elsewhere(child, negated=negated) for child in node.children)


def has_not(node: Node) -> bool:
    """Tell whether a query has a NOT."""
    return isinstance(node, Not) or (isinstance(node, JOIN_TYPES) and any(map(has_not, node.children)))


def _has_words(node: Node, *, negated: bool) -> bool:
    """Tell whether a node has a leaf of words below an even number of NOTs."""
    if isinstance(node, Not):
        return _has_words(node.child, negated=not negated)
    if isinstance(node, JOIN_TYPES):
        return any(_has_words(child, negated=negated) for child in node.children)
    return isinstance(node, LEAF_TYPES) and not negated
