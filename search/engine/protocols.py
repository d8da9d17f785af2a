"""The protocols of a search engine. An engine stores articles and ranks their paragraphs.

Every engine tokenizes and stems with `search.analysis` and treats terms as opaque, so that all of them find and
highlight the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from search.budget import QueryBudget
from search.engine.searches import MatchStream, Search
from search.engine.statistics import CheckReport, ScoringStatistics, Statistics
from search.ledger import Ledger, Progress
from search.model import Article, Heading, Portion, Result, ScoredParagraph, TermForms, Total, WordCount
from search.query.tree import Node, Term


class Vocabulary(Protocol):
    """The words of a generation as they are written, folded, compounds such as `al-sharaa` among them.

    A word's count is the number of paragraphs that have it in their text or in the title of their article. Deleted
    paragraphs may count until they are merged away, and a paragraph may count twice if it has a word both with accents
    and without. Lists are sorted by falling count, then by word. All that an engine needs is a sorted list of its words
    with their document frequencies; only `words_after` looks at texts.
    """

    def counts(self, words: Sequence[str]) -> list[int]:
        """Return the count of each of some words, 0 for a word that does not occur."""

    def similar(self, word: str, edits: int, limit: int) -> list[WordCount]:
        """Return the `limit` most frequent words that are at most `edits` edits, 1 or 2, from a folded word.

        Edits are those of `search.query.tree.Fuzzy`. The word itself is one of them if it occurs. (In OpenSearch: a
        term suggester with `suggest_mode` always.)
        """

    def beginning_with(self, prefix: str, limit: int) -> list[WordCount]:
        """Return the `limit` most frequent words that begin with a folded prefix of at least one character."""

    def words_after(self, stems: Sequence[str], prefix: str, limit: int) -> list[WordCount]:
        """Return up to `limit` words that begin with a folded prefix and stand most often right after a word in texts.

        The word before has one of `stems`; the prefix may be empty. The counts are of occurrences, which an engine may
        count in a sample of the paragraphs that have the word before.
        """


class Snapshot(Protocol):
    """One generation of an index. Later writes do not change it, and threads may share it.

    Every method may raise IndexDamaged when it first reads damaged data.
    """

    generation: int
    updated_at: str
    """Time of the commit of this generation, in ISO 8601 and UTC."""

    def statistics(self) -> Statistics:
        """Return the statistics of this generation."""

    def ledger(self) -> Ledger:
        """Return the ledger of the reindex that wrote this generation: the outcome for every file."""

    def prepare(self) -> None:
        """Load what all searches need, before the first of them. Processes that are forked afterwards share it."""

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        """Return the paragraphs that match a query, as `search.query.tree` defines, ranked as `search.ranking` does.

        Relevance sorts by score descending, dates by the start of the article's date with undated articles last in both
        orders. Ties are broken by (article id, number). `hits` has at most `limit` rows of this ranking from `offset`.
        When grouping by article, a row is the best paragraph of an article, with the number of the article's other
        matches. With a `group_limit` above 1 `further` has the next best paragraphs of each row's article, before they
        are rescored (see `search.ranking`). Totals and facets count all matches, but a facet in `facet_queries` counts
        what its own query matches. With `scope` article, rows by relevance are first the paragraphs that meet the query
        by themselves, then the others; each of these two parts is ranked by itself.

        With `duplicates` of `fold` an article has no rows if an earlier article in the same group of copies also has a
        match. `folded` counts these matches and articles, which totals and facets count as well.

        When the budget, by default a new one, does not allow for all of the work, the result is partial, with relation
        `gte` and a warning. `articles_elsewhere` is None where counting these articles is too much work; the counts of
        a facet in `facet_queries` are then too low, with a warning.
        """

    def stream(self, search: Search, budget: QueryBudget) -> MatchStream:
        """Return all paragraphs that match a search, in the order of `search`, whatever its offset and limit.

        A row is a paragraph. Only some bytes are held in memory for each match.
        """

    def count(self, searches: Sequence[Search], budget: QueryBudget) -> list[Total]:
        """Return how many paragraphs match each of some searches, in one call to whatever holds the index.

        What a search says of rows, order and facets does not matter. A count is exact unless the budget ends: then its
        relation is `gte`, and a warning is added to the budget.
        """

    def scoring_statistics(self, query: Node, budget: QueryBudget) -> ScoringStatistics:
        """Return the statistics that the scores of a query are computed from.

        They may count deleted paragraphs, as scores do. What a pattern matches is looked up within the budget.
        """

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of this generation."""

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        """Return the heading of the article and the text of each paragraph that this snapshot has found."""

    def forms(self, terms: Sequence[Term], budget: QueryBudget) -> dict[Term, TermForms] | None:
        """Return the forms of each term: the words by which it occurs in this generation, possibly with some more.

        None if they are too many or not known: then texts are tokenized to be highlighted.
        """

    def telling_stems(self, article_id: str, limit: int, leave_out: Collection[str]) -> tuple[str, ...] | None:
        """Return the stems that tell most of an article, at most `limit`, best first; None if there is no such article.

        They are what Lucene's MoreLikeThis calls interesting terms. The candidates are the TELLING_STEMS most frequent
        stems of the first TELLING_PARAGRAPHS paragraphs, with the title counted TITLE times and ties broken by stem.
        They are sorted by falling value of `search.ranking.telling`, then by stem. Stems in `leave_out` and those that
        no other article has are left out.
        """

    def copies(self, article_id: str) -> tuple[Heading, ...]:
        """Return the headings of the other articles of the group of copies that an article is in, the main one first.

        Groups are those that `search.copies` defines, over all articles of this generation. Empty if the article
        neither has copies nor is one, and if there is no such article.
        """

    def article(self, article_id: str) -> Article | None:
        """Return a whole article, or None if there is none of this id."""

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        """Return up to `count` paragraphs of an article, from number `first`; None if there is no such article.

        Only these are read, however long the article is.
        """

    def headings_of(self, file_id: str, after: str, limit: int) -> list[Heading]:
        """Return the headings of up to `limit` articles of a file whose ids come after `after`, in the order of ids.

        The articles are those of `articles_of`.
        """

    def articles_of(self, file_id: str) -> Iterator[Article]:
        """Yield the articles of a file: the one of this id, and those whose ids begin with it and `:`."""


