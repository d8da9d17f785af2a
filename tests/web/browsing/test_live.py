"""Results while a query is typed: calm, and never those of another query without a word."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.web.browser import Open


def test_a_query_that_finds_nothing_yet_leaves_the_results(open_tab: Open) -> None:
    """Half a word flashed "Nothing found, did you mean" below the list of completions, with each pause."""
    with open_tab() as tab:
        tab.goto("/?q=lighthouse")
        results, heading = tab.locator(".articles > li"), tab.get_by_role("heading", level=1)
        shown = results.count()
        tab.get_by_role("combobox").fill("lighthouse zepp")
        expect(heading).to_have_text("Nothing found so far")
        expect(tab.locator("#found")).to_have_text("Nothing found so far")
        expect(results).to_have_count(shown)
        assert float(tab.locator(".columns").evaluate("one => getComputedStyle(one).opacity")) < 1
        expect(tab).to_have_url("/?q=lighthouse")
        tab.get_by_role("combobox").fill("landing")
        expect(heading).to_contain_text("paragraph")
        assert tab.locator(".columns").evaluate("one => getComputedStyle(one).opacity") == "1"
        expect(tab).to_have_url(re.compile(r"\?q=landing&"))


def test_a_query_that_cannot_be_read_yet_is_not_answered_by_the_last(open_tab: Open) -> None:
    """Advice, "mooon looks misspelt" stood below a box that had something else in it."""
    with open_tab() as tab:
        tab.goto("/?q=lighthose")
        expect(tab.locator(".meant")).to_be_visible()
        tab.get_by_role("combobox").fill('"landing')
        expect(tab.get_by_role("heading", level=1)).to_have_text("Not a whole query so far")
        assert float(tab.locator(".meant").evaluate("one => getComputedStyle(one).opacity")) < 1
        tab.get_by_role("combobox").press("Enter")
        expect(tab.locator("#problem")).to_be_visible()


def test_enter_shows_what_would_have_been_found(open_tab: Open) -> None:
    """Advice on a query that finds nothing is for who has finished typing."""
    with open_tab() as tab:
        tab.goto("/")
        tab.get_by_role("combobox").fill("zeppelin unicorn")
        expect(tab.locator("#found")).to_have_text("Nothing found so far")
        expect(tab.locator("body.home")).to_have_count(1)
        tab.get_by_role("combobox").press("Enter")
        expect(tab.get_by_role("heading", level=1)).to_have_text("Nothing found")
