"""Texts that nobody wrote for a document: who owns a site, requests for consent to cookies, titles made by programs."""

from __future__ import annotations

import re

LONGEST = 800
"""Characters of the longest text that may be one of these."""

_OWNER = re.compile(
    r"(?:copyright\s+)?©|copyright\s+(?:\(c\)|\d{4})|\(c\)\s*(?:copyright\b|\d{4}\b)"
    r"|(?:copyright\b|all rights reserved|alle rechte vorbehalten).{,80}\Z",
    re.IGNORECASE,
)
"""Matches a line of copyright. A longer one that only begins with the word is text about it; (c) may be a clause."""
_COOKIES = re.compile(r"\bcookies?\b", re.IGNORECASE)
_CONSENTING = re.compile(
    r"accept|agree|consent|privacy|polic|setting|preference|\buse|website|web site|this site|browser|zustimm|akzept"
    r"|einverstanden|verwende|nutz|datenschutz|utilis|confidential|acept|utiliz|usamos|usar|privaci|accett|aceit|gebruik"
    r"|godk|använd|bruk|bruger|käyt|hyväks|çerez|kullan|соглас|использ|принима|akcept|używ|polity|zgod|souhlas|folos|samty|elfogad"
    r"|használ|ملفات",
    re.IGNORECASE,
)
"""Words of requests for consent to cookies, which a recipe for cookies lacks."""
_MADE_UP = re.compile(
    r"(?:microsoft (?:office )?(?:word|powerpoint|excel|publisher) ?-.*|untitled.*|unknown|do[ck]ument\d*|slide ?\d+"
    r"|powerpoint[ -]pr[eä]sentation|présentation powerpoint|presentaci[oó]n de powerpoint|\(anonymous\)|none|[\W_]+"
    r"|\S+\.(?:docx?|rtf|odt|pptx?|xlsx?|indd|qxd|tex|dvi|pdf|pub|wpd|txt|html?))",
    re.IGNORECASE,
)
"""A title that a program wrote: the name of a file, for example."""


def is_copyright_line(text: str) -> bool:
    """Return whether a text says who owns the page.

    >>> is_copyright_line("Copyright 2020 The Gull"), is_copyright_line("Copyright protects a text for so long. " * 9)
    (True, False)
    >>> is_copyright_line("(c) 2020 The Gull"), is_copyright_line("(c) a pilot is a person;")
    (True, False)
    """
    return _OWNER.match(text) is not None


def asks_for_cookies(text: str) -> bool:
    """Return whether a short text asks for consent to cookies.

    >>> asks_for_cookies("We use cookies."), asks_for_cookies("Cookies taste best fresh.")
    (True, False)
    """
    return _COOKIES.search(text) is not None and _CONSENTING.search(text) is not None


def is_made_up_title(title: str) -> bool:
    """Return whether a title is one that programs write where they know none.

    >>> is_made_up_title("Microsoft Word - letter.doc"), is_made_up_title("Document of a sailor")
    (True, False)
    """
    return _MADE_UP.fullmatch(title) is not None
