"""JSON Lines and JSON: records, one by one, and what is wrong with those that are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import parse_date
from search.sources import NumberTaken, Options, Record, RefusedRecord, open_source
from search.sources.formats.json_files import read_json_lines
from search.sources.text.line_breaks import without_breaks
from tests.sources.formats.test_zip_archive import packed
from tests.sources.reader_helpers import MANY, article, opened, read, refusal
from tests.timeouts import in_proportion


def test_fields(tmp_path: Path) -> None:
    """Every field that has a meaning, and none of the others."""
    line = {"id": "a/1", "title": " A  title ", "date": "2025-07-23", "text": "One.\nTwo.", "lang": "fr-FR", "x": [1]}
    assert read(tmp_path, "a.jsonl", json.dumps(line)) == [
        Record("A title", parse_date("2025-07-23"), ("One.", "Two."), "fr", "a/1")
    ]


def test_names_of_fields_can_be_set(tmp_path: Path) -> None:
    """Archives have names of their own."""
    options = Options(title_field="headline", text_field="body", id_field="uri", date_field="when", lang_field="l")
    line = {"headline": "T", "body": "One.", "uri": 7, "when": 1753258511, "l": "de"}
    assert read(tmp_path, "a.ndjson", json.dumps(line), options) == [
        Record("T", parse_date("2025-07-23 08:15:11"), ("One.",), "de", "7", date_guessed=True)
    ]


def test_paragraphs(tmp_path: Path) -> None:
    """A list is what it says; a text has blank lines between its paragraphs, or one on each line."""
    texts = [{"paragraphs": ["a\nb", " ", "c"]}, {"text": "a\r\nb\r\n\r\nc"}, {"text": "a\nb"}, {"paragraphs": "a"}]
    found = read(tmp_path, "a.jsonl", "\n".join(map(json.dumps, texts)))
    assert [record.paragraphs for record in found if isinstance(record, Record)] == [
        ("a b", "c"),
        ("a b", "c"),
        ("a", "b"),
        ("a",),
    ]


def test_a_text_beside_paragraphs_that_are_none(tmp_path: Path) -> None:
    """What one field lacks, the other may have; what is wrong with the first one is said."""
    found = article(tmp_path, "a.json", '{"paragraphs": [], "text": "a"}')
    assert (found.paragraphs, found.missing) == (("a",), ())
    found = article(tmp_path, "a.json", '{"paragraphs": [{"b": "c"}], "text": "a"}')
    assert (found.paragraphs, found.missing) == (("a",), ("The field 'paragraphs' is not text.",))


def test_a_missing_title_is_the_beginning(tmp_path: Path) -> None:
    """A result without anything to click on cannot be opened."""
    (short, long) = read(tmp_path, "a.json", json.dumps([{"text": "One."}, {"text": "word, " * 50}]))
    assert isinstance(short, Record)
    assert isinstance(long, Record)
    assert short.title == "One."
    assert long.title.endswith("word…")
    assert len(long.title) <= 80


def test_records_without_an_id_are_named_by_their_lines(tmp_path: Path) -> None:
    """The line is where whoever has to mend it looks."""
    found = read(tmp_path, "a.jsonl", '\n{"text": "a"}\r\n\n{"text": "b", "id": ""}')
    assert [record.key for record in found] == ["2", "4"]


BAD = {
    "[]": "Record 1 is not an object",
    "nonsense": "Line 1 is not JSON: Expecting value at character 1",
    '{"text": "a"': "Line 1 is not JSON",
    '{"text": NaN}': "NaN is no number",
    '{"text": -Infinity}': "-Infinity is no number",
    '{"text": 1' + "0" * 1_000_000 + "}": "too many digits",
    "[" * 100_000: "nested too deep",
    '{"text": {}}': "'text' is not text",
    '{"text": true}': "'text' is not text",
    '{"paragraphs": [["a"]]}': "'paragraphs' is not text",
    '{"text": "\\u0000"}': "NUL, or halves",
    '{"title": "a"}': "neither 'text' nor 'paragraphs'",
    '{"text": " "}': "'text' is empty",
    '{"paragraphs": []}': "'paragraphs' is empty",
}


@pytest.mark.parametrize("line", BAD, ids=lambda line: BAD[line])
def test_one_bad_record_does_not_stop_the_others(tmp_path: Path, line: str) -> None:
    """In a file of a million there always is one."""
    bad, good = read(tmp_path, "a.jsonl", line + '\n{"text": "good"}\n')
    assert isinstance(bad, RefusedRecord)
    assert BAD[line] in bad.reason
    assert bad.advice
    assert good.key == "2"


PARTLY = {
    '{"text": "a\\ud800"}': "halves of others",
    '{"text": "a\\u0000"}': "NUL",
    '{"text": "a", "date": "soon"}': "'soon' is not a date",
    '{"text": "a", "date": [2025]}': "Date: it is no text",
    '{"text": "a", "date": true}': "Date: it is no text",
    '{"text": "a", "date": "0000-00-00 00:00:00"}': "not on the calendar",
    '{"text": "a", "id": 1.5}': "'id' is not text",
    '{"text": "a", "id": "a\\nb"}': "named by its number",
    '{"text": "a", "id": "%s"}' % ("a" * 300): "named by its number",
    '{"text": "a", "lang": ["en"]}': "'lang' is not text",
    '{"text": "a", "title": {"rendered": "b"}}': "'title' is not text",
    '{"text": "a", "date": NaN}': "Date: it is no text",
    '{"text": "a", "lang": Infinity}': "'lang' cannot be read: Infinity is no number",
    '{"text": "a", "title": 1e999}': "'title' is too large a number",
    '{"text": "a", "id": 1%s}' % ("0" * 5000): "'id' is not text",
    '{"text": "b", "text": "a"}': "The field 'text' is there more than once",
    '{"text": "a", "Text": "b"}': "The field 'text' is there more than once",
    '{"TITLE": "T", "Text": "a", "title": "U"}': "The field 'title' is there more than once",
    '\ufeff{"text": "a", "date": "soon"}': "'soon' is not a date",
    '{"text": "a\t", "date": "soon"}': "'soon' is not a date",
    '{"paragraphs": ["a", {}, "", 5]}': "1 of 4 paragraphs: The field 'paragraphs' is not text",
}


@pytest.mark.parametrize("line", PARTLY, ids=lambda line: PARTLY[line])
def test_one_bad_detail_does_not_cost_the_article(tmp_path: Path, line: str) -> None:
    """An article without its date is found; one that was refused is not."""
    found, good = read(tmp_path, "a.jsonl", line + '\n{"text": "good"}\n')
    assert isinstance(found, Record)
    assert isinstance(good, Record)
    assert (found.key, found.paragraphs[0][:1], good.missing) == ("1", "a", ())
    (missing,) = found.missing
    assert PARTLY[line] in missing


@pytest.mark.parametrize(
    "more",
    [
        *('"x": NaN', '"x": [-Infinity]', '"x": 1' + "0" * 5000, '"x": {"y": -1' + "0" * 5000 + "}"),
        *('"x": 1, "x": 2', '"text": "a"', '"Text": "a"'),
    ],
    ids=lambda text: text[:20],
)
def test_what_nobody_reads_costs_nothing(tmp_path: Path, more: str) -> None:
    """Python writes NaN for a score that it does not know, and in a list it cost all other articles as well."""
    line = f'{{"text": "a", "title": "T", {more}}}'
    expected = Record("T", None, ("a",), None, "1")
    assert read(tmp_path, "a.jsonl", line) == [expected]
    assert read(tmp_path, "a.json", f"[{line}]") == [expected]


def test_capitals_in_names_do_not_matter(tmp_path: Path) -> None:
    """Those of a table's columns do not, and exports of one program come in both forms."""
    found = read(tmp_path, "a.jsonl", '{"Title": "T", "TEXT": "a", "Id": "x", "Date": "2025"}')
    assert found == read(tmp_path, "a.csv", "Title,TEXT,Id,Date\nT,a,x,2025\n")
    assert found == [Record("T", parse_date("2025"), ("a",), None, "x")]


