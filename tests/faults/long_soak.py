"""What `make faults` does to a server for ten minutes: 8 clients, a run every few seconds, a killed worker a minute."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median

from search.index.storage.directory import latest_generation
from tests.faults.harness.changing_archive import ChangingArchive
from tests.faults.harness.commands import stemma
from tests.faults.harness.process_resources import Resources, children, files_of, resources
from tests.faults.harness.soak_client import Soak, SoakClient
from tests.web.serving.served import Served

MINUTES = 10
CLIENTS, WORKERS = 8, 2
BETWEEN_RUNS = 3.0
"""Seconds from the end of a run to the begin of the next."""
BETWEEN_LOOKS = 2.0
"""Seconds between two looks at the server's processes."""
SETTLED = 3
"""The minute in which all is as large as it gets."""
MORE = Resources(memory=32 << 20, descriptors=16, maps=16)
"""How much more the server may take in the middle of a later minute: what differs with what is asked at the moment."""


def tell(figures: str) -> None:
    """What was measured, for docs/operations.md: seen with `pytest -s`."""
    sys.stderr.write(f"soak: {figures}\n")


class Disk:
    """The folder of an index, seen after each run."""

    def __init__(self, index: Path) -> None:
        self.index = index
        self.files = self._newest()
        self.replaced = 0
        """Bytes of the files that runs have replaced: all of them within 15 minutes, so they are kept."""
        self.sizes: list[tuple[int, int, int]] = []
        """After each run the bytes of the newest generation, of what was replaced until then, and of the folder."""

    def _newest(self) -> dict[int, int]:
        """The files of the newest generation, but for the ledger, which is not kept when it is replaced."""
        ledgers = files_of(self.index, "ledger-*")
        return {inode: size for inode, size in files_of(self.index, "*").items() if inode not in ledgers}

    def look(self) -> None:
        newest = self._newest()
        self.replaced += sum(size for inode, size in self.files.items() if inode not in newest)
        self.files = newest
        index = sum(files_of(self.index, "*").values())
        self.sizes.append((index, self.replaced, sum(files_of(self.index, "**/*").values())))


def reindex_often(soak: Soak, disk: Disk, folder: Path) -> None:
    """Change the archive and run, over and over, each run in a process of its own."""
    while not soak.stop.wait(BETWEEN_RUNS):
        soak.archive.change()
        done = stemma("reindex", cwd=folder)
        assert (done.code, done.err) == (0, ""), done
        assert latest_generation(disk.index) == soak.archive.generation
        soak.committed = soak.archive.generation
        disk.look()


def watch(soak: Soak, server: int, index: Path) -> dict[int, list[Resources]]:
    """What the server takes, by the minute, from 1. In the middle of each minute one of its workers is killed."""
    began = time.monotonic()
    minutes: dict[int, list[Resources]] = {}
    while (elapsed := time.monotonic() - began) < 60 * MINUTES and not soak.stop.wait(BETWEEN_LOOKS):
        workers = children(server)
        if elapsed > 60 * len(soak.kills) + 30:
            soak.kills.append(time.monotonic())
            os.kill(workers[-1], signal.SIGKILL)  # the youngest: another lives on, and shows if it grows
        elif len(workers) == WORKERS:
            with suppress(OSError):  # the one that was killed has just ended
                minutes.setdefault(int(elapsed // 60) + 1, []).append(resources([server, *workers], index))
    return minutes


def middle(looks: list[Resources]) -> Resources:
    return Resources(*(int(median(one)) for one in zip(*looks, strict=True)))


def test_soak(tmp_path: Path) -> None:
    """A server that is up for months, and whose archive changes all day, must not fail, tell old news, or grow."""
    archive = ChangingArchive(tmp_path / "seeds")
    archive.change()
    assert stemma("reindex", cwd=tmp_path).code == 0
    soak, disk = Soak(archive, committed=1), Disk(tmp_path / "index")
    served = Served(tmp_path, "--workers", str(WORKERS))
    clients = [SoakClient(soak, served.port, n, keeps=bool(n % 2)) for n in range(CLIENTS)]
    try:
        with ThreadPoolExecutor(CLIENTS + 1) as pool:
            tasks = [pool.submit(client.run) for client in clients]
            tasks.append(pool.submit(reindex_often, soak, disk, tmp_path))
            for task in tasks:
                task.add_done_callback(lambda _: soak.stop.set())  # one that fails ends all
            try:
                minutes = watch(soak, served.process.pid, disk.index)
            finally:
                soak.stop.set()
        for task in tasks:
            task.result()
        workers = children(served.process.pid)
        code, errors = served.stop()
    finally:
        served.process.kill()
        served.process.communicate()

    answers: Counter[str] = sum((client.answers for client in clients), Counter())
    lost, longest = sum(client.lost for client in clients), max(client.longest for client in clients)
    tell(f"{answers.total()} answers, {len(soak.wrong)} wrong, after {longest:.1f} s at most: {dict(answers)}")
    tell(f"{archive.generation} generations; {len(soak.kills)} workers killed, {lost} requests broken by that")
    medians = {number: middle(looks) for number, looks in minutes.items()}
    for number, (memory, descriptors, maps) in medians.items():
        tell(f"minute {number}: {memory / 2**20:.0f} MiB, {descriptors} open files, {maps} maps of the index")
    for sizes in disk.sizes[::10]:
        tell("index {:.1f} MiB, replaced {:.1f} MiB, folder {:.1f} MiB".format(*(size / 2**20 for size in sizes)))

    put_off = sum(client.put_off for client in clients)
    tell(f"{put_off} requests were told to come again")
    assert soak.wrong == []
    assert put_off < answers.total() / 1000
    assert lost <= CLIENTS * len(soak.kills)
    assert len(workers) == WORKERS
    assert (code, errors) == (0, f"stemma: Unexpected exit from worker-{WORKERS}\n" * len(soak.kills))
    assert all(folder <= index + replaced for index, replaced, folder in disk.sizes)
    assert len(soak.kills) == len(medians) == MINUTES
    for number in range(SETTLED + 1, MINUTES + 1):
        now, settled = medians[number], medians[SETTLED]
        grown = [one > before + more for one, before, more in zip(now, settled, MORE, strict=True)]
        assert not any(grown), f"minute {number}: {now}; minute {SETTLED}: {settled}"
    assert stemma("check", cwd=tmp_path).code == 0
