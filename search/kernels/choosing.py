"""Before and after the paragraphs of a pattern are gathered (`patterns`): which lists to read, which rows are best."""

from __future__ import annotations

import numpy as np

from search.kernels.compiling import boolean, compiled, i32, i64, lowest, read, types, u8, u64, write


@compiled(
    types.UniTuple(i64, 3)(
        read(i32), read(i32), read(boolean), read(boolean), read(i32), write(i32), write(i32), write(i32), write(i32)
    )
)
def divide(entries, via, stemmed, listed, words, tally, whole, chiefs, lesser):
    """Entries that are wanted to: stems all of whose words are, stems whose chief is, and lesser words.

    Returns how many of each. `stemmed` says which entries have a stem of their own, `listed` which have a list, `words`
    how many entries each stem has. `tally` is zero before. A compound whose `via` is whole adds nothing: wherever it
    stands its first part does.
    """
    for e in entries:
        if stemmed[e]:
            tally[via[e]] += 1
    a = 0
    b = 0
    c = 0
    for e in entries:
        s = via[e]
        if tally[s] == words[s]:
            tally[s] = -1
            whole[a] = s
            a += 1
        if tally[s] < 0:
            continue
        if listed[e]:
            lesser[c] = e
            c += 1
        else:
            chiefs[b] = s
            b += 1
    return a, b, c


@compiled(i64(read(u64), i64, read(u8), read(i32), write(i32)))
def shortest(bits, total, lengths, by_length, docs):
    """The shortest paragraphs of a bitmap with `total` bits, the first of equals first; returns how many.

    `by_length` has all paragraphs in that order. They are tried one by one for as long as listing the bitmap's would
    take; where many match, the first ones do.
    """
    wanted = len(docs)
    n = 0
    for k in range(min(total, len(by_length))):
        doc = by_length[k]
        if bits[doc >> 6] >> np.uint64(doc & 63) & np.uint64(1):
            docs[n] = doc
            n += 1
            if n == wanted:
                return n
    n = 0
    for block in range(len(bits)):
        word = bits[block]
        while word:
            doc = (block << 6) + lowest(word)
            word &= word - np.uint64(1)
            length = lengths[doc]
            if n == wanted and length >= lengths[docs[n - 1]]:
                continue
            at = min(n, wanted - 1)
            while at > 0 and lengths[docs[at - 1]] > length:
                docs[at] = docs[at - 1]
                at -= 1
            docs[at] = doc
            n = min(n + 1, wanted)
    return n
