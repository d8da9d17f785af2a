"""The web front end: HTML pages, on which searching and reading need no JavaScript, and a JSON API.

Both search by `search.service.find`.

- `views`: the routes; each reads the request, searches and renders
- `presentation`: prepares search results for templates and JSON
- `templates`, `static`: the HTML; style sheets, scripts and the icon
- `serving`: the production server, granian, and its worker processes
- `request_params`: turns the parameters of a request into a SearchRequest
- `urls`: builds every URL
- `cursors`: writes and reads the texts by which a client asks for the next page, in the same generation of the index
- `openapi`: describes every address in OpenAPI
- `client`: a client of the JSON API, in one file that can be copied
- `problems`: turns errors into problem+json or an error page
- `headers`: security and caching headers
- `content_encoding`, `cross_origin`, `request_ids`, `metrics`: compress, allow other origins, number and count; they
  apply to the answers of all routes
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
    """Has Flask write and read JSON with orjson, which takes a tenth of the time of the standard library."""

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
    """A Flask application that adds security headers and an id to each response, and leaves OPTIONS to other hooks."""

    default_config = ImmutableDict({**Flask.default_config, "PROVIDE_AUTOMATIC_OPTIONS": False})
    json_provider_class = OrjsonProvider

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - Flask's signature
        """Write an unexpected error to the log, with the id of the request, which the client was told."""
        self.logger.error("Request %s failed", request_ids.current(), exc_info=exc_info)

    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Handle a request (WSGI); an error outside of any route is answered too, and has the same headers."""
        return super().wsgi_app(environ, headers.with_security(start_response, request_ids.assign(environ)))


def create_app(
    engine: Engine, settings: Settings, names: Names | None = None, picture: logo.Picture | None = None
) -> Flask:
    """Return the WSGI application that searches with an engine. Closing the engine is up to the caller.

    `names` finds the variants of names and `picture` is the logo; by default both are made as the settings say. Raises
    SettingsError for a file of synonyms or a logo that cannot be read.
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

    # Flask calls `after_request` hooks in reverse: what is registered first sees the answer last.
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
