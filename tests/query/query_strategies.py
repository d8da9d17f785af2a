"""Queries drawn at random: any text, texts of the language's own pieces, and queries that can be read."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.strategies import TRICKY, texts

PIECES = (
    *(
        "a",
        "b",
        "cat",
        "dogs",
        "AND",
        "OR",
        "NOT",
        "and",
        "NEAR/3",
        "NEAR/x",
        "NEAR/",
        "NEAR",
        "near/5",
        "ALSO",
        " ALSO ",
    ),
    *("(", ")", "(", ")", '"', "“", "”", "«", '"a b"', '"c"~3', '""', '"!"', "~", "~1", "~3", "*", "?", "-", "--"),
    *("title:", "source:", "lang:", "date:", "before:2025", "after:2025-07", "date:2025-07-23", "foo:", "TITLE:"),
    *("x.y", "U.S.", "C++", "al-Sharaa", "Suwayd*", "Su?ayda", "Sharra~", "Sharra~1", "AND.", ".title:x", "10,000"),
    *(
        "W/3",
        "AROUND(3)",
        "NEAR3",
        "PRE/3",
        "|",
        "||",
        " & ",
        "+",
        "^2",
        "!",
        "/a/",
        "[a TO b]",
        "re:invent",
        "http://a.b",
    ),
    *("SAME/s", "SAME/x", "SAME/", "ATLEAST/3", "ATLEAST2", "ATLEAST/", "ATLEAST/3 a", "lead:", "lead:a", "lead:("),
    *(
        "－",
        "–",
        "‹",
        "›",
        "‚",
        "‘",
        "「",
        "」",
        "&&",
        "a&&b",
        "~0.8",
        "^x",
        "* ",
        "\n* ",
        *("wom!n", "（", "）", "：", "＊"),
        "SAME",
        "N5",
        "+-",
        "++",
    ),
    *(" ", " ", " ", " ", " ", " ", "\t", "\u00a0"),
)

queries = texts | st.lists(st.sampled_from((*PIECES, *PIECES, *TRICKY)), max_size=25).map("".join)
"""Anything that can be typed; most of it cannot be read."""

word = st.sampled_from(["a", "b", "Cats", "C++", "U.S.", "al-Sharaa", "and/or", "é", "中国", "AND.", "10,000", "x's"])
quote = st.builds('"{}"{}'.format, st.lists(word, min_size=1, max_size=3).map(" ".join), st.sampled_from(["", "~2"]))
leaf = (
    word
    | quote
    | st.builds("{} NEAR/{} {}".format, word | quote, st.integers(1, 100), word | quote)
    | st.builds("{} ALSO {}".format, word | quote | st.builds("({} {})".format, word, word), word | quote)
    | st.builds("{} {}/{} {}".format, word, st.sampled_from(["PRE", "W"]), st.integers(1, 100), word)
    | st.builds("{} SAME/s {}".format, word | quote, word | quote)
    | st.builds("ATLEAST{}{} {}".format, st.sampled_from(["", "/"]), st.integers(1, 100), word | quote)
    | st.builds("lead:{}".format, word | quote | st.builds("({} SAME/s {})".format, word, word))
    | st.sampled_from(["re:invent", "http://a.b/?c=*", "+a", "b^2", '+"a b"^2', "near/5"])
    | st.sampled_from(["Suwayd*", "Su?a", "Sharra~", "al-Sh*", "C++~1", "source:b", 'source:"a b"', "lang:en", "…"])
    | st.sampled_from(["date:2025-07", "before:2025", 'after:"2025-07-23 08:15"', "title:a", 'title:"a b"~2'])
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    joined = st.builds(
        "{}{}{}".format, inner, st.sampled_from([" ", " AND ", " OR ", " -", " NOT ", "|", " & "]), inner
    )
    return joined | inner.map("({})".format) | inner.map("-({})".format) | inner.map("NOT {}".format)


readable = st.recursive(leaf, combined, max_leaves=8)
"""Queries that can be read, or come near it."""
