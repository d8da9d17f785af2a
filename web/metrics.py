"""Metrics for Prometheus: number and duration of requests, and the size of the index."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, current_app, g, request

from search.errors import StemmaError
from web import current, request_params

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

ROOM = "PROMETHEUS_MULTIPROC_DIR"
"""The environment variable that names the folder by which prometheus_client adds up the counts of all processes."""
BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper limits of the buckets of the histogram of durations, in seconds."""
KEY = "stemma.metrics"
"""Key of the RequestMetrics among the application's extensions."""

blueprint = Blueprint("metrics", __name__)


def share_in(folder: Path) -> None:
    """Have all processes that are forked from now on add up their counts, in files of `folder`, which has no others.

    Call this before the first application is created: prometheus_client reads the environment once.
    """
    os.environ[ROOM] = str(folder)


class RequestMetrics:
    """The counters of one process, or, after `share_in`, of all worker processes together."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Histogram  # noqa: PLC0415 - see `share_in`

        self._registry = CollectorRegistry()
        self._requests = Counter(
            "stemma_requests", "Requests by route and status.", ("route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "stemma_request_seconds",
            "Seconds until an answer began.",
            ("route",),
            registry=self._registry,
            buckets=BUCKETS,
        )
        self._known: dict[tuple[str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count a request by its route and status, and its duration in seconds."""
        if (found := self._known.get((route, status))) is None:
            counter, histogram = self._requests.labels(route, str(status)), self._seconds.labels(route)
            found = self._known[route, status] = (counter.inc, histogram.observe)
        increase, observe = found
        increase()
        observe(seconds)

    def text(self) -> tuple[bytes, str]:
        """Return the metrics in the text format of Prometheus, and the media type of that."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest  # noqa: PLC0415 - as above
        from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - as above

        registry = self._registry
        if folder := os.environ.get(ROOM):
            registry = CollectorRegistry()
            MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # it has none
        of_index = CollectorRegistry()
        of_index.register(IndexCollector())
        return generate_latest(registry) + generate_latest(of_index), CONTENT_TYPE_LATEST


class IndexCollector:
    """Collects the size of the newest generation of the index for prometheus_client."""

    def collect(self) -> Iterator[Metric]:
        """Yield the generation's number, its articles and its paragraphs; nothing if the index cannot be opened."""
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - as above

        try:
            snapshot = current.snapshot()
        except StemmaError:
            return
        known = snapshot.statistics()
        yield GaugeMetricFamily("stemma_index_generation", "Number of the index's generation.", snapshot.generation)
        yield GaugeMetricFamily("stemma_index_articles", "Articles in the index.", known.articles)
        yield GaugeMetricFamily("stemma_index_paragraphs", "Paragraphs in the index.", known.paragraphs)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Return the metrics in the text format of Prometheus."""
    request_params.read(request.query_string, ())
    counted: RequestMetrics = current_app.extensions[KEY]
    text, content_type = counted.text()
    return Response(text, content_type=content_type)


def init_app(app: Flask) -> None:
    """Count every request. Call this before other hooks are registered, so that their time is measured too."""
    app.extensions[KEY] = counted = RequestMetrics()

    def begin() -> None:
        g.started = time.perf_counter()

    def end(response: Response) -> Response:
        rule = request.url_rule
        seconds = time.perf_counter() - g.started if "started" in g else 0.0
        counted.count(rule.rule if rule else "none", response.status_code, seconds)
        return response

    app.before_request(begin)
    app.after_request(end)
    app.register_blueprint(blueprint)
