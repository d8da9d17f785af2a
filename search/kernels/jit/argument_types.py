"""Short names for the types of what loops take and return."""

from __future__ import annotations

from typing import Any

from numba import types

boolean, u8, u16, u32, u64 = types.boolean, types.uint8, types.uint16, types.uint32, types.uint64
i32, i64, f32, f64 = types.int32, types.int64, types.float32, types.float64


def read(kind: types.Type, dimensions: int = 1) -> types.Array:
    """Return the type of a contiguous array that is only read."""
    return types.Array(kind, dimensions, "C", readonly=True)


def write(kind: types.Type, dimensions: int = 1) -> types.Array:
    """Return the type of a contiguous array that is written."""
    return types.Array(kind, dimensions, "C")


def struct(layout: type, *fields: types.Type) -> types.Type:
    """Return the type of a NamedTuple of arrays and numbers, given the types of its fields."""
    if len(set(fields)) == 1:
        return types.NamedUniTuple(fields[0], len(fields), layout)
    return types.NamedTuple(fields, layout)


def read_only(array: Any) -> Any:
    """Return a view of an array that cannot be written through.

    For numba read-only and writable arrays are of two types, and a field of a `struct` is declared as one of the two.
    """
    view = array.view()
    view.flags.writeable = False
    return view
