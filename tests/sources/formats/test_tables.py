"""CSV and TSV: columns by their names, a record a row."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.dates import parse_date
from search.sources import Options, Record, RefusedRecord
from search.sources.formats.tables import read_table
from tests.sources.reader_helpers import MANY, opened, read, refusal
from tests.timeouts import in_proportion

EXPECTED = [
    Record("A, b", parse_date("2025-07-23"), ("One.", "Two."), "fr", "x"),
    Record("B", None, ("Three “3”.",), None, "2"),
]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators(tmp_path: Path, separator: str, end: str) -> None:
    """A spreadsheet writes what its country is used to; the header's names tell which."""
    rows = [
        ["Id", " TITLE", "date", "text", "other", "lang"],
        ["x", "A, b", "2025-07-23", f"One.{end}Two.", "; | \t", "fr"],
        ["", "B", "", "Three “3”.", "", ""],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    assert read(tmp_path, "a.csv", text.getvalue()) == EXPECTED
    assert read(tmp_path, "a.tsv", text.getvalue() + end) == EXPECTED


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;\r"])
def test_a_line_that_names_the_separator(tmp_path: Path, line: str) -> None:
    """Spreadsheets want it and write it; it is no header."""
    (found,) = read(tmp_path, "a.csv", f"{line}\ntitle;text\nA;One, two.\n")
    assert found == Record("A", None, ("One, two.",), None, "1")


def test_a_table_that_a_person_typed(tmp_path: Path) -> None:
    """With a blank after each comma a quotation mark did not begin a cell: what stands after a comma in it was lost."""
    found = read(tmp_path, "a.csv", 'title, "text"\nA, "One, two."\n"B", said "so"\n')
    assert found == [Record("A", None, ("One, two.",), None, "1"), Record("B", None, ('said "so"',), None, "2")]
    found = read(tmp_path, "a.csv", 'title,text\nA, "so" said B\n')  # a mark after a blank is text elsewhere
    assert found == [Record("A", None, ('"so" said B',), None, "1")]


def test_a_table_of_an_old_mac(tmp_path: Path) -> None:
    """Spreadsheets still offer it: lines end with a carriage return alone. A blank line may stand before the header."""
    found = read(tmp_path, "a.csv", 'title,text\rA,"one, two"\rB,three\r')
    assert [(one.title, one.paragraphs) for one in found if isinstance(one, Record)] == [
        ("A", ("one, two",)),
        ("B", ("three",)),
    ]
    assert len(read(tmp_path, "a.csv", "\r\n\r\ntitle,text\r\nA,one\r\n")) == 1


def test_encodings(tmp_path: Path) -> None:
    """Spreadsheets still write what Windows did twenty years ago, or UTF-16."""
    for encoding in ("utf-8-sig", "utf-16", "windows-1254"):
        reading = opened(tmp_path, "a.csv", "text\nşehirde\n".encode(encoding))
        assert [getattr(record, "paragraphs", None) for record in reading.records] == [("şehirde",)]
        assert ("guessed" in reading.encoding) == (encoding == "windows-1254")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('"a" b,c', "Row 1, up to line 2: ',' expected after '\"'"),
        ("a\rb,c", "Row 1, up to line 2: new-line character seen in unquoted field."),
        ("a", "neither 'text' nor 'paragraphs'"),
        ("a,", "'text' is empty"),
        ("a,b" + "\0" * 5, "Line 2 is not text: it holds NUL bytes"),
        ("a," + "b" * 2000, "Line 2 is longer than 1,000 bytes"),
    ],
)
def test_one_bad_row_does_not_stop_the_others(tmp_path: Path, row: str, reason: str) -> None:
    """In a file of a million there always is one."""
    bad, good = read(tmp_path, "a.csv", f"title,text\n{row}\nT,good\n", Options(record=1000))
    assert isinstance(bad, RefusedRecord)
    assert reason in bad.reason
    assert bad.advice
    assert good == Record("T", None, ("good",), None, "2")


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    """It must not swallow the rest of the file, however long that is, in silence."""
    for more, options, reason in (
        (1000, Options(record=1000), "up to line 201: it is longer than 1,000 bytes; a quotation mark may be missing"),
        (200, MANY, "Row 1, up to line 202: unexpected end of data; reading went on with line 3"),
        (1, MANY, "Row 1, up to line 3: unexpected end of data; reading went on with line 3"),
    ):
        bad, *good = read(tmp_path, "a.csv", 'text\n"open\n' + "line\n" * more, options)
        assert isinstance(bad, RefusedRecord)
        assert reason in bad.reason
        assert good == [Record("line", None, ("line",), None, str(number)) for number in range(2, more + 2)]


