"""Token streams to postings: the terms of each paragraph, then the paragraphs of each term."""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_block_codec import EXCEPTION_BYTES, encode_blocks
from search.kernels.core.postings_codec import (
    DEFAULT_PAYLOAD,
    FREQUENCY_MASK,
    IN_TITLE,
    MATCHES_ITSELF,
    decode_postings,
    encode_posting,
    posting_size,
)
from search.kernels.jit.argument_types import i32, i64, read, types, u8, u32, write
from search.kernels.jit.decorators import compiled
from search.ranking import TITLE


@compiled(
    i64(
        read(i32), read(i64), read(i32), read(i64), read(i32), read(u32), read(i32), read(i32), i64,
        write(i32), write(u8), write(i32), write(u32), write(i64), write(i64),
    )
)  # fmt: skip
def collect_postings(
    stream, first, title_stream, title_first, article_of, article_first, term_first, term_ids, n_terms,
    out_term, out_payload, out_counts, frequencies, occurrences, bytes_at,
):  # fmt: skip
    """List the distinct terms of each paragraph with their payloads, paragraph after paragraph; return how many.

    Paragraph d has the form ids stream[first[d]:first[d + 1]], and the title of article a has
    title_stream[title_first[a]:title_first[a + 1]]; `article_of` has the article of each paragraph, `article_first` the
    first paragraph of each article. Form e has the terms term_ids[term_first[e]:term_first[e + 1]].

    Fills `out_term`, int32, and `out_payload`, uint8, with room for all terms of all tokens; `out_counts`,
    `(n_paragraphs,) int32`, how many terms each paragraph has; `frequencies`, `(n_terms,) uint32` and 0 before, how
    many paragraphs each term has; `occurrences`, of the same kind, how often each term occurs in all paragraphs and
    their titles; and `bytes_at`, `(n_terms + 1,) int64` and 0 before, where the bytes of each term's postings begin.
    """
    seen = np.full(n_terms, -1, np.int64)
    before = np.full(n_terms, -1, np.int32)
    n = 0
    for d in range(len(first) - 1):
        begin = n
        a = article_of[d]
        is_first = article_first[a] == d
        for i in range(first[d], first[d + 1]):
            e = stream[i]
            for j in range(term_first[e], term_first[e + 1]):
                s = term_ids[j]
                at = seen[s]
                occurrences[s] += 1
                if at < begin:
                    seen[s] = n
                    out_term[n] = s
                    out_payload[n] = DEFAULT_PAYLOAD
                    n += 1
                elif out_payload[at] & FREQUENCY_MASK < FREQUENCY_MASK:
                    out_payload[at] += np.uint8(1)
        for i in range(title_first[a], title_first[a + 1]):
            e = title_stream[i]
            for j in range(term_first[e], term_first[e + 1]):
                s = term_ids[j]
                at = seen[s]
                occurrences[s] += 1
                if at < begin:
                    seen[s] = n
                    out_term[n] = s
                    out_payload[n] = np.uint8(IN_TITLE | TITLE | (MATCHES_ITSELF if is_first else 0))
                    n += 1
                else:
                    room = FREQUENCY_MASK - (out_payload[at] & FREQUENCY_MASK)
                    out_payload[at] += np.uint8(min(room, TITLE))
                    out_payload[at] |= np.uint8(IN_TITLE)
        out_counts[d] = n - begin
        for i in range(begin, n):
            s = out_term[i]
            frequencies[s] += np.uint32(1)
            bytes_at[s + 1] += posting_size(np.int64(d - before[s]), out_payload[i])
            before[s] = d
    for s in range(n_terms):
        bytes_at[s + 1] += bytes_at[s]
    return n


@compiled(types.void(read(i32), read(u8), read(i32), read(i64), write(u8)))
def encode_lists(terms, payloads, counts, starts, blob):
    """Write the postings of each term s as a list at blob[starts[s]], given the terms of each paragraph.

    A bucket sort by term that encodes each posting at once, and so needs no memory but that of the lists. The first
    three arguments are `out_term`, `out_payload` and `out_counts` of `collect_postings`.
    """
    place = starts[:-1].copy()
    before = np.full(len(place), -1, np.int32)
    n = 0
    for d in range(len(counts)):
        for _ in range(counts[d]):
            s = terms[n]
            place[s] = encode_posting(blob, place[s], np.int64(d - before[s]), payloads[n])
            before[s] = d
            n += 1


def max_packing_growth(postings: int, lists: int, documents: int) -> int:
    """Return how many bytes packing can add at most to some lists, which have so many postings together.

    `documents` is the number of documents of the segment: it bounds the exceptions of a list.
    """
    return postings // 2 + lists * (100 + (documents >> 16) * EXCEPTION_BYTES)


@compiled(i64(read(u8), read(i64), read(u32), i64, i64, write(u8), write(i64)))
def pack_lists(blob, starts, frequencies, fewest, most, out, out_starts):
    """Copy lists to `out`, and pack those of `fewest` to `most` postings; return the number of bytes written.

    List s is blob[starts[s]:starts[s + 1]], and has frequencies[s] postings; `blob` is uint8, `starts`
    `(n_lists + 1,) int64`, `frequencies` `(n_lists,) uint32`. `out_starts`, `(n_lists + 1,) int64`, gets where each
    list begins in `out`, uint8, which has room for `max_packing_growth` more bytes than `blob`.
    """
    docs = np.empty(most, np.int32)
    payloads = np.empty(most, np.uint8)
    n = np.int64(0)
    for s in range(len(frequencies)):
        out_starts[s] = n
        if fewest <= frequencies[s] <= most:
            n = encode_blocks(
                docs, payloads, decode_postings(blob, starts[s], starts[s + 1], docs, payloads, np.int64(0)), out, n
            )
        else:
            for i in range(starts[s], starts[s + 1]):
                out[n] = blob[i]
                n += 1
    out_starts[len(frequencies)] = n
    return n
