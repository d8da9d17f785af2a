"""Names in Cyrillic, Greek and Arabic letters, as they are written in Latin ones, and back.

Cyrillic to Latin by ISO 9:1995, by the tables of the Library of Congress (ALA-LC) for Russian, Ukrainian, Belarusian
and Serbian, and by BGN/PCGN, which newspapers are closest to; without the signs for hard and soft. Greek by
ISO 843:1997, both its transliteration and its transcription. Arabic by ALA-LC, where a vowel that is not written is
taken to be `a`: the standard leaves it to the reader. The way back follows these tables, and common spellings without
marks. A letter has several readings there, so each function returns several words, likely ones first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice, product

MAX_READINGS = 48
"""Maximum number of words that a word in Latin letters is turned into."""
MAX_LENGTH = 24
"""Maximum number of letters of a word that is turned into other letters."""
CYRILLIC_LANGUAGES = frozenset({"be", "bg", "mk", "ru", "sr", "uk"})
ARABIC_LANGUAGES = frozenset({"ar", "fa", "ur"})
GREEK_LANGUAGES = frozenset({"el"})
OTHER_LETTERS = CYRILLIC_LANGUAGES | ARABIC_LANGUAGES | GREEK_LANGUAGES
"""Codes of languages that are not written in Latin letters, and that names are turned into."""

_SCRIPT = re.compile(
    r"(?P<cyrillic>[\u0400-\u045f\u0490\u0491]+)|(?P<greek>[\u0370-\u03ff]+)|(?P<arabic>[\u0620-\u06ff]+)"
)
_LATIN = re.compile(r"[a-zA-ZÀ-ɏḀ-ỿʹʺ\u0300-\u036f]+")

ISO_9 = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюяєіїґўђјљњћџѓќѕ",
        "a b v g d e ë ž z i j k l m n o p r s t u f h c č š ŝ ʺ y ʹ è û â ê ì ï g̀ ŭ đ ǰ l̂ n̂ ć d̂ ǵ ḱ ẑ".split(),
        strict=True,
    )
)
"""ISO 9:1995: one letter for one, whatever the language."""
_ALA_LC = ISO_9 | {
    "ж": "zh", "й": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "э": "e", "ю": "iu", "я": "ia",
}  # fmt: skip
ALA_LC = {
    "ru": _ALA_LC,
    "uk": _ALA_LC | {"г": "h", "и": "y", "є": "ie", "і": "i", "ї": "ï", "ґ": "g"},
    "be": _ALA_LC | {"г": "h", "і": "i", "ў": "ŭ"},
    "sr": ISO_9 | {"љ": "lj", "њ": "nj", "џ": "dž", "ј": "j", "ѓ": "ǵ", "ќ": "ḱ", "ѕ": "dz"},
}
"""The tables of the Library of Congress, by language."""
_BGN = {"ж": "zh", "й": "y", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "э": "e", "ю": "yu", "я": "ya"}
BGN_PCGN = {
    "ru": ISO_9 | _BGN,
    "uk": ISO_9 | _BGN | {"г": "h", "и": "y", "й": "i", "є": "ye", "і": "i", "ї": "yi", "ґ": "g"},
}
"""The tables of the American and British boards on geographic names. A Russian е is `ye` at the beginning of a word,
and after a vowel, й, ъ or ь."""
GREEK = dict(
    zip("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o".split(), strict=True)
)
"""ISO 843:1997, transliteration."""
GREEK_PAIRS = {"ου": "ou", "γγ": "ng", "γκ": "gk", "γξ": "nx", "γχ": "nch", "μπ": "mp", "ντ": "nt"}
"""ISO 843:1997, transcription, besides αυ, ευ and ηυ, which end in `v` or `f`, and μπ, `b` at either end of a word."""
ARABIC = dict(
    zip(
        "اأإآىبتثجحخدذرزسشصضطظعغفقكلمنهپچژگ",
        "a a i a a b t th j h kh d dh r z s sh s d t z _ gh f q k l m n h p ch zh g".split(),
        strict=True,
    )
) | {"ة": "a", "ء": "_", "ئ": "_", "ؤ": "_", "ک": "k"}
"""ALA-LC, without marks. `_` takes vowels as a consonant does, and is itself left out. و and ي are vowels between
consonants."""
ARTICLE = "ال"
VOWELS = frozenset("aiu")


def _table(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return pairs of Latin letters and what they may stand for in another script, in the order to try them in."""
    pairs = (pair.partition("=") for pair in text.split())
    return tuple([(latin, tuple(choices.split(","))) for latin, _, choices in pairs])


