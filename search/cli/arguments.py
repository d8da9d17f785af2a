"""Arguments and help of the commands. Imports next to nothing, so that `stemma --help` answers at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

ROWS = 100
"""Highest number of results that can be asked for."""

DASHED = "A query that begins with a dash comes after --, as in: stemma search -- '-nato'"
QUOTED = "Write the words of the query after `stemma search`, or '' for everything, newest first."
FIRST = ("-h", "--help", "--version", "--")
"""Arguments that may come before the name of a command."""
PACKAGE = "stemma-search"
"""The name by which it is installed, which knows the version."""

EXAMPLES = """examples:
  stemma reindex archive/          index the articles below archive/
  stemma serve --port 8080         serve pages and JSON
  stemma search moon landing       search in the terminal
  stemma status                    what the index holds
  stemma backup /mnt/2026-11-25    a copy of the index
  stemma status --index /mnt/x     options follow the command; --index says which index

Settings: a flag wins over STEMMA_* in the environment, that over stemma.toml, that over the default.
Exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted."""

REINDEX = """Reads every source, a folder or a file, and adds, updates and removes what has changed; other sources that
the index knows stay as they are. Searches see nothing of it until all is done, and nothing at all if it fails or is
interrupted; the next run goes on where an interrupted one was.
Files that cannot be read are listed and quarantined; all others are indexed, and the exit code is 1.

examples:
  stemma reindex                     the sources of the settings (default: seeds, or where they were dropped, all
                                     that the index knows)
  stemma reindex archive/ letters/   two sources, called archive and letters
  stemma reindex articles.jsonl      a source that is one file
  stemma reindex --drop letters      forget a source and its articles
  stemma reindex --watch archive/    and again whenever something changes
  stemma reindex --dry-run archive/  what a run would do
  stemma reindex --full              from nothing: after an upgrade, or when the index is damaged
  stemma reindex mine/ --drop seeds  one source in the place of another

Fields of JSON and CSV that are not called title, text, date: STEMMA_FIELDS=title=headline,text=body"""

QUERIES = """examples:
  stemma search military support             both words, in any inflection
  stemma search '"military support"'         these words, side by side
  stemma search 'military NEAR/5 support'    within 5 words of each other
  stemma search 'defence -nato after:2024'   without a word, from 2025 on
  stemma search -n 3 -- '-nato'              a query that begins with a dash comes after --

All words are one query. Put signs in 'single quotes', so that the shell leaves them as they are."""

SERVE = """examples:
  stemma serve                               pages and JSON on http://127.0.0.1:8000
  stemma serve --host 0.0.0.0 --port 8080    for other machines too; put a proxy in front
  stemma serve --workers 4                   with four processes that answer"""

STATUS = """examples:
  stemma status                              figures, and what could not be read, or only in part
  stemma status --json                       with every file and what became of it"""

CHECK = """examples:
  stemma check                               exit code 1 and names when something is damaged
  stemma check --index /mnt/2026-11-25       a backup, too"""

BACKUP = """examples:
  stemma backup /mnt/2026-11-25              can be searched there: --index /mnt/2026-11-25"""

RESTORE = """examples:
  stemma restore /mnt/2026-11-25             the index is what it was; then `stemma reindex` follows the sources"""


EVAL = """Indexes the collection into a temporary index, asks each query that has judgments, and prints nDCG@10, MAP,
recall@100 and how many of the first ten are judged. docs/ranking.md says what a collection looks like.

examples:
  stemma eval beir/nfcorpus                         the measures of this version
  stemma eval beir/nfcorpus --run before.run        and a file with its rankings, in TREC's format
  stemma eval beir/nfcorpus --against before.run    and the difference from an earlier one, tested"""

WARM = """Stemma's search loops are compiled for the processor that they run on, once: by this command, or by the first
other one that needs them. Run it when you install or upgrade: as the user who installs, so that all users have them.

examples:
  stemma warm                                after `pip install`, with progress"""

MOST_PARTS = 100
"""Maximum number of machines that make a run together."""


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments by name, `command` first; an option that overrides a setting is None when not given.

    Raise SystemExit, after it has printed help (0) or what is wrong (2).
    """
    given = sys.argv[1:] if argv is None else list(argv)
    top = parser()
    if not given:
        top.print_help(sys.stderr)
        sys.exit(2)
    if given[0].startswith("-") and given[0] not in FIRST:
        top.error(f"{given[0]} stands before the command. Options follow it, as in: stemma search --index DIR moon")
    args, unknown = top.parse_known_args(given)
    if args.command == "search":
        args.query, unknown = _words(args.query, unknown)
        if args.query is None:
            args.parser.error(QUOTED)
    if unknown:
        args.parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    return args


def _words(first: list[str], rest: list[str]) -> tuple[str | None, list[str]]:
    """Return the query of all words, also of those that came after options, and what is no word; None without any."""
    end = rest.index("--") if "--" in rest else len(rest)
    if any(word.startswith("-") for word in rest[:end]):
        return "", rest
    words = [*first, *rest[:end], *rest[end + 1 :]]
    return " ".join(words) if words else None, []


