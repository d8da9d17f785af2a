"""How the tests of the web read what comes back."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient


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


def problem(client: FlaskClient, path: str, status: int, code: str, method: str = "GET") -> dict[str, Any]:
    """Ask, and check what every problem has."""
    response = client.open(path, method=method)
    assert response.status_code == status, response.text
    assert response.content_type == "application/problem+json"
    found = response.json
    assert isinstance(found, dict)
    assert list(found)[:5] == ["type", "title", "status", "detail", "code"]
    assert (found["type"], found["status"], found["code"]) == (f"/errors#{code}", status, code)
    assert found["title"]
    assert found["detail"]
    return found
