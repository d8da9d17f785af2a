"""The real command in a process of its own, what it used, what it left running, and what its index holds after it."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from search.engine import LocalEngine, open_engine
from search.index.storage.directory import LOCK, latest_generation, read_manifest
from search.index.storage.earlier import FOLDER
from search.settings import Settings
from tests.faults.harness.fault_scenarios import HOUR_AGO
from tests.processes.commands import STEMMA, environment

_MAIN = "import sys; from search.cli.main import main; sys.exit(main())"
_BATCHES = f"from search.index.writing import index_writer as writer; writer.BATCH_SECONDS = {{}}; {_MAIN}"
STAGING = (sys.executable, "-c", _BATCHES.format(-1.0))
"""The command, where each file is a batch of its own."""
BATCHES = (sys.executable, "-c", _BATCHES.format(0.02))
"""The command with small batches."""
_HURRIES = (
    "from functools import partial; from search import sources; "
    f"sources.Options = partial(sources.Options, seconds=2.0); {_MAIN}"
)
HURRIED = (sys.executable, "-c", _HURRIES)
"""The command, where a file may take 2 s to read."""
MEASURED = (
    "import resource, subprocess, sys; code = subprocess.call(sys.argv[2:]); "
    "open(sys.argv[1], 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)); sys.exit(code)"
)
"""Runs a command, and writes down the most memory, in KB, that it or one of its children had."""
LIBC = ctypes.CDLL(None)
PATIENCE = 300.0
"""Seconds after which a command hangs."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The one line that it says on stderr, with exit code 1."""
        assert self.code == 1, self
        assert "Traceback" not in self.err
        (line,) = self.err.splitlines()
        assert line.startswith("stemma: ")
        return line


class Command:
    """A `stemma` that was started."""

    def __init__(
        self,
        *arguments: str | Path,
        cwd: Path,
        program: Sequence[str] = STEMMA,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.process = subprocess.Popen(
            [*program, *map(str, arguments)],
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=before,  # noqa: PLW1509 - it calls the system and nothing else
            start_new_session=True,
        )

    def end(self) -> Done:
        """Wait for it."""
        try:
            out, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, 9)
            raise
        return Done(self.process.returncode, out, err)


def stemma(
    *arguments: str | Path, cwd: Path, program: Sequence[str] = STEMMA, before: Callable[[], None] | None = None
) -> Done:
    """Run a command to its end."""
    return Command(*arguments, cwd=cwd, program=program, before=before).end()


def powerless() -> None:
    """Let permissions bind root too, in the command that is executed next."""
    for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        LIBC.prctl(24, capability)  # PR_CAPBSET_DROP; who is not root has none


def members(session: int) -> list[int]:
    """The processes of a session: of a command, and whatever it started. Zombies are no processes any more."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            name = (folder / "stat").read_text() if folder.name.isdigit() else ""
        except OSError:
            continue
        fields = name.rpartition(")")[2].split()
        if fields and int(fields[3]) == session and fields[0] not in "ZX":
            found.append(int(folder.name))
    return found


def left_of(session: int) -> list[int]:
    """The processes of a session that stay, when it is given time to go."""
    until = time.monotonic() + 30
    while (left := members(session)) and time.monotonic() < until:
        time.sleep(0.02)
    return left


def opened(index: Path) -> LocalEngine:
    return open_engine(Settings(index=index, engine="whoosh"))


def indexed_texts(index: Path) -> dict[str, str]:
    """Every article that the files account for, by id, as one text; and the index is sound."""
    engine = opened(index)
    assert engine.check(lambda _done, _whole: None).damages == ()
    snapshot = engine.snapshot()
    files = {entry.article_id for entry in snapshot.ledger().entries} - {None}
    found = {one.id: "\n".join(one.paragraphs) for file in files for one in snapshot.articles_of(str(file))}
    assert len(found) == snapshot.statistics().articles
    engine.close()
    return found


def assert_only_newest(index: Path) -> None:
    """Assert that there is nothing in an index but its newest generation, and earlier ones in a folder of theirs."""
    generation = latest_generation(index)
    assert generation is not None
    assert {path.name for path in index.iterdir()} - {FOLDER} == {LOCK} | read_manifest(index, generation).names()


def write(folder: Path, files: dict[str, str], *, ago: int = 3600) -> None:
    """Write these files; so many seconds ago, as far as anybody can see."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        when = HOUR_AGO + 3600 - ago
        os.utime(path, (when, when) if ago else None)


def news(numbers: range, words: int = 40, version: int = 0) -> dict[str, str]:
    """So many articles, each of some words; no two share all of them."""
    return {
        f"{n:04}.txt": f"Title {n}\n- 20{n % 90 + 10}-05-03\n\nVersion v{version} of {n}.\n"
        + " ".join(f"word{(n * 31 + i * 7) % 5000}" for i in range(words))
        + "\n"
        for n in numbers
    }


def texts_of(files: dict[str, str]) -> dict[str, str]:
    """What an index of these articles holds."""
    return {name: "\n".join(text.splitlines()[3:]) for name, text in files.items()}
