"""How functions are made compiled loops, and helpers that are compiled into loops."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar, cast

import numba
from numba import types
from numba.extending import typeof_impl

from search.budget import overlook
from search.kernels.jit import cache

F = TypeVar("F", bound=Callable[..., Any])

_LOOP: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}
_HELPER = {**_LOOP, "no_cpython_wrapper": True}
"""Options of numba for helpers: only loops call a helper, so it needs no wrapper for calls from Python."""


class Loop:
    """A function that numba compiles for one signature, or takes from the cache, when it is first called.

    Python and other loops can call it. The first call raises TypeError if an argument is of another type than the
    signature says; later calls enter the compiled code at once, since to look at a tuple of arrays takes numba longer
    than some loops run. Raises LoopsCompiling if it is not compiled and this process is not to do that:
    see `cache.choose`.
    """

    checks_all_calls = False
    """Whether each call has the types of its arguments checked. Tests set it."""

    def __init__(self, function: Callable[..., Any], signature: object) -> None:
        self.function = function
        self.signature = signature
        self.name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self.__doc__ = function.__doc__
        self._lock = RLock()
        self._compiled: Any = None
        self._run: Callable[..., Any] = self._first

    def __call__(self, *arguments: Any) -> Any:
        """Run the compiled loop."""
        return self._run(*arguments)

    def _first(self, *arguments: Any) -> Any:
        """Run the loop for the first time, which is when it is compiled or loaded."""
        with overlook():
            cache.wait_for(self.name)
            run = self.compiled()
        result = run(*arguments)
        if not self.checks_all_calls:
            self._run = run.get_compile_result(self.signature).entry_point
        return result

    def compiled(self) -> Any:
        """Return numba's dispatcher of the function, compiled.

        A call that comes from within the compilation gets the dispatcher as it is then, not compiled yet.
        """
        with self._lock:
            if self._compiled is None:
                numba.config.CACHE_DIR = str(cache.choose())  # type: ignore[attr-defined]  # numba makes it as it is imported
                self._compiled = numba.njit(cache=True, **_LOOP)(self.function)
                self._compiled.compile(self.signature)
                self._compiled.disable_compile()
                cache.set_ready(self.name)
                self._run = self._compiled
            return self._compiled


@typeof_impl.register(Loop)
def _type_of(loop: Loop, _context: object) -> types.Type:
    """Tell numba the type of a `Loop`, so that one loop can call another."""
    return numba.typeof(loop.compiled())


def compiled(signature: object) -> Callable[[F], F]:
    """Make a loop of a function, for one signature: see `Loop`."""

    def loop(function: F) -> F:
        return cast("F", Loop(function, signature))

    return loop


def inlined(function: F) -> F:
    """Compile a helper into the loops that call it: LLVM decides whether it is inlined."""
    return cast("F", numba.njit(function, **_HELPER))


def inline_always(function: F) -> F:
    """Make a helper part of each loop that calls it, before LLVM compiles the loop.

    It is for small helpers with several results: a call would pass them through memory.
    """
    return cast("F", numba.njit(function, inline="always", **_HELPER))
