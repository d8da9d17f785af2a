"""Encodings: what is Unicode, what is guessed, and what is no text."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from search.errors import UnreadableArticle
from search.sources.formats.html import decode_page
from search.sources.text.decoding import decode_text
from search.sources.text.web_encodings import encoding_of_label
from tests.sources.reader_helpers import article

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
    assert decode_text(text.encode(encoding), ("en", language))[:2] == (text, f"{encoding} (guessed)")


def test_the_language_decides() -> None:
    """The same bytes are good Turkish and bad Icelandic: only who knows the archive can tell them apart."""
    text = "şehirde yürüdü"
    assert decode_text(text.encode("windows-1254"), ("en", "tr"))[0] == text
    assert decode_text(text.encode("windows-1254"), ("en",))[1] == "windows-1252 (guessed)"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_byte_order_marks(encoding: str) -> None:
    """Windows writes them; they are no part of the text, and what they say is no guess."""
    assert decode_text("\ufeffÉté, 中国 😀".encode(encoding), ("en",))[:2] == ("Été, 中国 😀", encoding)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding: str) -> None:
    """It can be seen, but then it is a guess."""
    assert decode_text("A title\nand a text.".encode(encoding), ("en",))[:2] == (
        "A title\nand a text.",
        f"{encoding} (guessed)",
    )


def test_a_nul_byte_does_not_cost_the_text() -> None:
    """Some programs fill up files with them; browsers pass over them."""
    found = decode_text(b"The council\0 met on Tuesday evening.", ("en",))
    assert found == ("The council met on Tuesday evening.", "utf-8", ("1 NUL byte was left out.",))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"text\x00text", "NUL bytes"),
        (bytes(range(256)), "not UTF-8"),
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


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Größe und Maß von vielen Dingen".encode() + b"\xff", "Größe und Maß von vielen Dingen\ufffd"),
        (b"\xef\xbb\xbfA title and some text of a caf\xe9.", "A title and some text of a caf\ufffd."),
        ("A title and some text of a page".encode("utf-16") + b"\x00", "A title and some text of a page\ufffd"),
    ],
)
def test_a_broken_byte_is_replaced_and_said(data: bytes, text: str) -> None:
    """A book is not to be lost for one byte, and who reads it has to know that one is missing."""
    found = decode_text(data, ("en", "de"))
    assert found.text == text
    assert found.missing[0].startswith("1 place is not UTF-")


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("Shift_JIS", "cp932", "第①回会議で髙橋氏"),
        ("iso-8859-9", "windows-1254", "Ankara’da “su”"),
        ("ISO8859-1", "windows-1252", "The council’s “plan”"),
        ("us-ascii", "windows-1252", "café – “plan”"),
        ("tis-620", "cp874", "“สวัสดี”"),
        ("euc-kr", "cp949", "똠방각하"),
        ("gb2312", "gb18030", "朱镕基"),
        ("big5", "big5-hkscs", "香港的㗎"),
        ("EUC-JP", "euc-jis-2004", "第①回"),
        ("iso-2022-jp", "iso2022-jp-ext", "会議です"),
        ("koi8-r", "koi8-r", "Совет"),
    ],
)
def test_labels_mean_what_browsers_take_them_for(label: str, encoding: str, text: str) -> None:
    """What calls itself Latin-5 holds quotation marks of Windows; as a reader of the standard one would lose them."""
    page = f'<html><head><meta charset="{label}"></head><body><p>{text}</p></body></html>'
    found = decode_page(page.encode(encoding), ("en",))
    assert found == (page, encoding, ())


@pytest.mark.parametrize("label", ["unicode_escape", "rot13", "zlib", "hex", "idna", "punycode", "utf-7", "cp037"])
def test_other_codecs_of_python_are_no_labels(label: str) -> None:
    """A page must not choose what of the program is run on it."""
    assert encoding_of_label(label) is None


def test_bytes_that_do_not_fit_a_declared_encoding(tmp_path: Path) -> None:
    """They are replaced as in a browser; another script must not be guessed for the whole page."""
    data = b'<meta charset="shift_jis"><p>' + "会議で説明した。".encode("cp932") * 9 + b"\x81\x00"[:1] + b"</p>"
    found = article(tmp_path, "a.html", data)
    assert "会議で説明した。" in found.paragraphs[0]
    assert found.missing == ("1 place is not CP932 and cannot be read.",)


def test_languages_that_are_not_configured_are_left_to_a_library() -> None:
    """It is better than a refusal, and still marked as a guess."""
    text = "Совет одобрил новый бюджет в понедельник после долгих споров. " * 4
    assert decode_text(text.encode("windows-1251"), ("en",))[:2] == (text, "cp1251 (guessed)")


@pytest.mark.parametrize(
    "text", ["Гавань\nбыла тихой ранним утром.", "标题\n这是一个关于港口的故事。", "Τίτλος και κείμενο"]
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_in_other_scripts(text: str, encoding: str) -> None:
    """It has few zeros, by which that of Latin letters is told."""
    assert decode_text(text.encode(encoding), ("en",))[:2] == (text, f"{encoding} (guessed)")


@pytest.mark.parametrize("data", [b"ab\0\ncd ef\x04", b"\x01\0\xff\xff\n\0 \0", bytes(range(256))])
def test_binary_files_are_not_utf_16(data: bytes) -> None:
    """Pairs of most bytes are characters of some script."""
    with suppress(UnreadableArticle):
        assert not decode_text(data, ("en",)).encoding.startswith("utf-16")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("这是一个关于港口的故事。船静静地停在水面上。", "gb18030"),
        ("這是一個關於港口的故事。船靜靜地停在水面上。", "big5"),
        ("이것은 항구에 대한 이야기입니다. 배는 조용히 물 위에 있었다.", "cp949"),
    ],
)
def test_chinese_where_russian_is_configured(text: str, encoding: str) -> None:
    """Encodings of Cyrillic turn any bytes into letters, so that they fitted always."""
    assert decode_text((text * 3).encode(encoding), ("en", "ru"))[:2] == (text * 3, f"{encoding} (guessed)")


def test_french_where_russian_is_configured() -> None:
    """A letter of Cyrillic within a word of Latin ones says that it is none."""
    data = ("Le café était fermé à côté de la forêt. " * 3).encode("mac-roman")
    with suppress(UnreadableArticle):
        assert decode_text(data, ("en", "ru")).encoding not in {"windows-1251 (guessed)", "cp866 (guessed)"}


def test_japanese_mail() -> None:
    """It is ASCII as far as bytes go; after the sign for Japanese two letters are one character."""
    data = "題名\nこれは港についての物語です。".encode("iso-2022-jp")
    assert decode_text(data, ("en",))[:2] == ("題名\nこれは港についての物語です。", "iso-2022-jp (guessed)")
    assert decode_text(b"\x1b$ text \xc3\xbc", ("en",))[:2] == ("\x1b$ text ü", "utf-8")
