"""Readers of source files: one reader for each format turns a file into records of articles.

`find_files` lists the files below a folder, `open_source` reads one of them. A file that cannot be read raises
UnreadableArticle; a record that cannot be read becomes a RefusedRecord. Both carry the reason and advice. All content
is taken to be hostile: work and memory are bounded, and large libraries run in a process of their own.
"""

from search.sources.files import FoundFile, find_files
from search.sources.opening import open_regular_file
from search.sources.records import Options, Record, RefusedRecord, SourceFile
from search.sources.registry import ENDINGS, MANY_ENDINGS, NumberTaken, check_file_size, is_heavy, open_source
from search.sources.sandbox.sandbox_client import interrupt, release
from search.sources.text.languages import detect_language

__all__ = [
    "ENDINGS",
    "MANY_ENDINGS",
    "FoundFile",
    "NumberTaken",
    "Options",
    "Record",
    "RefusedRecord",
    "SourceFile",
    "check_file_size",
    "find_files",
    "interrupt",
    "is_heavy",
    "language_of",
    "open_regular_file",
    "open_source",
    "release",
]


def language_of(record: Record, languages: tuple[str, ...]) -> str:
    """Return the language of an article, one of `languages`: the stated one if it is among them, else the detected."""
    if record.lang in languages:
        return record.lang
    if len(languages) == 1:
        return languages[0]
    return detect_language("\n".join((record.title, *record.paragraphs[:20])), languages)