def test_a_repeated_id_is_refused(tmp_path: Path) -> None:
    """Two articles of one id would overwrite each other in silence."""
    first, second, third = read(
        tmp_path, "a.jsonl", '{"id": "a", "text": "1"}\n{"id": "a", "text": "2"}\n{"text": "3"}'
    )
    assert isinstance(second, RefusedRecord)
    assert "repeated id" in second.reason
    assert isinstance(first, Record)
    assert isinstance(third, Record)


@pytest.mark.parametrize("look_ahead", [False, True])
def test_a_number_gives_way_to_an_id_before_it(tmp_path: Path, *, look_ahead: bool) -> None:
    """What states its id is found by it, wherever it stands in the file."""
    for ids, keys in ((["3", "", ""], ["3", "2", "3~"]), (["3", "4~", "", ""], ["3", "4~", "3~", "4"])):
        lines = "\n".join(json.dumps({"text": "a", "id": one}) for one in ids)
        path = tmp_path / "a.jsonl"
        path.write_text(lines)
        assert [record.key for record in open_source(path, MANY, look_ahead=look_ahead).records] == keys


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.zip"])
def test_a_number_gives_way_to_an_id_after_it(tmp_path: Path, name: str) -> None:
    """It is known only once the file was read, which is then read again."""
    ids, keys = ["", "", "2", "1~", "1", "2"], ["1~~", "2~", "2", "1~", "1", "2"]
    lines = "\n".join(json.dumps({"text": "a", "id": one}) for one in ids)
    data: dict[str, str | bytes] = {
        "a.jsonl": lines,
        "a.json": f"[{lines.replace(chr(10), ',')}]",
        "a.csv": "id,text\n" + "\n".join(f"{one},a" for one in ids),
        "a.zip": packed(("b.jsonl", lines.encode())),
    }
    with pytest.raises(NumberTaken, match=r"'(b\.jsonl:)?2'"):
        read(tmp_path, name, data[name])
    found = list(open_source(tmp_path / name, MANY, look_ahead=True).records)
    assert [record.key.removeprefix("b.jsonl:") for record in found] == keys
    assert [isinstance(record, RefusedRecord) for record in found] == [False] * 5 + [True]


