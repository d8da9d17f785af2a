"""Opening of documents that are zips: DOCX and EPUB."""

from __future__ import annotations

import io
from zipfile import BadZipFile, ZipFile

from search.errors import UnreadableArticle
from search.sources.opening import format_size_limit
from search.sources.records import Options

MEMBERS = 100_000
"""Highest accepted number of files in a zip."""


def open_zip_document(data: bytes, options: Options) -> ZipFile:
    """Open the zip that a document is. Raise UnreadableArticle when it is damaged, encrypted or too large."""
    try:
        document = ZipFile(io.BytesIO(data))
    except BadZipFile:
        message = "The file is damaged: it is not the zip that this format is."
        raise UnreadableArticle(message, "Get or save the file again.") from None
    members = document.infolist()
    # what is read of a member never exceeds the size that it states
    if len(members) > MEMBERS or sum(member.file_size for member in members) > options.unpacked:
        message = f"It unpacks to more than {format_size_limit(options.unpacked)} or {MEMBERS:,} files."
        raise UnreadableArticle(message, "Save it without pictures, or take it out of the folder.")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableArticle("The file is encrypted.", "Save it without a password, or take it out of the folder.")
    return document
