"""Tells which variants of a query a paragraph was found by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from search.analysis.tokenizer import stems, tokenize
from search.model import Marked, NameVariants
from search.query.interpretation import Variants
from search.query.leaves import folded_words
from search.query.tree import Word


def plain(text: str) -> str:
    """Return a variant without the quotes that it has in a query."""
    return text.strip('"')


def named(variants: Sequence[Variants]) -> tuple[NameVariants, ...]:
    """Return the variants that were searched for besides each part of a query that was typed, without quotes.

    A part that is typed several times, as `turkey title:turkey` has it, is one.
    """
    by_typed: dict[str, dict[str, None]] = {}
    for typed, found in variants:
        by_typed.setdefault(typed, {}).update(dict.fromkeys([plain(text) for text, _ in found]))
    return tuple([NameVariants(typed, tuple(texts)) for typed, texts in by_typed.items()])


class VariantMatcher:
    """Finds out which variants of one query occur in the marked parts of texts. Not thread-safe."""

    def __init__(self, variants: Sequence[Variants]) -> None:
        self._variants = [
            (typed, text, leaf, f" {' '.join(folded_words(plain(text)))} ")
            for typed, found in variants
            for text, leaf in found
        ]
        self._known: dict[tuple[str, str], list[tuple[str, str]]] = {}

    def matched(self, texts: Sequence[Marked], lang: str) -> dict[str, tuple[str, ...]]:
        """Return the variants that occur in the marked parts of texts, by what was typed; the texts are in `lang`."""
        found: dict[str, dict[str, None]] = {}
        if self._variants:
            for text, spans in texts:
                for start, end in spans:
                    for typed, variant in self._of_part(text[start:end], lang):
                        found.setdefault(typed, {})[variant] = None
        return {typed: tuple(variants) for typed, variants in found.items()}

    def _of_part(self, part: str, lang: str) -> list[tuple[str, str]]:
        if (part, lang) not in self._known:
            self._known[part, lang] = list(self._look_up(part, lang))
        return self._known[part, lang]

    def _look_up(self, part: str, lang: str) -> Iterator[tuple[str, str]]:
        words = f" {' '.join(folded_words(part))} "
        found = {stem for token in tokenize(part) for stem in stems(token, lang)}
        for typed, text, leaf, key in self._variants:
            if found & {*leaf.stems} if isinstance(leaf, Word) else key in words:
                yield typed, plain(text)
