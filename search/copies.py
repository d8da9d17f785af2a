"""Which articles are copies of one another: the definition that every engine follows.

An article is taken as the sequence of the stems of its title and its paragraphs; its *shingles* are all runs of SHINGLE
stems in a row. How much two articles have in common is the Jaccard similarity of their sets of shingles, which a
*signature* of SLOTS small numbers estimates: it is the share of the slots in which two signatures agree (MinHash:
Broder, "On the resemblance and containment of documents", 1997). A shingle goes to one slot, and the slots that are
empty afterwards are filled in further rounds (Dahlgaard, Knudsen, Thorup, "Fast Similarity Sketching", 2017). Of each
number only a byte is kept, so different numbers agree by chance once in 256 (Li, König, "b-Bit Minwise Hashing", 2010).

Two articles are alike if at least ALIKE of their slots agree. An article of fewer than SHORT shingles is like another
one only if all slots agree: short news that follow one form, such as prices of the day, differ only in a few numbers.

Articles are gone through by date, then id, those without a date last. Each is a *copy* of the first main article that
it is like; if it is like none, it is a main article itself. So the result depends on the articles alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from search.model import Heading

SHINGLE = 3
"""Number of stems of a shingle."""
SLOTS = 64
"""Number of slots of a signature. The standard error of the estimate is .06 at a similarity of .7, which decides."""
ALIKE = 45
"""Least number of slots in which the signatures of two articles agree that are alike: a similarity of .7."""
SHORT = 64
"""Number of shingles of an article below which all slots have to agree."""
BAND = 3
"""Number of slots of a band. Signatures that agree in ALIKE slots differ in 19, so at least 2 of 21 bands are equal."""
BANDS = SLOTS // BAND
MAX_MAINS = 64
"""Maximum number of main articles with the same slots in a band that an article is compared with: the earliest ones.

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
    """How many shingles the article has, repeated ones too; SHORT stands for SHORT or more."""
    slots: tuple[int, ...]
    """SLOTS numbers of 8 bits; all 0 if there are no shingles."""


def mixed(x: int) -> int:
    """Return a hash of 64 bits, each of which depends on all bits of `x`.

    It mixes as SplitMix64 does (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
    """
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

    In round r, from 0, a shingle of hash s gives the number `mixed(s + (r + 1) * ROUND_STEP)`. The slot that it goes to
    is its 6 high bits; from round SLOTS on it is r - SLOTS for all shingles. A slot gets the least number of the first
    round in which any goes to it, and keeps the 8 low bits of this number. The rounds end when all slots are full.
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
    """Tell whether two articles are alike, by their signatures. An article without shingles is like no other."""
    agreeing = sum(a == b for a, b in zip(one.slots, other.slots, strict=True))
    fewest = min(one.shingles, other.shingles)
    return fewest > 0 and agreeing >= (ALIKE if fewest == SHORT else SLOTS)


def order(heading: Heading) -> tuple[bool, int, str]:
    """Return the key that articles are sorted by to find copies: by start of the date, then id, undated ones last."""
    return (heading.date is None, heading.date.start if heading.date else 0, heading.id)


def copy_groups(signatures: Sequence[Signature], max_mains: int = MAX_MAINS) -> list[list[int]]:
    """Return groups of a main article and its copies, as indexes into `signatures`, which have to be sorted by `order`.

    The main article is the first of its group. Groups are in the order of their main articles. Main articles without a
    copy are left out. An article is compared only with the first `max_mains` main articles that have the same slots in
    a band, for each of its bands.
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
