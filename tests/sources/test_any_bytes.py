"""Whatever stands in a file of whatever name: it is read or refused, and the run goes on."""

from __future__ import annotations

import gzip
import lzma
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.errors import UnreadableArticle
from search.sources import ENDINGS, Options, Record, open_source
from tests.sources.formats.test_docx import docx
from tests.sources.formats.test_epub import epub
from tests.sources.formats.test_pdf import pdf
from tests.sources.formats.test_zip_archive import packed
from tests.strategies import texts

PLAIN = sorted(ending for ending in ENDINGS if ending.count(".") == 1)
PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}
BEGINNINGS = (
    *(b"", b"---\n", b"+++\n", b"{", b'[{"text": "', b"text,title\n", b"%PDF-1.4\n", b"PK\x03\x04", b"<html><body>"),
    *(b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"\xfd7zXZ\0"),
)
GOOD = {
    "a.csv": b'id,title,date,text\n1,"a ""b""",2025-01-01,"x\ny"\n2,b,3/4/2025,z\n',
    "a.docx": docx(("T", "Title"), ("One.", "")),
    "a.epub": epub(),
    "a.html": b"<html lang=en><meta name=date content='2025-02-03'><body><h1>T</h1><table><tr><td>One.</table>",
    "a.json": b'[{"text": "a", "id": 1, "date": 1753258511}, {"paragraphs": ["a", "b"], "lang": "en"}]',
    "a.jsonl.gz": gzip.compress(b'{"text": "a", "date": "2025-01-02"}\n' * 50),
    "a.md": b"---\ntitle: x\ndate: 2025-01-01\n---\n# T\n\n- a\n- b\n\n| a | b |\n|--|--|\n| c | d |\n",
    "a.pdf": pdf(["One.", "Two."], title="T"),
    "a.txt.xz": lzma.compress(b"T\n\nOne."),
    "a.zip": packed(("a.txt", b"T\n\nOne."), ("b.jsonl", b'{"text": "a"}\n'), ("c.csv", b"text\na\n")),
}
contents = st.builds(
    bytes.__add__,
    st.sampled_from(BEGINNINGS),
    st.binary(max_size=80) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
)


@pytest.mark.parametrize("ending", PLAIN)
@settings(max_examples=40)
@given(contents, st.sampled_from(sorted(PACK)))
def test_any_bytes(ending: str, data: bytes, packing: str) -> None:
    """Nothing but UnreadableArticle is raised, and what is read can be stored and shown."""
    name = "a" + (ending if ending == ".zip" else ending + packing)
    content = data if ending == ".zip" else PACK[packing](data)
    check(name, content)


@settings(max_examples=150)
@given(st.sampled_from(sorted(GOOD)), st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=4)), max_size=8))
def test_damaged_files(name: str, damage: list[tuple[int, bytes]]) -> None:
    """Files that were good once come further into the readers than what is drawn at random."""
    data = bytearray(GOOD[name])
    for place, piece in damage:
        start = place % len(data)
        data[start : start + max(len(piece), 1)] = piece or b"\0"
    check(name, bytes(data))


def check(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with suppress(UnreadableArticle):
            for record in open_source(path, Options(languages=("en", "tr"), seconds=30)).records:
                if isinstance(record, Record):
                    assert record.title
                    assert record.paragraphs
                    assert all(text == text.strip() != "" for text in record.paragraphs)
                    "".join((record.key, record.title, *record.paragraphs)).encode()
                else:
                    assert record.reason
                    assert record.advice or record.ignored
                    record.key.encode()
