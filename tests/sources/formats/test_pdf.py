"""PDF: lines put together into paragraphs again, and what holds no text."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject
from reportlab.pdfgen.canvas import Canvas

from search.sources import Options, Record
from search.sources.formats.pdf import read_pdf
from search.sources.formats.pdf_layout import join_lines
from tests.sources.character_counts import letters_of
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


CUT = "The end of the file is missing; pages, or what was changed last, may be missing too."


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


BODIES = [[f"{page}{line} and" for line in "abcdefghi"] for page in "uvwxyz"]


@pytest.mark.parametrize(
    "pages",
    [
        [["The Gazette", " ", f"Page {page + 1} of 6", *lines, ""] for page, lines in enumerate(BODIES)],
        [[*lines, f"{page + 1}", "The Gazette"] for page, lines in enumerate(BODIES)],
        [[("The Gazette", "A Fire at Sea")[page % 2], *lines, f"{page}"] for page, lines in enumerate(BODIES)],
        [["", ("A Fire", f"{page} Ann Lee")[page % 2], *lines] for page, lines in enumerate(BODIES)],
    ],
)
def test_headers_of_several_lines_and_of_every_other_page(pages: list[list[str]]) -> None:
    """Books have the author's name on the left and the title on the right; programs draw header and footer at once."""
    assert list(join_lines(pages)) == [" ".join(line for lines in BODIES for line in lines)]


def test_what_stands_below_a_header_is_read_once() -> None:
    """The names of a table's columns are text, though each page has them again."""
    pages = [["The Gazette", "Name and town", *lines] for lines in BODIES]
    assert list(join_lines(pages)) == ["Name and town " + " ".join(line for lines in BODIES for line in lines)]


@pytest.mark.parametrize(
    "pages",
    [
        [[f"Invoice {100 + 4 * page + line}" for line in range(4)] for page in range(3)],
        [["Receipt", "Paid"]] * 4,
        [["1812"], ["1900"], ["1914"]],
        [["Total", "12"], ["Total", "40"]],
        [[f"{1911 + page}", "The year in words.", f"{word} line"] for page, word in enumerate("abcd")],
        [[f"Chapter {page + 1}", "A long beginning.", f"{word} line"] for page, word in enumerate("abcd")],
        [[f"Week {page + 1}: harvest", "A long beginning.", f"{word} line"] for page, word in enumerate("abcd")],
        [["The Gazette"[page:], f"{page + 1}", f"{page + 2}", f"{word} line"] for page, word in enumerate("abcd")],
        [[("Yes", "No", "Well", "Yes", "No", "Why")[page], f"{word} line"] for page, word in enumerate("abcdef")],
        [[f"Annual report {1911 + page}", "The year in words.", f"{word} line"] for page, word in enumerate("abcd")],
    ],
)
def test_lines_that_only_look_alike_are_kept(pages: list[list[str]]) -> None:
    """A number that is not that of the page, or may be a year, is text; a page of two lines has no header or footer."""
    read = " ".join(join_lines(pages))
    assert Counter(read.split()) == Counter(" ".join(line for lines in pages for line in lines).split())


def test_page_numbers_are_left_out() -> None:
    """A number of a page would cut a sentence in two."""
    pages = [["The Gazette 7", f"word {page} and", f"{page + 11}"] for page in range(3)]
    assert list(join_lines(pages)) == ["word 0 and word 1 and word 2 and"]
    for footer in ("Page {} of 3", "The Gazette {} of 3", "Draft - page {} - secret"):
        pages = [[f"{word} and", footer.format(page + 1)] for page, word in enumerate("abc")]
        assert list(join_lines(pages)) == ["a and b and c and"]


