"""The Snowball stemmer for Turkish, which NLTK does not have. The only importer of snowballstemmer.

It is imported with the first word, for the package loads the stemmers of all its languages.
"""

from __future__ import annotations

import threading
from typing import Any


class TurkishStemmer(threading.local):
    """Stems Turkish words. Threads may share it: each gets a stemmer of the library, which keeps the word in itself."""

    _stemmer: Any = None

    def stem(self, word: str) -> str:
        """Return the stem of a word in lower case. The dot above the `i` that `İ` has then is no part of it."""
        if self._stemmer is None:
            from snowballstemmer.turkish_stemmer import TurkishStemmer as Stemmer  # noqa: PLC0415 - see above

            self._stemmer = Stemmer()
        stem: str = self._stemmer.stemWord(word.replace("i\u0307", "i"))
        return stem
