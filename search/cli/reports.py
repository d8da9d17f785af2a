"""Reports of commands on an index: as JSON for programs, as lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from search.analysis.tokenizer import LANGUAGES
from search.cli.terminal import safe
from search.engine import CheckReport, LocalEngine, Snapshot
from search.errors import StemmaError
from search.ledger import Ledger, LedgerEntry
from search.model import count
from search.settings import Settings

if TYPE_CHECKING:
    from search.evaluation.experiment import Evaluation
    from search.indexing import Report

LABELS = {"indexed": "indexed", "partial": "read in part", "quarantined": "quarantined", "ignored": "ignored"}
"""The words for each outcome of a file, as reports in the terminal print them."""
MAX_IGNORED = 20
"""Number of files that `stemma status` lists of those that are ignored for one reason."""
_KEPT = " Its last good article is still served."


def ledger_json(ledger: Ledger) -> dict[str, Any]:
    """Return a ledger as JSON, with the number of files by outcome; `found` is the sum of these."""
    records = {"records_refused": ledger.refused, "records_partial": ledger.partial}
    return {"found": len(ledger.entries), **ledger.counts(), **records, **ledger.to_json()}


def ledger_line(ledger: Ledger) -> str:
    """Return the number of files by outcome in one line."""
    sums = " + ".join(f"{value:,} {LABELS[outcome]}" for outcome, value in ledger.counts().items())
    refused = f", {count(ledger.refused, 'record')} refused" if ledger.refused else ""
    return f"{count(len(ledger.entries), 'file')} found = {sums}{refused}"


def quarantined_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a line for each file and each record that could not be read: where it is, the reason, advice."""
    for entry in ledger.entries:
        if entry.outcome == "quarantined":
            yield _file_line(entry)
        else:
            yield from _refused_lines(entry)


def _file_line(entry: LedgerEntry) -> str:
    """Return the line of a file that could not be read."""
    kept = _KEPT if entry.article_id is not None else ""
    return safe(f"{entry.source}/{entry.path}: {entry.reason} {entry.advice}{kept}")


def _refused_lines(entry: LedgerEntry) -> Iterator[str]:
    """Yield a line for each record that could not be read, of a file of many."""
    name = f"{entry.source}/{entry.path}"
    refused = [problem for problem in entry.problems if problem.outcome == "quarantined"]
    for problem in refused:
        kept = _KEPT if problem.stale else ""
        yield safe(f"{name}:{problem.key}: {problem.reason} {problem.advice}{kept}")
    if more := entry.refused - len(refused):
        yield safe(f"{name}: {count(more, 'more record')} that cannot be read.")


def notices(report: Report, *, is_part: bool) -> Iterator[str]:
    """Yield a line for each thing of a run that its user may not expect; `is_part` if other machines read a part too.

    What earlier runs read in part, or in an encoding that they guessed, they have told.
    """
    ledger, generation = report.ledger, report.generation or 0
    if not is_part:  # else another machine may have the articles
        yield from barren_lines(ledger)
    yield from nested_lines(ledger)
    yield from (f"read in part: {line}" for line in partial_lines(ledger, generation))
    yield from filter(None, (guessed_encodings(ledger, generation), language_advice(report)))


def barren_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a line for each source without an article: an empty folder, or not the one that was meant."""
    outcomes: dict[str, set[str]] = {name: set() for name in ledger.roots}
    for entry in ledger.entries:
        outcomes.setdefault(entry.source, set()).add(entry.outcome)
    for name, found in outcomes.items():
        if not found:
            advice = "Put articles there, or name the folder that holds them."
            yield safe(f"the source {name!r} has no article: there is no file in {ledger.roots[name].path}. {advice}")
        elif found == {"ignored"}:
            yield safe(f"the source {name!r} has no article: none of its files is one. `stemma status` says why.")


def nested_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a line for each source that lies in another one, so that its files are read for both."""
    names = {root.path: name for name, root in ledger.roots.items()}
    for name, root in ledger.roots.items():
        for outer in Path(root.path).parents:
            if (found := names.get(str(outer))) is not None:
                message = f"the source {name!r} lies in the source {found!r}: its files are read for both."
                yield safe(f"{message} `stemma reindex --drop {name}` forgets it.")


