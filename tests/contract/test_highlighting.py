"""What is marked in a hit, to the code point, through find()."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search.engine import Snapshot
from search.model import Hit, Marked, SearchRequest, Span
from search.service import find

MARKED: dict[tuple[str, str], tuple[str, str]] = {
    # (query, paragraph): (title, text) with brackets around what is to be marked
    ("pilot", "harbour-p3"): (
        "Harbour [pilots] strike over pay",
        "A [pilot]’s wages rose by two per cent; the [pilots]’ union had asked for ten.",
    ),
    ("moves", "ships-p1"): ("No ship [moved]", "Ships were [moving] again, and more will [move] soon."),
    ("cafe", "café-p1"): ("Le [café] de l’été", "Les [cafés] de Genève étaient fermés pendant l’été."),
    ("ÉTÉ fermes", "café-p1"): ("Le café de l’[été]", "Les cafés de Genève étaient [fermés] pendant l’[été]."),
    ("haus", "strassen-p1"): ("Die Straßen von Zürich", "In den [Häusern] an der Straße wohnen zwei Pilotinnen."),
    ("strassen", "strassen-p1"): ("Die [Straßen] von Zürich", "In den Häusern an der [Straße] wohnen zwei Pilotinnen."),
    ("grün see", "strassen-p2"): ("Die Straßen von Zürich", "Das Haus 🏠 am [See] ist [gru\u0308n]."),
    ("runs", "code-p2"): ("C++ or C: who [runs] the fleet?", "In İstanbul nobody [runs] plain C today."),
    ("السلام", "salam-p1"): ("الحرب [والسلام]", "قال الرئيس إن [السلام] قريب."),
    ("北京", "beijing-p2"): ("[北京]的天气", "上海晴天，[北京]阴天。"),
    ("天", "beijing-p1"): ("北京的[天]气", "今[天]北京下雨。"),
    ("al-sharaa", "sharaa-p2"): (
        "Ahmad [al-Sharaa] meets the U.S. envoy",
        "[Al-Sharaa] thanked the envoys for military support.",
    ),
    ("sharaa", "sharaa-p2"): (
        "Ahmad al-[Sharaa] meets the U.S. envoy",
        "Al-[Sharaa] thanked the envoys for military support.",
    ),
    ("u.s. at&t f-16", "sharaa-p1"): (
        "Ahmad al-Sharaa meets the [U.S.] envoy",
        "The envoy of the [U.S.] flew in on an [F-16], [AT&T] News said.",
    ),
    ("c++", "code-p1"): ("[C++] or C: who runs the fleet?", "Engineers running [C++] on the F-16 ran two tests."),
    ("dawn OR moved", "harbour-p2"): (
        "Harbour pilots strike over pay",
        "The pilots struck at [dawn], and no ship [moved].",
    ),
    ("(strike OR pay) (dawn OR peace)", "harbour-p2"): (
        "Harbour pilots [strike] over [pay]",
        "The pilots struck at [dawn], and no ship moved.",
    ),
    ("ship -pilots", "harbour-p4"): ("Harbour pilots strike over pay", "No [ship] moved."),
    ("-(pilots dawn) ship", "harbour-p4"): ("Harbour pilots strike over pay", "No [ship] moved."),
    ('"no ship"', "harbour-p2"): ("Harbour pilots strike over pay", "The pilots struck at dawn, and [no ship] moved."),
    ('"no ship"', "ships-p1"): ("[No ship] moved", "Ships were moving again, and more will move soon."),
    ('"the military"', "sharaa-p3"): (
        "Ahmad al-Sharaa meets the U.S. envoy",
        "Military aid, he said, supports peace; support by [the military] does not.",
    ),
    ('"C++ on the F-16"', "code-p1"): (
        "C++ or C: who runs the fleet?",
        "Engineers running [C++ on the F-16] ran two tests.",
    ),
    ('"pilots moved"~7', "harbour-p2"): (
        "Harbour pilots strike over pay",
        "The [pilots struck at dawn, and no ship moved].",
    ),
    ('"no ship" NEAR/2 dawn', "harbour-p2"): (
        "Harbour pilots strike over pay",
        "The pilots struck at [dawn], and [no ship] moved.",
    ),
    ("supports NEAR/3 military", "sharaa-p3"): (
        "Ahmad al-Sharaa meets the U.S. envoy",
        "Military aid, he said, supports peace; [support] by the [military] does not.",
    ),
    ("title:strike ship", "harbour-p4"): ("Harbour pilots [strike] over pay", "No [ship] moved."),
    ("title:ship moved", "ships-p2"): ("No [ship] [moved]", "No ship [moved]."),
    ('title:"no ship" ship', "ships-p2"): ("[No ship] moved", "No [ship] moved."),
    ("-title:strike ship", "ships-p2"): ("No [ship] moved", "No [ship] moved."),
    ("pilot*", "strassen-p1"): ("Die Straßen von Zürich", "In den Häusern an der Straße wohnen zwei [Pilotinnen]."),
    ("al-s*a", "sharaa-p2"): (
        "Ahmad [al-Sharaa] meets the U.S. envoy",
        "[Al-Sharaa] thanked the envoys for military support.",
    ),
    ("envoi~", "sharaa-p2"): (
        "Ahmad al-Sharaa meets the U.S. [envoy]",
        "Al-Sharaa thanked the [envoys] for military support.",
    ),
    ("ship source:north lang:en date:2024", "harbour-p4"): ("Harbour pilots strike over pay", "No [ship] moved."),
    ("-dawn -title:ship", "harbour-p4"): ("Harbour pilots strike over pay", "No ship moved."),
    ("strike", "harbour-p1"): ("Harbour pilots [strike] over pay", ""),
}
SPANS: dict[tuple[str, str], tuple[list[Span], list[Span]]] = {
    # the same as numbers, where counting code points is easy to get wrong: accents, symbols beyond 16 bits, the long İ
    ("grün", "strassen-p2"): ([], [(22, 27)]),
    ("zürich haus", "strassen-p2"): ([(16, 22)], [(4, 8)]),
    ("runs", "code-p2"): ([(14, 18)], [(19, 23)]),
    ('"no ship"', "harbour-p2"): ([], [(31, 38)]),
    ("السلام", "salam-p1"): ([(6, 13)], [(14, 20)]),
}


def bracketed(marked: Marked) -> str:
    """A text with brackets around its spans, which have to be in order and apart."""
    shown, at = "", 0
    for start, end in marked.spans:
        assert at <= start < end <= len(marked.text)
        shown += f"{marked.text[at:start]}[{marked.text[start:end]}]"
        at = end
    return shown + marked.text[at:]


def hit_of(library: Snapshot, request: SearchRequest, paragraph: str) -> Hit:
    (hit,) = (hit for hit in find(library, replace(request, per_page=100)).hits if hit.id == paragraph)
    return hit


@pytest.mark.parametrize(("query", "paragraph"), MARKED)
def test_marks(library: Snapshot, query: str, paragraph: str) -> None:
    """A reader sees why a paragraph was found: all that matched is marked, and nothing else."""
    hit = hit_of(library, SearchRequest(query), paragraph)
    assert (bracketed(hit.title), bracketed(hit.text)) == MARKED[query, paragraph]
    assert hit.snippet == hit.text


@pytest.mark.parametrize(("query", "paragraph"), SPANS)
def test_spans(library: Snapshot, query: str, paragraph: str) -> None:
    """Programs cut the raw text by these numbers."""
    hit = hit_of(library, SearchRequest(query), paragraph)
    assert (list(hit.title.spans), list(hit.text.spans)) == SPANS[query, paragraph]


def test_any_word_is_marked(library: Snapshot) -> None:
    """With match=any what is there of the query is marked."""
    hit = hit_of(library, SearchRequest("strike dawn grün", match="any"), "harbour-p2")
    assert (bracketed(hit.title), bracketed(hit.text)) == (
        "Harbour pilots [strike] over pay",
        "The pilots struck at [dawn], and no ship moved.",
    )


def test_filters_of_the_request_mark_nothing(library: Snapshot) -> None:
    """A filter finds without words; the same hit without a query has no mark."""
    hit = hit_of(library, SearchRequest("", source="north", date_from="2024-05"), "harbour-p2")
    assert (hit.title.spans, hit.text.spans) == ((), ())
    assert hit_of(library, SearchRequest("dawn", source="north"), "harbour-p2").text.spans == ((21, 25),)
