"""Every form of the query language: its tree, and how it says that it was read."""

from __future__ import annotations

import pytest

from search.dates import parse_date
from search.errors import QueryError
from search.model import Match
from search.query.parser import parse
from search.query.tree import ALL, And, Dated, Fuzzy, Lang, Near, Node, Not, Or, Phrase, Slot, Source, Wildcard, Word


def w(stem: str, *, title: bool = False) -> Word:
    return Word((stem,), title)


def exact(*words: str, slop: int = 1, title: bool = False) -> Phrase:
    """A quote of words that are their own stems."""
    return Phrase(tuple(Slot((word,), (word,)) for word in words), slop, title)


def one(stem: str, *, title: bool = False) -> Phrase:
    """A plain word as a side of NEAR."""
    return Phrase((Slot((stem,), (stem,), stemmed=True),), title=title)


a, b, c, d = map(w, "abcd")
JULY, YEAR, DAY = map(parse_date, ("2025-07", "2025", "2025-07-22"))

FORMS: dict[str, tuple[Node, str]] = {
    # query: tree, interpreted
    "": (ALL, ""),
    "  \n": (ALL, ""),
    # words
    "requesting": (w("request"), "requesting"),
    "Military SUPPORT": (And((w("militari"), w("support"))), "Military AND SUPPORT"),
    "a b c": (And((a, b, c)), "a AND b AND c"),
    "a a": (And((a, a)), "a AND a"),
    "a b a": (And((a, b, a)), "a AND b AND a"),
    "a (b a)": (And((a, b, a)), "a AND b AND a"),
    "Requests request": (And((w("request"), w("request"))), "Requests AND request"),
    " a  A requests": (And((a, a, w("request"))), "a AND A AND requests"),
    "(a, b) c!": (And((a, b, c)), "a AND b AND c"),
    "nato?": (w("nato"), "nato"),
    "and or not": (And((w("and"), w("or"), w("not"))), "and AND or AND not"),
    "C++ U.S.": (And((w("c++"), w("u.s."))), "C++ AND U.S."),
    # what cannot be one word is a phrase of stems
    "and/or": (Phrase((Slot(("and",), ("and",), stemmed=True), Slot(("or",), ("or",), stemmed=True))), "and/or"),
    "al-Sharaas": (
        Phrase((Slot(("al",), ("al",), stemmed=True), Slot(("sharaa",), ("sharaa",), stemmed=True))),
        "al-Sharaas",
    ),
    "U.S.-led": (
        Phrase((Slot(("u.s.",), ("u.s.",), 2, stemmed=True), Slot(("led",), ("led",), stemmed=True))),
        "U.S.-led",
    ),
    "中": (w("中"), "中"),
    '"中"': (w("中"), '"中"'),
    "中国": (w("中国"), "中国"),
    '"中国"': (exact("中国"), '"中国"'),
    "中国人": (Phrase((one("中国").slots[0], one("国人").slots[0])), "中国人"),
    "中国x": (Phrase((one("中国").slots[0], one("国").slots[0], one("x").slots[0])), "中国x"),
    '"中国"~2': (Phrase((one("中").slots[0], one("国").slots[0]), 2), '"中国"~2'),
    "中国 NEAR/2 x": (Near(Phrase((one("中国").slots[0], one("国").slots[0])), one("x"), 2), "中国 NEAR/2 x"),
    # operators
    "a AND b": (And((a, b)), "a AND b"),
    "a OR b": (Or((a, b)), "a OR b"),
    "a OR b c": (Or((a, And((b, c)))), "a OR b AND c"),
    "a b OR c d": (Or((And((a, b)), And((c, d)))), "a AND b OR c AND d"),
    "(a OR b) AND c": (And((Or((a, b)), c)), "(a OR b) AND c"),
    "(a OR b) c": (And((Or((a, b)), c)), "(a OR b) AND c"),
    "a (b c)": (And((a, b, c)), "a AND b AND c"),
    "a OR (b OR c)": (Or((a, b, c)), "a OR b OR c"),
    "((a))": (a, "a"),
    "a(b)c": (And((a, b, c)), "a AND b AND c"),
    "-nato": (Not(w("nato")), "NOT nato"),
    "NOT nato": (Not(w("nato")), "NOT nato"),
    "turkiye -nato": (And((w("turkiy"), Not(w("nato")))), "turkiye AND NOT nato"),
    "NOT a b": (And((Not(a), b)), "NOT a AND b"),
    "a OR NOT b": (Or((a, Not(b))), "a OR NOT b"),
    "-(a b)": (Not(And((a, b))), "NOT (a AND b)"),
    "--a": (Not(Not(a)), "NOT NOT a"),
    "a-b": (w("a-b"), "a-b"),
    # quotes
    '"Requesting support"': (
        Phrase((Slot(("requesting",), ("request",)), Slot(("support",), ("support",)))),
        '"Requesting support"',
    ),
    '"a"': (exact("a"), '"a"'),
    "“a b„": (exact("a", "b"), '"a b"'),
    '"al-Sharaas"': (Phrase((Slot(("al-sharaas",), ("al", "sharaa"), 2),)), '"al-Sharaas"'),
    '"C++ a"': (Phrase((Slot(("c++",), ("c++",)), Slot(("a",), ("a",)))), '"C++ a"'),
    '"a b"~5': (exact("a", "b", slop=5), '"a b"~5'),
    '-"a b"': (Not(exact("a", "b")), 'NOT "a b"'),
    "a NEAR/5 b": (Near(one("a"), one("b"), 5), "a NEAR/5 b"),
    "military NEAR/100 supports": (Near(one("militari"), one("support"), 100), "military NEAR/100 supports"),
    'a NEAR/1 "b c"~2': (Near(one("a"), exact("b", "c", slop=2), 1), 'a NEAR/1 "b c"~2'),
    "(a) NEAR/2 b": (Near(one("a"), one("b"), 2), "a NEAR/2 b"),
    "NOT a NEAR/2 b c": (And((Not(Near(one("a"), one("b"), 2)), c)), "NOT a NEAR/2 b AND c"),
    # fields
    "title:a b": (And((w("a", title=True), b)), "title:a AND b"),
    "TITLE:(a OR b)": (Or((w("a", title=True), w("b", title=True))), "title:(a OR b)"),
    'title:"a b"~2': (exact("a", "b", slop=2, title=True), 'title:"a b"~2'),
    "title:(a NEAR/3 b)": (Near(one("a", title=True), one("b", title=True), 3, title=True), "title:(a NEAR/3 b)"),
    "-title:a": (Not(w("a", title=True)), "NOT title:a"),
    "title:Suwayd*": (Wildcard("suwayd*", title=True), "title:Suwayd*"),
    "source:seeds": (Source("seeds"), "source:seeds"),
    'source:"my archive"': (Source("my archive"), 'source:"my archive"'),
    'source:"-x"': (Source("-x"), 'source:"-x"'),
    'source:"seeds"': (Source("seeds"), "source:seeds"),
    "lang:EN": (Lang("en"), "lang:EN"),
    "date:2025-07": (Dated(ends_after=JULY.start, starts_before=JULY.end), "date:2025-07"),
    "before:2025-07-22": (Dated(ends_by=DAY.start), "before:2025-07-22"),
    "after:2025": (Dated(starts_from=YEAR.end), "after:2025"),
    'date:"2025-07-22"': (Dated(ends_after=DAY.start, starts_before=DAY.end), "date:2025-07-22"),
    "title:(a source:b)": (And((w("a", title=True), Source("b"))), "title:(a AND source:b)"),
    # wildcards and misspellings
    "Suwayd*": (Wildcard("suwayd*"), "Suwayd*"),
    "Su?ayda": (Wildcard("su?ayda"), "Su?ayda"),
    "Su?ayda?": (Wildcard("su?ayda"), "Su?ayda"),
    "*ayd**a,": (Wildcard("*ayd*a"), "*ayd**a"),
    "Él*": (Wildcard("el*"), "Él*"),
    "al-Sh*": (Wildcard("al-sh*"), "al-Sh*"),
    "U.S*": (Wildcard("u.s*"), "U.S*"),
    "कि*मी": (Wildcard("कि*मी"), "कि*मी"),
    "Sharra~": (Fuzzy("sharra", 2), "Sharra~"),
    "Sharra~1": (Fuzzy("sharra", 1), "Sharra~1"),
    "(Sharra~1) b": (And((Fuzzy("sharra", 1), b)), "Sharra~1 AND b"),
    "Sharra~,": (Fuzzy("sharra", 2), "Sharra~"),
    "AND*": (Wildcard("and*"), "AND*"),
    "title~1": (Fuzzy("title", 1), "title~1"),
    # what would read as an operator or a field without the punctuation around it keeps that
    "a AND. b": (And((a, w("and"), b)), "a AND AND. AND b"),
    ".title:a": (Phrase((Slot(("titl",), ("titl",), stemmed=True), Slot(("a",), ("a",), stemmed=True))), ".title:a"),
}

