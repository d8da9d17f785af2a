"""Files to articles: one reader for each format.

A reader takes a file's bytes and returns its Text, or raises UnreadableArticle with a reason and advice.
"""

from search.sources.files import FoundFile, find_files
from search.sources.native import Text, read_native

__all__ = ["READERS", "FoundFile", "Text", "find_files", "read_native"]

READERS = {".txt": read_native}
"""The reader of each file name's ending, in small letters."""
