"""Decoding of bytes: Unicode, or an encoding that is guessed among those of the configured languages."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

from search.errors import UnreadableArticle
from search.sources.text.alphabets import LATIN, candidates

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 1 << 16
"""Bytes at the beginning of a long text that statistics are made of."""
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_SURE = 32
"""Fewest bytes above 127 for which the library's statistical guess is used."""
BAD = 25
"""A text of which more than one character in so many cannot be read is refused, as not in that encoding."""
FEW = 4
"""NUL characters, or characters of UTF-16 that are none, that a line may hold, however short it is."""
LEAST, LEAST_OTHERS = 0.5, 0.7
"""Least share of the bytes above 127 that are letters of these languages, in an encoding of a Latin alphabet and in
another one, which turns most bytes into letters, also those of Chinese and Japanese."""
MIXED = 4
"""A text of which more than one in so many of these bytes stands beside a letter from a to z is not in Cyrillic."""
_WITHIN_WORDS = re.compile(rb"[A-Za-z](?=[\x80-\xff])|[\x80-\xff](?=[A-Za-z])")
GUESSED = " (guessed)"
"""Mark after the name of an encoding that was guessed."""


class DecodedText(NamedTuple):
    """A text, its encoding, and a sentence about the bytes that do not fit the encoding, if there are any."""

    text: str
    encoding: str
    missing: tuple[str, ...] = ()


def decode_replaced(data: bytes, encoding: str) -> DecodedText:
    """Return a text in which U+FFFD stands for bytes that do not fit the encoding, and say how many do not."""
    text = data.decode(encoding, "replace")
    bad = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    return DecodedText(text, encoding, (damage_of(bad, encoding.upper()),) if bad > 0 else ())


def damage_of(places: int, encoding: str) -> str:
    """Return the sentence that says how many places of a text do not fit its encoding."""
    what = f"{places:,} places are" if places > 1 else "1 place is"
    return f"{what} not {encoding} and cannot be read."


def decode_text(data: bytes, languages: tuple[str, ...]) -> DecodedText:
    """Return a text, which is in Unicode, or in the encoding of these languages that fits it.

    Raise UnreadableArticle when the encoding cannot be told, or it is no text.
    """
    encoding, mark = detect_unicode(data[:_SAMPLE])
    body = data[len(mark) :] if mark else data
    if encoding == "utf-8" and (nul := body.count(0)):
        if nul * BAD > len(body):
            raise _binary()
        decoded = decode_text(body.replace(b"\0", b""), languages)
        return decoded._replace(missing=(nul_left_out(nul), *decoded.missing))
    if encoding == "utf-8" and b"\x1b$" in body:
        with suppress(UnicodeDecodeError):
            return DecodedText(body.decode("iso-2022-jp-2"), "iso-2022-jp" + GUESSED)
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8" and not mark:
            raise _binary() from None
        if mark or mostly_utf8(body):
            replaced = decode_replaced(body, encoding)
            if "\0" in replaced.text or replaced.text.count("\ufffd") * BAD > len(replaced.text):
                raise _broken(encoding, error) from None
            return replaced
        encoding = guess_encoding(body, languages) or ""
        if not encoding:
            raise _broken("utf-8", error) from None
        return DecodedText(body.decode(encoding), encoding + GUESSED)
    if "\0" in text:
        raise _binary()
    return DecodedText(text, encoding if mark or encoding == "utf-8" else encoding + GUESSED)


def nul_left_out(number: int) -> str:
    """Return the sentence that says how many NUL characters of a text are left out."""
    return f"{number:,} NUL bytes were left out." if number > 1 else "1 NUL byte was left out."


def detect_unicode(head: bytes) -> tuple[str, bytes]:
    """Return the Unicode encoding of a text by its first bytes, and its byte order mark; `utf-8` and b"" by default."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding, mark
    # Without a mark, UTF-16 shows by its zeros: every second byte of what is written in Latin letters.
    if len(head) % 2:
        head = head[:-1]
    even, odd = head[::2].count(0), head[1::2].count(0)
    for zeros, others, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if zeros * 4 > len(head) and others == 0 and not _CONTROLS.search(head.decode(encoding, "replace")):
            return encoding, b""
    if 0 in head and _CONTROLS.search(head.replace(b"\0", b"").decode("utf-8", "replace")):
        for encoding in ("utf-16-le", "utf-16-be"):
            if _is_written_in(head, encoding):
                return encoding, b""
    return "utf-8", b""


def _is_written_in(head: bytes, encoding: str) -> bool:
    """Return whether all characters of a text in UTF-16 are assigned, and there are spaces or ends of lines.

    With its bytes in the other order a space is no blank, and an end of a line is no character at all.
    """
    letters = set(head.decode(encoding, "ignore"))
    return bool(letters & {" ", "\n"}) and all(
        letter in "\t\n\r" or unicodedata.category(letter) not in {"Cc", "Cn", "Co"} for letter in letters
    )


def guess_encoding(data: bytes, languages: tuple[str, ...]) -> str | None:
    """Return the encoding that turns most of the bytes into letters of these languages; None when none fits.

    Libraries guess from statistics of whole pages and take a Turkish sentence for a Polish one; the configured
    languages tell more. A library guesses only when no encoding of these languages fits.
    """
    counts = Counter(byte for byte in data if byte > 127) if len(data) <= _SAMPLE else _counted(data)
    plain = sum(byte < 128 and chr(byte).isalpha() for byte in data[:_SAMPLE])
    beyond = sum(byte > 127 for byte in data[:_SAMPLE])
    within = len(_WITHIN_WORDS.findall(data[:_SAMPLE]))
    best, encoding = LEAST, None
    for candidate, expected in candidates(languages):
        is_other = beyond > plain if candidate in LATIN else within * MIXED > beyond
        if is_other:  # than a text in this alphabet
            continue
        try:
            share = sum(n * expected.get(bytes([byte]).decode(candidate), 0) for byte, n in counts.items())
        except UnicodeDecodeError:
            continue
        share /= counts.total()
        if share > best and (share > LEAST_OTHERS or candidate in LATIN):
            best, encoding = share, candidate
    if encoding is None and counts.total() >= _SURE:
        from charset_normalizer import from_bytes  # noqa: PLC0415 - slow to import, and hardly ever needed

        found = from_bytes(data[: 1 << 20]).best()
        encoding = found.encoding.replace("_", "-") if found is not None else None
    try:
        return encoding if encoding and not _CONTROLS.search(data.decode(encoding)) else None
    except UnicodeDecodeError:
        return None


def _counted(data: bytes) -> Counter[int]:
    """Count each byte above 127; faster than a Counter of all bytes for long texts."""
    return Counter({byte: n for byte in range(128, 256) if (n := data.count(byte))})


def mostly_utf8(data: bytes) -> bool:
    """Return whether most of what is not ASCII is valid UTF-8: then the text is damaged, not in another encoding."""
    text = data.decode("utf-8", "replace")
    beyond = len(re.findall(r"[^\x00-\x7f]", text))
    return beyond >= 2 * text.count("\ufffd")


def _binary() -> UnreadableArticle:
    """Return the error to raise for a file that holds NUL characters."""
    message = "The file is not text: it holds NUL bytes."
    return UnreadableArticle(message, "Save it as UTF-8 text, or take it out of the folder.")


def _broken(encoding: str, error: UnicodeDecodeError) -> UnreadableArticle:
    """Return the error to raise for a file that is damaged, or in no known encoding."""
    message = f"The file is not {encoding.upper()}: byte {error.start} is 0x{error.object[error.start]:02x}."
    return UnreadableArticle(message, "Save it in the encoding UTF-8.")
