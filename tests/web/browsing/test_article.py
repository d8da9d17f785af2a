"""The page of an article in a real browser: from match to match, from result to result, citing it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.browser import Open

ENVOY = "/articles/2025/07/envoy.txt?q=military"
"""Three matches: one in the first paragraph, two in the second."""


def test_from_match_to_match_by_keys(open_tab: Open) -> None:
    """Who reads a long article for a word finds each place with one key, and comes round again."""
    with open_tab() as tab:
        tab.goto(f"{ENVOY}#p2")
        place, current = tab.locator(".matches b"), tab.locator("mark.current")
        expect(place).to_have_text("Match 2 of 3")
        for key, expected in (("n", "3 of 3"), ("n", "1 of 3"), ("p", "3 of 3"), ("p", "2 of 3")):
            tab.keyboard.press(key)
            expect(place).to_have_text(f"Match {expected}")
            expect(current).to_have_count(1)
            expect(current).to_be_in_viewport()
        tab.get_by_role("combobox").press("n")
        expect(place).to_have_text("Match 2 of 3")


def test_the_search_box_comes_into_view(open_tab: Open) -> None:
    """The key / led into a box that was scrolled away: what one typed could not be seen."""
    with open_tab(height=300) as tab:
        tab.goto(f"{ENVOY}#p2")
        box = tab.get_by_role("combobox")
        tab.evaluate("scrollTo(0, document.body.scrollHeight)")
        expect(box).not_to_be_in_viewport()
        tab.keyboard.press("/")
        expect(box).to_be_focused()
        expect(box).to_be_in_viewport()
        tab.keyboard.type("x")
        expect(box).to_have_value("x")


def test_from_match_to_match_by_buttons(open_tab: Open) -> None:
    """A phone has no keys."""
    with open_tab(390) as tab:
        tab.goto(ENVOY)
        expect(tab.locator(".matches")).to_contain_text("3 matches")
        tab.get_by_role("button", name="Next match").click()
        expect(tab.locator(".matches")).to_contain_text("Match 1 of 3")
        tab.get_by_role("button", name="Previous match").click()
        expect(tab.locator(".matches")).to_contain_text("Match 3 of 3")


def test_from_match_to_match_by_links(open_tab: Open) -> None:
    """Without a script each paragraph with matches says which they are, and leads to those around it, in a circle."""
    with open_tab(scripts=False) as tab:
        tab.goto(ENVOY)
        tab.get_by_role("link", name="3 matches").click()
        expect(tab.locator("p:target")).to_have_attribute("id", "p1")
        steps = tab.locator(".steps")
        expect(steps).to_have_count(2)
        expect(steps.nth(0)).to_contain_text("Match 1 of 3")
        expect(steps.nth(1)).to_contain_text("Matches 2–3 of 3")
        steps.nth(0).get_by_role("link", name="Next matches").click()
        expect(tab.locator("p:target")).to_have_attribute("id", "p2")
        steps.nth(1).get_by_role("link", name="Next matches").click()
        expect(tab.locator("p:target")).to_have_attribute("id", "p1")
        expect(tab.locator("button")).to_have_count(1)  # that of the search: none that needs a script


@pytest.mark.parametrize("scripts", [True, False])
def test_from_result_to_result_across_pages(open_tab: Open, *, scripts: bool) -> None:
    """To read one result after the other nobody has to go back to the list; its last page ends the walk."""
    with open_tab(scripts=scripts) as tab:
        tab.goto("/?q=lighthouse&sort=date&page=2&group=none")
        tab.get_by_role("link", name="Paragraph 20 in its article").click()
        results = tab.locator(".results")
        expect(results).to_contain_text("Result 20 of 23")
        if scripts:
            tab.wait_for_load_state()  # the script that knows the key has run by then
            tab.keyboard.press("j")
        else:
            results.get_by_role("link", name="Next result").click()
        expect(results).to_contain_text("Result 21 of 23")
        expect(tab.locator("p:target")).to_have_attribute("id", "p21")
        expect(tab.locator(".back a")).to_have_attribute("href", "/?q=lighthouse&page=3&sort=date&group=none")
        for _ in range(2):
            results.get_by_role("link", name="Next result").click()
        expect(results).to_contain_text("Result 23 of 23")
        expect(results.get_by_role("link", name="Next result")).to_have_count(0)
        results.get_by_role("link", name="Previous result").click()
        expect(results).to_contain_text("Result 22 of 23")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scripts", [True, False])
def test_title_and_date_are_in_view_wherever_one_arrives(open_tab: Open, width: int, *, scripts: bool) -> None:
    """Who follows a link to a paragraph far down has to see of what, and from when, it is."""
    with open_tab(width, scripts=scripts) as tab:
        tab.goto("/articles/lighthouses.txt?q=lighthouse#p20")
        expect(tab.locator("p:target")).to_be_in_viewport()
        expect(tab.get_by_role("heading", level=1)).not_to_be_in_viewport()
        here = tab.locator(".here")
        expect(here).to_be_visible()
        expect(here).to_be_in_viewport()
        expect(here).to_contain_text("All lighthouses")
        expect(here).to_contain_text("May 1999")
        box, shown = tab.locator("p:target").bounding_box(), here.bounding_box()
        assert box
        assert shown
        assert box["y"] >= shown["y"] + shown["height"] - 1, "the bar hides what was asked for"


def test_the_heading_is_not_said_twice_at_the_top(open_tab: Open) -> None:
    """The bar has title and date only where the heading has left the screen."""
    with open_tab() as tab:
        tab.goto("/articles/lighthouses.txt?q=lighthouse")
        expect(tab.get_by_role("heading", level=1)).to_be_in_viewport()
        expect(tab.locator(".here")).to_be_hidden()


def test_a_citation_is_copied(open_tab: Open) -> None:
    """One click, and it is in the clipboard."""
    with open_tab() as tab:
        tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
        tab.goto("/articles/moon.txt")
        tab.get_by_role("button", name="Copy the citation").click()
        expect(tab.get_by_text("Copied")).to_be_visible()
        copied = tab.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("“First landing on the Moon”. north, 20 July 1969. http://127.0.0.1:")
        assert copied.endswith("/articles/moon.txt")


def test_a_citation_is_downloaded(open_tab: Open) -> None:
    """Without a script a link saves a file that a reference manager opens."""
    with open_tab(scripts=False) as tab:
        tab.goto("/articles/moon.txt?q=landing")
        with tab.expect_download() as download:
            tab.get_by_role("link", name="RIS").click()
        assert download.value.suggested_filename == "moon-txt.ris"


def test_a_paragraph_has_a_link_without_the_search(open_tab: Open) -> None:
    """What is sent to a colleague need not tell what was searched for."""
    with open_tab(scripts=False) as tab:
        tab.goto(f"{ENVOY}#p2")
        tab.get_by_role("link", name="Link to paragraph 2 without the search").click()
        expect(tab).to_have_url("/articles/2025/07/envoy.txt#p2")
        expect(tab.locator("p:target")).to_have_attribute("id", "p2")
        expect(tab.locator("mark")).to_have_count(0)
