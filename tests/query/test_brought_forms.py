"""What people bring from other search engines: it is read, or a warning or an error says what to write instead."""

from __future__ import annotations

import pytest

from search.errors import QueryError
from search.query.parser import parse
from search.query.tree import Phrase

URL = "https://example.org/a?b=c*"
BROUGHT: dict[str, tuple[str, str]] = {
    # query: the query that it stands for, words of the warning
    "a W/5 b": ("a NEAR/5 b", ""),
    "a AROUND(5) b": ("a NEAR/5 b", ""),
    "a NEAR5 b": ("a NEAR/5 b", ""),
    "a PRE/5 b": ('"a b"~5', ""),
    '"Cats" PRE/1 al-Sharaa': ('"Cats al-Sharaa"~1', ""),
    "title:(a PRE/5 b)": ('title:"a b"~5', ""),
    "a|b": ("a OR b", ""),
    "a || b c": ("a OR b AND c", ""),
    "(a|b) & c": ("(a OR b) AND c", ""),
    "a && b": ("a AND b", ""),
    "AT&T": ("AT&T", ""),
    "+a b": ("a AND b", "+ does nothing"),
    '+"a b" +(a b) -c': ('"a b" AND a AND b AND NOT c', "+ does nothing"),
    "a^2 b": ("a AND b", "weight in 'a^2'"),
    '"a b"^2.5 (a b)^3': ('"a b" AND a AND b', "weight"),
    "2^10": ("2^10", ""),
    "a W/5^2 b": ("a AND W/5^2 AND b", "W/5^2 was searched as text"),
    "a AND^2 b": ("a AND AND^2 AND b", "AND^2 was searched as text"),
    "a wom!^2 b": ("a AND wom!^2 AND b", "wom!^2 was searched as text"),
    "a^2^3": ("a^2^3", "a^2^3 was searched as text"),
    "near/5 a": ("near/5 AND a", "near/5 was searched as text"),
    "a NEAR b": ("a AND NEAR AND b", "NEAR was searched as text"),
    "a WITHIN/5 b": ("a AND WITHIN/5 AND b", "WITHIN/5 was searched as text"),
    "a ONEAR/5 b": ("a AND ONEAR/5 AND b", "ONEAR/5 was searched as text"),
    "a ADJ5 b": ("a AND ADJ5 AND b", "ADJ5 was searched as text"),
    "a /5 b": ("a AND 5 AND b", "/5 was searched as text"),
    "a around(5) b": ("a AND around AND 5 AND b", "around was searched as text"),
    "a NEAR(5) b": ("a AND NEAR AND 5 AND b", "NEAR was searched as text"),
    "a N/5 b": ("a AND N/5 AND b", "N/5 was searched as text"),
    "a AND-b": ("a AND AND-b", "AND-b was searched as text. AND, OR and NOT are operators with blanks"),
    "OREGON ANDes NOTed": ("OREGON AND ANDes AND NOTed", ""),
    "a~-1": ("a~-1", "~ takes the number of letters"),
    "rome[ti]": ("rome[ti", "rome[ti] was searched as text"),
    "rome[MeSH Terms]": ("rome[MeSH AND Terms", "rome[MeSH was searched as text"),
    '"a b"[tiab]': ('"a b" AND tiab', "[tiab] was searched as text"),
    "(a b).ti,ab.": ("a AND b AND ti,ab", ".ti,ab. was searched as text. Fields are written as in title:rome."),
    "a.mp. see b.": ("a.mp AND see AND b", "a.mp. was searched"),
    "TI=(a)": ("TI AND a", "TI= was searched"),
    "TITLE-ABS-KEY(a)": ("TITLE-ABS-KEY AND a", "TITLE-ABS-KEY was searched"),
    "allintitle: a b": ("allintitle AND a AND b", "allintitle: was searched as text"),
    "_exists_:a": ("_exists_:a", "_exists_:a was searched as text"),
    "TITLE ( a )": ("TITLE AND a", "TITLE was searched as text"),
    "ti(a)": ("ti AND a", "ti was searched as text"),
    "PY=1991": ("PY=1991", "PY=1991 was searched as text"),
    "a[majr:noexp]": ("a[majr:noexp", "a[majr:noexp] was searched as text"),
    '"a b"[Publication Type]': ('"a b" AND Publication AND Type', "[Publication was searched as text"),
    "a 2019..2021": ("a AND 2019..2021", "as in after:2019 before:2026"),
    "a $100..$200": ("a AND $100..$200", "Ranges of dates can be read"),
    "polit$ a$1 US$": ("polit AND a$1 AND US", "$ does not stand for letters"),
    "a ＡＮＤ ｂ": ("a AND ＡＮＤ AND ｂ", "Operators and their signs are read in half width"),
    "a NEAR／5 b": ("a AND NEAR／5 AND b", "NEAR／5 was searched as text"),
    '"a b"～5': ('"a b" AND 5', "write ~ if that is meant"),
    "a～": ("a", "write ~ if that is meant"),
    "東京～京都": ("東京～京都", ""),
    "{!dismax}a": ("dismax}a", "Fields are written as in title:rome"),
    "he [sic] array[i] TI U.S. (all)": ("he AND sic AND array[i AND TI AND U.S. AND all", ""),
    "a ANDNOT b": ("a AND ANDNOT AND b", "Write -word"),
    "a XOR b": ("a AND XOR AND b", "Write -word"),
    "a \u2013b": ("a AND b", "write -b"),
    "a \u2212b": ("a AND b", "write -b"),
    "a \u2013 b\u2013c": ("a AND b\u2013c", "left out"),
    '"a * b"': ('"a b"', "inside quotes"),
    "and/or TCP/IP km/5": ("and/or AND TCP/IP AND km/5", ""),
    "adjective within XORed": ("adjective AND within AND XORed", ""),
    "a !b": ("a AND b", "write -b"),
    "save the wom!": ("save AND the AND wom", "wom* finds"),
    "re:invent": ("re:invent", "There is no field 're'"),
    "12 Angry Men: review": ("12 AND Angry AND Men AND review", ""),
    "12 Angry Men:review": ("12 AND Angry AND Men:review", "There is no field 'Men'"),
    URL: (URL, "There is no field 'https'"),
    "topic:word": ("topic:word", "The fields are title, lead, source, lang, date, before, after."),
    "ATLEAST3(word)": ("ATLEAST/3 word", ""),
    "ATLEAST": ("ATLEAST", "as in ATLEAST/3 support"),
    **{f"a {dash}b": ("a AND b", "write -b") for dash in "‐‑‒–—―−－﹣﹘⁻˗¬"},
    "a \u2013\u2013b": ("a AND b", "\u2013\u2013 does not exclude; write -b"),
    "+-a b": ("NOT a AND b", "+ does nothing"),
    "a -+b": ("a AND NOT b", "+ does nothing"),
    "++a": ("a", "+ does nothing"),
    "+title:a": ("title:a", "+ does nothing"),
    **{
        f"{one}a b{other}": ('"a b"', "")
        for one, other in ("＂＂", "「」", "『』", "〝〟", "❝❞", "‹›", "›‹", "‚‘", "‚’")
    },
    "x「a b」y": ('x AND "a b" AND y', ""),
    "title:‹a b›~2": ('title:"a b"~2', ""),
    "‚Assad’s army‘": ('"Assad’s army"', ""),
    "Assad’s ‘army": ("Assad’s AND army", ""),
    "News › a": ("News AND a", "left out"),
    "a ‚b": ("a AND b", "left out"),
    "'a b'": ("a AND b", "Single quotation marks make no phrase"),
    "‘a b’": ("a AND b", "Single quotation marks make no phrase"),
    "``a b''": ("a AND b", "Single quotation marks make no phrase"),
    "（a OR b c": ("a OR b AND c", "（ was read as punctuation; write ( if that is meant"),
    "title：a": ("title：a", "write title: if that is meant"),
    "a＊ b": ("a AND b", "write * if"),
    "a&& b": ("a AND b", "on both sides of it, or on neither"),
    "a ONEAR b": ("a AND ONEAR AND b", "ONEAR was searched as text"),
    "rock 'n' roll": ("rock AND n AND roll", ""),
    "rome~0.8": ("rome~", "rome~0.8 was read as rome~: it takes the number"),
    "rome~.5, b": ("rome~ AND b", "takes the number of letters"),
    "~a b": ("a AND b", "write a~ for words"),
    "a^b^2": ("a^b^2", "a^b^2 was searched as text"),
    "wom!n^2": ("wom!n^2", "wom!n^2 was searched as text"),
    "rome^-1": ("rome^-1", "rome^-1 was searched as text"),
    "rome^x": ("rome^x", "no weights"),
    '"a b"^-1': ('"a b" AND 1', "^-1 was searched as text"),
    "wom!n": ("wom!n", "as in wom?n"),
    "wom#n": ("wom#n", "# does not stand for letters"),
    "a N5 b": ("a AND N5 AND b", "N5 was searched as text"),
    "a W5 b": ("a AND W5 AND b", "NEAR/5"),
    "N5": ("N5", "N5 was searched as text"),
    "a SAME b": ("a AND SAME AND b", "military SAME/s support"),
    "a same/s b": ("a AND same/s AND b", "military SAME/s support"),
    "a w/p b": ("a AND w/p AND b", "military SAME/s support"),
    "a WITHIN 5 b": ("a AND WITHIN AND 5 AND b", "military NEAR/5 support"),
    "a adj5 b": ("a AND adj5 AND b", "adj5 was searched as text"),
    "a PRE5 b": ("a AND PRE5 AND b", "PRE5 was searched as text"),
    "a ADJ b": ("a AND ADJ AND b", "ADJ was searched as text"),
    "a <near/5> b": ("a AND <near/5> AND b", "military NEAR/5 support"),
    "a <and> b": ("a AND and AND b", "in capitals only"),
    "near(a,b)": ("near AND a,b", "near was searched as text"),
    "ATLEAST a": ("ATLEAST AND a", "as in ATLEAST/3 support"),
    "atleast2(a)": ("atleast2 AND a", "as in ATLEAST/3 support"),
    "atleast/2 a": ("atleast/2 AND a", "as in ATLEAST/3 support"),
    "a&&b": ("a AND b", ""),
    '(a)&&"b"': ('a AND "b"', ""),
    "a&b": ("a&b", ""),
    "* a": ("a", "* was left out"),
    " * a b": ("a AND b", "* was left out"),
    "• a": ("a", "left out"),
    "* a\n* b": ("a AND b", "* was left out"),
    "Lehrer:innen": ("Lehrer:innen", "There is no field 'Lehrer'"),
    "foo:(a OR b)": ("foo AND (a OR b)", "There is no field 'foo'"),
}


