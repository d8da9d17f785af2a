"""A tiny test collection in both layouts, whose measures are counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

DOCUMENTS = (
    ("d1", "Moon landing", "Their landing was soft."),
    ("d2", "Harvest", "Corn was\n\nripe & cut."),
    ("d3", "", "Tides follow the sun."),
    ("d4", "Rain", ""),
)
QUERIES = {"1": "The LANDING?", "2": "tides", "3": "(rain) - harvest:", "4": "zeppelin", "5": "nobody judged this"}
JUDGMENTS = (("1", "d1", 2), ("1", "d4", 1), ("2", "d1", 1), ("3", "d2", 1), ("3", "d4", 1), ("4", "d2", 1))

MEASURES = {
    # 2 / log2(2) of 2 / log2(2) + 1 / log2(3) found for the first query; nothing for 2 and 4; all for 3
    "nDCG@10": ((2 / (2 + 1 / 1.584962500721156)) + 0 + 1 + 0) / 4,
    "MAP": (1 / 2 + 0 + 1 + 0) / 4,
    "recall@100": (1 / 2 + 0 + 1 + 0) / 4,
    "judged@10": (1 / 2 + 0 / 1 + 2 / 2 + 0) / 4,  # the first query also finds d3, by its "the"
}


def beir(folder: Path) -> Path:
    """The collection in BEIR's layout."""
    (folder / "qrels").mkdir(parents=True)
    documents = [{"_id": name, "title": title, "text": text, "url": 1} for name, title, text in DOCUMENTS]
    write(folder / "corpus.jsonl", *map(json.dumps, documents))
    write(folder / "queries.jsonl", *(json.dumps({"_id": name, "text": text}) for name, text in QUERIES.items()))
    write(folder / "qrels" / "test.tsv", "query-id\tcorpus-id\tscore", *("\t".join(map(str, row)) for row in JUDGMENTS))
    return folder


def trec(folder: Path) -> Path:
    """The collection in TREC's layout: documents in two files, one of them in a folder and in Latin-1."""
    (folder / "disk1").mkdir(parents=True)
    (_, _, first), second, third, fourth = DOCUMENTS
    write(
        folder / "disk1" / "a",
        f"<DOC>\n<DOCNO> d1 </DOCNO>\n<DATE>1969</DATE><HEADLINE>\nMoon <B>landing</B>\n</HEADLINE><TEXT>{first}",
        f"</TEXT></DOC>\n<DOC><docno>{second[0]}</docno><title>{second[1]}</title>",
        "<text><p>Corn was</p>\n\n<p>ripe &amp; cut.</text> </DOC>",
    )
    write(folder / "more.jsonl", *(json.dumps({"id": d[0], "title": d[1], "contents": d[2]}) for d in (third, fourth)))
    topics = (
        f"<top>\n<num> Number: {name}\n<title> Topic: {text}\n\n<desc> none\n</top>" for name, text in QUERIES.items()
    )
    write(folder / "topics.1-5", *topics)
    write(folder / "qrels.txt", *(f"{query} 0 {document} {grade}" for query, document, grade in JUDGMENTS))
    return folder


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path
