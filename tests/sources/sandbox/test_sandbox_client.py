"""The process that reads heavy formats: bounded, replaced when it breaks, and never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.sources import Options
from search.sources.records import Record
from search.sources.sandbox.sandbox_client import SandboxClient, read_heavy
from tests.processes.commands import ROOT

PAGE = b"<p>Hello."
DIES = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def child_of(client: SandboxClient) -> int:
    assert client._process is not None  # noqa: SLF001 - what is tested is what nobody else should know
    return client._process.child.pid  # noqa: SLF001 - as above


def read(client: SandboxClient, options: Options | None = None, data: bytes = PAGE) -> tuple[Record, str]:
    return client.read("html", "name", data, options or Options())


@pytest.fixture
def client() -> Iterator[SandboxClient]:
    made = SandboxClient()
    yield made
    made.stop()


def test_one_process_reads_many_files(client: SandboxClient) -> None:
    """Starting it costs more than reading most files."""
    assert read(client) == (Record("name", None, ("Hello.",)), "utf-8")
    first = child_of(client)
    assert read(client)[0].title == "name"
    assert child_of(client) == first


def test_a_process_that_ended_between_two_files_is_replaced(client: SandboxClient) -> None:
    """The next file has no part in it."""
    read(client)
    os.kill(first := child_of(client), signal.SIGKILL)
    assert read(client)[0].title == "name"
    assert child_of(client) != first


def test_too_slow(client: SandboxClient) -> None:
    """The file is refused with the limit, the process is gone, and the next file is read."""
    read(client)
    first = child_of(client)
    slow = b"<p>" + b"<b>word</b> " * 500_000
    with pytest.raises(UnreadableArticle, match=r"took over 0\.05 s") as caught:
        read(client, Options(seconds=0.05), slow)
    assert caught.value.hint
    assert not alive(first)
    assert read(client)[0].title == "name"


def test_a_large_file_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that fits a letter ends the reading of a book; what is made to be slow stays bounded all the same."""
    seen: list[float] = []

    def look(_client: object, _kind: str, name: str, _data: bytes, options: Options) -> tuple[Record, str]:
        seen.append(options.seconds)
        return Record(name, None, ("a",)), ""

    monkeypatch.setattr(SandboxClient, "read", look)
    for size in (1, 3, 128):
        list(read_heavy("html", iter([b"a" * (size << 20)]), "a", Options(seconds=60), {}))
    assert seen == [60, 90, 300]


def test_a_crash(client: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that takes the process down with it costs one file, not the run."""
    program = (
        "import sys; sys.path.append(sys.argv[1]); import search.sources.sandbox.process as w; "
        f"w._read = lambda *_: exec({DIES!r}); w.main(*map(int, sys.argv[2:]))"
    )
    with monkeypatch.context() as patched:
        patched.setattr("search.sources.sandbox.sandbox_client._PROGRAM", program)
        with pytest.raises(UnreadableArticle, match="broke down"):
            read(client)
    assert read(client)[0].title == "name"


def test_a_process_that_cannot_start(client: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """With too little memory for the libraries each file says so, rather than waiting."""
    monkeypatch.setattr("search.sources.sandbox.sandbox_client._PROGRAM", DIES)
    with pytest.raises(UnreadableArticle, match="cannot start within 512 MB"):
        read(client)


def test_worn_out_processes_are_replaced(client: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries keep things; after many files they start afresh."""
    monkeypatch.setattr("search.sources.sandbox.sandbox_client.MAX_FILES", 2)
    read(client)
    first = child_of(client)
    read(client)
    assert child_of(client) == first
    read(client)
    assert child_of(client) != first


def test_a_forked_process_starts_its_own(client: SandboxClient) -> None:
    """Two that ask the same reader would get each other's answers."""
    read(client)
    first = child_of(client)
    if (pid := os.fork()) == 0:
        ok = read(client)[0].title == "name" and child_of(client) != first
        client.stop()
        os._exit(0 if ok else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert read(client)[0].title == "name"
    assert child_of(client) == first


@pytest.mark.parametrize("busy", [False, True])
def test_it_goes_with_its_client(busy: object) -> None:
    """Killing a run must not leave a process behind that reads on, even in the middle of a file."""
    work = "w._read = lambda *_: __import__('time').sleep(600); " if busy else ""
    program = (
        "import sys, threading, time; from search.sources.sandbox import sandbox_client as k; "
        "from search.sources import Options; "
        f"k._PROGRAM = k._PROGRAM.replace('from search.sources.sandbox.process import main; main', "
        f"'import search.sources.sandbox.process as w; {work.replace(chr(39), chr(34))}w.main'); "
        "client = k.SandboxClient(); "
        "threading.Thread(target=client.read, args=('html', 'n', b'<p>a', Options(seconds=300)), daemon=True).start()\n"
        "while client._process is None or client._process.files == 0: time.sleep(0.01)\n"
        f"time.sleep({3 if busy else 1}); print(client._process.child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        parent.kill()
    deadline = time.monotonic() + 60
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
