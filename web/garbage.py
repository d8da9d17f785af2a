"""When garbage is collected in a worker: not in the middle of a request, and all of it only when nobody waits.

Python looks for garbage when so many objects are new, wherever the program is. What is remembered of words is many
objects, so that looking through all of them takes 40 to 150 ms: each time, those who wait for an answer wait as long.
What no longer is referred to is freed at once all the same; garbage is only what refers to itself.
"""

from __future__ import annotations

import gc
import time

OFTEN = 64
"""Answers after which what is new is looked through: some thousand objects, a millisecond."""
IDLE = 0.5
"""Seconds without an answer after which everything is."""
AT_LAST = 100_000
"""Answers after which everything is, even if the worker was never idle."""


class Collector:
    """Collects garbage between the answers of a process."""

    def __init__(self) -> None:
        self._answered = 0
        self._looked_through = 0
        self._looked_at_new = 0
        self._last = 0.0

    def begin(self) -> None:
        """Do so from now on. What is there by now stays for good, and is never looked through again."""
        gc.collect()
        gc.freeze()
        gc.disable()

    def after_request(self, _worker: object, _request: object, _environ: object, _response: object) -> None:
        """Note that a request has been answered; called by gunicorn."""
        self._answered += 1
        self._last = time.monotonic()

    def between_answers(self) -> None:
        """Look through what is new, or through everything, at times; called before a worker waits, and each second."""
        new = self._answered - self._looked_through
        if new >= AT_LAST or (new and time.monotonic() - self._last > IDLE):
            self._looked_through = self._looked_at_new = self._answered
            gc.collect()
        elif self._answered - self._looked_at_new >= OFTEN:
            self._looked_at_new = self._answered
            gc.collect(1)


collector = Collector()
"""That of this process; workers are copies of the process that has not answered anything."""
