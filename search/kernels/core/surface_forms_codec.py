"""Where each word of a stem stands: lists of the words that are not the chief of their stem.

Postings tell of stems. The *chief* of a stem is its most frequent word as written; every other word, and every compound
without a stem of its own, is a *lesser* one and has a list. A list names paragraphs by their rank among the postings of
one stem, the word's `carrier_stem`: ranks lie close together, so that most cost one byte. Each item is a variable-byte
number (as in `postings`), four times the ranks that lie between it and the one before, plus a code of its payload:

    0: OWN    1: OWN and CHIEF_OWN    2: IN_TITLE    3: a payload byte follows

The payload has the word's own flags and those of the stem's chief in that paragraph, so that the chief needs no list:
in paragraphs without a lesser word the flags of the stem are its own.
"""

from __future__ import annotations

import numpy as np

from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF
from search.kernels.jit.argument_types import i32, i64, read, u8, u32, write
from search.kernels.jit.decorators import compiled, inlined

FLAGS = MATCHES_ITSELF | IN_TITLE
MAIN_FORM = 6
"""How far the chief's flags are shifted to the right."""
CHIEF_OWN = MATCHES_ITSELF >> MAIN_FORM
_PAYLOADS = MATCHES_ITSELF | (MATCHES_ITSELF | CHIEF_OWN) << 8 | IN_TITLE << 16
"""Those of the codes, a byte each."""


@compiled(
    i64(
        read(i32), read(i64), read(i32), read(i64), read(i32), read(u32), read(i32), read(i32), read(i32), read(i32),
        write(i32), write(i32), write(u8),
    )
)  # fmt: skip
def collect_forms(
    stream,
    first,
    title_stream,
    title_first,
    article_of,
    article_first,
    stems_first,
    stems,
    carrier_stem,
    main_form,
    out_entry,
    out_rank,
    out_payload,
):
    """The lesser words of each paragraph with ranks and payloads, paragraph after paragraph; returns how many.

    Texts, titles and stems come as in `inverter.collect`. `main_form` is the entry of each stem, -1 where there is
    none.
    """
    seen = np.full(len(main_form), -1, np.int64)
    rank = np.full(len(main_form), -1, np.int32)
    chief_flags = np.zeros(len(main_form), np.uint8)
    places = np.full(len(carrier_stem), -1, np.int64)
    n = 0
    for d in range(len(first) - 1):
        begin = n
        a = article_of[d]
        title_only = np.uint8(FLAGS if article_first[a] == d else IN_TITLE)
        in_text = first[d + 1] - first[d]
        for k in range(in_text + title_first[a + 1] - title_first[a]):
            if k < in_text:
                e = stream[first[d] + k]
                flags = np.uint8(MATCHES_ITSELF)
            else:
                e = title_stream[title_first[a] + k - in_text]
                flags = title_only
            v = carrier_stem[e]
            # A compound comes before its parts: its `carrier_stem` has a posting here, though no word that makes it
            # came yet.
            for j in range(stems_first[e], stems_first[e + 1] + 1):
                s = stems[j] if j < stems_first[e + 1] else v
                if seen[s] != d:
                    seen[s] = d
                    rank[s] += 1
                    chief_flags[s] = 0
            if main_form[v] == e:
                chief_flags[v] |= flags
            elif places[e] < begin:
                places[e] = n
                out_entry[n] = e
                out_rank[n] = rank[v]
                out_payload[n] = flags
                n += 1
            else:
                out_payload[places[e]] |= flags
        for i in range(begin, n):
            out_payload[i] |= chief_flags[carrier_stem[out_entry[i]]] >> np.uint8(MAIN_FORM)
    return n


@compiled(i64(read(i32), read(i32), read(u8), i64, write(u8), write(i64)))
def encode_forms(entry, rank, payload, entries, blob, at):
    """Items in the order of paragraphs to the lists of all entries; returns how many bytes.

    `blob` has room for 6 bytes an item. `at` gets where each list begins and where the last one ends.
    """
    first = np.zeros(entries + 1, np.int64)
    for e in entry:
        first[e + 1] += 1
    for e in range(entries):
        first[e + 1] += first[e]
    to = first[:-1].copy()
    order = np.empty(len(entry), np.int64)
    for i in range(len(entry)):
        order[to[entry[i]]] = i
        to[entry[i]] += 1
    n = 0
    for e in range(entries):
        at[e] = n
        before = -1
        for k in range(first[e], first[e + 1]):
            i = order[k]
            value = np.int64(rank[i] - before - 1) << 2
            before = rank[i]
            code = 3
            if payload[i] == MATCHES_ITSELF:
                code = 0
            elif payload[i] == MATCHES_ITSELF | CHIEF_OWN:
                code = 1
            elif payload[i] == IN_TITLE:
                code = 2
            value |= code
            while value > 127:
                blob[n] = np.uint8((value & 127) | 128)
                value >>= 7
                n += 1
            blob[n] = np.uint8(value)
            n += 1
            if code == 3:
                blob[n] = payload[i]
                n += 1
    at[entries] = n
    return n


@inlined
def decode_forms(blob, start, end, ranks, payloads):
    """The list blob[start:end] to ranks and payloads; returns how many items."""
    n = 0
    i = start
    rank = -1
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
        rank += 1 + (value >> 2)
        code = value & 3
        ranks[n] = rank
        payloads[n] = (_PAYLOADS >> (code << 3)) & 0xFF  # no branch: what comes next is hard to foresee
        if code == 3:
            payloads[n] = blob[i]
            i += 1
        n += 1
    return n
