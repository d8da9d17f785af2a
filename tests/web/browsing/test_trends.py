"""Queries over time in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.browser import Open


@pytest.mark.parametrize("scripts", [True, False])
def test_two_words_are_compared(open_tab: Open, *, scripts: bool) -> None:
    """By keyboard, from the fields to the paragraphs behind a figure."""
    with open_tab(scripts=scripts) as tab:
        tab.goto("/trends")
        tab.get_by_label("Query 1").fill("lighthouse")
        tab.get_by_label("Query 2").fill("landing")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url("/trends?q=lighthouse&q=landing")
        expect(tab.get_by_role("img")).to_have_count(2)
        tab.get_by_text("These figures as a table").click()
        tab.get_by_role("row", name="1969").get_by_role("link").click()
        expect(tab).to_have_url("/?q=landing&group=none&date_from=1969&date_to=1969")


def test_lines_differ_without_colours(open_tab: Open) -> None:
    """Who does not see colours tells them apart by their pattern."""
    with open_tab(scripts=False) as tab:
        tab.goto("/trends?q=lighthouse&q=landing&q=support&q=moon")
        lines = tab.locator("svg[role=img]").first.locator(".line")
        patterns = {line.get_attribute("stroke-dasharray") for line in lines.all()}
        assert len(patterns) == 4
