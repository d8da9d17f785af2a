"""The commands: each takes its arguments, prints and returns the exit code. Each imports only what it needs."""

from __future__ import annotations

import gc
import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TextIO

from search.errors import (
    IndexDamaged,
    IndexMissing,
    IndexOutdated,
    LoopsCompiling,
    OperatorError,
    RetryLater,
    SettingsError,
    StemmaError,
)

if TYPE_CHECKING:
    from search.engine import LocalEngine, Snapshot
    from search.indexing import Report
    from search.model import Explanation, Page
    from search.names.names import Names
    from search.settings import Settings
    from search.sources import Options


GARBAGE = 50_000
"""New objects of a run after which Python looks for circles among them: of a ledger of 100,000 files, which has none,
that takes a sixth of the time."""


def reindex(args: Namespace) -> int:
    """Bring the index up to date; return 1 when files could not be read, though all others are committed."""
    from search import indexing
    from search.cli import progress, reports, terminal
    from search.engine import Partition

    gc.set_threshold(GARBAGE)
    settings = _settings(args)
    if not args.dry_run:
        with suppress(OSError):  # the writer reports it
            settings.index.mkdir(parents=True, exist_ok=True)  # loops may be kept there
    with closing(_open_engine(settings, quiet=args.quiet)) as engine:
        sources = _sources(args, settings, engine)
        if args.full:
            _tell_of_sources(engine)

        def run() -> indexing.Report:
            with progress.reindex_progress(sys.stderr, quiet=args.quiet) as show:
                return indexing.reindex(
                    engine,
                    sources,
                    _options(settings),
                    full=args.full,
                    drop=args.drop or (),
                    dry_run=args.dry_run,
                    jobs=settings.jobs,
                    part=Partition(*args.part) if args.part else None,
                    progress=show,
                )

        if args.watch:
            return _watch(args, run, sources or _roots(engine), engine.where)
        report = run()
        if args.json:
            _print_json(reports.run_json(report))
        elif not args.quiet:
            _print(reports.change_lines(report) if args.dry_run else ())
            print(reports.run_line(report, engine.where, dry=args.dry_run))
    terminal.tell(f"stemma: quarantined: {line}" for line in reports.quarantined_lines(report.ledger))
    if not args.quiet:
        terminal.tell(f"stemma: {line}" for line in reports.notices(report, is_part=bool(args.part)))
    return 1 if report.ledger.of("quarantined") else 0


def _sources(args: Namespace, settings: Settings, engine: LocalEngine) -> tuple[Path, ...]:
    """Return the sources of a run, none for all that the index knows; with `--drop`, only those of the command line.

    Where nobody has named any, and that of the default is not there or not known, they are those that the index knows.
    """
    from search.settings import DEFAULT_SOURCES

    if args.drop and not args.sources:
        return ()
    if settings.sources == DEFAULT_SOURCES and not args.sources:
        known = _roots(engine)
        (default,) = DEFAULT_SOURCES
        if known and not (default.exists() and default.name in {root.name for root in known}):
            return ()
    return settings.sources


def _roots(engine: LocalEngine) -> tuple[Path, ...]:
    """Return where the sources are that the index knows; none without an index whose ledger can be read."""
    with suppress(StemmaError):
        return tuple(Path(root.path) for root in engine.last_ledger().roots.values())
    return ()


def _tell_of_sources(engine: LocalEngine) -> None:
    """Say of an index that cannot be read which sources a full run knows of it, or that it knows none."""
    from search.cli import terminal

    try:
        engine.snapshot().ledger()
    except IndexMissing:
        pass
    except (IndexOutdated, IndexDamaged) as error:
        advice = "The new one will have the sources that you name, and no others that it may have had."
        if roots := engine.last_ledger().roots:
            advice = f"Its sources are kept: {', '.join(map(terminal.safe, roots))}."
        terminal.tell([f"stemma: {terminal.safe(error.message)} {advice}"])


def _watch(args: Namespace, run: Callable[[], Report], sources: tuple[Path, ...], where: str) -> int:
    """Call `run` after each change until SIGINT or SIGTERM comes; then return 0."""
    from search.cli import reports, terminal
    from search.indexing import Report, watch

    if args.full or args.dry_run or args.drop or args.part:
        raise SettingsError("--watch keeps an index up to date.", "Leave out --full, --drop, --dry-run and --part.")
    watched = reports.WatchReporter(where)

    def tell(outcome: Report | StemmaError) -> None:
        if args.json and isinstance(outcome, Report) and outcome.committed:
            print(json.dumps(reports.run_json(outcome)), flush=True)
        elif not (args.json or args.quiet) and (line := watched.line(outcome)):
            print(line, flush=True)
        terminal.tell(watched.new_problems(outcome))

    stop = watch.StopFlag()
    with stop.handle_signals(), suppress(KeyboardInterrupt):
        watch.watch(sources, run, tell, stop)
    return 0


def _open_engine(settings: Settings, *, quiet: bool = False) -> LocalEngine:
    """Open the engine for a command that needs the compiled loops; compile them first where they are missing."""
    from search.engine import open_engine

    _load_loops(settings.index, quiet=quiet)
    return open_engine(settings)


def _load_loops(index: Path, *, quiet: bool = False) -> None:
    """Choose where the compiled loops are, which may be beside an index; compile them where they are missing."""
    from search.kernels.jit import cache

    cache.choose(index)
    if not cache.is_complete():
        _warm(quiet=quiet)


def _warm(*, quiet: bool = False) -> bool:
    """Compile all loops and show the progress; return False when another process is compiling them."""
    from search.cli import progress
    from search.kernels.jit.warming import warm

    with progress.compile_progress(sys.stderr, quiet=quiet) as show:
        return warm(show)


