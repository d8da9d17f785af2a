"""From distinct tokens to surface forms, which are what the token streams of a segment consist of.

A surface form is a word as written, with its stems. A compound is a form too: in a stream it stands before the forms of
its parts. A word that has other stems with accents than without, or in another language, is several forms.

Forms are kept in columns: a segment has a million of them, and an object for each would take more memory and time than
what is in it. The module imports little, for the process that analyses tokens starts with it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from search.analysis.ascii_fast_path import ascii_stem, ascii_tokens
from search.analysis.tokenizer import MAX_WORD, Token, fold, split_raw_token, stem, stems


class SurfaceForm(NamedTuple):
    """A word as written, without case and accents, and its stems.

    `width` is the number of positions that a compound takes, and 0 for any other word. `carrier_stem` is a stem that is
    in every document of the form: the last one of its own, or of the first part of a compound without any.
    """

    word: str
    stems: tuple[str, ...]
    width: int
    carrier_stem: str


class FormTable(NamedTuple):
    """The surface forms of a segment in columns, indexed by provisional form id, the order in which they first came.

    `word_lengths`, `word_bytes`, `word_form` list the words in ascending order, as UTF-8, with the id of each one's
    form; `stem_lengths` and `stem_bytes` the distinct stems, whose place is their term id. Form f has the next
    `stem_counts[f]` term ids of `stems`, the width `widths[f]` and the term id `carrier_stem[f]`.
    """

    word_lengths: array[int]
    word_bytes: bytes
    word_form: array[int]
    stem_lengths: array[int]
    stem_bytes: bytes
    stem_counts: array[int]
    stems: array[int]
    widths: array[int]
    carrier_stem: array[int]


class TokenForms(NamedTuple):
    """The forms of each distinct token of a language: how many, and their provisional ids one after the other."""

    counts: array[int]
    form_ids: array[int]


class Analyses(NamedTuple):
    """The forms of all distinct tokens by language, and the width of each form by provisional id."""

    languages: dict[str, TokenForms]
    widths: array[int]


def form_of(part: Token, parts: Sequence[Token], lang: str) -> SurfaceForm:
    """Return the form of a token that is one of the parts of a raw token, or the whole of it."""
    own = stems(part, lang)
    carrier_stem = own[-1] if own else stem(parts[1].written, lang)[-1]
    return SurfaceForm(fold(part.written), own, part.width if part.kind.is_whole else 0, carrier_stem)


class Lexicon:
    """The surface forms of a segment that is being built, with provisional ids in the order in which they come."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._words: list[str] = []
        self._stem_ids: dict[str, int] = {}
        self._stem_names: list[str] = []
        self._stem_counts, self._stems = array("B"), array("i")
        self._widths, self._carrier_stem = array("i"), array("i")
        self._form_ids: dict[str, int] = {}
        self._known: dict[str, dict[str, int]] = {}
        self._languages: dict[str, TokenForms] = {}

    def add(self, lang: str, tokens: Iterable[str]) -> None:
        """Analyse the next distinct tokens of a language."""
        known = self._known.setdefault(lang, {})
        counts, form_ids = self._languages.setdefault(lang, TokenForms(array("i"), array("i")))
        for token in tokens:
            if not token.isascii():
                found = split_raw_token(token)
                if len(found) == 1 or found[0].kind.is_whole:
                    form_ids.extend([self.intern(*form_of(part, found, lang)) for part in found])
                else:  # half a sentence of a script without spaces: it hardly comes again, but its parts do
                    form_ids.extend([self._intern_part(part, lang, known) for part in found])
                counts.append(len(found))
            elif token.isalnum():
                form_id = known.get(token)
                form_ids.append(self._intern_word(token, lang, known) if form_id is None else form_id)
                counts.append(1)
            else:
                compound, width, symbol, parts = ascii_tokens(token)
                of_parts = [known[part] if part in known else self._intern_word(part, lang, known) for part in parts]
                counts.append(len(parts) + (width > 0))
                if width:
                    word = fold(compound)
                    carrier_stem = word if symbol else self._stem_names[self._carrier_stem[of_parts[0]]]
                    form_ids.append(self.intern(word, (word,) if symbol else (), width, carrier_stem))
                form_ids.extend(of_parts)

    def _intern_word(self, written: str, lang: str, known: dict[str, int]) -> int:
        """Return the form id of a word of ASCII that is new in this language."""
        word = written[:MAX_WORD]
        forms = ascii_stem(word, lang)
        form_id = known[written] = self.intern(word, forms, 0, forms[-1])
        return form_id

    def _intern_part(self, part: Token, lang: str, known: dict[str, int]) -> int:
        """Return the form id of a token in a text without spaces."""
        form_id = known.get(part.written)
        if form_id is None:
            form_id = known[part.written] = self.intern(*form_of(part, (), lang))
        return form_id

    def intern(self, word: str, stems: Sequence[str], width: int, carrier_stem: str) -> int:
        """Return the provisional id of a form, which is a new one if the form is new."""
        key = word
        if width or len(stems) != 1 or stems[0] != word:  # else the word is the key: most words are their own stem
            key = "\0".join((word, str(width), carrier_stem, *stems))
        form_id = self._form_ids.setdefault(key, len(self._words))
        if form_id == len(self._words):
            self._words.append(word)
            numbers = [*map(self._intern_stem, stems)]
            is_last = bool(stems) and stems[-1] == carrier_stem
            self._stem_counts.append(len(stems))
            self._stems.extend(numbers)
            self._widths.append(width)
            self._carrier_stem.append(numbers[-1] if is_last else self._intern_stem(carrier_stem))
        return form_id

    def _intern_stem(self, stem: str) -> int:
        """Return the number of a stem, in the order in which they come."""
        number = self._stem_ids.setdefault(stem, len(self._stem_names))
        if number == len(self._stem_names):
            self._stem_names.append(stem)
        return number

    def analyses(self) -> Analyses:
        """Return the forms of all tokens that were added. `finish` has to be called next."""
        return Analyses(self._languages, self._widths)

    def finish(self) -> FormTable:
        """Return the columns of all forms; the next token begins another segment."""
        words, names, stems, carrier_stem = self._words, self._stem_names, self._stems, self._carrier_stem
        counts, widths = self._stem_counts, self._widths
        self._begin()
        order = sorted(range(len(words)), key=words.__getitem__)
        encoded_words = encode_strings([words[form_id] for form_id in order])
        del words
        stem_order = sorted(range(len(names)), key=names.__getitem__)
        term_ids = array("i", bytes(4 * len(names)))
        for term_id, number in enumerate(stem_order):
            term_ids[number] = term_id
        return FormTable(
            *encoded_words,
            array("i", order),
            *encode_strings([names[number] for number in stem_order]),
            counts,
            array("i", map(term_ids.__getitem__, stems)),
            widths,
            array("i", map(term_ids.__getitem__, carrier_stem)),
        )


def encode_strings(strings: Sequence[str]) -> tuple[array[int], bytes]:
    """Return the length of each string in bytes, and all of them one after the other, as UTF-8."""
    joined = "".join(strings)
    data = joined.encode("utf-8", "surrogatepass")
    if len(data) == len(joined):
        return array("i", map(len, strings)), data
    return array("i", [len(string.encode("utf-8", "surrogatepass")) for string in strings]), data