def ignored_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a line for each reason why files hold no article: the first MAX_IGNORED of them, and how many more."""
    places: dict[str, list[str]] = {}
    for entry in ledger.of("ignored"):
        places.setdefault(entry.reason, []).append(f"{entry.source}/{entry.path}")
    for reason, names in places.items():
        rest = len(names) - MAX_IGNORED
        more = f" and {rest:,} more; `stemma status --json` lists all" if rest > 0 else ""
        yield safe(f"{reason}: {', '.join(names[:MAX_IGNORED])}{more}")


def partial_lines(ledger: Ledger, generation: int | None = None) -> Iterator[str]:
    """Yield a line for each file that was read in part, and for each record of it: where it is, and what is missing.

    Only files that were last read in this generation, if one is given.
    """
    for entry in ledger.of("partial"):
        if generation is not None and entry.generation != generation:
            continue
        name = f"{entry.source}/{entry.path}"
        yield safe(f"{name}: {entry.reason}")
        for problem in entry.problems:
            if problem.outcome == "partial":
                yield safe(f"{name}:{problem.key}: {problem.reason}")


def encoding_lines(ledger: Ledger) -> Iterator[str]:
    """Yield a line for each file whose encoding was guessed: where it is, and which it was read in."""
    for entry in ledger.entries:
        if entry.encoding_guessed:
            yield safe(f"{entry.source}/{entry.path}: {entry.encoding}")


def guessed_encodings(ledger: Ledger, generation: int) -> str:
    """Return which encodings were guessed for the files that were read in this generation; "" if none was."""
    guesses = Counter(one.encoding for one in ledger.entries if one.generation == generation and one.encoding_guessed)
    if not guesses:
        return ""
    told = ", ".join(f"{encoding} for {count(files, 'file')}" for encoding, files in guesses.most_common())
    return safe(f"read in an encoding that is not stated: {told}. `stemma status` lists them.")


def language_advice(report: Report) -> str:
    """Return what to do if the articles of a run are in another language than was set; "" if they are not."""
    lang = report.unexpected_language
    if lang is None:
        return ""
    name = LANGUAGES[lang].capitalize()
    return (
        f"the articles seem to be in {name}, so that words are found in few of their forms. "
        f"Set STEMMA_LANGUAGES={lang} (or {lang},en for both), then run `stemma reindex` again."
    )


def run_json(report: Report) -> dict[str, Any]:
    """Return the report of a run, with its ledger, as JSON."""
    numbers = {one.name: getattr(report, one.name) for one in fields(report) if one.name not in {"ledger", "changes"}}
    changes = [{key: value for key, value in asdict(change).items() if value} for change in report.changes]
    return {**numbers, "changes": changes, "ledger": ledger_json(report.ledger)}


def change_lines(report: Report) -> Iterator[str]:
    """Yield a line for each file that a run adds, updates, moves, removes or quarantines."""
    for change in report.changes:
        was = f" (from {change.was})" if change.was else ""
        yield safe(f"{change.verb:<10} {change.source}/{change.path}{was}")


def run_line(report: Report, where: str, *, dry: bool) -> str:
    """Return in one line what a run did, or would do, to the index in the folder `where`."""
    if dry and report.changes:
        return f"Nothing was written to {safe(where)}: {_changes(report)}; {ledger_line(report.ledger)}."
    if not report.committed:
        return f"The index in {safe(where)} was up to date: {ledger_line(report.ledger)}."
    return (
        f"Indexed into {safe(where)}: {_changes(report)}; {ledger_line(report.ledger)} "
        f"(generation {report.generation}, {report.seconds:.1f} s)."
    )


class WatchReporter:
    """Reports repeated runs on the index in the folder `where`, each problem only when it is new."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.known: set[str] = set()
        self.of_files: set[str] = set()
        """Problems of the last run that came to its end: they are still there after one that did not."""

    def line(self, outcome: Report | StemmaError) -> str:
        """Return what a run did in one line; "" when it failed or did nothing."""
        if isinstance(outcome, StemmaError) or not outcome.committed:
            return ""
        return run_line(outcome, self.where, dry=False)

    def new_problems(self, outcome: Report | StemmaError) -> list[str]:
        """Return the errors and unreadable files of a run that were not there at the run before."""
        if isinstance(outcome, StemmaError):
            now = self.of_files | {f"stemma: {safe(str(outcome))}"}
        else:
            now = {f"stemma: quarantined: {line}" for line in quarantined_lines(outcome.ledger)}
            now |= {f"stemma: read in part: {line}" for line in partial_lines(outcome.ledger)}
            if guesses := guessed_encodings(outcome.ledger, outcome.generation or 0):
                now.add(f"stemma: {guesses}")
            self.of_files = now
        new = sorted(now - self.known)
        self.known = now
        return new


def _changes(report: Report) -> str:
    """Return how many files a run added, updated and so on."""
    moved = f", {report.moved:,} moved" if report.moved else ""
    resumed = f" ({report.resumed:,} of them by a run that was interrupted)" if report.resumed else ""
    return (
        f"{report.added:,} added, {report.updated:,} updated{resumed}{moved}, {report.removed:,} removed, "
        f"{report.unchanged:,} unchanged"
    )


def check_json(checked: CheckReport) -> dict[str, Any]:
    """Return the result of a check as JSON."""
    return {"ok": not checked.damages, **asdict(checked)}


