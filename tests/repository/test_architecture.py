"""The shape of the code, as docs/architecture.md promises it: imports point one way, libraries keep to their rooms."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for package in ("search", "web") for path in (ROOT / package).rglob("*.py"))
MEASURING = sorted((ROOT / "benchmarks").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LAYERS = (
    ("search.model", "search.errors", "search.budget", "search.ranking"),
    ("search.copies", "search.dates", "search.ledger"),
    ("search.kernels.jit",),
    ("search.kernels.core",),
    ("search.kernels.terms", "search.kernels.topk"),
    ("search.kernels.phrase",),
    ("search.analysis",),
    ("search.settings", "search.query"),
    ("search.highlight", "search.names", "search.sources"),
    ("search.engine",),
    ("search.brute_force",),
    ("search.index.storage", "search.index.tuning"),
    ("search.index.store",),
    ("search.index.segment",),
    ("search.index.whoosh_compat", "search.index.query"),
    ("search.index.text_scan", "search.index.word_lookup"),
    ("search.index.snapshot",),
    ("search.index.writing",),
    ("search.index.maintenance",),
    ("search.index.whoosh_engine",),
    ("search.index",),
    ("search.cluster.connection", "search.cluster.schema"),
    ("search.cluster.query_translation", "search.cluster.coordination"),
    ("search.cluster.budgeted_searches",),
    ("search.cluster.term_statistics", "search.cluster.cluster_folding"),
    ("search.cluster.cluster_search", "search.cluster.cluster_vocabulary"),
    ("search.cluster.cluster_snapshot",),
    ("search.cluster.writing",),
    ("search.cluster.cluster_engine",),
    ("search.cluster",),
    ("search.suggest", "search.similar", "search.explained_text"),
    ("search.service", "search.indexing"),
    ("search.evaluation", "search.explain", "search.bulk", "search.corpus"),
    ("search.cli.terminal", "search.cli.arguments"),
    ("search.cli.progress", "search.cli.reports"),
    ("web",),
    ("search.cli",),
)
"""Each imports from its own part and from layers above it in this list, never from one below."""
ROOMS = {
    "charset_normalizer": ("search.sources.text.decoding",),
    "dateparser": ("search.sources.text.stated_dates",),
    "flask": ("web",),
    "granian": ("web.serving.server",),
    "ir_measures": ("search.evaluation.measures",),
    "msgspec": ("web.openapi",),
    "nltk": ("search.analysis.nltk_modules",),
    "llvmlite": ("search.kernels",),
    "lxml": ("search.sources.formats",),
    "markdown_it": ("search.sources.formats.markdown",),
    "numba": ("search.kernels",),
    "opensearchpy": ("search.cluster.connection",),
    "py3langid": ("search.sources.text.languages",),
    "pytrec_eval": ("search.evaluation.measures",),
    "prometheus_client": ("web.metrics",),
    "pypdf": ("search.sources.formats.pdf",),
    "scipy": ("search.evaluation.measures",),
    "snowballstemmer": ("search.analysis.turkish_stemmer",),
    "trafilatura": ("search.sources.formats.html",),
    "watchfiles": ("search.indexing.watch",),
    "whoosh": ("search.index.whoosh_compat",),
    "yaml": ("search.sources.formats.markdown",),
}
"""Who may import a library."""
ENVIRONMENT = ("search.settings", "search.cli.terminal", "search.kernels.jit.cache", "web.metrics")
"""Who may look at the environment; the others for what terminals, numba and prometheus_client say of
themselves."""
MAX_LINES = 400
MAX_FILES = 14
"""In a folder."""


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


@cache
def imports_of(path: Path) -> frozenset[str]:
    """Every module that a file imports, anywhere in it; `from a import b` counts as `a.b` too."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            assert node.module is not None
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def belongs(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def part_of(module: str) -> tuple[int, str] | None:
    """The layer and the part that a module belongs to."""
    return next(((depth, part) for depth, layer in enumerate(LAYERS) for part in layer if belongs(module, part)), None)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_point_one_way(path: Path) -> None:
    """A layer that reaches up can no longer be understood, tested or replaced without what is above it."""
    here = part_of(name_of(path))
    if name_of(path) in {"search", "search.kernels"}:
        return
    assert here is not None, f"{name_of(path)} has no layer yet: give it one in LAYERS"
    for module in imports_of(path):
        if name_of(path) == "search.engine" and module.startswith(
            ("search.index", "search.cluster", "search.settings")
        ):
            continue  # open_engine() asks the settings which engine there is
        there = part_of(module)
        if there is not None and there[1] != here[1]:
            assert there[0] < here[0], f"{name_of(path)} imports {module}, which is not below it"


def test_engines_are_imported_by_open_engine_alone() -> None:
    """Whoever names an engine outside of open_engine() cannot be served by another one."""
    for path in FILES:
        name = name_of(path)
        for engine in ("search.index", "search.cluster"):
            if name == "search.engine" or belongs(name, engine):
                continue
            found = [module for module in imports_of(path) if belongs(module, engine)]
            assert not found, f"{name} imports {found}"


@pytest.mark.parametrize("library", ROOMS)
def test_libraries_keep_to_their_rooms(library: str) -> None:
    """A library that one room knows can be replaced; ruff says so too, this says which room."""
    for path in FILES:
        if any(belongs(name_of(path), room) for room in ROOMS[library]):
            continue
        assert not any(belongs(module, library) for module in imports_of(path)), f"{name_of(path)} imports {library}"


def test_a_search_starts_without_what_reads_files() -> None:
    """The libraries that read formats take a second to load; only the process that reads with them may do so."""
    heavy = ("charset_normalizer", "dateparser", "lxml", "markdown_it", "py3langid", "pypdf", "trafilatura", "yaml")
    program = f"import sys, search.cli.main, search.indexing; print(*{set(heavy)!r} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_model_and_errors_import_the_standard_library_only() -> None:
    """The nouns that everybody shares must not pull anything in."""
    for name in ("model", "errors"):
        modules = set(imports_of(ROOT / "search" / f"{name}.py"))
        assert not any(belongs(module, package) for module in modules for package in ("search", "web", *ROOMS))


def test_only_the_settings_read_the_environment() -> None:
    """A setting read elsewhere would have no flag, no default, no line in the docs."""
    for path in FILES:
        if name_of(path) in ENVIRONMENT:
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Attribute):  # of `os`: a request has an `environ` too
                read = node.attr in {"environ", "getenv"} and isinstance(node.value, ast.Name) and node.value.id == "os"
            else:
                read = isinstance(node, ast.ImportFrom) and any(
                    name.name in {"environ", "getenv"} for name in node.names
                )
            assert not read, f"{name_of(path)}:{getattr(node, 'lineno', 0)} reads the environment"


