"""Distinct runs to entries: what an index's streams are made of, analysed here or in a process that helps.

An entry is a word as written with its stems. A compound is an entry too, a marker: in a stream it comes before its
parts. Accents that change a stem make two entries of one word.

All is kept as strings and numbers in columns: a segment has a million entries, and objects for them take more memory
and time than what is in them. The module imports little, for a helper starts with it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.analysis.ascii_fast_path import ascii_stem, ascii_tokens
from search.analysis.tokenizer import MAX_WORD, Kind, fold, split_raw_token, stem, stems


class LexiconEntry(NamedTuple):
    """A word as written, its stems, and for a marker of a compound how many positions the compound takes, else 0.

    `carrier_stem` is a stem whose postings hold all paragraphs of the entry: one of its own, or of a compound's first
    part.
    """

    word: str
    stems: tuple[str, ...]
    width: int
    carrier_stem: str


class Table(NamedTuple):
    """Entries in columns; entry e is the one that came as number e. Strings are UTF-8, one after the other.

    Words ascend, `word_entry` has the entry of each; `stem_counts` says how many of `stems` each entry has, and
    `stems` and `carrier_stem` are places among the stems, which ascend too.
    """

    word_lengths: array[int]
    word_bytes: bytes
    word_entry: array[int]
    stem_lengths: array[int]
    stem_bytes: bytes
    stem_counts: array[int]
    stems: array[int]
    widths: array[int]
    carrier_stem: array[int]


class Coded(NamedTuple):
    """What the runs of one language stand for: how many entries each, and these one after the other."""

    counts: array[int]
    entries: array[int]


def analyse(run: str, lang: str) -> list[LexiconEntry]:
    """What a run puts into a stream. Runs come with ASCII in small letters, which changes none of this."""
    tokens = split_raw_token(run)
    parts = [token for token in tokens if token.kind is Kind.WORD]
    carrier_stem = stem(parts[0].written, lang)[-1]
    found = ((token, stems(token, lang)) for token in tokens)
    return [
        LexiconEntry(
            fold(token.written),
            forms,
            0 if token.kind is Kind.WORD else token.width,
            forms[-1] if forms else carrier_stem,
        )
        for token, forms in found
    ]


class TokenAnalyses(NamedTuple):
    """What the runs of each language stand for, and the width of each entry."""

    coded: dict[str, Coded]
    widths: array[int]


class Lexicon:
    """The entries of a segment that is being built, numbered as they come."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.words: list[str] = []
        self.stem_numbers: dict[str, int] = {}
        self.stem_names: list[str] = []
        self.stem_counts, self.stems = array("B"), array("i")
        self.widths, self.carrier_stem = array("i"), array("i")
        self.numbers: dict[str, int] = {}
        self.known: dict[str, dict[str, int]] = {}
        self.coded: dict[str, Coded] = {}

    def learn(self, lang: str, raw_tokens: Iterable[str]) -> None:
        """Analyse the next runs of a language."""
        known = self.known.setdefault(lang, {})
        counts, entries = self.coded.setdefault(lang, Coded(array("i"), array("i")))
        for run in raw_tokens:
            if not run.isascii():
                found = [self.number(*entry) for entry in analyse(run, lang)]
                entries.extend(found)
                counts.append(len(found))
            elif run.isalnum():
                number = known.get(run)
                entries.append(self._word(run, lang, known) if number is None else number)
                counts.append(1)
            else:
                compound, width, symbol, parts = ascii_tokens(run)
                places = [known[part] if part in known else self._word(part, lang, known) for part in parts]
                counts.append(len(parts) + (width > 0))
                if width:
                    word = fold(compound)
                    if symbol:
                        entries.append(self.number(word, (word,), width, word))
                    else:
                        entries.append(self.number(word, (), width, self.stem_names[self.carrier_stem[places[0]]]))
                entries.extend(places)

    def _word(self, written: str, lang: str, known: dict[str, int]) -> int:
        """The number of a plain word of ASCII that has not come yet."""
        word = written[:MAX_WORD]
        forms = ascii_stem(word, lang)
        number = known[written] = self.number(word, forms, 0, forms[-1])
        return number

    def number(self, word: str, forms: Sequence[str], width: int, carrier_stem: str) -> int:
        """The number of an entry."""
        key = word
        if width or len(forms) != 1 or forms[0] != word:  # most words are their own stem, and need no string more
            key = "\0".join((word, str(width), carrier_stem, *forms))
        number = self.numbers.setdefault(key, len(self.words))
        if number == len(self.words):
            self.words.append(word)
            self.stem_counts.append(len(forms))
            for form in forms:
                self.stems.append(self._stem(form))
            self.widths.append(width)
            self.carrier_stem.append(self._stem(carrier_stem))
        return number

    def _stem(self, stem: str) -> int:
        """The number of a stem."""
        number = self.stem_numbers.setdefault(stem, len(self.stem_names))
        if number == len(self.stem_names):
            self.stem_names.append(stem)
        return number

    def finish(self) -> TokenAnalyses:
        """What all runs stand for, which does not take long; the entries are next, with `table`."""
        return TokenAnalyses(self.coded, self.widths)

    def table(self) -> Table:
        """The entries. The next run begins another segment."""
        words, names = self.words, self.stem_names
        counts, numbers, widths, carrier_stem = self.stem_counts, self.stems, self.widths, self.carrier_stem
        self._begin()
        order = sorted(range(len(words)), key=words.__getitem__)
        word_lengths, word_bytes = blob([words[e] for e in order])
        del words
        by_name = sorted(range(len(names)), key=names.__getitem__)
        place = array("i", bytes(4 * len(names)))
        for at, number in enumerate(by_name):
            place[number] = at
        stem_lengths, stem_bytes = blob([names[s] for s in by_name])
        numbers = array("i", map(place.__getitem__, numbers))
        carrier_stem = array("i", map(place.__getitem__, carrier_stem))
        return Table(
            word_lengths, word_bytes, array("i", order), stem_lengths, stem_bytes, counts, numbers, widths, carrier_stem
        )


def blob(strings: Sequence[str]) -> tuple[array[int], bytes]:
    """Strings as UTF-8 one after the other, and how many bytes each has."""
    joined = "".join(strings)
    data = joined.encode("utf-8", "surrogatepass")
    if len(data) == len(joined):
        return array("i", map(len, strings)), data
    return array("i", [len(string.encode("utf-8", "surrogatepass")) for string in strings]), data
