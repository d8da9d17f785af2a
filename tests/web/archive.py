"""The archive that the tests of the web search in."""

from __future__ import annotations

from tests.contract.engines import article

NASTY = "<script>alert('x')</script> & \"quotes\" <img src=x onerror=alert(1)> \u202eevil\u202c \x00 end"
"""What a hostile article or query would try."""

MANY = 23
"""Paragraphs about lighthouses: three pages of ten."""

ODD_ID = "x/../a//b?c#d\n.txt"
"""What a file name or a record's id may hold."""

ARTICLES = (
    article(
        "2025/07/envoy.txt",
        "The envoy thanked the government for military support.",
        "Support for the military is not military support, said nobody.",
        "Nothing of that kind stands here.",
        title="Ankara sends an envoy",
        date="2025-07-23 08:15:11",
        source="north",
    ),
    article(
        "moon.txt",
        "The landing on the Moon was watched by millions; 🌒 stood in the sky as an İstanbul crowd cheered the lander.",
        "Six landings followed.",
        title="First landing on the Moon",
        date="1969-07-20",
        source="north",
    ),
    article("café/été 50%.txt", "Les cafés étaient fermés.", title="Le café", date="2024", source="south", lang="fr"),
    article(
        "lighthouses.txt",
        *(f"Lighthouse number {n} is lit." for n in range(1, MANY + 1)),
        title="All lighthouses",
        date="1999-05",
        source="south",
    ),
    article("nasty.txt", f"{NASTY} xylophone", title=f"{NASTY} xylophone", source="north"),
    article(ODD_ID, "An unusual okapi.", title="", source="south"),
)
RIGHT_TO_LEFT = article(
    "arabic.txt",
    "افتتحت اليوم المكتبة الجديدة في قلب المدينة.",
    title="افتتاح المكتبة في المدينة",
    date="2001",
    source="south",
)
PARAGRAPHS = 3 + 2 + 1 + MANY + 1 + 1
