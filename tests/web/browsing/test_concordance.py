"""Key words in context in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.browser import Open


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_word_is_looked_at_in_its_contexts(open_tab: Open, width: int, *, scripts: bool) -> None:
    """From the results to the lines, sorted, and on to the paragraph of one."""
    with open_tab(width, scripts=scripts) as tab:
        tab.goto("/?q=military")
        tab.locator("summary", has_text="View").click()
        tab.get_by_role("link", name="In context").click()
        tab.get_by_label("Order").select_option("Words after")
        tab.get_by_role("button", name="Show").click()
        expect(tab).to_have_url("/concordance?q=military&sort=right&width=8")
        expect(tab.locator(".rows li")).to_have_count(3)
        expect(tab.locator(".rows .right").first).to_contain_text("is not military support")
        tab.locator(".rows mark").first.click()
        expect(tab.locator("p:target mark")).to_have_count(2)


def test_matches_stand_below_each_other(open_tab: Open) -> None:
    """One looks down the column to see what a word is used with."""
    with open_tab() as tab:
        tab.goto("/concordance?q=lighthouse OR lit")
        lefts = tab.locator(".rows p").evaluate_all(
            "rows => rows.map(row => {"
            "  const p = row.getBoundingClientRect(), m = row.querySelector('mark').getBoundingClientRect();"
            "  return Math.abs(p.left + p.right - m.left - m.right); })"
        )
        assert max(lefts) < 2