@pytest.mark.parametrize("query", BROUGHT)
def test_what_people_bring_from_elsewhere(query: str) -> None:
    """It means what it meant there, or a warning says that it does not; nothing is taken for text without a word."""
    parsed = parse(query)
    interpreted, warning = BROUGHT[query]
    assert (parsed.interpreted, parsed.tree) == (interpreted, parse(interpreted).tree)
    assert len(parsed.warnings) == (2 if ")^3" in query else bool(warning)), parsed.warnings
    assert all(warning in one for one in parsed.warnings)


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("date:2024..2025", "after:2019 before:2026"),
        ("date:>=2024", "after:2019 before:2026"),
        ("date:2024-2025", "after:2019 before:2026"),
        ('date:"2024 to 2025"', "after:2019 before:2026"),
        ("before:05/06/2024", "before:2025-07"),
        ("year:2024", "Write date: if"),
        ("titel:a", "Write title: if"),
    ],
)
def test_a_hint_says_what_to_write_for_what_was_meant(query: str, hint: str) -> None:
    """Who writes a range has seen that form elsewhere, and nobody means the first paragraph by `year:`."""
    with pytest.raises(QueryError) as caught:
        parse(query)
    assert hint in str(caught.value)


def test_an_address_is_text() -> None:
    """A question mark in a pasted address is no wildcard."""
    tree = parse("https://example.org/a?b").tree
    assert isinstance(tree, Phrase)
    assert [slot.terms for slot in tree.slots] == [("https",), ("exampl",), ("org",), ("a",), ("b",)]