ANY: dict[str, tuple[Node, str]] = {
    "a b": (Or((a, b)), "a OR b"),
    "a b c AND d": (Or((a, b, And((c, d)))), "a OR b OR c AND d"),
    "a (b c)": (Or((a, b, c)), "a OR b OR c"),
    "(a b) AND (c d)": (And((Or((a, b)), Or((c, d)))), "(a OR b) AND (c OR d)"),
    # what only restricts does so all the same
    "a b -c": (And((Or((a, b)), Not(c))), "(a OR b) AND NOT c"),
    "-c a": (And((a, Not(c))), "a AND NOT c"),
    "a b source:x lang:en": (And((Or((a, b)), Source("x"), Lang("en"))), "(a OR b) AND source:x AND lang:en"),
    "-a -b": (And((Not(a), Not(b))), "NOT a AND NOT b"),
    "a OR b -c": (Or((a, And((b, Not(c))))), "a OR b AND NOT c"),
    "title:(a b)": (Or((w("a", title=True), w("b", title=True))), "title:(a OR b)"),
}


@pytest.mark.parametrize("query", FORMS)
def test_forms(query: str) -> None:
    """The language is what docs and users go by: each form has one meaning, and says which."""
    parsed = parse(query)
    assert (parsed.tree, parsed.interpreted) == FORMS[query]
    assert parsed.warnings == ()


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


