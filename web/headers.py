"""Headers of every answer: what the browser may do with it, and how long it may keep it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request

SECURITY = {
    # No script, no frame, no request to anywhere else: what an article smuggles in has nothing to run with.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # What people search for is nobody else's business.
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
YEAR = 31_536_000


def init_app(app: Flask) -> None:
    """Put the headers on every answer, and `asset(name)` for templates: a static file's URL with its content's hash."""
    versions = _versions(Path(app.static_folder or ""))

    def asset(name: str) -> str:
        return f"{app.static_url_path}/{name}?v={versions[name]}"

    def finish(response: Response) -> Response:
        for name, value in SECURITY.items():
            response.headers[name] = value
        cache(response)
        # Comparing adds a date, and the server adds its own: one is enough.
        response.headers.remove("Date")
        return response

    def cache(response: Response) -> None:
        if request.endpoint == "static":
            name = (request.view_args or {}).get("filename", "")
            if request.args.get("v", "") == versions.get(name):
                response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
            return
        # Keep a copy, but ask each time: a new generation of the index is visible at once.
        response.headers["Cache-Control"] = "no-cache"
        if response.status_code == 200:
            response.add_etag()
            response.make_conditional(request)

    app.jinja_env.globals["asset"] = asset
    app.after_request(finish)


def _versions(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest()[:12] for path in folder.iterdir()}
