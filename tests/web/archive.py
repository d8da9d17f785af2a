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

NEWSPAPERS = ("gazette", "chronicle", "minutes, of the board", *(f"parish paper {n}" for n in range(1, 10)))
"""Sources of the town's archive; one has a comma in its name, which separates values of a filter."""
TOWN = tuple(
    article(
        f"town/{n}.txt",
        *(
            f"In the {n + part}th week the harbour pump was said to need new parts, as the engineer had told the board "
            "in the year before; nobody objected to the sum, and the sluice could not be closed by hand until the ice "
            "had gone, so that water stood a metre high in the streets behind the harbour for the better part of a day."
            for part in range(1 + n % 4)
        ),
        title=f"Harbour board asks for a new pumping station, and the council refuses it ({n})",
        date=f"{1950 + 31 * (n * n % 97) // 97}-05-{1 + n % 28:02}",
        source=NEWSPAPERS[n % 13 % len(NEWSPAPERS)],
        lang="fr" if n % 7 == 0 else "en",
    )
    for n in range(60)
)
"""Articles of twelve sources and three decades, each of which has words about the harbour's pump in all paragraphs."""
