"""Readers of the files of test collections: documents, queries and relevance judgments.

Files are UTF-8, or in an older encoding that is guessed, and may be packed as gzip or xz. They are read line by line,
with a limit on the length of a line and of a document. Every error is a CollectionError that names file and line.
"""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import orjson

from search.errors import CollectionError, UnreadableArticle
from search.sources.decompression import COMPRESSIONS, decompress
from search.sources.opening import open_regular_file, read_chunks
from search.sources.records import Options, RefusedRecord
from search.sources.text.lines import LineReader

MAX_DOCUMENT = 16 << 20
"""Bytes of the longest line, and code points of the longest document in TREC's SGML."""
MAX_ID = 256
"""Code points of the longest id of a document or query."""
MAX_GRADE = 100
"""Highest relevance grade: trec_eval keeps a table of all grades."""

ID_FIELDS = ("_id", "id", "docno", "doc_id", "docid", "query_id", "qid")
"""Fields of a JSON object that may hold its id; the first that is there does."""
TEXT_FIELDS = ("text", "contents", "body")
"""Fields of a JSON document that may hold its text."""
QUERY_FIELDS = ("text", "query", "title")
"""Fields of a JSON query that may hold its text."""

TITLE_TAGS = ("TITLE", "HEADLINE", "HEAD", "HL", "TTL", "TI")
"""Elements of a TREC document that may hold its title; the first that is not empty does."""
TEXT_TAGS = ("TEXT", "LEADPARA", "LP")
"""Elements of a TREC document that hold its text. Without any, its text is all that is neither title nor id."""
ID_TAGS = ("DOCNO", "DOCID")

_TAG = re.compile(r"<([/!?]?)(\w*)[^<>]*>")
_LABEL = re.compile(r"^\s*(?:Number|Topic)\s*:", re.IGNORECASE)
"""Text that old TREC topics repeat after `<num>` and `<title>`."""
_OPTIONS = Options(languages=("en",), record=MAX_DOCUMENT)


class Document(NamedTuple):
    """A document of a test collection; title and text may be empty."""

    id: str
    title: str
    text: str


class Line(NamedTuple):
    """A line of a file that is not blank, with its number from 1."""

    path: Path
    number: int
    text: str

    def refuse(self, problem: str, hint: str) -> NoReturn:
        """Raise CollectionError for this line."""
        raise CollectionError(f"{self.path}, line {self.number}: {problem}", hint)


