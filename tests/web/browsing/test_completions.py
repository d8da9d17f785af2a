"""The list of completions below the search box, in a real browser: by keyboard, by touch, and for screen readers."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.web.browser import Open


def type_into_box(tab: Page, text: str) -> None:
    """Type a text into the box of the home page, which stays while it is typed, and wait for the list."""
    tab.goto("/")
    tab.evaluate("localStorage.setItem('stemma.live', 'off')")
    expect(tab.locator("#q")).to_be_focused()
    tab.keyboard.type(text, delay=20)
    expect(tab.get_by_role("listbox", name="Completions")).to_be_visible()


def test_an_entry_is_chosen_by_keyboard(open_tab: Open) -> None:
    """The arrows go round, what was typed stays until Enter, and Escape takes the list away, not the words."""
    with open_tab() as tab:
        type_into_box(tab, "milit")
        box, options = tab.locator("#q"), tab.get_by_role("option")
        expect(box).to_have_attribute("aria-expanded", "true")
        tab.keyboard.press("ArrowUp")
        expect(options.last).to_have_attribute("aria-selected", "true")
        tab.keyboard.press("ArrowDown")
        expect(tab.locator("[aria-selected=true]")).to_have_count(0)
        tab.keyboard.press("ArrowDown")
        expect(options.first).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
        expect(box).to_have_value("milit")
        expect(box).to_be_focused()
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("listbox")).to_have_count(0)
        expect(box).to_have_attribute("aria-expanded", "false")
        expect(box).to_have_value("milit")
        tab.keyboard.press("ArrowDown")
        expect(options.first).to_be_visible()
        words = options.first.locator("bdi").inner_text()
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile(r"[?&]q=" + words.replace(" ", r"\+")))
        expect(tab.get_by_role("listbox")).to_have_count(0)


def test_an_entry_says_what_it_finds_under_the_filters(open_tab: Open) -> None:
    """The search that it begins keeps them: a count without them was wrong, and the page could be empty."""
    with open_tab() as tab:
        tab.goto("/?q=&group=article&source=south")
        tab.evaluate("localStorage.setItem('stemma.live', 'off')")
        tab.locator("#q").focus()
        tab.keyboard.type("l", delay=20)
        options = tab.get_by_role("option")
        expect(options.first).to_contain_text("lighthouse")
        assert "landing" not in " ".join(options.all_text_contents())


def test_enter_without_a_choice_searches_for_what_was_typed(open_tab: Open) -> None:
    """A list that is there must not change what somebody asks for."""
    with open_tab() as tab:
        type_into_box(tab, "milit")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile(r"[?&]q=milit(&|$)"))


def test_who_types_on_after_choosing_an_entry_asks_for_what_stands_there(open_tab: Open) -> None:
    """An entry that was passed on the way must not win over words that came after it."""
    with open_tab() as tab:
        type_into_box(tab, "milit")
        tab.keyboard.press("ArrowDown")
        tab.keyboard.type("x")
        expect(tab.locator("[aria-selected=true]")).to_have_count(0)
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile(r"[?&]q=militx(&|$)"))


def test_the_list_stays_when_results_come_while_typing(open_tab: Open) -> None:
    """From the home page the box moves to the top of the results, and the list with it."""
    with open_tab() as tab:
        tab.goto("/")
        expect(tab.locator("#q")).to_be_focused()
        tab.keyboard.type("military", delay=20)
        expect(tab.locator("body.results")).to_be_visible()
        expect(tab.locator(".top").get_by_role("option").first).to_be_visible()
        tab.keyboard.press("ArrowDown")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile("[?&]q=military"))
        expect(tab.get_by_role("option")).to_have_count(0)


def test_an_entry_is_tapped(open_tab: Open) -> None:
    """It is large enough for a finger, says what it finds, and is out of the way once the box is left."""
    with open_tab(390, height=844) as tab:
        type_into_box(tab, "milit")
        options = tab.get_by_role("option")
        heights = options.evaluate_all("all => all.map(one => one.getBoundingClientRect().height)")
        assert min(heights) >= 24
        wanted = options.filter(has_text="military support")
        count = re.search(r"([\d,]+) paragraphs?$", wanted.text_content() or "")
        assert count is not None
        tab.get_by_role("heading", level=1).click()
        expect(options).to_have_count(0)
        tab.locator("#q").focus()
        tab.keyboard.press("ArrowDown")
        wanted.click()
        expect(tab.locator("#q")).to_have_value("military support")
        expect(tab.get_by_role("heading", level=1)).to_contain_text(f"{count[1]} paragraph")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_open_list_has_no_known_barrier(open_tab: Open, scheme: str, width: int) -> None:
    """Axe's rules for roles, names and contrast, with an entry chosen; nothing is wider than the screen."""
    with open_tab(width, scheme) as tab:
        type_into_box(tab, "milit")
        tab.keyboard.press("ArrowDown")
        found = Axe().run(tab)
        assert found.violations_count == 0, found.generate_report()
        assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_there_is_no_list(open_tab: Open) -> None:
    """A box that promises a list which never comes is worse than a plain one."""
    with open_tab(scripts=False) as tab:
        tab.goto("/")
        tab.locator("#q").fill("milit")
        expect(tab.get_by_role("searchbox")).to_have_value("milit")
        assert tab.locator("[role=listbox], [role=combobox]").count() == 0
