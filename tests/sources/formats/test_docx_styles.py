"""DOCX: what styles and properties say of paragraphs, and what programs write where they know nothing."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from tests.sources.reader_helpers import article

SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(
    *paragraphs: str, styles: dict[str, bool] | None = None, title: str = "T", made: datetime | None = None
) -> bytes:
    """A document of these paragraphs in XML, and paragraph styles, each with whether its text is hidden."""
    document = Document()
    document.core_properties.title = title
    if made:
        document.core_properties.created = made
    for name, hidden in (styles or {}).items():
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).font.hidden = hidden
    for number, xml in enumerate(paragraphs):
        document.element.body.insert(number, parse_xml(f'<w:p xmlns:w="{SPACE}">{xml}</w:p>'))
    document.save(data := io.BytesIO())
    return data.getvalue()


def run(text: str, style: str = "") -> str:
    """A paragraph's style, if any, and its text."""
    of_style = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"{of_style}<w:r><w:t>{text}</w:t></w:r>"


def test_a_large_first_letter(tmp_path: Path) -> None:
    """It is a paragraph of its own in a frame; its word was found in neither."""
    for kind in ("drop", "margin"):
        letter = f'<w:pPr><w:framePr w:dropCap="{kind}"/></w:pPr><w:r><w:t>H</w:t></w:r>'
        found = article(tmp_path, "a.docx", docx(letter, run("arbours."), run("End.")))
        assert found.paragraphs == ("Harbours.", "End.")
    frame = '<w:pPr><w:framePr w:dropCap="none"/></w:pPr><w:r><w:t>H</w:t></w:r>'
    assert article(tmp_path, "a.docx", docx(frame, run("arbours."))).paragraphs == ("H", "arbours.")


def test_contents_that_stand_in_no_control(tmp_path: Path) -> None:
    """LibreOffice and old Word generate them so, and every chapter would be found twice."""
    styles = {"toc 1": False}
    lines = (run("Contents", "TOCHeading"), run("Harbours 3", "toc1"), run("Harbours"))
    assert article(tmp_path, "a.docx", docx(*lines, styles=styles)).paragraphs == ("Harbours",)


def test_text_hidden_by_its_style(tmp_path: Path) -> None:
    """Word writes `Top of Form` so into what was copied from a page of the web, and nobody sees it."""
    lines = (run("Top of Form", "z-TopofForm"), run("Seen", "Plain"), run("Text"))
    styles = {"z-Top of Form": True, "Plain": False}
    assert article(tmp_path, "a.docx", docx(*lines, styles=styles)).paragraphs == ("Seen", "Text")
    seen = '<w:r><w:rPr><w:rStyle w:val="{}"/></w:rPr><w:t>{}</w:t></w:r>'
    line = seen.format("z-TopofForm", "Hidden") + seen.format("Plain", "seen")
    assert article(tmp_path, "a.docx", docx(line, styles=styles)).paragraphs == ("seen",)


@pytest.mark.parametrize(("number", "shown"), [("F061", "α"), ("0057", "Ω"), ("F0A3", "≤"), ("F0F2", "")])
def test_greek_letters_of_the_font_symbol(tmp_path: Path, number: str, shown: str) -> None:
    """Word writes those of formulas so; pictures of other fonts are left out."""
    sign = f'<w:r><w:sym w:font="Symbol" w:char="{number}"/><w:sym w:font="Wingdings" w:char="F0E0"/></w:r>'
    assert article(tmp_path, "a.docx", docx(f"{run('x')}{sign}{run('y')}")).paragraphs == (f"x{shown}y",)


def test_titles_and_dates_that_programs_make_up(tmp_path: Path) -> None:
    """All documents that were made by one library would be of one day, and many would be called Document1."""
    for title in ("Document1", "Microsoft Word - letter.doc", "Untitled"):
        assert article(tmp_path, "a.docx", docx(run("Letter"), run("Text"), title=title)).title == "Letter"
    made = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)
    found = article(tmp_path, "a.docx", docx(run("Text"), made=made))
    assert (found.date, found.missing) == (None, ())
    assert article(tmp_path, "a.docx", docx(run("Text"), made=made.replace(second=1))).date is not None


def test_a_long_first_paragraph_is_no_title(tmp_path: Path) -> None:
    """Documents without headings begin with text, which as a title would rank above all and fill the page."""
    text = "word " * 50
    found = article(tmp_path, "my letter.docx", docx(run(text), run("End."), title=""))
    assert (found.title, found.paragraphs) == ("my letter", (text.strip(), "End."))
