"""Payload trailers of a capture: octets that a recorder or gateway adds behind the ASTERIX blocks of each datagram."""

from __future__ import annotations

from collections import Counter
from typing import Final

import numpy as np

from vigie.decode.asterix import LONGEST_TRAILER
from vigie.terms.batch import FORMAT_ASTERIX, Frames

SAMPLE: Final = 64
ENOUGH: Final = 3


def find_trailers(frames: Frames) -> dict[int, int]:
    """Return {link: octets} for links whose every sampled datagram ends with as many octets that are no block.

    For files: give the first frames, then the result to ``Decoder(trailers=...)``, so that not even the first trailer
    is rejected. Live links are learned by the decoder itself. At least three datagrams of a link must agree.
    """
    out = {}
    rows = frames.rows[frames.rows["format"] == FORMAT_ASTERIX]
    for link in np.unique(rows["link"]).tolist():
        tails: Counter[int] = Counter()
        for row in rows[rows["link"] == link][:SAMPLE]:
            start = int(row["offset"])
            tails[_tail(frames.data[start : start + int(row["length"])].tobytes())] += 1
        size, seen = tails.most_common(1)[0]
        if 0 < size <= LONGEST_TRAILER and seen == tails.total() >= ENOUGH:
            out[link] = size
    return out


def _tail(payload: bytes) -> int:
    """Return how many octets are left behind the last block, 0 where there is none or no block at all."""
    at = 0
    while len(payload) - at >= 3:
        size = int.from_bytes(payload[at + 1 : at + 3], "big")
        if size < 3 or size > len(payload) - at:
            break
        at += size
    return len(payload) - at if at else 0
