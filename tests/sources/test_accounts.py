"""What native texts, JSON and tables hold is accounted for to the last character.

As in `character_counts`: small letters become text, capitals are left out by a rule, digits are in records that are
refused. The other formats have such a test among their own.
"""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from search.sources import Record, RefusedRecord
from tests.sources.character_counts import check_all_accounted
from tests.sources.reader_helpers import read

WORDS = st.lists(st.text("bcdefgé", min_size=1, max_size=5), min_size=1, max_size=4).map(" ".join)
"""What is to become text."""
LEFT_OUT = st.text("BCDEFG", max_size=5)
"""What fields have that nobody reads."""
TEXTS = st.lists(WORDS, min_size=1, max_size=4)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?')
_ESCAPE = re.compile(r"\\u[0-9a-f]{4}|\\.")


def read_together(name: str, text: str) -> Record:
    """All records of a file as if they were one; `missing` has the reasons of those that are refused."""
    with TemporaryDirectory() as folder:
        records = read(Path(folder), name, text)
    found = [one for one in records if isinstance(one, Record)]
    refused = tuple([one.reason for one in records if isinstance(one, RefusedRecord)])
    paragraphs = [text for one in found for text in (one.title, *one.paragraphs)]
    missing = [reason for one in found for reason in one.missing]
    return replace(found[0], title="", paragraphs=tuple(paragraphs), missing=(*missing, *refused))


def values_of(text: str) -> str:
    """The strings of JSON that are no names of fields, by a regular expression instead of a parser."""
    values = [value for value, is_name in _STRING.findall(text) if not is_name]
    return _ESCAPE.sub(lambda sign: json.loads(f'"{sign[0]}"'), " ".join(values))


@given(st.lists(st.one_of(WORDS, st.just(""), st.just("   ")), min_size=1, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_native(lines: list[str], end: str) -> None:
    """Each line is the title or a paragraph, with blank lines between them or none."""
    text = end.join(["title", "- 2025-07-23", *lines, "end"])
    check_all_accounted(text.replace("- 2025-07-23", ""), read_together("a.txt", text))


@given(st.lists(st.tuples(WORDS, TEXTS, LEFT_OUT, st.booleans()), min_size=1, max_size=5), st.booleans(), st.booleans())
def test_json(rows: list[tuple[str, list[str], str, bool]], lines: bool, ascii_only: bool) -> None:
    """Fields that are not read may hold anything, objects too; a record without any text is refused, and said to be."""
    objects = [
        {"title": title, "note": {"a": [note]}, **({"paragraphs": texts} if as_list else {"text": "\n\n".join(texts)})}
        for title, texts, note, as_list in rows
    ]
    parts = [json.dumps(one, ensure_ascii=ascii_only) for one in [*objects, {"number": "1"}]]
    text = "\n".join(parts) if lines else f"[{','.join(parts)}]"
    check_all_accounted(values_of(text), read_together("a.jsonl" if lines else "a.json", text))


@given(st.lists(st.tuples(WORDS, TEXTS, LEFT_OUT), min_size=1, max_size=5), st.sampled_from([",", ";", "\t"]))
def test_tables(rows: list[tuple[str, list[str], str]], separator: str) -> None:
    """Cells of several lines are read, columns of other names are not; a row without any text is refused."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter=separator)
    writer.writerows([("title", "text", "author"), *((title, "\n".join(texts), note) for title, texts, note in rows)])
    writer.writerow(["", "", "1"])
    text = table.getvalue()
    name = "a.tsv" if separator == "\t" else "a.csv"
    check_all_accounted(text.partition("\n")[2], read_together(name, text))