@pytest.mark.parametrize(
    ("lines", "paragraphs"),
    [
        (["ﬁnal oﬀer"], ["final offer"]),
        (["½ of x²"], ["½ of x²"]),
        (["one", "", "two"], ["one", "two"]),
        (["We need:", "• bread and", "butter", "• salt"], ["We need:", "• bread and butter", "• salt"]),
        (["Jean-", "Luc"], ["Jean-Luc"]),
        (["the Anglo-", "Saxon of 1990-", "1995"], ["the Anglo-Saxon of 1990-1995"]),
        (["a UN-", "led force"], ["a UN-led force"]),
        (["a well-", "known self-", "evident e-", "mail"], ["a well-known self-evident e-mail"]),
        (["North-South-", "dialogue, commis-", "sion"], ["North-South-dialogue, commission"]),
        (["unavoid\u00ad", "able"], ["unavoidable"]),
        (["a two-", "thirds vote, two-thirds", "of it"], ["a two-thirds vote, two-thirds of it"]),
        (["die Haupt-", "und Nebenstraße"], ["die Haupt- und Nebenstraße"]),
        ([], []),
    ],
)
def test_lines(lines: list[str], paragraphs: list[str]) -> None:
    """Printed signs mean letters; a list has items; a name keeps its hyphen."""
    assert list(join_lines([lines])) == paragraphs


LEFT = ("The council met on Tuesday evening", "to discuss the repair of the old", "pumping station near the harbour,")
RIGHT = (
    "Engineers explained that the pumps",
    "had been installed in 1961 and that",
    "spare parts were no longer made by",
)


def drawn(*places: tuple[float, float, str], size: int = 11) -> bytes:
    """A page with texts drawn at these places, in this order."""
    canvas = Canvas(data := io.BytesIO(), invariant=1)
    canvas.setTitle("T")
    canvas.setFont("Helvetica", size)
    for x, y, text in places:
        canvas.drawString(x, y, text)
    canvas.save()
    return data.getvalue()


def test_columns_are_read_from_top_to_bottom(tmp_path: Path) -> None:
    """A phrase that goes on in the next line of its column would not be found, and one across the gap would."""
    rows = [(x, 700 - 14 * row, text[row % 3]) for row in range(6) for x, text in ((50.0, LEFT), (320.0, RIGHT))]
    head = (50.0, 750.0, "A headline that goes across both of the columns of this page, from left to right.")
    foot = (50.0, 500.0, "A line below both of the columns of this page, which goes from left to right, too.")
    found = article(tmp_path, "a.pdf", drawn(head, *rows, foot))
    assert found.paragraphs == (head[2], " ".join([*LEFT, *LEFT, *RIGHT, *RIGHT]), foot[2])


def test_three_columns(tmp_path: Path) -> None:
    """Newspapers have more than two."""
    columns = [[f"{name} line {row} of a column" for row in range(6)] for name in ("first", "second", "third")]
    rows = [(40 + 180.0 * n, 700 - 14 * row, column[row]) for row in range(6) for n, column in enumerate(columns)]
    found = article(tmp_path, "a.pdf", drawn(*rows))
    assert " ".join(found.paragraphs) == " ".join(line for column in columns for line in column)


def test_tables_are_read_across(tmp_path: Path) -> None:
    """Who searches for a ship and its year finds them in one row."""
    rows = [(x, 700 - 14 * row, f"{word} {row}") for row in range(6) for x, word in ((50.0, "ship"), (320.0, "built"))]
    read = " ".join(article(tmp_path, "a.pdf", drawn(*rows)).paragraphs)
    assert "ship 1 built 1 ship 2 built 2" in read


def scanned(*pages: str) -> bytes:
    """Pages with a text, with a picture for `image`, with nothing for an empty one."""
    canvas = Canvas(data := io.BytesIO(), invariant=1)
    canvas.setTitle("T")
    for text in pages:
        if text.startswith("image"):
            canvas.drawInlineImage(Image.new("1", (8, 8)), 0, 0, 595, 842)
        if text == "drawing":
            canvas.rect(50, 50, 400, 600, fill=1)
        elif text != "image":
            canvas.drawString(72, 700, text.removeprefix("image"))
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def test_pages_without_text_are_said(tmp_path: Path) -> None:
    """Two scanned pages of three are not found, and who searches there has to be told."""
    found = article(tmp_path, "a.pdf", scanned("Some text.", "image", "drawing", "", "imagestamped 7"))
    assert found.missing == ("3 of 5 pages hold no text, only pictures.",)
    assert found.paragraphs == ("Some text. stamped 7",)
    assert article(tmp_path, "a.pdf", scanned("Some text.", "")).missing == ()


