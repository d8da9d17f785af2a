"""Where a few words stand, 64 units of a text at a time.

A text is read as bitmaps: bit k of a block tells whether unit k begins a word of a slot. A phrase is then found by
shifting (Baeza-Yates and Gonnet, "A new approach to text searching", 1992): the places where its first slots end, AND
the places where the next one begins. `search.kernels.phrase.scan` tells what slots are, and decides where bits cannot.

`lead_units` are the first units of the entries: slot s has heads[head_first[s]:head_first[s + 1]]. A stream is at least
64 units long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.token_stream import MARKER, RARE, entry_at
from search.kernels.jit.argument_types import boolean, i32, i64, read, struct, types, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import as_read, ctz, popcount
from search.kernels.phrase.scan import contains, stands
from search.kernels.phrase.windows import FAR, begins, equal, is_set, least, look_ahead, markers, set_bit, within


class TokenStreams(NamedTuple):
    """Texts, or titles, as they are read 64 units at a time. A stream has at least 64 units."""

    units: Any
    """`(n_units,) uint16`: the units of all texts, one after the other (see `token_stream`)."""
    first: Any
    """`(n_texts + 1,) int64`: where the units of each text begin, and where the last one's end."""
    text_of: Any
    """`(n_docs,) int32`: the text of each document, or empty where that is the document's own number."""
    some: Any
    """`(n_blocks,) uint64`: the bitmap of the documents that are looked at, or empty for all; not with own numbers."""


class SlotArrays(NamedTuple):
    """The slots of a phrase, or the two of NEAR. Slot s accepts entries[slot_first[s]:slot_first[s + 1]]."""

    lead_first: Any
    """`(n_slots + 1,) int32`: slot s has lead_units[lead_first[s]:lead_first[s + 1]]."""
    lead_units: Any
    """`(n_leads,) uint16`: the distinct first units of each slot's entries, ascending."""
    exact: Any
    """Whether every entry of every slot is one unit."""
    slot_first: Any
    """`(n_slots + 1,) int32`."""
    entries: Any
    """`(n_entries,) int32`: the entries of each slot, ascending."""
    widths: Any
    """`(n_slots,) int32`: how many positions each slot takes."""
    distance: Any
    """How many positions the two slots of NEAR stand apart at most; 0 for a phrase."""


TOKEN_STREAMS = struct(TokenStreams, read(u16), read(i64), read(i32), read(u64))
SLOT_ARRAYS = struct(SlotArrays, read(i32), read(u16), boolean, read(i32), read(i32), read(i32), i64)

_NONE, _ONE, _TWO = np.uint64(0), np.uint64(1), np.uint64(2)
_LAST, _ALL = np.uint64(63), ~_NONE


@inlined
def verified(units, start, end, plain, lead_units, lead_first, slot_first, entries, widths):
    """Whether the slots stand side by side somewhere in a text: unit by unit, and sure."""
    for i in range(start, end):
        for h in range(lead_first[0], lead_first[1]):
            if units[i] == lead_units[h]:
                if stands(units, i, end, plain, slot_first, entries, widths):
                    return True
                break
    return False


@inlined
def follow(units, start, end, lead_units):
    """Whether these units, a word and a slot each, stand one after the other: 2 for sure, 1 with markers between."""
    last = end - len(lead_units) + 1
    marked = _NONE
    for i in range(start, last, 64):
        here = equal(units, i, lead_units[0]) & (_ALL >> np.uint64(max(0, 64 - (last - i))))
        for s in range(1, len(lead_units)):
            marked |= here & least(units, i + s, np.uint16(MARKER))
            here &= equal(units, i + s, lead_units[s])
        if here:
            return 2
    return 1 if marked else 0


@inlined
def may_follow(units, start, end, lead_first, lead_units, carry):
    """Whether the slots may do so, any word in each; 2 for sure, 1 where a marker or an entry of two units is in it."""
    slots = len(lead_first) - 1
    for s in range(slots):
        carry[s] = _NONE
    for i in range(start, end, 64):
        valid = _ALL >> np.uint64(max(0, 64 - (end - i)))
        marks = markers(units, i)
        state = _ALL
        for s in range(slots):
            skipped = state & marks
            state = (state | skipped << _TWO) & valid
            after = carry[s]
            carry[s] = _NONE
            if s > 0:
                carry[s - 1] |= skipped >> (_LAST - _ONE)
            for h in range(lead_first[s], lead_first[s + 1]):
                here = equal(units, i, lead_units[h]) & state
                if here == 0:
                    continue
                if lead_units[h] >= MARKER:
                    return 1
                if s == slots - 1:
                    return 2 if lead_units[h] < RARE else 1
                size = np.uint64(1 if lead_units[h] < RARE else 2)
                after |= here << size
                carry[s] |= here >> (np.uint64(64) - size)
            state = after
    return 0


