"""What an engine is, and which one the settings ask for.

An engine keeps articles and ranks their paragraphs. It sees analysed text and query trees only: every engine tokenizes
and stems with `search.analysis` and treats terms as opaque, so that they all find and mark the same things.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from search.budget import QueryBudget
from search.errors import SettingsError
from search.ledger import Ledger, Progress
from search.model import Article, Facet, Group, Heading, Portion, Result, ScoredParagraph, Sort, TermForms
from search.query import Node, Term

if TYPE_CHECKING:
    from search.settings import Settings


@dataclass(frozen=True, slots=True)
class Search:
    """What `find` asks an engine for. `offset` and `limit` count rows: paragraphs, or articles when grouping."""

    query: Node
    offset: int = 0
    limit: int = 10
    sort: Sort = "relevance"
    group: Group = "none"
    facets: tuple[Facet, ...] = ()


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a generation holds. `size` is in bytes on disk; `sources` and `languages` count articles.

    `dead` paragraphs were deleted and take room until segments are merged.
    """

    articles: int
    paragraphs: int
    size: int
    sources: dict[str, int]
    languages: dict[str, int]
    earliest: str | None
    latest: str | None
    dead: int = 0


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of an index that is not as it should be, and what to do about it."""

    part: str
    what: str
    advice: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at every byte of a generation gave. Counts are None where damage does not allow to count."""

    generation: int
    files: int
    bytes: int
    articles: int | None
    paragraphs: int | None
    damages: tuple[Damage, ...]


class Snapshot(Protocol):
    """One generation of an index, as it was when opened, whatever is written meanwhile. Threads may share it.

    Every method may raise IndexDamaged when it first touches bytes that are not those written.
    """

    generation: int
    updated_at: str
    """When the generation was committed: ISO 8601, UTC."""

    def statistics(self) -> Statistics:
        """Counts over the articles of this generation."""

    def ledger(self) -> Ledger:
        """What became of every file in the run that wrote this generation."""

    def prepare(self) -> None:
        """Work out what all searches need. Processes that are forked afterwards share it; otherwise the first waits."""

    def search(self, search: Search, budget: QueryBudget | None = None) -> Result:
        """Evaluate the tree as `search.query.tree` defines it, and rank as `search.ranking` does.

        Relevance sorts by score descending; dates by the start of the article's date, undated articles last both ways.
        Ties break by (article id, number). `hits` is that ranking from `offset`, at most `limit` rows; grouped by
        article only the best paragraph of each stands for it, with `more` counting the others.
        Totals and facets are over all matches. A tree that is more work than the budget allows - a whole one, when none
        is given - answers in part, with relation `gte` and a warning.
        """

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        """The article's heading and the paragraph's text for each of `found`, which this snapshot returned."""

    def forms(self, terms: Sequence[Term], budget: QueryBudget) -> dict[Term, TermForms] | None:
        """The words as which paragraphs and titles of this generation have these terms; others may be among them.

        None where they are too many to be listed, or not known.
        """

    def article(self, article_id: str) -> Article | None:
        """One whole article, or None."""

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        """So many paragraphs of an article from a number on, as far as it has them; None when there is no article.

        What is read is in proportion to them, however long the article is.
        """

    def articles_of(self, file_id: str) -> Iterator[Article]:
        """The articles of a file: the one of this id, and those whose ids begin with it and `:`."""

    def close(self) -> None:
        """Give back files and memory; call nothing afterwards."""


class Writer(Protocol):
    """One run that changes an index. Nothing is visible before `commit`, everything after.

    If the run dies, is left without commit, or any method raises, the index stays as it was.
    Methods raise StorageError when the disk refuses.
    """

    staged: Progress
    """What a run of the same name had staged when it was interrupted: this one holds it already."""
    generation: int
    """What a commit would make."""

    @property
    def full(self) -> bool:
        """Whether enough was added that it should be staged."""

    def add(self, article: Article) -> None:
        """Add an article, in place of the one of the same id if an earlier run added one.

        At most once an id and run, unless it was removed in between; the records of a file come one after the other.
        """

    def remove(self, file_id: str) -> None:
        """Remove the articles of a file: the one of this id, and those whose ids begin with it and `:`, if any."""

    def stage(self, progress: Progress) -> None:
        """Keep what was added since it was last staged, and what that finished, should the run be interrupted."""

    def commit(self, ledger: Ledger) -> int:
        """Make the run visible, durable against power loss, and return its generation. Call nothing afterwards."""


class Engine(Protocol):
    """An index in one place: on disk, or on a cluster."""

    name: str
    where: str
    """The directory or URL, for messages."""

    def snapshot(self) -> Snapshot:
        """The newest generation; cheap when it is still the one returned before.

        Raises IndexMissing, IndexOutdated or IndexDamaged, and OperatorError for a place that no index can have.
        """

    def write(self, *, anew: bool = False, run: str = "") -> AbstractContextManager[Writer]:
        """Start a run; with `anew` from nothing, otherwise from the newest generation.

        Leaving the context without commit abandons the run; what it staged is kept for the next one, if that has the
        same name `run`, the same `anew` and comes upon the same generation. Raises IndexLocked while another process
        writes, IndexOutdated or IndexDamaged (never with `anew`), StorageError.
        """

    def close(self) -> None:
        """Give back files and memory."""


class KeptEngine(Engine, Protocol):
    """An engine whose index is ours to look after. `progress` is told how many bytes of how many are done."""

    def check(self, progress: Callable[[int, int], None]) -> Checked:
        """Verify every byte of the newest generation, and that its parts agree.

        Raises IndexMissing or IndexOutdated; damage is in what it returns.
        """

    def backup(self, target: Path, progress: Callable[[int, int], None]) -> int:
        """Copy the newest generation into a new folder, checked; returns the generation. Nothing else has to stop.

        Raises StorageError, IndexMissing, IndexOutdated or IndexDamaged.
        """

    def restore(self, source: Path, progress: Callable[[int, int], None]) -> int:
        """Check a backup and make it the newest generation; returns that.

        Raises IndexLocked while another process writes, StorageError, and what is wrong with the backup.
        """

    def unfinished(self) -> int:
        """How many bytes a run that was interrupted has left for the next one."""


def open_engine(settings: Settings) -> KeptEngine:
    """The engine that the settings name. Imports only that one. Raises SettingsError for an unknown name."""
    if settings.engine == "whoosh":
        from search.index import WhooshEngine  # noqa: PLC0415 - the other engine's library stays unloaded

        return WhooshEngine(settings.index, settings.memory << 20, settings.jobs)
    message = f"There is no engine {settings.engine!r}."
    raise SettingsError(message, "STEMMA_ENGINE can be: whoosh.")
