"""Paragraphs from what stands on the pages of a PDF: columns, lines, words that were cut.

Columns that a program drew line by line across are read from top to bottom; what is printed on each page is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, product
from statistics import median

from search.sources.formats.html_blocks import clean_text
from search.sources.text.line_breaks import HYPHEN, compounds_of, joint, space_between

ROWS = 4
"""Fewest lines with text on both sides of a gap that make it one between columns."""

WIDTH = 20
"""Fewest characters of the median line of a column; what is narrower is a table, whose rows are read across."""

APART = 120
"""Points that columns are at least apart, from beginning to beginning: a fifth of a page."""

FULL = 0.7
"""Share of the longest line of a column that makes a line a full one; half of those of running text are full."""

YEARS = range(1500, 2100)
"""Numbers that are not taken for those of pages."""

EDGE = 3
"""Lines with text at the head and at the foot of a page that may be headers and footers, but a quarter of its lines."""

SIDE = 3
"""Fewest left or right pages that make what stands on most of them a header or footer."""

DEPTH = 4
"""Columns of columns that are looked for: pages of up to 16 columns."""

_GAP = re.compile(r"(?<=\S)   +(?=\S)")
_FORMS = re.compile("[\ufb00-\ufdcf\ufdf0-\ufdfc\ufe70-\ufefc]+")
_END = re.compile(r"[.!?:;…。؟][\"'”’»)\]]*$")
_LEFTWARDS = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
"""Matches a letter of the scripts that are written from right to left; their blocks have few other characters."""
_MARKS_BEFORE = re.compile(r"([.,:;!?…،؛؟]+)(\w.*)")
_BLANK_BEFORE_MARKS = re.compile(r"\s+(?=[.,:;!?…،؛؟]+(?:\s|$))")
_BULLET = re.compile(r"(?:[•‣▪●◦–—*-]|\(?\d{1,3}[.)])\s")
_NUMBER = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d]+")
_LONG_WORD = re.compile(r"[^\W\d]{4}")
"""A word after a number that stands within a text, as `of` in `The Gazette 3 of 9` does not."""
_HEADING = re.compile(r"(?P<word>[^\W\d]+)\.?\s+\d+[.:]?")
_PAGE = frozenset(
    "p pp pg page pages s seite seiten sayfa sayfası str strona stránka strana side sida sivu oldal pagina página pág "
    "pag blad lk стр страница сторінка صفحة الصفحة 頁 页 ページ 쪽".split()
)
"""Words that say that the number after them is that of the page."""


def is_right_to_left(text: str) -> bool:
    """Return whether most letters of a text are of scripts that are written from right to left."""
    if _LEFTWARDS.search(text) is None:  # nearly always
        return False
    kinds = Counter(map(unicodedata.bidirectional, text))
    return kinds["R"] + kinds["AL"] > kinds["L"]


def in_reading_order(text: str, pieces: Sequence[tuple[str, float]]) -> str:
    """Return the text of a page, with words in the order of reading in lines that are written from right to left.

    `pieces` are the pieces that the text was put together of, each with the x where it is drawn. A piece is in order;
    but some programs, such as browsers, draw those of a line from left to right.
    """
    if "".join([piece for piece, _ in pieces]) != text:
        return text
    places: list[list[float]] = [[]]
    for piece, x in pieces:
        for number, part in enumerate(piece.split("\n")):
            if number:
                places.append([])
            if is_right_to_left(part):
                places[-1].append(x)
    lines = zip(text.split("\n"), places, strict=True)
    return "\n".join([_turned(line) if _ascends(drawn) and is_right_to_left(line) else line for line, drawn in lines])


def _ascends(places: Sequence[float]) -> bool:
    """Return whether most places are to the right of those before them."""
    return sum(one < other for one, other in pairwise(places)) * 2 > len(places) - 1


def _turned(line: str) -> str:
    """Return a line with its words from right to left; those of other scripts, and numbers, go together as they stand.

    >>> _turned(".לעיר John Smith השר")
    'השר John Smith לעיר.'
    """
    words: list[str] = []
    for is_rightwards, group in groupby(reversed(line.split()), key=_is_rightwards):
        found = [*group]
        words += found[::-1] if is_rightwards else [_MARKS_BEFORE.sub(r"\2\1", word) for word in found]
    return _BLANK_BEFORE_MARKS.sub("", " ".join(words))


def _is_rightwards(word: str) -> bool:
    """Return whether a word is of letters or digits that are written from left to right."""
    kinds = {*map(unicodedata.bidirectional, word)}
    return bool(kinds & {"L", "EN", "AN"}) and not kinds & {"R", "AL"}


def has_aligned_starts(starts: Sequence[tuple[float, float]]) -> bool:
    """Return whether text is drawn across columns, by the places (x, y) where pieces of text start, in their order.

    That is so where in several lines a piece follows another one to its right, at one place of the line.
    """
    found: Counter[int] = Counter()
    for (x, y), (next_x, next_y) in pairwise(starts):
        if abs(y - next_y) < 2 and next_x - x > APART:
            found[round(next_x / 3)] += 1
    return any(count + found[place + 1] >= ROWS for place, count in list(found.items()))


def read_columns(lines: list[str], depth: int = DEPTH) -> list[str]:
    """Return the lines of a page, in which spaces stand where nothing is drawn, with its columns one after the other.

    A line that goes across the gap between columns ends them: what is above it is read before it.
    """
    gap = _gap(lines) if depth else 0
    if not gap:
        return lines
    found: list[str] = []
    held: list[str] = []
    for line in [*lines, None]:
        if line is not None and not line[gap - 2 : gap].strip() and (line[:gap].strip() or line[gap:].strip() or held):
            held.append(line)
            continue
        found += _both_sides(held, gap, depth)
        held = []
        if line is not None:
            found.append(line)
    return found


def _gap(lines: list[str]) -> int:
    """Return where the second column begins, counted in characters; 0 for a page without columns."""
    ends: Counter[int] = Counter()
    for line in lines:
        ends.update(match.end() for match in _GAP.finditer(line))
    for place, _ in ends.most_common(3):
        rows = [line for line in lines if line[:place].strip() and line[place - 1 : place + 2].strip()]
        rows = [line for line in rows if not line[place - 2 : place].strip()]
        if len(rows) < ROWS:
            continue
        left, right = [len(line[:place].strip()) for line in rows], [len(line[place:].strip()) for line in rows]
        full = sum(length >= FULL * max(left) for length in left)
        if full * 2 >= len(rows) and median(left) >= WIDTH and median(right) >= WIDTH:
            return place
    return 0


def _both_sides(lines: list[str], gap: int, depth: int) -> list[str]:
    """Return lines with the text left of a gap before that right of it; as they are where too few have both."""
    both = sum(bool(line[:gap].strip() and line[gap:].strip()) for line in lines)
    if both < ROWS:
        return lines
    left, right = [line[:gap].rstrip() for line in lines], [line[gap:] for line in lines]
    while left and not left[-1].strip():  # a paragraph may go on in the next column
        left.pop()
    while right and not right[0].strip():
        right.pop(0)
    return [*read_columns(left, depth - 1), *read_columns(right, depth - 1)]


def join_lines(pages: list[list[str]]) -> Iterator[str]:
    """Yield the paragraphs of pages of lines: one ends at a blank line, and at the end of a sentence on a short line.

    >>> pages = [["A ﬁne exam-", "ple of a text that", "ends here.", "Then a new one,"], ["which goes on."]]
    >>> list(join_lines(pages))
    ['A fine example of a text that ends here.', 'Then a new one, which goes on.']
    """
    lines = [_FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), line) for line in _without_edges(pages)]
    widths = sorted(len(line) for line in lines if line)
    full = widths[len(widths) * 3 // 4] * 0.8 if widths else 0
    compounds = compounds_of(lines)
    held: list[str] = []
    last, ended = 0, False
    for line in map(clean_text, lines):
        if held and (not line or _BULLET.match(line) or (ended and last < full)):
            yield "".join(held)
            held = []
        if held and (cut := HYPHEN.search(held[-1])):
            held[-1] = held[-1][: cut.end("word")] + joint(cut, line, compounds)
            held.append(line)
        elif line:
            held += [space_between(held[-1], line), line] if held else [line]
        last, ended = len(line), _END.search(line) is not None
    if held:
        yield "".join(held)


def _without_edges(pages: list[list[str]]) -> Iterator[str]:
    """Yield the lines of all pages, without page numbers and the headers and footers of most pages.

    A page keeps the lines that are all it has. Of several such lines at an edge the inner ones are kept where they
    stand for the first time, for they may be the names of a table's columns.
    """
    counts = {(head, odd): Counter[str]() for head in (True, False) for odd in (0, 1)}
    edges = [(_edge(lines, head=True), _edge(lines, head=False)) for lines in pages]
    for page, (head, foot) in enumerate(edges):
        for place, numbers in ((True, head), (False, foot)):
            counts[place, page % 2].update({shape for n in numbers for shape in _shapes(pages[page][n], page)})
    exact = Counter(pages[page][n].strip() for page, both in enumerate(edges) for n in {*both[0], *both[1]})
    read: set[str] = set()
    for page, (head, foot) in enumerate(edges):
        lines, left_out = pages[page], set[int]()
        for place, numbers in ((True, head), (False, foot)):
            same, other = counts[place, page % 2], counts[place, 1 - page % 2]
            for depth, number in enumerate(numbers):
                line = lines[number].strip()
                often = max((same[shape] + other[shape], same[shape]) for shape in _shapes(line, page))
                if not _is_running(line, often, len(pages), inner=depth > 0):
                    break
                if depth == 0 or line in read or exact[line] == 1:
                    left_out.add(number)
                read.add(line)
        kept = [number for number, line in enumerate(lines) if number not in left_out and line.strip()]
        between = range(kept[0], kept[-1] + 1) if kept and left_out else range(len(lines))
        yield from (lines[number] for number in between if not kept or number not in left_out)


def _edge(lines: list[str], *, head: bool) -> list[int]:
    """Return the numbers of the outermost lines with text at the head or the foot of a page, the outermost first."""
    filled = [number for number, line in enumerate(lines) if line.strip()]
    return (filled if head else filled[::-1])[: min(EDGE, max(1, len(filled) // 4))]


def _is_running(line: str, often: tuple[int, int], pages: int, *, inner: bool) -> bool:
    """Return whether a line at an edge stands on most pages, or on most left or right ones, but for the page's number.

    `often` says on how many pages its like stands, and on how many of the same side; `inner` whether lines are outside.
    """
    anywhere, on_this_side = often
    if line.isdigit() and not inner:
        return anywhere > 1
    return (pages > 2 and anywhere * 2 > pages) or (on_this_side >= SIDE and on_this_side * 4 > pages)


def _shapes(line: str, page: int) -> set[str]:
    """Return a line with any of its numbers counted from the page, so that those with page numbers are equal.

    Not those that may be years, or that follow one word alone, such as `Chapter 3`, which may head a page each, or that
    stand within a text, such as `Week 3: harvest`, but for `page 3`.
    """
    text = line.strip()
    numbers = [*_NUMBER.finditer(text)]
    if not text or len(numbers) > 3:
        return {text} - {""}
    frame = _NUMBER.sub("\0", text)
    heading = (found := _HEADING.fullmatch(text)) is not None and found["word"].lower() not in _PAGE
    choices: list[tuple[str, ...]] = []
    for found in numbers:
        number = int(found[0][-9:])
        before = _LETTERS.findall(text[: found.start()])
        within = before and before[-1].lower() not in _PAGE and _LONG_WORD.search(text, found.end())
        counted = not heading and number not in YEARS and not within
        choices.append((f"={number}", f"+{number - page}") if counted else (f"={number}",))
    return {f"{frame} {' '.join(choice)}" for choice in product(*choices)}
