"""Where a few words stand, 64 units of a text at a time.

A text is read as bitmaps: bit k of a block tells whether unit k begins a word of a slot. A phrase is then found by
shifting (Baeza-Yates and Gonnet, "A new approach to text searching", 1992): the places where its first slots end,
AND the places where the next one begins. `search.kernels.phrases` tells what slots are, and decides where bits cannot.

`heads` are the first units of the entries: slot s has heads[head_first[s]:head_first[s + 1]].
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import (
    boolean,
    compiled,
    equal64,
    i32,
    i64,
    inlined,
    least64,
    lowest,
    popcount,
    prefetch,
    read,
    types,
    u16,
    u64,
    write,
)
from search.kernels.phrases import contains, stands
from search.kernels.streams import MARKER, RARE, TRAIL, entry_at

FAR, NEXT = 32, 16
"""How many texts ahead their places are fetched, and their first units."""
_NONE, _ONE = np.uint64(0), np.uint64(1)
_ALL = ~_NONE


@inlined
def equal(units, i, end, value):
    """The bitmap of the units from i up to `end`, at most 64, that equal a value."""
    if i + 64 <= len(units):
        return equal64(units, i, value)
    found = _NONE
    for k in range(end - i):
        if units[i + k] == value:
            found |= _ONE << np.uint64(k)
    return found


@inlined
def least(units, i, end, value):
    """The bitmap of those that are at least as large."""
    if i + 64 <= len(units):
        return least64(units, i, value)
    found = _NONE
    for k in range(end - i):
        if units[i + k] >= value:
            found |= _ONE << np.uint64(k)
    return found


@inlined
def begins(units, i, end, heads, low, high):
    """The bitmap of the units from i on that are among heads[low:high]."""
    found = _NONE
    for h in range(low, high):
        found |= equal(units, i, end, heads[h])
    return found


@inlined
def look_ahead(docs, k, first, units):
    """Have the texts that come soon fetched: they lie far apart, and waiting for them takes longer than reading them."""
    if k + FAR < len(docs):
        prefetch(first, np.int64(docs[k + FAR]))
    if k + NEXT < len(docs):
        start = first[docs[k + NEXT]]
        prefetch(units, start)
        prefetch(units, start + 32)
        prefetch(units, start + 64)


@inlined
def set_bit(bits, i):
    """Set bit i."""
    bits[i >> 6] |= _ONE << np.uint64(i & 63)


@inlined
def verified(units, start, end, plain, heads, head_first, slot_first, entries, widths):
    """Whether the slots stand side by side somewhere in a text: unit by unit, and sure."""
    for i in range(start, end):
        for h in range(head_first[0], head_first[1]):
            if units[i] == heads[h]:
                if stands(units, i, end, plain, slot_first, entries, widths):
                    return True
                break
    return False


@compiled(
    types.void(
        read(i32), read(u16), read(i64), i64, read(i32), read(u16), boolean, read(i32), read(i32), read(i32),
        write(u64),
    )
)  # fmt: skip
def side_by_side(docs, units, first, plain, head_first, heads, exact, slot_first, entries, widths, found):
    """Set the bits of those of some texts where the slots stand side by side.

    `exact` says that every entry of every slot is one unit. Where a marker or an entry of two units has a part in it,
    bits only tell where the slots may stand, and the text is read.
    """
    slots = len(head_first) - 1
    carry = np.zeros(slots, np.uint64)
    for k in range(len(docs)):
        doc = docs[k]
        look_ahead(docs, k, first, units)
        start = first[doc]
        end = first[doc + 1]
        carry[:] = _NONE
        sure = False
        maybe = False
        for i in range(start, end, 64):
            left = end - i
            valid = _ALL if left >= 64 else _ALL >> np.uint64(64 - left)
            state = valid
            marks = _ALL
            for s in range(slots):
                if s > 0 and state:
                    if marks == _ALL:
                        marks = least(units, i, end, np.uint16(MARKER)) & ~least(units, i, end, np.uint16(TRAIL))
                    if state & marks:
                        maybe = True
                after = carry[s]
                carry[s] = _NONE
                if state:
                    for h in range(head_first[s], head_first[s + 1]):
                        here = equal(units, i, end, heads[h]) & state
                        if here == 0:
                            continue
                        if heads[h] >= MARKER:
                            maybe = True
                            continue
                        if s == slots - 1:
                            sure = True
                        size = np.uint64(1 if heads[h] < RARE else 2)
                        after |= here << size
                        carry[s] |= here >> (np.uint64(64) - size)
                state = after & valid
                if state == 0 and end - start <= 64:
                    break
            if maybe or sure:
                break
        if sure and exact:
            set_bit(found, doc)
        elif (sure or maybe) and verified(
            units, start, end, plain, heads, head_first, slot_first, entries, widths
        ):
            set_bit(found, doc)


@compiled(
    types.void(
        read(i32), read(u16), read(i64), i64, read(i32), read(u16), read(i32), read(i32), i64, write(u64)
    )
)  # fmt: skip
def close_by(docs, units, first, plain, head_first, heads, slot_first, entries, distance, found):
    """Set the bits of those of some texts where two slots, a position each, stand at most `distance` apart.

    It stops at the first pair of a text.
    """
    for k in range(len(docs)):
        doc = docs[k]
        look_ahead(docs, k, first, units)
        end = first[doc + 1]
        position = 0
        # The last position of each slot, and the one before: a marker shares its position with its first part.
        last_a = -distance - 1
        last_b = last_a
        prior_a = last_a
        prior_b = last_a
        hit = False
        for i in range(first[doc], end, 64):
            left = end - i
            valid = _ALL if left >= 64 else _ALL >> np.uint64(64 - left)
            of_a = begins(units, i, end, heads, head_first[0], head_first[1]) & valid
            if of_a == 0 and left <= 64 and position - last_a > distance:
                break
            of_b = begins(units, i, end, heads, head_first[1], head_first[2]) & valid
            places = valid & ~least(units, i, end, np.uint16(MARKER))
            either = of_a | of_b
            while either:
                one = either & (_NONE - either)
                either ^= one
                is_a = (of_a & one) != 0
                is_b = (of_b & one) != 0
                at = i + lowest(one)
                if units[at] >= RARE:
                    entry = entry_at(units, at, plain)
                    is_a = is_a and contains(entries, slot_first[0], slot_first[1], entry)
                    is_b = is_b and contains(entries, slot_first[1], slot_first[2], entry)
                here = position + popcount(places & (one - _ONE))
                if is_a and here - (last_b if last_b < here else prior_b) <= distance:
                    hit = True
                if is_b and here - (last_a if last_a < here else prior_a) <= distance:
                    hit = True
                if hit:
                    break
                if is_a and last_a != here:
                    prior_a = last_a
                    last_a = here
                if is_b and last_b != here:
                    prior_b = last_b
                    last_b = here
            if hit:
                set_bit(found, doc)
                break
            position += popcount(places)
