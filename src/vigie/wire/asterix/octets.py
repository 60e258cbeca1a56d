"""Machine instructions that numba does not offer: big-endian loads of 64 bits, leading zeros, plain loads and stores.

They are the difference between one instruction and several, in the innermost loop of the decoder: numba lets an index
be negative, and asks at every use whether it is. They are intrinsics and not inlined kernels because an inlined kernel
counts references to its arrays at every use.
"""

from __future__ import annotations

from typing import Any, Protocol, cast

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import signature
from numba.extending import intrinsic


@intrinsic
def _word_at(typing_context: Any, data: Any, at: Any) -> Any:

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        at = builder.sext(args[1], ir.IntType(64)) if args[1].type.width < 64 else args[1]
        word = ir.IntType(64)
        last = builder.sub(array.nitems, ir.Constant(word, 8))
        near = builder.select(builder.icmp_signed("<", at, last), at, last)
        value = builder.load(builder.bitcast(builder.gep(array.data, [near]), word.as_pointer()))
        value.align = 1
        shift = builder.shl(builder.sub(at, near), ir.Constant(word, 3))
        return builder.shl(builder.bswap(value), shift)

    return signature(types.int64, data, types.int64), generate


@intrinsic
def _word_within(typing_context: Any, data: Any, at: Any) -> Any:

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        value = builder.load(builder.bitcast(builder.gep(array.data, [args[1]]), ir.IntType(64).as_pointer()))
        value.align = 1
        return builder.bswap(value)

    return signature(types.int64, data, types.int64), generate


@intrinsic
def _leading_zeros(typing_context: Any, word: Any) -> Any:

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.ctlz(args[0], cgutils.false_bit)

    return signature(types.int64, types.uint64), generate


@intrinsic
def _peek(typing_context: Any, data: Any, at: Any) -> Any:

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        value = builder.load(builder.gep(array.data, [args[1]]))
        if value.type.width == 64:
            return value
        return builder.sext(value, ir.IntType(64)) if data.dtype.signed else builder.zext(value, ir.IntType(64))

    return signature(types.int64, data, types.int64), generate


@intrinsic
def _poke(typing_context: Any, data: Any, at: Any, value: Any) -> Any:

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        builder.store(args[2], builder.gep(array.data, [args[1]]))
        return context.get_dummy_value()

    return signature(types.void, data, types.int64, types.int64), generate


class _Two(Protocol):
    def __call__(self, data: npt.NDArray[np.uint8], at: int) -> np.int64: ...


class _Load(Protocol):
    def __call__(self, data: npt.NDArray[Any], at: Any) -> Any: ...


class _Store(Protocol):
    def __call__(self, data: npt.NDArray[np.int64], at: Any, value: Any) -> None: ...


class _One(Protocol):
    def __call__(self, word: np.uint64) -> np.int64: ...


word_at = cast(_Two, _word_at)
"""Return the eight octets at ``at`` as one big-endian number (its top bit is the sign).

Octets past the end of ``data`` read as 0. ``data`` must hold eight octets or more, and ``at`` lie inside it.
"""

word_within = cast(_Two, _word_within)
"""Return what ``word_at`` does, for a place with eight octets behind it: nothing is checked."""

leading_zeros = cast(_One, _leading_zeros)
"""Return the number of zero bits before the first one of a 64-bit word (64 for 0)."""

peek = cast(_Load, _peek)
"""Return the number at ``at`` of a C-ordered array of whole numbers, rows one behind another, as int64.

Nothing is checked: ``at`` must lie inside the array.
"""

poke = cast(_Store, _poke)
"""Store a number at ``at`` of a C-ordered int64 array; nothing is checked."""
