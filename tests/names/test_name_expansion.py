"""Variants that are added to a query before it is parsed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.errors import QueryError
from search.model import Match
from search.names.name_expansion import MAX_ADDED, MAX_LOOKUPS, MAX_VARIANTS, NameExpansion, without_variants
from search.names.name_list import NameList
from search.names.synonyms import read_groups
from search.query.interpretation import Parsed
from search.query.parser import MAX_DEPTH, MAX_LENGTH, NO_ROOM, parse
from search.query.tree import Phrase, Word, positive_leaves
from tests.query.query_strategies import queries, readable
from tests.timeouts import in_proportion

LIST = """
spelling: Turkey, Türkiye
spelling: Ivory Coast, Côte d'Ivoire
spelling: Deir ez-Zor, Deir Ezzor
spelling: Suwayda, Sweida
spelling: a, x y
spelling: Cats, Katzen
alias: ISIS, Daesh, Islamic State
"""
Has: TypeAlias = Literal[True, False] | None
NAMES = NameList(read_groups(LIST, "list", marked=True))
OPERAND = st.sampled_from(
    ["turkey", "ivory coast", "x", '"turkey"', "(turkey)", "((turkey))", "title:turkey", "-turkey"]
)
CLAUSE = (
    st.tuples(OPERAND, st.sampled_from(["NEAR/5", "PRE/5", "SAME/s", "AND", "OR", ""]), OPERAND)
    | st.tuples(st.sampled_from(["ATLEAST/2", "NOT", "lead:", "title:"]), OPERAND)
).map(" ".join)
"""Names, and all that can stand beside them."""


def expansion(*, aliases: bool = False, has: bool | None = None, languages: tuple[str, ...] = ("en",)) -> NameExpansion:
    return NameExpansion(NAMES, languages, lambda _leaf: has, aliases=aliases)


def read(text: str, match: Match = "all", **options: Any) -> Parsed:  # noqa: ANN401 - those of `expansion`
    return parse(text, match=match, expand=expansion(**options))


@pytest.mark.parametrize(
    ("typed", "interpreted"),
    [
        ("turkey", "turkey ALSO Türkiye"),
        ("TÜRKIYE attack", "TÜRKIYE ALSO Turkey AND attack"),
        ("Turkey's", "Turkey's ALSO Türkiye"),
        ("turkey?", "turkey ALSO Türkiye"),
        ("-turkey", "NOT turkey ALSO Türkiye"),
        ("title:turkey", "title:(turkey ALSO Türkiye)"),
        ("lead:turkey", "lead:(turkey ALSO Türkiye)"),
        ("(turkey OR rome) x", "(turkey ALSO Türkiye OR rome) AND x"),
        ("ivory coast", '(ivory AND coast) ALSO "Côte d\'Ivoire"'),
        ("rome OR ivory coast", 'rome OR (ivory AND coast) ALSO "Côte d\'Ivoire"'),
        ("ivory, coast", '(ivory AND coast) ALSO "Côte d\'Ivoire"'),
        ("deir ezzor", '(deir AND ezzor) ALSO "Deir ez Zor"'),
        ("Deir ez-Zor", '(Deir AND ez-Zor) ALSO "Deir Ezzor"'),
        ("as-suwayda", "as-suwayda ALSO Suwayda ALSO Sweida"),
    ],
)
def test_names_are_found_in_other_spellings(typed: str, interpreted: str) -> None:
    """`interpreted` says what was added."""
    assert read(typed).interpreted == interpreted


@pytest.mark.parametrize(
    "typed",
    [
        '"turkey"',
        "turk*",
        "turkey~",
        "turkey NEAR/5 x",
        "x NEAR/5 turkey",
        "turkey PRE/5 x",
        "turkey SAME/s x",
        "x SAME/s turkey",
        "ivory coast SAME/s x",
        "ATLEAST/2 turkey",
        "ATLEAST/2 (turkey)",
        "ATLEAST2(turkey)",
        "(turkey) NEAR/5 x",
        "source:turkey",
        "ivory AND coast",
        "coast ivory",
        "x AND ivory coast",
        "-ivory coast",
        "title:ivory coast",
        "as suwayda sweidan",
        "turkey-syria",
        "rome ALSO turkey sweida",
    ],
)
def test_what_is_typed_otherwise_stays_as_it_is(typed: str) -> None:
    """Quotes, patterns and operators say what they say; words next to another operator are no name."""
    expanded = read(typed)
    assert "suwayda" in typed or expanded == parse(typed)


@given(st.lists(OPERAND | CLAUSE, max_size=3).map(" ".join))
def test_no_name_makes_a_query_unreadable(text: str) -> None:
    """A name stays as it is beside what joins words only; else all names of the query would lose their variants."""
    with suppress(QueryError):
        assert NO_ROOM not in read(text).warnings


def test_half_a_character_is_refused_beside_a_name() -> None:
    """No answer that contains one can be encoded, whatever else is in the query."""
    with pytest.raises(QueryError, match="half a character") as caught:
        read("turkey a\ud800b")
    assert caught.value.position == len("turkey a")


def test_words_of_any_are_a_name_too() -> None:
    """With match=any the words of a name are alternatives already, and its variants are more of them."""
    expanded = read("ivory coast trade", "any")
    assert expanded.interpreted == '(ivory OR coast) ALSO "Côte d\'Ivoire" OR trade'


@pytest.mark.parametrize(
    ("typed", "interpreted"),
    [
        ("turkey ALSO Türkiye AND attack", "turkey AND attack"),
        ('title:(turkey ALSO "x y" ALSO z)', "title:turkey"),
        ('(ivory AND coast) ALSO "Côte d\'Ivoire" OR x', "ivory AND coast OR x"),
        ("NOT turkey ALSO Türkiye", "NOT turkey"),
        ("plain", "plain"),
    ],
)
def test_what_stands_after_also_can_be_left_out(typed: str, interpreted: str) -> None:
    """Whoever was sent a query with variants can search without them."""
    assert parse(typed, expand=without_variants) == parse(interpreted)
    assert parse(typed, expand=without_variants).interpreted == interpreted


@pytest.mark.parametrize("typed", ["ALSO b", "a ALSO", "a ALSO (b c)", "a ALSO ALSO b"])
def test_faults_stay_faults_without_variants(typed: str) -> None:
    """Left out or not, what cannot be read is said."""
    with pytest.raises(QueryError):
        parse(typed, expand=without_variants)


def test_aliases_are_offered_or_added() -> None:
    """What a party calls another is not searched for unasked."""
    offering, adding = expansion(), expansion(aliases=True)
    assert parse("isis", expand=offering).interpreted == "isis"
    assert [tuple(offer) for offer in offering.offers.values()] == [("isis", ("Daesh", "Islamic State"))]
    assert parse("isis", expand=adding).interpreted == 'isis ALSO Daesh ALSO "Islamic State"'
    assert not adding.offers


def test_what_is_typed_twice_is_offered_once() -> None:
    """*Also search for Daesh, Daesh?* is one offer."""
    offering = expansion()
    parse("isis title:isis", expand=offering)
    assert len(offering.offers) == 1


def test_nothing_is_offered_to_exclude() -> None:
    """*Also search for Daesh?* beside `-isis` would say the opposite of what it does."""
    excluding = expansion()
    parse("attack -isis", expand=excluding)
    assert not excluding.offers


def test_only_what_the_archive_has_is_added() -> None:
    """A query that a variant cannot help costs nothing, and says nothing."""
    assert read("turkey", has=False) == parse("turkey")


def test_variants_are_leaves_that_know_what_was_typed() -> None:
    """The ranking needs it, so that what was typed comes first."""
    parsed = read("turkey deir ezzor")
    leaves = list(positive_leaves(parsed.tree))
    assert [leaf.variant_of for leaf in leaves if isinstance(leaf, Word | Phrase)] == [
        *((), ("turkey",)),
        *((), (), ("deir", "ezzor")),
    ]
    assert [(typed, [text for text, _ in found]) for typed, found in parsed.variants] == [
        ("turkey", ["Türkiye"]),
        ("deir AND ezzor", ['"Deir ez Zor"']),
    ]


@pytest.mark.parametrize(
    ("typed", "languages", "has", "added"),
    [
        ("Путин", ("en",), False, ()),
        ("Путин", ("en",), None, ("Putin", "Putyn")),
        ("Турция", ("en",), None, ("Turtsiya", "Turtsyya", "Turtsiia", "Turtsyia", "Turciâ")),
        ("Putin", ("en", "ru"), None, ()),
        ("Putin", ("en", "ru"), True, ("Путин", "Путін")),
        ("putin", ("en", "ru"), True, ()),
        ("On", ("en", "ru"), True, ()),
    ],
)
def test_names_are_looked_up_in_other_letters(
    typed: str, languages: tuple[str, ...], has: Has, added: tuple[str, ...]
) -> None:
    """In Latin ones always, in others if the archive has such a language; not a word in small letters that it has."""
    parsed = parse(typed, languages=languages, expand=expansion(has=has, languages=languages))
    assert tuple(text for _, found in parsed.variants for text, _ in found) == added


def test_variants_are_bounded() -> None:
    """Whatever a file of synonyms says, a query stays a query."""
    many = ", ".join(f"name{n}" for n in range(40))
    names = NameList(read_groups(many, "file", marked=False))
    text = " ".join(f"name{n}" for n in range(10))
    parsed = parse(text, expand=NameExpansion(names, ("en",), lambda _leaf: None, aliases=False))
    counts = [len(found) for _, found in parsed.variants]
    assert max(counts) == MAX_VARIANTS
    assert sum(counts) == MAX_ADDED


@pytest.mark.parametrize(
    "text", ["turkey " + "x" * (MAX_LENGTH - 7), "(" * (MAX_DEPTH - 1) + "-title:turkey" + ")" * (MAX_DEPTH - 1)]
)
def test_a_query_without_room_is_searched_as_typed(text: str) -> None:
    """A variant must never be the reason that a query is refused."""
    parsed = read(text)
    assert parsed.tree == parse(text).tree
    assert parsed.warnings == (NO_ROOM,)


@given(
    queries
    | readable
    | st.lists(st.sampled_from(["ivory", "coast", "Turkey", "isis", "a", "x", "y", "-", "OR", '"'])).map(" ".join),
    st.sampled_from(["all", "any"]),
    st.sampled_from(["all", "any"]),
    st.booleans(),
)
def test_interpreted_can_be_given_back(text: str, match: Match, other: Match, aliases: bool) -> None:
    """Typed back, with variants on, off, or aliases, it is the same query."""
    parsed, plain = attempt(read, text, match=match, aliases=aliases), attempt(parse, text, match=match)
    if isinstance(parsed, str):
        assert parsed == plain
        return
    for again in (read(parsed.interpreted, other, aliases=aliases), parse(parsed.interpreted, match=other)):
        if parsed.variants or again.variants == ():
            assert again.tree == parsed.tree
            assert again.interpreted == parsed.interpreted
            assert again.variants == parsed.variants


def attempt(parser: Callable[..., Parsed], text: str, **options: Any) -> Parsed | str:  # noqa: ANN401 - the parser's
    """What a parser makes of a text, or its error."""
    try:
        return parser(text, **options)
    except QueryError as error:
        return f"{error.position}: {error}"


def test_a_word_is_no_phrase_that_has_it() -> None:
    """*Deir Ezzor City* is found by *Deir* anyhow, and would only make the query longer."""
    names = NameList(read_groups("Zor, Deir Zor", "file", marked=False))
    parsed = parse("zor", expand=NameExpansion(names, ("en",), lambda _leaf: None, aliases=False))
    assert isinstance(parsed.tree, Word)


@pytest.mark.parametrize("has", [True, False, None])
@pytest.mark.parametrize(
    "word", ["Putin{}", "путин{}", "Τσιπρας{}", "جولاني{}", "turkey", "deir ezzor", "isis", "al-sharaa"]
)
def test_no_query_takes_long_to_expand(word: str, has: Has) -> None:
    """The longest queries that are allowed, of names and of what could be one, in an archive of many languages."""
    letters = "abcdefghijklmnoprstuvz"
    words = [word.format(letters[n % 22] + letters[n // 22 % 22]) for n in range(500)]
    with in_proportion():
        parse(" ".join(words), expand=expansion(has=has, languages=("en", "ru", "el", "ar")))


def test_one_name_does_not_take_all_looks() -> None:
    """A line of a file may have thousands of variants: each look at the archive takes time."""
    line = ", ".join(f"name{number}" for number in range(4 * MAX_LOOKUPS))
    names = NameList(read_groups(line, "file", marked=False))
    looks: list[Word | Phrase] = []

    def has(leaf: Word | Phrase) -> bool:
        looks.append(leaf)
        return False

    parse("name0 name1", expand=NameExpansion(names, ("en",), has, aliases=True))
    assert len(looks) == MAX_LOOKUPS
