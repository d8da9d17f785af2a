"""Markdown: blocks without their markup, and front matter."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources import Record
from tests.sources.reader_helpers import article, opened, refusal
from tests.timeouts import in_proportion

BODY = 'One *two* `three`\n[four](http://x.example "y").\n'
PARAGRAPH = "One two three four."


@pytest.mark.parametrize(
    "front",
    [
        '---\ntitle: "T"\ndate: 2025-07-23\nlang: no\ntags: [a, b]\n---\n',
        "---\nTitle: T\ndate: '23 July 2025'\nlanguage: nb-NO\n---\n",
        "+++\ntitle = 'T'\ndate = 2025-07-23\nlang = 'no'\n[extra]\na = 1\n+++\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter(tmp_path: Path, front: str, end: str) -> None:
    """Where site generators keep what they know; `no` is Norwegian and not false."""
    text = (front + BODY).replace("\n", end)
    assert article(tmp_path, "a.md", text) == Record("T", parse_date("2025-07-23"), (PARAGRAPH,), "no")


def test_blocks(tmp_path: Path) -> None:
    """What a reader sees as one piece is one paragraph, and no sign of the markup can be searched."""
    text = (
        "# A *title*\n\nOne\ntwo\\\nthree &amp; ![four](x.png)\n\n- five\n- six\n\n  seven\n\n> eight\n\n"
        "```python\nnine = 9\n```\n\n| a | b |\n|---|---|\n| c | d |\n\n<div>ten<p>eleven</div>\n\nEnd\n===\n"
    )
    assert article(tmp_path, "a.markdown", text) == Record(
        "A title",
        None,
        ("One two three & four", "five", "six", "seven", "eight", "nine = 9", "a b", "c d", "ten", "eleven", "End"),
    )


def test_an_empty_cell_leaves_no_space(tmp_path: Path) -> None:
    """A paragraph that begins with a space is not the paragraph that was written."""
    found = article(tmp_path, "a.md", "# T\n\n| a | b |\n|---|---|\n|   | d |\n")
    assert found.paragraphs == ("a b", "d")


def test_titles(tmp_path: Path) -> None:
    """Stated, or the first heading, or the file's name."""
    assert article(tmp_path, "a.md", f"---\ntitle: T\n---\n# T\n{BODY}") == Record("T", None, (PARAGRAPH,))
    assert article(tmp_path, "a.md", f"---\ntitle: T\n---\n# U\n{BODY}") == Record("T", None, ("U", PARAGRAPH))
    assert article(tmp_path, "my_notes.md", BODY) == Record("my notes", None, (PARAGRAPH,))
    assert article(tmp_path, "a.md", f"---\n\n{BODY}").paragraphs == (PARAGRAPH,)


def test_encodings(tmp_path: Path) -> None:
    """As for every text."""
    reading = opened(tmp_path, "a.md", "# Şehirde\n\nyürüdü".encode("windows-1254"))
    assert [getattr(record, "title", "") for record in reading.records] == ["Şehirde"]
    assert reading.encoding == "windows-1254 (guessed)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("# Title", "no paragraphs"),
        ("---\ntitle: [\n---\nOne.", "not YAML"),
        ("+++\ntitle\n+++\nOne.", "not TOML"),
        ("---\n- a\n---\nOne.", "no names"),
        ("---\ndate: soon\n---\nOne.", "'soon' is not a date"),
        ("---\na: &a [x]\nb: [*a, *a]\n---\nOne.", "aliases"),
        ("---\na: !!python/object/apply:os.system [x]\n- \n---\nOne.", "not YAML"),
        (f"---\na: {'[' * 30_000}\n---\nOne.", "not YAML|nested too deep"),
        (f"+++\na = {'[' * 30_000}\n+++\nOne.", "not TOML|nested too deep"),
        (f"---\na: {'a' * 70_000}\n---\nOne.", "longer than 65,536"),
        (b"a\0b", "NUL"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read(tmp_path: Path, text: str | bytes, reason: str) -> None:
    """A bomb in the front matter is a reason, and so is a date that nobody can read."""
    found = refusal(tmp_path, "a.md", text)
    assert any(part in found for part in reason.split("|")), found


@pytest.mark.parametrize("text", ["*a **b " * 20_000, "[" * 50_000, "> " * 20_000 + "a", "`" * 50_000 + " a"])
def test_work_is_in_proportion(tmp_path: Path, text: str) -> None:
    """Markdown is known for inputs that take parsers hours."""
    with in_proportion(), suppress(UnreadableArticle):
        article(tmp_path, "a.md", text)
