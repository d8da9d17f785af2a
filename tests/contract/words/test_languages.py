"""An archive of several languages answers a query in one of them as an archive of that language alone does."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from search.engine import Engine, Snapshot
from search.model import Match, Page, SearchRequest
from search.service import find
from tests.contract.engines import ENGINES, article, run

TEXTS = {
    "en": {
        "News of the harbour": (
            "The news came late: the new crane of the harbour had fallen, and nobody was hurt.",
            "A new mayor read the news in 1984 and promised a new harbour, new cranes and new ships.",
            "Which ships will come to a harbour without a crane? The news says nothing of that.",
        ),
        "The bread of Paris": (
            "Bakers of Paris bake bread at night, and a pan of bread costs less than the news.",
            "The main road to Paris was closed; a gift of bread was sent to the war museum.",
            "He put the pan on the fire, and the son of the baker looked at Mars and at the moon.",
        ),
        "Bridges and rivers": (
            "The river rose in the night, and two bridges that were new in 2025 were closed.",
            "Engineers who build bridges say that the old bridge carried more than the new one.",
            "To die for a bridge is a bad plan, said the mayor, and closed the river road.",
        ),
    },
    "de": {
        "Neues aus dem Hafen": (
            "Das war die Nachricht des Tages: Im Hafen fiel ein Kran um, und die Häuser bebten.",
            "Die Bürgermeisterin las die Nachrichten von 1984 und versprach neue Häuser am Hafen.",
            "Wer baut einen Hafen ohne Kran? Die Häfen im Norden haben mehr Schiffe als wir.",
        ),
        "Brot aus Paris": (
            "In Paris backen die Bäcker nachts, und ein Brot kostet weniger als die Zeitung.",
            "Das Gift war im Brot, sagte der Bäcker, und die Straße nach Paris war gesperrt.",
            "Der Main führte Hochwasser, und das Schiff mit dem Brot kam erst im Mai 2025.",
        ),
        "Brücken und Flüsse": (
            "Der Fluss stieg in der Nacht, und zwei Brücken wurden gesperrt.",
            "Wer Brücken baut, weiß, dass die alte Brücke mehr trug als die neue.",
            "Die Straße am Fluss war lang, und das Haus an der Brücke war leer.",
        ),
    },
    "fr": {
        "Nouvelles du port": (
            "La nouvelle est tombée tard : la grue du port a cédé, et personne n'a été blessé.",
            "Le maire a lu les nouvelles de 1984 et a promis un port nouveau, des grues et des navires.",
            "Quels navires viendront dans un port sans grue ? Les nouvelles n'en disent rien.",
        ),
        "Le pain de Paris": (
            "Les boulangers de Paris font le pain la nuit ; le pari est gagné, et les paris sont ouverts.",
            "La main du boulanger tient le pain, et son fils regarde Mars depuis la mare.",
            "La route de Paris était fermée en 2025, et le pain manquait sur les marchés.",
        ),
        "Ponts et rivières": (
            "La rivière est montée dans la nuit, et deux ponts ont été fermés.",
            "Ceux qui font des ponts savent que le vieux pont portait plus que le neuf.",
            "Le château près du pont était vide, et la rivière passait devant les maisons.",
        ),
    },
    "es": {
        "Noticias del puerto": (
            "La noticia llegó tarde: la grúa del puerto había caído, y nadie resultó herido.",
            "El alcalde leyó las noticias de 1984 y prometió un puerto nuevo, grúas y barcos.",
            "¿Qué barcos vendrán a un puerto sin grúa? Las noticias no dicen nada de eso.",
        ),
        "El pan de París": (
            "Los panaderos de París hacen el pan de noche, y un pan cuesta menos que el diario.",
            "El pan no tenía sal, y la mano del panadero buscaba la harina del martes.",
            "El camino a París estaba cerrado en 2025, y en la mar no había barcos.",
        ),
        "Puentes y ríos": (
            "El río creció de noche, y dos puentes fueron cerrados.",
            "Quienes hacen puentes saben que el puente viejo cargaba más que el nuevo.",
            "La casa junto al puente estaba vacía, y el río pasaba delante de las casas.",
        ),
    },
}
QUERIES = {
    "en": "news, the news, new harbours, ships cranes, Paris, Mars, pan, bread of Paris, main road, gift, war, son,"
    " which ships, to die, 1984, 2025 bridge, bridges rivers night, closed, engineer, the mayor of the harbour",
    "de": "Nachricht, Häuser, haus, Hafen Kran, Häfen, Paris, die Brücke, Brücken Fluss, das Brot, Gift, war, Main,"
    " Straße, strasse Haus, 1984, Mai 2025, wer baut, bäcker, die Nachrichten von 1984, neue",
    "fr": "nouvelle, nouvelles port, les navires, Paris, paris, pari, Mars, main, pain, son fils, ponts rivière,"
    " chateau, château, fermée, 1984, 2025 pain, la grue du port, marche, été, neuf",
    "es": "noticia, noticias puerto, barcos grúa, grua, París, Paris, pan, el pan de noche, mar, martes, puentes ríos,"
    " rio, casa, casas, 1984, 2025, nuevo, cerrados, la mano, no dicen nada",
}
CUTOFF = 10


@pytest.fixture(scope="module", params=ENGINES)
def archives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    """The articles of each language by themselves, and those of all together."""
    engine: Callable[[Path], Engine] = ENGINES[request.param]
    articles = {
        lang: [article(f"{lang}-{n}", *texts[1], title=texts[0], lang=lang) for n, texts in enumerate(of.items())]
        for lang, of in TEXTS.items()
    }
    folder = tmp_path_factory.mktemp("languages")
    all_of_them = [one for of in zip(*articles.values(), strict=True) for one in of]
    return {lang: run(engine(folder / lang), of) for lang, of in (*articles.items(), ("all", all_of_them))}


def asked(snapshot: Snapshot, q: str, match: Match) -> Page:
    return find(snapshot, SearchRequest(q, match=match, per_page=100))


def ndcg(ranking: list[str], ideal: list[str]) -> float:
    """Return the nDCG of a ranking, where a paragraph is worth the more the higher it stands in another one."""
    gains = {paragraph: len(ideal) - place for place, paragraph in enumerate(ideal)}

    def dcg(rows: list[str]) -> float:
        return sum(gains[row] / math.log2(place + 2) for place, row in enumerate(rows[:CUTOFF]))

    return dcg(ranking) / dcg(ideal)


@pytest.mark.parametrize("match", ["all", "any"])
@pytest.mark.parametrize("lang", TEXTS)
def test_other_languages_change_nothing(archives: dict[str, Snapshot], lang: str, match: Match) -> None:
    """Who searches in one language must not get less, other marks, or a worse order, because others write in theirs."""
    quality = []
    for q in QUERIES[lang].split(","):
        alone, among_others = asked(archives[lang], q, match), asked(archives["all"], q, match)
        expected = {hit.id: (hit.title, hit.text) for hit in alone.hits}
        found = {hit.id: (hit.title, hit.text) for hit in among_others.hits if hit.article.lang == lang}
        assert found == expected, q
        if expected:
            quality.append(ndcg([*found], [*expected]))
    assert len(quality) > 0.8 * len(QUERIES[lang].split(","))
    assert sum(quality) / len(quality) > 0.99


@pytest.mark.parametrize("q", ["news", "Paris", "Mars", "pan", "war"])
def test_a_word_finds_none_of_another_language(archives: dict[str, Snapshot], q: str) -> None:
    """French takes an s from the end of any word: *news* found each English *new*."""
    for hit in asked(archives["all"], q, "all").hits:
        if hit.article.lang == "en":
            words = {text[a:b].lower() for text, spans in (hit.title, hit.text) for a, b in spans}
            assert words == {q.lower()}


def test_a_number_is_found_in_all_languages(archives: dict[str, Snapshot]) -> None:
    """Numbers have no language."""
    assert {hit.article.lang for hit in asked(archives["all"], "1984", "all").hits} == {*TEXTS}


@pytest.mark.parametrize("engine", ENGINES)
def test_german_for_both_sexes_is_found_as_it_stands(engine: str, tmp_path: Path) -> None:
    """In *Bürger*innen*, pasted from an article, the star is no wildcard, and in *Bürgerinnen* it is."""
    texts = ("Alle Bürger*innen stimmten ab.", "Die Bürgerinnen kamen.", "Ein Bürger:innen-Rat.", "Bürger kamen.")
    snapshot = run(ENGINES[engine](tmp_path), [article("rat", *texts, lang="de"), article("en", "Words.")])
    found = [hit.text for hit in asked(snapshot, "Bürger*innen", "all").hits]
    marked = {text[a:b] for text, spans in found for a, b in spans}
    assert marked == {"Bürger*innen", "Bürgerinnen", "Bürger:innen"}


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("lang", "text", "q", "marked"),
    [
        ("tr", "Kitaplarımızdan üçü İSTANBUL'da kaldı.", "kitaplar istanbul", ["Kitaplarımızdan", "İSTANBUL"]),
        ("tr", "Çocuklar ışıkları söndürdü.", "çocuk ışık", ["Çocuklar", "ışıkları"]),
        ("fa", "کتاب در خانۀ ماست.", "كتاب خانه", ["کتاب", "خانۀ"]),
        ("ur", "یہ کتاب ہے۔", "يه کتاب", ["یہ", "کتاب"]),
        ("he", "שָׁלוֹם לָעוֹלָם", "שלום", ["שָׁלוֹם"]),
        ("he", "שלום לעולם", "שָׁלוֹם", ["שלום"]),
        ("he", 'נשיא ארה"ב אמר', 'ארה"ב', ['ארה"ב']),
        ("he", 'נשיא ארה"ב אמר', '"נשיא ארה״ב"', ['נשיא ארה"ב']),
        ("he", "דובר צה״ל", 'צה"ל', ["צה״ל"]),
    ],
)
def test_letters_of_other_keyboards(
    *, engine: str, tmp_path: Path, lang: str, text: str, q: str, marked: list[str]
) -> None:
    """Persian is typed on Arabic keyboards, Hebrew without points, Turkish in capitals: one word, and marked."""
    snapshot = run(ENGINES[engine](tmp_path), [article("a", text, lang=lang), article("b", "The rest.")])
    (hit,) = find(snapshot, SearchRequest(q)).hits
    assert [hit.text.text[a:b] for a, b in hit.text.spans] == marked
