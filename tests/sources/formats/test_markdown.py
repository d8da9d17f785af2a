"""Markdown: blocks without their markup, and front matter."""

from __future__ import annotations

import itertools
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.dates import parse_date
from search.errors import UnreadableArticle
from search.sources import Options, Record
from search.sources.formats.html_blocks import TOO_DEEP, clean_text
from search.sources.formats.markdown import read_markdown
from tests.sources.character_counts import character_data, check_all_accounted
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
        '{\n"title": "T", "date": 20250723, "lang": "no", "draft": null, "menu": {"title": "M"}\n}\n',
        "---\ntitle: T\npublishDate: 2025-07-23\ncreated: 2024-01-01\nlang: no\n---\n",
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_front_matter(tmp_path: Path, front: str, end: str) -> None:
    """Where site generators keep what they know; `no` is Norwegian and not false."""
    text = (front + BODY).replace("\n", end)
    assert article(tmp_path, "a.md", text) == Record("T", parse_date("2025-07-23"), (PARAGRAPH,), "no")


def test_title_blocks_of_pandoc(tmp_path: Path) -> None:
    """Its manual begins so; a line of text may begin with a percent sign as well."""
    found = article(tmp_path, "a.md", "% A long\n  title\n% Ann; Bob\n% 23 July 2025\n\nOne.\n")
    assert found == Record("A long title", parse_date("2025-07-23"), ("One.",))
    assert article(tmp_path, "a.md", "% Title\n\nOne.\n") == Record("Title", None, ("One.",))
    for text in ("% of people\nsay so.", "%% no", "{\nno", '{\n"a": 1\n}', '{\n"a": 1} b', '{\n"a":' + "[" * 9_999):
        assert article(tmp_path, "a.md", text).paragraphs == (clean_text(text),)


def test_dates_of_files(tmp_path: Path) -> None:
    """Jekyll takes the date from the name of the file, as people with diaries do; Obsidian notes when it was begun."""
    found = article(tmp_path, "2025-07-23-a-post.md", "---\ntitle: T\n---\nOne.\n")
    assert found == Record("T", parse_date("2025-07-23"), ("One.",), date_guessed=True)
    assert article(tmp_path, "2025-07-23.md", "---\ndate: 2024\n---\nOne.\n").date == parse_date("2024")
    assert article(tmp_path, "2025-07-99.md", "One.").date is article(tmp_path, "2025-07-231.md", "One.").date is None
    found = article(tmp_path, "a.md", "---\ncreated: 2025-07-23T10:00\n---\nOne.\n")
    assert (found.date, found.date_guessed) == (parse_date("2025-07-23"), True)


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


def test_cells_beyond_the_header_are_said(tmp_path: Path) -> None:
    """No program shows them: whoever wrote one into a table, or a bar into code, does not see that it is lost."""
    table = "| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| `x|y` | z |\n| 4 \\| 5 | 6 | |\n"
    found = article(tmp_path, "a.md", f"# T\n\n> {table.replace(chr(10), chr(10) + '> ')}\n\n{table}")
    assert found.missing == ("In 4 rows of tables the cells beyond the header's were not read.",)
    assert article(tmp_path, "a.md", "a | b\n--|--\nc | d\n").missing == ()


def test_what_somebody_says_is_no_target_of_a_link(tmp_path: Path) -> None:
    """In an interview each answer of one word would be lost; what a link refers to is no text."""
    said = "[Ann]: Really?\n\n[Bob B.]: Yes (laughs)\n\n[Ann]: Yes.\n\n"
    found = article(tmp_path, "a.md", f"{said}[c] and [d][D]\n\n[c]: home\n[d]: start\n[e]: e.html\n").paragraphs
    assert found == ("[Ann]: Really?", "[Bob B.]: Yes (laughs)", "[Ann]: Yes.", "c and d")


def test_html_that_is_cut_is_said(tmp_path: Path) -> None:
    """Whoever wrote it is not there to see that the end is missing."""
    deep = "<div>\n" + "<b>" * 5000 + "lost\n</div>\n"
    assert article(tmp_path, "a.md", f"# T\n\n{BODY}\n{deep}\nMore.\n\n{deep}") == Record(
        "T", None, (PARAGRAPH, "More."), missing=(TOO_DEEP,)
    )
    assert TOO_DEEP in refusal(tmp_path, "a.md", deep)


