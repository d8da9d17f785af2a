"""What becomes of line breaks within paragraphs of Chinese and Japanese, in each format that has them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import html

from search.sources.formats.html_blocks import block_texts
from search.sources.formats.pdf_layout import join_lines
from search.sources.text.fields import split_paragraphs
from search.sources.text.line_breaks import without_breaks
from search.sources.text.wrapping import unwrap
from tests.sources.reader_helpers import article
from tests.timeouts import in_proportion

LINES = {
    "今天北\n京下雨": "今天北京下雨",
    "今天北 \n  京下雨": "今天北京下雨",
    "下雨，\n上海": "下雨，上海",
    "かタ\nカナ": "かタカナ",
    "北京\nrain": "北京 rain",
    "rain\n北京": "rain 北京",
    "서울\n비": "서울 비",
    "a 北 京": "a 北 京",
}


@pytest.mark.parametrize("written", LINES)
def test_a_word_goes_on_in_the_next_line(written: str) -> None:
    """A word that the end of a line cuts in two would not be found, nor does a reader expect a gap in it."""
    assert block_texts(html.fromstring(f"<p>{written}</p>")) == [LINES[written]]
    assert split_paragraphs(f"{written}\n\nother") == (LINES[written], "other")
    assert unwrap(list(map(str.strip, written.split("\n")))) == [LINES[written]]
    assert list(join_lines([[*written.split("\n"), "x" * 90]])) == [f"{LINES[written]} {'x' * 90}"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "# 天气\n\n今天北\n京下雨\n"),
        ("a.html", "<title>天气</title><h1>天气</h1><article><p>今天北\n京下雨</p></article>"),
        ("a.jsonl", '{"title": "天气", "paragraphs": ["今天北\\n京下雨"]}\n'),
        ("b.jsonl", '{"title": "天气", "text": "<p>今天北\\r\\n京下雨</p>"}\n'),
    ],
)
def test_each_format(tmp_path: Path, name: str, text: str) -> None:
    """Each reader joins lines in its own way, and none may forget."""
    assert article(tmp_path, name, text).paragraphs == ("今天北京下雨",)


@pytest.mark.parametrize(
    ("name", "text", "paragraph"),
    [
        ("a.html", "<title>天气</title><body><table><tr><td>北京</td>\n<td>上海</td></tr></table>", "北京 上海"),
        ("b.html", "<title>天气</title><body><p>北京<br>\n上海</p>", "北京 上海"),
        ("a.jsonl", '{"title": "天气", "text": "<p>北京<br>\\n上海</p><p>x</p>"}\n', "北京 上海"),
        ("a.md", "# 天气\n\n北京  \n上海\n", "北京 上海"),
    ],
)
def test_what_is_apart_stays_apart(tmp_path: Path, name: str, text: str, paragraph: str) -> None:
    """The cells of a table, and lines that end where someone wanted it, are no one word."""
    assert article(tmp_path, name, text).paragraphs[0] == paragraph


def test_time_is_linear_in_the_text() -> None:
    """A stretch of white space must not hold up a run."""
    with in_proportion():
        without_breaks("北 \n" * 50_000 + "北" + " \n" * 50_000)
