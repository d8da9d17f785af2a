"""Eight articles, 19 paragraphs, small enough to count every answer by hand; sentences written for these tests."""

from __future__ import annotations

from search.engine import Snapshot
from search.model import Page, SearchRequest
from search.service import find
from tests.contract.engines import article

CORPUS = (
    article(
        "harbour",
        "",
        "The pilots struck at dawn, and no ship moved.",
        "A pilot’s wages rose by two per cent; the pilots’ union had asked for ten.",
        "No ship moved.",
        "No ship moved.",
        title="Harbour pilots strike over pay",
        date="2024-05-03",
    ),
    article(
        "ships",
        "Ships were moving again, and more will move soon.",
        "No ship moved.",
        title="No ship moved",
        date="2024-05-03 00:00",
        source="south",
    ),
    article(
        "sharaa",
        "The envoy of the U.S. flew in on an F-16, AT&T News said.",
        "Al-Sharaa thanked the envoys for military support.",
        "Military aid, he said, supports peace; support by the military does not.",
        title="Ahmad al-Sharaa meets the U.S. envoy",
        date="2025-07-23 08:15:11",
    ),
    article(
        "code",
        "Engineers running C++ on the F-16 ran two tests.",
        "In İstanbul nobody runs plain C today.",
        title="C++ or C: who runs the fleet?",
        date="2025-07",
    ),
    article(
        "café",
        "Les cafés de Genève étaient fermés pendant l’été.",
        "Un résumé naïf suffit aujourd’hui.",
        title="Le café de l’été",
        date="2024",
        source="south",
        lang="fr",
    ),
    article(
        "strassen",
        "In den Häusern an der Straße wohnen zwei Pilotinnen.",
        "Das Haus 🏠 am See ist gru\u0308n.",
        title="Die Straßen von Zürich",
        date="2025-07-22",
        source="south",
        lang="de",
    ),
    article("salam", "قال الرئيس إن السلام قريب.", title="الحرب والسلام", source="south", lang="ar"),
    article(
        "beijing",
        "今天北京下雨。",
        "上海晴天，北京阴天。",
        title="北京的天气",
        date="2025-07-23",
        source="south",
        lang="zh",
    ),
)
PARAGRAPHS = 19

STALE = article("ships", "A ship will move the pilots.", "Gone.", "Gone too.", title="Pilots", date="1999", lang="de")
"""What `ships` was before it was replaced."""
PULPED = article(
    "pulped", "No ship moved. The harbour pilots support a military strike.", title="北京 café", date="2024-05-03"
)
"""An article that was removed again."""


OLD = (
    article("a", "The old lighthouse keeper.", "He kept the lamp.", title="Lighthouse", date="2001"),
    article("b", "A lamp on a boat.", title="Boats", source="south"),
    article("c", "Nothing of the kind.", title="Others"),
)
NEW_A = article("a", "The young keeper of a lamp.", title="Beacon", date="2002-02", source="south", lang="de")
"""Three articles for the tests of the writer, and what becomes of the first."""


def rows(text: str) -> list[tuple[str, int]]:
    """Paragraphs as (article id, number), from `"harbour 2 4, ships 1"`."""
    parts = [part.split() for part in text.split(",") if part]
    return [(name, int(number)) for name, *numbers in parts for number in numbers]


def hits(page: Page) -> list[tuple[str, int]]:
    """The hits of a page, as `rows` writes them."""
    return [(hit.article.id, hit.number) for hit in page.hits]


def ask(snapshot: Snapshot, q: str, **options: object) -> list[tuple[str, int]]:
    """All hits of a query on one page, best first; the totals have to say the same."""
    page = find(snapshot, SearchRequest(q, per_page=100, **options))  # type: ignore[arg-type]  # the tests' own names
    found = hits(page)
    assert page.total.value == len(found)
    assert page.total.relation == "eq"
    assert page.total_articles == len({article_id for article_id, _ in found})
    return found
