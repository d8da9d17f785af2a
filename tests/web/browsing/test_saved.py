"""Searches and stars that a browser keeps for itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web.browser import Open

TODAY = "() => new Date().toLocaleDateString('en-GB', {day: 'numeric', month: 'long', year: 'numeric'})"
"""As dates of articles are written: 20 July 1969."""


def test_searches_are_kept_and_found_again(open_tab: Open) -> None:
    """What did I look for yesterday? Each search once, the last first, without its page; also what was not found."""
    with open_tab() as tab:
        second_page = "/?q=lighthouse&page=2&source=south&group=none"
        for path in ("/?q=landing", second_page, "/?q=landing", "/?q=zeppelin+unicorn"):
            tab.goto(path)
        tab.get_by_role("link", name="Your searches and stars").click()
        links = tab.locator("#saved a")
        expect(links).to_have_text(["zeppelin unicorn", "landing", "lighthouse"])
        today = tab.evaluate(TODAY)
        expect(tab.locator("#saved .count")).to_have_text([today, today, today])
        links.nth(2).click()
        expect(tab).to_have_url("/?q=lighthouse&group=none&source=south")


def test_stars_are_set_and_taken_away(open_tab: Open) -> None:
    """In a list of results and on the article itself, by mouse and by keyboard; a reload does not lose them."""
    with open_tab(390, "dark") as tab:
        tab.goto("/?q=landing")
        star = tab.get_by_role("button", name="Star: First landing on the Moon")
        expect(star).to_have_attribute("aria-pressed", "false")
        box = star.bounding_box()
        assert box
        assert min(box["width"], box["height"]) >= 24
        star.press("Enter")
        expect(star).to_have_attribute("aria-pressed", "true")
        tab.goto("/articles/moon.txt")
        expect(star).to_have_attribute("aria-pressed", "true")
        tab.goto("/saved")
        expect(tab.get_by_role("link", name="First landing on the Moon")).to_have_attribute(
            "href", "/articles/moon.txt"
        )
        tab.get_by_role("button", name="Remove First landing on the Moon").click()
        expect(tab.get_by_text("No article has a star yet.")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_star_is_not_alone_on_a_line(open_town: Open, width: int) -> None:
    """Each would cost a line of the screen."""
    with open_town(width) as tab:
        tab.goto("/?q=harbour+pump")
        expect(tab.locator(".star").first).to_be_visible()
        apart = tab.locator(".star").evaluate_all(
            "stars => stars.map(star => { const box = star.getBoundingClientRect();"
            "  const text = star.previousSibling.previousSibling.getBoundingClientRect();"
            "  return Math.abs(box.top + box.bottom - text.top - text.bottom) / 2; })"
        )
        assert max(apart) < 8


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_what_scripts_add_has_no_known_barrier(open_tab: Open, width: int, scheme: str) -> None:
    """The other audits see pages as the server sends them: here are stars, steps and lists that scripts have made."""
    with open_tab(width, scheme) as tab:
        tab.goto("/?q=landing")
        tab.get_by_role("button", name="Star: ").first.click()
        for path in ("/?q=landing", "/articles/moon.txt?q=landing&result=1#p2", "/saved"):
            tab.goto(path)
            if "#" in path:
                tab.keyboard.press("n")
            results = Axe().run(tab)
            assert results.violations_count == 0, results.generate_report()
            assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_they_are_exported_and_cleared(open_tab: Open) -> None:
    """What is mine I can take with me, and delete."""
    with open_tab() as tab:
        tab.goto("/?q=landing")
        tab.get_by_role("button", name="Star: ").first.click()
        tab.goto("/saved")
        with tab.expect_download() as download:
            tab.get_by_role("button", name="Export as JSON").click()
        found = json.loads(Path(download.value.path()).read_text("utf-8"))
        assert [one["url"] for one in found["searches"]] == ["/?q=landing&group=article"]
        assert [one["title"] for one in found["stars"]] == ["First landing on the Moon"]
        tab.on("dialog", lambda dialog: dialog.accept())
        tab.get_by_role("button", name="Clear searches").click()
        expect(tab.get_by_text("No search is kept yet.")).to_be_visible()
        tab.get_by_role("button", name="Clear stars").click()
        expect(tab.get_by_text("No article has a star yet.")).to_be_visible()
        assert tab.evaluate("localStorage.getItem('stemma.searches')") == "[]"


def test_keeping_searches_can_be_switched_off(open_tab: Open) -> None:
    """On a computer that others use, too."""
    with open_tab() as tab:
        tab.goto("/saved")
        tab.get_by_label("Keep my searches").uncheck()
        tab.goto("/?q=landing")
        tab.goto("/saved")
        expect(tab.get_by_text("No search is kept yet.")).to_be_visible()
        expect(tab.get_by_label("Keep my searches")).not_to_be_checked()


def test_what_is_stored_is_not_trusted(open_tab: Open) -> None:
    """What another page of the same host has put there must not run, nor break the page."""
    with open_tab() as tab:
        tab.goto("/saved")
        tab.evaluate(
            """() => {
                localStorage.setItem('stemma.stars', JSON.stringify([
                    {url: 'javascript:alert(1)', title: 'x'}, {url: '//elsewhere.example', title: 'y'}, null, 5,
                    {url: '/articles/moon.txt', title: '<img src=x onerror=alert(1)>'}]));
                localStorage.setItem('stemma.searches', '{broken');
            }"""
        )
        tab.reload()
        links = tab.locator("#saved a")
        expect(links).to_have_count(1)
        expect(links).to_have_text("<img src=x onerror=alert(1)>")


def test_without_scripts_nothing_is_kept_and_no_button_is_dead(open_tab: Open) -> None:
    """The page says why it is empty."""
    with open_tab(scripts=False) as tab:
        tab.goto("/?q=landing")
        expect(tab.locator("button")).to_have_count(2)  # the search and its filters
        expect(tab.get_by_role("link", name="Your searches and stars")).to_have_count(0)
        tab.goto("/saved")
        expect(tab.get_by_text("scripts are switched off")).to_be_visible()
        expect(tab.get_by_text("kept in this browser only")).to_be_visible()
        expect(tab.locator("button")).to_have_count(1)


def test_what_is_found_while_typing_has_stars_and_is_kept(open_tab: Open) -> None:
    """Results come without a new page then; what is kept must not depend on pressing Enter."""
    with open_tab() as tab:
        tab.goto("/?q=landing")
        tab.wait_for_load_state()
        tab.get_by_role("combobox").fill("lighthouse")
        expect(tab.get_by_role("button", name="Star: All lighthouses")).to_have_count(1)
        tab.goto("/saved")
        expect(tab.locator("#saved a")).to_have_text(["lighthouse", "landing"])
