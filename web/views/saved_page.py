"""The page with saved searches and starred articles. Only the browser has them: a script adds them to the page."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from web import request_params

blueprint = Blueprint("saved", __name__)


@blueprint.get("/saved")
def saved() -> str:
    """Show where a browser lists its searches and stars; the same page for everybody."""
    request_params.read_page(request.query_string, ())
    return render_template("saved.html")
