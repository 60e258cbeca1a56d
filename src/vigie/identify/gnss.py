"""Cells of the sky where satellite navigation is disturbed: many aircraft at once report poor accuracy.

One aircraft with a poor receiver is no interference; three or more, and three in ten of all in a cell of one degree and
of the last half minute, are. Source: DO-260B (NACp 7 is 0.1 NM); the share and count are our own choice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.terms.rows import chosen
from vigie.terms.tables import ABSENT_U1, Rows
from vigie.terms.units import NS_PER_S

CELL_DEG: Final = 1.0
WINDOW_NS: Final = 30 * NS_PER_S
POOR: Final = 7
SHARE: Final = 0.3
COUNT: Final = 3
CLEAR_SHARE: Final = 0.15
_COLUMNS: Final = 360


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One disturbed cell: its middle, how many aircraft it has and how many of them report poor accuracy."""

    number: int
    name: str
    lat_deg: float
    lon_deg: float
    seen: int
    bad: int

    @property
    def share(self) -> float:
        """Return the share of the aircraft that report poor accuracy."""
        return self.bad / max(1, self.seen)


class Cells:
    """The last word of each address with its place; judged once a second."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[int, int, bool]] = {}
        self.bad: tuple[Cell, ...] = ()
        self.numbers: frozenset[int] = frozenset()

    def hear(self, plots: Rows) -> None:
        """Take ADS-B plots (with position)."""
        known = chosen(plots, (plots["nac_p"] != ABSENT_U1) & (plots["icao24"] != 0))
        if not len(known):
            return
        cells = cell_numbers(known["lat_deg"], known["lon_deg"])
        poor = (known["nac_p"] < POOR).tolist()
        for icao24, t_ns, cell, is_poor in zip(
            known["icao24"].tolist(), known["rx_ns"].tolist(), cells.tolist(), poor, strict=True
        ):
            self._last[icao24] = (t_ns, cell, is_poor)

    def judge(self, now_ns: int) -> None:
        """Work out which cells are disturbed now."""
        seen: dict[int, int] = {}
        bad: dict[int, int] = {}
        for icao24, (t_ns, cell, is_poor) in list(self._last.items()):
            if now_ns - t_ns > WINDOW_NS:
                del self._last[icao24]
                continue
            seen[cell] = seen.get(cell, 0) + 1
            bad[cell] = bad.get(cell, 0) + is_poor
        out = []
        for cell in sorted(bad):
            share = bad[cell] / seen[cell]
            held = cell in self.numbers
            if (bad[cell] >= COUNT and share >= SHARE) or (held and share > CLEAR_SHARE and bad[cell] > 0):
                lat, lon = cell // _COLUMNS - 90, cell % _COLUMNS - 180
                out.append(Cell(number=cell, name=_name(lat, lon), lat_deg=lat + 0.5, lon_deg=lon + 0.5,
                                seen=seen[cell], bad=bad[cell]))  # fmt: skip
        self.bad = tuple(out)
        self.numbers = frozenset(c.number for c in out)


def cell_numbers(lat_deg: Any, lon_deg: Any) -> Any:
    """Return the cell of each place."""
    row = np.clip(np.floor(np.asarray(lat_deg) + 90.0), 0, 179).astype(np.int64)
    column = np.floor((np.asarray(lon_deg) + 180.0) % 360.0).astype(np.int64)
    return row * _COLUMNS + column


def _name(lat: int, lon: int) -> str:
    return f"{'N' if lat >= 0 else 'S'}{abs(lat):02d}{'E' if lon >= 0 else 'W'}{abs(lon):03d}"
