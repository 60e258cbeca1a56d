"""Compiles the kernels that cut, date and encode, by running each on a small input."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.wire.asterix.encode import blocks, encode_records
from vigie.wire.asterix.times import block_times, cut_blocks


def warmup() -> Iterator[str]:
    """Yield the name of each group of kernels just before it is compiled."""
    yield "ASTERIX encoder"
    records, starts = encode_records(34, None, {"010/SAC": np.array([1]), "010/SIC": np.array([2])})
    data, _ = blocks(34, records, starts)
    yield "ASTERIX files"
    offsets, lengths = cut_blocks(data)
    block_times(data, offsets, lengths, 0)
