"""The schema of an index in the cluster, and the terms that stand for a text in it.

A document is a paragraph, with what is known of its article. Its terms are made here, by `search.analysis`:

- `terms`, `title_terms`: what stands at each position, for phrases: words as `=word` and stems as `~stem`. A token that
  is n > 1 positions wide has a term for each of them, which ends with n and the position from 0, as in `=word/2.0`, and
  `^stem` at the first. A sentence of several positions has SENTENCE_START at the first and SENTENCE_END at the last;
- `matches`, `matches_word`: stems and words that the paragraph matches by itself (see the glossary): those of its
  text, and in the first paragraph those of the title;
- `in_title`, `in_title_word`: stems and words of the title;
- `score`: the stems of text and title with their frequency as `search.ranking` counts it: in the text, plus TITLE times
  that in the title.

Each article also has a document of its own, without terms, which is the parent of its paragraphs in the join field
`part`: a query can go from paragraphs to their article, and from it to its paragraphs. It has the article's `signature`
and, if a commit has found that the article is in a group of copies, its `group`, which is the serial number of the main
article, and its `rank`, its place in that group from 0 (see `search.copies`).

Terms in `score` and `in_title` are sent with their frequencies. The similarity returns this frequency itself, and a
script of the query computes the score from it.
"""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from search.analysis.sentences import sentence_starts
from search.analysis.tokenizer import ANALYSIS_VERSION, find_raw_tokens, fold, split_raw_token, stems
from search.copies import hash_of_stem
from search.dates import year_and_month
from search.kernels.terms.minhash import signature_of
from search.model import Article, Date, Heading
from search.ranking import LENGTHS, TITLE, length_bytes

FORMAT = f"3.{ANALYSIS_VERSION}"
"""The version of the schema and of the analysis. An index of any other version has to be built anew."""
SAME, HOLE, WIDTH, COUNT = "|", "/", "/", "|"
"""Signs that no token contains.

SAME stands between the terms of one position, HOLE for a position without terms, WIDTH before the width of a token, and
COUNT before a frequency.
"""
SENTENCE_START, SENTENCE_END = "<", ">"
"""Terms at the first and at the last position of a sentence, besides those of its words.

A sentence of one position has neither.
"""
ARTICLE, PARAGRAPH = "article", "paragraph"
"""The values of the join field `part`: whether a document is of an article or of a paragraph."""
TOKENS_CACHED = 1 << 16
"""Number of distinct raw tokens whose terms are cached."""

_hash_of_stem = lru_cache(TOKENS_CACHED)(hash_of_stem)
_NAME = {"type": "keyword"}
_TERM = {"type": "keyword", "doc_values": False}
_WORD = {"type": "keyword"}  # its doc values serve completions of words that are being typed
_POSITIONS = {"type": "text", "analyzer": "positions", "norms": False}
_COUNTS = {"type": "text", "analyzer": "counts", "norms": False, "index_options": "freqs", "similarity": "frequency"}
_NUMBER = {"type": "integer"}
ANALYSIS = {
    "tokenizer": {"spaces": {"type": "whitespace", "max_token_length": 1 << 20}},
    "filter": {
        "same_position": {"type": "pattern_capture", "preserve_original": False, "patterns": [rf"([^{SAME}]+)"]},
        "holes": {"type": "stop", "stopwords": [HOLE]},
        "frequency": {"type": "delimited_term_freq", "delimiter": COUNT},
    },
    "analyzer": {
        "positions": {"type": "custom", "tokenizer": "spaces", "filter": ["same_position", "holes"]},
        "counts": {"type": "custom", "tokenizer": "keyword", "filter": ["frequency"]},
    },
}
TERMS = ("terms", "title_terms", "matches", "matches_word", "in_title", "in_title_word", "score")
MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_source": {"excludes": ["part", "signature", *TERMS]},
    "properties": {
        "part": {"type": "join", "relations": {ARTICLE: PARAGRAPH}},
        "article": _NAME,
        "number": _NUMBER,
        "paragraphs": {"type": "integer", "index": False, "doc_values": False},
        "serial": _NUMBER,
        "signature": {"type": "binary", "doc_values": True},
        "group": _NUMBER,
        "rank": _NUMBER,
        "source": _NAME,
        "lang": _NAME,
        "date": _NAME,
        "guessed": {"type": "boolean", "index": False, "doc_values": False},
        "start": {"type": "long"},
        "end": {"type": "long"},
        "year": _NAME,
        "month": _NAME,
        "heading": {"type": "object", "enabled": False},
        "body": {"type": "object", "enabled": False},
        "length": {"type": "integer", "index": False},
        "norm": {"type": "integer", "index": False},
        "terms": _POSITIONS,
        "title_terms": _POSITIONS,
        "matches": _TERM,
        "matches_word": _WORD,
        "in_title": _COUNTS,
        "in_title_word": _WORD,
        "score": _COUNTS,
    },
}


