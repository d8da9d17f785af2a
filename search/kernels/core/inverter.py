"""Streams of entries to postings: which stems each paragraph has, then which paragraphs each stem."""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_block_codec import JUMP, put_eights
from search.kernels.core.postings_codec import FREQUENCY, IN_TITLE, MATCHES_ITSELF, PLAIN, put, size, unpack
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, write
from search.kernels.jit.decorators import compiled


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
                    out_payload[n] = np.uint8(IN_TITLE | 1 | (MATCHES_ITSELF if opening else 0))
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


def room_to_pack(postings: int, lists: int, documents: int) -> int:
    """By how many bytes so many lists, of so many postings in all, can grow at most when they are packed."""
    return postings // 2 + lists * (100 + (documents >> 16) * JUMP)


@compiled(i64(read(u8), read(i64), read(u32), i64, i64, write(u8), write(i64)))
def pack(blob, at, frequencies, fewest, most, out, out_at):
    """Copy lists of postings to `out`, packed if they have from `fewest` up to `most`; returns how many bytes.

    List s is blob[at[s]:at[s + 1]]; `out_at` gets the same for `out`, which has room for what `room_to_pack` says.
    """
    docs = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    n = np.int64(0)
    for s in range(len(frequencies)):
        out_at[s] = n
        if fewest <= frequencies[s] <= most:
            n = put_eights(docs, payloads, unpack(blob, at[s], at[s + 1], docs, payloads, np.int64(0)), out, n)
        else:
            for i in range(at[s], at[s + 1]):
                out[n] = blob[i]
                n += 1
    out_at[len(frequencies)] = n
    return n
