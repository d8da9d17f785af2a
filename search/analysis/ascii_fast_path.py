"""Tokens and stems of raw tokens in lower-case ASCII, fast enough for bulk indexing.

The results are those of `search.analysis.tokenizer`, which defines them; tests compare the two. This is faster because
it computes no offsets, handles no Unicode, and has no caches, since the caller passes each raw token once.
"""

from __future__ import annotations

from search.analysis.tokenizer import ASCII_ACRONYM, ASCII_PART, TAGS, UNSTEMMED, fold, stemmer

_NO_SUFFIX = frozenset("abfhjkopquvwxz0123456789")
"""Characters with which no suffix ends that the stemmer of English looks for: a word that ends with one is its stem."""


def ascii_tokens(raw: str) -> tuple[str, int, bool, list[str]]:
    """Split a raw token that is not all letters and digits.

    Returns the compound or symbol, its width in positions (0 if there is none), whether it is a symbol, and the words.
    """
    if raw[-2:] == "'s":
        raw = raw[:-2]
    words = ASCII_PART.findall(raw)
    if len(words) == 1 and len(words[0]) == len(raw):
        return raw, 0, False, words
    if raw[-1] == "." and not (len(words) > 1 and raw[1] == "." and ASCII_ACRONYM.fullmatch(raw[:-1])):
        raw = raw[:-1]
    suffixed = raw[-1] in "+#"
    if not suffixed and len(words) == 1:
        return raw, 0, False, words
    return raw, len(words), suffixed or max(map(len, words)) == 1, words


def ascii_stem(word: str, lang: str) -> tuple[str, ...]:
    """Return the stems of a word of ASCII letters and digits."""
    if word.isdecimal() or (lang == "en" and word[-1] in _NO_SUFFIX):
        return (word,)
    if (tag := TAGS.get(lang)) is None:
        return (UNSTEMMED + word,)
    form = stemmer(lang).stem(word)
    return (tag + ((form.lower() if form.isascii() else fold(form)) or word),)
