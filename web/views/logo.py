"""The picture beside the archive's name, where the operator has one."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, Flask, Response, request

from search.errors import SettingsError
from web import request_params

TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
"""The pictures that can be a logo: the media type of each ending."""


class Picture(NamedTuple):
    """A picture as it is served."""

    contents: bytes
    media_type: str


def read_picture(path: str) -> Picture | None:
    """Return the picture in a file; None without a path. Raises SettingsError for a file that is no picture."""
    if not path:
        return None
    file = Path(path)
    media_type = TYPES.get(file.suffix.lower())
    try:
        picture = file.read_bytes() if media_type else b""
    except OSError as error:
        message = f"The logo {path!r} cannot be read: {error.strerror}."
        raise SettingsError(message, "Name a file that is there, or take the setting away.") from error
    if not picture or not media_type:
        message = f"The logo {path!r} is no picture, or empty."
        raise SettingsError(message, f"It can end in {', '.join(TYPES)}.")
    return Picture(picture, media_type)


def init_app(app: Flask, picture: Picture) -> None:
    """Serve a picture as `/logo`."""
    blueprint = Blueprint("logo", __name__)

    @blueprint.get("/logo")
    def logo() -> Response:
        """Return the picture."""
        request_params.read(request.query_string, ())
        return Response(picture.contents, mimetype=picture.media_type)

    app.register_blueprint(blueprint)