def test_a_quotation_mark_that_the_next_one_closes(tmp_path: Path) -> None:
    """Rows with marks of their own come after it, and they are as good as they were."""
    rows = 'title,text\na,"open\nb,two\nc,"three, four"\nd,five\ne," six" \nf,seven\n'
    found = read(tmp_path, "a.csv", rows)
    assert [isinstance(record, Record) for record in found] == [False, True, True, True, False, True]
    assert [one.paragraphs for one in found if isinstance(one, Record)] == [
        *(("two",), ("three, four",), ("five",), ("seven",))
    ]


@pytest.mark.parametrize("line", ['a","b\n', '"a\n', '"a\n""\n'])
def test_work_on_quotation_marks_is_in_proportion(tmp_path: Path, line: str) -> None:
    """Rows that each go on to the end of the file would make it be read once for each; what is not read is said."""
    with in_proportion():
        found = read(tmp_path, "a.csv", f"text,other\n{line * 100_000}")
    assert sum("lines were not read" in getattr(record, "reason", "") for record in found) == (line[0] == "a")


@pytest.mark.parametrize("end", ["", ",", ",,", ", ,"])
def test_empty_cells_at_the_end_of_a_row(tmp_path: Path, end: str) -> None:
    """Spreadsheets write one for each column that was ever used; they say nothing."""
    assert read(tmp_path, "a.csv", f"title,text\na,x{end}\n") == [Record("a", None, ("x",), None, "1")]
    (found,) = read(tmp_path, "a.csv", f"title,text\na,x,y{end}\n")
    assert isinstance(found, Record)
    cells = 3 + end.count(",")
    assert found.missing == (f"Row 1 has {cells} cells, the header 2: the others were not read.",)


def test_a_column_that_is_there_twice(tmp_path: Path) -> None:
    """Joined tables have one name twice; one column is read, and what is lost with the other one is said."""
    first, second, third = read(tmp_path, "a.csv", "title,text,Text,note,note\nA,one,two,x,y\nB,one,one,x\nC,one\n")
    told = ("The field 'text' is there more than once; only one was read.",)
    assert first == Record("A", None, ("one",), key="1", missing=told)
    assert (second, third) == (Record("B", None, ("one",), key="2"), Record("C", None, ("one",), key="3"))


@pytest.mark.parametrize(
    ("data", "reason"), [("", "no column 'text'"), ("a,b\n1,2\n", "no column 'text'"), (b"\0\0\0", "no column 'text'")]
)
def test_files_that_cannot_be_read(tmp_path: Path, data: bytes | str, reason: str) -> None:
    """Without names nobody knows what the columns mean."""
    assert reason in refusal(tmp_path, "a.csv", data)


def test_names_of_fields_can_be_set(tmp_path: Path) -> None:
    """Archives have names of their own."""
    options = Options(title_field="Headline", text_field="Body")
    assert read(tmp_path, "a.csv", "headline,body\nT,One.\n", options) == [Record("T", None, ("One.",), None, "1")]


def test_tables_that_were_put_together(tmp_path: Path) -> None:
    """`cat *.csv` repeats the header, with the mark of UTF-8 before it; it was an article called `title`."""
    table = "title,text\nA,one\n"
    first, again, last = read(tmp_path, "a.csv", f"{table}\ufeff{table}")
    assert (first, last) == (Record("A", None, ("one",), key="1"), Record("A", None, ("one",), key="3"))
    assert isinstance(again, RefusedRecord)
    assert again.ignored