def check_lines(checked: CheckReport) -> Iterator[str]:
    """Yield the damages that a check found, and a line with what was checked."""
    for damage in checked.damages:
        yield safe(f"{damage.part}: {damage.what} {damage.advice}")
    checked_parts = f"generation {checked.generation}: {count(checked.files, checked.unit)}, {size(checked.bytes)}"
    if checked.damages:
        yield f"Checked {checked_parts}; {count(len(checked.damages), 'fault')}."
    else:
        held = f"{count(checked.articles or 0, 'article')}, {count(checked.paragraphs or 0, 'paragraph')}"
        yield f"Checked {checked_parts}, {held}. All is well."


def evaluation_json(measured: Evaluation) -> dict[str, Any]:
    """Return the measures of a ranking as JSON: their means, those of each query, and differences from a saved run."""
    differences = measured.differences
    return {
        "collection": measured.collection.name,
        "layout": measured.collection.layout,
        "documents": measured.documents,
        "queries": len(measured.values),
        "measures": measured.means,
        "against": differences and {name: one._asdict() for name, one in differences.items()},
        "warnings": list(measured.warnings),
        "per_query": measured.values,
    }


def evaluation_lines(measured: Evaluation) -> Iterator[str]:
    """Yield the measures of a ranking, a line each; with a saved run also its measures, the differences and p."""
    held = f"{count(measured.documents, 'document')}, {count(len(measured.values), 'judged query', 'judged queries')}"
    yield safe(f"{measured.collection.name}: {held}")
    if measured.differences is None:
        yield from (f"{name:<12}{value:.4f}" for name, value in measured.means.items())
        return
    yield f"{'':<12}{'this':>7}{'saved':>9}{'difference':>12}{'p':>8}  better/worse/equal"
    for name, one in measured.differences.items():
        p = "-" if one.p is None else f"{one.p:.4f}"
        ranks = f"{one.wins}/{one.losses}/{one.ties}"
        yield f"{name:<12}{one.mean:>7.4f}{one.earlier:>9.4f}{one.difference:>+12.4f}{p:>8}  {ranks}"


def status_json(engine: LocalEngine, snapshot: Snapshot, settings: Settings) -> dict[str, Any]:
    """Return what an index holds, where it is, and the ledger of the last run as JSON."""
    return {
        "engine": engine.name,
        "index": engine.where,
        "surroundings": engine.surroundings(),
        "generation": snapshot.generation,
        "updated_at": snapshot.updated_at,
        **asdict(snapshot.statistics()),
        "unfinished": engine.unfinished(),
        "settings_file": str(settings.file) if settings.file else None,
        "last_run": ledger_json(snapshot.ledger()),
    }


def status_lines(engine: LocalEngine, snapshot: Snapshot, settings: Settings) -> Iterator[str]:
    """Yield what an index holds, where it is, and the files that were not read in full, or by a guess."""
    statistics, ledger = snapshot.statistics(), snapshot.ledger()
    dates = f"{statistics.earliest} to {statistics.latest}" if statistics.earliest else "none"
    dead = f", of which {count(statistics.dead, 'deleted paragraph')} until a merge" if statistics.dead else ""
    rows = {
        "Engine": engine.name,
        "Index": engine.where,
        **engine.surroundings(),
        "Generation": f"{snapshot.generation}, committed {snapshot.updated_at}",
        "Articles": f"{statistics.articles:,}",
        "Paragraphs": f"{statistics.paragraphs:,}",
        "Size": f"{size(statistics.size)}{dead}",
        "Dates": dates,
        "Sources": _counts(statistics.sources),
        "Languages": _counts(statistics.languages),
        "Settings": str(settings.file or "defaults, environment and flags (there is no stemma.toml)"),
        "Last run": ledger_line(ledger),
    }
    if left := engine.unfinished():
        rows["Unfinished"] = f"{size(left)} of a run that was interrupted; `stemma reindex` goes on with it"
    yield from (f"{label:<12}{safe(value)}" for label, value in rows.items())
    refused = (line for entry in ledger.entries if entry.outcome != "quarantined" for line in _refused_lines(entry))
    parts = {
        "Quarantined:": map(_file_line, ledger.of("quarantined")),
        "Records that cannot be read, in files of many:": refused,
        "Read in part:": partial_lines(ledger),
        "Encodings that are not stated:": encoding_lines(ledger),
        "Ignored:": ignored_lines(ledger),
    }
    for title, lines in parts.items():
        if told := list(lines):
            yield from ("", title, *told)


def _counts(counts: dict[str, int]) -> str:
    """Return names and their numbers in one line."""
    return ", ".join(f"{name} ({number:,})" for name, number in sorted(counts.items())) or "none"


def size(number: float) -> str:
    """Return a number of bytes in the unit that suits it.

    >>> size(999), size(1_234_567)
    ('999 bytes', '1.2 MB')
    """
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} bytes" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
