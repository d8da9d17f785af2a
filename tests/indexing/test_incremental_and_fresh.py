"""An index that was brought up to date again and again is the same as one that is made of what lies there now.

Random histories of two folders and a file as sources: files are written, edited, renamed (also their endings), moved
between folders and sources, broken, mended, closed and removed, folders too, and settings change. After each run the
articles and the ledger are those of a new index, but for what docs/operations.md says is kept.
STEMMA_HISTORIES=2000 tries as many.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import shutil
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from search.engine import Engine, open_engine
from search.errors import SourceError
from search.indexing import reindex
from search.indexing.fingerprints import Key
from search.indexing.id_conflicts import find_rivals
from search.ledger import Ledger, LedgerEntry, Root
from search.model import Article
from search.settings import Settings
from search.sources import Options
from tests.oracle import Oracle

HISTORIES = int(os.environ.get("STEMMA_HISTORIES", "40"))
STEPS = 6
"""Runs in a history."""
MAIN, LETTERS, ALONE = "main", "letters", "one.jsonl"
FOLDERS = ("", "x", "x/y", "letters", ".hidden")
STEMS = ("a", "b_c", "a.csv:1", "b_c.txt:x")
LIGHT = ("txt", "json", "jsonl", "csv", "tsv", "zip", "txt.gz", "odt")
OPTIONS = (Options(), Options(languages=("en", "de")), Options(title_field="head"), Options(text_field="head"))
CLOSED = 0


def content(draw: random.Random, ending: str) -> bytes:
    """The bytes of a file that its ending may or may not fit; every fifth is broken, or is in part."""
    word = draw.choice(["moon", "sun", "sea"])
    rows: list[dict[str, str]] = [
        {"text": f"{word} {n}", "head": f"Head {n}", "title": "T"} for n in range(draw.randrange(1, 4))
    ]
    for row in rows:
        if draw.random() < 0.2:
            row.update(draw.choice([{"text": ""}, {"id": "same"}, {"date": "1999"}, {"id": "1"}, {"id": "2"}]))
    data = {
        "txt": f"Title {word}\n- 2001-02-03\n\nA **{word}** of text.\n",
        "json": repr(rows).replace("'", '"'),
        "jsonl": "\n".join(repr(row).replace("'", '"') for row in rows),
        "csv": "id,text,head\n" + "".join(f"{n},{row['text']},{row['head']}\n" for n, row in enumerate(rows)),
        "tsv": "id\ttext\thead\n" + "".join(f"{n}\t{row['text']}\t{row['head']}\n" for n, row in enumerate(rows)),
        "md": f"Some **{word}** text.\n",
    }.get(ending, f"Packed {word}\n\nText.\n")
    if draw.random() < 0.15:
        return draw.choice([b"", b"\xff\xfe\x00\xd8", b"Title\n\n\xff \xe9 bad"])
    if ending == "txt.gz":
        return gzip.compress(data.encode(), mtime=0)
    if ending == "zip":
        with ZipFile(packed := io.BytesIO(), "w") as archive:
            for name in draw.sample(["m.txt", "n.jsonl", "o.txt"], 2):
                archive.writestr(name, data if name != "n.jsonl" else '{"text": "one"}\n{"text": ""}')
        return packed.getvalue()
    return data.encode()


class World:
    """The sources of one history, and what may happen to them."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.draw = random.Random(seed)
        self.endings = (*LIGHT, "md") if seed % 20 == 0 else LIGHT
        """Markdown is read by a process of its own, which takes long to start."""
        self.sources = [root / name for name in (MAIN, LETTERS, ALONE)]
        self.options = OPTIONS[0]
        for name in (MAIN, LETTERS):
            (root / name).mkdir()
        (root / "aside").mkdir()
        (root / ALONE).write_bytes(b'{"text": "alone"}\n{"text": "and more"}\n')
        for _ in range(8):
            self.write()

    def files(self) -> list[Path]:
        """All files in the folders that can be seen."""
        return sorted(path for name in (MAIN, LETTERS) for path in (self.root / name).rglob("*") if path.is_file())

    def folders(self) -> list[Path]:
        return sorted(path for name in (MAIN, LETTERS) for path in (self.root / name).rglob("*") if path.is_dir())

    def place(self, ending: str = "") -> Path:
        """A place for a file."""
        draw = self.draw
        name = f"{draw.choice(STEMS)}.{ending or draw.choice(self.endings)}"
        return self.root / draw.choice([MAIN, MAIN, LETTERS]) / draw.choice(FOLDERS) / name

    def write(self) -> None:
        ending = self.draw.choice(self.endings)
        self.put(self.place(ending), content(self.draw, ending))

    def put(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_bytes(data)

    def change(self) -> None:
        """Let one thing happen, if it can."""
        what = [self.write, self.edit, self.edit, self.rename, self.rename, self.remove, self.copy, self.close_or_open]
        happen = self.draw.choice([*what, self.take_away, self.bring_back, self.set, self.edit_alone, self.swap])
        with suppress(OSError, IndexError):  # something closed is in its way, or there is nothing to choose from
            happen()

    def edit(self) -> None:
        path = self.draw.choice(self.files())
        path.write_bytes(content(self.draw, path.name.partition(".")[2]))

    def edit_alone(self) -> None:
        (self.root / ALONE).write_bytes(content(self.draw, "jsonl"))

    def rename(self) -> None:
        path = self.draw.choice(self.files())
        kept = self.draw.choice(["", path.suffix[1:]])
        place = self.draw.choice([self.place(kept), self.place().parent / path.name, path.with_name(self.place().name)])
        place.parent.mkdir(parents=True, exist_ok=True)
        path.rename(place)

    def swap(self) -> None:
        one, other = self.draw.choice(self.files()), self.draw.choice(self.files())
        data = one.read_bytes()
        one.write_bytes(other.read_bytes())
        other.write_bytes(data)

    def copy(self) -> None:
        path = self.draw.choice(self.files())
        self.put(self.place(path.suffix[1:]), path.read_bytes())

    def remove(self) -> None:
        self.draw.choice(self.files()).unlink()

    def close_or_open(self) -> None:
        path = self.draw.choice(self.files() + self.folders())
        path.chmod(CLOSED if self.draw.random() < 0.5 else 0o700)

    def open_all(self) -> None:
        for place, _, _ in os.walk(self.root):
            for below in Path(place).iterdir():
                below.chmod(0o700)

    def take_away(self) -> None:
        folder = self.draw.choice(self.folders())
        folder.rename(self.root / "aside" / folder.relative_to(self.root).as_posix().replace("/", "+"))

    def bring_back(self) -> None:
        folder = self.draw.choice(sorted((self.root / "aside").iterdir()))
        place = self.root / folder.name.replace("+", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(place)

    def set(self) -> None:
        self.options = self.draw.choice(OPTIONS)

    def run(self, engine: Engine, sources: list[Path], *, full: bool = False) -> str:
        """Bring an index up to date. What is refused is confirmed, or mended where it cannot be."""
        try:
            reindex(engine, sources, self.options, full=full, jobs=1)
        except SourceError as error:
            if "--full" in error.hint:
                self.run(engine, self.sources, full=True)
                return "refused"
            self.open_all()
            self.put(self.root / MAIN / "new.txt", b"New\n\nText.\n")
            self.put(self.root / LETTERS / "new.txt", b"New\n\nText.\n")
            self.run(engine, sources, full=full)
            return "emptied"
        return "full" if full else "run"


def articles(engine: Engine) -> dict[str, Article]:
    """All articles of an index by id."""
    snapshot = engine.snapshot()
    ids = {entry.article_id for entry in snapshot.ledger().entries if entry.article_id is not None}
    return {article.id: article for file_id in ids for article in snapshot.articles_of(file_id)}


def without_kept(found: dict[str, Article], ledger: Ledger) -> dict[str, Article]:
    """The articles but for those that are kept though their file, or their record, cannot be read any more."""
    kept: set[str] = set()
    for entry in ledger.entries:
        if entry.article_id is None:
            continue
        if entry.outcome == "quarantined":
            kept |= {name for name in found if name == entry.article_id or name.startswith(f"{entry.article_id}:")}
        kept |= {f"{entry.article_id}:{problem.key}" for problem in entry.problems if problem.stale}
    return {name: article for name, article in found.items() if name not in kept}


def told(ledger: Ledger, rivals: set[Key], kept: set[Key]) -> dict[Key, LedgerEntry]:
    """What a ledger says of each file, but for when it was read, what is kept, and files that another one excludes."""
    closed = [entry.file for entry in ledger.entries if entry.reason.startswith("The folder cannot be read")]
    return {
        entry.file: entry._replace(
            mtime=0,
            size=0,
            generation=0,
            digest="",
            kept=0,
            articles=entry.articles - entry.kept,
            article_id=None if entry.outcome == "quarantined" else entry.article_id,
            lang="" if entry.file in kept else entry.lang,
            guessed=0 if entry.outcome == "quarantined" else entry.guessed,
            problems=tuple(replace(problem, stale=False) for problem in entry.problems),
        )
        for entry in ledger.entries
        if entry.file not in rivals
        and not any(entry.source == source and entry.path.startswith(f"{path}/") for source, path in closed)
    }


def fresh(world: World, known: Ledger, engine: Engine) -> Engine:
    """A new index of the same sources, with the names in their ids that they have."""
    with engine.write() as writer:
        writer.commit(Ledger({name: Root(root.path, root.prefix) for name, root in known.roots.items()}))
    reindex(engine, world.sources, world.options, jobs=1)
    return engine


def compare(world: World, engine: Engine, anew: Engine) -> None:
    """Assert that an index is as a new one, but for what is kept."""
    known = engine.snapshot().ledger()
    anew = fresh(world, known, anew)
    now, expected = articles(engine), articles(anew)
    ledger = anew.snapshot().ledger()
    entries = (*ledger.entries, *known.entries)  # what is kept keeps its ids, too
    ids = {entry.file: known.roots[entry.source].prefix + entry.path for entry in entries}
    rivals = find_rivals({key: ids[key] for key in ids})
    contested = {ids[key] for key in rivals}

    def settled(found: dict[str, Article]) -> dict[str, Article]:
        return {n: a for n, a in found.items() if not any(n == c or n.startswith(f"{c}:") for c in contested)}

    assert settled(without_kept(now, known)) == settled(expected)
    kept = {entry.file for entry in known.entries if entry.kept}
    said, right = (told(one, set(rivals), kept) for one in (known, ledger))
    assert said.keys() == right.keys()
    for key, entry in said.items():
        assert entry == right[key]
    owners = [entry.article_id for entry in known.entries if entry.article_id is not None]
    assert len(owners) == len(set(owners))
    held = {name for name in now if name not in owners and not any(name.startswith(f"{owner}:") for owner in owners)}
    assert held == set()
    assert len(now) == sum(entry.articles for entry in known.entries)
    for key in set(rivals) & {entry.file for entry in known.entries if entry.outcome == "quarantined"}:
        assert next(entry for entry in known.entries if entry.file == key).reason


def history(root: Path, seed: int, engine: Engine, fresh_engine: type[Oracle] | None = Oracle) -> Counter[str]:
    """Try one history; return how its runs went."""
    world = World(root, seed)
    outcomes: Counter[str] = Counter()
    world.run(engine, [world.sources[0]])
    for step in range(STEPS):
        for _ in range(world.draw.randrange(1, 5)):
            if world.files():
                world.change()
        chosen = world.sources if world.draw.random() < 0.7 else world.draw.sample(world.sources, 1)
        outcomes[world.run(engine, chosen, full=world.draw.random() < 0.1)] += 1
        if chosen is not world.sources:
            outcomes[world.run(engine, world.sources)] += 1
        anew = fresh_engine() if fresh_engine else open_engine(Settings(index=root / f"anew{step}"))
        compare(world, engine, anew)
        again = reindex(engine, world.sources, world.options, jobs=1)
        assert not again.committed
    return outcomes


@pytest.mark.parametrize("block", range(-(-HISTORIES // 20)))
def test_an_index_brought_up_to_date_is_as_a_new_one(unprivileged: Path, block: int) -> None:
    """Whatever happened before, nobody finds what is not there any more, or misses what is."""
    first = random.SystemRandom().randrange(1 << 32) if "CI" not in os.environ else 20 * block
    for seed in range(first, first + min(20, HISTORIES - 20 * block)):
        root = unprivileged / str(seed)
        root.mkdir()
        try:
            history(root, seed, Oracle())
        except Exception as error:
            error.add_note(f"history {seed}")
            raise
        shutil.rmtree(root, ignore_errors=True)


def test_an_index_on_disk_is_as_a_new_one(unprivileged: Path) -> None:
    """What the writer deletes and merges is behind it, too."""
    engine = open_engine(Settings(index=unprivileged / "index"))
    history(unprivileged, 7, engine, None)
    assert engine.check(lambda _done, _whole: None).damages == ()
    engine.close()


GOOD, BAD = '{"id": "x", "text": "New."}', '{"id": "x", "text": ""}'
OTHER = '{"id": "x:1", "text": "Another."}'


@pytest.mark.parametrize(
    "records", [(BAD, GOOD), (GOOD, BAD), (BAD, BAD, OTHER, GOOD)], ids=["before", "after", "with another"]
)
def test_a_record_that_cannot_be_read_beside_one_of_its_id(tmp_path: Path, records: tuple[str, ...]) -> None:
    """The last version was kept for the one, and then the other was added: one id showed two articles."""
    path, told_entries = tmp_path / "news" / "a.jsonl", []
    path.parent.mkdir()
    for name in ("index", "anew"):
        engine = open_engine(Settings(index=tmp_path / name))
        if name == "index":
            path.write_text('{"id": "x", "text": "Old."}\n{"id": "y", "text": "Why."}\n')
            reindex(engine, [path.parent])
        path.write_text("\n".join(records))
        reindex(engine, [path.parent])
        snapshot = engine.snapshot()
        found = sorted((one.id, one.paragraphs) for one in snapshot.articles_of("a.jsonl"))
        assert found[0] == ("a.jsonl:x", ("New.",))
        assert len(found) == 1 + (OTHER in records)
        told_entries.append([entry._replace(generation=0, mtime=0) for entry in snapshot.ledger().entries])
        engine.close()
    assert told_entries[0] == told_entries[1]
