"""Phrases in token streams, 64 units at a time.

A text is read as words of bits: bit k tells whether unit k begins a token of a slot. A phrase is found by Shift-And
(Baeza-Yates and Gonnet: A new approach to text searching, CACM 1992): the bits where its first slots end AND those
where the next slot begins. `scan` defines slots, and decides where bits cannot.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from search.kernels.core.bitmap import ALL, NONE, ONE, bit_of, has_bit
from search.kernels.core.token_stream import FORM_LEAD, MARKER_LEAD, form_at
from search.kernels.jit.argument_types import boolean, i32, i64, read, struct, types, u16, u64, write
from search.kernels.jit.decorators import compiled, inlined
from search.kernels.jit.intrinsics import ctz, popcount
from search.kernels.phrase.scan import contains, matches_at
from search.kernels.phrase.windows import (
    DOCS_AHEAD,
    at_least,
    equal,
    equal_any,
    marker_leads,
    prefetch_texts,
    reach_after,
)


class TokenStreams(NamedTuple):
    """The token streams of a segment's texts, or of its titles. There are at least 64 units."""

    units: Any
    """`(n_units,) uint16`: the units of all texts, one after the other (see `token_stream`)."""
    first: Any
    """`(n_texts + 1,) int64`: where the units of each text begin, and where the last one's end."""
    text_of: Any
    """`(n_docs,) int32`: the text of each document; empty if text d is that of document d."""
    with_text: Any
    """`(n_blocks,) uint64`: the bitmap of the documents that have a text; empty where `text_of` is."""


class SlotArrays(NamedTuple):
    """The slots of a phrase, or the two of NEAR. Slot s accepts form_ids[slot_first[s]:slot_first[s + 1]]."""

    lead_first: Any
    """`(n_slots + 1,) int32`: slot s has lead_units[lead_first[s]:lead_first[s + 1]]."""
    lead_units: Any
    """`(n_leads,) uint16`: the distinct first units of each slot's forms, ascending."""
    exact: Any
    """Whether every form of every slot takes one unit."""
    slot_first: Any
    """`(n_slots + 1,) int32`: where the forms of each slot begin in `form_ids`, and where those of the last one end."""
    form_ids: Any
    """`(n_forms,) int32`: the forms of each slot, ascending."""
    widths: Any
    """`(n_slots,) int32`: how many positions each slot takes."""
    distance: Any
    """How many positions the two slots of NEAR stand apart at most; 0 for a phrase."""


TOKEN_STREAMS = struct(TokenStreams, read(u16), read(i64), read(i32), read(u64))
SLOT_ARRAYS = struct(SlotArrays, read(i32), read(u16), boolean, read(i32), read(i32), read(i32), i64)


@inlined
def phrase_in_text(units, start, end, first_marker, lead_units, lead_first, slot_first, form_ids, widths):
    """Tell for sure whether the slots stand side by side in units[start:end], unit by unit."""
    for i in range(start, end):
        for h in range(lead_first[0], lead_first[1]):
            if units[i] == lead_units[h]:
                if matches_at(units, i, end, first_marker, slot_first, form_ids, widths):
                    return True
                break
    return False


@inlined
def match_units(units, start, end, lead_units):
    """Tell whether units[start:end] has these units in a row: 2 if so, 1 if markers come between, else 0."""
    last = end - len(lead_units) + 1
    marked = NONE
    for i in range(start, last, 64):
        here = equal(units, i, lead_units[0]) & (ALL >> np.uint64(max(0, 64 - (last - i))))
        for s in range(1, len(lead_units)):
            marked |= here & at_least(units, i + s, np.uint16(MARKER_LEAD))
            here &= equal(units, i + s, lead_units[s])
        if here:
            return 2
    return 1 if marked else 0


@inlined
def shift_and(units, start, end, lead_first, lead_units, carry):
    """Tell whether units[start:end] has the slots in a row: 2 if so, 1 if it may have, else 0.

    1 is for what bits cannot tell: a marker or a pair of units is involved. `carry`, `(n_slots,) uint64`, is scratch.
    """
    slots = len(lead_first) - 1
    for s in range(slots):
        carry[s] = NONE
    for i in range(start, end, 64):
        valid = ALL >> np.uint64(max(0, 64 - (end - i)))
        marks = marker_leads(units, i)
        state = ALL
        for s in range(slots):
            skipped = state & marks
            state = (state | skipped << np.uint64(2)) & valid
            after = carry[s]
            carry[s] = NONE
            if s > 0:
                carry[s - 1] |= skipped >> np.uint64(62)
            for h in range(lead_first[s], lead_first[s + 1]):
                here = equal(units, i, lead_units[h]) & state
                if here == 0:
                    continue
                if lead_units[h] >= MARKER_LEAD:
                    return 1
                if s == slots - 1:
                    return 2 if lead_units[h] < FORM_LEAD else 1
                size = np.uint64(1 if lead_units[h] < FORM_LEAD else 2)
                after |= here << size
                carry[s] |= here >> (np.uint64(64) - size)
            state = after
    return 0