_TO_CYRILLIC = _table(
    """
    shch=щ sky=ский skii=ский skyy=ський zh=ж kh=х ts=ц ch=ч sh=ш yu=ю iu=ю ya=я ia=ия,я yo=ё ye=е,є yi=ї iy=ий
    ay=ай ey=ей oy=ой x=кс a=а b=б c=ц,к d=д e=е,э f=ф g=г h=х,г i=и,і j=й,ж k=к l=л,ль m=м n=н o=о p=п r=р s=с
    t=т u=у v=в w=в y=ы,й,и z=з
    """
)
_TO_GREEK = _table(
    """
    nch=γχ ng=γγ,γκ mp=μπ nt=ντ th=θ ch=χ ps=ψ ou=ου av=αυ,αβ af=αυ,αφ ev=ευ,εβ ef=ευ,εφ a=α b=μπ d=δ,ντ e=ε f=φ
    g=γ h=χ i=ι,η,ει k=κ l=λ m=μ n=ν o=ο,ω p=π r=ρ s=σ t=τ u=ου v=β x=ξ y=υ z=ζ
    """
)
_TO_ARABIC = _table(
    """
    th=ث kh=خ dh=ذ sh=ش gh=غ ch=ش ou=و aa=ا,عا ee=ي oo=و a=ا, b=ب d=د,ض e=,ي f=ف g=ج,غ h=ه,ح i=ي, j=ج k=ك,ق l=ل
    m=م n=ن o=و, p=ب q=ق r=ر s=س,ص t=ت,ط u=و, v=ف w=و y=ي z=ز,ظ
    """
)


def script_of(word: str) -> str:
    """Return `cyrillic`, `greek` or `arabic` for a word in such letters alone; empty for any other.

    >>> script_of("Москва"), script_of("Moskva")
    ('cyrillic', '')
    """
    found = _SCRIPT.fullmatch(unicodedata.normalize("NFC", word)[: MAX_LENGTH + 1])
    return (found.lastgroup or "") if found else ""


def to_latin(word: str) -> tuple[str, ...]:
    """Return how a word in Cyrillic, Greek or Arabic letters is written in Latin ones.

    Empty for a word in other letters or of more than MAX_LENGTH letters.

    >>> to_latin("Хрущёв"), to_latin("Μητσοτάκης"), to_latin("بغداد")
    (('Khrushchëv', 'Hruŝëv'), ('Mitsotakis',), ('Baghadad', 'Baghdad'))
    """
    return _to_latin(unicodedata.normalize("NFC", word)) if len(word) <= MAX_LENGTH else ()


@lru_cache(1024)
def _to_latin(word: str) -> tuple[str, ...]:
    script, small = script_of(word), word.lower()
    if script == "cyrillic":
        languages = _cyrillic_languages(small)
        readings = [
            _spelled(_with_ye(small) if lang == "ru" else small, BGN_PCGN[lang])
            for lang in languages
            if lang in BGN_PCGN
        ]
        readings += [_spelled(small, table) for table in (*[ALA_LC[lang] for lang in languages], ISO_9)]
    elif script == "greek":
        readings = [_greek(small), _spelled(_plain(small), GREEK)]
    elif script == "arabic":
        readings = _arabic(small.removeprefix(ARTICLE) if len(small) > len(ARTICLE) + 2 else small)
    else:
        return ()
    return tuple(dict.fromkeys([reading[:1].upper() + reading[1:] for reading in readings if reading]))


def _spelled(word: str, table: Mapping[str, str]) -> str:
    return re.sub("[ʹʺ]", "", "".join([table.get(letter, letter) for letter in word]))


def _cyrillic_languages(word: str) -> tuple[str, ...]:
    """Return the one language, of uk, be and sr, whose own letters a word has; Russian and Ukrainian if it has none.

    Macedonian letters count as Serbian ones.
    """
    letters = {*word}
    for lang, own in (("uk", "єіїґ"), ("be", "ў"), ("sr", "ђјљњћџѓќѕ")):
        if letters & {*own}:
            return (lang,)
    return ("ru", "uk")


def _with_ye(word: str) -> str:
    """Return a Russian word in small letters with `ye` for е and ё at the beginning and after a vowel, й, ъ and ь."""
    return re.sub("(?<![^аеёиоуыэюяйъь])[её]", "ye", word)


