"""The analysis of runs of ASCII in small letters, which most are, at the pace of bulk indexing.

It says what `search.analysis` says, which stays the one definition; tests compare the two, run by run and language by
language. What makes it quicker: no offsets, no Unicode, and no memory of words, which are distinct as they come.
"""

from __future__ import annotations

from search.analysis.tokenizer import ACRONYM, ASCII_PART, LANGUAGES, fold, stemmer


def ascii_tokens(run: str) -> tuple[str, int, bool, list[str]]:
    """The tokens of a run that is not all letters and digits, as `take_apart` finds them.

    Returns the compound or symbol, how many positions it takes (0: there is none), whether it is a symbol; the words.
    """
    if run[-2:] == "'s":
        run = run[:-2]
    words = ASCII_PART.findall(run)
    if len(words) == 1 and len(words[0]) == len(run):
        return run, 0, False, words
    if run[-1] == "." and not (len(words) > 1 and run[1] == "." and ACRONYM.fullmatch(run[:-1])):
        run = run[:-1]
    suffixed = run[-1] in "+#"
    if not suffixed and len(words) == 1:
        return run, 0, False, words
    return run, len(words), suffixed or max(map(len, words)) == 1, words


def plain_stem(word: str, lang: str) -> tuple[str, ...]:
    """The stems of a word of letters and digits, as `stem` finds them.

    What ends in a digit has no suffix that a stemmer could take away.
    """
    if lang not in LANGUAGES or word[-1] <= "9":
        return (word,)
    form = stemmer(lang).stem(word)
    return ((form.lower() if form.isascii() else fold(form)) or word,)
