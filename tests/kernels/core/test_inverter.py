"""The inverter finds the postings that plain Python finds in token streams."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from search.index.storage.column_file import Rows, starts, widened
from search.index.writing.segment_serializer import build_postings
from search.kernels.core.postings_codec import IN_TITLE, MATCHES_ITSELF, decode

ROW = st.lists(st.integers(0, 6), max_size=90)
STEMS = [(0,), (1,), (0, 1), (), (2,), (3,), (2, 4)]
"""The terms of each form."""


def by_definition(titles: list[list[int]], bodies: list[list[list[int]]]) -> dict[int, list[tuple[int, int]]]:
    """Each stem's paragraphs and payloads, article after article."""
    found: dict[int, list[tuple[int, int]]] = {}
    doc = 0
    for title, paragraphs in zip(titles, bodies, strict=True):
        for place, paragraph in enumerate(paragraphs):
            matches_itself = Counter(stem for entry in paragraph for stem in STEMS[entry])
            title_only = Counter(stem for entry in title for stem in STEMS[entry])
            for stem in matches_itself | title_only:
                flags = MATCHES_ITSELF * (stem in matches_itself or (place == 0 and stem in title_only)) | IN_TITLE * (
                    stem in title_only
                )
                found.setdefault(stem, []).append((doc, flags | min(63, matches_itself[stem] + 2 * title_only[stem])))
            doc += 1
    return found


@given(st.lists(st.tuples(ROW, st.lists(ROW, min_size=1, max_size=40)), min_size=1, max_size=6))
def test_streams_to_postings(articles: list[tuple[list[int], list[list[int]]]]) -> None:
    """What the streams say is what the postings say: words, counts, titles, in every paragraph."""
    titles, bodies = [title for title, _ in articles], [paragraphs for _, paragraphs in articles]
    article_of = np.repeat(np.arange(len(articles), dtype=np.int32), [len(paragraphs) for paragraphs in bodies])
    stems = rows(STEMS)
    made = build_postings(
        rows(titles), rows(p for ps in bodies for p in ps), Rows(stems.stream, stems.first.astype(np.int32)), article_of
    )
    wanted = by_definition(titles, bodies)
    for stem, (low, high) in enumerate(itertools.pairwise(made["postings_at"].tolist())):
        docs, payloads = np.empty(len(article_of), np.int32), np.empty(len(article_of), np.uint8)
        n = decode(made["postings"], low, high, docs, payloads)
        assert list(zip(docs[:n].tolist(), payloads[:n].tolist(), strict=True)) == wanted.get(stem, [])
        assert widened(made["frequencies"], made["large_frequencies"])[stem] == n


def rows(lists: Iterable[Sequence[int]]) -> Rows:
    """Lists as rows of numbers."""
    lists = list(lists)
    return Rows(
        np.array([n for one in lists for n in one], np.int32), starts(np.array([len(one) for one in lists], np.int64))
    )
