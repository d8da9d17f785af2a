"""Which documents match a query that no single loop answers.

- `bitmap_evaluator`: evaluates a tree by sets of documents, the rarest part first
- `match_set`: these sets, bitmaps or lists
- `multi_term`: the words that fit a wildcard or a misspelling
- `phrase_matcher`: phrases and NEAR
- `text_verifier`: counts and sentences, for which texts are read
"""
