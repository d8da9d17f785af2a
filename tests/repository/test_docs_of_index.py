"""The pages on the format of the index, the architecture and the words name what there is."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from search.dates import parse_date
from search.index import WhooshEngine
from search.index.segment.segment_reader import SegmentReader
from search.index.storage.column_file import ArrayFile
from search.index.storage.directory import FORMAT, copies_name, read_manifest
from search.index.writing import merge
from search.ledger import Ledger, Progress
from search.model import Article, Heading
from search.settings import KEYS, PREFIX
from tests.repository.test_docs import PAGES, ROOT, codes, page, table, tables


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A tiny index of two generations, with deletions; the files that it had at any time."""
    folder: Path = tmp_path_factory.mktemp("format") / "index"
    files = set()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("SMALL", 0), ("DEAD", 2.0), ("SIMILAR", 0)):  # nothing is merged
            patch.setattr(merge, name, value)
        for run in range(2):
            with WhooshEngine(folder).write() as writer:
                heading = Heading(f"a{run}", "Moon", parse_date("1969"), "s", "en")
                writer.add(Article(heading, ("It has C++.", "al-Sharaa.")))
                writer.add(Article(Heading(f"b{run}", "", None, "t", "fr"), ("Été été, moons.",)))
                writer.stage(Progress())
                writer.add(Article(Heading(f"c{run}", "", None, "t", "fr"), ("One more.",)))
                if run:
                    writer.remove("b0")
                files |= {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
                writer.commit(Ledger())
            files |= {path.name for path in folder.iterdir() if path.is_file()}
    return folder, files


def test_files_of_an_index_are_described(folders: tuple[Path, set[str]]) -> None:
    """Whoever finds a file in an index folder has to learn what it is, and whether it can go."""
    _, files = folders
    shapes = (
        (r"MAIN_[0-9a-f]{16}", "MAIN_<segment>"),
        (r"batch-\d+", "batch-<number>"),
        (r"(?<=[-_.])\d+(?=\.)", "<generation>"),
    )
    for pattern, name in shapes:
        files = {re.sub(pattern, name, file) for file in files}
    assert files == {codes(row[0])[0] for row in table(page("docs/index-format.md"), "file")}


def test_the_manifest_is_described(folders: tuple[Path, set[str]]) -> None:
    """It is what a person looks into first when an index does not open."""
    text, folder = page("docs/index-format.md"), folders[0]
    manifest = json.loads((folder / "manifest-2.json").read_bytes())
    for head, keys in (("key of the manifest", manifest), ("key of a segment", manifest["segments"][0])):
        assert {name for row in table(text, head) for name in codes(row[0])} == set(keys)
    assert f"`{FORMAT}`" in text


def test_arrays_of_a_segment_are_described(folders: tuple[Path, set[str]]) -> None:
    """The page is all that tells of the format: what it gets wrong, others read wrong."""
    rows = [row for rows in tables(page("docs/index-format.md")) if rows[0][0] == "array" for row in rows[1:]]
    for files in read_manifest(folders[0], 2).segments:
        file = ArrayFile(folders[0] / files.name)
        assert [codes(row[0])[0] for row in rows] == list(file.places)
        for row in rows:
            name, kind, length = codes(row[0])[0], codes(row[1])[0], row[2]
            _, stored, count = file.places[name]
            assert stored[1:] == kind or (kind == "u*" and stored[1] == "u"), name
            if length.startswith("`"):
                assert count == elements(file, codes(length)[0]), name


def test_arrays_of_the_copies_are_described(folders: tuple[Path, set[str]]) -> None:
    """Copies are in a file of their own, which whoever reads the format has to find, too."""
    places = ArrayFile(folders[0] / copies_name(2)).places
    described = {
        codes(row[0])[0]: codes(row[1])[0] for row in table(page("docs/index-format.md"), "array of the copies")
    }
    assert {name: "u*" if kind[1] == "u" else kind[1:] for name, (_, kind, _) in places.items()} == described


def elements(file: ArrayFile, length: str) -> int:
    """How many elements an array of a segment has, by the page's formula."""
    segment, places = SegmentReader(file.path), file.places
    name, _, more = length.partition(" + ")
    if found := re.fullmatch(r"sum\((\w+)\)", name):
        return int(file.whole(found[1]).sum(dtype=int))
    counts = {
        "n_docs": segment.paragraphs,
        "n_articles": segment.articles,
        "n_terms": len(segment.strings("stem")),
        "n_forms": places["word_entry"][2],
        "n_markers": places["marker_widths"][2],
        "n_blocks": places["block_texts"][2],
        "n_volumes": places["volume_dictionary"][2],
        "n_dictionaries": places["dictionary_at"][2] - 1,
        "postings_at[n_terms]": int(file.whole("postings_at")[-1]),
    }
    return counts[name] + int(more or 0)


CODE = [path for folder in ("search", "web", "tests", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_files_of_the_code_are_there(path: Path) -> None:
    """A page that sends a reader to a file that was renamed is worse than one that names none."""
    if path.name == "CHANGELOG.md":  # which tells of what was
        return
    text = path.read_text("utf-8")
    named = re.findall(r"`((?:search|web|tests|docs|benchmarks)/[\w/.]*)`", text)
    assert [name for name in named if not (ROOT / name).exists()] == []
    files = [f"/{file.relative_to(ROOT)}" for file in CODE]
    below = re.findall(r"`([\w/]+\.py)`", text)  # of a folder that the page has named
    assert [name for name in below if not any(file.endswith(f"/{name}") for file in files)] == []


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "docs/architecture.md", "docs/glossary.md", "docs/index-format.md"]
)
def test_names_of_the_code_are_there(name: str, folders: tuple[Path, set[str]]) -> None:
    """A class or function that was renamed is looked for in vain, and its page is taken for an old one."""
    columns = {column for file in folders[0].glob("*.arrays") for column in ArrayFile(file).places}
    sources = "".join(file.read_text("utf-8") for file in CODE) + page("pyproject.toml")
    files = {file.stem for file in CODE}
    settings = {f"{PREFIX}{key.upper()}" for key in KEYS}
    there = {*re.findall(r"\w+", sources), *columns, *files, *settings, "x_lengths", "x_bytes", "NUMBA_BOUNDSCHECK"}
    words = [word for code in codes(page(name)) if "<" not in code for word in re.findall(r"\w+", code)]
    named = [word for word in words if re.fullmatch(r"_?[A-Za-z]\w*_\w*|_[a-z]\w*|[A-Z]+[a-z]+[A-Z]\w*", word)]
    if name == "CONTRIBUTING.md":  # elsewhere capitals are of formulas and of bits
        named += [word for word in words if re.fullmatch(r"[A-Z]{4,}", word) and word not in {"ARGS", "FOLDER"}]
    assert [word for word in named if word not in there] == []
