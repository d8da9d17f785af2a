"""Indexing of source folders: a run reads what has changed, and is visible as a whole or not at all."""

from search.indexing.report import Change, Report, Step
from search.indexing.run import reindex

__all__ = ["Change", "Report", "Step", "reindex"]
