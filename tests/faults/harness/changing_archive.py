"""An archive that changes before each run, and whose answers tell which generation of the index they are of.

Some articles, the heralds, have a word that only one generation has, its *mark*.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

ARTICLES, HERALDS = 6_000, 12
"""Some 33,000 paragraphs: segments of fewer than 20,000 would be written anew by each run (`merge.SMALL`)."""
CHANGED, ADDED = 20, 10
"""Articles that are written anew, and that are new, in each generation; the heralds are changed besides."""
STAYS = 5
"""Generations until what was added is removed: the archive changes all the time, and does not grow."""
_SYLLABLES = "ba co di fu la me ni po ra se ti vo".split()
WORDS = [a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in _SYLLABLES]
_DIGITS = "bcdfghjklm"
_MARK = re.compile(f"tide([{_DIGITS}]{{4}})")


def mark(generation: int) -> str:
    """The word of a generation; it has no digits, for numbers are not suggested."""
    return "tide" + "".join(_DIGITS[int(digit)] for digit in f"{generation:04}")


def marks(text: str) -> list[int]:
    """The generations whose marks are in a text."""
    return [int("".join(str(_DIGITS.index(sign)) for sign in found)) for found in _MARK.findall(text)]


def words(rng: random.Random, number: int) -> list[str]:
    """So many words, the first ones of WORDS much more often than the last, as in any language."""
    return [WORDS[int(len(WORDS) * rng.random() ** 4)] for _ in range(number)]


class ChangingArchive:
    """A source folder. Each change makes it what the next generation is to have."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.generation = 0
        self.paragraphs: dict[int, int] = {}
        """How many paragraphs each generation has."""
        self._lengths: dict[str, int] = {}
        for name in ("stays", "comes", "heralds"):
            (folder / name).mkdir(parents=True)

    def change(self) -> None:
        """Write anew, add and remove some files; at first write all."""
        self.generation += 1
        rng = random.Random(self.generation)
        kept = range(ARTICLES) if self.generation == 1 else rng.sample(range(ARTICLES), CHANGED)
        for n in kept:
            self._write(f"stays/{n}.txt", f"Report {n}", *self._text(rng))
        for n in range(ADDED):
            self._write(f"comes/{self.generation}-{n}.txt", f"Notice {n}", *self._text(rng))
            if (gone := f"comes/{self.generation - STAYS}-{n}.txt") in self._lengths:
                (self.folder / gone).unlink()
                del self._lengths[gone]
        for n in range(HERALDS):
            self._write(f"heralds/{n}.txt", "News", f"A herald calls {mark(self.generation)}.", *self._text(rng))
        self.paragraphs[self.generation] = sum(self._lengths.values())

    def _text(self, rng: random.Random) -> list[str]:
        """Some paragraphs of a few sentences."""
        return [
            " ".join(" ".join(words(rng, rng.randint(5, 20))).capitalize() + "." for _ in range(rng.randint(2, 5)))
            for _ in range(rng.randint(3, 8))
        ]

    def _write(self, name: str, title: str, *paragraphs: str) -> None:
        date = f"- {1950 + len(self._lengths) % 70}-05-03"
        (self.folder / name).write_text("\n".join([title, date, "", *paragraphs, ""]), "utf-8")
        self._lengths[name] = len(paragraphs)
