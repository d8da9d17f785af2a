"""How much of each paragraph a page of results shows, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.browser import Open

SEARCH = "/?q=harbour+pump"
LONGEST = "texts => Math.max(...texts.map(text => text.textContent.length))"


@pytest.mark.parametrize("scripts", [True, False])
def test_paragraphs_are_shown_in_short_or_whole(open_town: Open, scripts: bool) -> None:
    """Some skim, others read in the list; what was chosen stays in the address, and on the way to and fro."""
    with open_town(scripts=scripts) as tab:
        tab.goto(SEARCH)
        shown = tab.locator(".articles > li > article > .snippet")
        aside = tab.get_by_role("complementary", name="Filters")
        assert 120 < shown.evaluate_all(LONGEST) <= 244
        aside.get_by_role("link", name="In short").click()
        expect(tab).to_have_url(re.compile("snippet=120"))
        assert shown.evaluate_all(LONGEST) <= 124
        aside.get_by_role("link", name="Whole").click()
        expect(tab).to_have_url(re.compile("snippet=10000"))
        assert shown.first.inner_text().endswith("for the better part of a day.")
        assert shown.evaluate_all("texts => texts.every(text => text.scrollHeight <= text.clientHeight + 1)")
        tab.get_by_role("link", name="Paragraphs", exact=True).click()
        expect(tab).to_have_url(re.compile("snippet=10000"))
        tab.locator(".articles h2 a").first.click()
        tab.get_by_role("link", name=re.compile("results", re.IGNORECASE)).first.click()
        expect(tab).to_have_url(re.compile("snippet=10000"))
        aside.get_by_role("link", name="In part").click()
        expect(tab).not_to_have_url(re.compile("snippet"))


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_it_is_chosen_among_the_filters(open_town: Open, scripts: bool) -> None:
    """There is no room beside the results there; the panel, or its page, keeps what was chosen when it opens again."""
    with open_town(390, scripts=scripts) as tab:
        tab.goto(SEARCH)
        tab.get_by_role("link", name="Filters").click()
        tab.get_by_role("radio", name="Whole").check()
        tab.get_by_role("button", name="Apply").click()
        expect(tab).to_have_url(re.compile("snippet=10000"))
        expect(tab.locator(".snippet").first).to_contain_text("for the better part of a day.")
        tab.get_by_role("link", name="Filters").click()
        expect(tab.get_by_role("radio", name="Whole")).to_be_checked()
