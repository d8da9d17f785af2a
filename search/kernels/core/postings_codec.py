"""Postings on disk and in memory.

A stem's postings are bytes. Each posting begins with a variable-byte number (7 bits a byte, least significant first;
the high bit says that more follow): twice the distance to the document before, plus 1 if a payload byte follows.
Without one the payload is the most frequent, `PLAIN`.

Lists of middling length are packed otherwise, eight postings at a time (`postings_block_codec`).

A payload is a byte: how often the stem occurs in text and title, at most 63, and the flags OWN and TITLE.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_block_codec import unpack_eights
from search.kernels.jit.argument_types import i32, i64, read, u8, u64, write
from search.kernels.jit.decorators import compiled, inline_always, inlined
from search.kernels.jit.intrinsics import load_u64

MATCHES_ITSELF = 128
"""The stem occurs in the paragraph's own text; for paragraph 1, in the title or the text."""
IN_TITLE = 64
"""The stem occurs in the article's title."""
FREQUENCY = 63
"""The bits of the frequency."""
PLAIN = MATCHES_ITSELF | 1
"""Once in the text."""


_NONE, _ONE, _TWO, _THREE, _SEVEN, _EIGHT = (np.uint64(n) for n in (0, 1, 2, 3, 7, 8))
_FIFTEEN, _LOW, _HIGH, _BYTE, _PLAIN = (np.uint64(n) for n in (15, 0x7F, 0x3F80, 0xFF, PLAIN))


@inline_always
def first_of(word):
    """The posting in a word's lowest bytes: its bytes, its distance, its payload, and 1 if it is not to be had so.

    Nothing branches on what is read. A number of three bytes or more is not to be had so.
    """
    more = (word >> _SEVEN) & _ONE
    odd = word & _ONE
    value = (word & _LOW) | ((word >> _ONE) & _HIGH & (_NONE - more))
    payload = _PLAIN ^ (((word >> (_EIGHT << more) & _BYTE) ^ _PLAIN) & (_NONE - odd))
    return _ONE + more + odd, np.int64(value >> _ONE), np.uint8(payload), more & (word >> _FIFTEEN)


@inline_always
def three_of(word):
    """Three postings of eight bytes: the bytes they take, or 0 if they are not to be had so; distances, payloads."""
    size_a, step_a, payload_a, long_a = first_of(word)
    word >>= size_a << _THREE
    size_b, step_b, payload_b, long_b = first_of(word)
    word >>= size_b << _THREE
    size_c, step_c, payload_c, long_c = first_of(word)
    taken = size_a + size_b + size_c
    fit = np.uint64(taken <= _EIGHT) & ~(long_a | long_b | long_c)
    return np.int64(taken * fit), step_a, payload_a, step_b, payload_b, step_c, payload_c


@inlined
def one_of(blob, i):
    """The posting at blob[i], of any size: where the next one begins, its distance, its payload."""
    byte = np.int64(blob[i])
    i += 1
    value = byte & 127
    shift = 7
    while byte & 128:
        byte = np.int64(blob[i])
        i += 1
        value |= (byte & 127) << shift
        shift += 7
    payload = np.uint8(PLAIN)
    if value & 1:
        payload = blob[i]
        i += 1
    return i, value >> 1, payload


@inlined
def unpack(blob, start, end, docs, payloads, n):
    """Postings blob[start:end] to docs[n:] and payloads[n:]; returns the end of them there. About 2 ns each.

    Three are read from eight bytes, as long as there are eight; a packed list takes a third of that.
    """
    if start < end and blob[start] == 0:
        return unpack_eights(blob, start + 1, docs, payloads, n)
    k = np.uint64(n)
    i = start
    doc = np.int64(-1)
    while i < end:
        if i + 8 <= end:
            taken, step_a, payload_a, step_b, payload_b, step_c, payload_c = three_of(load_u64(blob, i))
            if taken:
                doc += step_a
                docs[k] = doc
                payloads[k] = payload_a
                doc += step_b
                docs[k + _ONE] = doc
                payloads[k + _ONE] = payload_b
                doc += step_c
                docs[k + _TWO] = doc
                payloads[k + _TWO] = payload_c
                k += _THREE
                i += taken
                continue
        i, step, payload = one_of(blob, i)
        doc += step
        docs[k] = doc
        payloads[k] = payload
        k += _ONE
    return np.int64(k)


@compiled(i64(read(u8), i64, i64, write(i32), write(u8)))
def decode(blob, start, end, docs, payloads):
    """Postings blob[start:end] to documents and payloads; returns how many."""
    return unpack(blob, start, end, docs, payloads, np.int64(0))


@inlined
def size(distance, payload):
    """How many bytes a posting takes."""
    value = distance << 1
    n = 1 if payload == PLAIN else 2
    while value > 127:
        value >>= 7
        n += 1
    return n


@inlined
def put(blob, n, distance, payload):
    """Write a posting at blob[n]; returns where the next one goes."""
    value = distance << 1
    if payload != PLAIN:
        value |= 1
    while value > 127:
        blob[n] = np.uint8((value & 127) | 128)
        value >>= 7
        n += 1
    blob[n] = np.uint8(value)
    n += 1
    if payload != PLAIN:
        blob[n] = payload
        n += 1
    return n


@compiled(i64(read(u8), i64, i64, write(i32), write(u8), write(u64)))
def mark_postings(blob, start, end, docs, payloads, bits):
    """Unpack postings blob[start:end], and set the bits of their documents; returns of how many the term is not OWN."""
    n = unpack(blob, start, end, docs, payloads, np.int64(0))
    title_only = np.int64(0)
    for i in range(n):
        doc = np.uint64(docs[np.uint64(i)])
        bits[doc >> np.uint64(6)] |= _ONE << (doc & np.uint64(63))
        title_only += 1 - np.int64(payloads[np.uint64(i)] >> np.uint8(7))
    return title_only
