"""Postings as variable-byte lists, on disk and in memory.

A posting is a document (a paragraph of a segment) that has a term, and a payload. It begins with a variable-byte number
(7 bits a byte, the least significant first; the high bit says that more follow): twice the distance to the document
before, plus 1 if a payload byte follows. Without one the payload is DEFAULT_PAYLOAD. Lists of middling length are
packed instead (see `postings_block_codec`).

A payload is a byte: how often the term occurs in text and title, at most 63, and the flags MATCHES_ITSELF and IN_TITLE.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.bitmap import NONE, ONE, set_bits
from search.kernels.core.postings_block_codec import decode_blocks, read_vbyte, write_vbyte
from search.kernels.jit.argument_types import i32, i64, read, u8, u64, write
from search.kernels.jit.decorators import compiled, inline_always, inlined
from search.kernels.jit.intrinsics import load_u64

MATCHES_ITSELF = 128
"""The flag of a term that occurs in the paragraph's own text; for the first paragraph of an article, in title or text.
"""
IN_TITLE = 64
"""The flag of a term that occurs in the article's title."""
FREQUENCY_MASK = 63
"""The bits of a payload that hold the frequency."""
DEFAULT_PAYLOAD = MATCHES_ITSELF | 1
"""The most frequent payload: once in the text."""


_TWO, _THREE, _SEVEN, _EIGHT = (np.uint64(n) for n in (2, 3, 7, 8))
_FIFTEEN, _LOW, _HIGH, _BYTE, _PLAIN = (np.uint64(n) for n in (15, 0x7F, 0x3F80, 0xFF, DEFAULT_PAYLOAD))


@inline_always
def decode_first(word):
    """Decode the posting in the lowest bytes of a uint64: return its size in bytes, its distance, its payload, and 0.

    The last number is 1 if the distance takes three bytes or more: then the other three are wrong, and `decode_next`
    has to decode the posting. No branch depends on what is read.
    """
    more = (word >> _SEVEN) & ONE
    odd = word & ONE
    value = (word & _LOW) | ((word >> ONE) & _HIGH & (NONE - more))
    payload = _PLAIN ^ (((word >> (_EIGHT << more) & _BYTE) ^ _PLAIN) & (NONE - odd))
    return ONE + more + odd, np.int64(value >> ONE), np.uint8(payload), more & (word >> _FIFTEEN)


@inline_always
def decode_three(word):
    """Decode three postings of a uint64: return how many bytes they take, then distance and payload of each.

    The first number is 0 if they do not fit into eight bytes, or a distance takes three bytes or more.
    """
    size_a, step_a, payload_a, long_a = decode_first(word)
    word >>= size_a << _THREE
    size_b, step_b, payload_b, long_b = decode_first(word)
    word >>= size_b << _THREE
    size_c, step_c, payload_c, long_c = decode_first(word)
    taken = size_a + size_b + size_c
    fit = np.uint64(taken <= _EIGHT) & ~(long_a | long_b | long_c)
    return np.int64(taken * fit), step_a, payload_a, step_b, payload_b, step_c, payload_c


@inlined
def decode_next(blob, i):
    """Decode a posting of any size at blob[i]: return the index after it, its distance, its payload."""
    value, i = read_vbyte(blob, i)
    payload = np.uint8(DEFAULT_PAYLOAD)
    if value & 1:
        payload = blob[i]
        i += 1
    return i, value >> 1, payload


@inlined
def decode_postings(blob, start, end, docs, payloads, n):
    """Decode the list blob[start:end], packed or not, to docs[n:], int32, and payloads[n:], uint8.

    Returns the index after the last posting. A posting of an unpacked list takes about 2 ns, three being decoded at
    once while eight bytes are left; a posting of a packed list takes a third of that.
    """
    if start < end and blob[start] == 0:
        return decode_blocks(blob, start + 1, docs, payloads, n)
    k = np.uint64(n)
    i = start
    doc = np.int64(-1)
    while i < end:
        if i + 8 <= end:
            taken, step_a, payload_a, step_b, payload_b, step_c, payload_c = decode_three(load_u64(blob, i))
            if taken:
                doc += step_a
                docs[k] = doc
                payloads[k] = payload_a
                doc += step_b
                docs[k + ONE] = doc
                payloads[k + ONE] = payload_b
                doc += step_c
                docs[k + _TWO] = doc
                payloads[k + _TWO] = payload_c
                k += _THREE
                i += taken
                continue
        i, step, payload = decode_next(blob, i)
        doc += step
        docs[k] = doc
        payloads[k] = payload
        k += ONE
    return np.int64(k)


@compiled(i64(read(u8), i64, i64, write(i32), write(u8)))
def decode(blob, start, end, docs, payloads):
    """Decode the list blob[start:end] to `docs`, int32, and `payloads`, uint8; return the number of postings."""
    return decode_postings(blob, start, end, docs, payloads, np.int64(0))


@inlined
def posting_size(distance, payload):
    """Return how many bytes `encode_posting` writes."""
    value = distance << 1
    n = 1 if payload == DEFAULT_PAYLOAD else 2
    while value > 127:
        value >>= 7
        n += 1
    return n


@inlined
def encode_posting(blob, n, distance, payload):
    """Write a posting, given the distance to the document before, at blob[n]; return the index after it."""
    value = distance << 1
    if payload != DEFAULT_PAYLOAD:
        value |= 1
    n = write_vbyte(blob, n, value)
    if payload != DEFAULT_PAYLOAD:
        blob[n] = payload
        n += 1
    return n


@compiled(i64(read(u8), i64, i64, write(i32), write(u8), write(u64)))
def decode_to_bitmap(blob, start, end, docs, payloads, bits):
    """Decode the list blob[start:end] to `docs` and `payloads`, and set the bits of its documents in `bits`.

    `bits` is `(n_blocks,) uint64`. Returns how many of the documents do not match themselves, as they have the
    term in their title only.
    """
    n = decode_postings(blob, start, end, docs, payloads, np.int64(0))
    set_bits(docs[:n], bits)
    title_only = np.int64(0)
    for i in range(n):
        title_only += 1 - np.int64(payloads[np.uint64(i)] >> np.uint8(7))
    return title_only
