"""Lines of text from a stream of bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.sources import Options, RefusedRecord
from search.sources.text.lines import LineReader

LIMIT = 40


def read(chunks: list[bytes], languages: tuple[str, ...] = ("tr",)) -> tuple[list[str | None], list[str]]:
    """The lines, None for those that are refused, and the encodings."""
    encodings: dict[str, None] = {}
    lines = LineReader(iter(chunks), Options(languages=languages, record=LIMIT), encodings)
    return [None if isinstance(line, RefusedRecord) else line for line in lines], list(encodings)


@given(st.lists(st.text(st.sampled_from("ab\n"), max_size=60).map(str.encode), max_size=6))
def test_chunks_make_no_difference(chunks: list[bytes]) -> None:
    """A line is the same wherever a read of the file ends, and one that is too long does not take others along."""
    whole = b"".join(chunks).decode()
    expected = whole.removesuffix("\n").split("\n") if whole else []
    assert read(chunks)[0] == [line if len(line) <= LIMIT else None for line in expected]


@pytest.mark.parametrize(
    ("data", "lines", "encodings"),
    [
        (b"a\nba\xfea\nb", ["a", "başa", "b"], ["windows-1254 (guessed)"]),
        ("é\n".encode() + b"\xfe", ["é", None], ["utf-8"]),
        ("é\nb".encode("utf-16"), ["é", "b"], ["utf-16-le"]),
        (b"a\0\0\0\0\0\nb\0", [None, "b"], ["utf-8"]),
        ("é\n".encode() + b"a" * 30 + b"\xfe", ["é", "a" * 30 + "\ufffd"], ["utf-8"]),
        (b"a\n" + "ééé".encode() + b"a" * 30 + b"\xfe", ["a", "ééé" + "a" * 30 + "\ufffd"], ["utf-8"]),
    ],
)
def test_encodings(data: bytes, lines: list[str | None], encodings: list[str]) -> None:
    """One line in another encoding must neither spoil the file nor be guessed where UTF-8 was there before."""
    assert read([data]) == (lines, encodings)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_damage_in_utf_16(encoding: str) -> None:
    """Databases cut texts within a character, downloads files within one; the file was refused as a whole."""
    data = f"\ufeffa\nb\ud83d c\n{chr(0xD83D) * 9}\nd".encode(encoding, "surrogatepass") + b"\0"
    lines = LineReader(iter([data]), Options(record=99), {})
    found = [(getattr(line, "reason", line), lines.damage) for line in lines]
    told = (f"1 place is not {encoding.upper()} and cannot be read.",)
    assert found == [("a", ()), ("b\ufffd c", told), (f"Line 3 is not {encoding.upper()}.", ()), ("d\ufffd", told)]
