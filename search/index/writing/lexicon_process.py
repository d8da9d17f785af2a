"""The process that analyses tokens for a writer. It talks in pickles: requests on its stdin, answers on its stdout.

    (language, tokens with line breaks between them)    analyse these; no answer
    None                                                two answers: the analyses, then the table of forms

Why not concurrent.futures: a ProcessPoolExecutor waits for ever when its worker is killed in the middle of an answer,
as it holds the writing end of the pipe of answers too. Here each end is held by one process: a pipe ends with either.
"""

from __future__ import annotations

import gc
import pickle
import signal
import sys
from contextlib import suppress

from search.index.writing.lexicon import Lexicon


def serve() -> None:
    """Answer requests until the writer is gone. Ctrl-C is for the writer alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # there are no cycles, and to look for some takes a fifth of the time
    lexicon = Lexicon()
    with suppress(EOFError, pickle.UnpicklingError, BrokenPipeError):
        while True:
            request = pickle.load(sys.stdin.buffer)  # noqa: S301 - the writer's
            if request is not None:
                lang, tokens = request
                lexicon.add(lang, tokens.split("\n"))
                continue
            for answer in (lexicon.analyses, lexicon.finish):
                pickle.dump(answer(), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)
                sys.stdout.buffer.flush()
