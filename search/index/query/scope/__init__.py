"""Queries over articles: what meets a query in different paragraphs of one article.

- `article_sets`: which articles of a segment have a term or pass a filter
- `article_evaluator`: which articles meet a query, and how many do in different paragraphs only
- `article_query`: answers a search in the scope of an article
- `telling_stems`: the stems that tell most of an article
"""
