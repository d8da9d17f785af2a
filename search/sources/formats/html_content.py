"""Which elements of a page are its text, and which are menus, banners and the like.

Libraries that look for the main text guess what belongs to it, and lose lists, headings and notes. Here all that a
browser shows is text, but for what the rules below leave out; docs/formats.md says them in words.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from lxml import etree

from search.sources.formats.html_blocks import HIDDEN, INLINE, clean_text, is_inline_only, is_invisible, stands_in_line
from search.sources.text.boilerplate import LONGEST, asks_for_cookies, is_copyright_line

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONTROLS = frozenset({"button", "input", "select", "textarea"})
_UNNAMED = _HEADINGS | {"html", "body", "main", "a", "b", "i", "em", "strong", "code", "td", "th", "tr", "tbody"}
"""Elements whose class and id say nothing about whether they are text."""

_NO_LISTS = frozenset("li dt dd caption figcaption figure blockquote pre address summary".split())
"""Elements that are no list of links, though one link may be all that they hold."""

_ROLES = frozenset("navigation search menu menubar toolbar dialog alertdialog".split())
"""ARIA roles of elements that are no text."""

_CONTENT = re.compile(
    r"(?:main|article|story|post|entry|page|body|mw)?[-_]?(?:content|text|body|main|article|story|post|entry)"
    r"|mw-parser-output|hentry|articlebody|postbody|postcontent|maincontent",
    re.IGNORECASE,
)
"""A class or id of the element that holds the text of a page."""

_NOTES = re.compile(
    r"(?:foot|end|side)-?notes?|hatnote|navigation-not-searchable|references|bibliography|caption|author-?notes?",
    re.IGNORECASE,
)
"""A class or id of notes, which are text whatever they consist of."""

_NEVER = frozenset(
    "ad ads advert adverts advertisement advertising adsbygoogle sponsored promo promotion newsletter subscribe signup "
    "comments commentlist disqus respond consent gdpr onetrust cookiebot usercentrics didomi cookiebanner "
    "cookieconsent cookienotice breadcrumb breadcrumbs pagination skiplink navbox editsection portlet printfooter "
    "outbrain taboola".split()
)
"""Parts of names, such as `ad` in `ad-slot`, of elements that are never text."""

_LINKS = frozenset(
    "nav navbar navigation navmenu topnav menu menubar topbar toolbar pager skip share sharing sharebar social "
    "addtoany addthis related relatedposts recommended recommendations trending popular tags taglist catlinks toc "
    "noprint legal search searchform subscription more readmore".split()
)
"""Parts of names of elements that are no text when they hold little more than links, or any controls."""

_VAGUE = frozenset("related recommended popular tags toc legal search subscription more menu".split())
"""Those of them that elements with text have as well, such as `legal-notice`."""

_ASIDES = frozenset("sidebar widget widgets masthead login popup modal lightbox overlay banner cookie cookies".split())
"""Parts of names of elements that are text only within the text of the page, and if they hold more than links."""

_ASIDE = re.compile("|".join(_ASIDES), re.IGNORECASE)

_SKIP = frozenset("skip skiplink skipnav skiptocontent".split())
"""Parts of names of links that lead to the text."""

_ASKING = frozenset("banner notice bar consent popup modal message overlay law info warning hint dialog".split())
"""Parts of names that make `cookie` one that asks for consent to cookies."""

_EDGE = re.compile(r"(?:site|page|global|main|blog)?[-_]?(?P<edge>header|footer)", re.IGNORECASE)
"""A class or id of what stands above or below the text of each page."""

_PROSE = 80
"""Characters of a block that is taken for running text, whatever it ends with."""

_NEARLY_ALL = 0.85
"""Share of the long paragraphs of a page that its text holds."""

_ENDS = re.compile(r"[.!?:;…。؟।][\"'”’»)\]]*$")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass(slots=True)
class _Counts:
    """Counts of an element with all that it holds."""

    letters: int = 0
    """Characters of text, white space at the ends of each piece not counted."""
    linked: int = 0
    """Characters of text in links and buttons."""
    links: int = 0
    controls: int = 0
    content: bool = False
    """Whether it is, or holds, an element that is marked as the text of the page."""
    nested: bool = False
    """Whether an element in it is marked so."""


def content_of(body: etree._Element) -> tuple[list[etree._Element], frozenset[etree._Element]]:
    """Return the elements that hold the text of a page, in order, and the elements in them that are left out."""
    return _Page(body).content()


class _Page:
    """A page, measured once: `counts` has an entry for each of its elements."""

    def __init__(self, body: etree._Element) -> None:
        self.body = body
        self.counts = _measure(body)
        self.left_out: set[etree._Element] = set()
        self.whole = self.counts[body]
        """The counts of the whole page."""
        self.among_paragraphs = {paragraph.getparent() for paragraph in body.iter("p")}
        """Elements that hold paragraphs directly."""
        self._of_line: dict[etree._Element, bool] = {}
        """Whether elements hold nothing but parts of lines, as far as that was asked."""
        self.has_article = False
        self.container: etree._Element | None = None
        headings = list(body.iter("h1"))
        self.title = headings[0] if len(headings) == 1 else None

    def content(self) -> tuple[list[etree._Element], frozenset[etree._Element]]:
        """Return what `content_of` does."""
        mains = [element for element in self.body.iter() if _is_main(element) and not is_invisible(element)]
        marked = set(mains)
        mains = [element for element in mains if marked.isdisjoint(element.iterancestors())]
        prose = sum(self._unlinked(element) for element in mains)
        if not mains or prose * 4 < self._unlinked(self.body):
            mains = []
        if not mains and not self.whole.content:
            self._mark_container()
        roots = mains or [self.body]
        self.has_article = any(next(root.iter("article"), None) is not None for root in roots)
        for root in roots:
            self._look_into(root, content=bool(mains))
        return roots, frozenset(self.left_out)

    def _mark_container(self) -> None:
        """Mark the smallest element that holds nearly all long paragraphs, of a page that marks none itself.

        Text that stands around it, as in pages that are put together of blocks, belongs to it: it grows by that.
        """
        common = self._common_names  # before anything is marked
        held: Counter[etree._Element] = Counter()
        for paragraph in self.body.iter("p"):
            if (letters := self._unlinked(paragraph)) >= _PROSE:
                held.update(dict.fromkeys(paragraph.iterancestors(), letters))
        least = held[self.body] * _NEARLY_ALL
        outer = [element for element, letters in held.items() if letters >= least and element in self.counts]
        smallest = min(outer, key=lambda element: self.counts[element].letters, default=self.body)
        while smallest is not self.body and (parent := smallest.getparent()) is not None:
            whole = parent is self.body and self.counts[parent].letters == self.counts[smallest].letters
            if whole or not self._is_text_around(smallest, parent, common):
                break
            smallest = parent
        if smallest is not self.body:
            self.container = smallest
            for element in (smallest, *smallest.iterancestors()):
                if element in self.counts:
                    self.counts[element].content = True

    def _is_text_around(self, inner: etree._Element, parent: etree._Element, common: frozenset[str]) -> bool:
        """Return whether an element's parent holds more text than links besides it, and nothing of a page's frame."""
        counts, held = self.counts[parent], self.counts[inner]
        linked = counts.linked - held.linked
        if counts.letters - held.letters < 2 * linked:
            return False
        beside = (child for child in parent.iterchildren("*") if child is not inner)
        return not any(
            child.tag in {"nav", "form"}
            or child.get("role") in _ROLES
            or bool((_names(child) - common) & (_NEVER | _LINKS | _ASIDES))
            or (_edge(child) and not self._holds_title(child))
            for child in beside
        )

    def _look_into(self, parent: etree._Element, *, content: bool) -> None:
        """Find what is left out in an element; `content` says whether it is in one marked as the text of the page."""
        waiting = [(parent, content, False)]
        while waiting:
            outer, content, beside = waiting.pop()
            beside = beside or self.counts[outer].nested
            for child in outer.iterchildren("*"):
                if child.tag in HIDDEN:
                    continue
                aside = beside and not self.counts[child].content
                if self._is_left_out(child, content=content, beside=aside):
                    self.left_out.add(child)
                    self._leave_out_heading(child)
                else:
                    text = content or child is self.container or _is_content(child) or _named(child, _NOTES)
                    waiting.append((child, text, aside))

    def _leave_out_heading(self, element: etree._Element) -> None:
        """Leave out the heading of what is left out, unless it is that of other things, too."""
        before, after = element.getprevious(), element.getnext()
        if element.tag in INLINE or before is None:
            return
        if after is None and before.getprevious() is None:  # they are all that their parent holds, such as a headline
            parent = element.getparent()
            after = parent.getnext() if parent is not None else None
        if (
            (after is None or after.tag in _HEADINGS)
            and before.tag in _HEADINGS - {"h1"}
            and self.counts[element].letters
        ):
            self.left_out.add(before)

    def _is_left_out(self, element: etree._Element, *, content: bool, beside: bool) -> bool:
        """Return whether a rule leaves an element out; it may stand in marked text, `beside` which more is marked."""
        counts = self.counts[element]
        tag, role = element.tag, element.get("role", "")
        if is_invisible(element) or role in _ROLES:
            return counts.letters * 2 < self.whole.letters or role not in _ROLES
        if tag == "button":
            return not any(outer.tag in _HEADINGS for outer in element.iterancestors())
        if counts.letters * 2 > self.whole.letters or role.startswith("doc-") or _named(element, _NOTES):
            return False  # it holds most of the page, or is a note
        if tag == "form" or self._is_named_so(element, content=content, beside=beside):
            return True
        if (not content or self.container is not None) and self._asks_for_cookies(element):
            return True
        return not content and not counts.content and self._is_surrounding(element)

    def _asks_for_cookies(self, element: etree._Element) -> bool:
        """Return whether an element with links or buttons is a request for consent to cookies."""
        counts = self.counts[element]
        if element.tag in INLINE | _HEADINGS | {"p"} or counts.letters >= LONGEST or not counts.links + counts.controls:
            return False
        return not counts.content and asks_for_cookies("".join(map(str, element.itertext())))

    def _is_named_so(self, element: etree._Element, *, content: bool, beside: bool) -> bool:
        """Return whether class or id call an element a part of the page's frame, and it does not look like text."""
        if element.tag == "a" and _names(element) & _SKIP:
            return True
        if element.tag in _UNNAMED:
            return False
        names, counts = _names(element), self.counts[element]
        if names & _ASIDES:
            names -= self._common_names
        if names & _NEVER or (names & _ASKING and names & {"cookie", "cookies"}):
            return True
        few = counts.links > 0 and self._unlinked(element) < max(_PROSE, counts.linked)
        if few and not names & (_LINKS - _VAGUE | _ASIDES) and self._unlinked(element) >= counts.linked:
            few = _ENDS.search(clean_text("".join(map(str, element.itertext())))) is None  # else it is a sentence
        if few or counts.controls:
            return bool(names & (_LINKS | _ASIDES)) or (element.tag == "aside" and counts.linked * 2 >= counts.letters)
        inner = content and (
            any(e.tag == "article" for e in element.iterancestors()) if self.has_article else not beside
        )
        return not inner and bool(names & _ASIDES) and not self._holds_title(element)

    @cached_property
    def _common_names(self) -> frozenset[str]:
        """The parts of names in _ASIDES that elements with most of the page's text have: a program calls each block so.

        An element that alone holds most of it, or what is marked as text, is the page around its sidebar, for example.
        """
        letters = Counter[str]()
        waiting: list[tuple[etree._Element, frozenset[str]]] = [(self.body, frozenset())]
        while waiting:
            element, outer = waiting.pop()
            counts, names = self.counts[element], outer
            of_block = not counts.content and counts.letters * 2 <= self.whole.letters
            if of_block and _ASIDE.search(element.get("class", "")):
                names = outer | _names(element) & _ASIDES
                letters.update(dict.fromkeys(names - outer, self._unlinked(element)))
            waiting.extend((child, names) for child in element.iterchildren("*"))
        return frozenset(name for name, count in letters.items() if count * 2 > self._unlinked(self.body))

    def _holds_title(self, element: etree._Element) -> bool:
        """Return whether an element holds the only heading of the first rank on the page."""
        return self.title is not None and element in self.title.iterancestors()

    def _is_surrounding(self, element: etree._Element) -> bool:
        """Return whether an element outside of the marked text belongs to the frame of the page: menus, for example."""
        counts, parent = self.counts[element], element.getparent()
        edge = _edge(element)
        if edge == "footer":
            return not any(outer.tag in {"section", "blockquote"} for outer in element.iterancestors())
        if edge == "header" and (self.whole.content or not self._holds_title(element)):
            return True
        if edge == "aside":
            return parent not in self.among_paragraphs
        if not counts.letters or element.tag in _HEADINGS:
            return False
        if element.tag in INLINE and (stands_in_line(element) or self._is_judged(parent, counts.links)):
            return False
        text = clean_text("".join(map(str, element.itertext()))) if counts.letters < LONGEST else ""
        if counts.linked * 5 >= counts.letters * 4 and element.tag != "a" and (counts.links > 1 or element.tag != "p"):
            return not self._is_announced(element)
        short = self.whole.content and self._unlinked(element) < _PROSE and element.tag in {"div", "span", "a", "p"}
        return (short and _ENDS.search(text) is None) or is_copyright_line(text)

    def _is_judged(self, parent: etree._Element | None, links: int) -> bool:
        """Return whether an element that holds nothing but parts of lines was looked at as a whole."""
        if parent is None or parent is self.body or (links > 1 and parent.tag in {"td", "th"}):
            return False
        if parent not in self._of_line:
            self._of_line[parent] = is_inline_only(parent)
        return self._of_line[parent]

    def _is_announced(self, element: etree._Element) -> bool:
        """Return whether a list of links follows a heading or a paragraph, as references and collections of links do.

        Parts of lists are looked at as a whole, and those of tables where the page does not mark its text.
        """
        before = element.getprevious()
        if element.tag in {"td", "th", "tr", "tbody"}:
            return not self.whole.content or self.counts[element].links < 2
        if element.tag in _NO_LISTS:
            return True
        if self.counts[element].links == 1 and any(map(self._is_line, (before, element.getnext()))):
            return True  # a line of a note, or of a letter
        return before is not None and before.tag in _HEADINGS | {"p"} and before not in self.left_out

    def _is_line(self, element: etree._Element | None) -> bool:
        """Return whether an element is a block of one line or paragraph, with words that are in no link."""
        return element is not None and element.tag == "div" and self._unlinked(element) > 0 and is_inline_only(element)

    def _unlinked(self, element: etree._Element) -> int:
        """Return the number of characters that are in no link."""
        counts = self.counts[element]
        return counts.letters - counts.linked


