"""reindex() after any history of the folders: what is found is what lies there."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from search.errors import SourceError
from tests.indexing.test_reindex import run, texts
from tests.oracle import Oracle

SOURCES = ("north", "south")
NAMES = ("a.txt", "b.txt", "c/a.txt", "d.txt")
BROKEN = ""

files = st.dictionaries(
    st.tuples(st.sampled_from(SOURCES), st.sampled_from(NAMES)), st.sampled_from(["1", "2", BROKEN])
)
runs = st.tuples(files, st.sampled_from([SOURCES, SOURCES, ("north",), ("south", "north")]), st.sampled_from([0, 0, 1]))
Files = dict[tuple[str, str], str]


def lay_out(root: Path, wanted: Files) -> None:
    for source in SOURCES:
        for name in NAMES:
            path = root / source / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if (source, name) in wanted:
                text = wanted[source, name]
                path.write_text(text and f"Title\n\n{text}\n")


def moved(seen: Files, there: Files, sources: tuple[str, ...]) -> set[tuple[str, str]]:
    """Where the files were that are new but for their place: of several with one text, those of the same name."""
    found = set()
    for text in ("1", "2"):
        gone = [key for key in sorted(seen) if seen[key] == text and key not in there and key[0] in sources]
        new = [key for key in sorted(there) if there[key] == text and key not in seen and key[0] in sources]
        for same_name in (True, False):
            for key in list(new):
                fitting = [was for was in gone if not same_name or Path(was[1]).name == Path(key[1]).name]
                if fitting:
                    new.remove(key)
                    gone.remove(fitting[0])
                    found.add(fitting[0])
    return found


def after(known: Files, seen: Files, there: Files, sources: tuple[str, ...], *, full: bool) -> Files | None:
    """What the index should hold after a run, by the rules; None when the run has to be refused.

    `seen` are the files that the last runs saw, broken ones too.
    """
    with_current_stat = SOURCES if full else sources
    found: Files = {}
    for source in SOURCES:
        before = {key: text for key, text in known.items() if key[0] == source}
        now = {key: text for key, text in there.items() if key[0] == source}
        lost = before.keys() - now.keys() - moved(seen, there, sources)
        if source not in with_current_stat:
            found |= before
        elif full and before and not now:
            return None
        elif full or 2 * len(now) >= len(before) or 2 * len(lost) <= len(before):
            good = {key: text for key, text in now.items() if text != BROKEN}
            kept = {} if full else {key: text for key, text in before.items() if now.get(key) == BROKEN}
            found |= good | kept
        else:
            return None
    return found


@given(st.lists(runs, min_size=1, max_size=6))
@example(
    [
        ({("north", "b.txt"): "1", **{("south", name): "1" for name in ("a.txt", "b.txt", "c/a.txt")}}, SOURCES, 0),
        ({("north", "a.txt"): "1", ("south", "a.txt"): "1"}, SOURCES, 0),
    ]
)
def test_any_history(history: list[tuple[Files, tuple[str, ...], int]]) -> None:
    """Added, changed, broken, mended, removed, refused, built anew: an article must never be lost or left behind."""
    engine = Oracle()
    known: Files = {}
    seen: Files = {}
    with TemporaryDirectory() as folder:
        root = Path(folder)
        lay_out(root, {})
        run(engine, *(root / source for source in SOURCES))
        for there, sources, full in history:
            lay_out(root, there)
            expected = after(known, seen, there, sources, full=bool(full))
            try:
                report = run(engine, *(root / source for source in sources), full=bool(full))
            except SourceError:
                assert expected is None
                continue
            assert expected is not None
            known = expected
            with_current_stat = SOURCES if full else sources
            seen = {key: text for key, text in seen.items() if key[0] not in with_current_stat}
            seen |= {key: text for key, text in there.items() if key[0] in with_current_stat}
            assert texts(engine) == {"/".join(key): text for key, text in known.items()}
            assert {entry.article_id for entry in report.ledger.entries} - {None} == set(texts(engine))
            assert report.committed is (report.generation is not None)
            assert not run(engine, *(root / source for source in sources)).committed