def test_pictures_in_the_text_cost_no_time(tmp_path: Path) -> None:
    """Exports hold pictures as addresses of megabytes, which the parser goes through letter by letter."""
    picture = f"data:image/png;base64,{'iVBORw0KGgo/' * 1_000_000}"
    text = f'# T\n\nOne ![a]({picture}) and ![][b].\n\n<img src="{picture}">\n\n[b]: <{picture}>\n'
    start = time.process_time()
    found, _ = read_markdown(text.encode(), "a", Options())
    assert found == Record("T", None, ("One a and .",))
    assert time.process_time() - start < 5


def test_an_empty_cell_leaves_no_space(tmp_path: Path) -> None:
    """A paragraph that begins with a space is not the paragraph that was written."""
    found = article(tmp_path, "a.md", "# T\n\n| a | b |\n|---|---|\n|   | d |\n")
    assert found.paragraphs == ("a b", "d")


def test_titles(tmp_path: Path) -> None:
    """Stated, or the first heading, which many write in HTML to centre it, or the file's name."""
    assert article(tmp_path, "a.md", f"---\ntitle: T\n---\n# T\n{BODY}") == Record("T", None, (PARAGRAPH,))
    assert article(tmp_path, "a.md", f"---\ntitle: T\n---\n# U\n{BODY}") == Record("T", None, ("U", PARAGRAPH))
    assert article(tmp_path, "a.md", f'<h1 align="center">\n<img src="x">T\n</h1>\n\n{BODY}\n## U\n') == Record(
        "T", None, (PARAGRAPH, "U")
    )
    assert article(tmp_path, "a.md", f"<div><p>V</p><h1>T</h1></div>\n\n{BODY}").title == "T"
    assert article(tmp_path, "my_notes.md", BODY) == Record("my notes", None, (PARAGRAPH,))
    assert article(tmp_path, "a.md", f"---\n\n{BODY}").paragraphs == (PARAGRAPH,)


def test_encodings(tmp_path: Path) -> None:
    """As for every text."""
    reading = opened(tmp_path, "a.md", "# Şehirde\n\nyürüdü".encode("windows-1254"))
    assert [getattr(record, "title", "") for record in reading.records] == ["Şehirde"]
    assert reading.encoding == "windows-1254 (guessed)"


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("# Title", "no paragraphs"), (b"a\0b", "NUL")],
    ids=lambda value: str(value)[:30],
)
def test_what_cannot_be_read(tmp_path: Path, text: str | bytes, reason: str) -> None:
    """What holds no text is no article."""
    assert reason in refusal(tmp_path, "a.md", text)


LAUGHS = "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in itertools.pairwise("abcdefghij"))


