"""Encodings: what is Unicode, what is guessed, and what is no text."""

from __future__ import annotations

import pytest

from search.errors import UnreadableArticle
from search.sources.text.decoding import decode_text

TEXTS = {
    ("tr", "windows-1254"): "Belediye meclisi yeni bütçeyi onayladı.",
    ("fr", "windows-1252"): "Le conseil a approuvé l’été dernier.",
    ("de", "windows-1252"): "Der Rat prüft die Größe.",
    ("hu", "windows-1250"): "A tanács jóváhagyta a szűkös költségvetést.",
    ("ru", "windows-1251"): "Совет одобрил новый бюджет.",
    ("ru", "koi8-r"): "Совет одобрил новый бюджет.",
    ("ru", "cp866"): "Совет одобрил новый бюджет.",
    ("ar", "windows-1256"): "وافق المجلس على الميزانية",
}


@pytest.mark.parametrize(("language", "encoding"), TEXTS)
def test_old_encodings_of_the_configured_languages(language: str, encoding: str) -> None:
    """Archives are older than UTF-8; one sentence must be enough, beside English as the other language."""
    text = TEXTS[language, encoding]
    assert decode_text(text.encode(encoding), ("en", language)) == (text, f"{encoding} (guessed)")


def test_the_language_decides() -> None:
    """The same bytes are good Turkish and bad Icelandic: only who knows the archive can tell them apart."""
    text = "şehirde yürüdü"
    assert decode_text(text.encode("windows-1254"), ("en", "tr"))[0] == text
    assert decode_text(text.encode("windows-1254"), ("en",))[1] == "windows-1252 (guessed)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_byte_order_marks(encoding: str) -> None:
    """Windows writes them; they are no part of the text, and what they say is no guess."""
    assert decode_text("\ufeffÉté, 中国 😀".encode(encoding), ("en",)) == ("Été, 中国 😀", encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    """It can be seen, but then it is a guess."""
    assert decode_text("A title\nand a text.".encode(encoding), ("en",)) == (
        "A title\nand a text.",
        f"{encoding} (guessed)",
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"text\x00text", "NUL bytes"),
        (bytes(range(256)), "NUL bytes"),
        (b"\xff\xfeA", "not UTF-16-LE"),
        (b"\xff\xfe\x00\xd8A\x00", "not UTF-16-LE"),
        ("a\0b".encode("utf-16"), "NUL bytes"),
        ("Größe und Maß".encode() + b"\xff", "not UTF-8: byte 16 is 0xff"),
    ],
)
def test_what_is_no_text(data: bytes, message: str) -> None:
    """A picture with a wrong name, and a text with a broken byte, must not become an article of nonsense."""
    with pytest.raises(UnreadableArticle, match=message) as caught:
        decode_text(data, ("en", "de"))
    assert caught.value.hint


def test_languages_that_are_not_configured_are_left_to_a_library() -> None:
    """It is better than a refusal, and still marked as a guess."""
    text = "Совет одобрил новый бюджет в понедельник после долгих споров. " * 4
    assert decode_text(text.encode("windows-1251"), ("en",)) == (text, "cp1251 (guessed)")
