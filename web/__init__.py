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

from flask import Flask
from werkzeug.datastructures import ImmutableDict

from search.engines import Engine
from search.settings import Settings
from web import api, chips, current, display, headers, health, links, pages, problems, rendering, status


class Application(Flask):
    """Flask that takes GET and HEAD alone where a route says no more: OPTIONS would be 200 everywhere."""

    default_config = ImmutableDict({**Flask.default_config, "PROVIDE_AUTOMATIC_OPTIONS": False})


JSON_PROVIDER_SETTINGS = {"ensure_ascii": False, "sort_keys": False}


def create_app(engine: Engine, settings: Settings) -> Flask:
    """The WSGI application that searches with this engine. The caller keeps the engine, and closes it."""
    app = Application(__name__)
    app.config["STEMMA"] = settings
    app.extensions[current.ENGINE] = engine
    for name, value in JSON_PROVIDER_SETTINGS.items():
        setattr(app.json, name, value)

    # What stands in an address is what is meant: no redirect to what it may have meant.
    app.url_map.merge_slashes = False
    app.url_map.converters["id"] = links.IdConverter
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= display.FILTERS | {"marked": rendering.marked, "in_use": chips.in_use}
    app.jinja_env.globals |= links.GLOBALS

    headers.init_app(app)
    problems.init_app(app)
    for blueprint in (pages.blueprint, api.blueprint, health.blueprint, status.blueprint):
        app.register_blueprint(blueprint)
    return app
