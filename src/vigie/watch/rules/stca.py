"""Short-term conflict alert: two aircraft will be nearer than the minima within the horizon."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.terms.tables import FLAG_ON_GROUND
from vigie.terms.units import NS_PER_S
from vigie.watch.board import Board
from vigie.watch.kernels.pairs import Cells
from vigie.watch.rule import ALARM, WARNING, Find, Param, Rule
from vigie.watch.view import TRUST_HEIGHT, View
from vigie.watch.words import feet, miles

DOUBLE_M: Final = 8_000.0
"""Farther apart two tracks of one address are told as an address in use twice."""
DOUBLE_MPS: Final = 50.0
BESIDE_M: Final = 1_852.0
"""Nearer than this one address is one aircraft however its tracks move: in a turn the staler one flies straight on."""


def find_conflicts(view: View) -> list[Find]:
    """Return a find for each pair with a track looked at."""
    b = view.board
    rule = RULES[0]
    n = b.used
    known = b.known()
    everyone = np.flatnonzero(known)
    if everyone.size < 2 or not view.rows.size:
        return []
    speed2 = b.ve[:n] ** 2 + b.vn[:n] ** 2
    least = view.value(rule, "least_speed_mps")
    airborne = known & (b.flags[:n] & FLAG_ON_GROUND == 0) & (speed2 >= least * least)
    airborne &= ~(b.amsl_m[:n] - b.ground_m[:n] < view.value(rule, "least_agl_m"))
    careful = (b.trust_bits[:n] & TRUST_HEIGHT != 0) & ~np.isnan(b.other_amsl_m[:n])
    horizontal_m, vertical_m = view.value(rule, "horizontal_m"), view.value(rule, "vertical_m")
    if view.second or "pairs" not in view.notes or len(b.moved):
        cells = view.notes.setdefault("pairs", Cells())
        cells.sort(everyone, known, b.lat[:n], b.lon[:n], b.amsl_m[:n], b.ve[:n], b.vn[:n], b.climb[:n], careful,
                   view.value(rule, "most_climb_mps"))  # fmt: skip
    pair, out = view.notes["pairs"].search(
        view.rows, airborne, b.lat[:n], b.lon[:n], b.amsl_m[:n], b.other_amsl_m[:n], careful, b.ve[:n], b.vn[:n],
        b.climb[:n], horizontal_m=horizontal_m, vertical_m=vertical_m, horizon_s=view.value(rule, "horizon_s"),
        most_climb=view.value(rule, "most_climb_mps"),
    )  # fmt: skip
    keep = airborne[pair].all(axis=1) & ~_same_aircraft(b, pair, out[:, 3])
    pair, out = pair[keep], out[keep]
    violated = (out[:, 3] < horizontal_m) & (out[:, 4] < vertical_m)
    order = np.argsort(b.number[pair], axis=1, kind="stable")
    pair = np.take_along_axis(pair, order, axis=1)
    numbers = b.number[pair].tolist()
    finds = []
    for k, ((one, other), lost) in enumerate(zip(numbers, violated.tolist(), strict=True)):
        if view.quiet(("stca", "", one, other), view.now_ns):
            finds.append(Find(rule="stca", track_no=one, other_no=other, severity=ALARM if lost else 0))
        else:
            finds.append(_find(view, pair[k].tolist(), out[k].tolist(), lost))
    return finds


def _same_aircraft(b: Board, pair: Any, apart_m: Any) -> Any:
    """Return which pairs are two tracks of one aircraft: one address, one place, one way. Namesakes fly elsewhere."""
    i, j = pair[:, 0], pair[:, 1]
    closing = np.hypot(b.ve[i] - b.ve[j], b.vn[i] - b.vn[j])
    near = (apart_m < DOUBLE_M) & (closing < DOUBLE_MPS) | (apart_m < BESIDE_M)
    return (b.icao24[i] != 0) & (b.icao24[i] == b.icao24[j]) & near


def _find(view: View, pair: list[int], numbers: list[float], violated: bool) -> Find:
    b = view.board
    i, j = pair
    first_s, closest_s, nearest_m, now_m, now_up_m = numbers
    lat, lon = view.where(i)
    at = f"{view.name(i)} - {view.name(j)}: "
    if violated:
        en = f"separation lost: {miles(now_m)}, {feet(now_up_m)}"
        fr = f"séparation perdue : {miles(now_m)}, {feet(now_up_m)}"
    else:
        en = f"below minima in {first_s:.0f} s; closest {miles(nearest_m)} in {closest_s:.0f} s"
        fr = f"sous les minima dans {first_s:.0f} s ; au plus près {miles(nearest_m)} dans {closest_s:.0f} s"
    return Find(
        rule="stca", track_no=int(b.number[i]), other_no=int(b.number[j]), severity=ALARM if violated else 0,
        predicted_ns=0 if violated else view.now_ns + int(first_s * NS_PER_S), lat_deg=lat, lon_deg=lon,
        reason=at + en, reason_fr=at + fr, predicted_sd_s=_sd(b, i, j),
    )  # fmt: skip


def _sd(b: Board, i: int, j: int) -> float:
    """Return how uncertain the time is: both places over the speed at which they close."""
    closing = max(10.0, float(np.hypot(b.ve[i] - b.ve[j], b.vn[i] - b.vn[j])))
    return float(np.hypot(b.pos_sd[i], b.pos_sd[j])) / closing


RULES: Final = (
    Rule(
        name="stca", title="Short-term conflict", title_fr="Conflit à court terme", severity=WARNING,
        find=find_conflicts, raise_s=3.0, clear_s=8.0, escalate_s=30.0,
        about="Two aircraft will be below both minima within the horizon, flying on as they do; an alarm when they "
        "are. Where the height that an aircraft sends is in doubt, the nearer of its heights counts. "
        "Source: EUROCONTROL Guidelines for Short Term Conflict Alert, part I.",
        params=(
            Param(name="horizontal_m", usual=9260.0 * 0.6, meaning="horizontal minimum, m", high=100_000.0),
            Param(name="vertical_m", usual=228.6, meaning="vertical minimum, m", high=3000.0),
            Param(name="horizon_s", usual=90.0, meaning="how far ahead it looks, s", low=10.0, high=600.0),
            Param(name="least_speed_mps", usual=25.0, meaning="slower tracks are left out, m/s", high=200.0),
            Param(name="least_agl_m", usual=150.0, meaning="lower tracks are left out (terrain given), m", high=3000.0),
            Param(name="most_climb_mps", usual=50.0, meaning="faster climbs are taken as this, m/s", high=300.0),
        ),
    ),
)  # fmt: skip
