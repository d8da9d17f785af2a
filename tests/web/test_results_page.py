"""The page of results in a real browser: how much of it is seen at once, and how it is narrowed."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.web.browser import Open

SEARCH = "/?q=harbour+pump"
TOPS = "items => items.map(item => item.getBoundingClientRect().top)"
SMALL = """() => [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')]
    .filter(one => one.checkVisibility() && !one.closest('svg, .unseen, .skip, p.meant, p.note, h1'))
    .map(one => [one.outerHTML.slice(0, 90), (one.closest('label') || one).getBoundingClientRect()])
    .filter(([_, box]) => box.width && Math.min(box.width, box.height) < 23.5)
    .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""


def query_of(tab: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.url).query)


@pytest.mark.parametrize(("width", "height", "at_least"), [(1280, 900, 5), (390, 844, 4)])
def test_a_screen_shows_several_articles(open_town: Open, width: int, height: int, at_least: int) -> None:
    """Who looks for something compares: with three results on a screen that means to scroll and to forget."""
    with open_town(width, height=height) as tab:
        tab.goto(SEARCH)
        tops = tab.locator(".articles > li").evaluate_all(TOPS)
        assert sum(top < height for top in tops) >= at_least, tops
        heights = tab.locator(".articles > li > article > .snippet").evaluate_all(
            "texts => texts.map(text => text.offsetHeight / parseFloat(getComputedStyle(text).lineHeight))"
        )
        assert max(heights) <= 3.1, "at most three lines of a paragraph"


@pytest.mark.parametrize("path", [SEARCH, "/filters?q=harbour+pump", "/?q=zeppelin", "/"])
@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_pressed_is_large_enough(open_town: Open, path: str, width: int) -> None:
    """A finger is 24 pixels wide at least; bars may be narrower, since the fields below them do the same."""
    with open_town(width) as tab:
        tab.goto(path)
        assert tab.evaluate(SMALL) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_a_title_of_one_line_is_large_enough(open_tab: Open, width: int) -> None:
    """Two lines are easily pressed; most titles of a gazette have one."""
    with open_tab(width) as tab:
        tab.goto("/?q=landing+OR+lighthouse")
        expect(tab.locator(".articles h2 a").first).to_be_visible()
        assert tab.evaluate(SMALL) == []


