"""Threads of a worker take turns at making answers, and send them whenever they can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from threading import Event, Thread
from typing import Any

from web.serving.request_lock import RequestLock

WHOLE = [("Content-Length", "5")]


class Body:
    """The parts of an answer, and whether it was closed."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = parts
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        self.closed = True


def application(body: Iterable[bytes], headers: list[tuple[str, str]]) -> Any:  # noqa: ANN401 - a WSGI application
    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if "wait" in environ:
            environ["began"].set()
            environ["wait"].wait(60)
        start_response("200 OK", headers)
        return body

    return answer


def ask(locked: RequestLock, environ: dict[str, Any]) -> Iterable[bytes]:
    return locked(environ, lambda *_: None)


def test_an_answer_that_is_there_waits_for_no_turn() -> None:
    """It would be sent only after the next request has been answered, which has nothing to do with it."""
    locked = RequestLock(application(Body(b"who", b"le"), WHOLE))
    answer = ask(locked, {})
    began, wait = Event(), Event()
    other = Thread(target=ask, args=(locked, {"began": began, "wait": wait}))
    other.start()
    assert began.wait(60)
    read: list[bytes] = []
    reader = Thread(target=lambda: read.extend(answer))
    reader.start()
    reader.join(10)
    sent = b"".join(read)
    wait.set()
    other.join()
    assert sent == b"whole"


def test_an_answer_is_closed() -> None:
    """What counts requests, and what an export holds, is told by that that an answer has ended."""
    whole, part = Body(b"whole"), Body(b"part")
    ask(RequestLock(application(whole, WHOLE)), {})
    assert whole.closed
    answer: Any = ask(RequestLock(application(part, [])), {})
    assert not part.closed
    answer.close()
    assert part.closed
