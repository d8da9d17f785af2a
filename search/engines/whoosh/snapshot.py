"""One generation, open for reading: stored fields in memory, postings read under a lock (Whoosh's files share a position)."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex

from search.engines import Search, Statistics
from search.engines.whoosh.disk import INDEX_NAME, read_manifest
from search.engines.whoosh.evaluation import evaluate
from search.errors import IndexDamaged
from search.ledger import Ledger
from search.model import Article, Date, Found, Heading, Result

Positions = dict[int, list[int]]
"""Where a term stands: document number to positions."""


class WhooshSnapshot:
    """Documents are numbered from 0 through all segments, with gaps for the deleted ones."""

    def __init__(self, folder: Path, generation: int) -> None:
        manifest = read_manifest(folder, generation)
        self.folder = folder
        self.generation = generation
        self.updated_at: str = manifest["updated_at"]
        self._ledger = Ledger.from_json(manifest["ledger"])
        self._lock = threading.Lock()
        try:
            toc = TOC.read(FileStorage(str(folder)), INDEX_NAME, gen=generation)
            self._reader = FileIndex._reader(FileStorage(str(folder)), toc.schema, toc.segments, generation)  # noqa: SLF001
            self.documents: dict[int, dict[str, Any]] = {n: d["stored"] for n, d in self._reader.iter_docs()}
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            raise IndexDamaged(f"generation {generation} cannot be opened: {error!r}") from error
        self.headings: dict[str, Heading] = {}
        self.paragraphs: dict[str, dict[int, int]] = defaultdict(dict)
        for number, stored in self.documents.items():
            self.paragraphs[stored["article"]][stored["number"]] = number
            if "heading" in stored:
                heading = stored["heading"]
                date = heading["date"] and Date(**heading["date"])
                self.headings[stored["article"]] = Heading(**{**heading, "date": date})
        self.average = sum(d["length"] for d in self.documents.values()) / max(1, len(self.documents)) or 1.0

    def ledger(self) -> Ledger:
        """What became of every file."""
        return self._ledger

    def statistics(self) -> Statistics:
        """Counted once."""
        return self._statistics

    @cached_property
    def _statistics(self) -> Statistics:
        headings = self.headings.values()
        dates = sorted((h.date.start, h.date.text) for h in headings if h.date)
        return Statistics(
            articles=len(self.headings),
            paragraphs=len(self.documents),
            size=sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file()),
            sources=dict(sorted(Counter(h.source for h in headings).items())),
            languages=dict(sorted(Counter(h.lang for h in headings).items())),
            earliest=dates[0][1] if dates else None,
            latest=dates[-1][1] if dates else None,
        )

    def search(self, search: Search) -> Result:
        """Evaluate by sets of document numbers."""
        with self._lock:
            return evaluate(self, search)

    def fetch(self, found: Sequence[Found]) -> list[tuple[Heading, str]]:
        """From memory."""
        return [
            (self.headings[one.article_id], self.documents[self.paragraphs[one.article_id][one.number]]["text"])
            for one in found
        ]

    def article(self, article_id: str) -> Article | None:
        """From memory."""
        if article_id not in self.headings:
            return None
        numbers = sorted(self.paragraphs[article_id].items())
        return Article(self.headings[article_id], tuple(self.documents[at]["text"] for _, at in numbers))

    def positions(self, field: str, term: str) -> Positions:
        """The postings of a term in the documents that are not deleted."""
        if (field, term) not in self._reader:
            return {}
        found: Positions = {}
        matcher = self._reader.postings(field, term)
        while matcher.is_active():
            if matcher.id() in self.documents:
                found[matcher.id()] = matcher.value_as("positions")
            matcher.next()
        return found

    def vocabulary(self, field: str) -> list[str]:
        """Every term of a field."""
        return [term.decode() for term in self._reader.lexicon(field)]

    def close(self) -> None:
        """Close Whoosh's reader."""
        with self._lock:
            self._reader.close()
