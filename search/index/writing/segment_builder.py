"""Articles, or segments that are merged, to one new segment.

While they come, texts are compressed and tokens numbered: what stays in memory is a number for each token, and blocks.
Postings are made from these numbers in the end, so that adding and merging are one path.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from mmap import mmap
from pathlib import Path

import numpy as np

from search.index.storage.column_file import Array, Rows, starts
from search.index.store.compression import Volume
from search.index.store.store_writer import StoreWriter
from search.index.writing.executors import WriterPool
from search.index.writing.lexicon import Lexicon, SurfaceForm, TokenForms
from search.index.writing.segment_serializer import SegmentData, write_segment
from search.index.writing.term_dictionary import TokenInterner, build_dictionary, order_forms
from search.kernels.terms.token_numbering import count_codes, expand_codes
from search.model import Article, Heading

TOKENIZED_AT_ONCE = 1 << 20
"""Code points that are tokenized at a time."""
MAX_PENDING = 4
"""Batches of articles that can wait to be tokenized."""
A_TOKEN, A_DISTINCT_TOKEN, A_LETTER, AN_ARTICLE = 10, 400, 12, 700
"""Bytes of memory that a token, a distinct token, a letter of one and an article take until their segment is written.

They are measured with all that goes with each, and rounded up. A title counts once for each document of its article.
"""


@dataclass(slots=True)
class PendingArticles:
    """Articles of one language that wait to be tokenized together.

    `texts` has the paragraphs of all of them in a row, `sizes` how many of these each article has.
    """

    lang: str = ""
    titles: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    code_points: int = 0


@dataclass(slots=True)
class TokenizedArticles:
    """The titles and texts of some articles as token ids, and the number of tokens of each title and text.

    `source` is what the ids are of: the distinct tokens of a language, or the forms of the merged segment of a number.
    """

    source: str | int
    titles: Array
    title_counts: Array
    texts: Array
    text_counts: Array
    memory_tokens: int = 0
    """The tokens by which memory is estimated."""


class SegmentBuilder:
    """Collects the articles of a segment, in any order, and writes it.

    Each article id comes once; the records of a file come one after the other.
    """

    def __init__(self, pool: WriterPool | None = None) -> None:
        self.pool = pool or WriterPool(1)
        self.headings: list[Heading] = []
        self.sizes: list[int] = []
        self.texts = StoreWriter(self.pool.texts)
        self.tokens = 0
        self._articles: dict[str, int] = {}
        self._dropped: set[int] = set()
        self._interners: dict[str, TokenInterner] = {}
        self._merged_forms: list[Array] = []
        self._lexicon: Lexicon | None = None
        self._pending = PendingArticles()
        self._in_progress: deque[Future[TokenizedArticles]] = deque()
        self._tokenized: list[TokenizedArticles] = []

    def add(self, article: Article) -> None:
        """Add an article."""
        heading, pending = article.heading, self._pending
        if heading.lang != pending.lang or pending.code_points > TOKENIZED_AT_ONCE:
            self._submit_pending()
            pending = self._pending = PendingArticles(heading.lang)
        self._articles[heading.id] = len(self.headings)
        self.headings.append(heading)
        self.sizes.append(len(article.paragraphs))
        self.texts.add([text.encode("utf-8", "surrogatepass") for text in article.paragraphs])
        pending.titles.append(heading.title)
        pending.texts += article.paragraphs
        pending.sizes.append(len(article.paragraphs))
        pending.code_points += len(heading.title) + sum(map(len, article.paragraphs))

    def drop(self, file_id: str) -> None:
        """Leave out what was added of a file: the article of this id, or the file's records if they came last."""
        if (article := self._articles.pop(file_id, None)) is not None:
            self._dropped.add(article)
        article = len(self.headings) - 1
        while article >= 0 and self.headings[article].id.startswith(f"{file_id}:"):
            self._dropped.add(article)
            article -= 1

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return len(self._dropped) == len(self.headings)

    @property
    def memory(self) -> int:
        """The bytes of memory that it takes to write what was added, about."""
        distinct = sum(i.count * A_DISTINCT_TOKEN + i.letter_count * A_LETTER for i in self._interners.values())
        return self.tokens * A_TOKEN + distinct + len(self.headings) * AN_ARTICLE + self.texts.size

    def add_analysed(  # noqa: PLR0913, PLR0917 - what a segment is made of
        self,
        headings: Sequence[Heading],
        sizes: Sequence[int],
        dead: Sequence[int],
        volumes: Sequence[Volume],
        forms: Sequence[SurfaceForm],
        titles: Rows,
        texts: Rows,
    ) -> None:
        """Add the articles of a segment that is merged, in the order in which their texts are stored.

        Article a has `sizes[a]` documents. `dead` are the numbers of those articles that were deleted: they do not get
        into the new segment. `titles` and `texts` have a row of indices into `forms` for each title and each document;
        `volumes` hold the texts, compressed. To a builder that merges, `add` is never called: all comes by this method.
        """
        begin = len(self.headings)
        self._dropped.update(begin + article for article in dead)
        self.headings += headings
        self.sizes += sizes
        self.texts.add_volumes(volumes)
        self._lexicon = self._lexicon or Lexicon()
        interned = (self._lexicon.intern(*form) for form in forms)
        self._merged_forms.append(np.fromiter(interned, np.int32, len(forms)))
        title_counts, text_counts = (np.diff(rows.first).astype(np.int32) for rows in (titles, texts))
        source = len(self._merged_forms) - 1
        self._tokenized.append(TokenizedArticles(source, titles.stream, title_counts, texts.stream, text_counts))

    def write(self, folder: Path, name: str) -> int:
        """Write the segment's file to disk, synced; return the sum of its documents' lengths in positions."""
        return write_segment(folder / name, self.build(), self.pool)

    def build(self) -> SegmentData:
        """Return what was added, with articles and forms in their final order. Nothing can be added then."""
        self._submit_pending()
        self._pending = PendingArticles()
        while self._in_progress:
            self._collect_oldest()
        lexicon = self._lexicon or self.pool.lexicon
        languages, provisional_widths = lexicon.analyses()
        widths = np.array(provisional_widths, np.int32)
        self._interners.clear()
        form_first, forms, offsets = self._forms_of_tokens(languages)
        live = np.ones(len(self.headings), bool)
        live[list(self._dropped)] = False
        order = np.array(sorted(np.flatnonzero(live).tolist(), key=lambda a: self.headings[a].id), np.int64)
        sizes = np.array(self.sizes, np.int64)
        self.texts.finish(None if live.all() else np.repeat(~live, sizes))
        first = starts(sizes)
        extents = (range(first[a], first[a + 1]) for a in order.tolist())
        docs = np.fromiter(itertools.chain.from_iterable(extents), np.int64)
        title_parts = [(offsets.get(t.source, 0), t.titles, t.title_counts) for t in self._tokenized]
        text_parts = [(offsets.get(t.source, 0), t.texts, t.text_counts) for t in self._tokenized]
        self._tokenized.clear()
        titles, texts = _concatenate(title_parts), _concatenate(text_parts)
        form_counts = np.diff(form_first)
        in_titles, in_texts = np.zeros((2, len(form_counts)), np.int64)
        count_codes(titles.stream, titles.first, order, in_titles)
        count_codes(texts.stream, texts.first, docs, in_texts)
        weights = np.repeat(in_titles + in_texts, form_counts)
        frequency = np.bincount(forms, weights, len(widths)).astype(np.int64)
        form_order, plain = order_forms(widths, frequency)
        form_id = np.zeros(len(widths), np.int32)
        form_id[form_order] = np.arange(len(form_order), dtype=np.int32)
        forms = form_id[forms]
        titles = _to_forms(titles, order, form_first, forms, int(in_titles @ form_counts))
        texts = _to_forms(texts, docs, form_first, forms, int(in_texts @ form_counts))
        return SegmentData(
            [self.headings[a] for a in order.tolist()],
            sizes[order],
            starts(sizes * live)[order],
            self.texts,
            build_dictionary(lexicon.finish(), form_order, plain),
            titles,
            texts,
        )

    def _submit_pending(self) -> None:
        """Have the pending articles tokenized, some time before `build` returns."""
        pending = self._pending
        if not pending.titles:
            return
        interner = self._interners.setdefault(pending.lang, TokenInterner())
        while len(self._in_progress) >= MAX_PENDING:
            self._collect_oldest()
        self._in_progress.append(self.pool.tokens.submit(self._tokenize, interner, pending))

    def _tokenize(self, interner: TokenInterner, pending: PendingArticles) -> TokenizedArticles:
        """Number the tokens of pending articles, and have those that are new in their language analysed."""
        known = interner.count
        token_ids, counts = interner.intern([*pending.titles, *pending.texts])
        if interner.count > known:
            self.pool.lexicon.add(pending.lang, interner.tokens_from(known))
        title_counts, text_counts = np.split(counts, [len(pending.titles)])
        titles, texts = map(_copy_to_pages, np.split(token_ids, [int(title_counts.sum())]))
        in_titles = int(title_counts @ np.array(pending.sizes, np.int64))
        tokens = len(token_ids) + interner.unspaced + in_titles
        return TokenizedArticles(pending.lang, titles, title_counts, texts, text_counts, tokens)

    def _collect_oldest(self) -> None:
        """Wait for the oldest batch that is being tokenized."""
        tokenized = self._in_progress.popleft().result()
        self._tokenized.append(tokenized)
        self.tokens += tokenized.memory_tokens

    def _forms_of_tokens(self, languages: dict[str, TokenForms]) -> tuple[Array, Array, dict[str | int, int]]:
        """Return the forms of each token of all sources, and the first token of each source.

        The first two values are `form_first`, `(n_tokens + 1,) int32`, and `forms`, `(n_forms,) int32`: token t has the
        forms `forms[form_first[t]:form_first[t + 1]]`. A source is a language or the number of a merged segment; the
        third value maps it to its first token.
        """
        counts, forms, begin = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], 0
        offsets: dict[str | int, int] = {}
        sources: list[tuple[str | int, Array, Array]] = [
            (lang, np.array(of.counts, np.int32), np.array(of.form_ids, np.int32)) for lang, of in languages.items()
        ]
        sources += [(i, np.ones(len(merged), np.int32), merged) for i, merged in enumerate(self._merged_forms)]
        for source, source_counts, source_forms in sources:
            offsets[source] = begin
            counts.append(source_counts)
            forms.append(source_forms)
            begin += len(source_counts)
        return starts(np.concatenate(counts)).astype(np.int32), np.concatenate(forms), offsets


