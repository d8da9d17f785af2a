"""Postings on disk and in memory.

A stem's postings are bytes. Each posting begins with a variable-byte number (7 bits a byte, least significant first;
the high bit says that more follow): twice the distance to the document before, plus 1 if a payload byte follows.
Without one the payload is the most frequent, `PLAIN`.

Lists of middling length are packed otherwise, eight postings at a time (`eights`).

A payload is a byte: how often the stem occurs in text and title, at most 63, and the flags OWN and TITLE.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, eight_bytes, i32, i64, inlined, read, spread, types, u8, u32, write
from search.kernels.eights import JUMP, put_eights, unpack_eights

OWN = 128
"""The stem occurs in the paragraph's own text; for paragraph 1, in the title or the text."""
IN_TITLE = 64
"""The stem occurs in the article's title."""
FREQUENCY = 63
"""The bits of the frequency."""
PLAIN = OWN | 1
"""Once in the text."""


_NONE, _ONE, _TWO, _THREE, _SEVEN, _EIGHT = (np.uint64(n) for n in (0, 1, 2, 3, 7, 8))
_FIFTEEN, _LOW, _HIGH, _BYTE, _PLAIN = (np.uint64(n) for n in (15, 0x7F, 0x3F80, 0xFF, PLAIN))


@spread
def first_of(word):
    """The posting in a word's lowest bytes: its bytes, its distance, its payload, and 1 if it is not to be had so.

    Nothing branches on what is read. A number of three bytes or more is not to be had so.
    """
    more = (word >> _SEVEN) & _ONE
    odd = word & _ONE
    value = (word & _LOW) | ((word >> _ONE) & _HIGH & (_NONE - more))
    payload = _PLAIN ^ (((word >> (_EIGHT << more) & _BYTE) ^ _PLAIN) & (_NONE - odd))
    return _ONE + more + odd, np.int64(value >> _ONE), np.uint8(payload), more & (word >> _FIFTEEN)


@spread
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

    Three are read from eight bytes, as long as there are eight. Other loops over postings are made alike.
    """
    if start < end and blob[start] == 0:
        return unpack_eights(blob, start + 1, docs, payloads, n)
    k = np.uint64(n)
    i = start
    doc = np.int64(-1)
    while i < end:
        if i + 8 <= end:
            taken, step_a, payload_a, step_b, payload_b, step_c, payload_c = three_of(eight_bytes(blob, i))
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
    return unpack(blob, start, end, docs, payloads, 0)


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


@compiled(
    i64(
        read(i32), read(i64), read(i32), read(i64), read(i32), read(u32), read(i32), read(i32), i64,
        write(i32), write(u8), write(i32), write(u32), write(i64),
    )
)  # fmt: skip
def collect(
    stream,
    first,
    title_stream,
    title_first,
    article_of,
    article_first,
    stems_first,
    stems,
    count,
    out_stem,
    out_payload,
    out_counts,
    frequencies,
    bytes_at,
):
    """The distinct stems of each paragraph with their payloads, paragraph after paragraph; returns how many.

    Paragraph d has the entries stream[first[d]:first[d + 1]], its article a the title's entries
    title_stream[title_first[a]:title_first[a + 1]]. Entry e stands for stems[stems_first[e]:stems_first[e + 1]].
    `count` stems exist; `out_counts` gets how many distinct ones each paragraph has, `frequencies`, all 0, in how many
    paragraphs each stem is, and `bytes_at`, all 0, where the bytes of its postings will begin.
    """
    seen = np.full(count, -1, np.int64)
    before = np.full(count, -1, np.int32)
    n = 0
    for d in range(len(first) - 1):
        begin = n
        a = article_of[d]
        opening = article_first[a] == d
        for i in range(first[d], first[d + 1]):
            e = stream[i]
            for j in range(stems_first[e], stems_first[e + 1]):
                s = stems[j]
                at = seen[s]
                if at < begin:
                    seen[s] = n
                    out_stem[n] = s
                    out_payload[n] = PLAIN
                    n += 1
                elif out_payload[at] & FREQUENCY < FREQUENCY:
                    out_payload[at] += np.uint8(1)
        for i in range(title_first[a], title_first[a + 1]):
            e = title_stream[i]
            for j in range(stems_first[e], stems_first[e + 1]):
                s = stems[j]
                at = seen[s]
                if at < begin:
                    seen[s] = n
                    out_stem[n] = s
                    out_payload[n] = np.uint8(IN_TITLE | 1 | (OWN if opening else 0))
                    n += 1
                else:
                    if out_payload[at] & FREQUENCY < FREQUENCY:
                        out_payload[at] += np.uint8(1)
                    out_payload[at] |= np.uint8(IN_TITLE)
        out_counts[d] = n - begin
        for i in range(begin, n):
            s = out_stem[i]
            frequencies[s] += np.uint32(1)
            bytes_at[s + 1] += size(np.int64(d - before[s]), out_payload[i])
            before[s] = d
    for s in range(count):
        bytes_at[s + 1] += bytes_at[s]
    return n


@compiled(types.void(read(i32), read(u8), read(i32), read(i64), write(u8)))
def scatter(stem, payload, counts, at, blob):
    """What `collect` found, paragraph after paragraph, to each stem's postings, which begin at blob[at[s]].

    A bucket sort that writes each bucket as bytes at once: no other memory than theirs.
    """
    place = at[:-1].copy()
    before = np.full(len(place), -1, np.int32)
    n = 0
    for d in range(len(counts)):
        for _ in range(counts[d]):
            s = stem[n]
            place[s] = put(blob, place[s], np.int64(d - before[s]), payload[n])
            before[s] = d
            n += 1


PACKED_FROM = 256
"""Postings from which on a list is packed: of shorter ones nobody would notice."""
PACKED_UP_TO = 64
"""A list is packed if it has at most one in so many documents: of more there are tables (`scoring`)."""


def room_to_pack(frequencies, documents):
    """By how many bytes all lists can grow at most when they are packed."""
    lists = frequencies[(frequencies >= PACKED_FROM) & (frequencies <= documents // PACKED_UP_TO)]
    return int(lists.sum() // 2) + len(lists) * (100 + (documents >> 16) * JUMP)


@compiled(i64(read(u8), read(i64), read(u32), i64, write(u8), write(i64)))
def pack(blob, at, frequencies, documents, out, out_at):
    """Copy lists of postings to `out`, those of middling length packed; returns how many bytes.

    List s is blob[at[s]:at[s + 1]]; `out_at` gets the same for `out`, which has room for what `room_to_pack` says.
    """
    most = documents // PACKED_UP_TO
    docs = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    n = 0
    for s in range(len(frequencies)):
        out_at[s] = n
        if PACKED_FROM <= frequencies[s] <= most:
            n = put_eights(docs, payloads, unpack(blob, at[s], at[s + 1], docs, payloads, 0), out, n)
        else:
            for i in range(at[s], at[s + 1]):
                out[n] = blob[i]
                n += 1
    out_at[len(frequencies)] = n
    return n
