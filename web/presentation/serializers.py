"""A Page or part of an Article → the JSON of docs/api; marked text → HTML."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from search.engine import Snapshot
from search.model import Heading, Hit, Marked, Page, Portion, paragraph_id
from web import urls

Json = dict[str, Any]


OPENING, CLOSING = "\x02", "\x03"
"""Where a mark begins and ends until all is escaped: hardly any text has these characters."""
_TAGS = {OPENING: "<mark>", CLOSING: "</mark>"}
_SPECIAL = re.compile(f"[&<>\"'{OPENING}{CLOSING}]")
"""What is escaped, or would be taken for the beginning or end of a mark."""


def marked(value: Marked) -> Markup:
    """A marked text as HTML: everything escaped, `<mark>` the only tag."""
    return Markup(snippet(value))  # noqa: S704 - all is `<mark>`, or escaped: see test_rendering


def snippet(marked: Marked) -> str:
    """A marked text as HTML, in a string."""
    text, spans = marked
    special = _SPECIAL.search(text)
    opening, closing = (OPENING, CLOSING) if special else ("<mark>", "</mark>")
    at = 0
    parts: list[str] = []
    for start, end in spans:
        parts += (text[at:start], opening, text[start:end], closing)
        at = end
    parts.append(text[at:])
    if special and (OPENING in text or CLOSING in text):
        parts = [_TAGS[part] if i % 4 in {1, 3} else escape(part) for i, part in enumerate(parts)]
    elif special:  # to escape it all at once takes less time than each part
        return str(escape("".join(parts))).replace(OPENING, "<mark>").replace(CLOSING, "</mark>")
    return "".join(parts)


def page_json(page: Page) -> Json:
    """What `/api/v1/search` answers."""
    asked = page.request
    url_of = urls.paragraphs({"q": asked.q})
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
    heading, number, score, title, text, shown, more = hit
    article = _heading(heading)
    return {
        "id": paragraph_id(heading.id, number),
        "score": round(score, 6),
        "article": article,
        "paragraph": {"number": number, "text": text.text},
        "url": url_of(article["url"], number),
        "more_in_article": more,
        "highlights": {"title": title.spans, "text": text.spans},
        "snippet": snippet(shown),
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
    article_id, title, date, source, lang = heading
    return {
        "id": article_id,
        "title": title,
        "date": date.iso if date else None,
        "source": source,
        "lang": lang,
        "url": urls.article(article_id),
    }
