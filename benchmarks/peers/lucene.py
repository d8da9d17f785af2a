"""Lucene, in a Java process of its own: `LuceneWorker.java`, compiled when it is first needed."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks import java
from benchmarks.peers import LIMIT, Ask, Clocked, Unavailable
from benchmarks.queries.tree import DISTANCE, Fuzzy, Leaf, Near, Phrase, Prefix, Query, Token, signs
from benchmarks.texts import documents
from search.model import Article

VERSION = "10.6.0"
MODULES = ("core", "misc", "analysis-common", "queryparser", "queries", "sandbox")
JARS = [f"org.apache.lucene:lucene-{module}:{VERSION}" for module in MODULES]
COMPILER = "org.eclipse.jdt:ecj:3.46.0"
"""A compiler as a jar: a Java that only runs programs does, too."""
SOURCE = Path(__file__).with_name("LuceneWorker.java")
PASSES = 8
"""Passes over the queries of a kind before the first that counts: until then Java still compiles."""
BUILDING, SEARCHING = "-Xmx4g", "-Xmx1g"
"""Heaps: all texts are in the one; of an index that is searched most is outside of it."""
PLACE = "java"
"""The folder for jars and what was compiled, in the working folder."""


class Lucene:
    """One text field, the classic query parser, exact totals."""

    name = "lucene"
    version = VERSION
    differs = (
        "stems by Snowball, its standard tokenizer; the title is in the first paragraph only; phrases are stemmed; \
NEAR is a phrase with slop, which is not the same; prefixes and misspellings look at stems; one segment; neither \
facets nor snippets are asked for, no grouping by article; in its own process, kind by kind, after eight passes over \
its queries that do not count; memory of indexing is with all texts in Java's heap"
    )
    parallel = True
    slow = True
    order = "plain"
    counted = True

    def __init__(self) -> None:
        try:
            self.java = java.home()
        except java.NoJava as missing:
            raise Unavailable(str(missing)) from None
        self.worker: subprocess.Popen[str] | None = None
        self.seconds = 0.0
        self.warmed: set[tuple[Query, ...]] = set()

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        self.start(folder, BUILDING)
        rows = [
            "\t".join((_flat(row.title), _flat(row.text), row.source, str(row.year), str(row.date)))
            for row in documents(articles)
        ]
        (seconds,) = self.tell(["build", str(folder), self.order, str(threads)], rows, answers=1)
        self.seconds = float(seconds)

    def open(self, folder: Path) -> None:
        self.start(folder, SEARCHING)
        (self.version,) = self.tell(["open", str(folder)], answers=1)

    def ask(self, query: Query) -> Ask | None:
        return None

    def times(self, queries: Sequence[Query]) -> list[Clocked]:
        passes = 1 if tuple(queries) in self.warmed else 1 + PASSES
        self.warmed.add(tuple(queries))
        return [
            Clocked(cpu / 1e9, wall / 1e9, None if total < 0 else total)
            for cpu, wall, _, total in self.search(queries, passes)
        ]

    def found(self, queries: Sequence[Query]) -> list[int]:
        return [found for _, _, found, _ in self.search(queries, 1)]

    def search(self, queries: Sequence[Query], passes: int) -> list[list[int]]:
        """What the process tells of each query; nothing when it cannot answer such queries."""
        if any(query.extra in {"facets", "snippets", "grouped"} for query in queries):
            return []
        task = ["search", str(passes), str(LIMIT), "counted" if self.counted else "uncounted"]
        return [list(map(int, row.split("\t"))) for row in self.tell(task, map(row_of, queries), len(queries))]

    def fetch(self, work: Path) -> None:
        place = work / PLACE
        try:
            java.fetch([*JARS, COMPILER], place)
        except java.NoJava as missing:
            raise Unavailable(str(missing)) from None
        names = ":".join(str(place / f"{artifact.split(':')[1]}-{VERSION}.jar") for artifact in JARS)
        compiler = [
            str(self.java / "bin" / "java"),
            "-cp",
            f"{place}/*",
            "org.eclipse.jdt.internal.compiler.batch.Main",
        ]
        command = [*compiler, "-source", "21", "-target", "21", "-cp", names, "-d", str(place), str(SOURCE)]
        subprocess.run(command, check=True, env=java.environment(self.java))

    def start(self, folder: Path, heap: str) -> None:
        """Start the process that holds Lucene."""
        place, program = folder.parents[1] / PLACE, str(self.java / "bin" / "java")
        self.worker = subprocess.Popen(
            [program, heap, *java.options(self.java), "-cp", f"{place}/*:{place}", SOURCE.stem],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=java.environment(self.java),
            encoding="utf-8",
        )

    def tell(self, task: list[str], rows: Sequence[str] | map[str] = (), answers: int = 0) -> list[str]:
        """Give the process a task with its rows, and wait for so many lines. The task ends with how many rows come."""
        worker, rows = self.worker, list(rows)
        if worker is None or worker.stdin is None or worker.stdout is None:
            raise RuntimeError("Lucene was not started")
        worker.stdin.write("\t".join([*task, str(len(rows))]) + "\n")
        worker.stdin.writelines(f"{row}\n" for row in rows)
        worker.stdin.flush()
        lines = [worker.stdout.readline().rstrip("\n") for _ in range(answers)]
        if not all(lines):
            raise RuntimeError("Lucene has died")
        return lines


class Uncounted(Lucene):
    """The same index, asked for the best ten only."""

    name = "lucene-uncounted"
    differs = "as lucene, but no total"
    counted = False


class Reordered(Lucene):
    """Paragraphs that are alike beside each other, by recursive graph bisection."""

    name = "lucene-reordered"
    differs = "as lucene, but paragraphs are reordered by graph bisection when they are merged"
    order = "reordered"


class ReorderedUncounted(Reordered):
    """The reordered index, asked for the best ten only."""

    name = "lucene-reordered-uncounted"
    differs = "as lucene-reordered, but no total"
    counted = False


def row_of(query: Query) -> str:
    """A query as the process reads it."""
    first, last = map(str, query.years or ("", ""))
    sort = "newest" if query.extra == "newest" else ""
    return "\t".join((signs(query.tree, written), query.source or "", first, last, sort, str(query.offset)))


def written(leaf: Leaf) -> str:
    """A leaf in the language of Lucene's classic parser."""
    if isinstance(leaf, Near):
        return f'"{" ".join(leaf.words)}"~{DISTANCE - 1}'
    if isinstance(leaf, Phrase):
        return f'"{" ".join(leaf.words)}"'
    if isinstance(leaf, Token):
        return f'"{leaf.text}"'
    return leaf.text + {Prefix: "*", Fuzzy: "~1"}.get(type(leaf), "")


def _flat(text: str) -> str:
    """A text of one line without tabs."""
    return " ".join(text.split())
