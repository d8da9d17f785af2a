"""Postings on disk and in memory.

A stem's postings are bytes. Each posting begins with a variable-byte number (7 bits a byte, least significant first;
the high bit says that more follow): twice the distance to the document before, plus 1 if a payload byte follows.
Without one the payload is the most frequent, `PLAIN`.

A payload is a byte: how often the stem occurs in text and title, at most 63, and the flags OWN and TITLE.
"""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import compiled, i32, i64, read, types, u8, u32, write

OWN = 128
"""The stem occurs in the paragraph's own text; for paragraph 1, in the title or the text."""
IN_TITLE = 64
"""The stem occurs in the article's title."""
FREQUENCY = 63
"""The bits of the frequency."""
PLAIN = OWN | 1
"""Once in the text."""


@compiled(i64(read(u8), i64, i64, write(i32), write(u8)))
def decode(blob, start, end, docs, payloads):
    """Postings blob[start:end] to documents and payloads; returns how many. About a nanosecond each."""
    n = 0
    i = start
    doc = -1
    while i < end:
        byte = np.int64(blob[i])
        i += 1
        value = byte & 127
        shift = 7
        while byte & 128:
            byte = np.int64(blob[i])
            i += 1
            value |= (byte & 127) << shift
            shift += 7
        doc += value >> 1
        docs[n] = doc
        if value & 1:
            payloads[n] = blob[i]
            i += 1
        else:
            payloads[n] = PLAIN
        n += 1
    return n


@compiled(i64(read(i32), read(u8), read(i64), write(u8), write(i64)))
def encode(docs, payloads, first, blob, at):
    """The postings of stem s, docs[first[s]:first[s + 1]], to bytes; returns how many bytes.

    `blob` has room for 6 bytes a posting. `at`, one longer than there are stems, gets where each stem's bytes begin.
    """
    n = 0
    for s in range(len(first) - 1):
        at[s] = n
        before = -1
        for i in range(first[s], first[s + 1]):
            value = np.int64(docs[i] - before) << 1
            before = docs[i]
            payload = payloads[i]
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
    at[len(first) - 1] = n
    return n


@compiled(
    i64(
        read(i32), read(i64), read(i32), read(i64), read(i32), read(u32), read(i32), read(i32), i64,
        write(i32), write(u8), write(i32),
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
):
    """The distinct stems of each paragraph with their payloads, paragraph after paragraph; returns how many.

    Paragraph d has the entries stream[first[d]:first[d + 1]], its article a the title's entries
    title_stream[title_first[a]:title_first[a + 1]]. Entry e stands for stems[stems_first[e]:stems_first[e + 1]].
    `count` stems exist; `out_counts` gets how many distinct ones each paragraph has.
    """
    seen = np.full(count, -1, np.int64)
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
    return n


@compiled(types.void(read(i32), read(u8), read(i32), write(i64), write(i32), write(u8)))
def invert(stem, payload, counts, first, docs, payloads):
    """Counting sort by stem, stable: the postings of stem s become docs[first[s]:first[s + 1]], ascending."""
    for s in stem:
        first[s + 1] += 1
    for s in range(1, len(first)):
        first[s] += first[s - 1]
    at = first[:-1].copy()
    n = 0
    for d in range(len(counts)):
        for _ in range(counts[d]):
            s = stem[n]
            docs[at[s]] = d
            payloads[at[s]] = payload[n]
            at[s] += 1
            n += 1
