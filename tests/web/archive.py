"""What the tests of the web search in, and how they read what comes back."""

from __future__ import annotations

from html.parser import HTMLParser

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
PARAGRAPHS = 3 + 2 + 1 + MANY + 1 + 1


class Dom(HTMLParser):
    """A page taken apart: its elements, its texts, and what is marked."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        """The attributes of every element of this tag that has these."""
        return [found for name, found in self.elements if name == tag and attributes.items() <= found.items()]

    def text(self, tag: str = "") -> str:
        """The texts directly in elements of this tag, or all of them."""
        return " ".join(" ".join(text for of, text in self.texts if tag in {"", of}).split())

    def texts_in(self, tag: str) -> list[str]:
        """Each text directly in an element of this tag."""
        return [text for of, text in self.texts if of == tag]

    def links(self, prefix: str = "") -> list[str]:
        """Where the links lead."""
        return [link for found in self.all("a") if (link := found["href"]) is not None and link.startswith(prefix)]
