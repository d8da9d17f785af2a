"""Which spans of a text a query matched, and the part of the text that is shown around them. Spans are data, not HTML.

- `highlighter`: a query → the spans of texts
- `term_finder`: which words of texts a query asks for
- `snippet`: a text cut short around its spans
"""

from search.highlight.highlighter import UNMARKED, Highlighter, Passage, mark
from search.highlight.snippet import ELLIPSIS, cut

__all__ = ["ELLIPSIS", "UNMARKED", "Highlighter", "Passage", "cut", "mark"]