def test_a_line_that_is_too_long_is_not_kept(tmp_path: Path) -> None:
    """A gigabyte without an end of line must not be read into memory; what comes after it is read."""
    found = read(tmp_path, "a.jsonl", "x" * 5000 + '\n{"text": "good"}\n' + "y" * 2000, Options(record=1000))
    assert [record.key for record in found] == ["1", "2", "3"]
    assert [getattr(record, "reason", "") for record in found] == [
        "Line 1 is longer than 1,000 bytes.",
        "",
        "Line 3 is longer than 1,000 bytes.",
    ]


def test_a_line_of_many_values_is_refused(tmp_path: Path) -> None:
    """Two bytes of JSON can be a hundred in memory."""
    (bad,) = read(tmp_path, "a.jsonl", "[" + "[]," * 1_000_000 + "0]", Options(memory=64 << 20))
    assert isinstance(bad, RefusedRecord)
    assert "so many values" in bad.reason


def test_json_is_one_article_or_a_list(tmp_path: Path) -> None:
    """One object is the file's own article; a list, however short, is a file of many."""
    assert article(tmp_path, "a.json", '{"id": "x", "title": "T", "text": "One."}') == Record("T", None, ("One.",))
    assert [record.key for record in read(tmp_path, "a.json", '[{"text": "a"}, 5, {"id": "b", "text": "c"}]')] == [
        *("1", "2", "b")
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.json", "", "empty"),
        ("a.jsonl", "\n \n", "empty"),
        ("a.json", "{", "not JSON"),
        ("a.json", "[" * 100_000, "nested too deep"),
        ("a.json", "5", "not an object"),
        ("a.json", '{"text": "a"}\n{"text": "b"}', "end its name with .jsonl"),
        ("a.json", '{"text": ""}', "'text' is empty"),
        ("a.json", " " * 200_000, "JSON Lines"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, data: bytes | str, reason: str) -> None:
    """A file without any record is an accident, not an archive."""
    assert reason in refusal(tmp_path, name, data, Options(record=150_000))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a.jsonl", (b'{"text": "', b'"}\n')),
        ("a.csv", (b"text\n", b"\n")),
        ("a.csv", (b'text\n"first line of a row\n', b'\nlast line"\n')),
    ],
)
def test_a_broken_byte_does_not_cost_the_record(tmp_path: Path, name: str, lines: tuple[bytes, bytes]) -> None:
    """It is replaced, and said of the record that it stands in."""
    start, end = lines
    broken, good = "pendant deux étés à la m".encode() + b"\xe8" + b"re", "deux étés".encode()
    again = start.removeprefix(b"text\n")
    first, second = read(tmp_path, name, start + broken + end + again + good + end)
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    assert "pendant deux étés à la m\ufffdre" in " ".join(first.paragraphs)
    assert (first.missing, second.missing) == (("1 place is not UTF-8 and cannot be read.",), ())


