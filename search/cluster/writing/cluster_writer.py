"""A run that writes the next generation: into a new index, or a clone of the newest, that nobody searches yet."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson

from search.cluster.cluster_snapshot import ClusterSnapshot, generation_of, ledger_name, of_file
from search.cluster.connection import Connection
from search.cluster.coordination import Lease, StateIndex
from search.cluster.query_translation import FIRST, PARAGRAPHS
from search.cluster.schema import FORMAT, article_document, document_id, documents, index_body, with_whole_characters
from search.cluster.writing.bulk_sender import BulkSender
from search.cluster.writing.cluster_linker import link_copies
from search.cluster.writing.shared_run import SharedRun
from search.engine import Partition, Statistics
from search.errors import ClusterUnavailable, IndexLocked, OperatorError, RetryLater
from search.ledger import Ledger, Progress, files_of
from search.model import Article

T = TypeVar("T")
COPYING = 15
"""Seconds for which a run waits for the replicas of a new index; then it goes on without them."""
WRITING = 60.0
"""Seconds that a request of a run may take."""
LONG = 3_600.0
"""Seconds that a request over a whole index, such as a merge, may take."""
SMALL = 100_000
"""Number of documents, of paragraphs and articles, up to which each commit merges an index into one segment."""
DEAD = 0.2
"""Ratio of deleted to other documents above which a commit removes the deleted ones from a larger index."""
KEEP = 900.0
"""Seconds for which a generation is kept after the next one, for those who are reading it."""
STAGING = "staging"
"""The name of the document of what an unfinished run has staged."""
RETIRED = "retired"
"""The name of the document that maps each replaced index to when it was replaced, in seconds since 1970."""


@dataclass(frozen=True)
class Draft:
    """Describes a run of the writer: the generation that it starts from, and the new index that it fills."""

    alias: str
    """The name of the archive, which names the index of the newest generation."""
    index: str
    """The name of the new index."""
    generation: int
    current: str | None
    """The name of the index of the newest generation; None before the first one."""
    base: ClusterSnapshot | None
    """The generation that the new index begins as a clone of; None for an empty index."""
    run: str
    """The name of the run: what it has staged is taken over only by a later run of the same name."""
    shards: int
    memory: int
    """Number of bytes, of documents and actions in JSON, that are added before the run should stage them."""


class ClusterWriter:
    """A transaction (see `search.engine.Writer`). Every document has its article's serial number in its id.

    So nothing overwrites what is there, and a bulk can be sent again. What an article or a removal replaces is deleted
    when the run is staged or committed.
    """

    def __init__(
        self, connection: Connection, state: StateIndex, lease: Lease, draft: Draft, shared: SharedRun | None
    ) -> None:
        self._connection, self._state, self._lease = connection, state, lease
        self._shared = shared
        self._part = shared.part if shared else Partition(1, 1)
        self._draft, self._index, self._base = draft, draft.index, draft.base
        self.generation = draft.generation
        base = draft.base.index if draft.base else None
        self._origin = {"run": draft.run, "base": base, "index": draft.index, "format": FORMAT}
        self.staged = Progress()
        self._stages = 0
        self._is_open = False
        self._since = draft.base.serial if draft.base else 1
        """No article that was added since the last stage has a lower serial number."""
        self._serial = self._since + self._part.number - 1
        """The serial number of the next article; parts of a run take turns."""
        self._bulk = BulkSender(connection, draft.index, lease.check)
        self._unstaged = 0
        """Number of bytes that were added since the last stage."""
        self._added: dict[str, list[tuple[str, int, int]]] = {}
        """Maps the id of a file to its articles that were added since the last stage: id, serial, number of paragraphs.

        An article is listed under every file that it may be of (see `files_of`).
        """
        self._gone: dict[str, set[str]] = {"articles": set(), "files": set()}

    def __enter__(self) -> Self:
        if self._shared:
            self._begin_together(self._shared)
            return self
        head = self._state.read(STAGING) or {}
        there = bool(self._call("GET", f"/{self._index}/_settings", missing={}))
        if there and {key: head.get(key) for key in self._origin} == self._origin and self._health() != "red":
            self._resume(head)
        else:
            self._discard()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bulk.close()
        if not self._stages and self._part.number == 1:
            with suppress(RetryLater, OperatorError):
                self._lease.check()  # else it is another run's by now
                if not self._is_newest():  # only the cluster knows: the answer to its commit may be lost
                    self._discard()

    def _begin_together(self, shared: SharedRun) -> None:
        """Begin a part of a shared run: part 1 makes the index, which others find, and discards what was staged."""
        if self._part.number == 1:
            self._discard()
            self._open()
            shards = self._draft.shards
            shared.announce({**self._origin, "generation": self.generation, "shards": shards})
        self._is_open = True

    def _resume(self, head: dict[str, Any]) -> None:
        """Take over what an interrupted run has staged, and delete what it sent after that."""
        self._is_open = True
        self._call("PUT", f"/{self._index}/_settings", {"index.blocks.write": None})  # it may have been committing
        self._stages, self._serial = head["stages"], head["serial"]
        steps = [Progress.from_json(self._state.read(f"{STAGING}-{n}")) for n in range(self._stages)]
        self.staged = Progress(tuple(entry for step in steps for entry in step.entries), steps[-1].partial)
        self._since = head["since"]
        self._gone = {kind: set(names) for kind, names in head["gone"].items()}
        self._delete_replaced()
        self._since = self._serial
        self._delete({"range": {"serial": {"gte": self._serial}}})

    def _discard(self) -> None:
        """Remove the new index and what was staged."""
        self._call("DELETE", f"/{self._index}", missing={})
        self._forget_staged()

    def _forget_staged(self) -> None:
        stages = (self._state.read(STAGING) or {}).get("stages", 0)
        for name in (STAGING, *(f"{STAGING}-{n}" for n in range(stages))):
            self._state.remove(name)

    @property
    def full(self) -> bool:
        """Whether so much was added that it should be staged now."""
        return self._unstaged > self._draft.memory

    def add(self, article: Article) -> None:
        """Add an article's documents to the next bulk. Raises what `BulkSender.put` does, for what was sent before."""
        self._open()
        serial, self._serial = self._serial, self._serial + self._part.of
        try:
            lines = list(_lines(article, serial))
        except orjson.JSONEncodeError:
            lines = list(_lines(with_whole_characters(article), serial))
        for line in lines:
            self._bulk.put(line)
            self._unstaged += len(line)
        for name in files_of(article.id):
            self._added.setdefault(name, []).append((article.id, serial, len(article.paragraphs)))
        self._gone["articles"].add(article.id)

    def remove(self, file_id: str) -> None:
        """Delete the articles of a file: those added since the last stage now, others at the next stage or commit."""
        self._gone["files"].add(file_id)
        for article_id, serial, paragraphs in self._added.pop(file_id, ()):
            for number in range(paragraphs + 1):
                action = {"delete": {"_id": document_id(serial, number), "routing": article_id}}
                self._bulk.put(b"%b\n" % orjson.dumps(action))

    def refused(self) -> dict[str, str]:
        """Send what waits; return the ids of the articles that the cluster has refused (see `BulkSender.refused`)."""
        return self._bulk.refused()

    def stage(self, progress: Progress) -> None:
        """Send what was added, and save this progress for the next run if this one is interrupted and not shared.

        Raises IndexLocked if another process has begun to write, and what `BulkSender.flush` does.
        """
        self._lease.check()
        self._open()
        self._bulk.flush()
        if not self._shared:
            self._save(progress)
        self._delete_replaced()
        self._added.clear()
        self._since, self._unstaged = self._serial, 0

    def _save(self, progress: Progress) -> None:
        self._state.write(f"{STAGING}-{self._stages}", progress.to_json())
        self._stages += 1
        gone = {kind: sorted(names) for kind, names in self._gone.items()}
        head = {**self._origin, "stages": self._stages, "serial": self._serial, "since": self._since, "gone": gone}
        self._state.write(STAGING, head)

    def commit(self, ledger: Ledger) -> int:
        """Make the new index the one that is searched, in one step, and return its generation.

        Part 1 of a shared run waits for the other parts, which wait for its commit. Raises IndexLocked if another
        process has begun to write or has committed, StorageError, ClusterUnavailable, and what `SharedRun` raises.
        """
        self._lease.check()
        self._open()
        self._bulk.flush()
        self._delete_replaced()
        if self._shared and self._part.number > 1:
            self._shared.hand_in(self._serial, ledger, self._is_newest)
            return self.generation
        if self._shared:
            known = self._base.ledger() if self._base else Ledger()
            ledger, self._serial = self._shared.collect(known, ledger, self._serial)
        self._call("POST", f"/{self._index}/_refresh", timeout=LONG)
        link_copies(self._connection, self._index, self._bulk)
        self._merge()
        self._health()  # wait for replicas, by which it survives the loss of a node
        counted, average = self._count()
        updated_at = ledger.commit_time()
        self._state.write(ledger_name(self.generation), ledger.committed(self.generation, updated_at).to_columns())
        meta = {
            "format": FORMAT,
            "generation": self.generation,
            "updated_at": updated_at,
            "serial": self._serial,
            "average": average,
            "shards": self._draft.shards,
            "statistics": asdict(counted),
        }
        path = f"/{self._index}"
        self._call("PUT", f"{path}/_mapping", {"_meta": meta})
        self._call("PUT", f"{path}/_settings", {"index.blocks.write": True})
        self._lease.check()
        self._publish()
        with suppress(RetryLater, OperatorError):
            self._clear()
        return self.generation

    def _is_newest(self) -> bool:
        """Tell whether the new index is the one that is searched."""
        return self._index in self._call("GET", f"/_alias/{self._draft.alias}", missing={})

    def _publish(self) -> None:
        """Have the alias name the new index. Raises IndexLocked if it no longer names `current` of the draft."""
        alias = self._draft.alias
        # An alias has one index to write to at most: so a first generation is refused, too, if there is one by now.
        actions: list[Any] = [{"add": {"index": self._index, "alias": alias, "is_write_index": True}}]
        if self._draft.current:
            actions.append({"remove": {"index": self._draft.current, "alias": alias, "must_exist": True}})
        try:
            self._call("POST", "/_aliases", {"actions": actions})
        except RetryLater:
            if self._is_newest():  # done, but the answer was lost, and the request sent again
                return
            newest = self._call("GET", f"/_alias/{alias}", missing={})
            if self._draft.current in newest or not newest:
                raise
            raise IndexLocked("Another run has made a new generation since this one began.", "Run it again.") from None

    def _open(self) -> None:
        """Create the new index, empty or as a clone of the base, which nobody writes to any more."""
        if self._is_open:
            return
        if self._base is None:
            self._connection.create(f"/{self._index}", index_body(self._draft.shards), WRITING)
        else:
            body = {"settings": {"index.blocks.write": None}}
            self._connection.create(f"/{self._base.index}/_clone/{self._index}", body, LONG)
        if self._health() == "red":
            raise ClusterUnavailable(self._connection.where, "has no place for a new index", "See its health.")
        self._is_open = True

    def _call(self, method: str, path: str, body: object = None, **options: Any) -> Any:  # noqa: ANN401 - as JSON
        """Send a request as `Connection.call` does, but with a timeout of WRITING seconds by default."""
        return self._connection.call(method, path, body, **{"timeout": WRITING, **options})

    def _health(self) -> str:
        """Return the health of the new index, such as `green`, after waiting up to COPYING seconds for green."""
        path = f"/_cluster/health/{self._index}?wait_for_status=green&timeout={COPYING}s"
        answer = self._call("GET", path, missing={"status": "red"}, accepted=(408,))
        return str(answer["status"])

    def _delete_replaced(self) -> None:
        """Delete the earlier documents of articles added, and of files removed, since the last stage."""
        if self._since > 1:
            before = {"range": {"serial": {"lt": self._since}}}
            for names in batches(sorted(self._gone["articles"]), 10_000):
                self._delete(before, {"terms": {"article": names}})
            for names in batches(sorted(self._gone["files"]), 200):
                self._delete(before, {"bool": {"should": [of_file(name) for name in names]}})
        self._gone = {kind: set() for kind in self._gone}

    def _delete(self, *filters: dict[str, Any]) -> None:
        self._call("POST", f"/{self._index}/_refresh", timeout=LONG)
        body = {"query": {"bool": {"filter": filters}}}
        path = f"/{self._index}/_delete_by_query?conflicts=proceed&refresh=true"
        self._call("POST", path, body, timeout=LONG)

    def _merge(self) -> None:
        """Merge away deleted documents: from a small index all, for exact scores, from a large one if they are many."""
        path = f"/{self._index}"
        self._call("POST", f"{path}/_refresh", timeout=LONG)
        docs = self._call("GET", f"{path}/_stats/docs")["_all"]["primaries"]["docs"]
        if docs["count"] <= SMALL:
            self._call("POST", f"{path}/_forcemerge?max_num_segments=1", timeout=LONG)
        elif docs["deleted"] > DEAD * docs["count"]:
            self._call("POST", f"{path}/_forcemerge?only_expunge_deletes=true", timeout=LONG)
        self._call("POST", f"{path}/_refresh", timeout=LONG)

    def _count(self) -> tuple[Statistics, float]:
        """Return the statistics of the new index, and the average length of its paragraphs, in positions."""
        names = {field: {"terms": {"field": field, "size": 10_000}} for field in ("source", "lang")}
        aggregations = {"length": {"sum": {"field": "length"}}, "heads": {"filter": FIRST, "aggs": names}}
        dated = {"bool": {"filter": [{"exists": {"field": "start"}}, FIRST]}}
        whole, *ends = self._connection.search(
            self._index,
            {"size": 0, "track_total_hits": True, "query": PARAGRAPHS, "aggs": aggregations},
            *(
                {"size": 1, "query": dated, "sort": [{"start": order}, {"date": order}], "_source": ["date"]}
                for order in ("asc", "desc")
            ),
        )
        stats = self._call("GET", f"/{self._index}/_stats/docs,store")["_all"]["primaries"]
        found, paragraphs = whole["aggregations"], whole["hits"]["total"]["value"]
        sources, languages = (
            {bucket["key"]: bucket["doc_count"] for bucket in found["heads"][field]["buckets"]}
            for field in ("source", "lang")
        )
        earliest, latest = (next((hit["_source"]["date"] for hit in end["hits"]["hits"]), None) for end in ends)
        counted = Statistics(
            articles=found["heads"]["doc_count"],
            paragraphs=paragraphs,
            size=stats["store"]["size_in_bytes"],
            sources=sources,
            languages=languages,
            earliest=earliest,
            latest=latest,
            dead=stats["docs"]["deleted"],
        )
        return counted, found["length"]["value"] / max(1, paragraphs) or 1.0

    def _clear(self) -> None:
        """Remove what was staged, and the indexes and ledgers of generations replaced more than KEEP seconds ago."""
        self._forget_staged()
        alias, now = self._draft.alias, time.time()
        since: dict[str, float] = self._state.read(RETIRED) or {}
        retired: dict[str, float] = {}
        for index in self._call("GET", f"/{alias}-*/_alias"):
            generation = generation_of(index, alias)
            if generation is None or index == self._index:
                continue
            if abs(now - since.get(index, now)) > KEEP:
                self._call("DELETE", f"/{index}", missing={})
                self._state.remove(ledger_name(generation))
            else:
                retired[index] = since.get(index, now)
        self._state.write(RETIRED, retired)


def _lines(article: Article, serial: int) -> Iterator[bytes]:
    """Yield the lines of a bulk for an article and for each paragraph: an action and its document.

    Raises JSONEncodeError for lone surrogates.
    """
    for document in (article_document(article, serial), *documents(article, serial)):
        # the commit writes the article's own document anew: the first version, if sent twice, must not replace that
        kind = "index" if "number" in document else "create"
        action = {kind: {"_id": document_id(serial, document.get("number", 0)), "routing": article.id}}
        yield b"%b\n%b\n" % (orjson.dumps(action), orjson.dumps(document))


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield the items in lists of this size; the last one may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
