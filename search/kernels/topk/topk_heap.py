"""The k best documents so far: a sorted array for a small k, a binary heap for others."""

from __future__ import annotations

from search.kernels.core.bitmap import fill_hits
from search.kernels.jit.decorators import inlined
from search.kernels.jit.intrinsics import as_readonly

SORTED = 48
"""Maximum k for which the k best are kept sorted; for a larger k they are a heap."""


@inlined
def is_worse(score, doc, other, other_doc):
    """Tell whether a document comes after another one by (score descending, document ascending)."""
    return score < other or (score == other and doc > other_doc)


@inlined
def sift_down(scores, found, node, size, last):
    """Move a node of a heap down to its place: the root is the worst. Node j is at index `last` - j of both arrays."""
    score = scores[last - node]
    doc = found[last - node]
    child = 2 * node + 1
    while child < size:
        at = last - child
        if child + 1 < size and is_worse(scores[at - 1], found[at - 1], scores[at], found[at]):
            child += 1
            at -= 1
        if not is_worse(scores[at], found[at], score, doc):
            break
        scores[last - node] = scores[at]
        found[last - node] = found[at]
        node = child
        child = 2 * node + 1
    scores[last - node] = score
    found[last - node] = doc


@inlined
def topk_insert(scores, found, n, score, doc):
    """Insert a document into the k best by (score descending, document ascending); return how many there are.

    `scores`, `(k,) float64`, and `found`, `(k,) int32`, hold the `n` best so far. Once there are k, the last one is the
    worst: up to SORTED they are sorted, more are a heap.
    """
    k = len(scores)
    if n == k and not is_worse(scores[k - 1], found[k - 1], score, doc):
        return n
    if k <= SORTED:
        i = min(n, k - 1)
        while i > 0 and is_worse(scores[i - 1], found[i - 1], score, doc):
            scores[i] = scores[i - 1]
            found[i] = found[i - 1]
            i -= 1
        scores[i] = score
        found[i] = doc
        return min(n + 1, k)
    if n == k:
        scores[k - 1] = score
        found[k - 1] = doc
        sift_down(scores, found, 0, k, k - 1)
        return n
    scores[n] = score
    found[n] = doc
    if n + 1 == k:
        for node in range(k // 2 - 1, -1, -1):
            sift_down(scores, found, node, k, k - 1)
    return n + 1


@inlined
def sort_topk(scores, found, n):
    """Sort the n best by (score descending, document ascending): heapsort, unless they are sorted already."""
    if len(scores) <= SORTED:
        return
    last = n - 1
    for node in range(n // 2 - 1, -1, -1):
        sift_down(scores, found, node, n, last)
    for size in range(n - 1, 0, -1):
        at = last - size
        score = scores[last]
        doc = found[last]
        scores[last] = scores[at]
        found[last] = found[at]
        scores[at] = score
        found[at] = doc
        sift_down(scores, found, 0, size, last)
    for i in range(n // 2):
        score = scores[i]
        doc = found[i]
        scores[i] = scores[last - i]
        found[i] = found[last - i]
        scores[last - i] = score
        found[last - i] = doc


@inlined
def write_topk(topk, found, n, bits, articles):
    """Sort the n best documents, whose scores are in `topk`, and fill `TopK.rows`.

    `bits` is the bitmap of all documents that match, `articles` are `structs.ArticleColumns`.
    """
    sort_topk(topk.scores, found, n)
    fill_hits(as_readonly(found[:n]), bits, articles.of_doc, articles.first, topk.rows)
