"""From source folders to an index: one run that is visible whole or not at all, at the cost of what changed."""

from search.indexing.report import Change, Report, Step
from search.indexing.run import reindex

__all__ = ["Change", "Report", "Step", "reindex"]
