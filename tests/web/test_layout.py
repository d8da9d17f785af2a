"""The pages in a real browser on small and large screens, dark and light, and an accessibility audit of them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.web.browser import Open

PAGES = {
    "home": ("/", 200),
    "results": ("/?q=lighthouse+OR+landing+OR+xylophone&page=1&source=south&date_from=1900", 200),
    "hostile": ("/?q=xylophone", 200),
    "paragraphs": ("/?q=lighthouse&group=none&page=2&per_page=10", 200),
    "in different paragraphs": ("/?q=thanked+nobody", 200),
    "why": ("/?q=landing&explain=moon.txt-p1", 200),
    "misspelt": ("/?q=lightouse", 200),
    "filters": ("/filters?q=landing+OR+lighthouse&source=-north,south", 200),
    "empty": ("/?q=zeppelin+unicorn", 200),
    "article": ("/articles/2025/07/envoy.txt?q=military#p2", 200),
    "hostile article": ("/articles/nasty.txt?q=xylophone", 200),
    "article from a link": ("/articles/lighthouses.txt?q=lighthouse&sort=date&result=20#p20", 200),
    "trends": ("/trends?q=lighthouse&q=landing&q=support&source=south", 200),
    "no trends": ("/trends", 200),
    "bad trends": ("/trends?q=lighthouse&q=(landing", 400),
    "concordance": ("/concordance?q=lighthouse+OR+xylophone+OR+military&sort=left&date_to=2024", 200),
    "no concordance": ("/concordance", 200),
    "bad concordance": ("/concordance?q=(landing", 400),
    "saved": ("/saved", 200),
    "status": ("/status", 200),
    "bad query": ("/?q=moon+(landing+OR", 400),
    "bad filter": ("/?q=moon&date_from=yesterday", 400),
    "no article": ("/articles/gone.txt", 404),
}

OPEN_DETAILS = "document.querySelectorAll('details').forEach(details => details.open = true)"
END = "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getBoundingClientRect().right; }"
ALL_RULES = {"resultTypes": ["violations"]}  # what follows no rule is named in full, all else is not
COLOUR_RULES = ALL_RULES | {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": ALL_RULES, "dark": COLOUR_RULES}
"""What axe checks of a page in each colour scheme: the second one changes nothing but colours."""
WIDTHS = (320, 390, 1280)
STYLE = "(e, name) => getComputedStyle(e)[name]"
CURRENT = ("[aria-current]", ":not([aria-current])")


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
def test_pages_have_no_known_barrier(open_tab: Open, name: str) -> None:
    """Axe's rules (contrast, names, landmarks, order of headings, ...) hold in both colour schemes and widths."""
    path, _ = PAGES[name]
    with open_tab() as tab:
        for width in (390, 1280):
            tab.set_viewport_size({"width": width, "height": 900})
            tab.goto(path)
            tab.evaluate(OPEN_DETAILS)
            for scheme, options in SCHEMES.items():
                tab.emulate_media(color_scheme=scheme)
                results = Axe().run(tab, options=options)
                assert results.violations_count == 0, (width, scheme, results.generate_report())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_what_scripts_open_has_no_known_barrier(open_town: Open, scheme: str, width: int) -> None:
    """The panel of filters and the list of keys, which stand on no page by themselves."""
    with open_town(width, scheme) as tab:
        tab.goto("/?q=harbour+pump&source=gazette&date_from=1955")
        assert Axe().run(tab).violations_count == 0
        tab.keyboard.press("?")
        tab.get_by_role("dialog", name="Keys").wait_for()
        results = Axe().run(tab)
        assert results.violations_count == 0, results.generate_report()
        tab.keyboard.press("Escape")
        tab.get_by_role("link", name="Filters 2 in use" if width < 1000 else "All 12").click()
        tab.get_by_role("dialog", name="Filters").wait_for()
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


def test_right_to_left_articles_begin_at_the_right(open_tab: Open) -> None:
    """Arabic and Hebrew are read from the right edge: title, date, text, its number and the way back stand there."""
    with open_tab(390) as tab:
        edge = 390 - 20
        for path, within in (("/?q=zeytoun+OR+المدينة", "article"), ("/articles/arabic.txt?q=المدينة", ".whole")):
            tab.goto(path)
            for place in (
                "h1, h2",
                "time",
                "p[dir=auto]",
                *((".number",) if within == ".whole" else ()),
                *((".back a",) if within == ".whole" else ()),
            ):
                shown = tab.locator(within).locator(place).first
                assert shown.evaluate(END) > edge - 45, (path, place)


def test_the_filters_fit(open_tab: Open) -> None:
    """What a field shows by itself can be read in it, on a phone as well."""
    for width, path in ((320, "/filters?q=landing"), (390, "/filters?q=landing"), (1280, "/?q=landing")):
        with open_tab(width) as tab:
            tab.goto(path)
            fields = tab.locator(".range input").all()
            assert len(fields) == 2
            for field in fields:
                assert field.evaluate(
                    """field => {
                        const ink = document.createElement('canvas').getContext('2d');
                        ink.font = getComputedStyle(field).font;
                        return ink.measureText(field.placeholder).width < field.clientWidth - 12;
                    }"""
                ), width


def test_the_number_of_results_has_room_on_a_phone(open_tab: Open) -> None:
    """With one result there is no menu of orders, and the heading was squeezed to a letter a line."""
    for width in WIDTHS:
        with open_tab(width) as tab:
            tab.goto("/?q=okapi")
            assert tab.locator(".articles > li").count() == 1
            heading = tab.get_by_role("heading", level=1)
            assert heading.evaluate("e => e.getBoundingClientRect().height") < 60, width