def test_encodings(tmp_path: Path) -> None:
    """JSON is UTF-8 by its standard; exports are not, and one broken line is no reason to lose the others."""
    one, two = '{"text": "A"}', '{"text": "şehirde"}'
    for encoding in ("utf-16", "utf-8-sig", "windows-1254"):
        reading = opened(tmp_path, "a.jsonl", f"{one}\n{two}".encode(encoding))
        found = list(reading.records)
        assert [record.paragraphs for record in found if isinstance(record, Record)] == [("A",), ("şehirde",)]
        assert reading.encoding == {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(encoding, f"{encoding} (guessed)")
    found = read(tmp_path, "a.jsonl", f"{two}\n".encode() + b'{"text": "\xff\xfe\xff"}\n{"text": "a\0\0\0\0\0"}\n')
    assert [getattr(record, "reason", "") for record in found] == [
        "",
        "Line 2 is not UTF-8.",
        "Line 3 is not text: it holds NUL bytes.",
    ]


def test_a_long_file_is_read_piece_by_piece(tmp_path: Path) -> None:
    """An archive of a hundred gigabytes begins at once, and takes the memory of one record."""

    def endless() -> Iterator[bytes]:
        while True:
            yield b'{"text": "a"}\n{"text":'
            yield b' "b"}\n'

    records = read_json_lines(endless(), "", Options(), {})
    assert [next(records).key for _ in range(5)] == ["1", "2", "3", "4", "5"]


def test_a_list_with_a_record_on_each_line(tmp_path: Path) -> None:
    """So many dumps are written, and cut in pieces; all records but the last one were refused."""
    found = read(tmp_path, "a.jsonl", '[\n{"text": "a"},\r\n{"text": "b"}, \n{"text": "c"}\r\n]\r\n')
    assert [(record.key, getattr(record, "paragraphs", ())) for record in found] == [
        *(("2", ("a",)), ("3", ("b",)), ("4", ("c",)))
    ]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("a.jsonl", '{\n"text": "a"\n}\n', "in files that end in .json"),
        ("a.jsonl", '[{"text": "a"}]', "in files that end in .json"),
        ("a.json", '[{"title": "T", "content": {"rendered": "a"}}]', "within 'content' is not looked at"),
        ("a.json", '[{"articles": [{"text": "a"}]}]', "within 'articles' is not looked at"),
    ],
)
def test_json_of_another_shape(tmp_path: Path, name: str, data: str, told: str) -> None:
    """Each is what some program exports; the reason has to lead to what can be done."""
    first = read(tmp_path, name, data)[0]
    assert isinstance(first, RefusedRecord)
    assert told in first.reason + first.advice


def test_work_is_in_proportion(tmp_path: Path) -> None:
    """One long line in many pieces must not be copied for each of them."""
    with in_proportion():
        read(tmp_path, "a.jsonl", '{"text": "' + "a " * 10_000_000 + '"}')


LINE_END = re.compile(r"\r\n?|[\v\x85\u2028\u2029]")
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)


@given(st.lists(st.tuples(plain, st.lists(plain, min_size=1, max_size=4)), min_size=1, max_size=5), st.booleans())
def test_what_was_written_is_read(rows: list[tuple[str, list[str]]], ascii_only: object) -> None:
    """Whatever a program writes as JSON comes out again, up to white space."""
    data = "\n".join(json.dumps({"title": t, "paragraphs": p}, ensure_ascii=bool(ascii_only)) for t, p in rows).encode()
    found = list(read_json_lines(iter([data[:7], data[7:]]), "", Options(), {}))
    assert len(found) == len(rows)
    for record, (title, paragraphs) in zip(found, rows, strict=True):
        lines = (without_breaks(LINE_END.sub("\n", text)) for text in paragraphs)  # none in Chinese, where a line ends
        expected = tuple(filter(None, (" ".join(text.split()) for text in lines)))
        assert isinstance(record, Record) == bool(expected)
        if isinstance(record, Record):
            assert record.paragraphs == expected
            assert record.title == " ".join(title.split()) or not title.split()
