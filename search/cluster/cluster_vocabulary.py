"""The words of a generation in the cluster: how many paragraphs have them, which are alike, which follow others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from search.analysis.tokenizer import fold, stems, tokenize
from search.cluster.connection import Connection
from search.cluster.query_translation import WORDS, Query, counting
from search.model import WordCount
from search.query.term_patterns import matcher
from search.query.tree import Fuzzy

TOGETHER = 200
"""Number of words that are counted by one request."""
MOST_SIMILAR = 1_000
"""Number of words, the most similar ones, among which each shard looks for the most frequent ones: `shard_size`."""
SPARE = 3
"""How many times as many words each field is asked for as are wanted.

The fields of text and of title count apart, so the most frequent words of both may come later in the list of either.
"""
SAMPLE = 200
"""Number of paragraphs in which the words after a word are counted."""
LITERALS = set('.?+*|{}[]()"\\#@&<>~^$-')
"""Characters that are escaped in a regular expression of Lucene, since they may have a meaning there."""


class ClusterVocabulary:
    """The words of an index that does not change (see `search.engine.Vocabulary`). Threads may share it."""

    def __init__(self, connection: Connection, index: str) -> None:
        self._connection, self._index = connection, index

    def counts(self, words: Sequence[str]) -> list[int]:
        """Return the number of paragraphs that have each of some words. Raises what `Connection.search` does."""
        counts: list[int] = []
        for at in range(0, len(words), TOGETHER):
            bodies = [counting(_having(word)) for word in words[at : at + TOGETHER]]
            counts += [answer["hits"]["total"]["value"] for answer in self._connection.search(self._index, *bodies)]
        return counts

    def similar(self, word: str, edits: int, limit: int) -> list[WordCount]:
        """Return up to `limit` words that are at most `edits` edits from a word, the most frequent ones first.

        They are chosen among the MOST_SIMILAR words of each shard. The word itself is one of them if it occurs.
        """
        asked = {
            "analyzer": "keyword",
            "suggest_mode": "always",
            "max_edits": edits,
            "prefix_length": 0,
            "min_word_length": 1,
            "max_term_freq": 1 << 30,
            "accuracy": 0,
            "sort": "frequency",
            "size": SPARE * limit,
            "shard_size": max(MOST_SIMILAR, SPARE * limit),
        }
        suggesters = {field: {"term": {"field": field, **asked}} for field in WORDS}
        (answer,) = self._connection.search(self._index, {"size": 0, "suggest": {"text": word, **suggesters}})
        options = (one["options"] for of_field in answer["suggest"].values() for one in of_field)
        fits = matcher(Fuzzy(word, edits))
        found = {option["text"] for of_word in options for option in of_word}
        return self._most_frequent([word, *filter(fits, found)], limit)

    def beginning_with(self, prefix: str, limit: int) -> list[WordCount]:
        """Return the `limit` most frequent words that begin with a prefix, the most frequent ones first."""
        pattern = "".join(f"\\{one}" if one in LITERALS else one for one in prefix) + ".*"
        named = {field: {"terms": {"field": field, "include": pattern, "size": SPARE * limit}} for field in WORDS}
        having = {"bool": {"should": [{"prefix": {field: prefix}} for field in WORDS]}}
        (answer,) = self._connection.search(self._index, {"size": 0, "query": having, "aggs": named})
        found = {bucket["key"] for field in WORDS for bucket in answer["aggregations"][field]["buckets"]}
        return self._most_frequent(found, limit)

    def words_after(self, stems: Sequence[str], prefix: str, limit: int) -> list[WordCount]:
        """Return up to `limit` words, beginning with a prefix, that stand most often right after a word in texts.

        The word before has one of `stems`. Occurrences are counted in up to SAMPLE paragraphs that have that word.
        """
        having: list[Query] = [{"terms": {"matches": stems}}]
        if prefix:
            having.append({"prefix": {"matches_word": prefix}})
        fields = ["lang", "body"]
        body = {"size": SAMPLE, "query": {"bool": {"filter": having}}, "sort": ["_doc"], "_source": fields}
        (answer,) = self._connection.search(self._index, body)
        found: Counter[str] = Counter()
        for hit in answer["hits"]["hits"]:
            found.update(_words_after(hit["_source"], stems))
        counts = [WordCount(word, count) for word, count in found.items() if word.startswith(prefix)]
        return sorted(counts, key=_order)[:limit]

    def _most_frequent(self, words: Iterable[str], limit: int) -> list[WordCount]:
        distinct = list(dict.fromkeys(words))
        counted = map(WordCount, distinct, self.counts(distinct))
        return sorted((one for one in counted if one.paragraphs), key=_order)[:limit]


def _having(word: str) -> Query:
    """Return the query of the paragraphs that have a word in their text or title."""
    return {"bool": {"should": [{"term": {field: word}} for field in WORDS]}}


def _words_after(source: dict[str, Any], before: Sequence[str]) -> list[str]:
    """Return the folded words right after each word that has one of the stems `before`, in the text of a `_source`."""
    tokens = tokenize(source["body"]["text"])
    lang = source["lang"]
    ends = {token.position + token.width for token in tokens for stem in stems(token, lang) if stem in before}
    return [fold(token.written) for token in tokens if token.position in ends]


def _order(one: WordCount) -> tuple[int, str]:
    return -one.paragraphs, one.word