@pytest.mark.parametrize(
    ("front", "reason"),
    [
        ("---\ntitle: 'T'\nb: [\n---\n", "not YAML"),
        ("+++\ntitle = 'T'\nb = \n+++\n", "not TOML"),
        ("---\ntitle: T\ndate: soon\n---\n", "'soon' is not a date"),
        ("---\ntitle: T\na: *bold*\n---\n", "not YAML"),
        ("---\ntitle: T\na: &a [x]\nb: [*a, *a]\n---\n", "aliases"),
        ("---\ntitle: &t T\nb: *t\n---\n", "aliases"),
        ("---\na: &t T\ntitle: T\ndate: *t\n---\n", "aliases"),
        ("---\ntitle: T\nb: &b {<<: *b}\n---\n", "aliases"),
        (f"---\ntitle: T\na: &a [x]\n{LAUGHS}---\n", "aliases"),
        ("---\ntitle: U\ntitle: T\n---\n", "'title' is there twice"),
        ("---\ntitle: T\nlang: en\nLang: fr\n---\n", "'lang' is there twice"),
        ("+++\ntitle = 'U'\nTitle = 'T'\n+++\n", "'title' is there twice"),
        ("+++\ntitle = 'T'\nlang = 'en'\nlang = 'fr'\n+++\n", "not TOML"),
        ("---\ntitle: T\na: !!python/object/apply:os.system [x]\n- \n---\n", "not YAML"),
        (f"---\ntitle: T\na: {'[' * 30_000}\n---\n", "not YAML|nested too deep"),
        (f"+++\ntitle = 'T'\na = {'[' * 30_000}\n+++\n", "not TOML|nested too deep"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_front_matter_that_cannot_be_read(tmp_path: Path, front: str, reason: str) -> None:
    """A slip, or a date that nobody can read, must not cost the article."""
    found = article(tmp_path, "a.md", f"{front}One.")
    assert (found.title, found.paragraphs, found.date) == ("T", ("One.",), None)
    (missing,) = found.missing
    assert any(part in missing for part in reason.split("|")), missing


@pytest.mark.parametrize(
    ("text", "paragraphs"),
    [
        ("---\n\n# Head\n\nProse: with a colon.\n\n---\n\nMore.", ("Prose: with a colon.", "More.")),
        ("---\nOnce upon a time: prose.\n\n---\nMore.", ("Once upon a time: prose.", "More.")),
        ("---\n- a\n---\nOne.", ("a", "One.")),
        ("---\nJust prose.\n\n---\nOne.", ("Just prose.", "One.")),
        ("---\nFerry: it sails.\n\nProse follows it.\n\n---\nOne.", ("Ferry: it sails.", "Prose follows it.", "One.")),
        ("+++\nprose\n+++\nOne.", ("+++ prose +++ One.",)),
        ("---\nNever closed: a\n\nOne.", ("Never closed: a", "One.")),
        (f"---\na: {'a' * 70_000}\n\n---\nOne.", (f"a: {'a' * 70_000}", "One.")),
        ("---\ntitle: null\ndate: ~\n...\nOne.", ("One.",)),
        ("---\n---\nOne.", ("One.",)),
    ],
    ids=lambda value: str(value)[:30],
)
def test_text_between_two_rules_is_text(tmp_path: Path, text: str, paragraphs: tuple[str, ...]) -> None:
    """Only names and values are front matter; what is taken for it is not shown and not found."""
    found = article(tmp_path, "a.md", text)
    assert (found.paragraphs, found.missing) == (paragraphs, ())


@pytest.mark.parametrize("line", ["<!-- more -->", "</div>", "</details>", "<!DOCTYPE html>", "</aside>", "<?php ?>"])
def test_markup_without_text_is_passed_by(tmp_path: Path, line: str) -> None:
    """A mark for a program must not cost the whole article."""
    assert article(tmp_path, "a.md", f"# T\n\nOne.\n\n{line}\n\nTwo.\n").paragraphs == ("One.", "Two.")


PIECES = (
    *("{}", "**{}** {}", "# {}", "## {} {}", "- {}\n- {}", "+ {}\n  + {}", "> {}", "`{}`", "```X\n{}\n```", "    {}"),
    *("[{}](URL)", "![{}](URL)", "[{}][A]\n\n[A]: URL", "word[^a]\n\n[^a]: {}", "| {} | {} |\n|---|---|\n| {} | {} |"),
    *("<div>{}</div>", "<details><summary>{}</summary>\n\n{}\n\n</details>", "<aside>\n{}\n</aside>", "a {}\n---"),
    *(
        "<!-- C -->",
        "{} <b>{}</b> {}",
        *("- [X] {}", "> [!NOTE]\n> {}", "[[N|{}]] ==bc==", "{} {#TOP}"),
        *("{{% X %}}{}{{% /X %}}", "{%X%} {}"),
        "term\n: {}",
        "~~{}~~",
        "<script>X</script>",
        "{}\\\n{}",
        "---",
        "***",
    ),
)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.text("bcdefg", min_size=1, max_size=5)), min_size=1, max_size=8))
def test_every_character_is_accounted_for(pieces: list[tuple[str, str]]) -> None:
    """Whatever Markdown is made of, its words are found; names of languages, addresses and comments are none."""
    text = "\n\n".join(["start", *(piece.replace("{}", word) for piece, word in pieces), "end"])
    record, _ = read_markdown(text.encode(), "", Options())
    check_all_accounted(character_data(text), record)


@pytest.mark.parametrize("text", ["*a **b " * 20_000, "[" * 50_000, "> " * 20_000 + "a", "`" * 50_000 + " a"])
def test_work_is_in_proportion(tmp_path: Path, text: str) -> None:
    """Markdown is known for inputs that take parsers hours."""
    with in_proportion(), suppress(UnreadableArticle):
        article(tmp_path, "a.md", text)


@pytest.mark.parametrize("mark", ["> ", "- "])
def test_text_in_lists_and_quotations(mark: str) -> None:
    """Mail that was answered often stands in more than twenty quotations, where the library stops without a word."""
    record, _ = read_markdown(f"{mark * 90}deep\n\nend".encode(), "", Options())
    assert (record.paragraphs, record.missing) == (("deep", "end"), ())
    record, _ = read_markdown(f"start\n\n{mark * 300}deeper".encode(), "", Options())
    assert "deeper" in record.paragraphs or "was not read" in record.missing[0]


def test_front_matter_whose_values_are_no_texts(tmp_path: Path) -> None:
    """A list of titles is none, and whoever misses the date has to be told."""
    found = article(tmp_path, "a.md", "---\ntitle: [a, b]\ndate: {year: 1990}\ntags: [c]\n---\n\nText.\n")
    assert (found.title, found.date) == ("a", None)
    assert found.missing == ("Front matter: 'title' is not text.", "Front matter: 'date' is not text.")