def index_body(shards: int) -> dict[str, Any]:
    """Return the body of the request that creates an index of so many shards, with one replica if two nodes exist."""
    return {
        "settings": {
            "number_of_shards": shards,
            "auto_expand_replicas": "0-1",
            "refresh_interval": "-1",
            "codec": "best_compression",  # a third less on disk, for a tenth more time to index
            "similarity": {"frequency": {"type": "scripted", "script": {"source": "return doc.freq;"}}},
            "analysis": ANALYSIS,
        },
        "mappings": MAPPING,
    }


class RawTokenTerms(NamedTuple):
    """The terms of a raw token: those of each position, joined by SAME, and all of its stems and folded words.

    `offsets` tells where in the raw token each position begins, in code points. `copied` has one stem for each word in
    the raw token, for the signature by which copies are found.
    """

    positions: tuple[str, ...]
    offsets: tuple[int, ...]
    stems: tuple[str, ...]
    words: tuple[str, ...]
    copied: tuple[str, ...]


class TextTerms(NamedTuple):
    """The terms of a text: those of each position, joined by SAME, counts of stems, and the distinct folded words."""

    positions: list[str]
    stems: Counter[str]
    words: dict[str, None]


def at_positions(term: str, width: int) -> list[str]:
    """Return the terms that stand for a term that is `width` positions wide, one for each of its positions."""
    return [term] if width == 1 else [f"{term}{WIDTH}{width}.{at}" for at in range(width)]


@lru_cache(TOKENS_CACHED)
def _raw_token_terms(raw: str, lang: str) -> RawTokenTerms:
    tokens = split_raw_token(raw)
    positions: list[list[str]] = [[] for _ in range(tokens[-1].position + 1)]
    offsets = {token.position: token.start for token in tokens}
    all_stems: list[str] = []
    words: list[str] = []
    copied: list[str] = []
    for token in tokens:
        word = fold(token.written)
        words.append(word)
        of_token = stems(token, lang)
        all_stems += of_token
        copied += () if token.kind.is_whole else of_token[-1:]
        if token.width > 1:
            positions[token.position] += [f"^{stem}" for stem in of_token]
        for term in (f"={word}", *(f"~{stem}" for stem in of_token)):
            for at, part in enumerate(at_positions(term, token.width), token.position):
                positions[at].append(part)
    joined = tuple(map(SAME.join, positions))
    begins = tuple(map(offsets.__getitem__, range(len(positions))))
    return RawTokenTerms(joined, begins, tuple(all_stems), tuple(words), tuple(copied))


def text_terms(text: str, lang: str) -> TextTerms:
    """Return the terms of a text in a language."""
    positions: list[str] = []
    offsets: list[int] = []
    all_stems: list[str] = []
    words: list[str] = []
    for start, end in find_raw_tokens(text):
        terms = _raw_token_terms(text[start:end], lang)
        positions += terms.positions
        offsets += [start + offset for offset in terms.offsets]
        all_stems += terms.stems
        words += terms.words
    borders = {bisect_left(offsets, border) for border in sentence_starts(text)}
    for low, high in pairwise(sorted(borders | {0, len(positions)})):
        if high - low > 1:
            positions[low] += SAME + SENTENCE_START
            positions[high - 1] += SAME + SENTENCE_END
    return TextTerms(positions, Counter(all_stems), dict.fromkeys(words))


