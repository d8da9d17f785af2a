"""The protocols of a search engine with the types that they use, and `open_engine`, which opens the one in use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from search.engine.protocols import Engine, LocalEngine, Partition, Snapshot, Vocabulary, Writer
from search.engine.searches import MatchStream, Recency, Search, SearchReader
from search.engine.statistics import CheckReport, Damage, ScoringStatistics, Statistics, TermFrequency
from search.errors import SettingsError

if TYPE_CHECKING:
    from search.settings import Settings

__all__ = [
    "CheckReport",
    "Damage",
    "Engine",
    "LocalEngine",
    "MatchStream",
    "Partition",
    "Recency",
    "ScoringStatistics",
    "Search",
    "SearchReader",
    "Snapshot",
    "Statistics",
    "TermFrequency",
    "Vocabulary",
    "Writer",
    "open_engine",
]


def open_engine(settings: Settings) -> LocalEngine:
    """Open the engine that the settings name, and import no other.

    Raises SettingsError for an unknown name, and if a library that the engine needs is not installed.
    """
    if settings.engine == "whoosh":
        from search.index import WhooshEngine  # noqa: PLC0415 - the other engine's library stays unloaded

        return WhooshEngine(settings.index, settings.memory << 20, settings.jobs)
    if settings.engine == "opensearch":
        try:
            from search.cluster import ClusterEngine  # noqa: PLC0415 - as above
        except ModuleNotFoundError as error:
            message = f"The engine opensearch needs {error.name}."
            raise SettingsError(
                message, "Install it in the folder of Stemma's code: pip install '.[cluster]'"
            ) from None
        return ClusterEngine(
            settings.opensearch_url,
            settings.opensearch_index,
            user=settings.opensearch_user,
            password=settings.opensearch_password,
            authority=Path(settings.opensearch_ca) if settings.opensearch_ca else None,
            shards=settings.opensearch_shards,
            memory=settings.memory << 20,
        )
    raise SettingsError(f"There is no engine {settings.engine!r}.", "STEMMA_ENGINE can be: whoosh, opensearch.")
