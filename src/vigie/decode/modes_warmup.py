"""Compiles the Mode S kernels by running them on one message each, with the types of production use."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.decode.modes import ModesDecoder
from vigie.decode.modes_table import AircraftTable
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.tables import FRAME
from vigie.wire.modes import encode, framing
from vigie.wire.modes.sbs import sbs_line
from vigie.wire.modes.split import cut_all


def _frame(octets: bytes, kind: int) -> Frames:
    row = FRAME.empty(1)
    row["rx_ns"], row["format"], row["length"] = 10**18, kind, len(octets)
    return Frames(row, np.frombuffer(octets, np.uint8))


def warmup() -> Iterator[str]:
    """Yield the name of each group of kernels just before it is compiled."""
    decoder = ModesDecoder(None, ledger=Ledger(), discover=True)
    message = encode.df17_position(0x400000, 13.5, 2.1, 10000.0, 0)
    yield "Beast frames"
    beast, _ = framing.beast_frames(message, 14, 0)
    yield "Mode S messages"
    decoder.step(_frame(beast.tobytes(), FORMAT_BEAST))
    yield "AVR text"
    decoder.step(_frame(framing.avr_lines(message, 14), FORMAT_AVR))
    yield "BaseStation lines"
    decoder.step(_frame(sbs_line(3, 0x400000, lat_deg="13.5", lon_deg="2.1"), FORMAT_SBS))
    yield "aircraft table"
    AircraftTable().make_room()
    yield "cutting files"
    cut_all(np.frombuffer(framing.avr_lines(message, 14, 5), np.uint8), "avr")
