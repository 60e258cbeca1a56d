"""What is remembered of each aircraft a Mode S receiver hears: one row each, found by its address.

Rows lie together in the order of first hearing; ``slots`` is an open-addressing index into them, so a look-up touches
a small table and one row (one or two cache lines) instead of one line for each field. Both double when half full.
A row not heard for ``LIFE_NS`` counts as never heard, whenever it is then swept away.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import flat, lean
from vigie.terms.tables import ABSENT_MODE3A, ABSENT_U1, Rows
from vigie.terms.units import NS_PER_S
from vigie.wire.modes.tables import I8, whole

I4 = npt.NDArray[np.int32]

NEVER: Final = -(1 << 62)
"""A time so long ago that every age is above every limit, and differences still fit 64 bits."""

LIFE_NS: Final = 300 * NS_PER_S
"""An aircraft not heard for 5 minutes is forgotten: address, identity and position."""

MOST_AIRCRAFT: Final = 65536
"""Rows kept at most; then the half heard longest ago goes. A flood of false addresses cannot fill the memory."""

KEY_NOT_ICAO: Final = 1 << 24
KEY_TISB: Final = 1 << 25
KEY_REBROADCAST: Final = 1 << 26
KEY_MLAT: Final = 1 << 27
"""Bits above the 24 of the address: what another source says of an aircraft is another row."""

AIRCRAFT: Final = np.dtype(
    [
        ("seen_ns", "<i8"), ("clean_ns", "<i8"),  # any message; one whose parity left no doubt of the address
        ("even_ns", "<i8"), ("odd_ns", "<i8"),  # last halves that no known position explained
        ("fix_ns", "<i8"), ("fix_lat", "<f8"), ("fix_lon", "<f8"),  # where it is
        ("doubt_ns", "<i8"), ("doubt_lat", "<f8"), ("doubt_lon", "<f8"),  # where else it claims to be
        ("press_ns", "<i8"), ("velocity_ns", "<i8"), ("air_ns", "<i8"), ("offset_ns", "<i8"), ("ident_ns", "<i8"),
        ("squawk_ns", "<i8"), ("emergency_ns", "<i8"), ("spi_ns", "<i8"), ("status_ns", "<i8"), ("nac_v_ns", "<i8"),
        ("selected_ns", "<i8"),
        ("press_alt_m", "<f8"), ("callsign", "<u8"),
        ("v_east", "<f4"), ("v_north", "<f4"), ("climb", "<f4"), ("heading", "<f4"), ("ias", "<f4"),
        ("offset_m", "<f4"), ("selected_m", "<f4"),
        ("key", "<u4"), ("even_lat", "<i4"), ("even_lon", "<i4"), ("odd_lat", "<i4"), ("odd_lon", "<i4"),
        ("squawk", "<u2"),
        ("even_surface", "u1"), ("odd_surface", "u1"), ("doubt_odd", "u1"), ("doubt_confirmed", "u1"),
        ("emergency", "u1"), ("version", "u1"), ("nac_p", "u1"), ("nac_v", "u1"), ("sil", "u1"), ("nic_a", "u1"),
        ("nic_c", "u1"),
    ],
    align=True,
)  # fmt: skip


def blank_row() -> Rows:
    """Return the row, shape (1,), of an aircraft of which nothing is known."""
    row = np.zeros(1, AIRCRAFT)
    for name in AIRCRAFT.names or ():
        if name.endswith("_ns"):
            row[name] = NEVER
        elif AIRCRAFT[name].kind == "f":
            row[name] = np.nan
    row["squawk"] = ABSENT_MODE3A
    for name in ("emergency", "version", "nac_p", "nac_v", "sil"):
        row[name] = ABSENT_U1
    return row


@flat
def find(key: int, aircraft: Rows, slots: I4) -> int:
    """Return the row of ``key`` in ``aircraft``, or -1."""
    mask = slots.size - 1
    at = ((key * 2654435761) >> 8) & mask
    while slots[at] >= 0:
        if aircraft[slots[at]].key == key:
            return whole(slots[at])
        at = (at + 1) & mask
    return -1


@lean
def enter(key: int, used: I8, aircraft: Rows, slots: I4, blank: Rows) -> int:
    """Return the row of ``key``, a new blank one where there is none; the caller sees to it that there is room."""
    mask = slots.size - 1
    at = ((key * 2654435761) >> 8) & mask
    while slots[at] >= 0:
        if aircraft[slots[at]].key == key:
            return whole(slots[at])
        at = (at + 1) & mask
    row = whole(used[0])
    used[0] = row + 1
    slots[at] = row
    aircraft[row] = blank[0]
    aircraft[row].key = key
    return row


@lean
def index_rows(n: int, aircraft: Rows, slots: I4) -> None:
    """Write the index of the first ``n`` rows into ``slots``, which hold -1."""
    mask = slots.size - 1
    for row in range(n):
        at = ((whole(aircraft[row].key) * 2654435761) >> 8) & mask
        while slots[at] >= 0:
            at = (at + 1) & mask
        slots[at] = row


class AircraftTable:
    """The rows of one receiver, their index and their number (``used[0]``)."""

    def __init__(self, capacity: int = 512) -> None:
        self.blank = blank_row()
        self.used = np.zeros(1, np.int64)
        self.rows: Rows = np.zeros(capacity, AIRCRAFT)
        self.slots: I4 = np.full(2 * capacity, -1, np.int32)

    def __len__(self) -> int:
        """Return the number of rows in use."""
        return int(self.used[0])

    def make_room(self) -> None:
        """Forget what is too old, then double if more than half of the rows are still in use."""
        seen = self.rows["seen_ns"][: len(self)]
        newest = int(seen.max()) if len(seen) else 0
        keep = self.rows[: len(self)][seen >= newest - LIFE_NS]
        if len(keep) >= MOST_AIRCRAFT:
            order = np.argsort(keep["seen_ns"], kind="stable")[len(keep) // 2 :]
            keep = keep[np.sort(order)]
        capacity = len(self.rows)
        while len(keep) > capacity // 2 and capacity < 2 * MOST_AIRCRAFT:
            capacity *= 2
        self.rows = np.zeros(capacity, AIRCRAFT)
        self.rows[: len(keep)] = keep
        self.used[0] = len(keep)
        self.slots = np.full(2 * capacity, -1, np.int32)
        index_rows(len(keep), self.rows, self.slots)
