"""Adds variants to the names in a query, as ALSO and what follows it, before the query is parsed.

`Turkey` becomes `Turkey ALSO Türkiye`, so that engines, marks and explanations need to know nothing of names. What was
typed in quotes, as a pattern or beside NEAR stays as it is, and so does a query that has ALSO already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from search.model import NameVariants
from search.names.name_list import ListedVariants, NameList
from search.names.transliteration import OTHER_LETTERS, from_latin, script_of, to_latin
from search.query import leaves
from search.query.lexer import DISTANCES, OPERANDS, WORD_FIELDS, Lexeme, LexemeType
from search.query.tree import Phrase, Word, slots_of

MAX_VARIANTS = 16
"""Maximum number of variants of a name."""
MAX_ADDED = 64
"""Maximum number of variants that are added to a query."""
MAX_LOOKUPS = 500
"""Number of look-ups in the words of the archive after which no further variants are looked for, for one query."""
MIN_LETTERS = 3
"""Minimum number of letters of a word that is transliterated."""

NOT_BEFORE = LexemeType.FIELD, LexemeType.NOT, LexemeType.AND
NOT_AFTER = *DISTANCES, LexemeType.AND
"""Types of lexemes before, and after, which several words are not taken as one name.

There the operator applies only to the first word, or only to the last one.
"""

HasLeaf = Callable[[Word | Phrase], bool | None]
"""A function that tells whether an archive has the words of a leaf; None if it does not know its words."""


class Name(NamedTuple):
    """A name in a query: its number of lexemes, its text, the variants to add to it, and the aliases to offer only."""

    lexemes: int
    text: str
    added: tuple[str, ...]
    offered: tuple[str, ...]


class NameExpansion:
    """Adds variants to the lexemes of one query: spellings, and aliases too if `aliases`.

    `languages` are those of the archive, and `has` looks up its words. After a call, `offers` has the aliases that were
    left out, by name.
    """

    def __init__(self, names: NameList, languages: tuple[str, ...], has: HasLeaf, *, aliases: bool) -> None:
        self.names = names
        self.languages = languages
        self._has = has
        self.aliases = aliases
        self.lookups = 0
        self.offers: dict[str, NameVariants] = {}

    def with_aliases(self) -> NameExpansion:
        """Return an expansion for the same query that adds aliases too."""
        return NameExpansion(self.names, self.languages, self._has, aliases=True)

    def __call__(self, lexemes: list[Lexeme]) -> list[Lexeme]:
        """Return the lexemes with those of the variants added; the same list if there is nothing to add."""
        if any(lexeme.type is LexemeType.ALSO for lexeme in lexemes):
            return lexemes
        expanded: list[Lexeme] = []
        at = added = 0
        while at < len(lexemes):
            name = self._name(lexemes, at) if self.lookups < MAX_LOOKUPS else None
            taken = lexemes[at : at + name.lexemes] if name else lexemes[at : at + 1]
            variants = name.added if name and added + len(name.added) <= MAX_ADDED else ()
            if name and name.offered and not (at and lexemes[at - 1].type is LexemeType.NOT):
                self.offers.setdefault(name.text, NameVariants(name.text, name.offered))
            group = _in_parentheses(taken) if len(taken) > 1 and variants else list(taken)
            for text in variants:
                group += Lexeme(LexemeType.ALSO, LexemeType.ALSO.value, taken[0].at), _lexeme(text, taken[0].at)
            in_field = variants and at and lexemes[at - 1].type is LexemeType.FIELD
            expanded += _in_parentheses(group) if in_field else group
            added += len(variants)
            at += len(taken)
        return expanded if added else lexemes

    def _name(self, lexemes: Sequence[Lexeme], at: int) -> Name | None:
        """Return the longest name that begins at a lexeme; None if there is none with variants to add or to offer."""
        before = lexemes[at - 1] if at else None
        if lexemes[at].type is not LexemeType.CHUNK or _is_bound(lexemes, at):
            return None
        first = _words(lexemes[at].text)
        longest = self.names.longest(first[0]) if first else 0
        words, ends = list(first), [len(first)]
        if longest > len(first) and not (before and before.type in NOT_BEFORE):
            for lexeme in lexemes[at + 1 :]:
                more = _words(lexeme.text) if lexeme.type is LexemeType.CHUNK else ()
                if not more or len(words) + len(more) > longest:
                    break
                words += more
                ends.append(len(words))
        for count in range(len(ends), 0, -1):
            after = lexemes[at + count].type if at + count < len(lexemes) else None
            if (count > 1 and after in NOT_AFTER) or _is_joined(lexemes, at + count):
                continue
            found = self.names.find(words[: ends[count - 1]])
            if count == 1 and not found:
                found = self.names.find_bare(first) or self._transliterated(lexemes[at].text, first)
            if found and (name := self._chosen(lexemes[at : at + count], found)):
                return name
        return None

    def _chosen(self, taken: Sequence[Lexeme], found: ListedVariants) -> Name | None:
        """Return a name with those of its variants that the archive has; None if it has none of them."""
        text = " ".join([leaves.interpreted(lexeme.text) for lexeme in taken])
        typed = _leaf(text, self.languages)
        spellings = self._known_ones(found.spellings, typed)
        aliases = self._known_ones(found.aliases, typed)
        added = (spellings + aliases if self.aliases else spellings)[:MAX_VARIANTS]
        offered = () if self.aliases else aliases[:MAX_VARIANTS]
        return Name(len(taken), text, added, offered) if added or offered else None

    def _known_ones(self, variants: Sequence[str], typed: Word | Phrase | None) -> tuple[str, ...]:
        """Return the variants whose words the archive has, or may have, without those that `typed` finds anyway."""
        known: dict[Word | Phrase, str] = {}
        for text in variants:
            if len(known) == MAX_VARIANTS or self.lookups >= MAX_LOOKUPS:
                break
            leaf = _leaf(text, self.languages)
            if leaf is not None and not _is_found_by(typed, leaf) and self.has(leaf) is not False:
                known.setdefault(leaf, text)
        return tuple(known.values())

    def _transliterated(self, text: str, words: tuple[str, ...]) -> ListedVariants | None:
        """Return how a word is written in the letters of another script; None if it should be searched as it is.

        It should be if the archive has it and it does not begin with a capital letter: then it may not be a name.
        """
        if len(words) != 1 or len(words[0]) < MIN_LETTERS:
            return None
        word = leaves.interpreted(text)
        script = script_of(word)
        if not script and OTHER_LETTERS.isdisjoint(self.languages):
            return None
        typed = _leaf(word, self.languages)
        if typed is None or (word[:1] == word[:1].lower() and self.has(typed)):
            return None
        if script:
            readings = to_latin(word)
            listed = [found.spellings for reading in readings if (found := self.names.find(_words(reading)))]
            return ListedVariants(tuple(dict.fromkeys([*readings, *(text for texts in listed for text in texts)])))
        readings = tuple([text for text in from_latin(word, self.languages) if self._is_known(text)])
        return ListedVariants(readings) if readings else None

    def has(self, leaf: Word | Phrase) -> bool | None:
        """Tell whether the archive has the words of a leaf; None if it does not know its words."""
        self.lookups += 1
        return self._has(leaf)

    def _is_known(self, text: str) -> bool:
        leaf = _leaf(text, self.languages)
        return leaf is not None and self.has(leaf) is True


def without_variants(lexemes: list[Lexeme]) -> list[Lexeme]:
    """Return the lexemes of a query without ALSO and what follows it; the same list if there is none."""
    kept: list[Lexeme] = []
    types = [*[lexeme.type for lexeme in lexemes], None]
    at = 0
    while at < len(lexemes):
        if kept and lexemes[at].type is LexemeType.ALSO and types[at + 1] in OPERANDS:
            at += 2
        else:
            kept.append(lexemes[at])
            at += 1
    return kept if len(kept) < len(lexemes) else lexemes


def _is_bound(lexemes: Sequence[Lexeme], at: int) -> bool:
    """Tell whether what is before a lexeme needs it unchanged: NEAR, PRE, SAME, ATLEAST, or a filter."""
    if at and lexemes[at - 1].type is LexemeType.FIELD:
        return lexemes[at - 1].text not in WORD_FIELDS
    while at and lexemes[at - 1].type is LexemeType.OPEN:
        at -= 1
    return bool(at) and lexemes[at - 1].type in (*DISTANCES, LexemeType.ATLEAST)


def _is_joined(lexemes: Sequence[Lexeme], end: int) -> bool:
    """Tell whether NEAR, PRE or SAME stands after the lexemes before `end`, or after the parentheses around them."""
    while end < len(lexemes) and lexemes[end].type is LexemeType.CLOSE:
        end += 1
    return end < len(lexemes) and lexemes[end].type in DISTANCES


def _words(text: str) -> tuple[str, ...]:
    """Return the folded words of a chunk; none for a pattern."""
    if leaves.is_ascii_word(text):
        return (text.lower(),)
    core = leaves.interpreted(text)
    return () if set(core) & {*"*?~"} else leaves.folded_words(core)


@lru_cache(4096)
def _leaf(text: str, languages: tuple[str, ...]) -> Word | Phrase | None:
    """Return the leaf that a name stands for in a query."""
    lexeme = _lexeme(text, 0)
    make = leaves.quote if lexeme.type is LexemeType.QUOTE else leaves.chunk
    leaf = make(lexeme, languages, title=False)
    return leaf if isinstance(leaf, Word | Phrase) else None


def _is_found_by(typed: Word | Phrase | None, variant: Word | Phrase) -> bool:
    """Tell whether a word that was typed finds all that a variant does."""
    if not isinstance(typed, Word):
        return variant == typed
    return any({*slot.stems} <= {*typed.stems} for slot in slots_of(variant))


def _lexeme(text: str, at: int) -> Lexeme:
    """Return a variant as a lexeme: a quote if it is of several words, with the parts of compounds apart."""
    if " " in text:
        return Lexeme(LexemeType.QUOTE, text.replace("-", " "), at)
    return Lexeme(LexemeType.CHUNK, text, at)


def _in_parentheses(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    at = lexemes[0].at
    return [Lexeme(LexemeType.OPEN, "(", at), *lexemes, Lexeme(LexemeType.CLOSE, ")", at)]
