"""How the loops are compiled."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

F = TypeVar("F", bound=Callable[..., Any])

boolean, u8, u16, u32, u64 = types.boolean, types.uint8, types.uint16, types.uint32, types.uint64
i32, i64, f32, f64 = types.int32, types.int64, types.float32, types.float64


def read(kind: types.Type, dimensions: int = 1) -> types.Array:
    """The type of an array that is only read."""
    return types.Array(kind, dimensions, "C", readonly=True)


def write(kind: types.Type, dimensions: int = 1) -> types.Array:
    """The type of an array that is written."""
    return types.Array(kind, dimensions, "C")


def _cache_can_be_kept() -> bool:
    """Whether numba finds a folder for its cache; without one it compiles at every start, and works."""
    if "NUMBA_CACHE_DIR" in os.environ or os.access(Path(__file__).parent, os.W_OK):
        return True
    try:
        with tempfile.TemporaryDirectory(dir=Path.home()):
            return True
    except OSError:
        return False


_CACHE = _cache_can_be_kept()


def compiled(signature: object) -> Callable[[F], F]:
    """Compile a loop for one signature when the module is imported, or take it from the cache."""
    return cast("Callable[[F], F]", numba.njit(signature, cache=_CACHE, nogil=True))


def inlined(function: F) -> F:
    """Compile a helper into the loops that call it."""
    return cast("F", numba.njit(function, cache=_CACHE, nogil=True))


@intrinsic
def popcount(_context, word):
    """How many bits of a 64-bit word are set: one instruction."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return i64(word), generate


@intrinsic
def lowest(_context, word):
    """The number of the lowest bit set in a 64-bit word that is not 0: one instruction."""

    def generate(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return i64(word), generate


@intrinsic
def four_bytes(_context, array, _i):
    """The 32 bits that begin at a byte of an array of bytes, least significant first; nobody checks that they exist."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(32).as_pointer())
        word = builder.load(place)
        word.align = 1
        return builder.zext(word, ir.IntType(64))

    return i64(array, i64), generate
