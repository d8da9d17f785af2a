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
from tests.drawing import texts

PLAIN = sorted(ending for ending in ENDINGS if ending.count(".") == 1)
PACK: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}
BEGINNINGS = (
    *(b"", b"---\n", b"+++\n", b"{", b'[{"text": "', b"text,title\n", b"%PDF-1.4\n", b"PK\x03\x04", b"<html><body>"),
    *(b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"\xfd7zXZ\0"),
)
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
    packed = data if ending == ".zip" else PACK[packing](data)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(packed)
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
