"""The engine for archives that outgrow one machine: paragraphs in an OpenSearch cluster, searched and ranked there.

One index holds one generation; an alias names the newest. Texts come with their terms, so that the cluster matches
opaque tokens and its analyzers decide nothing.
"""

from __future__ import annotations

from search.cluster.cluster_engine import ClusterEngine

__all__ = ["ClusterEngine"]