def test_a_whole_date_fits_beside_the_results(open_town: Open) -> None:
    """A day that was typed could be read but for its last figure."""
    with open_town() as tab:
        tab.goto("/?q=harbour&date_from=1955-12-28&date_to=1980-12-28")
        for field in tab.locator(".facets .range input").all():
            assert field.evaluate("field => field.scrollWidth <= field.clientWidth")


def test_the_legend_of_a_chart_wraps(open_tab: Open) -> None:
    """How many paragraphs have no year ran out of a narrow screen."""
    with open_tab(320) as tab:
        tab.goto("/trends?q=lighthouse")
        count = tab.locator(".legend .count")
        count.evaluate("count => count.textContent = '42,262 paragraphs, 43 of them without a year'")
        assert count.evaluate(END) <= 300


def test_english_within_a_text_from_the_right_is_read_from_the_left(open_tab: Open) -> None:
    """Labels stood as "?Why", "paragraphs 8" and "matches 14" beside Arabic."""
    left = "(e, text) => { const node = document.createTreeWalker(e, 4).nextNode(), r = document.createRange(); "
    left += "r.setStart(node, 0); r.setEnd(node, 1); return r.getBoundingClientRect().left; }"
    with open_tab() as tab:
        tab.goto("/?q=المدينة")
        why = tab.locator("article[dir=rtl] a[rel=nofollow]").first
        assert abs(why.evaluate(left) - why.evaluate("e => e.getBoundingClientRect().left")) < 2
        tab.goto("/?q=المدينة&explain=arabic.txt-p1")
        assert tab.locator(".why p").evaluate(left) < tab.locator(".why p").evaluate(END) - 200
        tab.goto("/articles/arabic.txt?q=zeppelin")
        note = tab.locator(".note")
        assert note.evaluate(left) < note.evaluate(END) - 200
        tab.goto("/articles/arabic.txt?q=المدينة")
        for place in (".byline > .apart:last-of-type > bdi", ".matches b"):
            label = tab.locator(place).first
            assert abs(label.evaluate(left) - label.evaluate("e => e.getBoundingClientRect().left")) < 20, place


def test_headings_of_pages_are_of_one_size(open_tab: Open) -> None:
    """That of an error, or of what errors mean, was as small as that of results."""
    with open_tab() as tab:
        sizes = set()
        for path in ("/status", "/errors", "/articles/gone.txt", "/saved"):
            tab.goto(path)
            sizes.add(tab.get_by_role("heading", level=1).evaluate("e => getComputedStyle(e).fontSize"))
        assert len(sizes) == 1


def test_the_head_of_all_pages_is_alike(open_tab: Open) -> None:
    """The button beside the box shrank where searches are kept."""
    with open_tab() as tab:
        places = set()
        for path in ("/status", "/saved"):
            tab.goto(path)
            places.add(str(tab.get_by_role("button", name="Search", exact=True).bounding_box()))
        assert len(places) == 1


def test_a_byline_on_a_phone_is_held_apart(open_tab: Open) -> None:
    """Dots between its parts stood at the begin of a line, and without them the parts need room."""
    with open_tab(390) as tab:
        tab.goto("/?q=landing")
        ends = "parts => parts.map(part => part.getBoundingClientRect()).map(box => [box.left, box.right, box.top])"
        boxes = tab.locator(".byline").first.locator("> *").evaluate_all(ends)
        for (_, end, line), (start, _, next_line) in pairwise(boxes):
            assert start - end > 8 or next_line > line + 8


def test_colours_of_the_system_tell_as_much(open_tab: Open) -> None:
    """Where the system sets the colours, all paragraphs seemed chosen, and marks of titles were lost."""
    with open_tab() as tab:
        tab.emulate_media(forced_colors="active")
        tab.goto("/articles/2025/07/envoy.txt?q=military#p2")
        chosen, other = (tab.locator(one).evaluate(STYLE, "borderInlineStartColor") for one in ("#p2", "#p3"))
        assert chosen != other
        tab.goto("/?q=landing")
        assert tab.locator("h2 mark").first.evaluate(STYLE, "backgroundImage") == "none"
        assert tab.locator(".snippet mark").first.evaluate(STYLE, "backgroundColor") == tab.locator(
            "h2 mark"
        ).first.evaluate(STYLE, "backgroundColor")
        current, other = (tab.locator(f".switch a{one}").evaluate(STYLE, "backgroundColor") for one in CURRENT)
        assert current != other


def test_paper_has_no_controls(open_tab: Open) -> None:
    """What cannot be pressed on paper stood there, and marks of titles were filled."""
    with open_tab() as tab:
        tab.emulate_media(media="print")
        tab.goto("/articles/2025/07/envoy.txt?q=military#p2")
        assert tab.locator(".permalink:visible").count() == 0
        tab.goto("/?q=landing")
        assert tab.get_by_text("Why", exact=False).locator("visible=true").count() == 0
        assert tab.locator("h2 mark").first.evaluate(STYLE, "backgroundImage") == "none"


def test_tab_goes_as_the_eye_does(open_tab: Open) -> None:
    """The focus went to the right end of the tools above the results first, then back to their left."""
    with open_tab() as tab:
        tab.goto("/?q=lighthouse")
        lefts = tab.locator(".summary :is(summary, .switch a)").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect().left)"
        )
        assert len(lefts) == 5
        assert lefts == sorted(lefts)
