"""Which spans of a text a query matched, form by form, and how a text is shortened around them."""

from __future__ import annotations

import pytest

from search.highlight import cut, mark
from search.model import Marked, Span
from search.query.parser import parse

MARKED: dict[tuple[str, str], str] = {
    # (query, text): the text with brackets around what is to be marked
    ("request", "He requested it; a REQUEST."): "He [requested] it; a [REQUEST].",
    ("cafe", "Le café, das Cafe\u0301."): "Le [café], das [Cafe\u0301].",
    ("istanbul", "İstanbul 😀 istanbul"): "[İstanbul] 😀 [istanbul]",
    ("request", "re\u00adquest"): "[re\u00adquest]",
    ("sharaa", "al-Sharaa’s men"): "al-[Sharaa]’s men",
    ("al-sharaa", "al-Sharaa and Al Sharaa"): "[al-Sharaa] and [Al Sharaa]",
    ("c++", "C, C# or C++?"): "C, C# or [C++]?",
    ("u.s.", "the U.S. and us"): "the [U.S.] and us",
    # phrases
    ('"a b"', "a b, b a, a a b"): "[a b], b a, a [a b]",
    ('"support"', "supports support"): "supports [support]",
    ('"a b"~3', "a x b, a x x b, a x x x b"): "[a x b], [a x x b], a x x x b",
    ('"a b"~9', "a a x b"): "a [a x b]",
    ('"a b c"~2', "a x b x c"): "[a x b x c]",
    ('"a a"', "a a a"): "[a a a]",
    ('"al-sharaa spoke"', "al-Sharaa spoke"): "[al-Sharaa spoke]",
    ('"sharaa spoke"', "al-Sharaa spoke"): "al-[Sharaa spoke]",
    ('"a b"', "a. b"): "[a. b]",
    ("中国", "中国人，人中国 中，国"): "[中国]人，人[中国] 中，国",
    ('"中 国"', "中国人 中，国"): "[中国]人 [中，国]",
    ("中国人", "中国人中国"): "[中国人]中国",
    ("国", "中国国人 国"): "中[国][国]人 [国]",
    ('"x 国"', "x国人 x中国"): "[x国]人 x中国",
    ("中国x", "中国x 中国 x 国x"): "[中国x] [中国 x] 国x",
    ('"中国"~2', "中人国 中国"): "[中人国] [中国]",
    ("中国 NEAR/1 国人", "中国人 x 中国国人"): "中国人 x [中国][国人]",
    ("が", "か\u3099か"): "[か\u3099]か",
    ("10,000", "10,000 and 10 of 000"): "[10,000] and 10 of 000",
    # NEAR
    ("a NEAR/2 b", "a x b, b x x x a b"): "[a] x [b], b x x x [a] [b]",
    ("b NEAR/1 a", "a b, a x b"): "[a] [b], [a] x b",
    ("a NEAR/3 a", "a x a x x x a"): "[a] x [a] x x x a",
    ('"a b" NEAR/2 c', "c x a b x x c a b"): "[c] x [a b] x x [c] [a b]",
    ('c NEAR/1 "a b"~5', "c a a b"): "[c] [a a b]",
    ('"a b"~5 NEAR/1 c', "a b b c"): "[a b b] [c]",
    ("a NEAR/100 a", "a"): "a",
    # patterns
    ("su*", "Su, Suwayda, asu, al-Su"): "[Su], [Suwayda], asu, al-[Su]",
    ("su?a", "Suwa su-a sua"): "[Suwa] [su-a] sua",
    ("al-s*", "al-Sharaa"): "[al-Sharaa]",
    ("sharra~1", "Sharaa Sharra Shara Haraa"): "[Sharaa] [Sharra] [Shara] Haraa",
    # operators
    ("a OR b", "a b c"): "[a] [b] c",
    ("a b", "a only"): "[a] only",
    ("a -b", "a b"): "[a] b",
    ('a -"a b"', "a b"): "[a] b",
    ("--a", "a"): "a",
    ("-(a OR b) c", "a b c"): "a b [c]",
    ("a source:a lang:b date:2025", "a b 2025"): "[a] b 2025",
    ("", "a b"): "a b",
    ("a", ""): "",
    # what overlaps is one span, what only touches is two
    ('"a b" OR "b c"', "a b c"): "[a b c]",
    ("ab* OR *bc OR abc", "abc"): "[abc]",
    ("中 国", "中国"): "[中][国]",
    ("中国 国人", "中国人"): "[中国人]",
}


def bracketed(text: str, spans: tuple[Span, ...]) -> str:
    for low, high in reversed(spans):
        text = f"{text[:low]}[{text[low:high]}]{text[high:]}"
    return text


@pytest.mark.parametrize(("query", "text"), MARKED)
def test_marks(query: str, text: str) -> None:
    """A reader sees why a paragraph was found: what matched is marked, all of it and nothing else."""
    assert bracketed(text, mark(text, parse(query).tree, "en")) == MARKED[query, text]


def test_title_leaves_mark_titles_only() -> None:
    """`title:war` found the article by its title: the word elsewhere has nothing to do with it."""
    tree = parse("title:war peace").tree
    assert mark("war and peace", tree, "en") == ((8, 13),)
    assert mark("war and peace", tree, "en", title=True) == ((0, 3), (8, 13))


def test_words_are_stemmed_in_the_language_of_the_text() -> None:
    """The index knows a text by the stems of its own language, so the marks must too."""
    tree = parse("haus", languages=("de", "en")).tree
    assert mark("Häuser", tree, "de") == ((0, 6),)
    assert mark("Häuser", tree, "en") == ()


TEXT = " ".join(f"word{number}" for number in range(100))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("nothing", "word0 word1 word2 word3 word4 word5 …"),
        ("word0", "[word0] word1 word2 word3 word4 word5 …"),
        ("word50", "… word49 [word50] word51 word52 word53 …"),
        ("word50 OR word52", "… word49 [word50] word51 [word52] word53 …"),
        ("word99", "… word95 word96 word97 word98 [word99]"),
        ("word3 OR word70 OR word71", "… word69 [word70] [word71] word72 word73 …"),
        ('"word40 word60"~100', "… word39 [word40 word41 word42 word43] …"),
    ],
)
def test_cut(query: str, expected: str) -> None:
    """A list of results shows where the matches are, in whole words, and that something was left out."""
    short = cut(Marked(TEXT, mark(TEXT, parse(query).tree, "en")), 40)
    assert bracketed(short.text, short.spans) == expected


def test_a_match_does_not_reach_into_the_ellipsis() -> None:
    """What was cut off in front is as long as the ellipsis that stands for it, and the match began there."""
    assert cut(Marked(" baabaabba", ((0, 8), (8, 9))), 8) == Marked("… aabaabba"[:10], ((2, 8), (8, 9)))


def test_a_short_text_is_not_cut() -> None:
    """An ellipsis says that there is more; here there is not."""
    whole = Marked("a b c", ((0, 1),))
    assert cut(whole, 5) is whole


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 100 + " match, " + "y" * 100, "match"),
        ("中" * 100 + "match" + "国" * 100, "match"),
        ("\n".join("ab" * 6 for _ in range(20)) + "\u00a0match\n" + "c " * 60, "match"),
    ],
)
def test_cut_without_spaces_to_cut_at(text: str, expected: str) -> None:
    """Texts without spaces, or with others than the usual one, are shortened all the same."""
    short = cut(Marked(text, mark(text, parse("match").tree, "en") or ((100, 105),)), 40)
    assert [short.text[low:high] for low, high in short.spans] == [expected]
    assert len(short.text) <= 44
