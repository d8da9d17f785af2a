"""Find the spans of a text that a query matched, and cut the text short around them. Spans are data, not HTML.

- `highlighter`: finds the spans of texts for a query
- `term_finder`: finds the words of texts that the terms of a query match
- `snippet`: cuts a text short around its spans
"""

from search.highlight.highlighter import UNMARKED, Highlighter, Passage, mark
from search.highlight.snippet import ELLIPSIS, cut

__all__ = ["ELLIPSIS", "UNMARKED", "Highlighter", "Passage", "cut", "mark"]
