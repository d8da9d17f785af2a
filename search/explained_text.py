"""Paragraphs as an explanation sees them: what of a query each text meets, within the budget of the request."""

from __future__ import annotations

from collections import Counter

from search.brute_force import Paragraph, Text
from search.budget import MATCHING, QueryBudget
from search.errors import RequestError
from search.highlight import Highlighter, Passage
from search.highlight.term_finder import PATTERN_COST
from search.model import Heading
from search.query.term_patterns import matcher
from search.query.tree import Fuzzy, Leaf, Wildcard, Word

TEXT_COST = 300
"""Units of work for each code point of a text that is analysed."""


def too_much() -> RequestError:
    """Return the error for an explanation that the budget does not allow."""
    parameter, message = "q", "To explain this query is too much work."
    return RequestError(parameter, message, "Ask for fewer words at a time.")


class TextWork:
    """The budget of an explanation, and a highlighter for each leaf of its query, for all texts that are looked at.

    A highlighter remembers the words that it has met, so a word is analysed once, in however many texts it stands.
    """

    def __init__(self, budget: QueryBudget) -> None:
        self.budget = budget
        self._highlighters: dict[Leaf, Highlighter] = {}

    def highlighter(self, leaf: Leaf) -> Highlighter:
        """Return the highlighter of a leaf."""
        if leaf not in self._highlighters:
            self._highlighters[leaf] = Highlighter(leaf, self.budget)
        return self._highlighters[leaf]


class ExplainedText(Text):
    """A text that is analysed once, and remembers for each leaf of a query whether it meets the leaf.

    Words and patterns are looked for in the analysed text. Other leaves, such as phrases, are found by the highlighter,
    which is quick however often a word stands in the text.
    """

    def __init__(self, passage: Passage, work: TextWork) -> None:
        if not work.budget.try_charge_or_warn(TEXT_COST * len(passage.text), MATCHING):
            raise too_much()
        super().__init__(passage.text, passage.lang)
        self.passage = passage
        self.work = work
        self.frequencies = Counter(stem for _, _, stem in self.stems)
        self.distinct = {word for _, _, word in self.words}
        self.met: dict[Leaf, bool] = {}
        """For each leaf that was looked up, whether the text meets it."""

    def meets(self, leaf: Leaf) -> bool:
        """Tell whether the text meets a leaf. Raises RequestError where the budget does not allow for it."""
        if leaf not in self.met:
            self.met[leaf] = self._looked_up(leaf)
        return self.met[leaf]

    def _looked_up(self, leaf: Leaf) -> bool:
        if isinstance(leaf, Word):
            return not self.frequencies.keys().isdisjoint(leaf.stems)
        if isinstance(leaf, Wildcard | Fuzzy):
            if not self.work.budget.try_charge_or_warn(PATTERN_COST * len(self.distinct), MATCHING):
                raise too_much()
            return any(map(matcher(leaf), self.distinct))
        highlighter = self.work.highlighter(leaf)
        (spans,) = highlighter.mark([self.passage])
        if highlighter.warnings:
            raise too_much()
        return bool(spans)

    def count(self, term: str | Wildcard | Fuzzy) -> int:
        """Return the number of occurrences of a stem, or 1 if some word fits a pattern."""
        return self.frequencies[term] if isinstance(term, str) else int(self.meets(term))


class ExplainedParagraph(Paragraph):
    """A paragraph, given with its heading and its text, and with the title if another paragraph has it already."""

    def __init__(
        self, heading: Heading, number: int, text: str, work: TextWork, title: ExplainedText | None = None
    ) -> None:
        self.heading, self.number = heading, number
        self.text: ExplainedText = ExplainedText(Passage(text, heading.lang, is_first=number == 1), work)
        self.title: ExplainedText = title or ExplainedText(Passage(heading.title, heading.lang, is_title=True), work)
        self.length = self.text.length + self.title.length
