"""The pages in a real browser: keyboard, anchors, small screens, dark and light, and an accessibility audit."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Request, expect, sync_playwright
from playwright.sync_api import Page as Tab
from werkzeug.serving import make_server

from search.engines import open_engine
from search.settings import Settings
from tests.contract.engines import run
from tests.web.archive import ARTICLES
from web import create_app

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOW = "No Chromium here. Get it with: apt-get install -y --no-install-recommends chromium fonts-liberation"
FLAGS = [
    *("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
]
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

expect.set_options(timeout=20_000)  # a machine may be busy with other tests

Open = Callable[..., Any]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; on a laptop without one these tests are skipped, in CI that is a failure."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, chromium_sandbox=os.geteuid() != 0, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application, upon the engine that is served by default, behind a socket of this machine."""
    settings = Settings(index=tmp_path_factory.mktemp("browser") / "index")
    engine = open_engine(settings)
    run(engine, ARTICLES)
    server = make_server("127.0.0.1", 0, create_app(engine, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.close()


@pytest.fixture
def open_tab(browser: Browser, site: str) -> Open:
    """Opens a fresh tab; when it closes, the console has not complained and nobody else has been asked for anything."""

    @contextmanager
    def tab(width: int = 1280, scheme: Any = "light", *, scripts: bool = True) -> Iterator[Tab]:  # noqa: ANN401 - a Literal
        complaints: list[str] = []
        asked: set[str] = set()

        def complain(message: ConsoleMessage) -> None:
            # The console names each answer of 400 or 404; those are asked for on purpose.
            if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
                complaints.append(message.text)

        def note(request: Request) -> None:
            asked.add(urlsplit(request.url).hostname or "")

        context = browser.new_context(
            base_url=site, color_scheme=scheme, viewport={"width": width, "height": 900}, java_script_enabled=scripts
        )
        page = context.new_page()
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        context.on("request", note)
        yield page
        context.close()
        assert complaints == []
        assert asked == {"127.0.0.1"}

    return tab


def test_a_search_with_the_keyboard_alone(open_tab: Open) -> None:
    """From typing to the paragraph and back, without a mouse and without JavaScript."""
    with open_tab(scripts=False) as tab:
        tab.goto("/")
        expect(tab.get_by_role("searchbox")).to_be_focused()
        tab.keyboard.type('"military support"')
        tab.keyboard.press("Enter")
        expect(tab).to_have_title('"military support" – Stemma')
        assert tab.locator("mark").all_inner_texts() == ["military support", "military support"]
        expect(tab.get_by_role("searchbox")).to_have_value('"military support"')

        link = tab.get_by_role("link", name="Paragraph 2 in its article")
        for _ in range(30):
            tab.keyboard.press("Tab")
            if link.evaluate("link => link === document.activeElement"):
                break
        expect(link).to_be_focused()
        outline = link.evaluate("link => getComputedStyle(link).outlineStyle")
        assert outline == "solid", "whoever uses the keyboard has to see where it is"
        tab.keyboard.press("Enter")

        expect(tab.get_by_role("heading", level=1)).to_have_text("Ankara sends an envoy")
        target = tab.locator("p:target")
        expect(target).to_have_attribute("id", "p2")
        expect(target).to_be_in_viewport()
        assert target.locator("mark").all_inner_texts() == ["military support"]
        plain = tab.locator("#p3").evaluate("p => getComputedStyle(p).backgroundColor")
        assert target.evaluate("p => getComputedStyle(p).backgroundColor") != plain

        tab.get_by_role("link", name="Back to the results").press("Enter")
        expect(tab.get_by_role("searchbox")).to_have_value('"military support"')
        assert tab.locator("mark").count() == 2


def test_the_skip_link_is_first_and_works(open_tab: Open) -> None:
    """Whoever cannot see the page does not listen to the form before each page of results."""
    with open_tab() as tab:
        tab.goto("/?q=landing")
        tab.keyboard.press("Tab")
        link = tab.get_by_role("link", name="Skip to the content")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("main")).to_be_focused()


def test_filters_in_the_form(open_tab: Open) -> None:
    """Chosen in the form, they are in the address, and nothing empty is."""
    with open_tab(390, scripts=False) as tab:
        tab.goto("/?q=landing+OR+lighthouse")
        tab.get_by_text("Filters and order").click()
        tab.get_by_label("Source").select_option("south")
        tab.get_by_label("From").fill("1999")
        tab.get_by_label("Show").select_option("article")
        tab.get_by_role("button", name="Apply").click()
        expect(tab).to_have_url("/?q=landing%20OR%20lighthouse&date_from=1999&source=south&group=article")
        expect(tab.get_by_role("article")).to_have_count(1)
        tab.get_by_role("link", name="Remove the filter Source: south").click()
        expect(tab).to_have_url("/?q=landing%20OR%20lighthouse&group=article&date_from=1999")


def test_an_example_is_a_click_away(open_tab: Open) -> None:
    """A first visitor gets results before having to think of a query."""
    with open_tab(scripts=False) as tab:
        tab.goto("/")
        tab.locator(".examples a").first.click()
        assert tab.locator("article mark").count() > 0


def test_a_hostile_article_runs_nothing(open_tab: Open) -> None:
    """Escaping is one wall, the policy the other: no dialog, no complaint of the policy, no request."""
    with open_tab() as tab:
        dialogs: list[str] = []
        tab.on("dialog", lambda dialog: dialogs.append(dialog.message))
        for path in ("/?q=xylophone", "/articles/nasty.txt?q=xylophone", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"):
            tab.goto(path)
        assert dialogs == []
        assert tab.evaluate("document.scripts.length") == 0


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
