"""Opening of documents that are zips: DOCX and EPUB."""

from __future__ import annotations

import io
import lzma
import struct
import zlib
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from search.errors import UnreadableArticle
from search.sources.opening import format_size_limit
from search.sources.records import Options

if TYPE_CHECKING:
    from lxml import etree

MEMBERS = 100_000
"""Highest accepted number of files in a zip."""

DAMAGE = (
    *(BadZipFile, EOFError, OSError, OverflowError, RuntimeError, ValueError, struct.error),
    *(zlib.error, lzma.LZMAError),
)
"""Exceptions that zipfile raises for a damaged zip, such as for offsets beyond 2^63 or names in no encoding."""


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


def read_xml(document: ZipFile, path: str) -> etree._Element:
    """Return the tree of an XML file in a document. Entities are not expanded, and nothing is fetched, for safety.

    Raise ValueError, with a message for people, when the file is missing, damaged, or not XML.
    """
    from lxml import etree  # noqa: PLC0415 - only the sandbox process loads it

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        return etree.fromstring(document.read(path), parser)
    except KeyError:
        reason = "is missing"
    except etree.XMLSyntaxError as error:
        reason = f"is not XML: {error.msg}"
    except DAMAGE as error:
        reason = f"is damaged: {error}"
    raise ValueError(f"{path!r} {reason.rstrip('.')}")
