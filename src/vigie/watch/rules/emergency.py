"""Emergency codes 7500, 7600, 7700 and SPI: seen on a track, or on a plot of this very tick."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.tables import FLAG_EMERGENCY, FLAG_GARBLED, FLAG_SPI
from vigie.watch.rule import ALARM, INFORMATION, Find, Rule
from vigie.watch.view import View
from vigie.watch.words import octal

CODES: Final = {
    0o7500: ("unlawful interference", "intervention illicite"),
    0o7600: ("loss of radio communication", "panne de radiocommunication"),
    0o7700: ("emergency", "détresse"),
}
_IS_CODE: Final = np.isin(np.arange(65536), sorted(CODES))
_OF_STATE: Final = {1: 0o7700, 4: 0o7600, 5: 0o7500}
"""Emergency state of an extended squitter -> the code that means the same. Source: ICAO Doc 9871, table B-2-97a."""


def find_emergency(view: View) -> list[Find]:
    """Return a find for each track looked at that sends an emergency code or state."""
    b = view.board
    rows = view.rows
    said = b.remember("emergency", np.int64)
    coded = rows[_IS_CODE[b.mode3a[rows]] | (b.flags[rows] & FLAG_EMERGENCY != 0)]
    seen = {int(row): _code(int(b.mode3a[row]), int(said[row])) for row in coded.tolist()}
    plots = view.plots
    if len(plots):
        good = plots["flags"] & FLAG_GARBLED == 0
        urgent = (_IS_CODE[plots["mode3a"]] | (plots["flags"] & FLAG_EMERGENCY != 0)) & good
        for plot in plots[urgent]:
            row = view.row_of_plot(plot)
            if row >= 0:
                state = _OF_STATE.get(int(plot["emergency"]), 0)
                said[row] = state or said[row]
                seen[row] = _code(int(plot["mode3a"]), state or _code(int(b.mode3a[row]), 0))
    return [_find(view, row, code) for row, code in sorted(seen.items())]


def _code(mode3a: int, state: int) -> int:
    """Return the code that is sent, else the one that the stated emergency means: one emergency is one alert."""
    return mode3a if mode3a in CODES else state


def _find(view: View, row: int, code: int) -> Find:
    en, fr = CODES.get(code, ("emergency state", "état de détresse"))
    said = octal(code) if code in CODES else "ADS-B"
    lat, lon = view.where(row)
    return Find(
        rule="emergency", area=said, track_no=int(view.board.number[row]), lat_deg=lat, lon_deg=lon, at_once=True,
        reason=f"{view.name(row)} sends {said}: {en}", reason_fr=f"{view.name(row)} émet {said} : {fr}",
    )  # fmt: skip


def find_spi(view: View) -> list[Find]:
    """Return a find for each track looked at that identifies (special position indicator)."""
    rows = view.rows[view.board.flags[view.rows] & FLAG_SPI != 0]
    finds = []
    for row in rows.tolist():
        lat, lon = view.where(row)
        finds.append(Find(
            rule="spi", track_no=int(view.board.number[row]), lat_deg=lat, lon_deg=lon, at_once=True,
            reason=f"{view.name(row)} identifies (SPI)", reason_fr=f"{view.name(row)} s'identifie (SPI)",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="emergency", title="Emergency code", title_fr="Code d'urgence", severity=ALARM, find=find_emergency,
        about="An aircraft sends 7500, 7600 or 7700, or an emergency state by ADS-B. Raised with the first plot.",
        raise_s=0.0, clear_s=20.0,
    ),
    Rule(
        name="spi", title="Special position indicator", title_fr="Impulsion d'identification", severity=INFORMATION,
        find=find_spi, about="An aircraft identifies on request.", raise_s=0.0, clear_s=10.0, escalate_s=0.0,
    ),
)  # fmt: skip
