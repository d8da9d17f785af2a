"""The engine whose index is in an OpenSearch cluster: it opens the newest generation, and the writer of the next."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from search.cluster.cluster_snapshot import ClusterSnapshot, generation_of, index_name, ledger_name
from search.cluster.connection import Connection, IndexGone
from search.cluster.coordination import StateIndex
from search.cluster.query_translation import FIRST, PARAGRAPHS
from search.cluster.schema import FORMAT
from search.cluster.writing.cluster_writer import KEEP, RETIRED, STAGING, ClusterWriter, Draft
from search.cluster.writing.shared_run import SharedRun, check_left, joined
from search.engine import CheckReport, Damage, Partition
from search.errors import GenerationGone, IndexDamaged, IndexMissing, IndexOutdated, OperatorError, RetryLater
from search.ledger import Ledger, disagreements

ATTEMPTS = 3
"""How many times `snapshot` looks up the newest generation, if each one is removed before its metadata is read."""
REBUILD = "Run `stemma reindex --full` to build it anew."


class ClusterEngine:
    """An archive in an OpenSearch cluster: `alias` names the index of the newest generation.

    `user`, `password` and `authority` are as in `Connection`. An index that is made anew has `shards` primary shards. A
    run should stage what it has added after `memory` bytes.
    """

    def __init__(  # noqa: PLR0913 - the settings that concern it
        self,
        urls: Sequence[str],
        alias: str,
        *,
        user: str,
        password: str,
        authority: Path | None,
        shards: int,
        memory: int,
    ) -> None:
        self.name = "opensearch"
        self._connection = Connection(urls, user, password, authority)
        self._alias = alias
        self._shards, self._memory = shards, memory
        self.where = f"{self._connection.where}/{alias}"
        self._state = StateIndex(self._connection, f"{alias}-state")
        self._lock = threading.Lock()
        self._open: ClusterSnapshot | None = None

    def snapshot(self) -> ClusterSnapshot:
        """Return the newest generation; it is opened once and then cached.

        Raises IndexMissing, IndexOutdated, IndexDamaged, and what `Connection.call` does.
        """
        for _ in range(ATTEMPTS):
            index = self._newest()
            if index is None:
                raise IndexMissing(self.where)
            with self._lock:
                if self._open is not None and self._open.index == index:
                    return self._open
                try:
                    meta = self._meta(index)
                except IndexGone:
                    continue
                self._open = ClusterSnapshot(self._connection, self._state, index, meta)
                return self._open
        raise IndexDamaged(f"{self._alias} changes faster than it can be read")

    def snapshot_at(self, generation: int) -> ClusterSnapshot:
        """Return a generation by its number: the newest, or one that was replaced up to KEEP seconds ago.

        Raises GenerationGone for any other number, and what `snapshot` raises.
        """
        newest = self.snapshot()
        if generation == newest.generation:
            return newest
        index = index_name(self._alias, generation)
        replaced = (self._state.read(RETIRED) or {}).get(index)  # None if the run that replaced it has not noted when
        if generation > newest.generation or (replaced and abs(time.time() - replaced) > KEEP):
            raise GenerationGone
        try:
            meta = self._meta(index)
            if meta.get("generation") != generation:  # an uncommitted index that a dead run left
                raise GenerationGone
            return ClusterSnapshot(self._connection, self._state, index, meta)
        except (IndexGone, IndexDamaged, IndexOutdated):
            raise GenerationGone from None

    def last_ledger(self) -> Ledger:
        """Return the ledger of the newest generation, whatever its format version; an empty one if it is unreadable."""
        try:
            index = self._newest()
            generation = self._meta(index)["generation"] if index else 0
            return Ledger.from_json(self._state.read(ledger_name(generation)))
        except (RetryLater, OperatorError, KeyError, TypeError, ValueError):
            return Ledger()

    def _newest(self) -> str | None:
        """Return the index that the alias names; None if there is none."""
        found = self._connection.call("GET", f"/_alias/{self._alias}", missing={})
        return max(found) if found else None

    def _generation_of(self, current: str | None) -> int:
        """Return the generation that the name of the index `current`, which the alias names, ends with; 0 for None.

        Raises OperatorError if Stemma has not made that index, or if an index itself has the name of the alias.
        """
        if current is None and not self._connection.call("GET", f"/{self._alias}", missing={}):
            return 0
        generation = generation_of(current or "", self._alias)
        if generation is None:
            message = f"{self._alias!r} in the cluster is {current or 'an index'}, which Stemma has not made."
            raise OperatorError(message, "Let STEMMA_OPENSEARCH_INDEX be another name.")
        return generation

    def _meta(self, index: str) -> dict[str, Any]:
        """Return the `_meta` object of an index's mapping, which a commit writes; empty if it has none."""
        mapping = self._connection.call("GET", f"/{index}/_mapping")[index]["mappings"]
        meta: dict[str, Any] = mapping.get("_meta", {})
        return meta

    @contextmanager
    def write(self, *, anew: bool = False, run: str = "", part: Partition | None = None) -> Iterator[ClusterWriter]:
        """Hold the writer's lock and yield the writer of the next generation; see `search.engine.Engine.write`.

        For a `part` after the first, yield a writer that adds to the index which part 1 of the run has made.
        """
        self._state.create()
        if part is not None and part.number > 1:
            with self._joined(part, anew=anew) as writer:
                yield writer
            return
        with self._state.locked(self.where) as lease:
            check_left(self._state, self.where)
            current = self._newest()
            base = None if anew or current is None else self.snapshot()
            generation = self._generation_of(current) + 1
            index = index_name(self._alias, generation)
            shards = base.shards if base else self._shards
            draft = Draft(self._alias, index, generation, current, base, run, shards, self._memory)
            shared = SharedRun(self._state, part, lease, lease.token) if part else None
            with ClusterWriter(self._connection, self._state, lease, draft, shared) as writer:
                yield writer

    @contextmanager
    def _joined(self, part: Partition, *, anew: bool) -> Iterator[ClusterWriter]:
        """Yield a writer that adds to the index of part 1. Raises OperatorError if part 1 began otherwise."""
        with joined(self._state, part, self.where) as (shared, head):
            if head["format"] != FORMAT:
                raise OperatorError("Part 1 is of another version of Stemma.", "Install the same on all machines.")
            current = self._newest()
            base = None if anew or current is None else self.snapshot()
            if head["base"] != (base.index if base else None):
                raise OperatorError("Part 1 begins with another index.", "Give --full to all parts, or to none.")
            index, generation, shards = head["index"], head["generation"], head["shards"]
            draft = Draft(self._alias, index, generation, current, base, "", shards, self._memory)
            with ClusterWriter(self._connection, self._state, shared.lease, draft, shared) as writer:
                yield writer

    def check(self, progress: Callable[[int, int], None]) -> CheckReport:
        """Compare the counts and the ledger recorded for the newest generation with its documents in the cluster.

        `progress` is called with (0, 1) and (1, 1). Damage and an outdated format are reported, not raised. Raises
        IndexMissing, and what `Connection.call` does.
        """
        try:
            snapshot = self.snapshot()
        except (IndexDamaged, IndexOutdated) as error:
            return CheckReport(0, 0, 0, None, None, (Damage(self.where, error.message, REBUILD),))
        progress(0, 1)
        known = snapshot.statistics()
        health = self._connection.call("GET", f"/_cluster/health/{snapshot.index}")
        shards = int(health["active_primary_shards"])
        if health["status"] == "red":  # then nothing can be counted
            progress(1, 1)
            damage = Damage(snapshot.index, "some of its shards have no copy", "Start the nodes that had them.")
            return CheckReport(snapshot.generation, shards, known.size, None, None, (damage,), "shard")
        heads = {"heads": {"filter": FIRST}}
        body = {"size": 0, "track_total_hits": True, "query": PARAGRAPHS, "aggs": heads}
        (found,) = self._connection.search(snapshot.index, body)
        articles, paragraphs = found["aggregations"]["heads"]["doc_count"], found["hits"]["total"]["value"]
        damages = []
        if (articles, paragraphs) != (known.articles, known.paragraphs):
            what = f"it has {paragraphs} paragraphs of {articles} articles, not {known.paragraphs} of {known.articles}"
            damages.append(Damage(snapshot.index, what, REBUILD))
        damages += [
            Damage(f"generation {snapshot.generation}", what, REBUILD)
            for what in disagreements(snapshot.ledger(), snapshot.article_ids())
        ]
        progress(1, 1)
        return CheckReport(snapshot.generation, shards, known.size, articles, paragraphs, tuple(damages), "shard")

    def backup(self, target: Path, progress: Callable[[int, int], None]) -> int:  # noqa: ARG002 - from the protocol
        """Raise OperatorError: an index in a cluster is backed up by OpenSearch's own snapshots."""
        raise OperatorError(
            "An index in a cluster is not copied to a folder.", "Take a snapshot by OpenSearch's means."
        )

    def restore(self, source: Path, progress: Callable[[int, int], None]) -> int:  # noqa: ARG002 - from the protocol
        """Raise OperatorError: an index in a cluster is restored from OpenSearch's own snapshots."""
        raise OperatorError("An index in a cluster is not restored from a folder.", "Restore a snapshot of OpenSearch.")

    def unfinished(self) -> int:
        """Return the size, in bytes, of the index that an interrupted run has staged for the next one; 0 for none."""
        head = self._state.read(STAGING) or {}
        if "index" not in head:
            return 0
        stats = self._connection.call("GET", f"/{head['index']}/_stats/store", missing={})
        return int(stats["_all"]["primaries"]["store"]["size_in_bytes"]) if stats else 0

    def surroundings(self) -> dict[str, str]:
        """Return a line about the cluster and one about the shards of the newest generation, each by its label."""
        health = self._connection.call("GET", f"/_cluster/health/{self._alias}")
        nodes, shards, active = (
            int(health[key]) for key in ("number_of_nodes", "active_primary_shards", "active_shards")
        )
        settings = self._connection.call("GET", f"/{self._alias}/_settings?filter_path=*.settings.index.number_of_*")
        ((index, about),) = settings.items()
        wanted, copies = (int(about["settings"]["index"][f"number_of_{what}"]) for what in ("shards", "replicas"))
        version = self._connection.call("GET", "/")["version"]["number"]
        return {
            "Cluster": f"OpenSearch {version}, {nodes} {'node' if nodes == 1 else 'nodes'}, {health['status']}",
            "Shards": f"{shards} of {wanted} of {index} are there, and {active - shards} of {wanted * copies} copies",
        }

    def close(self) -> None:
        """Drop the open snapshot and the connections."""
        self._open = None
        self._connection.close()