class Writer(Protocol):
    """A transaction that changes an index. All of its changes become visible at once, by `commit`.

    Without a commit, because of an error or the end of the process, the index stays as it was. Methods raise
    StorageError when writing to the disk fails.
    """

    staged: Progress
    """The progress that an interrupted run of the same name has staged; this writer already includes it."""
    generation: int
    """The number of the generation that a commit will create."""

    @property
    def full(self) -> bool:
        """Whether so much was added that it should be staged now."""

    def add(self, article: Article) -> None:
        """Add an article, replacing the one of the same id of earlier runs.

        Each id may be added once, and again after its removal. The articles of a file have to be added consecutively.
        """

    def remove(self, file_id: str) -> None:
        """Remove the articles of a file: the one of this id, and those whose ids begin with it and `:`, if any."""

    def refused(self) -> dict[str, str]:
        """Return the ids of the articles that the index has refused since the last call, each with the reason.

        They have to be removed before `stage` or `commit`.
        """

    def stage(self, progress: Progress) -> None:
        """Save what was added since the last call, with this progress, for the next run if this one is interrupted."""

    def commit(self, ledger: Ledger) -> int:
        """Make all changes visible and durable, and return the new generation. No method may be called afterwards.

        The time of the commit is now, but not before that of any commit in the ledger. Raises StorageError; its message
        says so if the commit was made, and only what it replaced could not be removed.
        """


class Partition(NamedTuple):
    """The part of a run that several machines make together, each with sources of its own: its number, from 1."""

    number: int
    of: int
    """How many parts the run has."""


class Engine(Protocol):
    """An index in one place: a directory or a cluster."""

    name: str
    """The name by which settings name the engine."""
    where: str
    """The directory or URL of the index, for messages."""

    def snapshot(self) -> Snapshot:
        """Return the newest generation; it is opened once and then cached.

        Raises IndexMissing, IndexOutdated or IndexDamaged, and OperatorError if the place cannot have an index.
        """

    def snapshot_at(self, generation: int) -> Snapshot:
        """Return a generation by its number: the newest, or one that was replaced less than 15 minutes ago.

        An earlier generation may have no ledger. Raises GenerationGone if it was replaced earlier than that, or was
        never a generation of this index, and what `snapshot` raises.
        """

    def last_ledger(self) -> Ledger:
        """Return the ledger of the newest generation, even if this cannot be opened; an empty one if that fails, too.

        By it a run that builds the index anew knows the sources of the index.
        """

    def write(
        self, *, anew: bool = False, run: str = "", part: Partition | None = None
    ) -> AbstractContextManager[Writer]:
        """Open a writer, which starts from the newest generation, or from nothing with `anew`.

        With a `part` the writer is one of several, whose commits wait for each other and make one generation. The
        ledger that each commits has the sources of its part only. Raises OperatorError for a `part` if the engine can
        have only one writer at a time.

        Leaving the context without a commit abandons the changes. What was staged is kept for the next writer with the
        same `run`, a name, and the same `anew`, if the index still has the same generation. Raises IndexLocked while
        another process writes, StorageError, and IndexOutdated or IndexDamaged unless `anew`.
        """

    def close(self) -> None:
        """Release files and memory."""


class LocalEngine(Engine, Protocol):
    """An engine whose index outlasts it, and can be checked; one in a local directory can be backed up and restored.

    `progress` is called with the amount of work done and that of all work: in bytes, for a local directory.
    """

    def check(self, progress: Callable[[int, int], None]) -> CheckReport:
        """Verify that the parts of the newest generation are consistent and, in a local directory, every byte of it.

        Damage is reported, not raised. Raises IndexMissing, and IndexOutdated unless the engine reports that as damage.
        """

    def backup(self, target: Path, progress: Callable[[int, int], None]) -> int:
        """Copy the newest generation into a new folder, verify the copy, and return the generation.

        Searches and writers can go on meanwhile. Raises StorageError, IndexMissing, IndexOutdated or IndexDamaged, and
        OperatorError if the index is not in a local directory.
        """

    def restore(self, source: Path, progress: Callable[[int, int], None]) -> int:
        """Verify a backup, make it the newest generation, and return the number of this generation.

        Raises IndexLocked while another process writes, StorageError, the errors of opening a damaged backup, and
        OperatorError if the index is not in a local directory.
        """

    def unfinished(self) -> int:
        """Return the size, in bytes, of what an interrupted run has staged for the next one."""

    def surroundings(self) -> dict[str, str]:
        """Return lines about the cluster that the index is in, each by its label; none for a local directory."""
