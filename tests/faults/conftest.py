"""Fixtures: the scenarios, the processes that run them, and a summary of what was counted."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

import pytest

from search.engine import Engine
from tests.contract.engines import patient
from tests.faults.harness.fault_scenarios import ALL, BEFORE, SEED, SUMMARY, WORKERS, Scenario, fill, measured
from tests.faults.harness.faulty_reindex import Order, Reply
from tests.processes.commands import ROOT, environment

# Semaphores of a pool that a killed process had are cleared away in the end, with a warning for each test run.
QUIET = environment(PYTHONWARNINGS="ignore::UserWarning")


@pytest.fixture(scope="package", autouse=True)
def time_enough() -> Iterator[None]:
    """No answer is cut short."""
    with patient():
        yield


@pytest.fixture(scope="session")
def send_order(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Order], Reply]]:
    """Sends an order to one of a few processes that fork for each of them; this one may have threads."""
    source = tmp_path_factory.mktemp("send_order") / "news"
    fill(source, BEFORE)
    idle: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
    command = [sys.executable, "-m", "tests.faults.harness.faulty_reindex", str(source)]
    with ExitStack() as stack:
        for _ in range(WORKERS):
            process = subprocess.Popen(
                command, env=QUIET, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            idle.put(stack.enter_context(process))

        def send(order: Order) -> Reply:
            process = idle.get()
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
            reply: Reply = json.loads(process.stdout.readline())
            idle.put(process)
            return reply

        yield send


@pytest.fixture(scope="session", params=["changes", "full", "first", "staged"])
def scenario(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    on_disk: Callable[[Path], Engine],
    send_order: Callable[[Order], Reply],
) -> Scenario:
    """A run that adds, updates, removes and quarantines files; one that builds anew; the first one; one that stages."""
    folder = tmp_path_factory.mktemp(request.param)
    name = on_disk(folder).name
    return measured(Scenario(request.param, name, folder / "start", folder / "news", send_order), folder / "end")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show how much was disturbed: tests that disturb nothing would pass too."""
    if SUMMARY:
        terminalreporter.section("faults")
        seed = f"a sample, drawn by STEMMA_FAULTS_SEED={SEED}; `make faults` tries all"
        terminalreporter.line("all of them" if ALL else seed)
    for line in SUMMARY:
        terminalreporter.line(line)
