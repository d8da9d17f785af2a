"""Single instructions of the processor for which numba has no name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numba
import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic

from search.kernels.jit.argument_types import i64, u16, u64
from search.kernels.jit.decorators import inlined


def has(feature: str) -> bool:
    """Tell whether the processor that loops are compiled for has a feature: this one, or what numba's settings name."""
    chosen: Any = numba.config
    if chosen.CPU_FEATURES is not None:
        return f"+{feature}" in chosen.CPU_FEATURES
    return chosen.CPU_NAME is None and bool(get_host_cpu_features().get(feature))


@intrinsic
def as_readonly(_context, array):
    """Return an array as one that is only read, so that helpers are compiled for this type alone."""
    kind = array.copy(readonly=True)

    def generate(context, builder, signature, arguments):
        return impl_ret_borrowed(context, builder, signature.return_type, arguments[0])

    return kind(array), generate


@intrinsic
def popcount(_context, word):
    """Return how many bits of a 64-bit word are set."""

    def generate(_context, builder, _signature, arguments):
        return builder.ctpop(arguments[0])

    return i64(word), generate


@intrinsic
def ctz(_context, word):
    """Return the number of the lowest bit set in a 64-bit word that is not 0."""

    def generate(_context, builder, _signature, arguments):
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return i64(word), generate


@intrinsic
def pdep_instruction(_context, _bits, _mask):
    """Return what `pdep` does, by the instruction of BMI2."""

    def generate(_context, builder, _signature, arguments):
        word = ir.IntType(64)
        kind = ir.FunctionType(word, [word, word])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.bmi.pdep.64"), arguments)

    return u64(u64, u64), generate


@inlined
def pdep_loop(bits, mask):
    """Return what `pdep` does, on any processor."""
    found = np.uint64(0)
    while bits and mask:
        rest = mask & (mask - np.uint64(1))
        if bits & np.uint64(1):
            found |= mask ^ rest
        mask = rest
        bits >>= np.uint64(1)
    return found


HAS_PDEP = has("bmi2")
"""Whether the processor has the instruction."""
pdep = pdep_instruction if HAS_PDEP else pdep_loop
"""Move bit k of a word to the place of the k-th bit set in a mask, from the lowest bit on (parallel bit deposit)."""


def _compared(how: str) -> Callable[..., Any]:
    """Make an intrinsic that compares 64 units with a value: it returns a word whose bit k is about the k-th unit."""

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


equal_64, at_least_64, share_bits_64 = _compared("=="), _compared(">="), _compared("&")
"""Which of units[i:i + 64] equal a value, are at least as large, or share a bit with it. All 64 must be there."""


@intrinsic
def prefetch(_context, array, _i):
    """Tell the processor to fetch array[i], which need not exist, while the loop goes on."""

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
    """Return the 64 bits from array[i] on, of an array of bytes, least significant byte first. Nothing is checked."""

    def generate(context, builder, signature, arguments):
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(64).as_pointer())
        word = builder.load(place)
        word.align = 1
        return word

    return u64(array, i64), generate