def read_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file that are not blank. Raise CollectionError where it cannot be read."""
    try:
        with open_regular_file(path) as file:
            ending = path.suffix[1:]
            chunks = decompress(ending, file, _OPTIONS) if ending in COMPRESSIONS else read_chunks(file)
            lines = LineReader(chunks, _OPTIONS, {})
            for text in lines:
                if isinstance(text, RefusedRecord):
                    raise CollectionError(f"{path}: {text.reason}", text.advice)
                if text and not text.isspace():
                    yield Line(path, lines.number, text)
    except UnreadableArticle as error:
        raise CollectionError(f"{path}: {error.message}", error.hint) from None


def checked_id(line: Line, text: str) -> str:
    """Return an id that can stand in a run file: not empty, without white space or control characters."""
    if not 0 < len(text) <= MAX_ID or not text.isprintable() or " " in text:
        hint = f"An id has 1 to {MAX_ID} characters, none of them blank or invisible."
        line.refuse(f"{text[:MAX_ID]!r} cannot be an id.", hint)
    return text


def json_documents(path: Path) -> Iterator[tuple[Line, Document]]:
    """Yield the documents of a JSON Lines file: an object a line with id, text and, if it has one, title."""
    for line in read_lines(path):
        record = _object(line)
        title = record.get("title")
        yield line, Document(_id(line, record), "" if title is None else _text(line, title), _first(line, record))


def json_queries(path: Path) -> Iterator[tuple[Line, str, str]]:
    """Yield the id and the text of each query of a JSON Lines file."""
    for line in read_lines(path):
        record = _object(line)
        yield line, _id(line, record), _first(line, record, QUERY_FIELDS)


def _object(line: Line) -> dict[str, Any]:
    try:
        record = orjson.loads(line.text)
    except orjson.JSONDecodeError as error:
        line.refuse(f"This is not JSON: {error.msg}, at character {error.colno}.", "Write one object on each line.")
    if not isinstance(record, dict):
        line.refuse("This is not a JSON object.", 'Write each line as in {"_id": "1", "text": "…"}.')
    return record


def _id(line: Line, record: dict[str, Any]) -> str:
    value = next((record[field] for field in ID_FIELDS if field in record), None)
    if isinstance(value, bool) or not isinstance(value, str | int):
        line.refuse("There is no id, or it is neither a text nor a number.", f"It is the value of {ID_FIELDS[0]!r}.")
    return checked_id(line, str(value))


def _first(line: Line, record: dict[str, Any], names: tuple[str, ...] = TEXT_FIELDS) -> str:
    """Return the text of the first of these fields that is there."""
    name = next((name for name in names if name in record), None)
    if name is None:
        line.refuse("There is no text.", f"It is the value of {names[0]!r}; it may be empty.")
    return _text(line, record[name])


def _text(line: Line, value: object) -> str:
    if not isinstance(value, str):
        line.refuse(f"A {type(value).__name__} stands where a text should.", 'Write texts in "quotes".')
    return value


def sgml_documents(path: Path) -> Iterator[tuple[Line, Document]]:
    """Yield the documents of a TREC file: `<DOC>` elements with a `<DOCNO>`; each with the line that it begins in."""
    document: _SgmlDocument | None = None
    for line, slash, name, text in _markup(path):
        if document is not None:
            document.add(text)
        elif text and not text.isspace():
            line.refuse("Here is text outside of a document.", "Each document begins with <DOC> and ends with </DOC>.")
        if name == "DOC":
            if (slash == "/") != (document is not None):
                begin = line if document is None else document.begin
                begin.refuse("This document has no end, or no beginning.", "Write <DOC> before and </DOC> after it.")
            if document is not None:
                yield document.begin, document.whole()
            document = _SgmlDocument(line) if document is None else None
        elif document is not None:
            document.tag(slash, name)
    if document is not None:
        document.begin.refuse("This document has no end.", "Write </DOC> after it.")


class _SgmlDocument:
    """A document of a TREC file while it is read: its texts by the element that they stand in."""

    def __init__(self, begin: Line) -> None:
        self.begin = begin
        """The line that it begins in."""
        self.section = ""
        """The known element that is open; "" outside of all."""
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.size = 0

    def add(self, text: str) -> None:
        """Add a text. Raise CollectionError when the document becomes too long."""
        self.size += len(text)
        if self.size > MAX_DOCUMENT:
            self.begin.refuse(f"This document has more than {MAX_DOCUMENT:,} characters.", "Split it.")
        self.texts[self.section].append(text)

    def tag(self, slash: str, name: str) -> None:
        """Note the begin or the end of an element; elements within a known one are part of it."""
        if slash == "/" and name == self.section:
            self.section = ""
        elif not slash and not self.section and name in {*ID_TAGS, *TITLE_TAGS, *TEXT_TAGS}:
            self.section = name

    def whole(self) -> Document:
        """Return the document. Raise CollectionError when it has no id."""
        texts = {name: html.unescape(" ".join(pieces)).strip() for name, pieces in self.texts.items()}
        if not texts.get("DOCNO"):
            self.begin.refuse("This document has no id.", "Write it as in <DOCNO> AP-1 </DOCNO>.")
        title = next((texts[name] for name in TITLE_TAGS if texts.get(name)), "")
        text = " ".join(texts[name] for name in TEXT_TAGS if texts.get(name)) or texts.get("", "")
        return Document(checked_id(self.begin, texts["DOCNO"]), title, text)


def _markup(path: Path) -> Iterator[tuple[Line, str, str, str]]:
    """Yield each tag of a file: its line, `/` for a closing one, its name in capitals, and the text before it.

    At the end of a line the name is empty.
    """
    for line in read_lines(path):
        at = 0
        for tag in _TAG.finditer(line.text):
            yield line, tag[1], tag[2].upper(), line.text[at : tag.start()]
            at = tag.end()
        yield line, "", "", line.text[at:]


def topics(path: Path) -> Iterator[tuple[Line, str, str]]:
    """Yield the id (`<num>`) and the title (`<title>`) of each `<top>` of a TREC file; elements may lack an end."""
    began: Line | None = None
    fields: dict[str, list[str]] = defaultdict(list)
    field = ""
    for line, tag, name, text in _markup(path):
        if began is not None:
            fields[field].append(text)
        if name == "TOP" and not tag:
            if began is not None:
                began.refuse("This topic has no end.", "Write </top> after it.")
            began, field, fields = line, "", defaultdict(list)
        elif name == "TOP" and began is not None:
            texts = {
                key: html.unescape(_LABEL.sub("", " ".join(pieces), count=1)).strip() for key, pieces in fields.items()
            }
            if not texts.get("TITLE"):
                began.refuse("This topic has no title.", "Its query is what stands in <title>.")
            yield began, checked_id(began, texts.get("NUM", "")), texts["TITLE"]
            began = None
        elif name:
            field = "" if tag else name
    if began is not None:
        began.refuse("This topic has no end.", "Write </top> after it.")


def tsv_queries(path: Path) -> Iterator[tuple[Line, str, str]]:
    """Yield the id and the text of each line of two columns, with a tab between them; a line of names is left out."""
    for line in read_lines(path):
        query_id, tab, text = line.text.partition("\t")
        if not tab:
            line.refuse("There is no tab in this line.", "Write the id of the query, a tab, and its text.")
        if query_id.strip().lower() not in {"id", "_id", "qid", "query-id", "query_id"}:
            yield line, checked_id(line, query_id.strip()), text.strip()


def judgments(path: Path, *, columns: int) -> dict[str, dict[str, int]]:
    """Return the relevance grade of each judged document by query and document.

    A line has four columns as in TREC (query, iteration, document, grade), or three as in BEIR, after a line of names.
    Negative grades, which TREC gives to spam, count as 0. A repeated line is taken once.
    """
    grades: dict[str, dict[str, int]] = {}
    first = columns == 3
    for line in read_lines(path):
        cells = line.text.split()
        if first and len(cells) == columns and not _is_grade(cells[-1]):
            first = False
            continue
        first = False
        if len(cells) != columns or not _is_grade(cells[-1]):
            named = "query, iteration, document and grade" if columns == 4 else "query, document and grade"
            line.refuse("This is no judgment.", f"A line has {columns} columns: {named}, up to {MAX_GRADE}.")
        query_id, document_id = checked_id(line, cells[0]), checked_id(line, cells[-2])
        grade = max(0, int(cells[-1]))
        if grades.setdefault(query_id, {}).setdefault(document_id, grade) != grade:
            line.refuse(f"{document_id!r} has another grade for query {query_id!r} already.", "Keep one of the two.")
    return grades


def _is_grade(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,4}", text) is not None and int(text) <= MAX_GRADE
