"""A real browser on the application behind a real socket. Fixtures; conftest.py has them in its namespace."""

from __future__ import annotations

import os
import shutil
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright
from werkzeug.serving import make_server

from search.engine import open_engine
from search.model import Article
from search.settings import Settings
from tests.contract.engines import run
from tests.web.archive import ARTICLES, RIGHT_TO_LEFT, TOWN
from web import create_app

Open = Callable[..., Any]

expect.set_options(timeout=20_000)  # a machine may be busy with other tests

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HOW = "No Chromium here. Get it with: apt-get install -y --no-install-recommends chromium fonts-liberation"
FLAGS = [
    *("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
]


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Tabs:
    return Tabs(browser)


@contextmanager
def served(settings: Settings, articles: Iterable[Article]) -> Iterator[str]:
    """Serve articles by the application, upon the engine that is the default, behind a socket of this machine."""
    engine = open_engine(settings)
    run(engine, articles)
    server = make_server("127.0.0.1", 0, create_app(engine, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    engine.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the small archive that most tests search in."""
    settings = Settings(index=tmp_path_factory.mktemp("browser") / "index")
    with served(settings, (*ARTICLES, RIGHT_TO_LEFT)) as address:
        yield address


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an archive with many sources and years, under a name of its own."""
    folder = tmp_path_factory.mktemp("town")
    (folder / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9"/></svg>'
    )
    about = "The papers of a harbour town, 1950 to 1981."
    settings = Settings(index=folder / "index", name="Town archive", about=about, logo=str(folder / "logo.svg"))
    with served(settings, TOWN) as address:
        yield address


@pytest.fixture
def open_tab(tabs: Tabs, site: str) -> Open:
    """Opens a tab on the small archive: see `opener`."""
    return opener(tabs, site)


@pytest.fixture
def open_town(tabs: Tabs, town: str) -> Open:
    """Opens a tab on the archive of the town: see `opener`."""
    return opener(tabs, town)


class Tabs:
    """Tabs that tests use one after another: a new one starts a process, which takes longer than most tests."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._idle: defaultdict[tuple[str, bool], list[Page]] = defaultdict(list)

    @contextmanager
    def tab(self, site: str, *, scripts: bool) -> Iterator[Page]:
        """A tab as if it were new: nothing is stored or permitted. That of a test that fails is not used again."""
        idle = self._idle[site, scripts]
        page = idle.pop() if idle else self._browser.new_context(base_url=site, java_script_enabled=scripts).new_page()
        yield page
        page.goto("/healthz")  # has no script that could write anything
        page.context.clear_permissions()
        page.emulate_media(media="null", color_scheme="null", forced_colors="null")
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": site, "storageTypes": "all"})
        session.send("Network.clearBrowserCache")
        session.send("Page.resetNavigationHistory")
        session.detach()
        idle.append(page)


def opener(tabs: Tabs, site: str) -> Open:
    """Return what opens a tab; when it closes, the console has not complained and nobody else has been asked."""

    @contextmanager
    def open_tab(
        width: int = 1280,
        scheme: Any = "light",  # noqa: ANN401 - a Literal
        *,
        scripts: bool = True,
        height: int = 900,
    ) -> Iterator[Page]:
        complaints: list[str] = []
        asked: set[str] = set()

        def complain(message: ConsoleMessage) -> None:
            # The console names each answer of 400 or 404; those are asked for on purpose.
            if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
                complaints.append(message.text)

        def fail(error: Error) -> None:
            complaints.append(str(error))

        def note(request: Request) -> None:
            asked.add(urlsplit(request.url).hostname or "")

        with tabs.tab(site, scripts=scripts) as tab:
            tab.set_viewport_size({"width": width, "height": height})
            tab.emulate_media(color_scheme=scheme)
            tab.on("console", complain)
            tab.on("pageerror", fail)
            tab.context.on("request", note)
            yield tab
            tab.remove_listener("console", complain)
            tab.remove_listener("pageerror", fail)
            tab.context.remove_listener("request", note)
        assert complaints == []
        assert asked == {"127.0.0.1"}

    return open_tab
