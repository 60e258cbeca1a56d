"""Records to datagrams: data blocks with their headers, one a datagram."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Octets = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]

DATAGRAM_OCTETS: Final = 1400
"""A block grows to this, then another begins: what an Ethernet frame carries, with room for the last record."""


def groups_of(same: npt.NDArray[np.bool_], offsets: Ints) -> Ints:
    """Return the datagram number of each record.

    ``same[k]``: record k may share a datagram with record k - 1; ``offsets`` (n + 1): where each begins.
    """
    new = ~same
    new[:1] = True
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    part = (offsets[:-1] - offsets[first]) // DATAGRAM_OCTETS
    new[1:] |= np.diff(part) != 0
    return np.cumsum(new) - 1


def pack(category: int, data: Octets, offsets: Ints, group: Ints) -> tuple[Octets, Ints]:
    """Return blocks of records, one a group, and where each begins (groups + 1); ``group`` counts up from 0."""
    lengths = np.diff(offsets)
    sizes = np.bincount(group, lengths).astype(np.int64) + 3
    out_offsets = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=out_offsets[1:])
    out = np.empty(int(out_offsets[-1]), np.uint8)
    head = out_offsets[:-1]
    out[head], out[head + 1], out[head + 2] = category, sizes >> 8, sizes & 255
    out[np.arange(data.size) + 3 * (np.repeat(group, lengths) + 1)] = data
    return out, out_offsets
