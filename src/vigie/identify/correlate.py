"""Which plan a track flies: by address, callsign, code, time and place. Two that fit are shown, none is guessed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from vigie.flights.plan import ABSENT_NS, NO_CODE, FlightPlan
from vigie.flights.route import distance_m
from vigie.flights.store import State
from vigie.terms.units import M_PER_NMI, NS_PER_S

BY_ADDRESS: Final = 4.0
BY_CALLSIGN: Final = 3.0
BY_CODE: Final = 2.0
ON_THE_WAY: Final = 1.0
ENOUGH: Final = 3.0
"""An address, a callsign, or a code at the right time and place."""
CLEAR_BY: Final = 0.9
"""The second best must fit worse by so much."""
EARLY_NS: Final = 3600 * NS_PER_S
LATE_NS: Final = 2 * 3600 * NS_PER_S
LONGEST_NS: Final = 24 * 3600 * NS_PER_S
NEAR_M: Final = 30 * M_PER_NMI
FAR_M: Final = 120 * M_PER_NMI
CONSPICUITY: Final = frozenset(
    int(code, 8) for code in ("0000", "1000", "1200", "1400", "2000", "7000", "7001", "7500", "7600", "7700", "7777")
)
"""Codes that say nothing of who sends them: conspicuity, emergency, test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The plan that fits (None: none, or several), how many fit equally well, and by what."""

    plan: FlightPlan | None = None
    candidates: int = 0
    by: str = ""


@dataclass(slots=True)
class PlanBook:
    """The open plans by what tracks say of themselves; made anew when the plans change."""

    by_address: dict[int, list[FlightPlan]] = field(default_factory=dict)
    by_callsign: dict[str, list[FlightPlan]] = field(default_factory=dict)
    by_code: dict[int, list[FlightPlan]] = field(default_factory=dict)


def plan_book(state: State) -> PlanBook:
    """Return the open plans of a state, in its order; an address comes from the register where a plan says none."""
    book = PlanBook()
    registered = {a.registration.replace("-", ""): a.icao24 for a in state.aircraft.values() if a.registration}
    for plan in state.plans.values():
        if plan.state not in ("filed", "active"):
            continue
        icao24 = plan.icao24 or registered.get(plan.registration.replace("-", ""), 0)
        if icao24:
            book.by_address.setdefault(icao24, []).append(plan)
        if plan.callsign:
            book.by_callsign.setdefault(plan.callsign, []).append(plan)
        if plan.code_due != NO_CODE:
            book.by_code.setdefault(plan.code_due, []).append(plan)
    return book


def correlate(
    book: PlanBook, *, icao24: int, callsign: str, mode3a: int, code_shared: bool, lat_deg: float, lon_deg: float,
    now_ns: int,
) -> Match:  # fmt: skip
    """Return the plan of a track. ``code_shared``: other tracks send the same code, so it says nothing."""
    scores: dict[str, tuple[float, FlightPlan, str]] = {}

    def add(plans: list[FlightPlan], weight: float, word: str) -> None:
        for plan in plans:
            if _in_time(plan, now_ns):
                score, _, by = scores.get(plan.plan_id, (0.0, plan, ""))
                scores[plan.plan_id] = (score + weight, plan, f"{by}, {word}" if by else word)

    if icao24:
        add(book.by_address.get(icao24, []), BY_ADDRESS, "address")
    if callsign:
        add(book.by_callsign.get(callsign, []), BY_CALLSIGN, "callsign")
    if mode3a != NO_CODE and mode3a not in CONSPICUITY and not code_shared:
        add(book.by_code.get(mode3a, []), BY_CODE, "code")
    fits: list[tuple[float, FlightPlan, str]] = []
    for score, plan, by in scores.values():
        if callsign and plan.callsign and plan.callsign != callsign:
            continue  # the same aircraft flies several flights a day: another callsign is another flight
        if icao24 and plan.icao24 and plan.icao24 != icao24:
            continue
        away_m = _away(plan, lat_deg, lon_deg, now_ns)
        if away_m > FAR_M:
            continue
        near = away_m < NEAR_M
        total = score + (ON_THE_WAY if near else 0.0)
        if total >= ENOUGH:
            fits.append((total, plan, by + (", place" if near else "")))
    if not fits:
        return Match()
    fits.sort(key=lambda fit: (-fit[0], fit[1].plan_id))
    equal = [fit for fit in fits if fits[0][0] - fit[0] < CLEAR_BY]
    if len(equal) > 1:
        return Match(candidates=len(equal), by=", ".join(fit[1].plan_id for fit in equal[:3]))
    return Match(plan=fits[0][1], candidates=1, by=fits[0][2])


def _in_time(plan: FlightPlan, now_ns: int) -> bool:
    start = plan.estimate_ns if plan.estimate_ns != ABSENT_NS else plan.start_ns
    if start == ABSENT_NS:
        return True
    end = plan.end_ns if plan.end_ns != ABSENT_NS else start + LONGEST_NS
    return start - EARLY_NS <= now_ns <= end + LATE_NS


def _away(plan: FlightPlan, lat_deg: float, lon_deg: float, now_ns: int) -> float:
    """Return how far a place is from a plan's route (m): 0 where the plan has none that could be drawn."""
    points = plan.points
    if len(points) < 2:
        return 0.0
    best = math.inf
    here = (lat_deg, lon_deg)
    for a, b in pairwise(points):
        best = min(best, _from_leg(here, (a.lat_deg, a.lon_deg), (b.lat_deg, b.lon_deg)))
    return best


def _from_leg(here: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return the distance (m) from a leg, in a plane around ``here``: enough to tell 30 miles from 120."""
    c = math.cos(math.radians(here[0]))

    def plane(p: tuple[float, float]) -> tuple[float, float]:
        east = (p[1] - here[1] + 180.0) % 360.0 - 180.0
        return east * c * 111_320.0, (p[0] - here[0]) * 111_320.0

    (ax, ay), (bx, by) = plane(a), plane(b)
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    t = min(1.0, max(0.0, -(ax * dx + ay * dy) / square)) if square > 0 else 0.0
    straight = math.hypot(ax + t * dx, ay + t * dy)
    return straight if straight < 1e6 else min(distance_m(here, a), distance_m(here, b))
