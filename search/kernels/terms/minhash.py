"""Signatures of articles, and which articles are copies by them: the loops of `search.copies`."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from search.copies import (
    ALIKE,
    BAND,
    BANDS,
    FNV_OFFSET,
    FNV_PRIME,
    MAX_MAINS,
    ROUND_STEP,
    SHINGLE,
    SHINGLE_FACTOR,
    SHORT,
    SLOTS,
)
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u64, write
from search.kernels.jit.decorators import compiled, inlined

Array: TypeAlias = npt.NDArray[Any]
ROOM = 2
"""The hash table has at least this many elements for each band of each article."""
_FNV_OFFSET, _FNV_PRIME = np.uint64(FNV_OFFSET), np.uint64(FNV_PRIME)
_FACTOR, _STEP = np.uint64(SHINGLE_FACTOR), np.uint64(ROUND_STEP)
_LOW = np.uint64(0xFF)
_NONE = np.uint64(0xFFFFFFFFFFFFFFFF)
_SLOT_SHIFT = np.uint64(64 - 6)
_S27, _S30, _S31 = np.uint64(27), np.uint64(30), np.uint64(31)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@inlined
def mix(x):
    """Return `search.copies.mixed` of a number of 64 bits."""
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    return x ^ (x >> _S31)


@compiled(types.void(read(u8), read(i64), write(u64)))
def hash_stems(stem_bytes, first, hashes):
    """Hash each stem, stem_bytes[first[s]:first[s + 1]], as `search.copies.hash_of_stem` does, into hashes[s]."""
    for s in range(len(hashes)):
        value = _FNV_OFFSET
        for i in range(first[s], first[s + 1]):
            value = (value ^ np.uint64(stem_bytes[i])) * _FNV_PRIME
        hashes[s] = value


@inlined
def append_hashes(stream, low, high, form_hashes, hashes, n):
    """Write the hashes of the words among stream[low:high] to hashes[n:]; return how many there are then.

    Form ids from `len(form_hashes)` on are markers of compounds, which are no words.
    """
    for i in range(low, high):
        form = stream[i]
        if form < len(form_hashes):
            hashes[n] = form_hashes[form]
            n += 1
    return n


@inlined
def fill_slots(shingles, slots, numbers):
    """Fill `slots`, `(SLOTS,) uint8`, with the signature of some shingles, at least one; `numbers` is overwritten."""
    full = 0
    for j in range(SLOTS):
        numbers[j] = _NONE
    done = np.uint64(0)  # a bit for each slot that earlier rounds have filled
    step = 0
    add = _STEP
    while full < SLOTS:
        for i in range(len(shingles)):
            x = mix(shingles[i] + add)
            slot = np.int64(x >> _SLOT_SHIFT) if step < SLOTS else step - SLOTS
            if x < numbers[slot] and not (done >> np.uint64(slot)) & np.uint64(1):
                full += numbers[slot] == _NONE
                numbers[slot] = x
        for j in range(SLOTS):
            if numbers[j] != _NONE:
                done |= np.uint64(1) << np.uint64(j)
        step += 1
        add += _STEP
    for j in range(SLOTS):
        slots[j] = numbers[j] & _LOW


@compiled(
    types.void(
        read(i32), read(i64), read(i32), read(i64), read(i64), read(u64), i64, write(u8, 2), write(u8)
    )
)  # fmt: skip
def sign_articles(
    title_stream, title_first, text_stream, text_first, article_first, form_hashes, most, signatures, shingles
):
    """Compute the signature of each article, as `search.copies.signature` does.

    Article a has the title title_stream[title_first[a]:title_first[a + 1]], form ids, and the documents
    article_first[a] up to article_first[a + 1]; document d has text_stream[text_first[d]:text_first[d + 1]].
    `form_hashes`, `(n_plain,) uint64`, has the hash of the last stem of each plain form; higher form ids are markers.
    `most` is the greatest number of forms of a title and its documents together.

    Fills `signatures`, `(n_articles, SLOTS) uint8` and 0 before, and `shingles`, `(n_articles,) uint8`, the number of
    shingles of each up to SHORT.
    """
    hashes = np.empty(most, np.uint64)
    numbers = np.empty(SLOTS, np.uint64)
    for a in range(len(shingles)):
        n = append_hashes(title_stream, title_first[a], title_first[a + 1], form_hashes, hashes, 0)
        low, high = text_first[article_first[a]], text_first[article_first[a + 1]]
        n = append_hashes(text_stream, low, high, form_hashes, hashes, n) - SHINGLE + 1
        shingles[a] = min(max(n, 0), SHORT)
        if n > 0:
            for i in range(n):
                hashes[i] = (hashes[i] * _FACTOR + hashes[i + 1]) * _FACTOR + hashes[i + 2]
            fill_slots(hashes[:n], signatures[a], numbers)


@inlined
def hash_of_band(signatures, article, band):
    """Return a hash, uint64, of the number of a band and of the slots that an article has in it."""
    x = np.uint64(band)
    for j in range(BAND * band, BAND * (band + 1)):
        x = (x << np.uint64(8)) | np.uint64(signatures[article, j])
    return mix(x)


@inlined
def is_same_band(signatures, one, other, band):
    """Tell whether two articles have the same slots in a band."""
    same = True
    for j in range(BAND * band, BAND * (band + 1)):
        same &= signatures[one, j] == signatures[other, j]
    return same


@inlined
def are_alike(signatures, shingles, one, other):
    """Tell whether two articles, both with shingles, are alike."""
    agreeing = 0
    for j in range(SLOTS):
        agreeing += signatures[one, j] == signatures[other, j]
    return agreeing >= (ALIKE if min(shingles[one], shingles[other]) == SHORT else SLOTS)


@compiled(types.void(read(u8, 2), read(u8), i64, write(i32), write(i32), write(i32)))
def find_mains(signatures, shingles, max_mains, chains, following, mains):
    """Find the main article of each article, as `search.copies.copy_groups` does; that of a main article is itself.

    The articles are in order. `mains`, `(n_articles,) int32`, gets the results. `chains`, int32 and -1, with a power of
    two of elements, and `following`, `(n_articles * BANDS,) int32`, are a hash table of main articles by the slots of
    each of their bands: the first entry of each chain, and the entry after each entry. An entry is
    article * BANDS + band. At most `max_mains` main articles with the same slots in a band are kept.
    """
    mask = np.uint64(len(chains) - 1)
    for a in range(len(shingles)):
        main = a
        for band in range(BANDS if shingles[a] else 0):
            entry = chains[hash_of_band(signatures, a, band) & mask]
            while entry >= 0 and entry // BANDS < main:
                one = entry // BANDS
                if (
                    entry % BANDS == band
                    and is_same_band(signatures, a, one, band)
                    and are_alike(signatures, shingles, a, one)
                ):
                    main = one
                entry = following[entry]
        mains[a] = main
        for band in range(BANDS if shingles[a] and main == a else 0):
            place = hash_of_band(signatures, a, band) & mask
            last, entry, same = -1, chains[place], 0
            while entry >= 0:
                same += entry % BANDS == band and is_same_band(signatures, a, entry // BANDS, band)
                last, entry = entry, following[entry]
            if same < max_mains:
                if last < 0:
                    chains[place] = a * BANDS + band
                else:
                    following[last] = a * BANDS + band
                following[a * BANDS + band] = -1


def signature_of(hashes: Array) -> tuple[Array, int]:
    """Return the signature of one article: `(SLOTS,) uint8`, and its number of shingles up to SHORT.

    `hashes`, `(n_words,) uint64`, has the hash of a stem for each word of its title and then of its paragraphs.
    """
    slots, shingles = np.zeros((1, SLOTS), np.uint8), np.empty(1, np.uint8)
    n = len(hashes)
    first, articles = np.array([0, n]), np.array([0, 1])
    sign_articles(
        np.empty(0, np.int32), np.zeros(2, np.int64), np.arange(n, dtype=np.int32), first, articles, hashes, n, slots,
        shingles,
    )  # fmt: skip
    return slots[0], int(shingles[0])


def group_copies(signatures: Array, shingles: Array, max_mains: int = MAX_MAINS) -> tuple[Array, Array]:
    """Return the groups of copies, as `search.copies.copy_groups` does: their sizes and their members, both int64.

    Takes the results of `sign_articles`, of articles in order.
    """
    n = len(shingles)
    chains = np.full(1 << (ROOM * BANDS * n).bit_length(), -1, np.int32)
    mains = np.empty(n, np.int32)
    find_mains(signatures, shingles, max_mains, chains, np.empty(BANDS * n, np.int32), mains)
    sizes = np.bincount(mains, minlength=n)
    members = np.flatnonzero(sizes[mains] > 1)
    return sizes[sizes > 1].astype(np.int64), members[np.argsort(mains[members], kind="stable")]
