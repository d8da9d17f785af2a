"""The language of an article, as a document states it or as it is detected. The only importer of py3langid."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from search.analysis.function_words import function_words
from search.analysis.tokenizer import LANGUAGES

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENOUGH = 2_000
"""Characters that the language is detected by: more do not make it surer."""

ENOUGH_WORDS, KINDS = 200, 5
"""Fewest words that tell which language they are of, and how many different ones have to be function words of it."""
LEAST, TIMES = 0.08, 1.5
"""Least share of function words, which are nearly half of the words of a text in its language and a third in others
that are akin; and how many times as many they have to be as those of another language."""
ARABIC = tuple("في من على إلى أن إن عن مع هذا هذه التي الذي ما لا كان كانت وقد قد بعد بين كل ذلك أو ثم حيث حتى".split())
"""Function words of Arabic, of which the analysis has no list."""
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9_.-]*)?", re.IGNORECASE | re.ASCII)
_TWO_LETTERS = dict(
    pair.split("=")
    for pair in (
        "ara=ar dan=da deu=de ger=de eng=en spa=es fin=fi fra=fr fre=fr hun=hu ita=it nld=nl dut=nl nor=no nob=no "
        "nno=no nb=no nn=no por=pt ron=ro rum=ro rus=ru swe=sv tur=tr"
    ).split()
)
"""The two-letter code for each three-letter code of ISO 639-2, and `no` for both forms of Norwegian."""


def language_code(stated: str) -> str | None:
    """Return the two-letter code of a stated language: `en` for `en-US`, `en_GB.UTF-8` and `eng`; None for other texts.

    >>> language_code("en-US"), language_code("NB"), language_code("English")
    ('en', 'no', None)
    """
    found = _CODE.fullmatch(stated.strip())
    if found is None:
        return None
    code = found[1].lower()
    return _TWO_LETTERS.get(code, code if len(code) == 2 else None)


def detect_language(text: str, languages: tuple[str, ...]) -> str:
    """Return which of these languages a text is written in; the first one when that cannot be told."""
    identifier = _identifier(languages)
    if identifier is None or not any(letter.isalpha() for letter in text[:ENOUGH]):
        return languages[0]
    return str(identifier.classify(text[:ENOUGH].encode("utf-8", "replace").decode())[0])


def unexpected_language(texts: Iterable[str], languages: tuple[str, ...]) -> str | None:
    """Return the language of Stemma that texts are in, as a whole, rather than in one of `languages`; None if none is.

    >>> unexpected_language(["Le chat de la voisine est sur le toit et ne veut pas en descendre."] * 20, ("en",))
    'fr'
    """
    words = Counter(word.lower() for text in texts for word in _WORD.findall(text[:ENOUGH]))
    total = words.total()
    if total < ENOUGH_WORDS:
        return None
    lists = {lang: ARABIC if lang == "ar" else function_words(lang) for lang in LANGUAGES}
    shares = {lang: sum(words[word] for word in known) / total for lang, known in lists.items()}
    best = max(shares, key=shares.__getitem__)
    expected = max(shares.get(lang, 0.0) for lang in languages)
    is_sure = shares[best] >= LEAST and len(words.keys() & {*lists[best]}) >= KINDS
    return best if is_sure and shares[best] > TIMES * expected else None


@lru_cache(maxsize=1)
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier | None:
    """Return a detector of these languages; None when it knows fewer than two of them."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - most of a second and 60 MB

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = set(languages) & set(identifier.labels)
    if len(known) < 2:
        return None
    identifier.set_languages(sorted(known))
    return identifier