def _measure(body: etree._Element) -> dict[etree._Element, _Counts]:
    """Return the counts of each element of a page."""
    found: dict[etree._Element, _Counts] = {}
    held: list[_Counts] = []
    hidden = linked = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        tag = element.tag
        if event == "start":
            hidden += tag in HIDDEN
            linked += tag in {"a", "button"}
            counts = found[element] = _Counts(
                links=int(tag == "a"), controls=int(tag in _CONTROLS and element.get("type") != "hidden")
            )
            held.append(counts)
            text = element.text
        else:
            hidden -= tag in HIDDEN
            linked -= tag in {"a", "button"}
            counts = held.pop()
            counts.content = counts.content or (not hidden and _is_content(element))
            text = element.tail
            if not held:
                break
            outer = held[-1]
            outer.letters += counts.letters
            outer.linked += counts.linked
            outer.links += counts.links
            outer.controls += counts.controls
            outer.nested = outer.nested or counts.content
            outer.content = outer.content or counts.content
        if text and not hidden and (size := len(text.strip())):
            held[-1].letters += size
            if linked:
                held[-1].linked += size
    return found


def _is_main(element: etree._Element) -> bool:
    """Return whether an element is marked as the main text of a page."""
    return "main" in (element.tag, element.get("role"))


def _is_content(element: etree._Element) -> bool:
    """Return whether an element is marked, or named, as one that holds the text of a page."""
    if element.tag in {"main", "article"} or element.get("role") in {"main", "article"}:
        return True
    return element.get("itemprop") == "articleBody" or (element.tag in {"div", "section"} and _named(element, _CONTENT))


def _edge(element: etree._Element) -> str:
    """Return `header`, `footer` or `aside` for an element that is one by its name, role, class or id; else ""."""
    tag = str(element.tag)
    if tag in {"header", "footer", "aside"}:
        return tag
    role = {"banner": "header", "contentinfo": "footer", "complementary": "aside"}.get(element.get("role", ""), "")
    if role or tag != "div":
        return role
    names = [element.get("id", ""), *element.get("class", "").split()]
    return next((found["edge"].lower() for name in names if (found := _EDGE.fullmatch(name))), "")


def _named(element: etree._Element, pattern: re.Pattern[str]) -> bool:
    """Return whether the id or a class of an element is as the pattern says."""
    names = [element.get("id", ""), *element.get("class", "").split()]
    return any(pattern.fullmatch(name) for name in names if name)


def _names(element: etree._Element) -> set[str]:
    """Return the words that the classes and the id of an element consist of, in small letters."""
    named = f"{element.get('class', '')} {element.get('id', '')}"
    return set(_WORDS.split(_CAMEL.sub("-", named).lower())) if named != " " else set()