def article_document(article: Article, serial: int) -> dict[str, Any]:
    """Return the document of an article itself: the fields that filters use, and the signature for finding copies."""
    return _shared_fields(article.heading) | {"part": ARTICLE, "serial": serial, "signature": _signature(article)}


def _signature(article: Article) -> str:
    """Return the signature of an article in base64: the number of shingles, at most SHORT, and the slots, as bytes."""
    lang = article.heading.lang
    stems = [
        stem
        for text in (article.heading.title, *article.paragraphs)
        for start, end in find_raw_tokens(text)
        for stem in _raw_token_terms(text[start:end], lang).copied
    ]
    slots, shingles = signature_of(np.fromiter(map(_hash_of_stem, stems), np.uint64, len(stems)))
    return b64encode(bytes([shingles]) + slots.tobytes()).decode()


def documents(article: Article, serial: int) -> Iterator[dict[str, Any]]:
    """Yield the documents of an article's paragraphs; `serial` is a number that no other article of the index has."""
    heading = article.heading
    title = text_terms(heading.title, heading.lang)
    known = _shared_fields(heading) | {
        "part": {"name": PARAGRAPH, "parent": document_id(serial)},
        "heading": {"title": heading.title},
        "paragraphs": len(article.paragraphs),
        "serial": serial,
        "title_terms": " ".join(title.positions),
        "in_title": _counted(title.stems),
        "in_title_word": list(title.words),
    }
    for number, paragraph in enumerate(article.paragraphs, 1):
        text = text_terms(paragraph, heading.lang)
        length = len(text.positions) + len(title.positions)
        tf = text.stems.copy()
        for stem, count in title.stems.items():
            tf[stem] += TITLE * count
        first = number == 1
        yield known | {
            "number": number,
            "body": {"text": paragraph},
            "length": length,
            "norm": int(LENGTHS[length_bytes(length)]),
            "terms": " ".join(text.positions),
            "score": _counted(tf),
            "matches": list(tf if first else text.stems),
            "matches_word": list(text.words | title.words if first else text.words),
        }


def document_id(serial: int, number: int = 0) -> str:
    """Return the id of the document of paragraph `number` of an article, or, for 0, of the article's own document."""
    return f"{serial}-{number}"


def with_whole_characters(article: Article) -> Article:
    """Return the article with U+FFFD in place of each lone surrogate, which JSON in UTF-8 cannot have."""
    title, *paragraphs = (
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        for text in (article.heading.title, *article.paragraphs)
    )
    return Article(article.heading._replace(title=title), tuple(paragraphs))


def _shared_fields(heading: Heading) -> dict[str, Any]:
    """Return the fields that the documents of an article and of its paragraphs share: its heading without the title."""
    known: dict[str, Any] = {"article": heading.id, "source": heading.source, "lang": heading.lang}
    if heading.date:
        year, month = year_and_month(heading.date)
        known |= {"date": heading.date.text, "start": heading.date.start, "end": heading.date.end, "year": year}
        if month:
            known["month"] = month
        if heading.date.guessed:
            known["guessed"] = True
    return known


def heading_of(source: dict[str, Any]) -> Heading:
    """Return the heading of the article of a paragraph, given the `_source` of the paragraph's document."""
    date = None
    if "date" in source:
        date = Date(source["date"], source["start"], source["end"], source.get("guessed", False))
    return Heading(source["article"], source["heading"]["title"], date, source["source"], source["lang"])


def _counted(counts: Counter[str]) -> list[str]:
    """Return the terms, each followed by COUNT and its frequency."""
    return [f"{term}{COUNT}{count}" for term, count in counts.items()]
