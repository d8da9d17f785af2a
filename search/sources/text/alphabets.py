"""Single-byte encodings that each language was written in before UTF-8, and the letters that tell them apart."""

from __future__ import annotations

from collections.abc import Iterator

_FOREIGN = "àáâãäåæçèéêëíîïñóôöøúüßœ"  # in the names that English papers write
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяё"
_ARABIC = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"

ALPHABETS = {
    "ar": (("windows-1256", "iso-8859-6"), _ARABIC),
    "da": (("windows-1252",), "æøåéäöü"),
    "de": (("windows-1252",), "äöüßéàè"),
    "en": (("windows-1252",), _FOREIGN),
    "es": (("windows-1252",), "áéíñóúüç¿¡ºª"),
    "fi": (("windows-1252",), "äöåé"),
    "fr": (("windows-1252",), "àâæçéèêëîïôœùûüÿ"),
    "hu": (("windows-1250",), "áéíóöőúüű"),
    "it": (("windows-1252",), "àèéìíîòóùú"),
    "nl": (("windows-1252",), "áéíóúàèëïöü"),
    "no": (("windows-1252",), "æøåéèêóòô"),
    "pt": (("windows-1252",), "àáâãçéêíóôõúüºª"),
    "ro": (("windows-1250",), "ăâîşţéö"),
    "ru": (("windows-1251", "koi8-r", "cp866"), _CYRILLIC),
    "sv": (("windows-1252",), "åäöéü"),
    "tr": (("windows-1254",), "çğıöşüâîûİ"),
}
"""By language: its encodings, the likeliest first, and its letters besides a to z in lower case."""

SIGNS = frozenset("‘’‚“”„«»‹›–—…·•§©®°±€£\u00a0№،؛؟")
"""Characters that are expected in texts of any language."""

LATIN = frozenset({"windows-1250", "windows-1252", "windows-1254"})
"""Encodings of languages whose texts are mostly letters from a to z."""


def candidates(languages: tuple[str, ...]) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield each encoding that texts in these languages may be in, with weights of the characters expected there.

    Capitals weigh less, for they are rarer: text that is decoded with the wrong Cyrillic encoding is all capitals.
    """
    known = [ALPHABETS[language] for language in languages if language in ALPHABETS]
    letters = "".join(alphabet for _, alphabet in known)
    expected = dict.fromkeys(letters.upper(), 0.75) | dict.fromkeys((*letters, *SIGNS), 1.0)
    for encoding in dict.fromkeys(encoding for encodings, _ in known for encoding in encodings):
        yield encoding, expected
