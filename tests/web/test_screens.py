"""The pages in a real browser on small and large screens, dark and light, and an accessibility audit of them."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.browsing import Open

PAGES = {
    "home": ("/", 200),
    "results": ("/?q=lighthouse+OR+landing+OR+xylophone&page=1&source=south&date_from=1900", 200),
    "hostile": ("/?q=xylophone", 200),
    "empty": ("/?q=zeppelin+unicorn", 200),
    "article": ("/articles/2025/07/envoy.txt?q=military#p2", 200),
    "hostile article": ("/articles/nasty.txt?q=xylophone", 200),
    "bad query": ("/?q=moon+(landing+OR", 400),
    "bad filter": ("/?q=moon&date_from=yesterday", 400),
    "no article": ("/articles/gone.txt", 404),
}

OPEN_DETAILS = "document.querySelectorAll('details').forEach(details => details.open = true)"
WIDTHS = (320, 390, 1280)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_the_screen(open_tab: Open, name: str) -> None:
    """On a phone a page that can be pushed sideways is hard to read."""
    path, status = PAGES[name]
    with open_tab() as tab:
        response = tab.goto(path)
        assert response is not None
        assert response.status == status
        tab.evaluate(OPEN_DETAILS)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_have_no_known_barrier(open_tab: Open, name: str, scheme: str) -> None:
    """Axe's rules (contrast, names, landmarks, order of headings, ...) hold in both colour schemes."""
    path, _ = PAGES[name]
    with open_tab(390 if scheme == "dark" else 1280, scheme) as tab:
        tab.goto(path)
        tab.evaluate(OPEN_DETAILS)
        results = Axe().run(tab)
        assert results.violations_count == 0, results.generate_report()


def test_dark_and_light_differ(open_tab: Open) -> None:
    """The browser's wish is followed."""
    seen = []
    for scheme in ("light", "dark"):
        with open_tab(scheme=scheme) as tab:
            tab.goto("/")
            seen.append(tab.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    light, dark = (sum(int(part) for part in colour[4:-1].split(",")) for colour in seen)
    assert light > 600
    assert dark < 150
