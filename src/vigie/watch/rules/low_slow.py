"""Low and slow: an aircraft that stays down, away from aerodromes, without a plan."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.tables import FLAG_ON_GROUND
from vigie.terms.units import M_PER_NMI
from vigie.watch.rule import CAUTION, Find, Param, Rule
from vigie.watch.view import View
from vigie.watch.words import feet, knots


def find_low_slow(view: View) -> list[Find]:
    """Return a find for each track looked at that flies low and slow away from aerodromes, without plan or permit."""
    b, rule = view.board, RULES[0]
    rows = view.rows[b.remember("leave", np.int8)[view.rows] == 0]
    speed = np.hypot(b.ve[rows], b.vn[rows])
    slow = (speed < view.value(rule, "slow_mps")) & (speed > view.value(rule, "least_mps"))
    slow &= b.flags[rows] & FLAG_ON_GROUND == 0
    rows, speed = rows[slow], speed[slow]
    if not rows.size:
        return []
    up = view.above_ground(rows)
    far, _ = view.height_over_field(rows)
    low = (up < view.value(rule, "low_m")) & (far > view.value(rule, "field_m"))
    finds = []
    for k in np.flatnonzero(low).tolist():
        row = int(rows[k])
        lat, lon = view.where(row)
        said = f"{knots(float(speed[k]))}, {feet(float(up[k]))}"
        finds.append(Find(
            rule="low_slow", track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{view.name(row)} flies low and slow ({said} above ground), no plan",
            reason_fr=f"{view.name(row)} vole bas et lentement ({said} du sol), sans plan",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="low_slow", title="Low and slow", title_fr="Bas et lent", severity=CAUTION, find=find_low_slow,
        raise_s=30.0, clear_s=30.0, about="A track without plan or permit flies low and slow, away from aerodromes. "
        "Height above terrain where it is given, else above the nearest aerodrome.",
        params=(
            Param(name="low_m", usual=600.0, meaning="lower than this above ground, m", high=5000.0),
            Param(name="slow_mps", usual=75.0, meaning="slower than this, m/s", high=300.0),
            Param(name="least_mps", usual=18.0, meaning="and faster than this (birds, cars), m/s", high=100.0),
            Param(name="field_m", usual=8 * M_PER_NMI, meaning="farther from an aerodrome's edge, m", high=1e5),
        ),
    ),
)  # fmt: skip
