"""Lines of text from a stream of bytes, with at most one line in memory and a limit on its length."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain

from search.sources.opening import format_size_limit
from search.sources.records import Encodings, Options, RefusedRecord
from search.sources.text.decoding import (
    BAD,
    FEW,
    GUESSED,
    damage_of,
    decode_replaced,
    detect_unicode,
    guess_encoding,
    mostly_utf8,
    nul_left_out,
)


class LineReader:
    """Iterator over the lines of a stream, without their ends; a line that cannot be read is a RefusedRecord.

    The stream is UTF-8 unless it begins otherwise. If the first line beyond ASCII is not UTF-8, the encoding is guessed
    from it; in a later line that is not, a few broken bytes are replaced, and with more the line is refused. Encodings
    are added to `encodings`.
    """

    def __init__(self, chunks: Iterator[bytes], options: Options, encodings: Encodings) -> None:
        self.number = 0
        """Number of the last line, from 1."""
        self.damage: tuple[str, ...] = ()
        """Sentences about bytes of the last line: NUL, which is left out, and those that U+FFFD stands for."""
        self._chunks = chunks
        self._options = options
        self._encodings = encodings
        self._unicode = "utf-8"
        self._name = ""
        """Name of the encoding in messages, of a file in UTF-16 or UTF-32."""
        self._fallback = ""
        self._ascii = True

    def __iter__(self) -> Iterator[str | RefusedRecord]:
        for line in _split(_with_line_feeds(self._transcode()), self._options.record):
            self.number += 1
            self.damage = ()
            if line is None:
                yield self._refuse(f"longer than {format_size_limit(self._options.record)}", "Split the record.")
            elif 0 not in line:
                yield self._decode(line)
            elif (nul := line.count(0)) > max(FEW, len(line) // BAD):
                yield self._refuse("not text: it holds NUL bytes", "Take it out, or write it anew.")
            else:
                self.damage = (nul_left_out(nul),)
                yield self._decode(line.replace(b"\0", b""))
        if not (self._fallback and self._ascii):
            self._encodings[self._unicode] = None

    def _transcode(self) -> Iterator[bytes]:
        """Yield the stream in UTF-8 without a byte order mark, if it is in any Unicode encoding; else as it is."""
        first = next(self._chunks, b"")
        encoding, mark = detect_unicode(first)
        rest = chain([first[len(mark) :]], self._chunks)
        if encoding == "utf-8":
            yield from rest
            return
        self._unicode = encoding if mark else encoding + GUESSED
        self._name = encoding.upper()
        decoder = codecs.getincrementaldecoder(encoding)("replace")
        for chunk in rest:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()

    def _decode(self, line: bytes) -> str | RefusedRecord:
        """Return the text of a line."""
        try:
            text = line.decode()
        except UnicodeDecodeError:
            return self._decode_legacy(line)
        self._ascii = self._ascii and line.isascii()
        if self._name and "\ufffd" in text:  # databases cut texts within a character
            bad = text.count("\ufffd")
            if bad > max(FEW, len(text) // BAD):
                return self._refuse(f"not {self._name}", "Save the file in the encoding UTF-8.")
            self.damage += (damage_of(bad, self._name),)
        return text

    def _decode_legacy(self, line: bytes) -> str | RefusedRecord:
        """Return the text of a line that is not UTF-8: with broken bytes replaced if there are few, else as guessed.

        The encoding is guessed from the first such line.
        """
        replaced = decode_replaced(line, "utf-8")
        few = replaced.text.count("\ufffd") * BAD <= len(replaced.text)
        if few and (mostly_utf8(line) or not (self._ascii or self._fallback)):
            self._ascii = False
            self.damage += replaced.missing
            return replaced.text
        if not self._fallback and self._ascii:
            self._fallback = guess_encoding(line, self._options.languages) or ""
            if self._fallback:
                self._encodings[self._fallback + GUESSED] = None
        try:
            if self._fallback:
                return line.decode(self._fallback)
        except UnicodeDecodeError:
            pass
        return self._refuse("not UTF-8", "Save the file in the encoding UTF-8.")

    def _refuse(self, reason: str, advice: str) -> RefusedRecord:
        """Return the refusal of the last line."""
        return RefusedRecord(str(self.number), f"Line {self.number} is {reason}.", advice)


def _with_line_feeds(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks; of a file whose lines end with carriage returns alone, as on old Macs, with line feeds for them."""
    first = next(chunks, b"")
    rest = chain([first], chunks)
    return (chunk.replace(b"\r", b"\n") for chunk in rest) if b"\r" in first[:-1] and b"\n" not in first else rest


def _split(chunks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """Yield the lines of a stream without their ends; None in place of a line of more than `limit` bytes."""
    held, too_long = bytearray(), False
    for chunk in chunks:
        first, *lines = chunk.split(b"\n")
        if not too_long:
            held += first
            if len(held) > limit:
                held, too_long = bytearray(), True
        if lines:
            yield None if too_long else bytes(held)
            held, too_long = bytearray(lines.pop()), False
            for line in lines:
                yield line if len(line) <= limit else None
            if len(held) > limit:
                held, too_long = bytearray(), True
    if held or too_long:
        yield None if too_long else bytes(held)
