"""The status page: its figures add up, and what could not be read is told with reason and advice."""

from __future__ import annotations

from flask.testing import FlaskClient

from search.ledger import Ledger, LedgerEntry, Problem, Root
from search.settings import Settings
from tests.contract.engines import article
from tests.oracle import Oracle
from tests.web.archive import NASTY
from tests.web.dom import Dom
from web import create_app
from web.views.status import MAX_FAILURES, summary

ENTRIES = (
    LedgerEntry("news", "a.txt", "indexed", "a.txt", articles=1, guessed=1),
    LedgerEntry("news", "b.txt", "quarantined", "b.txt", articles=1, reason="It is broken.", advice="Mend it."),
    LedgerEntry("news", f"{NASTY}.txt", "quarantined", reason=NASTY, advice="Rename it."),
    LedgerEntry("news", "c.odt", "ignored", reason="not a format that is read"),
    LedgerEntry(
        "news", "d.jsonl", "partial", "d.jsonl", articles=1, refused=2, problems=(Problem("3", "No text.", "Add."),)
    ),
    LedgerEntry("news", "e.pdf", "partial", "e.pdf", articles=1, partial=1, reason="2 of 3 pages are pictures."),
    LedgerEntry("news", "caf\udce9.txt", "quarantined", reason="Its name is not UTF-8.", advice="Rename it."),
)


def client(*entries: LedgerEntry) -> FlaskClient:
    engine = Oracle()
    with engine.write() as writer:
        for name in ("a.txt", "b.txt", "d.jsonl:1"):
            writer.add(article(name, "Text."))
        writer.commit(Ledger({"news": Root("/srv/news", "")}, entries))
    return create_app(engine, Settings()).test_client()


def test_every_file_is_accounted_for() -> None:
    """Found is the four outcomes together: nothing may be lost without a word."""
    found = summary(Ledger({}, ENTRIES))
    assert found.found == found.indexed + found.partial + found.quarantined + found.ignored == 7
    assert (found.partial, found.quarantined, found.ignored, found.refused, found.guessed) == (2, 3, 1, 2, 1)


def test_sentences_and_code_are_set_as_such() -> None:
    """Words run together and raw backticks around a date look like a page that nobody reads."""
    broken = LedgerEntry(
        "news", "x.txt", "quarantined", reason="Line 2: `<b>` is no date, it's `", advice="See `- 1969`."
    )
    page = Dom(client(*ENTRIES, broken).get("/status").text)
    assert "2 records could not be read. The dates of 1 article are guesses." in page.text("p")
    assert page.texts_in("code") == ["<b>", "- 1969"]
    assert "is no date, it's `" in " ".join(page.texts_in("td"))


def test_files_and_records_are_told_apart() -> None:
    """Seven lines below "5 could not be read" let one doubt all of it."""
    page = Dom(client(*ENTRIES).get("/status").text)
    titles = page.texts_in("h2")
    assert titles[:2] == ["Files that could not be read", "Records that could not be read"]
    found = summary(Ledger({}, ENTRIES))
    assert (len(found.failures), len(found.records)) == (found.quarantined, 1)


def test_files_without_an_article_are_named() -> None:
    """Whoever counts them wants to see whether one of them should be read; thousands would bury all else."""
    ignored = [
        LedgerEntry("news", f"{number}.odt", "ignored", reason="not a format that is read") for number in range(23)
    ]
    page = Dom(client(*ignored).get("/status").text)
    assert page.texts_in("bdi").count("news/0.odt") == 1
    assert "Not a format that is read." in page.texts_in("td")
    assert "And 3 more;" in page.text("p")


def test_the_home_page_says_what_became_of_all_files() -> None:
    """Who searches an archive wants to know how much of it is there."""
    text = client(*ENTRIES).get("/").text
    assert "Of 7 files, 1 is indexed, 2 were read in part, 3 could not be read, and 1 is no article." in text


def test_what_could_not_be_read_is_listed() -> None:
    """Whoever supplied the files sees which to mend, and how, without access to the machine."""
    page = Dom(client(*ENTRIES).get("/status").text)
    rows = [" ".join(text.split()) for text in page.texts_in("td")]
    assert {"It is broken.", "Mend it.", "No text.", "Add.", "2 of 3 pages are pictures."} <= set(rows)
    places = page.texts_in("bdi")
    assert {"news/b.txt", "news/d.jsonl:3", "news/e.pdf", r"news/caf\udce9.txt"} <= set(places)
    assert sum("last good version" in text for text in page.texts_in("span")) == 1
    assert all(str(script["src"]).startswith("/static/") for script in page.all("script"))


def test_all_is_well() -> None:
    """An empty list would leave it open whether anything was looked at."""
    text = client(ENTRIES[0]).get("/status").text
    assert "Everything that was found could be read." in text
    assert "<table>" not in text


def test_encodings_that_were_guessed_are_listed() -> None:
    """Letters that are wrong are found by what reads the page; the file's name and the guess say where to look."""
    guessed = LedgerEntry("news", "old.html", "indexed", "old.html", encoding="windows-1252 (guessed)", articles=1)
    text = client(ENTRIES[0], guessed).get("/status").text
    assert "news/old.html" in text
    assert "windows-1252 (guessed)" in text
    assert "Everything that was found could be read." in text


def test_many_troubles_make_no_endless_page() -> None:
    """A folder of a million broken files is still a page."""
    many = [
        LedgerEntry("news", f"{n}.txt", "quarantined", reason="Broken.", advice="Mend.")
        for n in range(MAX_FAILURES + 5)
    ]
    text = client(*many).get("/status").text
    assert text.count("<tr>") == MAX_FAILURES + 1
    assert "lists all" in text


def test_it_takes_no_parameters() -> None:
    """What is not understood is refused, here as everywhere; but for what others add to an address."""
    assert client().get("/status?fbclid=1").status_code == 200
    assert client().get("/status?x=1").status_code == 400
