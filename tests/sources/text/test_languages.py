"""The language of an article: stated, detected, or the only one there is."""

from __future__ import annotations

import pytest

from search.sources import Record, language_of
from search.sources.text.languages import detect_language, language_code, unexpected_language

SENTENCES = {
    "ar": "وافق المجلس على الميزانية الجديدة يوم الاثنين",
    "da": "Rådet godkendte mandag det nye budget efter en lang debat.",
    "de": "Der Rat hat am Montag nach langer Debatte den neuen Haushalt gebilligt.",
    "en": "The council approved the new budget on Monday after a long debate about schools.",
    "es": "El consejo aprobó el lunes el nuevo presupuesto.",
    "fi": "Valtuusto hyväksyi maanantaina uuden talousarvion.",
    "fr": "Le conseil a approuvé lundi le nouveau budget après un long débat.",
    "hu": "A tanács hétfőn jóváhagyta az új költségvetést.",
    "it": "Il consiglio ha approvato lunedì il nuovo bilancio.",
    "nl": "De raad keurde maandag de nieuwe begroting goed.",
    "no": "Rådet godkjente mandag det nye budsjettet etter en lang debatt.",
    "pt": "O conselho aprovou na segunda-feira o novo orçamento.",
    "ro": "Consiliul a aprobat luni noul buget după o lungă dezbatere.",
    "ru": "Совет одобрил новый бюджет в понедельник.",
    "sv": "Rådet godkände på måndagen den nya budgeten.",
    "tr": "Belediye meclisi pazartesi günü uzun bir tartışmadan sonra yeni bütçeyi onayladı.",
}


EVERYDAY = {
    "ar": "هذا ما كان من أن المدينة التي في الجبل قد بعد عن كل ذلك",
    "da": "Det er ikke sådan, at vi har været der, men han og hun skal være med os, hvis nogen vil.",
    "de": "Das ist nicht so, wie wir es in der Stadt gesehen haben, aber sie und er sind noch da.",
    "en": "This is not what we have seen in the town, but she and he are there and will be with us.",
    "es": "No es lo que hemos visto en la ciudad, pero ella y él están con los que se han ido.",
    "fi": "Se on ollut hyvä, mutta he eivät ole vielä siellä, koska tämä ei ole kaikki.",
    "fr": "Ce n'est pas ce que nous avons vu dans la ville, mais elle et il sont avec ceux qui y sont.",
    "hu": "Ez nem az, amit mi a városban láttunk, de ő és azok is ott vannak, akik nem voltak itt.",
    "it": "Non è quello che abbiamo visto nella città, ma lei e lui sono con quelli che ci sono.",
    "nl": "Het is een huis dat van ons was en niet van hen, maar zij zijn er nog.",
    "no": "Det er ikke slik at vi har vært der, men han og hun skal være med oss hvis noen vil.",
    "pt": "Não é o que nós vimos na cidade, mas ela e ele estão com os que lá estão.",
    "ro": "Nu este ceea ce am văzut în oraș, dar ea și el sunt cu cei care nu au fost aici.",
    "ru": "Это не то, что мы видели в городе, но она и он были там с теми, кто был с нами.",
    "sv": "Det är inte så att vi har varit där, men han och hon ska vara med oss.",
    "tr": "Bu bizim gördüğümüz şey değil, ama o ve onlar da bizim için çok şey ve daha ne var ki.",
}
"""Sentences with as many function words as most texts have."""


@pytest.mark.parametrize("language", SENTENCES)
def test_detected(language: str) -> None:
    """A wrong language has wrong stems: the article is not found by its own words."""
    assert detect_language(SENTENCES[language], tuple(SENTENCES)) == language


def test_only_configured_languages_are_detected() -> None:
    """Nothing is stemmed in a language that nobody searches in."""
    assert detect_language(SENTENCES["nl"], ("en", "de")) in {"en", "de"}
    assert detect_language(SENTENCES["tr"], ("en", "xx")) == "en"


@pytest.mark.parametrize("text", ["", "12345 …", "\ud800", "😀"])
def test_nothing_to_go_by(text: str) -> None:
    """Then it is the first: the archive's main language."""
    assert detect_language(text, ("fr", "en")) == "fr"


@pytest.mark.parametrize("language", SENTENCES)
def test_an_archive_in_another_language_than_was_set(language: str) -> None:
    """Who forgets the setting has an archive in which plurals are not found, and nothing that says why."""
    texts = [EVERYDAY[language]] * 60
    found = unexpected_language(texts, ("fr",) if language == "en" else ("en",))
    assert found == language or {found, language} <= {"da", "no", "sv"}
    assert unexpected_language(texts, ("en", "fr", language)) is None
    assert unexpected_language(texts[:9], ("xx",)) is None, "too few words"


def test_numbers_and_names_are_of_no_language() -> None:
    """A table of figures, or a text in a language that Stemma does not know, is nobody's mistake."""
    assert unexpected_language(["Zürich 12 Kraków 13 Brno 14 Łódź 15"] * 200, ("en",)) is None
    assert unexpected_language(["Option value of key de in"] * 60, ("en",)) is None
    assert unexpected_language(["市議会は月曜日に新しい予算を承認した。"] * 300, ("en",)) is None


@pytest.mark.parametrize(
    ("stated", "languages", "language"),
    [("fr", ("en", "fr"), "fr"), (None, ("fr",), "fr"), ("tr", ("fr",), "fr"), ("xx", ("fr", "en"), "en")],
)
def test_stated_or_not(stated: str | None, languages: tuple[str, ...], language: str) -> None:
    """What the document states is believed if it is configured; a single language needs no detection."""
    assert language_of(Record("Title", None, (SENTENCES["en"],), stated), languages) == language


@pytest.mark.parametrize(
    ("stated", "code"),
    [("en", "en"), (" EN_us.UTF-8", "en"), ("zh-Hans-CN", "zh"), ("deu", "de"), ("nn", "no"), ("", None), ("x", None)],
)
def test_codes(stated: str, code: str | None) -> None:
    """Documents name languages in many ways, and mean the same."""
    assert language_code(stated) == code
