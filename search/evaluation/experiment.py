"""Index a test collection, ask its queries as a client would, and measure the answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from search.budget import CUT
from search.engine import Engine, Snapshot
from search.errors import CollectionError, QueryError
from search.evaluation.collection import EVERY, Collection, ShowProgress, check_documents
from search.evaluation.collection_files import Document
from search.evaluation.measures import Difference, Values, compare, means, measure
from search.evaluation.trec_run import RankedDocument, falling, read_run, run_lines
from search.indexing.long_paragraphs import split_article
from search.ledger import Ledger, Progress
from search.model import Article, Heading, SearchRequest
from search.service import MAX_PER_PAGE, find
from search.sources.text.fields import title_from

DEPTH = 1_000
"""Number of rows that are asked for each query, in pages of MAX_PER_PAGE."""
LANG = "en"
"""Language of all documents and queries."""
BATCH = 50
"""Queries whose rankings are in memory at a time."""

_BLANK = re.compile(r"[^\w'.-]|_")
_DASH = re.compile(r"(?<!\S)-+|-+(?!\S)")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of a ranking on a test collection, and their differences from those of a saved run, if asked for."""

    collection: Collection
    documents: int
    values: Values
    warnings: tuple[str, ...]
    differences: dict[str, Difference] | None = None

    @property
    def means(self) -> dict[str, float]:
        """The mean of each measure over all judged queries."""
        return means(self.values)


def query_text(text: str) -> str:
    """Return a query of a collection as its plain words: no sign in it is an operator of the query language.

    Every character but letters, digits, `'`, `.` and `-` becomes a blank, and `-` at the begin or end of a word too.

    >>> query_text("Is O.K. -- the 3-D, (co-op) pre- NOT it's?").split()
    ['is', 'o.k.', 'the', '3-d', 'co-op', 'pre', 'not', "it's"]
    """
    return _DASH.sub(" ", _BLANK.sub(" ", text)).lower().strip()


def index(engine: Engine, collection: Collection, count: int, progress: ShowProgress) -> None:
    """Build an index of a collection of `count` documents, each of which becomes an article."""
    with engine.write(anew=True) as writer:
        for number, (_, document) in enumerate(collection.documents(), 1):
            writer.add(article_of(document, collection.name))
            if writer.full:
                writer.stage(Progress())
            if number % EVERY == 0:
                progress("Indexing", number, count)
        writer.commit(Ledger())


def article_of(document: Document, source: str) -> Article:
    """Return a document as an article, whose text is one paragraph unless it is too long for one.

    As in articles from files, the first words of the text stand in for a missing title. Where there is no text, which
    no article from a file lacks, the title is the text too.
    """
    title, text = (" ".join(part.split()) for part in (document.title, document.text))
    title, paragraphs = split_article(title or title_from(text), (text or title,))
    return Article(Heading(document.id, title, None, source, LANG), paragraphs)


def ask(snapshot: Snapshot, text: str, warnings: Counter[str]) -> list[RankedDocument]:
    """Return the documents of the first DEPTH rows for a query, best first, each at its best paragraph.

    Counts in `warnings` that a search was cut short, or that the query cannot be read and so has no results.
    """
    words = query_text(text)
    if not any(map(str.isalnum, words)):
        warnings["It has no word, and no results."] += 1
        return []
    scores: dict[str, float] = {}
    warned: set[str] = set()
    for page in range(1, DEPTH // MAX_PER_PAGE + 1):
        try:
            found = find(snapshot, SearchRequest(words, "any", page, MAX_PER_PAGE))
        except QueryError as error:
            warned.add(f"It has no results. {error}")
            break
        warned.update({CUT}.intersection(found.warnings))
        for hit in found.hits:
            scores.setdefault(hit.article.id, hit.score)
        if len(found.hits) < MAX_PER_PAGE:
            break
    warnings.update(warned)
    return falling(scores.items())


def evaluate(
    engine: Engine,
    collection: Collection,
    *,
    write: Callable[[str], object],
    against: Path | None,
    progress: ShowProgress,
) -> Evaluation:
    """Index a collection into an empty engine, ask its judged queries, and measure the rankings.

    `write` is called with each line of the run, in TREC's format. `against` is a saved run to compare with. Raise
    CollectionError for a collection or a run that cannot be used, and what the engine raises.
    """
    earlier = None if against is None else _measure_saved(collection, against)
    count, unknown = check_documents(collection, progress)
    index(engine, collection, count, progress)
    snapshot = engine.snapshot()
    warned: Counter[str] = Counter()

    def rankings() -> Iterator[tuple[str, dict[str, float]]]:
        for number, (query_id, text) in enumerate(collection.queries.items(), 1):
            ranking = ask(snapshot, text, warned)
            for line in run_lines(query_id, ranking):
                write(line)
            progress("Asking", number, len(collection.queries))
            yield query_id, {one.id: one.score for one in ranking}

    values = _measure(collection, rankings())
    warnings = [*collection.warnings, *filter(None, [unknown])]
    warnings += [f"In {number:,} of {len(values):,} queries: {warning}" for warning, number in warned.most_common()]
    lost = [] if earlier is None else [query_id for query_id in values if query_id not in earlier]
    if lost:
        warnings.append(f"Queries without results in {against}: {len(lost):,}, such as {lost[0]!r}; they count as 0.")
    differences = None
    if earlier is not None:
        nothing = measure({query_id: collection.judgments[query_id] for query_id in lost}, {}) if lost else {}
        differences = compare(values, earlier | nothing)
    return Evaluation(collection, count, values, tuple(warnings), differences)


def _measure_saved(collection: Collection, against: Path) -> Values:
    """Return the measures of a saved run for the judged queries that it has."""
    judged = ((query_id, scores) for query_id, scores in read_run(against) if query_id in collection.judgments)
    values = _measure(collection, judged)
    if not values:
        message = f"{against} has no result for any judged query of {collection.name}."
        raise CollectionError(message, "Compare with a run on the same collection.")
    return values


def _measure(collection: Collection, rankings: Iterable[tuple[str, dict[str, float]]]) -> Values:
    """Return the measures of each query that is ranked; BATCH rankings are in memory at a time."""
    values: Values = {}
    rest = iter(rankings)
    while batch := dict(islice(rest, BATCH)):
        values |= measure({query_id: collection.judgments[query_id] for query_id in batch}, batch)
    return values
