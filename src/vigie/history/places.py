"""Where and under which names each track was, summed up when a day is archived: rows are then read only where needed.

The sky is cut into cells of a tenth of a degree; a track has one row for each cell it was in and one for each name it
bore. A month of 150 M rows has some millions of the first and thousands of the second.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.history.tables import CELL, NAME
from vigie.terms.tables import TRACK_COASTING, TRACK_CONFIRMED, Rows, Table

PER_DEG: Final = 10
COLUMNS: Final = 360 * PER_DEG
HALF_M: Final = 8_000.0
"""No place of a cell is farther than this from its middle (half a diagonal on the equator, 7.87 km)."""
MIDDLE_SQL: Final = (
    f"(cell // {COLUMNS} + 0.5) / {PER_DEG} - 90.0",
    f"(cell % {COLUMNS} + 0.5) / {PER_DEG} - 180.0",
)
"""Latitude and longitude of a cell's middle, degrees."""


def cell_of(lat_deg: Any, lon_deg: Any) -> npt.NDArray[np.int64]:
    """Return the cell of each place; the pole belongs to the last row."""
    row = np.clip(np.floor((np.asarray(lat_deg, float) + 90.0) * PER_DEG), 0, 180 * PER_DEG - 1)
    column = np.floor((np.asarray(lon_deg, float) + 180.0) % 360.0 * PER_DEG) % COLUMNS
    cell: npt.NDArray[np.int64] = (row * COLUMNS + column).astype(np.int64)
    return cell


def _columns(tracks: Rows, *names: str) -> list[npt.NDArray[Any]]:
    """Return columns of the rows of TRACK that were on the picture: confirmed and coasting, with a place."""
    live = (tracks["status"] == TRACK_CONFIRMED) | (tracks["status"] == TRACK_COASTING)
    live &= np.isfinite(tracks["lat_deg"]) & np.isfinite(tracks["lon_deg"])
    return [tracks[name][live] for name in names]


def cells(tracks: Rows) -> Rows:
    """Return CELL rows: each cell each track was in, from when to when (it may have left and come back)."""
    now_ns, track_no, lat_deg, lon_deg = _columns(tracks, "now_ns", "track_no", "lat_deg", "lon_deg")
    cell = cell_of(lat_deg, lon_deg)
    return _summed(CELL, now_ns, {"cell": cell, "track_no": track_no})


def names(tracks: Rows) -> Rows:
    """Return NAME rows: each address, code and call sign that a track bore together, from when to when."""
    called = ("callsign", "mode3a", "icao24", "track_no")
    now_ns, *values = _columns(tracks, "now_ns", *called)
    return _summed(NAME, now_ns, dict(zip(called, values, strict=True)))


def _summed(table: Table, now_ns: npt.NDArray[np.int64], keys: dict[str, npt.NDArray[Any]]) -> Rows:
    """Return one row for each set of equal keys, with the first and last time, in order of the first."""
    order = np.lexsort((now_ns, *keys.values()))
    first = np.zeros(len(order), bool)
    first[:1] = True
    for key in keys.values():
        first[1:] |= key[order][1:] != key[order][:-1]
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(order))[: len(starts)] - 1
    rows = table.empty(len(starts))
    rows["first_ns"], rows["last_ns"] = now_ns[order[starts]], now_ns[order[ends]]
    for name, key in keys.items():
        rows[name] = key[order[starts]]
    found: Rows = rows[np.argsort(rows["first_ns"], kind="stable")]
    return found
