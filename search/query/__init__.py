"""Parse queries into typed trees, which engines evaluate. Independent of any engine.

`parse` reads the query language of docs/query-language.md; `tree` defines the nodes and what each of them matches.
"""

from search.query.interpretation import Parsed
from search.query.parser import parse
from search.query.tree import (
    ALL,
    LEAF_TYPES,
    All,
    And,
    Dated,
    Fuzzy,
    Lang,
    Leaf,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Slot,
    Source,
    Term,
    Wildcard,
    Word,
    is_witness,
    patterns,
    positive_leaves,
    scored_stems,
)

__all__ = [
    "ALL",
    "LEAF_TYPES",
    "All",
    "And",
    "Dated",
    "Fuzzy",
    "Lang",
    "Leaf",
    "Near",
    "Node",
    "Not",
    "Or",
    "Parsed",
    "Phrase",
    "Slot",
    "Source",
    "Term",
    "Wildcard",
    "Word",
    "is_witness",
    "parse",
    "patterns",
    "positive_leaves",
    "scored_stems",
]
