"""Loitering: much way flown, little way made."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.units import M_PER_NMI, NS_PER_S
from vigie.watch.rule import CAUTION, Find, Param, Rule
from vigie.watch.view import View, distance_m
from vigie.watch.words import miles

SAMPLES: Final = 24
EVERY_NS: Final = 30 * NS_PER_S
_AT_LEAST: Final = 12


def find_loitering(view: View) -> list[Find]:
    """Return a find for each track that stayed within a small circle for long, away from aerodromes."""
    b, rule = view.board, RULES[0]
    ring = b.remember("ring", np.float64, np.nan, (SAMPLES, 2))
    count = b.remember("ring_n", np.int64)
    last = b.remember("ring_ns", np.int64)
    flown = b.remember("ring_m", np.float64, 0.0, (SAMPLES,))
    rows = view.rows
    due = rows[view.now_ns - last[rows] >= EVERY_NS]
    if due.size:
        slot = count[due] % SAMPLES
        before = ring[due, (count[due] - 1) % SAMPLES]
        way = distance_m(b.lat[due], b.lon[due], before[:, 0], before[:, 1])
        flown[due, slot] = np.nan_to_num(way)
        ring[due, slot, 0], ring[due, slot, 1] = b.lat[due], b.lon[due]
        count[due] += 1
        last[due] = view.now_ns
    old = rows[count[rows] >= _AT_LEAST]
    if not old.size:
        return []
    lats, lons = ring[old, :, 0], ring[old, :, 1]
    lons = lons[:, :1] + (lons - lons[:, :1] + np.pi) % (2 * np.pi) - np.pi
    tall = (np.nanmax(lats, axis=1) - np.nanmin(lats, axis=1)) * 6_371_000.0
    wide = (np.nanmax(lons, axis=1) - np.nanmin(lons, axis=1)) * 6_371_000.0 * np.cos(b.lat[old])
    extent = np.hypot(tall, wide)
    path = flown[old].sum(axis=1)
    here = (extent < view.value(rule, "extent_m")) & (path > view.value(rule, "times") * extent)
    here &= path > view.value(rule, "path_m")
    old, extent, path = old[here], extent[here], path[here]
    if not old.size:
        return []
    far, _ = view.height_over_field(old)
    finds = []
    for k in np.flatnonzero(far > view.value(rule, "field_m")).tolist():
        row = int(old[k])
        lat, lon = view.where(row)
        minutes = min(int(count[row]), SAMPLES) * EVERY_NS // (60 * NS_PER_S)
        finds.append(Find(
            rule="loitering", track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{view.name(row)} flew {miles(float(path[k]))} within {miles(float(extent[k]))} in {minutes} min",
            reason_fr=f"{view.name(row)} a parcouru {miles(float(path[k]))} dans {miles(float(extent[k]))} "
            f"en {minutes} min",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="loitering", title="Loitering", title_fr="Rôde sur place", severity=CAUTION, find=find_loitering,
        raise_s=20.0, clear_s=60.0,
        about="A track stays within a small area for 6 to 12 minutes, flying several times its width.",
        params=(
            Param(name="extent_m", usual=15 * M_PER_NMI, meaning="largest width of the area, m", high=3e5),
            Param(name="times", usual=2.5, meaning="way flown over width of the area", low=1.5, high=50.0),
            Param(name="path_m", usual=8_000.0, meaning="least way flown, m", high=3e5),
            Param(name="field_m", usual=15 * M_PER_NMI, meaning="farther from an aerodrome's edge, m", high=2e5),
        ),
    ),
)  # fmt: skip
