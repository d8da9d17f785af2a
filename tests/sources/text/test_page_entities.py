"""Names that a page defines: what is put in for them, what is not, and that it is said."""

from __future__ import annotations

import itertools

import pytest

from search.sources.formats.html_blocks import block_texts, parse_html
from tests.timeouts import in_proportion

TYPE = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd" [{}]>\n'
LAUGHS = '<!ENTITY a "ha">' + "".join(
    "<!ENTITY {} '{}'>".format(new, f"&{old};" * 10) for old, new in itertools.pairwise("abcdefghi")
)


@pytest.mark.parametrize(
    ("page", "texts", "unread"),
    [
        (TYPE.format('<!ENTITY pub "Harbour Press">') + "<p>By &pub; &amp; &copy;", "By Harbour Press & ©", ""),
        (TYPE.format("<!ENTITY a 'x]>'> <!-- ]> <!ENTITY a 'y'> -->") + "<p>&a;", "x]>", ""),
        (TYPE.format('<!ENTITY nbsp "&#160;"><!ENTITY a "&amp;&#38;">') + "<p>x&nbsp;&a;", "x &&", ""),
        ('<?xml version="1.0"?><!-- c -->' + TYPE.format("<!ELEMENT a (b)>") + "<p>&a;", "&a;", ""),
        ("<!DOCTYPE html [\n<!ENTITY a 'A'>\n]\n><p>&a;", "A", ""),
        (TYPE.format(LAUGHS) + "<p>&i; &a;", "&i; ha", "Names that the page defines were not read, in 1 place: &i;."),
        (TYPE.format('<!ENTITY a "&a;">') + "<p>&a;", "&a;", "Names that"),
        (TYPE.format('<!ENTITY a SYSTEM "file:///etc/passwd">') + "<p>&a; &a;", "&a; &a;", "Names that"),
        (TYPE.format("<!ENTITY a '{}'>".format("x" * 2000)) + "<p>&a;", "&a;", "Names that"),
        ("<!DOCTYPE html><p>&pub; [<!ENTITY pub 'x'>]>", "&pub; []>", ""),
    ],
    ids=range(10),
)
def test_definitions_of_a_page(page: str, texts: str, unread: str) -> None:
    """Books name their publisher so; a parser of HTML takes the end of the definitions for text."""
    tree, missing = parse_html(page)
    assert tree is not None
    assert block_texts(tree) == [texts]
    assert (missing[0] if missing else "").startswith(unread)
    assert bool(missing) == bool(unread)


def test_what_a_page_defines_is_put_in_within_bounds() -> None:
    """Half a megabyte that says `&a;` for a thousand letters each time would become a hundred."""
    tree, missing = parse_html(TYPE.format("<!ENTITY a '{}'>".format("x" * 1000)) + "<p>" + "&a; " * 100_000)
    assert tree is not None
    assert len(" ".join(block_texts(tree))) < 2_000_000
    assert "were not read" in missing[0]


@pytest.mark.parametrize("piece", ["<!--", "<!ENTITY a SYSTEM ", "<!ENTITY ", '<!ENTITY a "', "[", "'", "]"])
def test_work_on_definitions_is_in_proportion(piece: str) -> None:
    """Definitions without an end must not be read to the end of the page for each of them."""
    with in_proportion():
        parse_html(f"<!DOCTYPE html [{piece * 200_000}]><p>x")
        parse_html(f"<!DOCTYPE html [{piece * 200_000}")
