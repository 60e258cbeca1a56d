"""Transponder off: a track that had a code or an address is seen by primary radar alone."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.tables import ABSENT_MODE3A
from vigie.terms.units import NS_PER_S
from vigie.watch.rule import WARNING, Find, Param, Rule
from vigie.watch.view import View
from vigie.watch.words import clock, octal


def note_codes(view: View) -> None:
    """Remember of each track when a plot last bore its address or its code."""
    b, plots = view.board, view.plots
    count, coded = b.remember("coded_n", np.int64), b.remember("coded_at", np.int64)
    if not len(plots):
        return
    n = b.used
    codes = np.zeros(65536, bool)
    codes[plots["mode3a"]] = True
    codes[ABSENT_MODE3A] = False
    hit = codes[b.mode3a[:n]]
    addresses = plots["icao24"]
    if addresses.any():
        seen = np.unique(addresses).astype(np.int64)
        mine = b.icao24[:n]
        hit |= (mine != 0) & (seen[np.minimum(np.searchsorted(seen, mine), seen.size - 1)] == mine)
    hit &= b.number[:n] != 0
    coded[:n][hit] = view.now_ns
    count[:n] += hit


def find_silent(view: View) -> list[Find]:
    """Return a find for each track looked at that still moves but no longer answers."""
    note_codes(view)
    b, rule, rows = view.board, RULES[0], view.rows
    count, coded = b.remember("coded_n", np.int64), b.remember("coded_at", np.int64)
    after_ns = int(view.value(rule, "after_s") * NS_PER_S)
    fresh = view.now_ns - b.toa_ns[rows] < int(view.value(rule, "fresh_s") * NS_PER_S)
    silent = (count[rows] >= 3) & (view.now_ns - coded[rows] > after_ns) & fresh
    # Reports must have come since: otherwise it is lost, not silent.
    silent &= b.toa_ns[rows] - coded[rows] > after_ns // 2
    finds = []
    for row in rows[silent].tolist():
        lat, lon = view.where(row)
        code = int(b.mode3a[row])
        had = octal(code) if code != ABSENT_MODE3A else f"{int(b.icao24[row]):06X}"
        at = clock(int(coded[row]))
        finds.append(Find(
            rule="transponder_off", track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{view.name(row)} no longer answers ({had}), last at {at}; primary radar sees it",
            reason_fr=f"{view.name(row)} ne répond plus ({had}), dernier à {at} ; vu par le radar primaire",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="transponder_off", title="Transponder off", title_fr="Transpondeur coupé", severity=WARNING,
        find=find_silent, raise_s=4.0, clear_s=8.0,
        about="A track that answered with a code or an address no longer does, and is still seen.",
        params=(
            Param(name="after_s", usual=20.0, meaning="no answer for so long, s", low=5.0, high=600.0),
            Param(name="fresh_s", usual=12.0, meaning="seen within so long, s", low=2.0, high=120.0),
        ),
    ),
)  # fmt: skip
