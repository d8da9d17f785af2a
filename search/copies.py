"""Which articles are copies of one another: the definition that every engine follows.

An article is taken as the sequence of the stems of its title and its paragraphs; its *shingles* are all runs of SHINGLE
stems in a row. How much two articles have in common is the Jaccard similarity of their sets of shingles, which a
*signature* of SLOTS small numbers estimates: it is the share of the slots in which two signatures agree (MinHash:
Broder, "On the resemblance and containment of documents", 1997). A shingle goes to one slot, and the slots that are
empty afterwards are filled in further rounds (Dahlgaard, Knudsen, Thorup, "Fast Similarity Sketching", 2017). Of each
number a byte is kept: it agrees by chance in one slot of 256 (Li, König, "b-Bit Minwise Hashing", 2010).

Two articles are alike if at least ALIKE of their slots agree. An article of fewer than SHORT shingles is like another
one only if all slots agree: news by a form, such as prices of the day, differ in a few numbers.

Articles are gone through by date, then id, those without a date last. Each is a *copy* of the first main article that
it is like; if it is like none, it is a main article itself. So the result depends on the articles alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from search.model import Heading

SHINGLE = 3
"""Stems of a shingle."""
SLOTS = 64
"""Slots of a signature. The standard error of the estimate is .06 where it decides, at a similarity of .7."""
ALIKE = 45
"""Slots, of SLOTS, that agree at least in the signatures of two articles that are alike: a similarity of .7."""
SHORT = 64
"""Shingles of an article below which all slots have to agree."""
BAND = 3
"""Slots of a band. Signatures that agree in ALIKE slots differ in 19, and agree in one of 21 bands at least."""
BANDS = SLOTS // BAND
MAX_MAINS = 64
"""Main articles with the same slots in a band that an article is compared with, the earliest ones.

It bounds the work where a million articles follow one form without being alike.
"""
WORD = 1 << 64
"""Hashes are numbers below this one, and are computed modulo it."""
FNV_OFFSET, FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
"""The hash of a stem is the 64-bit FNV-1a of its UTF-8."""
SHINGLE_FACTOR = 0x9FB21C651E98DF25
"""An odd number with random bits: the hash of a shingle is the polynomial of its stems' hashes at this number."""
ROUND_STEP = 0x9E3779B97F4A7C15
"""The number that is added to the hash of a shingle in each round.

It is the increment of the random number generator SplitMix64, whose last steps are `mixed`.
"""


class Signature(NamedTuple):
    """The numbers by which copies of an article are found: two articles are compared by their signatures alone."""

    shingles: int
    """How many shingles it has, repeated ones too; SHORT stands for more."""
    slots: tuple[int, ...]
    """SLOTS numbers of 8 bits; all 0 if there are no shingles."""


def mixed(x: int) -> int:
    """Return a hash of 64 bits, all of which depend on all bits of `x` (Steele and others, "Fast Splittable ...")."""
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9 % WORD
    x = (x ^ x >> 27) * 0x94D049BB133111EB % WORD
    return x ^ x >> 31


def hash_of_stem(stem: str) -> int:
    """Return the 64-bit FNV-1a hash of a stem's UTF-8."""
    value = FNV_OFFSET
    for byte in stem.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * FNV_PRIME % WORD
    return value


def signature(stems: Sequence[str]) -> Signature:
    """Return the signature of an article, given a stem for each word of its title and then of its paragraphs.

    In round r, from 0, a shingle of hash s gives the number `mixed(s + (r + 1) * ROUND_STEP)`. Its 6 high bits are the
    slot that it goes to; from round SLOTS on that is slot r - SLOTS for all shingles. A slot gets the least number of
    the first round in which it gets any, and keeps its 8 low bits. The rounds end when all slots are full.
    """
    hashes = list(map(hash_of_stem, stems))
    shingles = [
        ((a * SHINGLE_FACTOR + b) * SHINGLE_FACTOR + c) % WORD
        for a, b, c in zip(hashes, hashes[1:], hashes[2:], strict=False)
    ]
    slots: dict[int, int] = {}
    step = 0
    while shingles and len(slots) < SLOTS:
        least: dict[int, int] = {}
        for shingle in shingles:
            number = mixed((shingle + (step + 1) * ROUND_STEP) % WORD)
            slot = number >> 58 if step < SLOTS else step - SLOTS
            least[slot] = min(number, least.get(slot, number))
        slots = least | slots
        step += 1
    return Signature(min(len(shingles), SHORT), tuple([slots.get(slot, 0) & 0xFF for slot in range(SLOTS)]))


def are_alike(one: Signature, other: Signature) -> bool:
    """Tell whether two articles are alike."""
    agreeing = sum(a == b for a, b in zip(one.slots, other.slots, strict=True))
    fewest = min(one.shingles, other.shingles)
    return fewest > 0 and agreeing >= (ALIKE if fewest == SHORT else SLOTS)


def order(heading: Heading) -> tuple[bool, int, str]:
    """Return the key by which articles are gone through: the start of the date, then the id; undated ones last."""
    return (heading.date is None, heading.date.start if heading.date else 0, heading.id)


def copy_groups(signatures: Sequence[Signature], max_mains: int = MAX_MAINS) -> list[list[int]]:
    """Return groups of a main article and its copies, as numbers of signatures, which are in the order of `order`.

    The main article is the first of its group. Groups are in the order of their main articles. Main articles without a
    copy are left out. A main article is only compared if it is one of the first `max_mains` with the same slots in a
    band.
    """
    mains: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    groups: dict[int, list[int]] = {}
    for article, own in enumerate(signatures):
        bands = [(band, *own.slots[BAND * band : BAND * (band + 1)]) for band in range(BANDS)] if own.shingles else []
        candidates = sorted({main for band in bands for main in mains[band]})
        main = next((main for main in candidates if are_alike(signatures[main], own)), article)
        groups.setdefault(main, []).append(article)
        for band in bands if main == article else ():
            if len(mains[band]) < max_mains:
                mains[band].append(article)
    return [group for group in groups.values() if len(group) > 1]
