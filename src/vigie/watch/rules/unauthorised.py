"""Unauthorised flight: inside the state's airspace or an ADIZ with neither plan nor permit."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.watch.rule import WARNING, Find, Param, Rule
from vigie.watch.rules.crossing import ADIZ, BORDER
from vigie.watch.view import View
from vigie.watch.words import knots, level


def find_unauthorised(view: View) -> list[Find]:
    """Return a find for each track looked at that is inside a fence and has no leave; none if no plans are known."""
    f, b = view.fences, view.board
    if not f.near.volume.size or not (view.flights.plans or view.flights.permits):
        return []
    of = f.near.volume
    inside = f.wanted(RULES[0])[of] & (f.near.distance_m <= 0.0) & ~(f.near.vertical_m > 0.0)
    rows = view.rows[f.near.point]
    leave = b.remember("leave", np.int8)
    age_s = (view.now_ns - b.first_ns[rows]) * 1e-9
    inside &= (leave[rows] == 0) & ~np.isin(b.category[rows], (2, 3)) & (age_s >= view.value(RULES[0], "grace_s"))
    finds, told = [], set()
    for k in np.flatnonzero(inside).tolist():
        row = int(rows[k])
        if row in told:
            continue
        told.add(row)
        lat, lon = view.where(row)
        who, speed = view.name(row), knots(float(np.hypot(b.ve[row], b.vn[row])))
        volume = f.index.volumes[int(of[k])]
        finds.append(Find(
            rule="unauthorised", area=volume.id, track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{who} in {volume.name} without plan or permit, {level(b.press_m[row])}, {speed}",
            reason_fr=f"{who} dans {volume.name} sans plan ni autorisation, {level(b.press_m[row])}, {speed}",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="unauthorised", title="Unauthorised flight", title_fr="Vol non autorisé", severity=WARNING,
        kinds=BORDER | ADIZ, find=find_unauthorised, raise_s=10.0, clear_s=15.0,
        about="A track is inside the state's airspace or an ADIZ and neither a flight plan nor a permit fits it. "
        "Silent where the centre knows no plans at all.",
        params=(Param(name="grace_s", usual=60.0, meaning="a new track has so long to be identified, s", high=3600.0),),
    ),
)  # fmt: skip
