"""The picture beside the archive's name, where the operator has one."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, Response

from search.errors import SettingsError

TYPES = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
}
"""The pictures that can be a logo: the media type of each ending."""


def init_app(app: Flask, path: str) -> None:
    """Serve a file as `/logo`, read once, at the start. Raises SettingsError for one that cannot be one."""
    file = Path(path)
    media_type = TYPES.get(file.suffix.lower())
    try:
        picture = file.read_bytes() if media_type else b""
    except OSError as error:
        message = f"The logo {path!r} cannot be read: {error.strerror}."
        raise SettingsError(message, "Name a file that is there, or take the setting away.") from error
    if not picture:
        message = f"The logo {path!r} is no picture, or empty."
        raise SettingsError(message, f"It can end in {', '.join(TYPES)}.")
    blueprint = Blueprint("logo", __name__)

    @blueprint.get("/logo")
    def logo() -> Response:
        return Response(picture, mimetype=media_type)

    app.register_blueprint(blueprint)
