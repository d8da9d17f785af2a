"""Test collections: what is recognised, what is refused and with which words."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from search.errors import CollectionError
from search.evaluation.collection import check_documents, kind_of, read_collection
from search.evaluation.collection_files import json_documents, sgml_documents, topics
from tests.evaluation.collections_by_hand import DOCUMENTS, QUERIES, beir, trec, write
from tests.timeouts import in_proportion


def silent(*_: object) -> None:
    pass


def test_beir_and_trec_are_one_collection(tmp_path: Path) -> None:
    """What is measured must not depend on how files look."""
    one, other = read_collection(beir(tmp_path / "b")), read_collection(trec(tmp_path / "t"))
    assert (one.layout, other.layout) == ("BEIR", "TREC")
    assert (one.judgments, one.queries) == (other.judgments, {k: v for k, v in QUERIES.items() if k != "5"})
    assert other.queries == one.queries
    flat = [
        [" ".join(" ".join(part.split()) for part in document) for _, document in c.documents()] for c in (one, other)
    ]
    assert flat[0] == flat[1] == [" ".join(" ".join(part.split()) for part in document) for document in DOCUMENTS]
    assert check_documents(one, silent) == check_documents(other, silent) == (4, "")


def test_files_of_trec_are_known_by_what_they_hold(tmp_path: Path) -> None:
    """No two collections name their files alike."""
    kinds = {
        "sgml": ["", "<?xml version='1.0'?>", "<DOC>", "<DOCNO>1</DOCNO>"],
        "topics": ["<top>", "<num> 1"],
        "tsv queries": ["1\twhat is 4", "2\tfoo"],
        "qrels": ["1 0 d1 1", "1\t0\td2\t-2"],
        "": ["Read me. This says what", "is in here."],
    }
    assert {kind_of(write(tmp_path / "some.file", *lines)) for lines in kinds.values()} == set(kinds)
    assert kind_of(write(tmp_path / "queries.jsonl")) == "json queries"
    assert kind_of(write(tmp_path / "docs.jsonl")) == "jsonl"
    (tmp_path / "docs.gz").write_bytes(gzip.compress(b"<DOC><DOCNO>1</DOCNO></DOC>"))
    assert kind_of(tmp_path / "docs.gz") == "sgml"
    (tmp_path / "picture").write_bytes(b"\0\1\2")
    assert kind_of(tmp_path / "picture") == ""


def test_what_is_left_over_is_told(tmp_path: Path) -> None:
    """A file of documents that was not known as such would otherwise be missed by nobody."""
    folder = trec(tmp_path / "t")
    write(folder / "disk1" / "readme", "Read me.")
    assert read_collection(folder).warnings == ("Not part of the collection, and ignored: disk1/readme.",)


def test_old_topics_have_leading_zeros(tmp_path: Path) -> None:
    """TREC's topic 051 is 51 in its judgments."""
    folder = trec(tmp_path / "t")
    write(folder / "topics.1-5", "<top><num> Number: 001 <title> landing </top>")
    assert read_collection(folder).queries == {"1": "landing"}


def test_a_document_without_known_elements_is_all_text(tmp_path: Path) -> None:
    """Small collections have nothing but an id and text."""
    path = write(tmp_path / "a", "<DOC><DOCNO>x</DOCNO>", "one <!-- note --> two", "</DOC>", '<doc id="y">')
    found = sgml_documents(path)
    assert next(found)[1] == ("x", "", "one   two")
    with pytest.raises(CollectionError, match="line 4: This document has no end"):
        next(found)


