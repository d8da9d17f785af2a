"""A Page or an Article → the JSON of docs/api; marked text → escaped pieces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import escape

from search.engines import Snapshot
from search.model import Article, Heading, Hit, Marked, Page, paragraph_id
from web import links

Json = dict[str, Any]


def pieces(marked: Marked) -> Iterator[tuple[str, bool]]:
    """A marked text in order, cut where marks begin and end: each piece, and whether it is marked."""
    at = 0
    for start, end in marked.spans:
        if at < start:
            yield marked.text[at:start], False
        yield marked.text[start:end], True
        at = end
    if at < len(marked.text):
        yield marked.text[at:], False


def snippet(marked: Marked) -> str:
    """A marked text as HTML: everything escaped, `<mark>` the only tag."""
    return "".join(f"<mark>{escape(text)}</mark>" if hit else str(escape(text)) for text, hit in pieces(marked))


def page_json(page: Page) -> Json:
    """What `/api/v1/search` answers."""
    asked = page.request
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
        "hits": [_hit(hit, asked.q) for hit in page.hits],
    }
    if asked.facets:
        found["facets"] = {
            facet: [{"value": entry.value, "count": entry.count} for entry in page.facets.get(facet, ())]
            for facet in asked.facets
        }
    found["suggestion"] = None
    return found


def _hit(hit: Hit, q: str) -> Json:
    return {
        "id": hit.id,
        "score": round(hit.score, 6),
        "article": _heading(hit.article),
        "paragraph": {"number": hit.number, "text": hit.text.text},
        "url": links.paragraph(hit.article.id, hit.number, {"q": q}),
        "more_in_article": hit.more_in_article,
        "highlights": {"title": hit.title.spans, "text": hit.text.spans},
        "snippet": snippet(hit.snippet),
    }


def article_json(article: Article, snapshot: Snapshot) -> Json:
    """What `/api/v1/articles/<id>` answers."""
    paragraphs = [
        {"id": paragraph_id(article.id, number), "number": number, "text": text}
        for number, text in enumerate(article.paragraphs, 1)
    ]
    index = {"generation": snapshot.generation, "updated_at": snapshot.updated_at}
    return {**_heading(article.heading), "paragraphs": paragraphs, "index": index}


def _heading(heading: Heading) -> Json:
    return {
        "id": heading.id,
        "title": heading.title,
        "date": heading.date.iso if heading.date else None,
        "source": heading.source,
        "lang": heading.lang,
        "url": links.article(heading.id),
    }
