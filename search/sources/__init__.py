"""Files to articles: one reader for each format.

`find_files` lists what a folder holds, `open_source` reads one file: the record of one article, or those of many.
What cannot be read raises UnreadableArticle, or is Refused where the rest of a file is good; both say why, and what to
do. Everything in a file is taken to be hostile: work and memory are bounded, and large libraries read in a process of
their own.
"""

from search.sources.files import FoundFile, find_files
from search.sources.opening import chunks_of, opened
from search.sources.records import Options, Reading, Record, Refused
from search.sources.registry import ENDINGS, MANY_ENDINGS, is_heavy, open_source
from search.sources.sandbox.client import release
from search.sources.text.languages import detected

__all__ = [
    "ENDINGS",
    "MANY_ENDINGS",
    "FoundFile",
    "Options",
    "Reading",
    "Record",
    "Refused",
    "chunks_of",
    "find_files",
    "is_heavy",
    "language_of",
    "open_source",
    "opened",
    "release",
]


def language_of(record: Record, languages: tuple[str, ...]) -> str:
    """The language of an article among these: the one that it states, else the one that it seems to be in."""
    if record.lang in languages:
        return record.lang
    if len(languages) == 1:
        return languages[0]
    return detected("\n".join((record.title, *record.paragraphs[:20])), languages)
