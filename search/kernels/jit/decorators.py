"""How the loops are compiled."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic, typeof_impl

from search.budget import overlook
from search.kernels.jit import cache

F = TypeVar("F", bound=Callable[..., Any])

boolean, u8, u16, u32, u64 = types.boolean, types.uint8, types.uint16, types.uint32, types.uint64
i32, i64, f32, f64 = types.int32, types.int64, types.float32, types.float64


def read(kind: types.Type, dimensions: int = 1) -> types.Array:
    """The type of an array that is only read."""
    return types.Array(kind, dimensions, "C", readonly=True)


def write(kind: types.Type, dimensions: int = 1) -> types.Array:
    """The type of an array that is written."""
    return types.Array(kind, dimensions, "C")


_LOOP: dict[str, Any] = {"nogil": True, "no_cfunc_wrapper": True}
_HELPER = {**_LOOP, "no_cpython_wrapper": True}
"""What else numba is told: nothing but Python calls a loop, and nothing but loops, which are kept with all that is in
them, calls a helper. No type of numba's names these options."""


def has(feature: str) -> bool:
    """Whether the processor that loops are compiled for has a feature: this one, or what numba's settings name."""
    chosen: Any = numba.config
    if chosen.CPU_FEATURES is not None:
        return f"+{feature}" in chosen.CPU_FEATURES
    return chosen.CPU_NAME is None and bool(get_host_cpu_features().get(feature))


class Loop:
    """A loop for one signature: compiled, or taken from the cache, when it is first called, by Python or another loop.

    Calling one raises LoopsCompiling when it is not compiled and this process is not to do that: see `cache.choose`.
    """

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
        with overlook():
            cache.wait_for(self.name)
            run = self.compiled()
        return run(*arguments)

    def compiled(self) -> Any:
        """Return numba's function, compiled; while it is being compiled, as it is."""
        with self._lock:
            if self._compiled is None:
                numba.config.CACHE_DIR = str(cache.choose())  # type: ignore[attr-defined]  # made when it is imported
                self._compiled = numba.njit(cache=True, **_LOOP)(self.function)
                self._compiled.compile(self.signature)
                self._compiled.disable_compile()
                cache.set_ready(self.name)
                self._run = self._compiled
            return self._compiled


@typeof_impl.register(Loop)
def _type_of(loop: Loop, _context: object) -> types.Type:
    """Tell numba what a loop is that another one calls."""
    return numba.typeof(loop.compiled())


def compiled(signature: object) -> Callable[[F], F]:
    """Make a loop of a function, for one signature."""

    def loop(function: F) -> F:
        return cast("F", Loop(function, signature))

    return loop


def inlined(function: F) -> F:
    """Compile a helper into the loops that call it."""
    return cast("F", numba.njit(function, **_HELPER))


def inline_always(function: F) -> F:
    """Write a helper into the loops that call it, before LLVM sees them: it would call it, and results go by memory."""
    return cast("F", numba.njit(function, inline="always", **_HELPER))


@intrinsic
def as_read(_context, array):
    """An array as one that is only read: helpers are compiled once for each type that they are given."""
    kind = array.copy(readonly=True)

    def generate(context, builder, signature, arguments):
        return impl_ret_borrowed(context, builder, signature.return_type, arguments[0])

    return kind(array), generate


@intrinsic
def popcount(_context, word):
    """How many bits of a 64-bit word are set: one instruction."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return i64(word), generate


@intrinsic
def ctz(_context, word):
    """The number of the lowest bit set in a 64-bit word that is not 0: one instruction."""

    def generate(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return i64(word), generate


@intrinsic
def pdep_instruction(_context, _bits, _mask):
    """`pdep` as one instruction."""

    def generate(_context, builder, _signature, arguments):
        word = ir.IntType(64)
        kind = ir.FunctionType(word, [word, word])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.bmi.pdep.64"), arguments)

    return u64(u64, u64), generate


@inlined
def pdep_loop(bits, mask):
    """`pdep` for any processor."""
    found = np.uint64(0)
    while bits and mask:
        rest = mask & (mask - np.uint64(1))
        if bits & np.uint64(1):
            found |= mask ^ rest
        mask = rest
        bits >>= np.uint64(1)
    return found


AT_ONCE = has("bmi2")
"""Whether the processor has the instruction."""
pdep = pdep_instruction if AT_ONCE else pdep_loop
"""Of the bits of a mask those that the lowest bits of a word say: bit k of the word is for the k-th of the mask."""


def _compared(how: str) -> Callable[..., Any]:
    """An intrinsic that compares 64 units with a value at once: a few vector instructions, bit k for the k-th unit."""

    @intrinsic
    def compare(_context, units, _i, _value):
        def generate(context, builder, signature, arguments):
            array = context.make_array(signature.args[0])(context, builder, arguments[0])
            lanes = ir.VectorType(ir.IntType(16), 64)
            at = builder.bitcast(builder.gep(array.data, [arguments[1]]), lanes.as_pointer())
            loaded = builder.load(at, align=2)
            none, first = ir.Constant(lanes, ir.Undefined), ir.Constant(ir.IntType(32), 0)
            splat = ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64)
            wanted = builder.shuffle_vector(builder.insert_element(none, arguments[2], first), none, splat)
            if how == "&":
                loaded, wanted = builder.and_(loaded, wanted), ir.Constant(lanes, [0] * 64)
            found = builder.icmp_unsigned("!=" if how == "&" else how, loaded, wanted)
            return builder.bitcast(found, ir.IntType(64))

        return u64(units, i64, u16), generate

    return cast("Callable[..., Any]", compare)


equal64, least64, share64 = _compared("=="), _compared(">="), _compared("&")
"""Which of units[i:i + 64] equal a value, are at least as large, or share a bit with it. All 64 must be there."""


@intrinsic
def prefetch(_context, array, _i):
    """Have the processor fetch array[i], which need not be there, while the loop goes on: it will be wanted soon."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        pointer = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [pointer.type] + [ir.IntType(32)] * 3)
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        builder.call(function, [pointer, *(ir.Constant(ir.IntType(32), k) for k in (0, 3, 1))])
        return context.get_dummy_value()

    return types.void(array, i64), generate


@intrinsic
def load_u64(_context, array, _i):
    """The 64 bits that begin at a byte of an array of bytes, least significant first; nobody checks that they exist."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
        word = builder.load(place)
        word.align = 1
        return word

    return u64(array, i64), generate