def _part(text: str) -> tuple[int, int]:
    """Return the numbers of `2/3`. Raise ArgumentTypeError when they are not those of a part."""
    number, slash, of = text.partition("/")
    if not (slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST_PARTS):
        raise argparse.ArgumentTypeError(f"{text!r} is no part of a run: the second of three is 2/3")
    return int(number), int(of)


class Parser(argparse.ArgumentParser):
    """Argument parser whose errors explain how a query may begin with a dash."""

    def error(self, message: str) -> NoReturn:
        """Print the usage and the message, and exit with 2."""
        super().error(f"{message}\n{DASHED}" if self.prog.endswith(" search") else message)


class _Version(argparse.Action):
    """Option that prints the version and exits; only then is it looked up."""

    def __call__(self, *_args: object, **_kwargs: object) -> None:
        """Print the version, and exit with 0."""
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - it takes as long as all of help

        try:
            sys.stdout.write(f"stemma {version(PACKAGE)}\n")
        except PackageNotFoundError:
            sys.stdout.write("stemma, not installed; pyproject.toml has the version\n")
        sys.exit(0)


def parser() -> Parser:
    """Return the parser of the command line."""
    top = Parser(
        prog="stemma",
        description="Full-text search for archives of articles.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print the version, and exit")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    reindex = _command(commands, "reindex", "bring the index up to date with the sources", REINDEX)
    reindex.add_argument(
        "sources", nargs="*", metavar="SOURCE", help="a folder or file of articles; its name is the source's"
    )
    reindex.add_argument("--full", action="store_true", help="build a new index and swap it in")
    reindex.add_argument(
        "--drop", action="append", metavar="NAME", help="forget the source of this name, with its articles"
    )
    reindex.add_argument(
        "--part", type=_part, metavar="K/N", help="the part of a run that N machines make together, in a cluster"
    )
    reindex.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    reindex.add_argument("--watch", action="store_true", help="run again after every change, until stopped")
    reindex.add_argument("--jobs", metavar="N", help="processes that read and analyse (default: one for each core)")
    reindex.add_argument("--json", action="store_true", help="print what the run did and its ledger, as JSON")
    reindex.add_argument("--quiet", action="store_true", help="print nothing but what went wrong")

    serve = _command(commands, "serve", "serve pages and JSON until stopped", SERVE)
    serve.add_argument("--host", metavar="H", help="the address to listen on (default: 127.0.0.1, this machine only)")
    serve.add_argument("--port", metavar="P", help="the port to listen on (default: 8000)")
    serve.add_argument("--workers", metavar="N", help="processes that answer (default: 2)")

    search = _command(commands, "search", "print the paragraphs that match best", QUERIES)
    search.add_argument("query", nargs="*", metavar="WORD", help="what to search for; '' is everything, newest first")
    search.add_argument("-n", type=_rows, default=10, metavar="N", help=f"how many, 1 to {ROWS} (default: 10)")
    search.add_argument(
        "--scope",
        choices=("paragraph", "article"),
        default="paragraph",
        help="what has to have all words: a paragraph (the default), or an article in any of its paragraphs",
    )
    search.add_argument(
        "--variants", metavar="WHICH", help="of names: off, on (other spellings; default), or alias (other names too)"
    )
    search.add_argument(
        "--duplicates",
        choices=("show", "fold"),
        default="show",
        help="of articles that are copies of one another: show all (the default), or fold them into the first",
    )
    search.add_argument("--json", action="store_true", help="print what /api/v1/search answers")
    search.add_argument("--explain", action="store_true", help="say of each result why it has its score")

    status = _command(commands, "status", "show what the index holds and what became of each file", STATUS)
    status.add_argument("--json", action="store_true", help="print it as JSON, with every file")

    _command(commands, "warm", "compile what is compiled once on a machine, so that nobody waits for it later", WARM)

    check = _command(commands, "check", "verify every byte of the index, and that its parts agree", CHECK)
    check.add_argument("--json", action="store_true", help="print what was found as JSON")

    backup = _command(commands, "backup", "copy the index, consistently, while it is searched and written", BACKUP)
    backup.add_argument("target", metavar="DIR", help="a folder that is not there yet")

    restore = _command(commands, "restore", "make a backup the index, while it is searched", RESTORE)
    restore.add_argument("backup", metavar="DIR", help="what `stemma backup` made")

    evaluate = _command(commands, "eval", "measure the ranking on a test collection", EVAL, has_index=False)
    evaluate.add_argument("collection", metavar="COLLECTION", help="its folder, in the layout of BEIR or TREC")
    evaluate.add_argument("--against", type=Path, metavar="RUN", help="a saved run to compare with")
    evaluate.add_argument("--run", type=Path, metavar="FILE", help="a new file to save this run in")
    evaluate.add_argument("--json", action="store_true", help="print everything, each query too, as JSON")
    return top


def _command(
    commands: argparse._SubParsersAction[Parser], name: str, summary: str, epilog: str, *, has_index: bool = True
) -> Parser:
    """Add a command with its help, with the option --index if it has an index, and return its parser."""
    command = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if has_index:
        command.add_argument("--index", metavar="DIR", help="where the index is kept (default: index)")
    command.set_defaults(parser=command)
    return command


def _rows(text: str) -> int:
    """Return a number of results. Raise ArgumentTypeError when it is not from 1 to ROWS."""
    if text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= ROWS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to {ROWS}")