def warm(args: Namespace) -> int:
    """Compile the search loops. Raise RetryLater when another process is compiling them."""
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
    """Serve pages and JSON until stopped."""
    from web.serving import server

    return server.serve(_settings(args))


def search(args: Namespace) -> int:
    """Print the best results; compile the loops first where they are missing and the index is too large without."""
    from search.cli import terminal
    from search.engine import open_engine
    from search.kernels.jit import cache
    from search.model import SearchRequest
    from search.names.names import Names
    from search.service import find

    settings = _settings(args)
    request = SearchRequest(q=args.query, per_page=args.n, scope=args.scope, duplicates=args.duplicates)
    names = Names(settings.variants, settings.synonyms)
    cache.choose(settings.index, wait=False)
    with closing(open_engine(settings)) as engine:
        snapshot = engine.snapshot()

        def answer() -> tuple[Page, list[Explanation]]:
            page = find(snapshot, request, half_life=settings.half_life, names=names)
            return page, _explanations(snapshot, page, settings.half_life, names) if args.explain else []

        try:
            page, explanations = answer()
        except LoopsCompiling:
            _warm()
            page, explanations = answer()
    if args.json:
        from web.presentation.serializers import explanation_json, page_json

        found = page_json(page)
        for hit, why in zip(found["hits"], explanations, strict=False):
            hit["explanation"] = explanation_json(why)
        _print_json(found)
    else:
        terminal.tell(f"stemma: {terminal.safe(warning)}" for warning in page.warnings)
        _print(terminal.page_lines(page, terminal.AnsiStyle.of(sys.stdout), explanations))
    return 0


def _explanations(snapshot: Snapshot, page: Page, half_life: int, names: Names) -> list[Explanation]:
    """Return why each result of a page has its score; each draws on a budget of its own."""
    from search.budget import QueryBudget
    from search.explain import explain
    from search.service import parse_request

    read = parse_request(snapshot, page.request, QueryBudget(), half_life=half_life, names=names)
    return [explain(snapshot, page.request, hit.id, QueryBudget(), read) for hit in page.hits]


def status(args: Namespace) -> int:
    """Print what the index holds. No loop runs, so that it answers at once."""
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
    """Verify every byte of the index; return 1 when something is damaged."""
    from search.cli import progress, reports

    with closing(_open_engine(_settings(args))) as engine, progress.byte_progress("Checking", sys.stderr) as show:
        checked = engine.check(show)
    if args.json:
        _print_json(reports.check_json(checked))
    else:
        _print(reports.check_lines(checked))
    return 1 if checked.damages else 0


def backup(args: Namespace) -> int:
    """Copy the newest generation to a new folder."""
    from search.cli import progress

    with closing(_open_engine(_settings(args))) as engine:
        with progress.byte_progress("Copying", sys.stderr) as show:
            generation = engine.backup(Path(args.target), show)
        print(f"Generation {generation} of {engine.where} is in {args.target}, checked. It can be searched there too.")
    return 0


def restore(args: Namespace) -> int:
    """Copy a backup into the index, as the newest generation."""
    from search.cli import progress

    with closing(_open_engine(_settings(args))) as engine:
        with progress.byte_progress("Copying", sys.stderr) as show:
            generation = engine.restore(Path(args.backup), show)
        print(f"{args.backup} is generation {generation} of {engine.where} now.")
    return 0


def evaluate(args: Namespace) -> int:
    """Measure the ranking on a test collection, in a temporary index. Raise OperatorError if a library is missing."""
    from search.cli import progress, reports, terminal
    from search.engine import open_engine

    try:
        from search.evaluation.collection import read_collection
        from search.evaluation.experiment import evaluate as measure
    except ModuleNotFoundError as error:
        message = f"`stemma eval` needs {error.name}."
        raise OperatorError(message, "Install it in the folder of Stemma's code: pip install '.[eval]'") from None
    settings = _settings(args)
    with ExitStack() as stack:
        show = stack.enter_context(progress.count_progress(sys.stderr))
        collection = read_collection(Path(args.collection))
        run = stack.enter_context(_new_file(args.run)) if args.run else None
        _load_loops(settings.index)
        folder = stack.enter_context(TemporaryDirectory(prefix="stemma-eval-"))
        aside = replace(settings, index=Path(folder), opensearch_index=f"{settings.opensearch_index}-eval")
        engine = stack.enter_context(closing(open_engine(aside)))
        write = run.write if run else lambda _line: None
        measured = measure(engine, collection, write=write, against=args.against, progress=show)
    terminal.tell(f"stemma: {terminal.safe(warning)}" for warning in measured.warnings)
    if args.json:
        _print_json(reports.evaluation_json(measured))
    else:
        _print(reports.evaluation_lines(measured))
    return 0


@contextmanager
def _new_file(path: Path) -> Iterator[TextIO]:
    """Open a file for writing that must not be there yet; remove it again if the context ends with an error."""
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        raise SettingsError(f"{path} is there already.", "Name a new file, or take it away first.") from None
    try:
        with file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _settings(args: Namespace) -> Settings:
    """Return the settings in force, with the arguments that override them."""
    from search.settings import KEYS, load

    return load({key: value for key, value in vars(args).items() if key in KEYS and value != []})


def _options(settings: Settings) -> Options:
    """Return the options of readers that the settings imply."""
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
    **{command.__name__: command for command in (reindex, serve, search, status, warm, check, backup, restore)},
    "eval": evaluate,  # the name of a builtin
}
"""The function of each command by its name."""
