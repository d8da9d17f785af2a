"""Every character of a file is in the index, left out by a rule, or said to be missing: native text, JSON, tables.

The formats of documents have such tests of their readers, which know their markup; these go from the file to the index.
In the sources small letters are text, capitals are what docs/formats.md leaves out, digits are what cannot be read.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from search.indexing import reindex
from search.ledger import LedgerEntry
from search.model import Article
from search.sources import Options
from tests.oracle import Oracle
from tests.sources.character_counts import letters_of

OPTIONS = Options(
    title_field="TITLE", text_field="TEXT", paragraphs_field="PARAGRAPHS", id_field="ID", date_field="DATE"
)
LONG = "a sentence of many words, one after the other. " * 220
words = st.text("abcdeéßœ", min_size=1, max_size=9)
line = st.lists(words, min_size=1, max_size=16).map(" ".join) | st.just(LONG)
ends = st.sampled_from(["\n", "\r\n", "\r", "\n\n", " \n\t", "\n\n\n", "\n- ", "\n* ", "\n\u00a0"])


def indexed(name: str, data: bytes) -> tuple[list[Article], LedgerEntry]:
    """The articles that an index has of a file, and what its ledger says of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        engine = Oracle()
        (entry,) = reindex(engine, [path], OPTIONS).ledger.entries
    return list(engine.snapshot().articles.values()), entry


def text_of(articles: list[Article]) -> str:
    """All that can be found of some articles, without white space."""
    return "".join("".join([one.heading.title, *one.paragraphs]) for one in articles).replace(" ", "")


def check_all_accounted(name: str, data: bytes, source: str) -> None:
    """Small letters are in the index, capitals are not, and for digits the file is one that is read in part."""
    articles, entry = indexed(name, data)
    counted = letters_of(source)
    wanted = {letter: count for letter, count in counted.items() if letter.islower()}
    assert letters_of(text_of(articles)) == wanted
    not_read = any(letter.isdigit() for letter in counted)
    assert entry.outcome == ("partial" if not_read else "indexed")
    assert bool(entry.reason) == not_read


@settings(max_examples=60)
@given(
    line,
    st.lists(st.tuples(ends, line), min_size=1, max_size=6),
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_native_text(title: str, lines: list[tuple[str, str]], dated: bool, encoding: str) -> None:
    """It has no markup, so all of it is text, in its order; but for the date."""
    text = f"{title}\n" + "- 2025-07-23\n" * dated + "".join(map("".join, lines))
    articles, entry = indexed("a.txt", text.encode(encoding))
    date = articles[0].heading.date
    assert (date.text if date else None) == ("2025-07-23" if dated else None)
    assert text_of(articles) == "".join(text.replace("- 2025-07-23\n", "").split())
    assert entry.outcome == "indexed"


@settings(max_examples=60)
@given(st.lists(line, min_size=1, max_size=5), st.integers(0, 5))
def test_native_text_with_broken_bytes(lines: list[str], place: int) -> None:
    """A byte that is none of UTF-8 costs nothing but itself, and is said."""
    lines.insert(place, "héhéhé 0")
    source = "\n".join(["çéœß " * 10, *lines])
    check_all_accounted("a.txt", source.encode().replace(b"0", b"\xff"), source)


pieces = st.sampled_from(
    ["{}", "{}\n", "{}\n\n", "<P CLASS='A'>{}</P>", "{}<BR>", "<SCRIPT>A</SCRIPT>{}", "{} &AMP; ", "\t{}"]
)
fields = st.lists(st.tuples(pieces, words), min_size=1, max_size=6).map(
    lambda drawn: "".join(piece.replace("{}", word) for piece, word in drawn)
)
bad = st.sampled_from([{"A": "1"}, ["2"]])
objects = st.fixed_dictionaries(
    {"TITLE": words},
    optional={
        "TEXT": fields,
        "PARAGRAPHS": st.lists(fields, max_size=4),
        "ID": st.text("ABC", max_size=2),
        "OTHER": st.just("B"),
    },
)


@settings(max_examples=60)
@given(st.lists(objects, min_size=1, max_size=4, unique_by=lambda record: record.get("ID") or object()), st.data())
def test_json(records: list[dict[str, Any]], data: st.DataObject) -> None:
    """Of an object the text and the title are found; what is no text, and an object without one, is said."""
    for record in records:
        record.setdefault("TEXT", "a")
        if record.get("PARAGRAPHS") == []:
            del record["PARAGRAPHS"]
        if "PARAGRAPHS" in record:
            record["TEXT"] = "A"  # nothing but the paragraphs is read then
            if data.draw(st.booleans()):
                record["PARAGRAPHS"] = [*record["PARAGRAPHS"], data.draw(bad)]
    broken = data.draw(st.sampled_from(["", '{"A": 1}\n', "[3]\n", "4\n", '{"TEXT": "5\n']))
    dumped = [json.dumps(record, ensure_ascii=False) for record in records]
    source = "\n".join(dumped) + f"\n{broken}"
    check_all_accounted("a.jsonl", source.encode(), re.sub(r"\\[nt]", " ", source))
    source = f"[{', '.join([*dumped, broken]).rstrip(', ')}]" if '"5' not in broken else f"[{', '.join(dumped)}]"
    check_all_accounted("a.json", source.encode(), re.sub(r"\\[nt]", " ", source))


@settings(max_examples=60)
@given(
    st.lists(st.tuples(words, fields, st.just("A")), min_size=1, max_size=4), st.booleans(), st.sampled_from(",;\t|")
)
def test_table(rows: list[tuple[str, str, str]], broken: bool, separator: str) -> None:
    """Of a row the text and the title are found; a row of too many cells is said."""
    stream = io.StringIO()
    table = csv.writer(stream, delimiter=separator)
    table.writerows([("TITLE", "TEXT", "OTHER"), *rows, *[("a", "b", "A", "4")] * broken])
    check_all_accounted("a.csv", stream.getvalue().encode(), stream.getvalue())
