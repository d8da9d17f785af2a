"""Turn search results and articles into the JSON that docs/api.md describes, and marked text into HTML."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from typing import Any

from markupsafe import Markup

from search.bulk.changes import ChangedArticle
from search.engine import Snapshot
from search.model import (
    Completion,
    Correction,
    Explanation,
    Heading,
    Hit,
    Marked,
    Page,
    Portion,
    Relaxation,
    SearchRequest,
    SimilarArticle,
    Total,
    paragraph_id,
)
from web import urls
from web.cursors import next_cursor

Json = dict[str, Any]


def marked_html(marked: Marked) -> Markup:
    """Return a marked text as HTML: escaped, with `<mark>` as the only tag."""
    return Markup(marked_text(marked))  # noqa: S704 - all is `<mark>`, or escaped: see test_serializers


def marked_text(marked: Marked) -> str:
    """Return the HTML of a marked text as a plain string."""
    text, spans = marked
    parts: list[str] = []
    at = 0
    for start, end in spans:
        parts += (text[at:start], "<mark>", text[start:end], "</mark>")
        at = end
    parts.append(text[at:])
    if escape(text) != text:  # most texts have nothing to escape
        parts = [part if i % 2 else escape(part) for i, part in enumerate(parts)]
    return "".join(parts)


def total_json(total: Total) -> Json:
    """Return the JSON object of a number of matching paragraphs."""
    return {"value": total.value, "relation": total.relation}


def index_json(found: Page | Snapshot) -> Json:
    """Return the JSON object of the generation of the index that an answer is from."""
    return {"generation": found.generation, "updated_at": found.updated_at}


def page_json(page: Page) -> Json:
    """Return the JSON object of a page of results, the response of `/api/v1/search`."""
    asked = page.request
    state = state_of_hits(asked)
    found: Json = {
        "q": asked.q,
        "interpreted": page.interpreted,
        "match": asked.match,
        "warnings": list(page.warnings),
        "variants": dict(page.variants),
        "offers": dict(page.offers),
        "offered_query": page.offered or None,
        "total": total_json(page.total),
        "total_articles": page.total_articles,
        **({"total_articles_elsewhere": page.total_articles_elsewhere} if asked.scope == "paragraph" else {}),
        **({"folded": page.folded.paragraphs} if asked.duplicates == "fold" else {}),
        "page": asked.page,
        "per_page": asked.per_page,
        "total_pages": page.total_pages,
        "next_cursor": next_cursor(page),
        "took_ms": round(page.took_ms, 3),
        "index": index_json(page),
        "hits": [hit_json(hit, state) for hit in page.hits],
    }
    if asked.fields:
        found["hits"] = [_only(hit, asked.fields) for hit in found["hits"]]
    if asked.facets:
        found["facets"] = {
            facet: [{"value": entry.value, "count": entry.paragraphs} for entry in page.facets.get(facet, ())]
            for facet in asked.facets
        }
    found["suggestion"] = list(map(_correction, page.suggestion)) or None
    found["relaxations"] = list(map(_relaxation, page.relaxations))
    return found


def suggest_json(completions: Sequence[Completion], corrections: Sequence[Correction]) -> Json:
    """Return the JSON object of completions and corrections of a query, the response of `/api/v1/suggest`."""
    return {
        "completions": [{"text": one.text, "count": one.total.value} for one in completions],
        "corrections": list(map(_correction, corrections)),
    }


def explanation_json(found: Explanation) -> Json:
    """Return the JSON object of why a paragraph has its score, the response of `/api/v1/explain`."""
    return {
        "id": found.id,
        "matched": found.matched,
        **({"score": found.score} if found.matched else {}),
        "contributions": [one._asdict() for one in found.contributions],
        "missing": [one._asdict() for one in found.missing],
    }


def _correction(one: Correction) -> Json:
    return {"word": one.word, "replacement": one.replacement, "query": one.query, "total": one.total.value}


def _relaxation(one: Relaxation) -> Json:
    return {
        "kind": one.kind,
        "part": one.part or None,
        "parameters": {
            name: value for name, value in urls.state(one.request).items() if (name, value) != ("group", "none")
        },
        "total": total_json(one.total),
    }


def state_of_hits(request: SearchRequest) -> str:
    """Return the query string that the URLs of hits have; it tells the page of an article which words to mark."""
    given = {"q": request.q} | ({} if request.variants == "on" else {"variants": request.variants})
    return urls.encoded_state(given)


def hit_json(hit: Hit, state: str) -> Json:
    """Return the JSON object of a hit; `state` is what `state_of_hits` returns for the request."""
    heading, number, score, title, text, shown, more, variants, further = hit
    article = _heading(heading)
    return {
        "id": paragraph_id(heading.id, number),
        "score": round(score, 6),
        "article": article,
        "paragraph": {"number": number, "text": text.text},
        "url": urls.paragraph(article["url"], state, number),
        "more_in_article": more,
        "further": [_further(one) for one in further],
        "highlights": {"title": title.spans, "text": text.spans},
        "snippet": marked_text(shown),
        "matched_variants": variants,
    }


def _further(hit: Hit) -> Json:
    return {
        "id": hit.id,
        "score": round(hit.score, 6),
        "paragraph": {"number": hit.number, "text": hit.text.text},
        "highlights": {"title": hit.title.spans, "text": hit.text.spans},
        "snippet": marked_text(hit.snippet),
    }


def _only(hit: Json, fields: Collection[str]) -> Json:
    """Return a hit, and its further paragraphs, with these fields only."""
    kept = {name: value for name, value in hit.items() if name in fields}
    return kept | {"further": [_only(one, fields) for one in hit["further"]]} if "further" in kept else kept


def similar_json(article_id: str, found: Sequence[SimilarArticle]) -> Json:
    """Return the JSON object of the articles like one, the response of `/api/v1/similar`."""
    return {
        "id": article_id,
        "hits": [{"article": _heading(one.article), "score": round(one.score, 6)} for one in found],
    }


def article_json(
    portion: Portion, snapshot: Snapshot, marked: Sequence[Marked] | None = None, warnings: Sequence[str] = ()
) -> Json:
    """Return the JSON object of a part of an article, the response of `/api/v1/articles/<id>`.

    If the request has a query, `marked` are the paragraphs with its words marked, and `warnings` say which marks are
    missing. Both are then in the object.
    """
    after = portion.first + len(portion.paragraphs)
    paragraphs: list[Json] = [
        {"id": paragraph_id(portion.heading.id, number), "number": number, "text": text}
        for number, text in enumerate(portion.paragraphs, portion.first)
    ]
    if marked is not None:
        for paragraph, text in zip(paragraphs, marked, strict=True):
            paragraph["highlights"] = text.spans
    return {
        **_heading(portion.heading),
        **({} if marked is None else {"warnings": warnings}),
        "paragraphs": paragraphs,
        "total_paragraphs": portion.total,
        "next_paragraph": after if after <= portion.total else None,
        "index": index_json(snapshot),
    }


def changes_json(found: Sequence[ChangedArticle], cursor: str | None, snapshot: Snapshot) -> Json:
    """Return the JSON object of a page of the list of articles, the response of `/api/v1/articles`.

    `cursor` leads to the next page; it is None on the last.
    """
    return {
        "articles": [{**_heading(heading), "changed_at": changed_at} for heading, changed_at in found],
        "next_cursor": cursor,
        "index": index_json(snapshot),
    }


def _heading(heading: Heading) -> Json:
    article_id, title, date, source, lang = heading
    guessed = {"date_guessed": True} if date and date.guessed else {}
    return {
        "id": article_id,
        "title": title,
        "date": date.iso if date else None,
        **guessed,
        "source": source,
        "lang": lang,
        "url": urls.article(article_id),
    }
