"""Against the plan: off the route, off the level, overdue."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.earth.wgs84 import Floats
from vigie.flights.plan import ABSENT_NS
from vigie.terms.units import M_PER_NMI, NS_PER_S
from vigie.watch.routes import Longs, off_route
from vigie.watch.rule import CAUTION, Find, Param, Rule
from vigie.watch.view import View
from vigie.watch.words import clock, feet, level, miles


def _planned(view: View) -> tuple[Longs, Floats, Floats]:
    """Return the rows looked at that have a plan, with their distance from its route and from its nearer end."""
    b = view.board
    rows = view.rows[b.plan_no[view.rows] >= 0]
    off_m, end_m = np.empty(rows.size), np.empty(rows.size)
    off_route(rows, b.plan_no, b.lat, b.lon, view.routes.points, view.routes.first, off_m, end_m)
    return rows, off_m, end_m


def find_off_route(view: View) -> list[Find]:
    """Return a find for each track farther from its route than allowed, away from both ends."""
    rows, off_m, end_m = _planned(view)
    far = (off_m > view.value(RULES[0], "off_m")) & (end_m > view.value(RULES[0], "ends_m"))
    finds = []
    for k in np.flatnonzero(far).tolist():
        row = int(rows[k])
        lat, lon = view.where(row)
        plan = view.routes.plans[int(view.board.plan_no[row])]
        finds.append(Find(
            rule="off_route", track_no=int(view.board.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{view.name(row)} is {miles(float(off_m[k]))} off its route ({plan.departure}-{plan.destination})",
            reason_fr=f"{view.name(row)} est à {miles(float(off_m[k]))} de sa route "
            f"({plan.departure}-{plan.destination})",
        ))  # fmt: skip
    return finds


def find_off_level(view: View) -> list[Find]:
    """Return a find for each track that flies level, away from both ends, at another level than planned."""
    rows, _, end_m = _planned(view)
    b = view.board
    planned = view.routes.level_m[b.plan_no[rows]]
    height = np.where(view.routes.by_pressure[b.plan_no[rows]], b.press_m[rows], b.amsl_m[rows])
    off = np.abs(height - planned)
    wrong = (off > view.value(RULES[1], "off_m")) & (end_m > view.value(RULES[1], "ends_m"))
    wrong &= np.abs(np.nan_to_num(b.climb[rows])) < view.value(RULES[1], "level_mps")
    finds = []
    for k in np.flatnonzero(wrong).tolist():
        row = int(rows[k])
        lat, lon = view.where(row)
        is_at, due, by = level(b.press_m[row]), level(float(planned[k])), feet(float(off[k]))
        finds.append(Find(
            rule="off_level", track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{view.name(row)} is at {is_at}, planned {due} ({by} off)",
            reason_fr=f"{view.name(row)} est à {is_at}, prévu {due} (écart {by})",
        ))  # fmt: skip
    return finds


def find_overdue(view: View) -> list[Find]:
    """Return a find for each flight that should have landed and of which nothing was heard."""
    if not view.flights.plans:
        return []
    late_ns = int(view.value(RULES[2], "late_s") * NS_PER_S)
    held = {int(p) for p in view.board.plan_no[: view.board.used][view.board.number[: view.board.used] > 0]}
    finds = []
    for number, plan in enumerate(view.routes.plans):
        if plan.state != "active" or plan.end_ns == ABSENT_NS or view.now_ns < plan.end_ns + late_ns:
            continue
        if number in held:
            continue
        finds.append(Find(
            rule="overdue", area=plan.plan_id[:40], predicted_ns=plan.end_ns,
            reason=f"{plan.callsign} was due at {plan.destination} at {clock(plan.end_ns)}: not landed, no track",
            reason_fr=f"{plan.callsign} était attendu à {plan.destination} à {clock(plan.end_ns)} : "
            "ni arrivée ni piste",
        ))  # fmt: skip
    return finds


_ENDS: Final = Param(name="ends_m", usual=40 * M_PER_NMI, meaning="not nearer than this to either end, m", high=1e6)
RULES: Final = (
    Rule(
        name="off_route", title="Off route", title_fr="Hors route", severity=CAUTION, find=find_off_route,
        raise_s=20.0, clear_s=20.0, about="A track is farther from the route of its plan than allowed.",
        params=(Param(name="off_m", usual=15 * M_PER_NMI, meaning="allowed distance, m", high=1e6), _ENDS),
    ),
    Rule(
        name="off_level", title="Off level", title_fr="Hors niveau", severity=CAUTION, find=find_off_level,
        raise_s=60.0, clear_s=20.0, about="A track flies level at another level than its plan says.",
        params=(
            Param(name="off_m", usual=800.0, meaning="allowed difference, m", high=10_000.0),
            Param(name="level_mps", usual=1.5, meaning="climbing or sinking slower than this is level, m/s", high=50.0),
            _ENDS,
        ),
    ),
    Rule(
        name="overdue", title="Overdue", title_fr="En retard", severity=CAUTION, find=find_overdue, scope="system",
        when="second",
        raise_s=0.0, clear_s=5.0, escalate_s=600.0,
        about="A flight that departed should have landed and nothing was heard of it. Source: ICAO Annex 11, 5.2.1.",
        params=(Param(name="late_s", usual=1800.0, meaning="how late after the estimate, s", high=86_400.0),),
    ),
)  # fmt: skip
