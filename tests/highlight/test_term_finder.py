"""The loop that marks texts: with the words of an archive it marks what is marked without them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search.analysis.tokenizer import character_classes, fold, fold_table, stems, tokenize
from search.budget import QueryBudget
from search.errors import QueryError
from search.highlight import Highlighter, Passage
from search.highlight.term_finder import MAX_BITS, SCANNABLE, is_scannable
from search.kernels.terms.term_spans import BITS
from search.kernels.terms.token_numbering import INNER, LETTER
from search.model import TermForms
from search.query.parser import parse
from search.query.term_patterns import matcher
from search.query.tree import Node, Slot, Term
from tests.highlight.test_highlighter import MARKED
from tests.highlight.test_highlighter_properties import leaves, short_texts
from tests.query.query_strategies import queries, readable
from tests.strategies import sentences, texts


def forms_in(*archive: tuple[str, str]) -> Callable[[Sequence[Term], QueryBudget], dict[Term, TermForms]]:
    """What an archive of some texts, each with its language, has of terms: see `Snapshot.forms`."""
    known = {(fold(token.written), stems(token, lang)) for text, lang in archive for token in tokenize(text)}

    def forms(terms: Sequence[Term], _budget: QueryBudget) -> dict[Term, TermForms]:
        return {term: _forms(term) for term in terms}

    def _forms(term: Term) -> TermForms:
        if not isinstance(term, Slot):
            fits = matcher(term)
            return TermForms({word for word, _ in known if fits(word)})
        if not term.stemmed:
            return TermForms({*term.terms})
        having = [(word, of) for word, of in known if {*of} & {*term.terms}]
        plain = {word for word, of in having if of[-1] in term.terms}
        return TermForms(plain, {word for word, _ in having} - plain)

    return forms


def tree_of(query: str, languages: tuple[str, ...]) -> Node | None:
    try:
        return parse(query, languages=languages).tree
    except QueryError:
        return None


@given(
    st.lists(short_texts | sentences | texts, min_size=1, max_size=4),
    queries | readable | leaves,
    st.sampled_from(["en", "fr", "de", "ar", "tr", "fa", "xx"]),
    st.booleans(),
)
@example(["Kitaplarımızdan İSTANBUL'da ÇOCUKLAR, IŞIK, ışıklar"], "kitap OR istanbul OR çocuk OR ışık", "tr", False)
@example(["خانۀ خانهٔ كتاب کتاب ە\u0654 ە"], "کتاب OR خانه OR ە", "fa", False)
@example(["שָׁלוֹם שלום"], "שלום", "he", False)
@example(["the Résumé’s résumés resume, RESUMES"], "resume", "en", False)
@example(["x's+ y", "a's b"], '"x y" OR "a b" OR s', "en", False)
@example(["İstanbul ſ 's’S a’s\u00ad b"], '"a b" OR s OR istanbul', "en", False)
@example(
    ["Straße straße STRASSE, strasse der Straßen", "ǽ æther Œuvre's"], '"strasse" OR ather OR "œuvre"', "de", False
)
@example(["Straße straße der Straßen"], "strasse -x", "de", False)
@example(["l'été l’ß d'\u017f a's b’S\u00ad d'é"], "l OR d OR a OR b OR s OR ete", "fr", False)
@example(["les années, l'année des années", "annees de les annees"], '"les années" OR "l annee"', "fr", False)
@example(["w" * 130 + " " + "w" * 129], "w" * 128, "en", False)
def test_an_archive_of_one_language(passages: list[str], query: str, lang: str, title: bool) -> None:
    """What is found through the index and marked by the loop is what the definition marks, text by text."""
    tree = tree_of(query, (lang,))
    if tree is not None:
        given_ = [Passage(text, lang, title) for text in passages]
        by_loop = Highlighter(tree, forms=forms_in(*((text, lang) for text in passages)), languages=1)
        assert by_loop.mark(given_) == Highlighter(tree).mark(given_)


@given(
    st.lists(st.tuples(short_texts | sentences, st.sampled_from(["en", "fr", "de"])), min_size=1, max_size=4),
    queries | readable | leaves,
)
@example([("Häuser", "de"), ("Häuser hauser", "en")], "haus")
def test_an_archive_of_several_languages(archive: list[tuple[str, str]], query: str) -> None:
    """A word that has the stem in another language alone is not what was found."""
    tree = tree_of(query, ("en", "fr", "de"))
    if tree is not None:
        given_ = [Passage(text, lang, title) for text, lang in archive for title in (False, True)]
        by_loop = Highlighter(tree, forms=forms_in(*archive), languages=3)
        assert by_loop.mark(given_) == Highlighter(tree).mark(given_)


@pytest.mark.parametrize(("query", "text"), MARKED)
def test_marks_by_hand(query: str, text: str) -> None:
    """Each kind of query by the loop, in the cases that were worked out by hand."""
    tree = parse(query).tree
    by_loop = Highlighter(tree, forms=forms_in((text, "en")), languages=1)
    assert by_loop.mark([Passage(text, "en")]) == Highlighter(tree).mark([Passage(text, "en")])


@pytest.mark.no_cover  # it would take thrice as long, and other tests reach these lines
def test_all_code_points_that_the_loop_knows() -> None:
    """Each by itself, within a word, at its end: what the table says of it is what the definition says."""
    points = [chr(code) for code in range(SCANNABLE)]
    passages = [f"x{c}y {c} {c}z z{c} a{c}'s" for c in points]
    assert all(map(is_scannable, passages))
    given_ = [Passage(text, "en") for text in passages]
    forms = forms_in(*((text, "en") for text in passages))
    for query in ("xy OR xssy OR xaey", "x* OR *z", "a", '"y z" OR "xthy"'):
        tree = parse(query).tree
        for low in range(0, SCANNABLE, 512):  # some at a time, as each marker has a budget
            some = given_[low : low + 512]
            assert Highlighter(tree, forms=forms, languages=1).mark(some) == Highlighter(tree).mark(some)


def test_what_is_folded_point_by_point_is_the_folded_word() -> None:
    """The table is read off the definition, one code point after the other; a word of some must come out alike."""
    for code, (folded, kind) in enumerate(zip(fold_table(SCANNABLE), character_classes(SCANNABLE), strict=True)):
        if folded is not None and kind in {LETTER, INNER}:
            assert fold(f"a{chr(code)}b") == f"a{folded}b"


def test_texts_beyond_the_table_are_marked_too() -> None:
    """A paragraph with one emoji, ideograph or ligature is read by the definition, and loses nothing."""
    text = "oil 😀 ﬁelds 石油 oils"
    marked = Highlighter(parse("oil OR 石").tree, forms=forms_in((text, "en")), languages=1)
    assert marked.mark([Passage(text, "en"), Passage("oils", "en")]) == [((0, 3), (12, 13), (15, 19)), ((0, 4),)]


def test_letters_that_become_two_are_no_work() -> None:
    """Nearly every sentence of German or Danish has one: if each were analysed, SAME/s would be cut short."""
    text = "Große Füße auf der Straße, et træ på øen. " * 10
    found = Highlighter(parse('"strasse"').tree, QueryBudget(), forms_in((text, "de")), 1)
    spans = found.mark([Passage(text.replace("Straße", "Brücke"), "de")] * 1_000 + [Passage(text, "de")])
    assert (len(spans[-1]), any(spans[:-1]), found.warnings) == (10, False, ())


@pytest.mark.parametrize("query", ['"les années"', '"de la santé"', "santé", '"sante"'])
def test_words_in_doubt_are_analysed_alone(query: str) -> None:
    """Each text of French has accents and apostrophes: if each hit were analysed as a whole, it took ten times as long.

    Here all texts together would cost more than a request may.
    """
    text = "Jusqu’à ce que l'été d'après, n'était-ce pas, les pays évoluent; les années de la santé. " * 60
    highlighter = Highlighter(parse(query, languages=("fr",)).tree, QueryBudget(), forms_in((text, "fr")), 1)
    spans = highlighter.mark([Passage(text, "fr")] * 100)
    assert ({*map(len, spans)}, highlighter.warnings) == ({60}, ())


def test_the_loop_has_as_many_bits_as_terms_are_given() -> None:
    """A term past the last bit would be found nowhere, or as another one."""
    assert MAX_BITS == BITS
