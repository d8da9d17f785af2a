"""The engine of the application that handles the current request, and values that belong to its newest generation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from flask import current_app

from search.engine import Engine, Snapshot
from search.names.names import Names
from search.settings import Settings

T = TypeVar("T")

ENGINE = "stemma.engine"
"""Key of the engine among the application's extensions."""
NAMES = "stemma.names"
"""Key of the variants of names among the application's extensions."""


def snapshot() -> Snapshot:
    """Return the newest generation of the index. Call this once per request, so that no answer mixes two generations.

    Raises IndexMissing, IndexOutdated or IndexDamaged.
    """
    return cast("Engine", current_app.extensions[ENGINE]).snapshot()


def snapshot_at(generation: int) -> Snapshot:
    """Return the generation with this number. Raises GenerationGone if it is not kept, and what `snapshot` raises."""
    return cast("Engine", current_app.extensions[ENGINE]).snapshot_at(generation)


def settings() -> Settings:
    """Return the settings of the application."""
    return cast("Settings", current_app.config["STEMMA"])


def half_life() -> int:
    """Return the half-life of the boost of recent articles, in days; 0 for no boost."""
    return settings().half_life


def names() -> Names:
    """Return what finds the variants of names, as the settings say."""
    return cast("Names", current_app.extensions[NAMES])


def once_per_generation(compute: Callable[[Snapshot], T], snapshot: Snapshot) -> T:
    """Return `compute(snapshot)`. The result is cached until `compute` is asked for with another snapshot."""
    key = f"stemma.{compute.__qualname__}"
    cached: tuple[Snapshot, T] | None = current_app.extensions.get(key)
    if cached is None or cached[0] is not snapshot:
        cached = current_app.extensions[key] = (snapshot, compute(snapshot))
    return cached[1]
