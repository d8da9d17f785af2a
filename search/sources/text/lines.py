"""The lines of a stream of bytes, as text: never more in memory than one line, and never a longer line than allowed."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain

from search.errors import UnreadableArticle
from search.sources.opening import megabytes
from search.sources.records import Options, Refused
from search.sources.text.decoding import GUESSED, guessed, unicode_of


class Lines:
    """Iterating gives each line without its end, or why it is refused; `number` is that of the last one, from 1.

    A stream is UTF-8 unless it begins otherwise. The first line that is not UTF-8 decides for another encoding, unless
    UTF-8 beyond ASCII came before it: then that line is damaged.
    """

    def __init__(self, chunks: Iterator[bytes], options: Options, encodings: dict[str, None]) -> None:
        self.number = 0
        self._chunks = chunks
        self._options = options
        self._encodings = encodings
        self._unicode = "utf-8"
        self._fallback = ""
        self._ascii = True

    def __iter__(self) -> Iterator[str | Refused]:
        """Each line, or why it is refused."""
        for line in _split(self._transcoded(), self._options.record):
            self.number += 1
            if line is None:
                yield self._refused(f"longer than {megabytes(self._options.record)}", "Split the record.")
            elif b"\0" in line:
                yield self._refused("not text: it holds NUL bytes", "Take it out, or write it anew.")
            else:
                try:
                    text = line.decode()
                except UnicodeDecodeError:
                    yield self._otherwise(line)
                    continue
                if self._ascii and not line.isascii():
                    self._ascii = False
                yield text
        if not (self._fallback and self._ascii):
            self._encodings[self._unicode] = None

    def _transcoded(self) -> Iterator[bytes]:
        """The stream in UTF-8, without a byte order mark, if it is Unicode of any kind."""
        first = next(self._chunks, b"")
        encoding, mark = unicode_of(first)
        rest = chain([first[len(mark) :]], self._chunks)
        if encoding == "utf-8":
            yield from rest
            return
        self._unicode = encoding if mark else encoding + GUESSED
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for chunk in rest:
                yield decoder.decode(chunk).encode()
            yield decoder.decode(b"", final=True).encode()
        except UnicodeDecodeError:
            message = f"The file is not {encoding.upper()} all through."
            raise UnreadableArticle(message, "Save it in the encoding UTF-8.") from None

    def _otherwise(self, line: bytes) -> str | Refused:
        """A line that is not UTF-8."""
        if not self._fallback and self._ascii:
            self._fallback = guessed(line, self._options.languages) or ""
            if self._fallback:
                self._encodings[self._fallback + GUESSED] = None
        try:
            if self._fallback:
                return line.decode(self._fallback)
        except UnicodeDecodeError:
            pass
        return self._refused("not UTF-8", "Save the file in the encoding UTF-8.")

    def _refused(self, reason: str, advice: str) -> Refused:
        return Refused(str(self.number), f"Line {self.number} is {reason}.", advice)


def _split(chunks: Iterator[bytes], limit: int) -> Iterator[bytes | None]:
    """Lines; None for one that is longer than the limit."""
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
