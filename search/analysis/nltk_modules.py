"""The parts of NLTK that Stemma uses, loaded without the rest of it. The only importer of nltk.

`import nltk` loads all of it, which takes half a second that every command would wait, and looks for a home folder,
which a container's user may not have. Its packages load their modules in `__init__`; so while ours are imported, empty
packages stand in for them. Afterwards whoever imports nltk gets the whole, with the same modules in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any

PACKAGES = ("nltk", "nltk.stem", "nltk.tokenize")


@contextmanager
def _without_the_rest() -> Iterator[None]:
    """Replace the packages of nltk, within the context, by empty ones that load none of their modules.

    Nothing is replaced if nltk is loaded already.
    """
    if "nltk" in sys.modules:
        yield
        return
    path = None
    for name in PACKAGES:
        spec = PathFinder.find_spec(name, path)
        if spec is None:
            raise ModuleNotFoundError(f"{name} is not installed", name=name)
        package = sys.modules[name] = module_from_spec(spec)
        path = path or package.__path__
    corpus = sys.modules["nltk.corpus"] = ModuleType("nltk.corpus")
    vars(corpus)["stopwords"] = None  # the stemmers' module imports it, for an option that we do not use
    try:
        yield
    finally:
        for name in (*PACKAGES, "nltk.corpus"):
            del sys.modules[name]


with _without_the_rest():
    from nltk import redos
    from nltk.stem.snowball import SnowballStemmer


@cache
def regexp_tokenizer(pattern: str) -> Any:  # noqa: ANN401 - nltk has no types
    """Return NLTK's tokenizer for a regular expression. It is imported on the first call, as few texts need it."""
    with _without_the_rest():
        from nltk.tokenize.regexp import RegexpTokenizer  # noqa: PLC0415 - see above

    return RegexpTokenizer(pattern)


__all__ = ["SnowballStemmer", "redos", "regexp_tokenizer"]