@pytest.mark.parametrize("cut", [8, 20, 60, 150, 300])
def test_a_pdf_without_its_end(tmp_path: Path, cut: int) -> None:
    """A download broke off, or mail cut it: viewers show it, for the pages are there."""
    found = article(tmp_path, "a.pdf", pdf(LINES, title="T")[:-cut])
    whole = article(tmp_path, "a.pdf", pdf(LINES, title="T"))
    assert (found.paragraphs[-1], whole.missing) == (whole.paragraphs[-1], ())
    assert found.missing == (CUT,)


def test_a_pdf_cut_within_its_last_change(tmp_path: Path) -> None:
    """What was saved before still has an end, so that the file seemed whole, without what was added to it."""
    before = pdf(LINES, title="T")
    writer = PdfWriter(io.BytesIO(before), incremental=True)
    writer.append(PdfReader(io.BytesIO(pdf(["A page about quinces."]))))
    writer.write(data := io.BytesIO())
    whole = data.getvalue()
    assert whole.startswith(before)
    full = read_pdf(whole, "a", Options())[0]
    assert (full.paragraphs[-1].endswith("quinces."), full.missing) == (True, ())
    for size in range(len(before) + len("6 0"), len(whole) - 1):
        found = read_pdf(whole[:size], "a", Options())[0]
        assert (found.paragraphs[0], found.missing) == (PARAGRAPHS[0], (CUT,))


def test_a_damaged_page_does_not_cost_the_others(tmp_path: Path) -> None:
    """A book of a thousand pages is worth more than the one that cannot be read."""
    writer = PdfWriter(PdfReader(io.BytesIO(pdf(["One."], ["Two."], ["Three."], title="T"))))
    writer.pages[1][NameObject("/MediaBox")] = NumberObject(5)
    writer.write(data := io.BytesIO())
    found = article(tmp_path, "a.pdf", data.getvalue())
    assert found.missing == ("1 of 3 pages are damaged, and read in part at most.",)
    assert "Three." in " ".join(found.paragraphs)


def test_fields_and_notes_are_text(tmp_path: Path) -> None:
    """What was filled in is what a form is kept for."""
    canvas = Canvas(data := io.BytesIO(), invariant=1)
    canvas.setTitle("T")
    canvas.drawString(72, 700, "Name of the owner:")
    canvas.acroForm.textfield(name="n", value="quillfeather", x=50, y=500, width=300)
    canvas.acroForm.choice(name="c", value="brig", options=["brig", "yawl"], x=50, y=400, width=300)
    canvas.acroForm.checkbox(name="b", checked=True, x=50, y=300)
    canvas.textAnnotation("a note on the sextant", Rect=[50, 200, 80, 230])
    canvas.save()
    found = article(tmp_path, "a.pdf", data.getvalue())
    assert found.paragraphs == ("Name of the owner:", "quillfeather", "brig", "a note on the sextant")


@pytest.mark.parametrize(
    "title",
    [
        *("Microsoft Word - Document1.doc", "report_final.docx", "Untitled-1", "untitled", "Document1", "a.indd"),
        *("PowerPoint Presentation", "PowerPoint-Pr\u00e4sentation", "(anonymous)", "None", "-"),
    ],
)
def test_a_title_that_a_program_made_up(tmp_path: Path, title: str) -> None:
    """Names of files are no titles; the first line is a better one."""
    assert article(tmp_path, "a.pdf", pdf(["A budget.", *LINES], title=title)).title == "A budget."


drawn_lines = st.lists(st.text("abcdefgh", min_size=1, max_size=8), min_size=1, max_size=8).map(" ".join)