def test_an_article_stands_on_a_page_once(open_town: Open) -> None:
    """By default, and the switch to plain paragraphs is in sight; the address says which, as for a program."""
    with open_town(scripts=False) as tab:
        tab.goto("/")
        tab.locator("#q").fill("harbour pump")
        tab.keyboard.press("Enter")
        expect(tab).to_have_url("/?q=harbour+pump&group=article")
        titles = tab.locator(".articles h2").all_inner_texts()
        assert len(titles) == len(set(titles)) == 10
        tab.get_by_role("list", name="Show").get_by_role("link", name="Paragraphs").click()
        assert query_of(tab)["group"] == ["none"]
        expect(tab.locator(".articles .snippet")).to_have_count(10)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_next_best_paragraphs_open_in_place(open_town: Open, scripts: bool) -> None:
    """Whether an article is worth reading shows in more than its best paragraph; its reasons open in place, too."""
    with open_town(scripts=scripts) as tab:
        tab.goto(SEARCH)
        first = tab.locator(".articles > li", has=tab.get_by_text("3 more in this article")).first
        expect(first.locator(".snippet:visible")).to_have_count(1)
        first.get_by_text("3 more in this article").click()
        expect(first.locator(".snippet:visible")).to_have_count(3)
        expect(first.get_by_role("link", name="All 4 in the article")).to_be_visible()
        assert len(set(first.locator("a.number").all_inner_texts())) == 3
        first.get_by_role("link", name="Why").click()
        expect(tab.get_by_text("Its score is")).to_be_in_viewport()
        number = first.locator(".rest a.number").first.get_attribute("href") or ""
        tab.goto(f"{SEARCH}&explain={number.partition('?')[0].removeprefix('/articles/')}-{number.partition('#')[2]}")
        expect(tab.get_by_text("Its score is")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_values_are_added_left_out_and_taken_back(open_town: Open, scripts: bool) -> None:
    """Two papers of twelve, or all but one: each by one click beside the results, and each undone by another."""
    with open_town(scripts=scripts) as tab:
        tab.goto(SEARCH)
        aside = tab.get_by_role("complementary", name="Filters")
        for name in ("gazette", "minutes, of the board"):
            aside.get_by_role("link", name=re.compile(f"^{name} ")).click()
        assert query_of(tab)["source"] == ['gazette,"minutes, of the board"']
        assert set(tab.locator(".byline bdi:nth-child(2)").all_inner_texts()) <= {"gazette", "minutes, of the board"}
        expect(aside.get_by_role("link", name=re.compile("^chronicle "))).to_be_visible()
        aside.get_by_role("link", name="Without chronicle").click()
        aside.get_by_role("link", name=re.compile("^gazette ")).click()
        assert query_of(tab)["source"] == ['"minutes, of the board",-chronicle']
        aside.get_by_role("link", name=re.compile("^No longer without chronicle")).click()
        assert query_of(tab)["source"] == ['"minutes, of the board"']


def test_a_bar_narrows_to_its_years_and_a_range_by_fields(open_town: Open) -> None:
    """Without a script and by keyboard: a bar is a link, and so is a decade; any range goes into the two fields."""
    with open_town(scripts=False) as tab:
        tab.goto(SEARCH)
        aside = tab.get_by_role("complementary", name="Filters")
        bar = aside.locator(".bars a", has=tab.locator("title", has_text="1957:"))
        wanted = re.search(r"\d+(?= paragraph)", bar.text_content() or "")
        bar.focus()
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile("date_from=1957&date_to=1957"))
        assert wanted is not None
        expect(tab.get_by_role("heading", level=1)).to_contain_text(f"{wanted[0]} paragraph")
        assert aside.locator(".bars a").count() > 20, "the others can still be chosen"
        aside.get_by_role("link", name="1960s").click()
        assert query_of(tab)["date_to"] == ["1969"]
        aside.get_by_label("From").fill("1953-02")
        aside.get_by_label("To").fill("1955")
        aside.get_by_role("button", name="Apply").click()
        assert (query_of(tab)["date_from"], query_of(tab)["date_to"]) == (["1953-02"], ["1955"])
        assert aside.get_by_role("table").locator("tbody tr").count() > 20


def test_a_range_is_drawn_over_the_bars(open_town: Open) -> None:
    """From one bar to another with the pointer, or the other one with Shift."""
    with open_town() as tab:
        tab.goto(SEARCH)
        bars = tab.locator(".facets .bars a")
        first, last = (bars.nth(n).bounding_box() for n in (3, 9))
        assert first is not None
        assert last is not None
        tab.mouse.move(first["x"] + 3, first["y"] + 30)
        tab.mouse.down()
        tab.mouse.move(last["x"] + 3, last["y"] + 30, steps=4)
        tab.mouse.up()
        expect(tab).to_have_url(re.compile("date_from=1953&date_to=1959"))
        bars.nth(12).click(modifiers=["Shift"])
        expect(tab).to_have_url(re.compile("date_from=1953&date_to=1962"))
        bars.nth(12).focus()
        tab.keyboard.press("ArrowLeft")
        expect(bars.nth(11)).to_be_focused()


