"""Stemma: full-text search for archives of articles. docs/architecture.md describes the design.

An **article** (`model.Article`) has a heading and paragraphs. Paragraphs are what is ranked and shown.

    from pathlib import Path

    from search.engine import open_engine
    from search.indexing import reindex
    from search.model import SearchRequest
    from search.service import find
    from search.settings import Settings

    engine = open_engine(Settings(index=Path("index")))
    reindex(engine, [Path("seeds")])
    page = find(engine.snapshot(), SearchRequest("moon landing -apollo"))
    for hit in page.hits:
        print(hit.article.title, hit.id, hit.score)

- `service`: `find()`, the entry point of every search
- `model`, `errors`, `settings`, `dates`, `ledger`: data types and what all parts share
- `analysis`: text → tokens, words and stems
- `query`: query text → a tree; `query.tree` defines which paragraphs a tree matches, `ranking` how they are scored
- `engine`: the protocols Engine, Snapshot and Writer; `index` is the engine on disk, `kernels` its compiled loops
- `brute_force`: the same search from the texts alone, which tests compare every engine with
- `highlight`: a text and a tree → the spans that matched, and a snippet
- `sources`: files → articles; `indexing`: `reindex()`, sources → an index
- `cli`: the command `stemma`; the web front end is the package `web`

To read the code, begin with `model`, `service.find`, `query.tree` and `engine`.
"""

from pathlib import Path

PACKAGE_ROOT = Path(__file__).parents[1]
"""The folder that holds this package: a new process needs it in `sys.path`."""
