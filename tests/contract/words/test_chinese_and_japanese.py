"""Chinese and Japanese are found as by looking for the characters of the query in those of the text, one by one."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.engine import Snapshot
from search.highlight import mark
from search.model import SearchRequest
from search.query.parser import parse
from search.service import find
from tests.contract.engines import ENGINES, article, run

CHARACTERS = "一", "丁", "丂", "か", "か\u3099", "が", "か\u309a", "々", "豈", "\uf900", "\U00020000"
"""Characters of which some are written in two ways, with a mark that makes another one of them, and rare ones."""
OTHERS = "a", "b", "á", "1", "-", " ", "，", "。", "\u0301"
PIECE = re.compile("[々一-丂かが豈\uf900\U00020000][\u0301\u3099\u309a]*|[ab1á][ab1á\u0301]*")


class Token(NamedTuple):
    """A character, or a word of letters and digits, and whether it follows a character without anything between."""

    written: str
    is_behind: bool
    start: int
    end: int


@cache
def tokens(text: str) -> list[Token]:
    """The tokens of a text: the reference knows of no pairs."""
    found: list[Token] = []
    end = -1
    for piece in PIECE.finditer(text):
        written = unicodedata.normalize("NFC", unicodedata.normalize("NFD", piece[0]).replace("\u0301", ""))
        is_latin = piece[0][0] in "ab1á"
        found.append(Token(written, piece.start() == end and not is_latin, piece.start(), piece.end()))
        end = -1 if is_latin else piece.end()
    return found


def places(query: str, text: str) -> Iterator[tuple[int, int]]:
    """Where the tokens of a query stand side by side in a text: half-open ranges of positions."""
    asked, there = tokens(query), tokens(text)
    for at in range(len(there) - len(asked) + 1):
        pairs = list(zip(asked, there[at:], strict=False))
        if all(a.written == b.written for a, b in pairs) and all(b.is_behind for a, b in pairs[1:] if a.is_behind):
            yield at, at + len(asked)


def near(left: str, right: str, distance: int, text: str) -> bool:
    pairs = product(places(left, text), places(right, text))
    return any(0 <= b[0] - a[1] < distance for pair in pairs for a, b in (pair, pair[::-1]))


written = st.lists(st.sampled_from([*CHARACTERS, *OTHERS]), max_size=12).map("".join)
words = st.lists(st.sampled_from([*CHARACTERS, "a", "b", "1"]), min_size=1, max_size=4).map("".join)
quotes = st.lists(words, min_size=1, max_size=3).map(" ".join)


def texts() -> list[str]:
    """Some hundred texts, of which many have the same characters side by side."""
    drawn = random.Random(1)
    pieces = [*CHARACTERS[:5], *CHARACTERS, *OTHERS]
    return ["".join(drawn.choices(pieces, k=drawn.randint(1, 14))) for _ in range(400)]


TEXTS = texts()


@pytest.fixture(scope="module", params=ENGINES)
def archive(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """The texts as articles in three languages, in an index of each engine."""
    engine = ENGINES[request.param](tmp_path_factory.mktemp("characters") / "index")
    articles = [
        article(f"t{number:03}", text, lang=("zh", "ja", "en")[number % 3]) for number, text in enumerate(TEXTS)
    ]
    run(engine, articles[:300])
    return run(engine, articles[300:])


def found(archive: Snapshot, q: str) -> set[int]:
    asked = SearchRequest(q, per_page=100, variants="off", fields=("id",))  # nothing is marked
    first = find(archive, asked)
    others = [find(archive, replace(asked, page=number)) for number in range(2, 1 + first.total_pages)]
    return {int(hit.article.id[1:]) for page in (first, *others) for hit in page.hits}


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
@settings(max_examples=60)
@given(words, quotes, words, st.integers(1, 3))
def test_what_is_found(archive: Snapshot, word: str, quoted: str, other: str, n: int) -> None:
    """That they are indexed in pairs must not show in what is found: one, two, many of them, or mixed with others."""
    numbered = list(enumerate(TEXTS))
    assert found(archive, word) == {i for i, text in numbered if any(places(word, text))}
    assert found(archive, f'"{quoted}"') == {i for i, text in numbered if any(places(quoted, text))}
    assert found(archive, f"{word} NEAR/{n} {other}") == {i for i, text in numbered if near(word, other, n, text)}
    assert found(archive, f"ATLEAST/{n} {word}") == {i for i, text in numbered if len([*places(word, text)]) >= n}


@given(written, words | quotes)
def test_what_is_marked(text: str, q: str) -> None:
    """The marks are of the characters asked for, whichever pairs they are in."""
    there = tokens(text)
    expected = {at for low, high in places(q, text) for at in range(there[low].start, there[high - 1].end)}
    marked = mark(text, parse(f'"{q}"' if " " in q else q, languages=("en", "zh")).tree, "zh")
    assert {at for low, high in marked for at in range(low, high)} == expected
    assert all(a[1] <= b[0] for a, b in pairwise(marked))
