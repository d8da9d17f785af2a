"""A client that asks a server in all the ways that people do, and checks that each answer is right, and is new."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple

from tests.faults.harness.changing_archive import ARTICLES, HERALDS, WORDS, ChangingArchive, marks, words

PAUSE = 0.03
"""Seconds between an answer and the next question, so that runs get their share of the processors."""
IDLE = 2.0
"""Seconds after which a client opens a new connection: servers close those that are idle."""
BLAMED = 1.0
"""Seconds after a worker was killed in which a connection that breaks was that worker's."""
RETRY = 0.5
"""Seconds until a client whose connection broke asks again. A killed process takes connections for a moment longer: the
system frees its memory before it closes its sockets."""
TIMEOUT = 60.0
BROKEN = (OSError, HTTPException)
"""What the standard library raises where a connection breaks."""
_GENERATION = re.compile(r'"generation":\s*(\d+)')


class Question(NamedTuple):
    """A request: its path, how many marks the answer has at least, and of which generation it must be, if of one."""

    path: str
    marks: int = 0
    pinned: int = 0


@dataclass
class Soak:
    """What happens meanwhile, and what all clients have in common."""

    archive: ChangingArchive
    committed: int = 0
    """The newest generation whose run has ended."""
    kills: list[float] = field(default_factory=list)
    """When a worker was killed, on the monotonic clock."""
    cursors: dict[int, str] = field(default_factory=dict)
    """Where a search goes on in each generation."""
    wrong: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def has_killed(self) -> bool:
        """Whether a worker was killed a moment ago."""
        return bool(self.kills) and time.monotonic() - self.kills[-1] < BLAMED


class SoakClient:
    """One client; `keeps` says whether it keeps its connection, or opens one for each request."""

    def __init__(self, soak: Soak, port: int, seed: int, *, keeps: bool) -> None:
        self.soak = soak
        self.answers: Counter[str] = Counter()
        self.lost = 0
        """Requests that broke because a worker was killed."""
        self.put_off = 0
        """Requests that were told to come again, as only so many exports are sent at a time; they did."""
        self.longest = 0.0
        self._random = random.Random(seed)
        self._headers = {} if keeps else {"Connection": "close"}
        self._connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self._used = 0.0

    def run(self) -> None:
        """Ask until it is enough."""
        while not self.soak.stop.wait(PAUSE):
            name = self._random.choice(list(QUESTIONS))
            self._ask(name, QUESTIONS[name](self.soak, self._random))
        self._connection.close()

    def _ask(self, name: str, question: Question) -> None:
        """Ask, once more if a worker was killed, and look at the answer."""
        committed, began = self.soak.committed, time.monotonic()
        try:
            status, body = self._answer(question.path)
            while status == HTTPStatus.SERVICE_UNAVAILABLE and '"code":"retry-later"' in body:
                self.put_off += 1
                time.sleep(RETRY)
                status, body = self._answer(question.path)
        except BROKEN as error:
            self.soak.wrong.append(f"{question.path}: {error!r}")
            return
        self.longest = max(self.longest, time.monotonic() - began)
        self.answers[name] += 1
        if fault := self._fault(question, status, body, committed):
            self.soak.wrong.append(f"{question.path}: {fault}")

    def _answer(self, path: str) -> tuple[int, str]:
        """Status and body; asks once more where the connection may have been that of a killed worker."""
        try:
            return self._fetch(path)
        except BROKEN:
            if not self.soak.has_killed():
                raise
        self.lost += 1
        time.sleep(RETRY)
        return self._fetch(path)

    def _fetch(self, path: str) -> tuple[int, str]:
        if time.monotonic() - self._used > IDLE:
            self._connection.close()
        try:
            self._connection.request("GET", path, headers=self._headers)
            with self._connection.getresponse() as response:
                body = response.read().decode()
        except BROKEN:
            self._connection.close()
            raise
        self._used = time.monotonic()
        return response.status, body

    def _fault(self, question: Question, status: int, body: str, committed: int) -> str:
        """What is wrong with an answer, if anything is. A run is seen as soon as it has ended, at the latest."""
        if status != 200:
            return f"status {status}: {body[:500]}"
        found = marks(body)
        seen = {*found, *map(int, _GENERATION.findall(body))}
        if len(found) < question.marks or len(seen) > 1:
            return f"mixed: {len(found)} marks, of {seen}"
        if question.pinned and seen != {question.pinned}:
            return f"of {seen}, not of {question.pinned}"
        if not question.pinned and not all(committed <= one <= self.soak.archive.generation for one in seen):
            return f"stale: of {seen} after {committed}"
        return self._json_fault(question, body) if question.path.startswith("/api/v1/search") else ""

    def _json_fault(self, question: Question, body: str) -> str:
        answer = json.loads(body)
        generation, total = answer["index"]["generation"], answer["total"]
        if "q=herald&" in question.path:
            self.soak.cursors.setdefault(generation, answer["next_cursor"])
            expected = HERALDS
        elif "q=&" in question.path:
            expected = self.soak.archive.paragraphs[generation]
        else:
            return ""
        return "" if total == {"value": expected, "relation": "eq"} else f"{total} of {expected} in {generation}"


def _typed(rng: random.Random) -> str:
    """A query of any form, in WORDS that are frequent."""
    one, other = words(rng, 2)
    forms = (f"{one}+{other}", f"%22{one}+{other}%22", f"{one}*", f"{other}~1", f"{one}+OR+{other}", f"{one}+-{other}")
    return rng.choice(forms)


def _further(soak: Soak, rng: random.Random) -> Question:
    """The next page of a search that somebody began a while ago."""
    if not soak.cursors:
        return Question("/api/v1/search?q=herald&per_page=5", 5)
    generation, cursor = rng.choice(list(soak.cursors.items()))
    return Question(f"/api/v1/search?q=herald&per_page=5&cursor={cursor}", 5, generation)


QUESTIONS: dict[str, Callable[[Soak, random.Random], Question]] = {
    "home page": lambda _soak, _rng: Question("/"),
    "page of heralds": lambda _soak, _rng: Question("/?q=herald&group=article", 10),
    "page": lambda _soak, rng: Question(f"/?q={_typed(rng)}"),
    "JSON of heralds": lambda _soak, _rng: Question("/api/v1/search?q=herald&per_page=5", 5),
    "JSON of all": lambda _soak, _rng: Question("/api/v1/search?q=&facets=source,year&per_page=1"),
    "JSON": lambda _soak, rng: Question(f"/api/v1/search?q={_typed(rng)}&group=article&facets=year"),
    "JSON by cursor": _further,
    "article page of a herald": lambda _soak, rng: Question(f"/articles/heralds/{rng.randrange(HERALDS)}.txt", 1),
    "article page": lambda _soak, rng: Question(f"/articles/stays/{rng.randrange(ARTICLES)}.txt?q={rng.choice(WORDS)}"),
    "suggestions": lambda _soak, _rng: Question("/api/v1/suggest?q=tide", 1),
    "export": lambda _soak, rng: Question(f"/api/v1/export?q=herald&format={rng.choice(('csv', 'ndjson'))}", HERALDS),
    "feed": lambda _soak, _rng: Question("/feed.atom?q=herald", HERALDS),
}
"""What is asked, each as often."""
