"""Stemma: full-text search for archives of articles. This is the tour; docs/architecture.md is the map.

An **article** (`model.Article`) has a heading and paragraphs. A **paragraph** is what is ranked and shown. What
`sources` make of a file becomes articles; `analysis` cuts their texts into **tokens**, and gives each token the
**word** as written and its **stems**. An **engine** (`engines.Engine`) keeps them, and answers from a **snapshot**:
one generation of the index, which nothing changes.

    from pathlib import Path

    from search.engines import open_engine
    from search.indexing import reindex
    from search.model import SearchRequest
    from search.searching import find
    from search.settings import Settings

    engine = open_engine(Settings(index=Path("index")))
    reindex(engine, [Path("seeds")])
    page = find(engine.snapshot(), SearchRequest("moon landing -apollo"))
    for hit in page.hits:
        print(hit.article.title, hit.id, hit.score)

What was typed becomes a tree (`query`), whose nodes say which paragraphs they match; `ranking` says how these are
scored. Both are definitions: `tests/oracle.py` follows them by brute force, `search/index` by compiled loops
(`kernels`) over arrays that are mapped from disk, and tests compare. `highlight` marks what matched, as spans of a
text: whoever shows it (`web`, `terminal`) escapes and marks.

A good way in: `model`, then `service.find`, then `query.tree`, then `engines`, and one engine.
"""

from pathlib import Path

PACKAGE_ROOT = Path(__file__).parents[1]
"""The folder that holds this package: a new process needs it in `sys.path`."""
