"""Texts that a page of XHTML defines names for, such as `&publisher;`: put in where the names stand, within bounds."""

from __future__ import annotations

import re
from collections import Counter

_DOCTYPE = re.compile(
    r"""\A(?P<before>(?:\s++|<\?[^>]*+>|<!--.*?-->)*+)<!DOCTYPE\s(?:[^\[<>"']|"[^"]*"|'[^']*')*+"""
    r"""\[(?P<subset>(?:[^\]"'<]|"[^"]*"|'[^']*'|<!--.*?-->|<(?!!--))*+)\]\s*+>""",
    re.DOTALL | re.IGNORECASE,
)
"""The DOCTYPE of a page that has definitions in itself, as XHTML may. In HTML it ends at the first `>`."""
_ENTITY = re.compile(
    r"""<!--.*?-->|<!ENTITY\s+([^\s%"'<>&;]+)\s+(?:"([^"]*)"|'([^']*)'|(?:SYSTEM|PUBLIC)\s[^<>]*)\s*>""", re.DOTALL
)
_REFERENCE = re.compile(r"&([^\s&;#<>\"']+);")
ENTITY, ENTITIES = 1_000, 1 << 20
"""Characters of the longest value that a page defines for a name, and of all that are put in for such names."""


def put_in_entities(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a page without the definitions in its DOCTYPE, with the texts in place of the names that these define.

    Return a sentence, too, about names whose values are not put in: those of other files, and those whose values are
    long, or hold names of their own, which could expand a few lines to gigabytes.
    """
    found = _DOCTYPE.match(text)
    if found is None:
        return text, ()
    values: dict[str, str] = {}
    for name, value, other in _ENTITY.findall(found["subset"]):
        values.setdefault(name, value or other)  # of two definitions the first one counts
    unread: Counter[str] = Counter()
    room = ENTITIES

    def value_of(reference: re.Match[str]) -> str:
        nonlocal room
        value = values.get(reference[1])
        if value is None:  # it is one of HTML's
            return reference[0]
        if not 0 < len(value) <= min(ENTITY, room) or any(name in values for name in _REFERENCE.findall(value)):
            unread[reference[1]] += 1
            return reference[0]
        room -= len(value)
        return value

    text = found["before"] + _REFERENCE.sub(value_of, text[found.end() :])
    names = ", ".join(f"&{name};" for name in sorted(unread)[:3])
    places = f"{unread.total():,} places" if unread.total() > 1 else "1 place"
    return text, (f"Names that the page defines were not read, in {places}: {names}.",) if unread else ()
