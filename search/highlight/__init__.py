"""Find the spans of a text that a query matches, and cut the text short around them.

A span is a half-open range of code points of the text as it is, not HTML.

- `highlighter`: finds the spans of texts for a query
- `term_finder`: finds the words of texts that single terms of a query match
- `snippet`: cuts a text short around its spans
"""

from search.highlight.highlighter import UNMARKED, Highlighter, Passage, mark
from search.highlight.snippet import ELLIPSIS, cut

__all__ = ["ELLIPSIS", "UNMARKED", "Highlighter", "Passage", "cut", "mark"]
