"""PDF: lines put together into paragraphs again, and what holds no text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from search.sources import Options, Record
from search.sources.formats.pdf import join_lines
from tests.sources.reader_helpers import article, refusal

LINES = (
    "The council approved the new budget on Monday, after a long deb-",
    "ate about the schools of both towns and the bridge over the river.",
    "It was late.",
    "Two members voted against it, because they would rather have had",
    "a new road.",
)
PARAGRAPHS = (
    f"{LINES[0][:-1]}{LINES[1]} It was late.",
    "Two members voted against it, because they would rather have had a new road.",
)


def pdf(*pages: Sequence[str], title: str = "", lang: str = "") -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data, invariant=1, lang=lang or None)
    canvas.setTitle(title)
    for lines in pages:
        for number, line in enumerate(lines):
            canvas.drawString(72, 750 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def test_reads(tmp_path: Path) -> None:
    """A line's end is not a paragraph's, and a word that was cut is one word."""
    found = article(tmp_path, "a.pdf", pdf(LINES, title="A budget", lang="en-GB"))
    assert (found.title, found.paragraphs, found.lang) == ("A budget", PARAGRAPHS, "en")
    assert found.date is not None
    assert found.date.text.startswith("2000-01-01")
    assert found.date_guessed  # it is the day on which the file was made


def test_titles(tmp_path: Path) -> None:
    """A short first line, or the file's name, where no title is stated."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf(["A budget.", *LINES]))))
    writer.metadata = None
    data = io.BytesIO()
    writer.write(data)
    found = article(tmp_path, "a.pdf", data.getvalue())
    assert (found.title, found.paragraphs, found.date) == ("A budget.", PARAGRAPHS, None)
    writer = PdfWriter(PdfReader(io.BytesIO(pdf(LINES))))
    writer.metadata = None
    writer.write(data := io.BytesIO())
    assert article(tmp_path, "the_budget.pdf", data.getvalue()).title == "the budget"


def test_what_is_printed_on_every_page_is_left_out() -> None:
    """Otherwise each page would be found by the newspaper's name, and no paragraph would cross a page."""
    pages = [["The Gazette", f"word {number} and", f"Page {number}"] for number in range(4)]
    assert list(join_lines(pages)) == ["word 0 and word 1 and word 2 and word 3 and"]


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        (["ﬁnal oﬀer"], ["final offer"]),
        (["½ of x²"], ["½ of x²"]),
        (["one", "", "two"], ["one", "two"]),
        (["We need:", "• bread and", "butter", "• salt"], ["We need:", "• bread and butter", "• salt"]),
        (["Jean-", "Luc"], ["Jean- Luc"]),
        ([], []),
    ],
)
def test_lines(lines: list[str], paragraphs: list[str]) -> None:
    """Printed signs mean letters; a list has items; a name keeps its hyphen."""
    assert list(join_lines([lines])) == paragraphs


def encrypted(password: str) -> bytes:
    writer = PdfWriter(PdfReader(io.BytesIO(pdf(LINES))))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(data := io.BytesIO())
    return data.getvalue()


def test_encrypted(tmp_path: Path) -> None:
    """One that opens without a password is read; another is refused, with what to do."""
    assert article(tmp_path, "a.pdf", encrypted("")).paragraphs == PARAGRAPHS
    assert "encrypted" in refusal(tmp_path, "a.pdf", encrypted("secret"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (pdf([]), "only pictures"),
        (b"%PDF-1.7\nnothing", "damaged"),
        (b"hello", "damaged"),
        (pdf(LINES)[:500], "damaged"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, data: bytes, reason: str) -> None:
    """A scan has no text; that must be said, not indexed as empty."""
    assert reason in refusal(tmp_path, "a.pdf", data)


def test_a_file_made_to_be_slow(tmp_path: Path) -> None:
    """A page that draws itself, or text without end, costs the time allowed and no more."""
    stream = b"BT /F1 1 Tf " + b"(a) Tj " * 3_000_000 + b"ET"
    data = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    data += b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    data += b"4 0 obj<</Length %d>>stream\n%b\nendstream endobj\n" % (len(stream), stream)
    data += b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
    assert "took over 0.5 s" in refusal(tmp_path, "a.pdf", data, Options(seconds=0.5))
    assert isinstance(article(tmp_path, "b.pdf", pdf(LINES)), Record)
