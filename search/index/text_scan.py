"""Searches a small generation by brute force, while the loops are being compiled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from search.brute_force import (
    Paragraph,
    TextVocabulary,
    answer,
    groups_of_copies,
    paragraphs_of,
    scoring_statistics,
    stream,
)
from search.budget import QueryBudget
from search.engine import MatchStream, ScoringStatistics, Search
from search.errors import LoopsCompiling
from search.model import Article, Heading, Portion, Result, ScoredParagraph
from search.query.tree import And, AtLeast, Lead, Near, Node, Not, Or, Phrase, SameSentence

MAX_LEAVES = 8
"""Maximum number of words, phrases and patterns of a query that is answered, besides the variants of names.

Each is looked for in every text.
"""


class TextScan:
    """The articles of a generation in memory, searched by brute force; a search that would take long is refused."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self.articles = {article.id: article for article in articles}

    @cached_property
    def paragraphs(self) -> list[Paragraph]:
        """All paragraphs, tokenized and stemmed."""
        return [paragraph for article in self.articles.values() for paragraph in paragraphs_of(article)]

    @cached_property
    def groups(self) -> list[list[str]]:
        """The ids of the articles of each group of copies."""
        return groups_of_copies(self.paragraphs)

    @cached_property
    def vocabulary(self) -> TextVocabulary:
        """The words of all paragraphs."""
        return TextVocabulary(self.paragraphs)

    def search(self, search: Search, _budget: QueryBudget) -> Result:
        """Return the answer to a search. Raises LoopsCompiling for a query with many leaves, with slop or with NEAR."""
        _check(search.query)
        return answer(self.paragraphs, search, self.groups if search.duplicates == "fold" else ())

    def stream(self, search: Search, _budget: QueryBudget) -> MatchStream:
        """Return all paragraphs that match a search. Raises LoopsCompiling as `search` does."""
        _check(search.query)
        return stream(self.paragraphs, search)

    def scoring_statistics(self, query: Node) -> ScoringStatistics:
        """Return the statistics that the scores of a query are computed from."""
        return scoring_statistics(self.paragraphs, query)

    def fetch(self, found: Sequence[ScoredParagraph]) -> list[tuple[Heading, str]]:
        """Return the heading and the text of each of these paragraphs."""
        articles = [(self.articles[one.article_id], one.number) for one in found]
        return [(article.heading, article.paragraphs[number - 1]) for article, number in articles]

    def portion(self, article_id: str, first: int, count: int) -> Portion | None:
        """Return up to `count` paragraphs of an article, from number `first` on; None if there is no such article."""
        if (article := self.articles.get(article_id)) is None:
            return None
        texts = article.paragraphs
        return Portion(article.heading, first, texts[first - 1 : first - 1 + count], len(texts))

    def copies(self, article_id: str) -> tuple[Heading, ...]:
        """Return the headings of the other articles of an article's group of copies, the main one first."""
        group = next((names for names in self.groups if article_id in names), ())
        return tuple([self.articles[name].heading for name in group if name != article_id])

    def headings_of(self, file_id: str, after: str, limit: int) -> list[Heading]:
        """Return the headings of up to `limit` articles of a file whose ids come after a text, by id."""
        found = (
            one.heading for name, one in self.articles.items() if name == file_id or name.startswith(f"{file_id}:")
        )
        return sorted(heading for heading in found if heading.id > after)[:limit]

    def article(self, article_id: str) -> Article | None:
        """Return a whole article; None if there is no such article."""
        return self.articles.get(article_id)


def _check(query: Node) -> None:
    """Raise LoopsCompiling for a query that takes long by brute force."""
    leaves = [leaf for leaf in _leaves(query) if not getattr(leaf, "variant_of", ())]
    if len(leaves) > MAX_LEAVES or not all(map(_is_cheap, leaves)):
        raise LoopsCompiling


def _leaves(node: Node) -> Iterator[Node]:
    """Yield the leaves of a query, those below NOT too."""
    if isinstance(node, And | Or):
        for child in node.children:
            yield from _leaves(child)
    elif isinstance(node, Not):
        yield from _leaves(node.child)
    else:
        yield node


def _is_cheap(leaf: Node) -> bool:
    """Tell whether matching a leaf is linear in the text: where words may stand apart, all their pairs are compared."""
    if isinstance(leaf, Lead | AtLeast):
        return _is_cheap(leaf.leaf if isinstance(leaf, Lead) else leaf.words)
    return leaf.slop == 1 if isinstance(leaf, Phrase) else not isinstance(leaf, Near | SameSentence)
