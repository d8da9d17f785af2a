"""One run that changes the index: articles to Whoosh documents, then the manifest, then the table of contents."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from whoosh.index import FileIndex
from whoosh.writing import CLEAR

from search.analysis import fold, stems, tokenize
from search.engines.whoosh.disk import drop_manifests, storage_errors, write_manifest
from search.ledger import Ledger
from search.model import Article


class WhooshWriter:
    """Writes one generation. What is added is nowhere to be seen before the commit."""

    def __init__(self, folder: Path, index: FileIndex, *, anew: bool) -> None:
        self.folder = folder
        self.anew = anew
        self.generation = index.latest_generation() + 1
        with storage_errors(folder):
            self.writer = index.writer()
        self.committed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self.writer.is_closed:
            with storage_errors(self.folder):
                self.writer.cancel()

    def add(self, article: Article) -> None:
        """Add an article in place of the one of its id."""
        self.remove(article.id)
        heading = article.heading
        title_stems, title_words, title_length = terms(heading.title, heading.lang)
        with storage_errors(self.folder):
            for number, text in enumerate(article.paragraphs, 1):
                text_stems, text_words, length = terms(text, heading.lang)
                stored = {"article": article.id, "number": number, "text": text, "length": length + title_length}
                if number == 1:
                    stored["heading"] = asdict(heading)
                self.writer.add_document(
                    article=article.id,
                    text=text_stems,
                    text_words=text_words,
                    title=title_stems,
                    title_words=title_words,
                    stored=stored,
                )

    def remove(self, article_id: str) -> None:
        """Remove an article if it is there."""
        if not self.anew:
            with storage_errors(self.folder):
                self.writer.delete_by_term("article", article_id)

    def commit(self, ledger: Ledger) -> int:
        """Write the manifest, sync all, rename the table of contents into place."""
        manifest = {"updated_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "ledger": ledger.to_json()}
        with storage_errors(self.folder):
            write_manifest(self.folder, self.generation, manifest)
            self.writer.commit(mergetype=CLEAR if self.anew else None)
            drop_manifests(self.folder, self.generation)
        return self.generation


def terms(text: str, lang: str) -> tuple[list[tuple[str, int]], list[tuple[str, int]], int]:
    """A text's stems and words with their positions, and how many positions it has."""
    tokens = tokenize(text)
    by_stem = [(stem, token.position) for token in tokens for stem in stems(token, lang)]
    by_word = [(fold(token.written), token.position) for token in tokens]
    return by_stem, by_word, max((token.position + token.width for token in tokens), default=0)
