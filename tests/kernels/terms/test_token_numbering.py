"""The compiled tokenizer finds the tokens that the pattern of the analysis finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.analysis.tokenizer import find_raw_tokens
from search.index.writing.term_dictionary import TokenInterner

ASCII_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
WRITTEN = st.text(st.sampled_from("aBé1ß中ก'’.&+-_# \n\u0301\u00ad\u200b\u200f😀İ"), max_size=40) | st.text(max_size=40)


def compiled(rows: list[str]) -> list[list[str]]:
    """The tokens of each row, as the compiled loop numbers them."""
    interner = TokenInterner()
    numbers, counts = interner.intern(rows)
    letters = interner.letters[: interner.at[interner.count]].tobytes().decode("utf-32-le", "surrogatepass")
    names = [letters[interner.at[n] : interner.at[n + 1]] for n in numbers.tolist()]
    ends = counts.cumsum().tolist()
    return [names[end - count : end] for end, count in zip(ends, counts.tolist(), strict=True)]


def plain(rows: list[str]) -> list[list[str]]:
    """The tokens of each row, by the pattern."""
    return [[row[a:b].translate(ASCII_LOWER) for a, b in find_raw_tokens(row)] for row in rows]


@given(st.lists(WRITTEN, min_size=1, max_size=5))
def test_same_tokens(rows: list[str]) -> None:
    """What is indexed by the fast path is found by queries, which take the plain one."""
    assert compiled(rows) == plain(rows)


def test_same_tokens_for_every_code_point() -> None:
    """One class wrong among a million characters would lose the words of somebody's language."""
    text = "".join(
        f"{c}a{c}b.{c} {c}.{c}.\n" for point in range(0x110000) if not 0xD800 <= point < 0xE000 for c in (chr(point),)
    )
    assert compiled([text]) == plain([text])


def test_many_tokens_outgrow_the_table() -> None:
    """The table grows while words come, and every word keeps its number."""
    rows = [" ".join(f"w{i}x{j}" for j in range(400)) for i in range(200)]
    interner = TokenInterner()
    first = [interner.intern([row])[0].tolist() for row in rows]
    again = [interner.intern([row])[0].tolist() for row in rows]
    assert first == again
    assert interner.count == 80_000
