"""Minimum safe altitude warning: the ground comes too near within the horizon."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.tables import FLAG_ON_GROUND
from vigie.terms.units import M_PER_NMI, NS_PER_S
from vigie.watch.kernels.ground import least_clearance
from vigie.watch.rule import WARNING, Find, Param, Rule
from vigie.watch.view import View
from vigie.watch.words import feet


def find_low(view: View) -> list[Find]:
    """Return a find for each track looked at whose way comes nearer to the ground than allowed."""
    t, b, rule = view.terrain, view.board, RULES[0]
    if t.heights_m.size < 4:
        return []
    rows = view.rows
    # Only those that could reach the highest ground are asked, the others fly over it all.
    horizon_s, clearance_m = view.value(rule, "horizon_s"), view.value(rule, "clearance_m")
    top = float(np.nanmax(t.heights_m))
    sink = np.minimum(0.0, np.nan_to_num(b.climb[rows])) * horizon_s
    low = (b.amsl_m[rows] + sink < top + clearance_m) & (b.flags[rows] & FLAG_ON_GROUND == 0)
    low &= np.hypot(b.ve[rows], b.vn[rows]) > view.value(rule, "least_speed_mps")
    rows = rows[low]
    if not rows.size:
        return []
    out_m, out_s = np.empty(rows.size), np.empty(rows.size)
    least_clearance(
        rows, b.lat, b.lon, b.amsl_m, b.ve, b.vn, b.climb, horizon_s, t.lat0_deg, t.lon0_deg, t.step_deg, t.heights_m,
        out_m, out_s,
    )  # fmt: skip
    far, _ = view.height_over_field(rows)
    finds = []
    for k in np.flatnonzero((out_m < clearance_m) & (far > view.value(rule, "field_m"))).tolist():
        row, over, seconds = int(rows[k]), float(out_m[k]), float(out_s[k])
        lat, lon = view.where(row)
        finds.append(Find(
            rule="msaw", track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            predicted_ns=view.now_ns + int(seconds * NS_PER_S) if seconds > 0 else 0,
            reason=f"{view.name(row)}: {feet(over)} over the ground in {seconds:.0f} s",
            reason_fr=f"{view.name(row)} : {feet(over)} au-dessus du sol dans {seconds:.0f} s",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="msaw", title="Minimum safe altitude", title_fr="Altitude minimale de sécurité", severity=WARNING,
        find=find_low, raise_s=4.0, clear_s=8.0, about="A track comes nearer to the ground than allowed, flying on as "
        "it does; not near aerodromes. Silent where no terrain is given. "
        "Source: EUROCONTROL Guidelines for Minimum Safe Altitude Warning, part I.",
        params=(
            Param(name="clearance_m", usual=150.0, meaning="least height over the ground, m", high=3000.0),
            Param(name="horizon_s", usual=30.0, meaning="how far ahead it looks, s", low=5.0, high=180.0),
            Param(name="least_speed_mps", usual=35.0, meaning="slower tracks are left out, m/s", high=200.0),
            Param(name="field_m", usual=8 * M_PER_NMI, meaning="farther from an aerodrome's edge, m", high=1e5),
        ),
    ),
)  # fmt: skip
