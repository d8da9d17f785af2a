"""The rows of a page of results, as its template shows them: all that is worked out is worked out here, once."""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from search.model import Heading, Page
from web import urls
from web.presentation import formatting, serializers


class Row(NamedTuple):
    """A paragraph that matched: where it is, and what of it is shown."""

    url: str
    number: int
    snippet: Markup


class Group(NamedTuple):
    """Rows of one article that follow each other. `more` others match, and are not shown.

    Its date is there as people read it, and for the `datetime` of an element; both are empty where there is none.
    """

    url: str
    direction: str
    lang: Markup
    title: Markup
    heading: Heading
    day: str
    machine: str
    rows: list[Row]
    more: int


def groups(page: Page) -> list[Group]:
    """What a page found, in its order."""
    url_of = urls.paragraphs(urls.state(page.request))
    found = []
    for _, neighbours in groupby(page.hits, key=lambda hit: hit.article.id):
        hits = list(neighbours)
        first, heading = hits[0], hits[0].article
        path = urls.article(heading.id)
        rows = [Row(url_of(path, hit.number), hit.number, serializers.marked(hit.snippet)) for hit in hits]
        found.append(
            Group(
                url=rows[0].url,
                direction=formatting.direction(heading.title or heading.id),
                lang=formatting.lang_attribute(heading.lang),
                title=serializers.marked(formatting.short_title(first.title)),
                heading=heading,
                day=formatting.day(heading.date.text) if heading.date else "",
                machine=formatting.machine(heading.date.text) if heading.date else "",
                rows=rows,
                more=first.more_in_article if page.request.group == "article" else 0,
            )
        )
    return found
