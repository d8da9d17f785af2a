"""The web front end: pages that work without JavaScript, and the same searches as JSON.

- `parameters`: the request's parameters → SearchRequest
- `pages`, `api`: the routes; they ask `search.find` and show its Page
- `rendering`: Page → JSON, marked text → HTML; `results`: the rows of a page;
  `facets`: what it can be narrowed by
- `display`: dates, numbers and languages for people
- `links`: every URL that is written
- `holdings`: what the home page says of the archive; `examples`: queries that find something in it
- `chips`: the filters in force; `offers`: what to try where nothing was found
- `problems`: errors → problem+json or an error page
- `headers`: security, caching
- `health`: alive? ready?
- `status`: what the index holds, what could not be read
- `server`: granian and its processes; `listening`: where, and how many connections; `connections`: which are ended
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response
from flask.json.provider import JSONProvider
from werkzeug.datastructures import ImmutableDict

from search.engine import Engine
from search.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

from web import current, headers, problems, urls
from web.presentation import active_filters, formatting, serializers
from web.views import api, health, pages, status


class Json(JSONProvider):
    """JSON by orjson, which takes a tenth of the time of the standard library's."""

    def dumps(self, obj: Any, **_: Any) -> str:  # noqa: ANN401 - Flask's signature
        """An object as JSON."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:  # noqa: ANN401 - Flask's signature
        """What JSON says."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - Flask's signature
        """An answer, as `flask.jsonify` gives it."""
        return Response(orjson.dumps(self._prepare_response_obj(args, kwargs)), content_type="application/json")


class Application(Flask):
    """Flask that takes GET and HEAD alone where a route says no more: OPTIONS would be 200 everywhere."""

    default_config = ImmutableDict({**Flask.default_config, "PROVIDE_AUTOMATIC_OPTIONS": False})
    json_provider_class = Json

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, with the headers that every answer has."""
        return super().wsgi_app(environ, headers.secured(start_response))


def create_app(engine: Engine, settings: Settings) -> Flask:
    """The WSGI application that searches with this engine. The caller keeps the engine, and closes it."""
    app = Application(__name__)
    app.config["STEMMA"] = settings
    app.extensions[current.ENGINE] = engine

    # What stands in an address is what is meant: no redirect to what it may have meant.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = urls.IdConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= formatting.FILTERS | {"marked": serializers.marked, "in_use": active_filters.in_use}
    app.jinja_env.globals |= urls.GLOBALS

    headers.init_app(app)
    problems.init_app(app)
    for blueprint in (pages.blueprint, api.blueprint, health.blueprint, status.blueprint):
        app.register_blueprint(blueprint)
    return app
