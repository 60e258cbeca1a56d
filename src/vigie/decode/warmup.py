"""Compiles the kernels of the room by decoding one record, with the types of production use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.decode import modes_warmup
from vigie.decode.decoder import Decoder
from vigie.terms.batch import FORMAT_ASTERIX, Frames
from vigie.terms.tables import FRAME


def warmup() -> Iterator[str]:
    """Yield the name of each group of kernels just before it is compiled."""
    yield "ASTERIX records"
    row = FRAME.empty(1)
    row["rx_ns"], row["format"], row["length"] = 10**18, FORMAT_ASTERIX, 11
    octets = np.frombuffer(b"\x22\x00\x0b\xf0\x01\x02\x02\x20\x00\x00\x08", np.uint8)
    Decoder(None, discover=True).step(Frames(row, octets))
    yield from modes_warmup.warmup()