@pytest.mark.parametrize("query", ANY)
def test_any_changes_the_implied_operator_alone(query: str) -> None:
    """With match=any more words find more; what was excluded stays excluded."""
    parsed = parse(query, match="any")
    assert (parsed.tree, parsed.interpreted) == ANY[query]


@pytest.mark.parametrize("match", ["all", "any"])
@pytest.mark.parametrize("query", ["a … b", '"!" a b', "a AND … AND b", "- a b"])
def test_what_holds_no_word_is_left_out_with_a_warning(query: str, match: Match) -> None:
    """Punctuation alone finds nothing: better to say so than to fail or to match nothing."""
    parsed = parse(query, match=match)
    explicit = match == "all" or "AND" in query
    assert parsed.tree == (And((a, b)) if explicit else Or((a, b)))
    assert len(parsed.warnings) == query.count("…") + query.count("!") + query.count("- ")
    assert all("left out" in warning for warning in parsed.warnings)


@pytest.mark.parametrize(
    ("query", "searched"),
    [
        ('"a*"', "a"),
        ('"Paris reop*"', "Paris reop"),
        ('"a *b c"', "a b c"),
        ('"Su?ayda"', "Su ayda"),
        ('"Sharra~1 a"', "Sharra a"),
        ('"a~, b"', "a , b"),
        ('"a?* b"', "a b"),
    ],
)
def test_patterns_in_quotes_are_said_to_be_none(query: str, searched: str) -> None:
    """Dropped in silence, a star would let somebody believe that no word of the archive begins so."""
    parsed = parse(query)
    assert parsed.tree == parse(f'"{searched}"').tree
    assert parsed.interpreted == f'"{searched}"'
    (warning,) = parsed.warnings
    assert "inside quotes" in warning
    assert f'"{searched}"' in warning


@pytest.mark.parametrize("query", ['"why?"', '"why? a"', '"5 * 3"', '"~ a"', '"a ?"'])
def test_punctuation_in_quotes_is_punctuation(query: str) -> None:
    """Whoever pastes a sentence has not asked for a pattern."""
    parsed = parse(query)
    assert (parsed.interpreted, parsed.warnings) == (query, ())


def test_a_word_has_the_stems_of_all_languages() -> None:
    """An archive in three languages is searched in one go: a word matches by the rules of each."""
    assert parse("nationen", languages=("en", "sv", "de")).tree == Word(("nationen", "sv:nation", "de:nation"))
    quoted = Phrase((Slot(("nationen",), ("nationen", "de:nation")),))
    assert parse('"nationen"', languages=("en", "de")).tree == quoted
    assert parse("1,984", languages=("en", "de", "ja")).tree == parse("1,984").tree


def test_german_for_both_sexes_is_no_mere_pattern() -> None:
    """Who types *Bürger*innen* as it stands in the text must find it there, where the star divides two words."""
    star, languages = "Bürger*innen", ("en", "de")
    both = parse(star, languages=languages)
    assert both.interpreted == star
    assert both.tree == Or((parse(star).tree, parse("Bürger/innen", languages=languages).tree))
    assert isinstance(parse("Bürger*meister", languages=languages).tree, Wildcard)
    assert isinstance(parse("*innen", languages=languages).tree, Wildcard)
    assert isinstance(parse(star, languages=("en", "fr")).tree, Wildcard)


def test_patterns_know_where_they_stand() -> None:
    """An engine that gives up on a pattern has to say which of them it was."""
    tree = parse("abc (Su* OR x Sharra~)").tree
    assert isinstance(tree, And)
    either = tree.children[1]
    assert isinstance(either, Or)
    assert isinstance(either.children[0], Wildcard)
    assert either.children[0].at == 5
    assert isinstance(either.children[1], And)
    fuzzy = either.children[1].children[1]
    assert isinstance(fuzzy, Fuzzy)
    assert fuzzy.at == 14
