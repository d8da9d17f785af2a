"""The web front end: HTML pages that need no JavaScript, and a JSON API, over `search.service.find`.

- `views`: the routes; each reads the request, searches and renders
- `presentation`: prepares search results for templates and JSON
- `templates`, `static`: the HTML and the style sheet
- `serving`: the production server, granian, and its worker processes
- `request_params`: parameters of a request → SearchRequest
- `urls`: builds every URL
- `cursors`: where a search goes on, and in which generation
- `openapi`: describes every address; `client`: asks them, in one file to take away
- `problems`: errors → problem+json or an error page
- `headers`: security and caching headers
- `content_encoding`, `cross_origin`, `request_ids`, `metrics`: what is done to every answer, whatever it is
- `current`: the engine and index generation of a request
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import orjson
from flask import Flask, Response
from flask.json.provider import JSONProvider
from werkzeug.datastructures import ImmutableDict

from search.engine import Engine
from search.names.names import Names
from search.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

from web import content_encoding, cross_origin, current, headers, metrics, openapi, problems, request_ids, urls
from web.presentation import citations, formatting, serializers
from web.views import (
    api,
    article_page,
    export_route,
    feed,
    filters_page,
    health,
    listings,
    logo,
    pages,
    saved_page,
    status,
)
from web.views.corpus import concordance_page, trends_page


class OrjsonProvider(JSONProvider):
    """Flask's JSON by orjson, which takes a tenth of the time of the standard library."""

    def dumps(self, obj: Any, **_: Any) -> str:  # noqa: ANN401 - Flask's signature
        """Return an object as JSON."""
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:  # noqa: ANN401 - Flask's signature
        """Return the object that JSON text stands for."""
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:  # noqa: ANN401 - Flask's signature
        """Return a response with the JSON of what `flask.jsonify` was called with."""
        return Response(orjson.dumps(self._prepare_response_obj(args, kwargs)), content_type="application/json")


class Application(Flask):
    """A Flask application that does not answer OPTIONS by itself, and adds security headers to every response."""

    default_config = ImmutableDict({**Flask.default_config, "PROVIDE_AUTOMATIC_OPTIONS": False})
    json_provider_class = OrjsonProvider

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - Flask's signature
        """Write an error that nobody expected to the log, with the id that the client was told."""
        self.logger.error("Request %s failed", request_ids.current(), exc_info=exc_info)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI), including errors outside of any route."""
        return super().wsgi_app(environ, headers.with_security(start_response, request_ids.assign(environ)))


def create_app(
    engine: Engine, settings: Settings, names: Names | None = None, picture: logo.Picture | None = None
) -> Flask:
    """Return the WSGI application that searches with an engine. Closing the engine is up to the caller.

    `names` are those in force and `picture` is the logo, by default read as the settings say. Raises SettingsError for
    a file of synonyms or a logo that cannot be read.
    """
    app = Application(__name__)
    app.config["STEMMA"] = settings
    app.extensions[current.ENGINE] = engine
    app.extensions[current.NAMES] = names or Names(settings.variants, settings.synonyms)

    # An article's id may contain `//`, so such paths are not redirected.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = urls.IdConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= (
        formatting.FILTERS | urls.FILTERS | {"marked": serializers.marked_html, "coins": citations.coins}
    )
    app.jinja_env.globals |= urls.GLOBALS | {"archive": settings}

    # What is registered first sees the answer last.
    metrics.init_app(app)
    cross_origin.init_app(app, settings.cors)
    content_encoding.init_app(app)
    headers.init_app(app)
    problems.init_app(app)
    for blueprint in (
        pages.blueprint,
        filters_page.blueprint,
        article_page.blueprint,
        api.blueprint,
        export_route.blueprint,
        feed.blueprint,
        listings.blueprint,
        health.blueprint,
        status.blueprint,
        saved_page.blueprint,
        concordance_page.blueprint,
        trends_page.blueprint,
    ):
        app.register_blueprint(blueprint)
    if picture := picture or logo.read_picture(settings.logo):
        logo.init_app(app, picture)
    openapi.init_app(app)
    return app
