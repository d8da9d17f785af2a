"""An index with a bit that flipped, or an end that is missing: the right answer or none, and no crash."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from search.index.storage.column_file import TAIL, ArrayFile
from tests.contract.engines import article, run
from tests.faults.harness.bit_flips import Damage
from tests.faults.harness.commands import news, opened, stemma
from tests.faults.harness.fault_scenarios import ALL, SEED, SUMMARY, WORKERS
from tests.processes.commands import ROOT, environment

SMALL, LARGE = 12, 1500
"""Articles of the index that is damaged everywhere, and of one that has dense words and many pages."""
EACH = 40 if ALL else 3
"""Places in each array of the large index."""
FINE = {"right", "IndexDamaged", "IndexOutdated", "IndexMissing"}
Ask = Callable[[Path, Sequence[Damage]], list[str]]


def build(folder: Path, count: int, words: int) -> Path:
    """An index of two segments, with deletions in the larger one if it is not so small that it is merged."""
    engine = opened(folder / "index")
    texts = [text.splitlines() for text in news(range(count), words).values()]
    articles = [
        article(
            f"{n:04}.txt",
            lines[3],
            lines[4],
            "C++ and AT&T of the U.S. in Genève, café.",
            "Short.",
            title=lines[0],
            date=lines[1][2:] if n % 5 else None,
            source=("north", "south")[n % 2],
            lang=("en", "fr")[n % 3 == 0],
        )
        for n, lines in enumerate(texts)
    ]
    run(engine, articles[:-2])
    run(engine, articles[-2:], gone=["0003.txt"] if count > SMALL else [])
    engine.close()
    return folder / "index"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("small"), SMALL, 20)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("large"), LARGE, 60)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Let processes of their own damage copies of an index, and tell what came of each damage."""

    def part(job: tuple[int, Path, Sequence[Damage]]) -> list[str]:
        number, index, damages = job
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(index, copy)
        command = [sys.executable, "-m", "tests.faults.harness.bit_flips", str(copy)]
        told: list[str] = []
        while len(told) < len(damages):
            with subprocess.Popen(
                command, env=environment(), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                for damage in damages[len(told) :]:
                    process.stdin.write(json.dumps(damage) + "\n")
                    process.stdin.flush()
                    if not (line := process.stdout.readline()):
                        told.append(f"it died with {process.wait()}")
                        shutil.rmtree(copy)
                        shutil.copytree(index, copy)
                        break
                    told.append(line.strip())
                process.stdin.close()
        return told

    def all_parts(index: Path, damages: Sequence[Damage]) -> list[str]:
        with ThreadPoolExecutor(WORKERS) as pool:
            parts = list(pool.map(part, ((n, index, damages[n::WORKERS]) for n in range(WORKERS))))
        return [parts[i % WORKERS][i // WORKERS] for i in range(len(damages))]

    return all_parts


def judge(what: str, damages: Sequence[Damage], told: Sequence[str]) -> Counter[str]:
    """Assert that nothing but right answers and refusals came, and count them."""
    wrong = [f"{damage}: {one}" for damage, one in zip(damages, told, strict=True) if one not in FINE]
    count = Counter(told)
    detected = count.total() - count["right"]
    SUMMARY.append(f"{what}: {len(damages)} tried, {detected} detected, {count['right']} harmless, {len(wrong)} wrong")
    assert not wrong, "\n".join(wrong[:20])
    return count


def files_of(index: Path) -> Iterator[Path]:
    return (path for path in sorted(index.iterdir()) if path.is_file() and path.name != "writer.lock")


def test_bits_of_a_small_index(small: Path, ask: Ask) -> None:
    """Every byte of every file is worth a try; only one that nobody uses may pass unseen."""
    draw = random.Random(SEED)
    damages: list[Damage] = []
    for path in files_of(small):
        size = path.stat().st_size
        places = range(size) if ALL else sorted(draw.sample(range(size), min(size, 40)))
        tail = range(max(0, size - TAIL.size), size)
        chosen = [(byte, draw.randrange(8)) for byte in places]
        if path.suffix == ".arrays":
            chosen += [(byte, bit) for byte in tail for bit in (range(8) if ALL else [draw.randrange(8)])]
        damages += [
            {"file": path.name, "byte": byte, "bit": bit, "web": n % 7 == 0} for n, (byte, bit) in enumerate(chosen)
        ]
    count = judge("bits, small index", damages, ask(small, damages))
    assert count["right"] < len(damages) // 50


def test_bits_of_a_large_index(large: Path, ask: Ask) -> None:
    """Each array is read by numbers from other arrays: a page that no checksum was asked of would lead anywhere."""
    draw = random.Random(SEED)
    damages: list[Damage] = []
    for path in files_of(large):
        if path.suffix != ".arrays":
            continue
        for start, kind, length in ArrayFile(path).places.values():
            size = length * int(kind[2:])
            for n in range(min(EACH, size)):
                byte = start + draw.randrange(size)
                damages.append({"file": path.name, "byte": byte, "bit": draw.randrange(8), "web": n % 7 == 6})
    count = judge("bits, large index", damages, ask(large, damages))
    assert count["IndexDamaged"] > len(damages) // 2


def test_ends_that_are_missing(small: Path, ask: Ask) -> None:
    """A file that is shorter than it was must not be read past its end: that is a SIGBUS."""
    draw = random.Random(SEED)
    damages: list[Damage] = []
    for path in files_of(small):
        size = path.stat().st_size
        some = {0, 1, size // 2, size - 1, *(draw.randrange(size) for _ in range(200 if ALL else 4))}
        damages += [{"file": path.name, "left": left, "web": n % 7 == 0} for n, left in enumerate(sorted(some))]
    assert judge("ends cut off", damages, ask(small, damages))["right"] == 0


def test_the_command_says_so(small: Path, tmp_path: Path) -> None:
    """At the terminal damage is one line and exit code 1, whichever file has it."""
    for path in files_of(small):
        index = tmp_path / path.name / "index"
        shutil.copytree(small, index)
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 4
        (index / path.name).write_bytes(data)
        if path.name.startswith("ledger"):
            assert "damaged" in stemma("status", cwd=index.parent).line
        else:
            assert "stemma reindex --full" in stemma("search", "version", cwd=index.parent).line
