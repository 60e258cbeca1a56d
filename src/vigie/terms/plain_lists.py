"""Long lists of plain values as octets and back: one array in place of thousands of values with a mark each.

Whole numbers of 64 bits, reals, truth values and texts; a list is taken only where every value is of exactly one kind,
so that what comes back is equal in kind too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

PLAIN: Final[dict[type, bytes]] = {int: b"i", float: b"d", bool: b"b", str: b"s"}
_ARRAYS: Final = {b"i": np.dtype("<i8"), b"d": np.dtype("<f8"), b"b": np.dtype("?")}


def pack(values: Sequence[Any]) -> tuple[bytes, bytes] | None:
    """Return mark and octets of a list whose values are all of one plain kind; None where they are not."""
    kinds = set(map(type, values))
    mark = PLAIN.get(kinds.pop()) if len(kinds) == 1 else None
    if mark is None:
        return None
    if mark == b"s":
        texts = [text.encode() for text in values]
        return mark, np.array(list(map(len, texts)), "<i8").tobytes() + b"".join(texts)
    try:
        return mark, np.array(values, _ARRAYS[mark]).tobytes()
    except OverflowError:  # a whole number of more than 64 bits
        return None


def unpack(mark: bytes, count: int, octets: bytes) -> list[Any]:
    """Return the list of ``count`` values that ``pack`` gave; ValueError if the octets are not that."""
    if mark != b"s":
        values: list[Any] = np.frombuffer(octets, _ARRAYS[mark]).tolist()
        if len(values) != count:
            raise ValueError(f"{len(values)} values where {count} were expected")
        return values
    lengths = np.frombuffer(octets, "<i8", count).tolist()
    at, texts = 8 * count, []
    for length in lengths:
        if length < 0 or at + length > len(octets):
            raise ValueError("a text is cut")
        texts.append(octets[at : at + length].decode())
        at += length
    if at != len(octets):
        raise ValueError("texts are followed by octets too many")
    return texts