def _plain(word: str) -> str:
    return "".join([c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)])


def _greek(word: str) -> str:
    """Return the transcription of a Greek word in small letters, by ISO 843."""
    diaeresis = unicodedata.normalize("NFD", word)
    if "\u0308" in diaeresis:  # it parts two vowels
        return _spelled(_plain(word), GREEK)
    word = re.sub("^μπ|μπ$", "b", _plain(word))
    word = re.sub("([αεη])υ(?=[θκξπσςτφχψ]|$)", lambda found: GREEK[found[1]] + "f", word)
    word = re.sub("([αεη])υ", lambda found: GREEK[found[1]] + "v", word)
    return _spelled(re.sub("|".join(GREEK_PAIRS), lambda found: GREEK_PAIRS[found[0]], word), GREEK)


def _arabic(word: str) -> list[str]:
    """Return two readings of an Arabic word in Latin letters, by `_with_vowels` with `every` and without.

    Empty for a word with a letter that is not in ARABIC, other than و and ي.
    """
    word = "".join([c for c in unicodedata.normalize("NFC", word) if not unicodedata.combining(c) and c != "ـ"])
    letters: list[str] = []
    for at, letter in enumerate(word):
        starts = not letters or (letters[-1] in VOWELS and at + 1 < len(word))
        if letter == "و":
            letters.append("w" if starts else "u")
        elif letter in {"ي", "ی"}:
            letters.append("y" if starts else "i")
        elif letter not in ARABIC:
            return []
        else:
            letters.append(ARABIC[letter])
    return [_with_vowels(letters, every=every).replace("_", "").replace("aa", "a") for every in (True, False)]


def _with_vowels(letters: Sequence[str], *, every: bool) -> str:
    """Return the letters with an `a` between any two consonants; unless `every`, not if a vowel is before the first."""
    spelled: list[str] = []
    for letter in letters:
        consonants = spelled and letter not in VOWELS and spelled[-1] not in VOWELS
        if consonants and (every or len(spelled) < 2 or spelled[-2] not in VOWELS):
            spelled.append("a")
        spelled.append(letter)
    return "".join(spelled)


def from_latin(word: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return how a word in Latin letters may be written in the scripts of some languages, the likely ways first.

    >>> from_latin("Putin", ["ru"]), from_latin("Putin", ["en"])
    (('Путин', 'Путін'), ())
    """
    if not _LATIN.fullmatch(word) or not 2 < len(word) <= MAX_LENGTH:
        return ()
    return tuple(islice(dict.fromkeys(_readings(word, frozenset(languages))), MAX_READINGS))


def _readings(word: str, languages: frozenset[str]) -> Iterator[str]:
    plain = _plain(word.lower())
    if languages & CYRILLIC_LANGUAGES:
        composed = unicodedata.normalize("NFC", word.lower())
        if composed != plain:
            yield _by_iso_9(composed)
        yield from map(str.capitalize, _all_readings(plain, _TO_CYRILLIC))
    if languages & GREEK_LANGUAGES:
        yield from (re.sub("σ$", "ς", reading).capitalize() for reading in _all_readings(plain, _TO_GREEK))
    if languages & ARABIC_LANGUAGES:
        yield from _all_readings(plain, _TO_ARABIC)


def _by_iso_9(word: str) -> str:
    """Return in Cyrillic letters a word that is written in Latin letters by ISO 9."""
    letters = _iso_9_letters()
    return re.sub("|".join(letters), lambda found: letters[found[0]], word).capitalize()


@cache
def _iso_9_letters() -> dict[str, str]:
    """Return the Cyrillic letter for each Latin one of ISO 9, those of two code points first."""
    pairs = [(unicodedata.normalize("NFC", latin), letter) for letter, latin in ISO_9.items()]
    return dict(sorted(pairs, key=lambda pair: -len(pair[0])))


def _all_readings(word: str, table: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Yield up to MAX_READINGS ways to write a word: at each place, the first piece of the table that fits is read."""
    pieces = [choices for _, choices in _pieces(word, table)]
    yield from islice(("".join(choice) for choice in product(*pieces)), MAX_READINGS)


def _pieces(word: str, table: Sequence[tuple[str, tuple[str, ...]]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    at = 0
    while at < len(word):
        latin, choices = next((pair for pair in table if word.startswith(pair[0], at)), (word[at], (word[at],)))
        yield latin, choices
        at += len(latin)
