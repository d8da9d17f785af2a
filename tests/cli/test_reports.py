"""What repeated runs report."""

from __future__ import annotations

from search.cli.reports import WatchReporter, encoding_lines, guessed_encodings, quarantined_lines
from search.errors import IndexLocked
from search.indexing import Report
from search.ledger import Ledger, LedgerEntry, Problem


def report(*entries: LedgerEntry, committed: bool = True) -> Report:
    return Report(committed, 2 if committed else None, 1, 0, 0, 0, 0, 0, 1, None, Ledger({}, entries), (), 0.5)


def test_a_problem_is_told_when_it_is_new() -> None:
    """A log of a year of runs would hold the same broken file once a minute."""
    reporter, broken = (
        WatchReporter("index"),
        LedgerEntry("s", "a.pdf", "quarantined", reason="Bad.", advice="Mend it."),
    )
    locked = IndexLocked("Locked.", "Wait.")
    assert reporter.new_problems(report(broken)) == ["stemma: quarantined: s/a.pdf: Bad. Mend it."]
    assert reporter.new_problems(report(broken)) == []
    assert reporter.new_problems(report()) == []
    assert reporter.new_problems(locked) == ["stemma: Locked. Wait."]
    assert len(reporter.new_problems(report(broken))) == 1
    assert reporter.new_problems(locked) == ["stemma: Locked. Wait."]
    assert reporter.new_problems(locked) == []
    assert reporter.new_problems(report(broken)) == []  # it was there all the time
    assert reporter.new_problems(locked) == ["stemma: Locked. Wait."]


def test_a_run_without_changes_is_silent() -> None:
    """Most runs of a watch find nothing to do."""
    reporter = WatchReporter("index")
    assert reporter.line(report(committed=False)) == ""
    assert reporter.line(IndexLocked("Locked.", "Wait.")) == ""
    assert reporter.line(report()).startswith("Indexed into index: 1 added")


def test_guessed_encodings_are_said_where_people_look() -> None:
    """A wrong guess makes rubbish of a text that counts as indexed; nobody reads the ledger's JSON to find out."""
    guessed = LedgerEntry("s", "a.html", "indexed", "a.html", encoding="koi8-r (guessed)", generation=2, articles=1)
    sure = LedgerEntry("s", "b.html", "indexed", "b.html", encoding="koi8-r", generation=2, articles=1)
    gone = LedgerEntry("s", "c.html", "quarantined", encoding="koi8-r (guessed)", generation=2)
    ledger = Ledger({}, (guessed, sure, gone))
    assert list(encoding_lines(ledger)) == ["s/a.html: koi8-r (guessed)"]
    assert "koi8-r (guessed) for 1 file" in guessed_encodings(ledger, 2)
    assert guessed_encodings(ledger, 3) == ""
    reporter = WatchReporter("index")
    assert len(reporter.new_problems(report(guessed))) == 1
    assert reporter.new_problems(report(guessed)) == []


def test_what_is_still_served_is_said() -> None:
    """Whoever reads that a file is broken has to know whether its article is gone from the searches."""
    kept = LedgerEntry("s", "a.pdf", "quarantined", article_id="a.pdf", reason="Bad.", advice="Mend it.")
    problems = (Problem("3", "Bad.", "Mend it.", stale=True), Problem("4", "Bad.", "Mend it."))
    many = LedgerEntry("s", "b.csv", "partial", article_id="b.csv", refused=5, problems=problems)
    lines = list(quarantined_lines(Ledger({}, (kept, many))))
    assert [line.partition(":")[0] for line in lines] == ["s/a.pdf", "s/b.csv", "s/b.csv", "s/b.csv"]
    assert [line.endswith("still served.") for line in lines] == [True, True, False, False]
    assert "3 more records" in lines[3]