def _copy_to_pages(token_ids: Array) -> Array:
    """Return a copy in memory pages of its own, which the system gets back at once, not in the heap."""
    copy = np.frombuffer(mmap(-1, max(token_ids.nbytes, 1)), token_ids.dtype, len(token_ids))
    copy[:] = token_ids
    return copy


def _concatenate(parts: list[tuple[int, Array, Array]]) -> Rows:
    """Return the rows of all parts as one, with ids that are unique among all sources.

    A part has the number at which the ids of its source begin, its ids as the source numbers them, from 0, and the
    length of each of its rows. The list `parts` is emptied, so that each part's memory is free once it is copied.
    """
    first = starts(np.concatenate([counts for _, _, counts in parts]))
    stream, at = np.empty(int(first[-1]), np.int32), 0
    parts.reverse()
    while parts:
        offset, token_ids, _ = parts.pop()
        np.add(token_ids, offset, out=stream[at : at + len(token_ids)])
        at += len(token_ids)
    return Rows(stream, first)


def _to_forms(rows: Rows, order: Array, form_first: Array, forms: Array, size: int) -> Rows:
    """Return the rows `order` of token ids, each token replaced by its forms, which are `size` in all."""
    stream, at = np.empty(size, np.int32), np.empty(len(order) + 1, np.int64)
    expand_codes(rows.stream, rows.first, order, form_first, forms, stream, at)
    return Rows(stream, at)
