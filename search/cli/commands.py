"""The commands: arguments → a call → what is printed → exit code. What one needs is imported when it runs."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.errors import LoopsCompiling, RetryLater, SettingsError, StemmaError

if TYPE_CHECKING:
    from search.engine import KeptEngine
    from search.indexing import Report
    from search.settings import Settings
    from search.sources import Options


def reindex(args: Namespace) -> int:
    """Bring the index up to date; 1 when files were quarantined, though all others are committed."""
    from search import indexing
    from search.cli import progress, reports, terminal

    settings = _settings(args)
    if not args.dry_run:
        with suppress(OSError):  # who writes says what is wrong
            settings.index.mkdir(parents=True, exist_ok=True)  # loops may be kept there
    with closing(_open_engine(settings, quiet=args.quiet)) as engine:

        def run() -> indexing.Report:
            with progress.shown(sys.stderr, quiet=args.quiet) as told:
                return indexing.reindex(
                    engine,
                    settings.sources,
                    _options(settings),
                    full=args.full,
                    dry_run=args.dry_run,
                    jobs=settings.jobs,
                    progress=told,
                )

        if args.watch:
            return _watch(args, settings, run, engine.where)
        report = run()
        if args.json:
            _print_json(reports.run_json(report))
        elif not args.quiet:
            _print(reports.change_lines(report) if args.dry_run else ())
            print(reports.run_line(report, engine.where, dry=args.dry_run))
    terminal.tell(f"stemma: quarantined: {line}" for line in reports.quarantined_lines(report.ledger))
    return 1 if report.ledger.of("quarantined") or report.ledger.refused else 0


def _watch(args: Namespace, settings: Settings, run: Callable[[], Report], where: str) -> int:
    """Run after each change until stopped, by Ctrl-C or TERM: 0 then."""
    from search.cli import reports, terminal
    from search.indexing import Report, watch

    if args.full or args.dry_run:
        raise SettingsError("--watch keeps an index up to date.", "Leave out --full and --dry-run.")
    watched = reports.Watched(where)

    def tell(outcome: Report | StemmaError) -> None:
        if args.json and isinstance(outcome, Report) and outcome.committed:
            print(json.dumps(reports.run_json(outcome)), flush=True)
        elif not (args.json or args.quiet) and (line := watched.line(outcome)):
            print(line, flush=True)
        terminal.tell(watched.complaints(outcome))

    stop = watch.Stop()
    with stop.by_signals(), suppress(KeyboardInterrupt):
        watch.watch(settings.sources, run, tell, stop)
    return 0


def _open_engine(settings: Settings, *, quiet: bool = False) -> KeptEngine:
    """Open the engine for a command that runs loops; they are compiled before, with a word of how far that is."""
    from search.engine import open_engine
    from search.kernels.jit import cache

    cache.choose(settings.index)
    if not cache.is_complete():
        _warm(quiet=quiet)
    return open_engine(settings)


def _warm(*, quiet: bool = False) -> bool:
    """Compile all loops, unless another process does; says whether it did."""
    from search.cli import progress
    from search.kernels.jit.warming import warm

    with progress.loops_shown(sys.stderr, quiet=quiet) as told:
        return warm(told)


def warm(args: Namespace) -> int:
    """Compile what is compiled once."""
    from search.kernels.jit import cache

    folder = cache.choose(_settings(args).index)
    if cache.is_complete():
        print(f"The search loops are compiled already, in {folder}.")
    elif _warm():
        print(f"The search loops are kept in {folder}.")
    else:
        raise RetryLater("Another process compiles the search loops at the moment.", "Wait until it is done.")
    return 0


def serve(args: Namespace) -> int:
    """Serve until stopped, with whatever index there is then."""
    from web.serving import server

    return server.serve(_settings(args))


def search(args: Namespace) -> int:
    """Print the best results; loops are compiled before where they are not, and the index is too large without."""
    from search.cli import terminal
    from search.engine import open_engine
    from search.kernels.jit import cache
    from search.model import SearchRequest
    from search.service import find

    settings, request = _settings(args), SearchRequest(q=args.query, per_page=args.n)
    cache.choose(settings.index, wait=False)
    with closing(open_engine(settings)) as engine:
        try:
            page = find(engine.snapshot(), request)
        except LoopsCompiling:
            _warm()
            page = find(engine.snapshot(), request)
    if args.json:
        from web.presentation.serializers import page_json

        _print_json(page_json(page))
    else:
        terminal.tell(f"stemma: {terminal.safe(warning)}" for warning in page.warnings)
        _print(terminal.page_lines(page, terminal.Ink.of(sys.stdout)))
    return 0


def status(args: Namespace) -> int:
    """Print what the index holds. It runs no loop, so that it answers at once."""
    from search.cli import reports
    from search.engine import open_engine

    settings = _settings(args)
    with closing(open_engine(settings)) as engine:
        snapshot = engine.snapshot()
        if args.json:
            _print_json(reports.status_json(engine, snapshot, settings))
        else:
            _print(reports.status_lines(engine, snapshot, settings))
    return 0


def check(args: Namespace) -> int:
    """Verify the whole index; 1 when something is damaged."""
    from search.cli import progress, reports

    with closing(_open_engine(_settings(args))) as engine, progress.bytes_shown("Checking", sys.stderr) as told:
        checked = engine.check(told)
    if args.json:
        _print_json(reports.check_json(checked))
    else:
        _print(reports.check_lines(checked))
    return 1 if checked.damages else 0


def backup(args: Namespace) -> int:
    """Copy the newest generation."""
    from search.cli import progress

    with closing(_open_engine(_settings(args))) as engine:
        with progress.bytes_shown("Copying", sys.stderr) as told:
            generation = engine.backup(Path(args.target), told)
        print(f"Generation {generation} of {engine.where} is in {args.target}, checked. It can be searched there too.")
    return 0


def restore(args: Namespace) -> int:
    """Make a backup the newest generation."""
    from search.cli import progress

    with closing(_open_engine(_settings(args))) as engine:
        with progress.bytes_shown("Copying", sys.stderr) as told:
            generation = engine.restore(Path(args.backup), told)
        print(f"{args.backup} is generation {generation} of {engine.where} now.")
    return 0


def _settings(args: Namespace) -> Settings:
    from search.settings import KEYS, load

    return load({key: value for key, value in vars(args).items() if key in KEYS and value != []})


def _options(settings: Settings) -> Options:
    """Return the settings that readers of files go by."""
    from search.sources import Options

    named = (pair.partition("=") for pair in settings.fields)
    fields: dict[str, Any] = {f"{name.strip()}_field": field.strip() for name, _, field in named}
    return Options(languages=settings.languages, **fields)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, indent=2))


COMMANDS = {
    "reindex": reindex,
    "serve": serve,
    "search": search,
    "status": status,
    "warm": warm,
    "check": check,
    "backup": backup,
    "restore": restore,
}
