"""Names are those of the field, one for each thing; files have one reason to change; tests say why they matter."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.repository.test_architecture import FILES, MAX_LINES, MEASURING, ROOT, TESTS, name_of, tree_of

RETIRED = frozenset(
    [
        "Analyst",
        "Corpus",
        "Crew",
        "Deadline",
        "Dense",
        "Exact",
        "Exactly",
        "Fitting",
        "Intake",
        "Kept",
        "Part",
        "Rehearsal",
        "Runs",
        "Sought",
        "Sparse",
        "Terms",
        "Weighted",
        "SLACK",
        "STRETCH",
        "STRIP",
        "bases",
        "begins",
        "cells",
        "chief",
        "deposit",
        "divide",
        "eight_bytes",
        "factors",
        "feed",
        "filled",
        "heads",
        "keep",
        "keeper",
        "lent",
        "lesser",
        "lowest",
        "own",
        "peaks",
        "place_of",
        "pure",
        "put_eight",
        "raised",
        "reach",
        "settle",
        "sole",
        "spread",
        "surveyed",
        "to_merge",
        "via",
        "wire",
        "worker",
    ]
)
"""Names that nobody of the field could guess the meaning of: docs/glossary.md has what took their place."""
RETIRED_FILES = frozenset(
    [
        "ahead",
        "alone",
        "analyst",
        "arbiter",
        "archives",
        "arrays",
        "at_once",
        "beside",
        "bits",
        "blocks",
        "boxes",
        "brute",
        "builder",
        "caching",
        "checking",
        "chips",
        "choosing",
        "chunks",
        "compiling",
        "copying",
        "crew",
        "deadline",
        "disk",
        "display",
        "doubts",
        "drawing",
        "eights",
        "evaluation",
        "exact",
        "expansion",
        "files",
        "flips",
        "forge",
        "forms",
        "gathering",
        "headings",
        "holdings",
        "intake",
        "inverting",
        "keeper",
        "layout",
        "lengths",
        "links",
        "lumps",
        "matched",
        "matching",
        "meanwhile",
        "merging",
        "misspellings",
        "neighbours",
        "offers",
        "packing",
        "parameters",
        "part",
        "parts",
        "patience",
        "patterns",
        "phrases",
        "pieces",
        "pruning",
        "quick",
        "quoted",
        "ranking",
        "reads",
        "reading",
        "rehearsal",
        "remembered",
        "rendering",
        "scenes",
        "scoring",
        "sequences",
        "sifting",
        "slots",
        "sought",
        "spaces",
        "standing",
        "stored",
        "streams",
        "strings",
        "sweeping",
        "texts",
        "turns",
        "vectors",
        "vocabulary",
        "volumes",
        "watching",
        "webpages",
        "wire",
        "word",
        "words",
        "worker",
    ]
)
"""Names of files, likewise."""
STILL = {
    "search/ranking.py": "what it defines has this name in every book",
    "search/sources/files.py": "files are what it lists",
}
"""Those that stay, and why."""


def test_every_name_is_of_one_thing() -> None:
    """Two files, or two classes, of one name are taken for each other."""
    files = Counter(path.stem for path in FILES if not path.stem.startswith("__"))
    classes = Counter(node.name for path in FILES for node in ast.walk(tree_of(path)) if isinstance(node, ast.ClassDef))
    assert [name for name, count in (files + classes).items() if count > 1] == []


def names_in(path: Path) -> Iterator[str]:
    """The classes, functions, parameters and attributes that a file defines."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name) and target.id.isupper())


def test_private_language_does_not_come_back() -> None:
    """Who knows Lucene finds each thing by its name: a word of our own has to be learnt first."""
    found = {
        f"{path.relative_to(ROOT)}:{name}" for path in FILES for name in names_in(path) if name.strip("_") in RETIRED
    }
    found |= {str(path.relative_to(ROOT)) for path in FILES if path.stem in RETIRED_FILES}
    assert found == set(STILL)


@pytest.mark.parametrize("path", FILES + MEASURING + TESTS, ids=name_of)
def test_files_are_one_room(path: Path) -> None:
    """A file that has to be scrolled through is more than one thing."""
    assert len(path.read_text("utf-8").splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: str(path.relative_to(ROOT))
)
def test_every_test_says_why_it_matters(path: Path) -> None:
    """Whoever breaks a test has to know what for before changing it."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            assert ast.get_docstring(node), f"{path.name}:{node.lineno} {node.name} has no docstring"