def test_quotation_marks_in_a_table_that_does_not_quote(tmp_path: Path) -> None:
    """What separates cells by tabs often writes marks as they are, and articles that began with a quote were lost."""
    lines = 'title\ttext\r\nA\t"Yes," she said.\r\n"B" C\tD\r\nE\t"F\nG"\r\nH\t"open\r\nJ\tlast\r\n'
    found = read(tmp_path, "a.tsv", lines)
    assert [getattr(one, "paragraphs", None) for one in found] == [
        *(('"Yes," she said.',), ("D",), ("F", "G"), None, ("last",))
    ]


def test_a_header_with_line_breaks(tmp_path: Path) -> None:
    """Spreadsheets have them in names of columns, and the second line of the header was an article."""
    for name in ('"Date\n(of issue)"', '"a\r\n\r\nb"', '5" disk', '"open'):
        found = read(tmp_path, "a.csv", f"title,text,{name}\nA,one,x\nB,two,y\n")
        assert [getattr(one, "paragraphs", None) for one in found] == [("one",), ("two",)]


def test_a_table_of_nothing_but_texts(tmp_path: Path) -> None:
    """Where nothing is to be separated people do not quote; each text was cut at its first comma."""
    found = read(tmp_path, "a.csv", 'text\nOne, two, "three"; four\n"Five, six"\n')
    assert [getattr(one, "paragraphs", None) for one in found] == [('One, two, "three"; four',), ("Five, six",)]


@pytest.mark.parametrize("data", ["title,text\n" + "ab," * 500_000 + "\nA,one\n", "title,text" + ",a" * 1_000_000])
def test_a_row_of_many_cells_is_refused(tmp_path: Path, data: str) -> None:
    """Two bytes of a table can be sixty in memory."""
    if data.startswith("title,text\n"):
        bad, good = read(tmp_path, "a.csv", data, Options(memory=16 << 20))
        assert "so many cells" in getattr(bad, "reason", "")
        assert good == Record("A", None, ("one",), key="2")
    else:
        assert "no column 'text'" in refusal(tmp_path, "a.csv", data)


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(st.lists(st.tuples(cells, cells), min_size=1, max_size=5), st.sampled_from(",;\t|"), st.integers(1, 40))
def test_what_was_written_is_read(rows: list[tuple[str, str]], separator: str, cut: int) -> None:
    """Whatever a program writes as CSV comes out again, up to white space, wherever the pieces end."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows([("title", "text"), *rows])
    data = text.getvalue().encode()
    found = list(read_table(iter([data[:cut], data[cut:]]), "", Options(), {}))
    assert len(found) == len(rows)
    for record, (title, content) in zip(found, rows, strict=True):
        assert isinstance(record, Record) == bool(content.strip())
        if isinstance(record, Record):
            assert " ".join(record.paragraphs).split() == content.split()
            assert record.title == " ".join(title.split()) or not title.split()


def test_a_damaged_row_costs_no_other_one(tmp_path: Path) -> None:
    """A line that is not text within a row whose quotation marks are wrong would take the next row along."""
    records = read(tmp_path, "a.csv", b'text\n"a\n\xff\xff\n"b" c\ngood\n')
    assert [isinstance(record, Record) for record in records] == [False, False, False, True]


@pytest.mark.parametrize(("name", "start", "end"), [("a.csv", "text\n", "\n"), ("a.jsonl", '{"text": "', '"}\n')])
def test_nul_bytes_are_left_out(tmp_path: Path, name: str, start: str, end: str) -> None:
    """Old databases pad with them; the row that they stand in is found all the same."""
    found = read(tmp_path, name, f"{start}a\0b{end}{start.removeprefix('text')}{'c' * 99}\0\0{end}")
    assert [record.missing for record in found if isinstance(record, Record)] == [
        ("1 NUL byte was left out.",),
        ("2 NUL bytes were left out.",),
    ]
    assert [record.paragraphs for record in found if isinstance(record, Record)] == [("ab",), ("c" * 99,)]
