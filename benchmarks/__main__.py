"""`make bench`, or `python -m benchmarks`: builds every engine, asks all queries, and writes docs/benchmarks.md."""

from __future__ import annotations

import json
import os
import platform
import shlex
import sys
from argparse import ArgumentParser, BooleanOptionalAction, Namespace
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import growth, http_load, report
from benchmarks.opensearch import OpenSearch
from benchmarks.peers import PLACES
from benchmarks.processes import ROOT
from benchmarks.queries.kinds import KINDS
from benchmarks.session import Plan, Session, say
from benchmarks.texts import SETS

PROGRAM = "python -m benchmarks"
PLACED = {"corpora", "work", "report"}
"""Options that name places: not part of the command that the report shows."""


def arguments(argv: list[str]) -> Namespace:
    """The options."""
    parser = ArgumentParser(prog=PROGRAM, description="Measure Stemma next to other engines.")
    corpora = os.environ.get("STEMMA_CORPORA", str(ROOT.parent / "shared" / "corpora"))
    parser.add_argument("--corpora", type=Path, default=Path(corpora), help="folder of the sets; or STEMMA_CORPORA")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "bench", help="folder for indexes and results")
    parser.add_argument("--report", type=Path, default=ROOT / "docs" / "benchmarks.md", help="page to write into")
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), help="sets to take paragraphs from")
    parser.add_argument("--paragraphs", type=int, default=sum(SETS.values()), help="how many of them, in proportion")
    parser.add_argument("--whoosh", type=int, default=20_000, help="how many plain Whoosh gets; 0 leaves it out")
    others = [name for name in PLACES if name not in {"ours", "whoosh"}]
    parser.add_argument("--peers", nargs="*", choices=others, default=others, help="engines beside ours")
    parser.add_argument(
        "--kinds", nargs="+", choices=KINDS, default=list(KINDS), help="kinds of queries", metavar="KIND"
    )
    parser.add_argument("--queries", type=int, default=1_000, help="queries of each kind")
    parser.add_argument("--runs", type=int, default=3, help="runs, of which the median counts")
    parser.add_argument("--budget", type=float, default=5.0, help="seconds for an engine, a kind and a run")
    parser.add_argument("--seed", type=int, default=1, help="what queries are drawn by")
    parser.add_argument("--reuse", action="store_true", help="keep what --work has: corpus, queries, indexes")
    parser.add_argument("--serving", action=BooleanOptionalAction, default=True, help="measure processes and HTTP too")
    parser.add_argument(
        "--growth",
        nargs="+",
        type=float,
        default=[],
        metavar="FACTOR",
        help="measure ours alone on so many times --paragraphs, too: --growth 0.25 1 5",
    )
    parser.add_argument(
        "--opensearch", action=BooleanOptionalAction, default=True, help="measure HTTP next to an OpenSearch node"
    )
    parser.add_argument("--load-seconds", type=int, default=5, help="seconds of each load next to OpenSearch")
    args = parser.parse_args(argv)
    missing = [name for name in args.sets if not (args.corpora / f"{name}.jsonl.xz").exists()]
    if missing:
        parser.error(f"{', '.join(missing)}: not in {args.corpora}; name the folder with --corpora or STEMMA_CORPORA")
    return args


def main(argv: list[str]) -> int:
    """Measure, keep the results, write the report."""
    args = arguments(argv)
    plan = Plan(
        corpora=args.corpora,
        work=args.work,
        sets=tuple(args.sets),
        paragraphs=min(args.paragraphs, sum(SETS[name] for name in args.sets)),
        peers=("ours", *args.peers),
        kinds=tuple(args.kinds),
        queries=args.queries,
        runs=args.runs,
        budget=args.budget,
        seed=args.seed,
        reuse=args.reuse,
    )
    load = os.getloadavg()[0]
    session = Session(plan)
    results: dict[str, Any] = {"main": session.result}
    for stage in _stages(session, args, plan, results):
        stage()
        results["machine"] = _machine(argv, load)
        if "kinds" in session.result:  # what was measured is kept, whatever happens to the next stage
            (args.work / "results.json").write_text(json.dumps(results, indent=1))
            report.write(args.report, results)
    say(f"wrote {args.report}")
    return 0


def _stages(session: Session, args: Namespace, plan: Plan, results: dict[str, Any]) -> Iterator[Callable[[], None]]:
    """What is done, one after the other."""
    yield from (session.prepare, session.build, session.ask)
    if args.whoosh:
        part = Session(replace(plan, paragraphs=min(plan.paragraphs, args.whoosh), peers=("ours", "whoosh")))
        yield from (part.prepare, part.build, part.ask)
        results["whoosh"] = part.result  # once it is whole
    if args.serving:
        yield session.serve
        yield lambda: session.result.update(http_load.measure(session.folder / "ours", session.queries))
    for paragraphs in growth.sizes(args.growth, plan.paragraphs):
        yield partial(_grow, replace(plan, paragraphs=paragraphs, peers=("ours",)), results)
    if args.opensearch:
        node = OpenSearch(session.folder / "opensearch")
        load = http_load.Load(tuple(kind for kind in http_load.APART if kind in plan.kinds), seconds=args.load_seconds)
        yield lambda: session.result.update(
            opensearch=http_load.beside(session.folder / "ours", session.queries, node, load)
        )


def _grow(plan: Plan, results: dict[str, Any]) -> None:
    """Measure ours on a corpus of another size; of the same size, the index is there."""
    session = Session(replace(plan, reuse=plan.reuse or plan.paragraphs == results["main"]["corpus"]["paragraphs"]))
    session.prepare()
    session.build()
    session.ask()
    results.setdefault("growth", []).append(session.result)


def _machine(argv: list[str], load: float) -> dict[str, Any]:
    """Where and how this was measured."""
    information = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    models = [line.partition(":")[2].strip() for line in information if line.startswith("model name")]
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": _command(argv),
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
        "load": [load, os.getloadavg()[0]],
    }


def _command(argv: list[str]) -> str:
    """The command, without the places of this machine."""
    kept, skip = PROGRAM.split(), False
    for argument in argv:
        placed = argument.startswith("--") and argument[2:].partition("=")[0] in PLACED
        if not (placed or skip):
            kept.append(argument)
        skip = placed and "=" not in argument
    return shlex.join(kept)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
