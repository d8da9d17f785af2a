"""The engine of the application that serves the current request."""

from __future__ import annotations

from typing import cast

from flask import current_app

from search.engine import Engine, Snapshot

ENGINE = "stemma.engine"
"""The key of the engine among the application's extensions."""


def snapshot() -> Snapshot:
    """The newest generation of the index. Asked for once a request, so that one answer never mixes two of them.

    Raises IndexMissing, IndexOutdated or IndexDamaged.
    """
    return cast("Engine", current_app.extensions[ENGINE]).snapshot()
