"""The articles that the command line is tested with, and what a failure says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

MOON = "Men on the moon\n- 1969-07-20 20:17:40\n\nArmstrong walked on the moon.\nThe whole world was watching.\n"
EVEREST = "Everest climbed\n- 1953-05-29\n\nHillary and Tenzing walked to the top.\n"


def write(folder: Path, articles: Mapping[str, str]) -> None:
    (folder / "seeds").mkdir(exist_ok=True)
    for name, text in articles.items():
        (folder / "seeds" / name).write_text(text, "utf-8")


def one_line(stderr: str) -> str:
    """The one line that a failure says on stderr."""
    assert "Traceback" not in stderr
    (line,) = stderr.splitlines()
    assert line.startswith("stemma: ")
    return line
