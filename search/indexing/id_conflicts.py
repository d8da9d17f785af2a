"""Files whose articles could have the same ids.

The ids of all sources share one space, and those of the records of `a.csv` begin with `a.csv:`. So `letters/a.csv` of
a source whose ids have no prefix is in conflict with `a.csv` of the source `letters`, and with its `a.csv:1.txt`: to
remove the articles of one would remove those of the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from search.indexing.fingerprints import Key


def find_rivals(ids: Mapping[Key, str]) -> dict[Key, list[Key]]:
    """Return for each file, named with the id of its article, the files that it is in conflict with; none without."""
    if len(set(ids.values())) == len(ids) and not any(":" in article_id for article_id in ids.values()):
        return {}  # nearly always
    same: dict[str, list[Key]] = {}
    for key, article_id in ids.items():
        same.setdefault(article_id, []).append(key)
    rivals: dict[Key, list[Key]] = {}
    for article_id, keys in same.items():
        shorter = (same.get(article_id[: colon.start()], ()) for colon in re.finditer(":", article_id))
        others = [other for group in shorter for other in group]
        for key in keys if others or len(keys) > 1 else ():
            rivals.setdefault(key, []).extend((*others, *(one for one in keys if one != key)))
            for other in others:
                rivals.setdefault(other, []).append(key)
    return rivals
