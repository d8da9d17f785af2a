"""Markup that programs add to Markdown: links and callouts of Obsidian, shortcodes of Hugo, tags of Jekyll.

To the parser all of it is text. Here it becomes what these programs show, as far as the file itself tells.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"\{\{[<%][^{}]*[>%]\}\}|\{\{\}\}|\{%[^{}]*%\}")
"""A shortcode of Hugo or a tag of Liquid. The one between is left of `{{<name>}}`, which the parser takes for HTML."""
_SHOWN = re.compile(r"""\b(?:title|caption|alt|text|summary)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
"""A value of such a tag that is shown."""
_ATTRIBUTES = re.compile(
    r"""(?:\A(?:TOC|toc)\s*)?\{:(?:\s*(?:[.#][\w-]+|[\w-]+=(?:"[^"]*"|'[^']*')|toc\b))+\s*\}"""
    r"""|(?:(?<=\s)|^)\{[#.][A-Za-z][^{}\n]*\}(?=\s*$)""",
    re.MULTILINE,
)
"""Names and classes of an element, as kramdown and Pandoc write them: `{: .lead}`, `{#top}`."""
_CONTENTS = re.compile(r"\A\[(?:TOC|\[_?TOC_?\])\]\Z", re.IGNORECASE)
"""A place where a table of contents is generated."""
_LINK = re.compile(r"(!?)\[\[([^\[\]|\n]*)(?:\|([^\[\]\n]*))?\]\]")
"""A link between notes, such as `[[note|shown]]`; with `!` the other note, or a picture, is shown in its place."""
_SIZE = re.compile(r"\d+(?:x\d+)?")
_CALLOUT = re.compile(r"\A\[![\w-]+(?:\|[^\[\]]*)?\][+-]?\s*")
"""The kind of a callout, which begins a quotation."""
_TASK = re.compile(r"\A\[[ xX]\]\s+")
"""The box of a task, which begins an item of a list."""
_COMMENT = re.compile(r"(?:(?<=\s)|\A)%%[^%]+%%")
_HIGHLIGHT = re.compile(r"""(?<![\w=!<>'"])==(?=[^\s='"])([^=\n]+)(?<=[^\s='"])==(?![\w='"])""")
_BLOCK_NAME = re.compile(r"\s\^[A-Za-z0-9-]{4,}\Z")
"""A name at the end of a block, by which other notes lead to it."""


def shown_text(text: str, *, of_item: bool = False) -> str:
    """Return a block of text without the markup of these programs; `of_item` if it is the first in an item of a list.

    >>> shown_text("[!note]- See [[Boats|the boats]]. ==Now==! {{< figure src=a.png caption='At sea' >}} ^a1b2")
    'See the boats. Now! At sea'
    """
    if "[" in text:
        text = _TASK.sub("", text, 1) if of_item else _CALLOUT.sub("", text, 1)
        text = _LINK.sub(_shown_link, _CONTENTS.sub("", text))
    if "{" in text:
        text = _ATTRIBUTES.sub("", _TAG.sub(_shown_values, text))
    if "%%" in text:
        text = _COMMENT.sub("", text)
    if "==" in text:
        text = _HIGHLIGHT.sub(r"\1", text)
    return _BLOCK_NAME.sub("", text) if "^" in text else text


def _shown_link(link: re.Match[str]) -> str:
    """Return what a link between notes shows."""
    embedded, target, shown = link.groups()
    if embedded:
        return shown if shown and not _SIZE.fullmatch(shown) else ""
    return shown or " ".join(target.split("#")).strip()


def _shown_values(tag: re.Match[str]) -> str:
    """Return the values of a tag that are shown, such as the line below a picture."""
    return " ".join(first or second for first, second in _SHOWN.findall(tag[0]))
