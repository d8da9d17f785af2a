"""bm25s: scores computed beforehand, kept in memory, summed by compiled loops."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peers import LIMIT, Answer, Ask, library
from benchmarks.queries.tree import Or, Query, plain
from benchmarks.texts import documents
from search.model import Article
from search.ranking import K1, B


class Bm25s:
    """With numba, the English Snowball stemmer and no stop words."""

    name = "bm25s"
    differs = "OR only; no total, no positions, no stored text; words of one letter are dropped; all in memory"
    parallel = False
    slow = True
    model: Any

    def __init__(self) -> None:
        self.library = library("bm25s", "pip install bm25s PyStemmer")
        self.version = self.library.__version__
        self.stemmer = library("Stemmer", "pip install PyStemmer").Stemmer("english")

    def tokens(self, texts: list[str] | str, *, ids: bool) -> Any:  # noqa: ANN401 - its own
        """The tokens of texts, as bm25s takes them."""
        return self.library.tokenize(texts, stopwords=None, stemmer=self.stemmer, return_ids=ids, show_progress=False)

    def build(self, articles: Sequence[Article], folder: Path, threads: int) -> None:
        model = self.library.BM25(k1=K1, b=B, backend="numba")
        texts = [f"{document.title}\n{document.text}" for document in documents(articles)]
        model.index(self.tokens(texts, ids=True), show_progress=False)
        model.save(str(folder), show_progress=False)

    def open(self, folder: Path) -> None:
        self.model = self.library.BM25.load(str(folder))
        self.model.backend = "numba"

    def ask(self, query: Query) -> Ask | None:
        joined = plain(query)
        if joined is None or joined[0] is not Or:
            return None
        text = " ".join(joined[1])

        def ask() -> Answer:
            ids, scores = self.model.retrieve(self.tokens(text, ids=False), k=LIMIT, show_progress=False)
            return Answer(ids[0].tolist(), scores[0].tolist(), None)

        return ask
