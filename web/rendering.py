"""A Page or part of an Article → the JSON of docs/api; marked text → HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from search.engines import Snapshot
from search.model import Heading, Hit, Marked, Page, Portion, paragraph_id
from web import links

Json = dict[str, Any]


def marked(value: Marked) -> Markup:
    """A marked text as HTML: everything escaped, `<mark>` the only tag."""
    return Markup(snippet(value))  # noqa: S704 - all is `<mark>`, or escaped: see test_rendering


def snippet(marked: Marked) -> str:
    """The same as a string."""
    text, at = marked.text, 0
    parts: list[str] = []
    for start, end in marked.spans:
        parts += (escape(text[at:start]), "<mark>", escape(text[start:end]), "</mark>")
        at = end
    return "".join([*parts, escape(text[at:])])


def page_json(page: Page) -> Json:
    """What `/api/v1/search` answers."""
    asked = page.request
    url_of = links.paragraphs({"q": asked.q})
    found: Json = {
        "q": asked.q,
        "interpreted": page.interpreted,
        "match": asked.match,
        "warnings": list(page.warnings),
        "total": {"value": page.total.value, "relation": page.total.relation},
        "total_articles": page.total_articles,
        "page": asked.page,
        "per_page": asked.per_page,
        "total_pages": page.total_pages,
        "next_cursor": None,
        "took_ms": round(page.took_ms, 3),
        "index": {"generation": page.generation, "updated_at": page.updated_at},
        "hits": [_hit(hit, url_of) for hit in page.hits],
    }
    if asked.facets:
        found["facets"] = {
            facet: [{"value": entry.value, "count": entry.paragraphs} for entry in page.facets.get(facet, ())]
            for facet in asked.facets
        }
    found["suggestion"] = None
    return found


def _hit(hit: Hit, url_of: Callable[[str, int], str]) -> Json:
    return {
        "id": hit.id,
        "score": round(hit.score, 6),
        "article": _heading(hit.article),
        "paragraph": {"number": hit.number, "text": hit.text.text},
        "url": url_of(hit.article.id, hit.number),
        "more_in_article": hit.more_in_article,
        "highlights": {"title": hit.title.spans, "text": hit.text.spans},
        "snippet": snippet(hit.snippet),
    }


def article_json(portion: Portion, snapshot: Snapshot) -> Json:
    """What `/api/v1/articles/<id>` answers."""
    after = portion.first + len(portion.paragraphs)
    return {
        **_heading(portion.heading),
        "paragraphs": [
            {"id": paragraph_id(portion.heading.id, number), "number": number, "text": text}
            for number, text in enumerate(portion.paragraphs, portion.first)
        ],
        "total_paragraphs": portion.total,
        "next_paragraph": after if after <= portion.total else None,
        "index": {"generation": snapshot.generation, "updated_at": snapshot.updated_at},
    }


def _heading(heading: Heading) -> Json:
    return {
        "id": heading.id,
        "title": heading.title,
        "date": heading.date.iso if heading.date else None,
        "source": heading.source,
        "lang": heading.lang,
        "url": links.article(heading.id),
    }