def test_the_panel_of_a_phone(open_town: Open) -> None:
    """One button with the number of filters opens all of them; the focus goes in, and comes back."""
    with open_town(390, height=844) as tab:
        tab.goto(f"{SEARCH}&source=gazette")
        expect(tab.get_by_role("complementary", name="Filters")).to_have_count(0)
        opener = tab.get_by_role("link", name="Filters 1 in use")
        opener.press("Enter")
        panel = tab.get_by_role("dialog", name="Filters")
        expect(panel).to_be_visible()
        assert panel.evaluate("panel => panel.contains(document.activeElement)")
        box = panel.bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (390, 844)
        tab.keyboard.press("Escape")
        expect(panel).to_have_count(0)
        expect(opener).to_be_focused()
        opener.click()
        panel.get_by_role("searchbox").fill("paper 3")
        assert panel.locator("#source li:visible bdi").all_inner_texts() == ["parish paper 3", "parish paper 3"]
        panel.get_by_role("checkbox", name="parish paper 3").first.check()
        panel.get_by_label("From").fill("1951")
        panel.get_by_role("button", name="Apply").click()
        tab.wait_for_url(re.compile("date_from"))
        assert query_of(tab)["source"] == ["gazette,parish paper 3"]
        tab.get_by_role("link", name="Filters 3 in use").click()
        tab.get_by_role("link", name="Clear").click()
        expect(tab).to_have_url(re.compile(r"q=harbour%20pump&group=article$"))


def test_filters_without_a_script_are_a_page(open_town: Open) -> None:
    """With every value of every filter, include and exclude, and what was chosen before."""
    with open_town(390, scripts=False) as tab:
        tab.goto(f"{SEARCH}&sort=date&source=-gazette")
        tab.get_by_role("link", name="Filters 1 in use").click()
        expect(tab).to_have_url(re.compile("/filters[?]q=harbour%20pump"))
        expect(tab.get_by_role("checkbox", name="not gazette")).to_be_checked()
        assert tab.locator("#source li").count() == 12
        tab.get_by_role("checkbox", name="minutes, of the board").first.check()
        tab.get_by_role("radio", name="One article").check()
        tab.locator(".bars a").nth(2).click()
        expect(tab).to_have_url(re.compile("/filters[?].*date_from=1952"))
        tab.get_by_role("checkbox", name="minutes, of the board").first.check()
        tab.get_by_role("button", name="Apply").click()
        found = query_of(tab)
        assert found["source"] == ['-gazette,"minutes, of the board"']
        assert (found["sort"], found["date_to"]) == (["date"], ["1952"])
        assert "scope" not in found, "a link in between has the state of the page that it stood on"


def test_the_title_leads_to_the_top_and_a_paragraph_to_itself(open_town: Open) -> None:
    """Whoever wants the article begins where it begins."""
    with open_town(scripts=False) as tab:
        tab.goto(SEARCH)
        first = tab.locator(".articles > li").first
        assert "#" not in (first.locator("h2 a").get_attribute("href") or "#")
        assert re.search(r"#p\d+$", first.locator("a.number").first.get_attribute("href") or "")
        first.locator("h2 a").click()
        expect(tab.get_by_role("heading", level=1)).to_be_in_viewport()
        tab.go_back()
        expect(first.locator("h2 a")).to_have_css("color", re.compile("rgb"))


def test_the_size_of_a_page_is_chosen(open_town: Open) -> None:
    """Some read, some skim; the size is in the address, and the first page comes."""
    with open_town(scripts=False) as tab:
        tab.goto(f"{SEARCH}&page=2")
        tab.get_by_role("navigation", name="Rows a page").get_by_role("link", name="25").click()
        assert query_of(tab) == {"q": ["harbour pump"], "group": ["article"], "per_page": ["25"]}
        expect(tab.locator(".articles > li")).to_have_count(25)
        expect(tab).to_have_title("harbour pump: 150 paragraphs – Town archive")
        tab.get_by_role("link", name="Next").click()
        expect(tab).to_have_title("harbour pump: 150 paragraphs, page 2 of 3 – Town archive")