@compiled(types.void(read(i32), TOKEN_STREAMS, i64, SLOT_ARRAYS, write(u64)))
def side_by_side(docs, texts, plain, slots, found):
    """Set the bits in `found` of those of some documents in whose texts the slots stand side by side.

    `docs` is `(n,) int32`; entries from `plain` on are markers. Where not every entry is one unit, bits only tell where
    the slots may stand, and the text is read.
    """
    units = texts.units
    first = texts.first
    text_of = texts.text_of
    some = texts.some
    lead_first = slots.lead_first
    lead_units = slots.lead_units
    exact = slots.exact
    slot_first = slots.slot_first
    entries = slots.entries
    widths = slots.widths
    carry = np.empty(len(lead_first) - 1, np.uint64)
    single = exact and len(lead_units) == len(carry)
    direct = len(text_of) == 0
    for k in range(-FAR if direct else 0, len(docs)):
        if direct:
            look_ahead(docs, k, first, units)
        if k < 0:
            continue
        doc = np.int64(docs[k])
        text = doc
        if not direct:
            if not is_set(some, doc) or is_set(as_read(found), doc):
                continue
            text = np.int64(text_of[doc])
        start = first[text]
        end = first[text + 1]
        if single:
            sure = follow(units, start, end, lead_units)
        else:
            sure = may_follow(units, start, end, lead_first, lead_units, carry)
        if sure > 0 and (
            (sure == 2 and exact)
            or verified(units, start, end, plain, lead_units, lead_first, slot_first, entries, widths)
        ):
            set_bit(found, doc)


@compiled(types.void(read(i32), TOKEN_STREAMS, i64, SLOT_ARRAYS, write(u64)))
def close_by(docs, texts, plain, slots, found):
    """Set the bits in `found` of those of some documents in whose texts two slots stand at most `distance` apart.

    Takes what `side_by_side` takes. A slot takes one position. Stops at the first pair of a text.
    """
    units = texts.units
    first = texts.first
    text_of = texts.text_of
    some = texts.some
    lead_first = slots.lead_first
    lead_units = slots.lead_units
    exact = slots.exact
    slot_first = slots.slot_first
    entries = slots.entries
    distance = slots.distance
    direct = len(text_of) == 0
    for k in range(-FAR if direct else 0, len(docs)):
        if direct:
            look_ahead(docs, k, first, units)
        if k < 0:
            continue
        doc = np.int64(docs[k])
        text = doc
        if not direct:
            if not is_set(some, doc) or is_set(as_read(found), doc):
                continue
            text = np.int64(text_of[doc])
        start = first[text]
        end = first[text + 1]
        position = 0
        # The last position of each slot, and the one before: a marker shares its position with its first part.
        last_a = -distance - 1
        last_b = last_a
        prior_a = last_a
        prior_b = last_a
        hit = False
        for i in range(start, end, 64):
            left = end - i
            valid = _ALL if left >= 64 else _ALL >> np.uint64(64 - left)
            of_a = begins(units, i, lead_units, np.int64(lead_first[0]), np.int64(lead_first[1])) & valid
            if of_a == 0 and left <= 64 and position - last_a > distance:
                break
            of_b = begins(units, i, lead_units, np.int64(lead_first[1]), np.int64(lead_first[2])) & valid
            places = valid & ~least(units, i, np.uint16(MARKER))
            if exact:
                # So many units apart are at most as many positions apart; no less either, if each unit takes one.
                if of_a & within(of_b, distance) or of_b & within(of_a, distance):
                    set_bit(found, doc)
                    break
                if left <= 64 and i == start and places == valid:
                    break
            either = of_a | of_b
            while either:
                one = either & (_NONE - either)
                either ^= one
                is_a = (of_a & one) != 0
                is_b = (of_b & one) != 0
                at = i + ctz(one)
                if units[at] >= RARE:
                    entry = entry_at(units, at, plain)
                    is_a = is_a and contains(entries, np.int64(slot_first[0]), np.int64(slot_first[1]), entry)
                    is_b = is_b and contains(entries, np.int64(slot_first[1]), np.int64(slot_first[2]), entry)
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
