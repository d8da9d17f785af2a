"""Documents that are zips (DOCX, EPUB): opened only when what is in them is bounded and can be read."""

from __future__ import annotations

import io
from zipfile import BadZipFile, ZipFile

from search.errors import UnreadableArticle
from search.sources.opening import megabytes
from search.sources.records import Options

MEMBERS = 100_000
"""More than any honest zip of articles has."""


def opened_box(data: bytes, options: Options) -> ZipFile:
    """The zip that a document is. Raises UnreadableArticle when it is none, a bomb, or encrypted."""
    try:
        box = ZipFile(io.BytesIO(data))
    except BadZipFile:
        message = "The file is damaged: it is not the zip that this format is."
        raise UnreadableArticle(message, "Get or save the file again.") from None
    members = box.infolist()
    # what is read of a member never exceeds the size that it states
    if len(members) > MEMBERS or sum(member.file_size for member in members) > options.unpacked:
        message = f"It unpacks to more than {megabytes(options.unpacked)} or {MEMBERS:,} files."
        raise UnreadableArticle(message, "Save it without pictures, or take it out of the folder.")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableArticle("The file is encrypted.", "Save it without a password, or take it out of the folder.")
    return box
