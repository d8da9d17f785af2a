"""`stemma eval` as people and scripts meet it: a real process, its output and exit code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.evaluation.collections_by_hand import MEASURES, beir, trec, write
from tests.processes.commands import ROOT, STRICT, environment


def evaluate(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """`stemma eval`, run in a folder to its end, where its libraries are installed."""
    return subprocess.run(
        [*STRICT, "eval", *arguments],
        cwd=folder,
        env=environment(PYTHONPATH=str(ROOT), **variables),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=120,
    )


def messages(done: subprocess.CompletedProcess[str]) -> list[str]:
    """The lines on stderr, but for those of progress, which come where the machine is busy."""
    return [line for line in done.stderr.splitlines() if not re.match(r"stemma: [A-Z]\w+: [\d,]+", line)]


def test_figures_are_printed(tmp_path: Path) -> None:
    """A line for each measure; nothing is left behind."""
    done = evaluate(trec(tmp_path / "tiny"), ".", TMPDIR=str(tmp_path))
    assert (done.returncode, messages(done)) == (0, [])
    lines = [f"{name:<12}{value:.4f}" for name, value in MEASURES.items()]
    assert done.stdout.splitlines() == ["tiny: 4 documents, 4 judged queries", *lines]
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_run_is_saved_and_compared(tmp_path: Path) -> None:
    """What was measured before a change is what the change has to beat."""
    beir(tmp_path / "tiny")
    done = evaluate(tmp_path, "tiny", "--run", "a.run", "--json")
    assert (done.returncode, messages(done)) == (0, [])
    found = json.loads(done.stdout)
    assert found["measures"] == pytest.approx(MEASURES)
    assert (found["documents"], found["queries"], found["against"], found["warnings"]) == (4, 4, None, [])
    assert found["per_query"]["3"] == dict.fromkeys(MEASURES, 1.0)
    done = evaluate(tmp_path, "tiny", "--against", "a.run")
    assert done.returncode == 0
    assert messages(done) == ["stemma: Queries without results in a.run: 1, such as '4'; they count as 0."]
    head, _, *rows = done.stdout.splitlines()
    assert head == "tiny: 4 documents, 4 judged queries"
    assert [row.split()[0] for row in rows] == list(MEASURES)
    assert all(row.split()[3:] == ["+0.0000", "1.0000", "0/0/4"] for row in rows)


def test_a_saved_run_is_not_written_over(tmp_path: Path) -> None:
    """It may be all that is left of an earlier version's figures."""
    beir(tmp_path / "tiny")
    before = write(tmp_path / "a.run", "precious")
    done = evaluate(tmp_path, "tiny", "--run", "a.run")
    assert (done.returncode, done.stdout, before.read_text()) == (2, "", "precious\n")
    assert "a.run is there already" in done.stderr


def test_a_run_that_failed_leaves_no_file(tmp_path: Path) -> None:
    """Half a run looks like a bad one."""
    write(beir(tmp_path / "tiny") / "corpus.jsonl", '{"_id": "1", "text": "x"}', "{")
    done = evaluate(tmp_path, "tiny", "--run", "a.run")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"stemma: {Path('tiny', 'corpus.jsonl')}, line 2: This is not JSON")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "a.run").exists()


@pytest.mark.parametrize("library", ["ir_measures", "pytrec_eval", "scipy"])
def test_without_its_libraries_it_says_how_to_get_them(tmp_path: Path, library: str) -> None:
    """They are not installed with the rest, which most people need without."""
    program = f"import sys; sys.modules[{library!r}] = None; from search.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, "eval", str(beir(tmp_path / "tiny"))],
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "pip install '.[eval]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