@pytest.mark.parametrize(
    ("name", "lines", "problem"),
    [
        ("corpus.jsonl", ['{"_id": "a", "text": "x"}', '{"_id": '], "corpus.jsonl, line 2: This is not JSON"),
        ("corpus.jsonl", ["[]"], "line 1: This is not a JSON object"),
        ("corpus.jsonl", ['{"_id": "a b", "text": "x"}'], "line 1: 'a b' cannot be an id"),
        ("corpus.jsonl", ['{"_id": ["a"], "text": "x"}'], "line 1: There is no id"),
        ("corpus.jsonl", ['{"_id": "a"}'], "line 1: There is no text"),
        ("corpus.jsonl", ['{"_id": "a", "text": 7}'], "line 1: A int stands where a text should"),
        ("corpus.jsonl", ['{"_id": "d1", "text": "x"}'] * 2, "line 2: The document 'd1' is there already"),
        ("corpus.jsonl", [""], "has no documents"),
        ("corpus.jsonl", ['{"_id": "other", "text": "x"}'], "No judged document is in the collection; 'd1' is not"),
        ("queries.jsonl", ['{"_id": "1", "text": "x"}'] * 2, "line 2: The query '1' is there already"),
        ("queries.jsonl", ['{"_id": "9", "text": "x"}'], "No query of b has a judgment"),
        ("qrels/test.tsv", ["query-id\tcorpus-id\tscore", "1\td1\tgood"], "test.tsv, line 2: This is no judgment"),
        ("qrels/test.tsv", ["1\td1\t1", "1\td1"], "line 2: This is no judgment"),
        ("qrels/test.tsv", ["1\td1\t1", "1\td1\t2"], "line 2: 'd1' has another grade for query '1'"),
        ("qrels/test.tsv", ["1\td1\t1", "1\td1\t1000000000"], "line 2: This is no judgment"),
    ],
)
def test_broken_collections_are_refused(tmp_path: Path, name: str, lines: list[str], problem: str) -> None:
    """A figure on part of a collection is a wrong figure; whoever made the file has to find the line."""
    folder = beir(tmp_path / "b")
    write(folder / name, *lines)
    with pytest.raises(CollectionError) as caught:
        check_documents(read_collection(folder), silent)
    assert problem in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["<DOC>", "<DOCNO>1</DOCNO>", "<DOC>"], "line 1: This document has no end, or no beginning"),
        (["</DOC>"], "line 1: This document has no end, or no beginning"),
        (["<DOC> x </DOC>"], "line 1: This document has no id"),
        (["<DOC><DOCNO>1</DOCNO></DOC>", "lost"], "line 2: Here is text outside of a document"),
    ],
)
def test_broken_documents_of_trec_are_refused(tmp_path: Path, lines: list[str], problem: str) -> None:
    """Where one document ends and the next begins decides what is found."""
    with pytest.raises(CollectionError, match=problem):
        list(sgml_documents(write(tmp_path / "a", *lines)))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (["<top>", "<num> 1", "<title> x", "<top>"], "line 1: This topic has no end"),
        (["<top>", "<num> 1", "<title> x"], "line 1: This topic has no end"),
        (["<top>", "<num> 1", "</top>"], "line 1: This topic has no title"),
        (["<top>", "<title> x", "</top>"], "line 1: '' cannot be an id"),
    ],
)
def test_broken_topics_are_refused(tmp_path: Path, lines: list[str], problem: str) -> None:
    """A topic that runs into the next one asks for both."""
    with pytest.raises(CollectionError, match=problem):
        list(topics(write(tmp_path / "a", *lines)))


def test_a_folder_that_is_no_collection(tmp_path: Path) -> None:
    """The first mistake is a wrong path, and the answer says what a collection looks like."""
    with pytest.raises(CollectionError, match="There is no folder"):
        read_collection(tmp_path / "nowhere")
    with pytest.raises(CollectionError, match="no file of it holds documents"):
        read_collection(tmp_path)
    write(tmp_path / "corpus.jsonl")
    with pytest.raises(CollectionError, match=r"not queries\.jsonl and qrels/test.tsv"):
        read_collection(tmp_path)
    folder = trec(tmp_path / "t")
    write(folder / "qrels.old", "1 0 d1 1")
    with pytest.raises(CollectionError, match=r"Several files of .* hold judgments: .*qrels.old and .*qrels.txt"):
        read_collection(folder)
    for name in ("qrels.old", "qrels.txt"):
        (folder / name).unlink()
    with pytest.raises(CollectionError, match="no file of it holds judgments"):
        read_collection(folder)


def test_judgments_of_what_is_not_there_are_told(tmp_path: Path) -> None:
    """Old collections have some, and lose a little of each measure by them."""
    folder = trec(tmp_path / "t")
    write(folder / "qrels.txt", "1 0 d1 1", "1 0 lost 1", "77 0 d1 1", "2 0 d3 -2")
    collection = read_collection(folder)
    assert collection.warnings == ("Judged queries that are not there, and left out: 1, such as '77'.",)
    assert collection.judgments["2"] == {"d3": 0}
    count, warning = check_documents(collection, silent)
    assert count == 4
    assert warning.startswith("1 of 3 judgments are of documents that are not there, such as 'lost'")


@pytest.mark.parametrize("piece", ["<", "<TEXT>", "<DOC", "<!--", "</TEXT", "&amp", "<a <"])
def test_hostile_markup_takes_no_longer(tmp_path: Path, piece: str) -> None:
    """A file of tags that never end must not keep a machine busy."""
    path = write(tmp_path / "a", "<DOC><DOCNO>1</DOCNO>" + piece * 400_000, "</DOC>")
    with in_proportion():
        list(sgml_documents(path))


def test_lines_are_bounded(tmp_path: Path) -> None:
    """A file of one endless line must not fill the memory."""
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.truncate(17 << 20)
    with pytest.raises(CollectionError, match="Line 1 is longer than 16 MB"):
        list(json_documents(path))
