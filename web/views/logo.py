"""The picture beside the archive's name, if the setting `logo` names one."""

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
"""The kinds of pictures that can be a logo: the media type for each ending of a file name."""


class Picture(NamedTuple):
    """A picture: the bytes of its file, and its media type."""

    contents: bytes
    media_type: str


def read_picture(path: str) -> Picture | None:
    """Return the picture in a file; None if the path is empty.

    Raises SettingsError for a file that is empty, cannot be read, or has an ending that is not in TYPES.
    """
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
        raise SettingsError(f"The logo {path!r} is no picture, or empty.", f"It can end in {', '.join(TYPES)}.")
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
