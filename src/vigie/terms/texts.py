"""Texts in columns of fixed width."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa

# What ``str.rstrip`` takes off, and the NUL that fills a text column up.
_BLANK: Final = np.array([octet == 0 or chr(octet).isspace() for octet in range(128)])


def text_octets(text: str, width: int) -> bytes:
    """Return a text as UTF-8 of at most ``width`` octets, cut between characters."""
    octets = text.encode("utf-8", "replace")
    return octets if len(octets) <= width else octets[:width].decode("utf-8", "ignore").encode()


def arrow_texts(values: np.ndarray[Any, Any]) -> pa.Array:
    """Return a text column ``(n,)`` of fixed width as Arrow strings without what fills it up at the end."""
    width = values.dtype.itemsize
    octets = values.view(np.uint8).reshape(len(values), width)
    if (octets >= 128).any():  # not ASCII: rare, and only a decoder knows what is one sign
        return pa.array(np.char.rstrip(np.char.decode(values, "utf-8", "replace")).tolist(), pa.string())
    kept = np.logical_or.accumulate(~_BLANK[octets[:, ::-1]], axis=1)[:, ::-1]  # up to the last sign that is none
    ends = np.zeros(len(values) + 1, np.int32)
    np.cumsum(kept.sum(axis=1), out=ends[1:])
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(ends), pa.py_buffer(octets[kept]))