def test_nothing_needs_the_benchmark() -> None:
    """It is not installed with Stemma, and what it needs is not either."""
    for path in FILES:
        assert not any(belongs(module, "benchmarks") for module in imports_of(path)), name_of(path)


def test_folders_can_be_overlooked() -> None:
    """A folder of more files than fit on a page is more than one thing."""
    for folder in {path.parent for path in (*FILES, *MEASURING, *TESTS, *(ROOT / "web").rglob("*.*ml"))}:
        files = [path.name for path in folder.iterdir() if path.is_file()]
        assert len(files) <= MAX_FILES, (folder, sorted(files))


def files_needed(path: Path, names: set[str]) -> set[str]:
    """The files of ours that a file imports from: of `from package import module` only the module."""
    found = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in names else str(node.module) for name in inner}
    return found & names


def test_no_circles() -> None:
    """Files that need each other can only be understood together; an import for types alone counts."""
    names = {name_of(path) for path in FILES}
    needs = {name_of(path): files_needed(path, names) - {name_of(path)} for path in FILES}
    needs["search.engine"] -= {"search.index", "search.cluster"}  # open_engine() is the one place that names an engine
    while leaves := {name for name, of in needs.items() if not of}:
        needs = {name: of - leaves for name, of in needs.items() if name not in leaves}
    assert needs == {}
