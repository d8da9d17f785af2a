"""Operations on eight numbers in a vector register, which numba does not make of a loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.extending import intrinsic

from search.kernels.jit.argument_types import i64, types, u64
from search.kernels.jit.decorators import inline_always, inlined
from search.kernels.jit.intrinsics import has

I8, I32, I64 = (ir.IntType(bits) for bits in (8, 32, 64))
EIGHT_BYTES, EIGHT_NUMBERS = ir.VectorType(I8, 8), ir.VectorType(I32, 8)

SHUFFLES = np.array(
    [
        sum(((mask & ((1 << i) - 1)).bit_count() if mask >> i & 1 else 0x80) << (8 * i) for i in range(8))
        for mask in range(256)
    ],
    np.uint64,
)
"""`(256,) uint64`: for each mask of eight bits a byte for each place, from the lowest on.

It is the number of the byte that `spread_bytes` moves to this place, which is the number of bits set below; 0x80 if the
mask does not have the place.
"""


@intrinsic
def _shuffle(_context, _word, _places):
    """Return the bytes of a word at the places that the bytes of another word name; 0 for places from 0x80 on."""

    def generate(_context, builder, _signature, arguments):
        vector = ir.VectorType(I8, 16)
        pair = ir.VectorType(I64, 2)
        at = ir.Constant(I32, 0)
        none = ir.Constant(pair, [0, 0])
        taken = [builder.bitcast(builder.insert_element(none, word, at), vector) for word in arguments]
        kind = ir.FunctionType(vector, [vector, vector])
        function = builder.module.declare_intrinsic("llvm.x86.ssse3.pshuf.b.128", fnty=kind)
        return builder.extract_element(builder.bitcast(builder.call(function, taken), pair), at)

    return u64(u64, u64), generate


@inline_always
def _spread_bytes_shuffle(word, mask):
    """Return what `spread_bytes` does, by one instruction of SSSE3."""
    return _shuffle(word, SHUFFLES[mask])


@inlined
def spread_bytes_loop(word, mask):
    """Return what `spread_bytes` does, on any processor."""
    found = np.uint64(0)
    for place in range(8):
        bit = (mask >> np.uint64(place)) & np.uint64(1)
        found |= (word & np.uint64(0xFF) & (np.uint64(0) - bit)) << np.uint64(8 * place)
        word >>= np.uint64(8) * bit
    return found


spread_bytes: Any = _spread_bytes_shuffle if has("ssse3") else spread_bytes_loop
"""Move the lowest bytes of a word, in order, to the places whose bits a mask of eight bits has; the other bytes are 0.
"""


@intrinsic
def store_u64(_context, units, _i, _word):
    """Write the bytes of a word to units[i:i + 8], of an array of bytes. Nothing is checked."""

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.bitcast(builder.gep(array.data, [arguments[1]]), I64.as_pointer())
        builder.store(arguments[2], place, align=1)
        return context.get_dummy_value()

    return types.void(units, i64, u64), generate


@intrinsic
def store_prefix_sums(_context, numbers, _i, _before, _lows, _highs):
    """Write the prefix sums of eight numbers, from `before` on, to numbers[i:i + 8], int32; return the last sum.

    Each number is a byte of `lows`, plus 256 times a byte of `highs`, plus 1.
    """

    def generate(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        low, high = (builder.zext(builder.bitcast(word, EIGHT_BYTES), EIGHT_NUMBERS) for word in arguments[3:])
        sums = builder.or_(low, builder.shl(high, ir.Constant(EIGHT_NUMBERS, [8] * 8)))
        zeros = ir.Constant(EIGHT_NUMBERS, [0] * 8)
        # After a step each lane has the sum of twice as many numbers as before (Hillis and Steele, 1986).
        for step in (1, 2, 4):
            moved = ir.Constant(ir.VectorType(I32, 8), [(i - step if i >= step else 8) for i in range(8)])
            sums = builder.add(sums, builder.shuffle_vector(sums, zeros, moved))
        sums = builder.add(sums, ir.Constant(EIGHT_NUMBERS, list(range(1, 9))))
        first = builder.trunc(arguments[2], I32)
        single = builder.insert_element(ir.Constant(EIGHT_NUMBERS, ir.Undefined), first, ir.Constant(I32, 0))
        sums = builder.add(sums, builder.shuffle_vector(single, single, ir.Constant(EIGHT_NUMBERS, [0] * 8)))
        place = builder.bitcast(builder.gep(array.data, [arguments[1]]), EIGHT_NUMBERS.as_pointer())
        builder.store(sums, place, align=4)
        return builder.sext(builder.extract_element(sums, ir.Constant(I32, 7)), I64)

    return i64(numbers, i64, i64, u64, u64), generate
