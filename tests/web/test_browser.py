"""The pages in a real browser, used as people use them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.browser import Open


def test_a_search_with_the_keyboard_alone(open_tab: Open) -> None:
    """From typing to the paragraph and back, without a mouse and without JavaScript."""
    with open_tab(scripts=False) as tab:
        tab.goto("/")
        expect(tab.get_by_role("searchbox")).to_be_focused()
        tab.keyboard.type('"military support"')
        tab.keyboard.press("Enter")
        tab.get_by_role("list", name="Show").get_by_role("link", name="Paragraphs").press("Enter")
        expect(tab).to_have_title('"military support": 2 paragraphs – Stemma')
        assert tab.locator("mark").all_inner_texts() == ["military support", "military support"]
        expect(tab.get_by_role("searchbox")).to_have_value('"military support"')

        link = tab.get_by_role("link", name="Paragraph 2 in its article")
        for _ in range(30):
            tab.keyboard.press("Tab")
            if link.evaluate("link => link === document.activeElement"):
                break
        expect(link).to_be_focused()
        outline = link.evaluate("link => getComputedStyle(link).outlineStyle")
        assert outline == "solid", "whoever uses the keyboard has to see where it is"
        tab.keyboard.press("Enter")

        expect(tab.get_by_role("heading", level=1)).to_have_text("Ankara sends an envoy")
        target = tab.locator("p:target")
        expect(target).to_have_attribute("id", "p2")
        expect(target).to_be_in_viewport()
        assert target.locator("mark").all_inner_texts() == ["military support"]
        plain = tab.locator("#p3").evaluate("p => getComputedStyle(p).backgroundColor")
        assert target.evaluate("p => getComputedStyle(p).backgroundColor") != plain

        tab.get_by_role("link", name="Back to the results").press("Enter")
        expect(tab.get_by_role("searchbox")).to_have_value('"military support"')
        assert tab.locator("mark").count() == 2


def test_the_skip_link_is_first_and_works(open_tab: Open) -> None:
    """Whoever cannot see the page does not listen to the form before each page of results."""
    with open_tab() as tab:
        tab.goto("/?q=landing")
        tab.keyboard.press("Tab")
        link = tab.get_by_role("link", name="Skip to the content")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("main")).to_be_focused()


def test_other_spellings_are_switched_off_and_on(open_tab: Open) -> None:
    """A notice says what was added; a click takes it away, and another brings it back."""
    with open_tab(scripts=False) as tab:
        tab.goto("/?q=al-Qahira OR Angora")
        expect(tab.get_by_text("Also search for Ankara?")).to_be_visible()
        tab.get_by_role("link", name="Also search for Ankara?").click()
        expect(tab.locator("#q")).to_have_value("al-Qahira OR Angora ALSO Ankara")
        expect(tab.get_by_text("Read as")).to_have_count(0)  # it says what the box says
        expect(tab.locator("mark").first).to_have_text("Ankara")
        tab.get_by_role("link", name="Search only for what you typed").click()
        expect(tab.get_by_text("Also searched for")).to_have_count(0)
        expect(tab.get_by_role("heading", level=1)).to_have_text("Nothing found")
        expect(tab.locator("input[name=variants]")).to_have_value("off")
        tab.get_by_role("link", name="Remove the filter Names: as typed").click()
        expect(tab.locator("mark").first).to_have_text("Ankara")


def test_a_hostile_article_runs_nothing(open_tab: Open) -> None:
    """Escaping is one wall, the policy the other: no dialog, no complaint of the policy, no request."""
    with open_tab() as tab:
        dialogs: list[str] = []
        tab.on("dialog", lambda dialog: dialogs.append(dialog.message))
        for path in ("/?q=xylophone", "/articles/nasty.txt?q=xylophone", "/?q=%3Cscript%3Ealert(1)%3C/script%3E"):
            tab.goto(path)
        assert dialogs == []
        assert tab.evaluate(
            "[...document.scripts].map(script => script.src.split('?')[0].split('/').pop() + script.text)"
        ) == ["complete.js", "keys.js", "live.js", "results.js", "saved.js"]


def test_what_is_typed_is_completed(open_tab: Open) -> None:
    """By a script of ours, which the policy allows, and which puts what an archive says into values alone."""
    with open_tab() as tab:
        tab.goto("/")
        expect(tab.locator("#q")).to_be_focused()  # a moment after the page is there; a key before that is lost
        tab.keyboard.type("milit", delay=20)
        options = tab.get_by_role("listbox", name="Completions").get_by_role("option").locator("bdi")
        expect(options.first).to_have_text("military")
        assert "military support" in options.all_inner_texts()
        tab.keyboard.type("ry suport", delay=20)
        expect(options.first).to_have_text("military support")
        tab.keyboard.press("Enter")
        expect(tab.get_by_text("Did you mean")).to_be_visible()
        tab.get_by_role("link", name="military support", exact=True).click()
        expect(tab.get_by_role("heading", level=1)).to_contain_text("paragraphs")
        tab.get_by_role("link", name="Why this result").first.click()
        expect(tab.get_by_text("Its score is")).to_be_in_viewport()
