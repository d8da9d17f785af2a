"""Packed lists of postings: eight postings at a time, decoded in a third of the time of single ones.

A packed list begins with a byte 0, with which no other list begins (see `postings_codec`). Then come its number of
postings and its number of exceptions, both as variable-byte numbers, the exceptions, and the posting blocks.

A posting keeps its distance - 1 in a low and a high byte. An exception says what does not fit into these: four bytes
are the number of the posting in the list, two bytes the multiple of 65,536 to add.

A posting block, of eight postings, is a byte that says which postings have a high byte other than 0, a byte that says
which have a payload other than DEFAULT_PAYLOAD, the eight low bytes, those high bytes, and those payloads, XOR
DEFAULT_PAYLOAD. The last block of a list is filled up with low bytes of 0. So one instruction puts all bytes of a kind
in their places, as in Stream VByte (Lemire, Kurz and Rupp: Stream VByte: Faster byte-oriented integer compression,
2018).
"""

from __future__ import annotations

import numpy as np

from search.kernels.jit.decorators import inlined
from search.kernels.jit.intrinsics import load_u64, popcount
from search.kernels.jit.simd import spread_bytes, store_prefix_sums, store_u64

PADDING = 32
"""Bytes that have to follow the last list: decoding reads past the end of a list, and ignores what it reads there."""
EXCEPTION_BYTES = 6
"""Bytes of an exception."""
BLOCK_SIZE = 8
"""Postings of a posting block."""
DEFAULT_PAYLOADS = np.uint64(0x8181818181818181)
"""Eight times the byte `postings_codec.DEFAULT_PAYLOAD`."""
_NEVER = np.int64(1) << np.int64(40)
"""The number of a posting that no list has: it stands for no further exception."""


@inlined
def read_vbyte(blob, i):
    """Return the variable-byte number at blob[i], and the index after it."""
    value = np.int64(0)
    shift = 0
    while blob[i] & 128:
        value |= np.int64(blob[i] & 127) << shift
        shift += 7
        i += 1
    return value | np.int64(blob[i]) << shift, i + 1


@inlined
def read_exception(blob, i, end):
    """Return the posting's number, and what to add to its distance, from the exception at blob[i].

    The number is _NEVER if i is `end`.
    """
    if i >= end:
        return _NEVER, np.int64(0)
    word = load_u64(blob, i)
    return np.int64(word & np.uint64(0xFFFFFFFF)), np.int64(word >> np.uint64(32) & np.uint64(0xFFFF)) << 16


@inlined
def decode_blocks(blob, i, docs, payloads, n):
    """Decode a packed list to docs[n:], int32, and payloads[n:], uint8; return the index after the last posting.

    The list begins at blob[i - 1], with its byte 0, so `i` is where its number of postings is.
    """
    count, i = read_vbyte(blob, i)
    n_exceptions, at_exception = read_vbyte(blob, i)
    first = at_exception + n_exceptions * EXCEPTION_BYTES
    next_exception, extra = read_exception(blob, at_exception, first)
    i = first
    doc = np.int64(-1)
    for k in range(0, count, BLOCK_SIZE):
        has_high = np.uint64(blob[i])
        has_payload = np.uint64(blob[i + 1])
        lows = load_u64(blob, i + 2)
        highs = spread_bytes(load_u64(blob, i + 10), has_high)
        i += 10 + popcount(has_high)
        flags = spread_bytes(load_u64(blob, i), has_payload) ^ DEFAULT_PAYLOADS
        i += popcount(has_payload)
        if k + BLOCK_SIZE <= min(count, next_exception):
            doc = store_prefix_sums(docs, n + k, doc, lows, highs)
            store_u64(payloads, n + k, flags)
            continue
        for lane in range(min(BLOCK_SIZE, count - k)):
            shift = np.uint64(8 * lane)
            byte = np.uint64(0xFF)
            doc += 1 + np.int64(lows >> shift & byte) + (np.int64(highs >> shift & byte) << 8)
            if k + lane == next_exception:
                doc += extra
                at_exception += EXCEPTION_BYTES
                next_exception, extra = read_exception(blob, at_exception, first)
            docs[n + k + lane] = doc
            payloads[n + k + lane] = flags >> shift & byte
    return n + count


@inlined
def write_vbyte(blob, n, value):
    """Write a variable-byte number at blob[n]; return the index after it."""
    while value > 127:
        blob[n] = (value & 127) | 128
        value >>= 7
        n += 1
    blob[n] = value
    return n + 1


@inlined
def encode_blocks(docs, payloads, count, blob, n):
    """Write the first `count` of `docs` and `payloads` as a packed list at blob[n]; return the index after it."""
    blob[n] = 0
    n = write_vbyte(blob, n + 1, count)
    n_exceptions = np.int64(0)
    before = np.int64(-1)
    for i in range(count):
        n_exceptions += (docs[i] - before - 1) >> 16 > 0
        before = np.int64(docs[i])
    n = write_vbyte(blob, n, n_exceptions)
    at = n + n_exceptions * EXCEPTION_BYTES
    before = np.int64(-1)
    for k in range(0, count, BLOCK_SIZE):
        block = at
        for lane in range(BLOCK_SIZE + 2):
            blob[block + lane] = 0
        at += BLOCK_SIZE + 2
        size = min(BLOCK_SIZE, count - k)
        for lane in range(size):
            distance = docs[k + lane] - before - 1
            before = np.int64(docs[k + lane])
            blob[block + 2 + lane] = distance & 255
            if distance >> 8 & 255:
                blob[block] |= np.uint8(1 << lane)
                blob[at] = distance >> 8 & 255
                at += 1
            if distance >> 16:
                for byte in range(4):
                    blob[n + byte] = (k + lane) >> (8 * byte) & 255
                blob[n + 4] = distance >> 16 & 255
                blob[n + 5] = distance >> 24
                n += EXCEPTION_BYTES
        for lane in range(size):
            different = payloads[k + lane] ^ np.uint8(DEFAULT_PAYLOADS & np.uint64(0xFF))
            if different:
                blob[block + 1] |= np.uint8(1 << lane)
                blob[at] = different
                at += 1
    return at
