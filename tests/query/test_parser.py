"""Every form of the query language: its tree, and how it says that it was read."""

from __future__ import annotations

import pytest

from search.dates import parse_date
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
        ('"a*b \t* c"', "a b c"),
        ('"a~2* b"', "a b"),
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