def test_keys_go_from_result_to_result(open_town: Open) -> None:
    """A hand that stays on the keyboard is quicker; a letter in the box stays a letter."""
    with open_town() as tab:
        tab.goto(SEARCH)
        links = tab.locator(".articles h2 a")
        tab.keyboard.press("j")
        expect(links.nth(0)).to_be_focused()
        tab.keyboard.press("j")
        expect(links.nth(1)).to_be_focused()
        tab.keyboard.press("k")
        expect(links.nth(0)).to_be_focused()
        tab.keyboard.press("n")
        expect(tab).to_have_url(re.compile("page=2"))
        tab.keyboard.press("p")
        expect(tab).not_to_have_url(re.compile("page="))
        tab.keyboard.press("/")
        box = tab.locator("#q")
        expect(box).to_be_focused()
        tab.keyboard.type("jk/?")
        expect(box).to_have_value("jk/?")
        tab.goto(SEARCH)
        tab.keyboard.press("?")
        dialog = tab.get_by_role("dialog", name="Keys")
        expect(dialog).to_contain_text("next, previous result")
        tab.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        tab.keyboard.press("j")
        expect(links.nth(0)).to_be_focused()
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile("/articles/"))


def test_results_come_while_typing(open_town: Open) -> None:
    """On home and on results; Back leads to what was there before, whatever was typed in between."""
    with open_town() as tab:
        tab.goto("/")
        tab.keyboard.type("harbour", delay=20)
        expect(tab).to_have_title(re.compile("^harbour: "))
        box = tab.locator("#q")
        expect(box).to_be_focused()
        tab.keyboard.type(" pump", delay=20)
        expect(tab).to_have_title(re.compile("^harbour pump: "))
        expect(box).to_have_value("harbour pump")
        expect(tab).to_have_url(re.compile(r"/\?q=harbour\+pump&group=article$"))
        tab.keyboard.type(" (", delay=20)
        tab.wait_for_timeout(600)
        expect(tab.locator(".articles > li")).to_have_count(10)
        tab.go_back()
        expect(tab.get_by_role("heading", level=1)).to_have_text("Town archive")


def test_results_while_typing_are_switched_off(open_town: Open) -> None:
    """Some find it restless: a setting that stays in the browser, among the keys."""
    with open_town() as tab:
        tab.goto(SEARCH)
        tab.get_by_role("button", name="Keys").click()
        tab.get_by_role("checkbox", name="Show results while I type").uncheck()
        tab.get_by_role("button", name="Close").click()
        tab.locator("#q").press_sequentially("x")
        tab.wait_for_timeout(600)
        expect(tab).to_have_title(re.compile("^harbour pump: "))


def test_a_first_visitor_learns_what_this_is(open_town: Open) -> None:
    """Its name, a line about it, its sign, and what it covers."""
    with open_town(scripts=False) as tab:
        tab.goto("/")
        expect(tab.get_by_role("heading", level=1)).to_have_text("Town archive")
        expect(tab.get_by_text("The papers of a harbour town")).to_be_visible()
        expect(tab.get_by_text("1950", exact=False).first).to_be_visible()
        assert tab.locator("img.logo").evaluate("image => image.naturalWidth") > 0
        expect(tab).to_have_title("Town archive: search 60 articles")


def test_everything_found_is_saved(open_town: Open) -> None:
    """As many rows as the page says, in sight beside their number, and without a script."""
    with open_town(390, scripts=False) as tab:
        tab.goto(f"{SEARCH}&source=gazette,chronicle&date_from=1960")
        total = re.match(r"\d+", tab.get_by_role("heading", level=1).inner_text())
        assert total is not None
        tab.get_by_text("Save", exact=True).click()
        link = tab.get_by_role("link", name=f"All {total[0]} paragraphs as NDJSON")
        saved = tab.request.get(link.get_attribute("href") or "")
        assert len(saved.text().splitlines()) == int(total[0])
        expect(tab.get_by_role("link", name="Newest matches as a feed")).to_be_visible()
