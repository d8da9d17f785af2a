"""The types of what loops take and return, by short names, and how several arrays are given as one NamedTuple."""

from __future__ import annotations

from typing import Any

from numba import types

boolean, u8, u16, u32, u64 = types.boolean, types.uint8, types.uint16, types.uint32, types.uint64
i32, i64, f32, f64 = types.int32, types.int64, types.float32, types.float64


def read(kind: types.Type, dimensions: int = 1) -> types.Array:
    """The type of an array that is only read."""
    return types.Array(kind, dimensions, "C", readonly=True)


def write(kind: types.Type, dimensions: int = 1) -> types.Array:
    """The type of an array that is written."""
    return types.Array(kind, dimensions, "C")


def struct(layout: type, *fields: types.Type) -> types.Type:
    """The type of a NamedTuple of arrays and numbers that a loop takes, given the types of its fields."""
    if len(set(fields)) == 1:
        return types.NamedUniTuple(fields[0], len(fields), layout)
    return types.NamedTuple(fields, layout)


def read_only(array: Any) -> Any:
    """Return a view of an array that cannot be written through: fields of a `struct` are of one type or the other."""
    view = array.view()
    view.flags.writeable = False
    return view