@settings(max_examples=60)
@given(st.lists(st.lists(drawn_lines, min_size=1, max_size=12), min_size=1, max_size=5))
def test_every_character_is_accounted_for(texts: list[list[str]]) -> None:
    """What a page shows is text, but for what stands on each of them."""
    texts = [[f"{line} {letter}" for line in lines] for letter, lines in zip("ijklm", texts, strict=False)]
    pages = [["THE GAZETTE", *lines, "word"] if len(texts) > 2 else [*lines, "word"] for lines in texts]
    pages[0].append("end")
    source = " ".join(word for lines in pages for line in lines for word in line.split())
    record, _ = read_pdf(pdf(*pages, title="TITLE"), "", Options())
    read = letters_of(" ".join(record.paragraphs))
    wanted = Counter({letter: n for letter, n in letters_of(source).items() if letter.islower()})
    edges = Counter[str]()
    for lines in pages[1:] if len(texts) > 2 else []:
        edges += letters_of(lines[-1])  # "word" at the end of most pages is a footer
    assert read in (wanted, wanted - edges)


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


def test_pages_that_there_is_no_time_for(tmp_path: Path) -> None:
    """A report of 900 pages was refused as a whole on a busy machine; what was read until then is worth keeping."""
    data = pdf(*[[f"Page {number}", "with text."] for number in ("one", "two", "three")], title="T")
    found, _ = read_pdf(data, "a", Options(seconds=1e-9))
    assert found.paragraphs == ("Page one with text.",)
    assert found.missing == ("Only the first 1 of 3 pages were read in the time for one file; split it.",)
    assert not article(tmp_path, "a.pdf", data).missing


def test_a_file_made_to_be_slow(tmp_path: Path) -> None:
    """A page that draws itself, or text without end, costs the time allowed and no more."""
    stream = b"BT /F1 1 Tf " + b"(a) Tj " * 3_000_000 + b"ET"
    data = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    data += b"3 0 obj<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
    data += b"4 0 obj<</Length %d>>stream\n%b\nendstream endobj\n" % (len(stream), stream)
    data += b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n"
    assert "took over 0.5 s" in refusal(tmp_path, "a.pdf", data, Options(seconds=0.1))  # as large as it is
    assert isinstance(article(tmp_path, "b.pdf", pdf(LINES)), Record)


def test_words_from_right_to_left_are_in_the_order_of_reading(tmp_path: Path) -> None:
    """Browsers draw each word by itself, the last one first: no quote would be found."""
    letters = str.maketrans("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתךםןף")
    lines = ["the council of both towns met on friday", "and spoke of John Smith in 2024 for hours."]
    data = io.BytesIO()
    canvas = Canvas(data, invariant=1)
    canvas.setTitle("T")
    for number, line in enumerate(lines):
        place = 72.0
        for word in reversed(line.replace("John Smith", "Smith John").split()):  # names stay in their own order
            is_leftwards = word.islower()
            text = canvas.beginText(place, 750 - 20 * number)
            text.setFont("Helvetica" if is_leftwards else "Courier", 12)
            text.textOut(f"{word[::-1]} " if is_leftwards else f"{word} ")
            canvas.drawText(text)
            place += 60
    canvas.save()
    writer = PdfWriter(PdfReader(io.BytesIO(data.getvalue())))
    table = "".join(f"<{latin:02x}> <{shown:04x}>\n" for latin, shown in letters.items())
    hebrew = StreamObject()
    hebrew.set_data(f"{len(letters)} beginbfchar\n{table}endbfchar\n".encode())
    resources = cast("DictionaryObject", writer.pages[0]["/Resources"])
    for font in cast("DictionaryObject", resources["/Font"]).values():
        if font.get_object()["/BaseFont"] == "/Helvetica":
            font.get_object()[NameObject("/ToUnicode")] = hebrew
    turned = io.BytesIO()
    writer.write(turned)
    wanted = " ".join([word if word[0].isupper() else word.translate(letters) for word in " ".join(lines).split()])
    assert article(tmp_path, "a.pdf", turned.getvalue()).paragraphs == (wanted,)