@compiled(types.void(read(i32), TOKEN_STREAMS, i64, SLOT_ARRAYS, write(u64)))
def find_phrases(docs, texts, first_marker, slots, found):
    """Set the bits in `found` of the documents whose texts have the slots side by side.

    `docs` is `(n,) int32`, ascending. Where not every form takes one unit, bits only tell where the slots may be, and
    the text is read.
    """
    units, first, text_of, with_text = texts.units, texts.first, texts.text_of, texts.with_text
    lead_first, lead_units, exact, slot_first = slots.lead_first, slots.lead_units, slots.exact, slots.slot_first
    form_ids, widths = slots.form_ids, slots.widths
    carry = np.empty(len(lead_first) - 1, np.uint64)
    single = exact and len(lead_units) == len(carry)
    direct = len(text_of) == 0
    for k in range(-DOCS_AHEAD if direct else 0, len(docs)):
        if direct:
            prefetch_texts(docs, k, first, units)
        if k < 0:
            continue
        doc = np.int64(docs[k])
        text = doc
        if not direct:
            if len(with_text) == 0 or not has_bit(with_text[doc >> 6], doc) or has_bit(found[doc >> 6], doc):
                continue
            text = np.int64(text_of[doc])
        start = first[text]
        end = first[text + 1]
        if single:
            verdict = match_units(units, start, end, lead_units)
        else:
            verdict = shift_and(units, start, end, lead_first, lead_units, carry)
        if verdict > 0 and (
            (verdict == 2 and exact)
            or phrase_in_text(units, start, end, first_marker, lead_units, lead_first, slot_first, form_ids, widths)
        ):
            found[doc >> 6] |= bit_of(doc)


@compiled(types.void(read(i32), TOKEN_STREAMS, i64, SLOT_ARRAYS, write(u64)))
def find_near(docs, texts, first_marker, slots, found):
    """Set the bits in `found` of the documents whose texts have two slots at most `slots.distance` positions apart.

    Takes what `find_phrases` takes; a slot takes one position. Stops at the first pair of a text.
    """
    units, first, text_of, with_text = texts.units, texts.first, texts.text_of, texts.with_text
    lead_first, lead_units, exact, slot_first = slots.lead_first, slots.lead_units, slots.exact, slots.slot_first
    form_ids, distance = slots.form_ids, slots.distance
    direct = len(text_of) == 0
    for k in range(-DOCS_AHEAD if direct else 0, len(docs)):
        if direct:
            prefetch_texts(docs, k, first, units)
        if k < 0:
            continue
        doc = np.int64(docs[k])
        text = doc
        if not direct:
            if len(with_text) == 0 or not has_bit(with_text[doc >> 6], doc) or has_bit(found[doc >> 6], doc):
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
            valid = ALL if left >= 64 else ALL >> np.uint64(64 - left)
            of_a = equal_any(units, i, lead_units, np.int64(lead_first[0]), np.int64(lead_first[1])) & valid
            if of_a == 0 and left <= 64 and position - last_a > distance:
                break
            of_b = equal_any(units, i, lead_units, np.int64(lead_first[1]), np.int64(lead_first[2])) & valid
            places = valid & ~at_least(units, i, np.uint16(MARKER_LEAD))
            if exact:
                # So many units apart are at most as many positions apart; no less either, if each unit takes one.
                if of_a & reach_after(of_b, distance) or of_b & reach_after(of_a, distance):
                    found[doc >> 6] |= bit_of(doc)
                    break
                if left <= 64 and i == start and places == valid:
                    break
            either = of_a | of_b
            while either:
                one = either & (NONE - either)
                either ^= one
                is_a = (of_a & one) != 0
                is_b = (of_b & one) != 0
                at = i + ctz(one)
                if units[at] >= FORM_LEAD:
                    form_id = form_at(units, at, first_marker)
                    is_a = is_a and contains(form_ids, np.int64(slot_first[0]), np.int64(slot_first[1]), form_id)
                    is_b = is_b and contains(form_ids, np.int64(slot_first[1]), np.int64(slot_first[2]), form_id)
                here = position + popcount(places & (one - ONE))
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
                found[doc >> 6] |= bit_of(doc)
                break
            position += popcount(places)
