"""The documentation is true: what it names exists, and what exists is named."""

from __future__ import annotations

import re
import shlex
import tomllib
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from search.analysis.tokenizer import LANGUAGES, MAX_WORD
from search.budget import MAX_TERMS, SECONDS, UNITS
from search.cli.arguments import ROWS, parser
from search.cli.commands import COMMANDS
from search.errors import QueryError, StemmaError
from search.indexing import reindex
from search.model import Facet, Match, SearchRequest
from search.names.name_expansion import MAX_ADDED, MAX_LOOKUPS, MAX_VARIANTS
from search.names.names import MAX_BYTES
from search.names.synonyms import MAX_LINES
from search.query.leaves import MAX_COUNT, MAX_DISTANCE, MAX_EDITS
from search.query.lexer import FIELDS, LexemeType
from search.query.parser import MAX_DEPTH, MAX_LEAVES, MAX_LENGTH, parse
from search.service import MAX_PER_PAGE, MAX_ROWS, find
from search.settings import KEYS, PREFIX, Settings
from search.suggest.completions import MAX_TYPED
from search.suggest.corrections import MAX_WORDS
from search.suggest.relaxations import MAX_PARTS
from tests.oracle import Oracle
from web import create_app, problems, request_params
from web.presentation import serializers
from web.presentation.error_codes import ERRORS

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("*.md")),
]


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def tables(text: str) -> Iterator[list[list[str]]]:
    """The tables of a page: rows of cells, the head first."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.splitlines()]
        yield [rows[0], *rows[2:]]


def table(text: str, head: str) -> list[list[str]]:
    """The rows of the one table whose head begins so."""
    (found,) = [rows for rows in tables(text) if rows[0][0] == head]
    return found[1:]


def codes(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]*)`", cell)


def shell_lines() -> Iterator[str]:
    """Every line of every shell example, without comments."""
    for path in PAGES:
        for block in re.findall(r"```sh\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            yield from (line for line in block.splitlines() if line.strip())


def queries() -> Iterator[Any]:
    """Every query of the tables of queries, how it is joined, and what stands beside it."""
    for name in ("README.md", "docs/query-language.md"):
        for head, *rows in tables(page(name)):
            if head[0].startswith("you type"):
                match = "any" if "match=any" in head[0] else "all"
                for row in rows:
                    typed = codes(row[0].replace(r"\|", "|"))  # as tables write it
                    yield from (pytest.param(query, match, head[1:], row[1:], id=query) for query in typed)


def subparser(name: str) -> ArgumentParser:
    commands = next(action for action in parser()._actions if action.dest == "command")  # noqa: SLF001 - no other way
    assert isinstance(commands.choices, dict)
    found = commands.choices[name]
    assert isinstance(found, ArgumentParser)
    return found


@pytest.fixture(scope="module")
def engine() -> Oracle:
    """The seeds, as `make serve` has them."""
    engine = Oracle()
    reindex(engine, [ROOT / "seeds"])
    return engine


@pytest.fixture(scope="module")
def app(engine: Oracle) -> Flask:
    return create_app(engine, Settings())


@pytest.mark.parametrize(("query", "match", "headings", "cells"), list(queries()))
def test_queries_are_read_as_the_docs_say(query: str, match: Match, headings: list[str], cells: list[str]) -> None:
    """People learn the language from these tables; one wrong line there costs more than a missing feature."""
    beside = dict(zip(headings, cells, strict=True))
    if "what is wrong" in beside:
        with pytest.raises(QueryError) as caught:
            parse(query, match=match)
        assert caught.value.message == beside["what is wrong"].replace("\\", "")
    else:
        read = parse(query, match=match)
        warning = beside.get("with a warning", "")
        assert [one.startswith(warning) for one in read.warnings] == [True] * bool(warning), read.warnings
        if "it is read as" in beside:
            assert [read.interpreted] == codes(beside["it is read as"])


def readme_queries() -> Iterator[str]:
    """Every query that the README shows, in its table, to a shell or in an address."""
    yield from (query for row in table(page("README.md"), "you type") for query in codes(row[0]))
    for block in re.findall(r"```sh\n(.*?)```", page("README.md"), re.DOTALL):
        for line in block.splitlines():
            program, *arguments = shlex.split(line, comments=True) or [""]
            if program == "stemma" and arguments[0] == "search":
                yield " ".join(parser().parse_args(arguments).query)
            elif program == "curl":
                yield from parse_qs(urlsplit(arguments[0]).query).get("q", ())


@pytest.mark.parametrize("query", list(readme_queries()))
def test_what_the_readme_searches_for_is_found(query: str, engine: Oracle) -> None:
    """Whoever tries Stemma types these first; nothing found teaches that it does not work."""
    assert find(engine.snapshot(), SearchRequest(query)).total.value


def test_every_form_of_a_query_is_documented() -> None:
    """A field or operator that nobody can find out about might as well not be there."""
    text = page("docs/query-language.md")
    assert all(f"`{field}:" in text for field in FIELDS)
    unnamed = {LexemeType.OPEN, LexemeType.CLOSE, LexemeType.FIELD, LexemeType.QUOTE, LexemeType.CHUNK}
    assert all(f"`{operator.value}" in text for operator in LexemeType if operator not in unnamed)


def test_limits_are_documented() -> None:
    """Whoever meets a limit looks it up."""
    values = [int(row[1].replace(",", "")) for row in table(page("docs/query-language.md"), "what")]
    of_queries = [MAX_LENGTH, MAX_LEAVES, MAX_DEPTH, MAX_DISTANCE, MAX_COUNT, MAX_EDITS, MAX_WORD, MAX_TERMS]
    assert values == [*of_queries, MAX_VARIANTS, MAX_ADDED, MAX_LOOKUPS]
    assert f"has {UNITS // 1_000_000} million units" in page("docs/query-language.md")
    assert f"after {SECONDS:.0f} seconds" in page("docs/query-language.md")
    api = page("docs/api.md")
    assert f"1 to {MAX_PER_PAGE}" in api
    assert f"row {MAX_ROWS:,}" in api
    assert f"first {MAX_WORDS} words" in api
    assert f"{MAX_TYPED} code points" in api
    assert f"first {MAX_PARTS} parts" in api
    operations = page("docs/operations.md")
    assert f"1 to {ROWS}" in operations
    assert f"{MAX_BYTES:,} bytes and {MAX_LINES:,} lines" in operations


def test_commands_and_options_are_documented() -> None:
    """Exactly those of `--help`: none forgotten, none promised."""
    documented = {}
    for row in table(page("docs/operations.md"), "command"):
        name, *rest = codes(row[0])[0].removeprefix("stemma ").split(" ", 1)
        documented[name] = set(re.findall(r"\[?(--?[a-z][a-z-]*|[A-Z]{2,})", rest[0]))
    assert documented.keys() == COMMANDS.keys()
    for name, options in documented.items():
        actions = [action for action in subparser(name)._actions if action.dest != "help"]  # noqa: SLF001 - no other way
        taken = {option for action in actions for option in action.option_strings or [str(action.metavar)]}
        values = {str(action.metavar) for action in actions if action.option_strings and action.metavar}
        named = {str(action.metavar) for action in actions if not action.option_strings}
        assert options - (values - named) == taken, name


@pytest.mark.parametrize("line", list(shell_lines()))
def test_shell_examples_work(line: str, app: Flask) -> None:
    """They are copied and pasted; each must be taken by the program that it calls."""
    program, *arguments = shlex.split(line, comments=True)
    if program == "stemma":
        parser().parse_args(arguments)
    elif program == "make":
        assert re.search(rf"^{arguments[0]}:", page("Makefile"), re.MULTILINE)
    elif program == "curl":
        url, client = urlsplit(arguments[0]), app.test_client()
        if arguments[1:2] == ["--json"]:
            answer = client.post(url.path, data=arguments[2], content_type="application/json")
        else:
            answer = client.get(f"{url.path}?{url.query}".rstrip("?"))
        assert answer.status_code == 200
    else:
        assert line == "pip install ."


def test_make_targets_are_documented() -> None:
    """The README names what a developer needs; `make help` all of it."""
    phony = re.findall(r"^\.PHONY: (.*)$", page("Makefile"), re.MULTILINE)[0].split()
    assert set(phony) == set(re.findall(r"^(\w+):.*##", page("Makefile"), re.MULTILINE))
    assert all(f"make {target}" in page("README.md") for target in ("serve", "test", "lint", "format"))


def test_settings_are_documented() -> None:
    """Every variable with its default and its flag: no more, no fewer."""
    rows = {codes(row[0])[0]: row for row in table(page("docs/operations.md"), "variable")}
    assert list(rows) == [f"{PREFIX}{key.upper()}" for key in KEYS]
    for key in KEYS:
        _, default, flag, _ = rows[f"{PREFIX}{key.upper()}"]
        value = getattr(Settings(), key)
        shown = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        assert codes(default) == ([shown] if shown else [])
        flags = {
            f"--{key}": any(f"--{key}" in subparser(name).format_help() for name in COMMANDS),
            "SOURCE ...": key == "sources",
        }
        assert codes(flag) == [name for name, taken in flags.items() if taken]
    languages = re.findall(r"\b[a-z]{2}\b", rows["STEMMA_LANGUAGES"][3].partition(":")[2].partition(";")[0])
    assert languages == sorted(LANGUAGES)


def test_routes_are_documented(app: Flask) -> None:
    """An address that the docs do not know is nobody's to rely on, and one that is only in the docs is a lie."""
    documented = set(re.findall(r"^## (?:GET|POST) (\S+)$", page("docs/api.md"), re.MULTILINE))
    rules = {re.sub(r"<.*>", "<id>", rule.rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static"}
    assert documented == rules


def test_parameters_are_documented() -> None:
    """Parameters and the values that they can have."""
    rows = {codes(row[0])[0]: row for row in table(page("docs/api.md"), "parameter")}
    assert set(rows) == set(request_params.API)
    for name, choices in {**request_params.CHOICES, "facets": get_args(Facet)}.items():
        assert set(choices) <= set(codes(rows[name][1])), name


def test_fields_of_an_answer_are_documented(engine: Oracle) -> None:
    """Programs are written against these names."""
    text = page("docs/api.md")
    facets = get_args(Facet)
    found = serializers.page_json(find(engine.snapshot(), SearchRequest("moon", facets=facets, duplicates="fold")))
    answer = [name for row in table(text, "field of the answer") for name in codes(row[0])]
    assert answer == list(found)
    (hit, *_) = found["hits"]
    rows = {codes(row[0])[0]: codes(row[1]) for row in table(text, "field of a hit")}
    assert list(rows) == list(hit)
    for name in ("article", "paragraph", "highlights"):
        assert set(hit[name]) <= set(rows[name]), name


def test_errors_are_documented(app: Flask) -> None:
    """A client that handles errors handles them by code."""
    rows = table(page("docs/api.md"), "status")
    assert [(int(row[0]), codes(row[1])[0], row[2]) for row in rows] == list(ERRORS), "what /errors shows"
    documented = {(error.status, error.code) for error in ERRORS}
    kinds = {(int(kind.status), kind.code) for kind in problems.KINDS.values()}
    assert documented == kinds | {(status, code) for status, (code, *_) in problems.HTTP_ERRORS.items()}


NEVER_SENT = {"AuthorError", "UnreadableArticle", "DamagedFileError", "NumberTaken"}
"""Errors of reading files, which become entries of the ledger, among them."""


def test_every_error_is_told_to_clients() -> None:
    """An error that is raised on purpose and has no kind would be a 500."""
    for error in _subclasses(StemmaError):
        kind = next(kind for of, kind in problems.KINDS.items() if issubclass(error, of))
        assert kind.code != "internal-error" or error.__name__ in NEVER_SENT, error


def _subclasses(of: type[StemmaError]) -> Iterator[type[StemmaError]]:
    for found in of.__subclasses__():
        yield found
        yield from _subclasses(found)


def test_dependencies_are_justified() -> None:
    """Each is code of strangers that runs here; whoever adds one says what for."""
    project = tomllib.loads(page("pyproject.toml"))
    wanted = list(project["project"]["dependencies"])
    wanted += [requirement for group in project["project"]["optional-dependencies"].values() for requirement in group]
    wanted += project["build-system"]["requires"]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in wanted}
    rows = [row for rows in tables(page("docs/dependencies.md")) for row in rows[1:]]
    assert {codes(row[0])[0] for row in rows} == names
    assert all(len(row[2]) > 10 for row in rows)


def test_the_house_is_as_described() -> None:
    """The map of the code shows every file and folder of `search`, and none that is not there."""
    house = page("docs/architecture.md").partition("```\n")[2].partition("\nsearch/index/")[0]
    rooms = re.findall(r"^  (\w+)(\.py|/) ", house, re.MULTILINE)
    there = {path.stem for path in (ROOT / "search").iterdir() if not path.name.startswith("__")}
    assert {name for name, _ in rooms} == there
    assert all((ROOT / "search" / f"{name}{ending}").exists() for name, ending in rooms)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Within the repository every link has a target, heading included."""
    for target, _, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(#?)([^)]*)\)", path.read_text("utf-8")):
        there = path.parent / target if target else path
        assert there.exists(), f"{path.name} links to {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    """Keep a Changelog: changes are written down as they are made."""
    assert "## [Unreleased]" in page("CHANGELOG.md")
