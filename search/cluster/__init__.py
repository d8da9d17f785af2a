"""The engine for archives that outgrow one machine: paragraphs in an OpenSearch cluster, searched and ranked there.

One index holds one generation, and an alias names the newest one. Documents are sent with their terms already computed,
so the cluster matches opaque tokens, and its analyzers neither tokenize words nor stem them.
"""

from __future__ import annotations

from search.cluster.cluster_engine import ClusterEngine

__all__ = ["ClusterEngine"]
