"""Names and what they are found as."""

from __future__ import annotations

import pytest

from search.names.name_list import ListedVariants, NameList
from search.names.names import shipped
from search.names.synonyms import read_groups


def names(text: str, synonyms: str = "") -> NameList:
    return NameList([*read_groups(text, "list", marked=True), *read_groups(synonyms, "file", marked=False)])


LIST = """
spelling: ISIS, Isis-K
spelling: Daesh, Da'esh
alias: ISIS, Daesh, Islamic State
alias: UN => United Nations
"""


def test_each_name_of_a_group_is_found_as_the_others() -> None:
    """Nobody can know which of them was typed."""
    listed = names("spelling: Türkiye, Turkey, Turquie")
    assert listed.find(["turkey"]) == ListedVariants(("Türkiye", "Turquie"))
    assert listed.find(["turkiye"]) == ListedVariants(("Turkey", "Turquie"))
    assert listed.find(["ankara"]) is None


def test_an_alias_brings_its_spellings() -> None:
    """Whoever looks for ISIS under all names wants these however they are written."""
    listed = names(LIST)
    assert listed.find(["isis"]) == ListedVariants(("Isis-K",), ("Daesh", "Da'esh", "Islamic State"))
    assert listed.find(["da", "esh"]) == ListedVariants(("Daesh",), ("ISIS", "Isis-K", "Islamic State"))
    assert listed.find(["islamic", "state"]) == ListedVariants((), ("ISIS", "Isis-K", "Daesh", "Da'esh"))


def test_an_arrow_points_one_way() -> None:
    """*UN* is a word of other languages, so that the United Nations must not be found by it."""
    listed = names(LIST)
    assert listed.find(["un"]) == ListedVariants((), ("United Nations",))
    assert listed.find(["united", "nations"]) is None


def test_a_file_adds_to_the_list_and_replaces_by_arrows() -> None:
    """An archive about birds has to get rid of a country."""
    listed = names("spelling: Türkiye, Turkey", "Turkey, Anatolia")
    assert listed.find(["turkey"]) == ListedVariants(("Türkiye", "Anatolia"))
    listed = names(f"spelling: Türkiye, Turkey\n{LIST}", "turkey => turkey\nisis => goddess\nisis => Eset")
    assert listed.find(["turkey"]) is None
    assert listed.find(["turkiye"]) == ListedVariants(("Turkey",))
    assert listed.find(["isis"]) == ListedVariants(("goddess", "Eset"))


def test_an_arabic_article_may_stand_before_a_name() -> None:
    """Newspapers write as-Suwayda, al-Suwayda and Suwayda."""
    listed = names("spelling: Suwayda, Sweida")
    assert listed.find_bare(["as", "suwayda"]) == ListedVariants(("Suwayda", "Sweida"))
    assert listed.find_bare(["on", "suwayda"]) is None
    assert listed.find_bare(["suwayda"]) is None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("turkey", "Türkiye"),
        ("turkiye", "Turkey"),
        ("sweida", "Suwayda"),
        ("deraa", "Daraa"),
        ("peking", "Beijing"),
        ("دمشق", "Damascus"),
        ("kiev", "Kyiv"),
        ("qaddafi", "Gaddafi"),
    ],
)
def test_the_list_knows_what_the_news_are_full_of(typed: str, found: str) -> None:
    """The first names that anyone tries."""
    variants = shipped().find([typed])
    assert variants
    assert found in variants.spellings


@pytest.mark.parametrize(
    ("typed", "found"), [("isis", "Daesh"), ("isis", "Islamic State"), ("sharaa", "Golani"), ("mumbai", "Bombay")]
)
def test_other_names_are_aliases(typed: str, found: str) -> None:
    """They are offered, not searched at once: some are what a party says."""
    variants = shipped().find([typed])
    assert variants
    assert found in variants.aliases
    assert found not in variants.spellings
