"""Two machine instructions that numba does not offer: a big-endian load of 64 bits, and counting leading zeros.

Both are the difference between one instruction and a loop, in the innermost loop of the decoder.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing import signature
from numba.extending import intrinsic

from vigie.terms.kernel import inlined

Octets = npt.NDArray[np.uint8]


@intrinsic
def _load64(typing_context: Any, data: Any, at: Any) -> Any:
    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        array = context.make_array(sig.args[0])(context, builder, args[0])
        place = builder.gep(array.data, [args[1]], inbounds=False)
        word = ir.IntType(64)
        value = builder.load(builder.bitcast(place, word.as_pointer()))
        value.align = 1
        return builder.bswap(value)

    return signature(types.int64, data, types.int64), generate


@intrinsic
def leading_zeros(typing_context: Any, word: Any) -> Any:
    """Return the number of zero bits before the first one of a 64-bit word (64 for 0)."""

    def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.ctlz(args[0], cgutils.false_bit)

    return signature(types.int64, types.uint64), generate


@inlined
def word_at(data: Octets, at: int) -> int:
    """Return the eight octets at ``at`` as one big-endian number (its top bit is the sign); 0 past the end."""
    if at + 8 <= data.size:
        return _load64(data, at)  # type: ignore[no-any-return]
    word = 0
    for i in range(8):
        word <<= 8
        if at + i < data.size:
            word |= np.int64(data[at + i])
    return word
