"""The command `stemma`: runs the command that the arguments name, and turns errors into messages and exit codes.

Exit codes: 0 done, 1 something failed, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from io import TextIOWrapper

from search.cli.arguments import parse
from search.cli.commands import COMMANDS
from search.errors import QueryError, SettingsError, StemmaError, UserError


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code. Raise SystemExit for help and wrong arguments, as argparse does."""
    _prepare_output()
    args = Namespace(command="", query="")
    try:
        try:
            args = parse(argv)
            return COMMANDS[args.command](args)
        finally:
            sys.stdout.flush()  # here, where a full disk or a closed pipe can still be told
    except KeyboardInterrupt:
        return _fail("Interrupted." + (" The index is as it was." if args.command == "reindex" else ""), 130)
    except StemmaError as error:
        return _explain(error, args)
    except BrokenPipeError:
        _discard_output()
        return 0  # whoever read has seen enough
    except OSError as error:
        _discard_output()
        what = f"{error.filename or 'What was to be printed'}: {error.strerror or error}."
        return _fail(f"{what} See that there is room and that you may use it, then run this again.", 1)


def _explain(error: StemmaError, args: Namespace) -> int:
    """Print an error, and for a query the place of the error; return the exit code."""
    code = _fail(str(error), 2 if isinstance(error, UserError | SettingsError) else 1)
    if isinstance(error, QueryError):
        from search.cli import terminal

        terminal.tell(terminal.caret_lines(args.query, error.position))
    return code


def _fail(message: str, code: int) -> int:
    """Print a message on stderr and return the exit code."""
    from search.cli import terminal

    terminal.tell([f"stemma: {terminal.safe(message)}"])
    return code


def _prepare_output() -> None:
    """Replace closed output streams, and have others escape the letters that they cannot encode."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _discard_output() -> None:
    """Discard what stdout has buffered, so that Python does not fail to write it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
