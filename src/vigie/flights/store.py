"""What is known of flights at one moment, and how each message changes it.

``State`` is never changed: a function takes one and returns the next, so a snapshot is the state itself. A message
that cannot be applied leaves it as it was and is counted under its reason; which flight is meant is never guessed.
Source: ICAO Doc 4444, chapter 11 and appendix 3 (which messages a flight has, and what each changes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final

from vigie.flights.plan import (
    NO_CODE,
    Aircraft,
    FlightPlan,
    KnownAircraft,
    Permit,
    RepetitivePlan,
    RoutePoint,
)  # fmt: skip
from vigie.flights.route import Navigation, expand_route, with_times
from vigie.terms.messages import FlightMessage, SetAside
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, civil_date, day_start_ns, unroll_time_of_day

MOST_PLANS: Final = 200_000
KEEP_AFTER_NS: Final = 24 * 3600 * NS_PER_S
"""How long a flight that has ended is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is known. The mappings are never changed in place; their order is that of first mention."""

    plans: Mapping[str, FlightPlan] = field(default_factory=dict)
    permits: Mapping[str, Permit] = field(default_factory=dict)
    aircraft: Mapping[int, Aircraft] = field(default_factory=dict)
    repetitive: tuple[RepetitivePlan, ...] = ()
    known: tuple[KnownAircraft, ...] = ()
    couplings: Mapping[int, str] = field(default_factory=dict)
    """Track number to plan, as an operator coupled them by hand; empty text: uncoupled by hand."""
    applied: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)
    """How many messages were set aside, by kind and field, as ``CHG 13``."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The next state, the plan that changed (empty: none), and why the message was set aside (None: it was not)."""

    state: State
    plan_id: str = ""
    set_aside: SetAside | None = None


def plan_id_of(callsign: str, departure: str, eobt_ns: int) -> str:
    """Return the name of a flight: callsign, departure, and date and time in UTC."""
    minutes = eobt_ns // (60 * NS_PER_S)
    day, minute = divmod(minutes, 1440)
    year, month, day_of_month = civil_date(day * DAY_NS)
    return f"{callsign}/{departure}/{year % 100:02d}{month:02d}{day_of_month:02d}{minute // 60:02d}{minute % 60:02d}"


def apply(state: State, message: FlightMessage, now_ns: int, navigation: Navigation | None = None) -> Applied:
    """Return what is known after ``message``, received at ``now_ns``. Never raises for what a message says."""
    nav = navigation or Navigation()
    if message.kind in ("FPL", "CPL"):
        return _file(state, message, now_ns, nav)
    if message.kind not in ("CHG", "CNL", "DLA", "DEP", "ARR", "EST"):
        return _aside(state, message, "3", f"a message of type {message.kind!r} says nothing of one flight here")
    if not message.callsign:
        return _aside(state, message, "7", "no aircraft identification")
    found = find_plans(state, message, now_ns)
    if not found:
        return _aside(state, message, "7", f"no flight {message.callsign} from {message.departure or '?'} is known")
    if len(found) > 1:
        names = ", ".join(p.plan_id for p in found[:4])
        return _aside(state, message, "13", f"{len(found)} flights fit ({names}); none was changed")
    plan = found[0]
    if message.kind == "CHG":
        return _change(state, plan, message, now_ns, nav)
    new, wrong = _moved(plan, message, now_ns)
    if wrong:
        return _aside(state, message, wrong[0], wrong[1])
    return _put(state, replace(_timed(new), changes=plan.changes + 1, last_message=message.text))


def find_plans(state: State, message: FlightMessage, now_ns: int) -> list[FlightPlan]:
    """Return the flights a message may mean: callsign, departure, destination and time as far as it says them."""
    open_ = [
        p for p in state.plans.values()
        if p.callsign == message.callsign
        and p.state in ("filed", "active")
        and (not message.departure or p.departure == message.departure)
        and (not message.destination or message.kind == "CHG" or p.destination == message.destination)
    ]  # fmt: skip
    if message.dof_ns >= 0:
        open_ = [p for p in open_ if day_start_ns(p.eobt_ns) == message.dof_ns]
    elif message.kind not in ("CHG",):  # what has happened or is about to is a flight of these hours
        near = [p for p in open_ if abs(p.start_ns - now_ns) <= DAY_NS // 2]
        open_ = near or open_
    if len(open_) > 1 and message.kind in ("CNL", "CHG", "EST", "DEP") and message.eobt_s >= 0:
        exact = [p for p in open_ if (p.eobt_ns - day_start_ns(p.eobt_ns)) // NS_PER_S == message.eobt_s]
        open_ = exact or open_
    if len(open_) > 1 and message.kind == "ARR":
        active = [p for p in open_ if p.state == "active"]
        open_ = active or open_
    return open_


def _file(state: State, message: FlightMessage, now_ns: int, nav: Navigation) -> Applied:
    if not message.callsign:
        return _aside(state, message, "7", "no aircraft identification")
    if message.kind == "FPL" and not message.departure:
        return _aside(state, message, "13", "no departure aerodrome")
    if message.eobt_s < 0 and message.kind == "FPL":
        return _aside(state, message, "13", "no off-block time")
    eobt_ns = _eobt(message, now_ns)
    plan_id = plan_id_of(message.callsign, message.departure, eobt_ns)
    if plan_id in state.plans and state.plans[plan_id].state in ("filed", "active"):
        if state.plans[plan_id].last_message == message.text and message.text:
            return _aside(state, message, "7", f"flight {plan_id} is filed already with the same words")
    elif plan_id not in state.plans and len(state.plans) >= MOST_PLANS:
        return _aside(state, message, "7", f"more than {MOST_PLANS:,} flights are known; forget old ones first")
    plan = plan_from(message, eobt_ns, nav)
    if message.kind == "CPL" or message.estimate_s >= 0:
        plan, _ = _moved(plan, replace(message, kind="EST"), now_ns)
    return _put(state, replace(_timed(plan), last_message=message.text))


def plan_from(message: FlightMessage, eobt_ns: int, nav: Navigation) -> FlightPlan:
    """Return a new plan with what a message says, its route drawn over ``nav``."""
    plan = FlightPlan(
        plan_id=plan_id_of(message.callsign, message.departure, eobt_ns),
        callsign=message.callsign, icao24=message.icao24, registration=message.registration, rules=message.rules or "I",
        flight_type=message.flight_type or "S", number=message.number, aircraft_type=message.aircraft_type,
        wake=message.wake, equipment=message.equipment, surveillance=message.surveillance, departure=message.departure,
        eobt_ns=eobt_ns, speed_mps=message.speed_mps, level_m=message.level_m, level_datum=message.level_datum,
        route=message.route, destination=message.destination, eet_s=message.eet_s, alternates=message.alternates,
        other=message.other, code_due=message.mode3a, source=message.source,
    )  # fmt: skip
    return drawn(plan, nav)


def drawn(plan: FlightPlan, nav: Navigation) -> FlightPlan:
    """Return a plan with its route drawn: points with times, and the parts that could not be found."""
    points, unresolved = expand_route(plan.route, plan.departure, plan.destination, nav, other=dict(plan.other))
    return _timed(replace(plan, points=points, unresolved=unresolved))


def _timed(plan: FlightPlan) -> FlightPlan:
    """Return a plan whose points have times: by field 18 EET, an estimate, else by speed from the start."""
    points = with_times(
        plan.points, start_ns=plan.start_ns, speed_mps=plan.speed_mps, eet_s=plan.eet_s, at_point=plan.estimate_point,
        at_ns=plan.estimate_ns,
    )  # fmt: skip
    return replace(plan, points=points)


def _change(state: State, plan: FlightPlan, message: FlightMessage, now_ns: int, nav: Navigation) -> Applied:
    if not message.changed:
        return _aside(state, message, "22", "no amendment")
    known = {f.name for f in fields(FlightPlan)}
    new: dict[str, Any] = {}
    for name in message.changed:
        if name == "eobt_s":
            day_ns = message.dof_ns if message.dof_ns >= 0 else day_start_ns(plan.eobt_ns)
            new["eobt_ns"] = day_ns + message.eobt_s * NS_PER_S
        elif name == "dof_ns":
            new.setdefault("eobt_ns", message.dof_ns + plan.eobt_ns % DAY_NS)
        elif name == "mode3a":
            new["code_due"] = message.mode3a
        elif name in known:
            new[name] = getattr(message, name)
    changed = replace(plan, **new, changes=plan.changes + 1, last_message=message.text)
    if {"route", "departure", "destination", "other"} & set(message.changed):
        changed = drawn(changed, nav)
    return _put(state, _timed(changed))


def _moved(plan: FlightPlan, message: FlightMessage, now_ns: int) -> tuple[FlightPlan, tuple[str, str] | None]:
    """Return the plan after a message of its way, or the field and reason why it cannot be."""
    if message.mode3a != NO_CODE and message.kind in ("DLA", "DEP", "EST"):
        plan = replace(plan, code_due=message.mode3a)
    if message.kind == "CNL":
        return replace(plan, state="cancelled"), None
    if message.kind == "DLA":
        if message.eobt_s < 0:
            return plan, ("13", "no new off-block time")
        day_ns = message.dof_ns if message.dof_ns >= 0 else day_start_ns(plan.eobt_ns)
        eobt_ns = day_ns + message.eobt_s * NS_PER_S
        if message.dof_ns < 0 and eobt_ns < plan.eobt_ns - DAY_NS // 4:
            eobt_ns += DAY_NS  # delayed past midnight
        return replace(plan, eobt_ns=eobt_ns), None
    if message.kind == "DEP":
        departed_s = message.departed_s if message.departed_s >= 0 else message.eobt_s
        if departed_s < 0:
            return plan, ("13", "no time of departure")
        atd_ns = unroll_time_of_day(departed_s * NS_PER_S, plan.eobt_ns)
        return replace(plan, state="active", atd_ns=atd_ns), None
    if message.kind == "ARR":
        if message.arrived_s < 0:
            return plan, ("17", "no time of arrival")
        near_ns = plan.end_ns if plan.end_ns >= 0 else now_ns
        ata_ns = unroll_time_of_day(message.arrived_s * NS_PER_S, near_ns)
        return replace(plan, state="arrived", ata_ns=ata_ns, arrived_at=message.arrived_at or plan.destination), None
    if message.estimate_s < 0:  # EST
        return plan, ("14", "no estimate")
    return replace(
        plan, state="active", estimate_point=message.estimate_point, estimate_level_m=message.estimate_level_m,
        estimate_ns=unroll_time_of_day(message.estimate_s * NS_PER_S, now_ns)), None  # fmt: skip


def _eobt(message: FlightMessage, now_ns: int) -> int:
    tod_ns = max(0, message.eobt_s) * NS_PER_S
    if message.dof_ns >= 0:
        return message.dof_ns + tod_ns
    # Without a date the flight is of today; a time long past at receipt is of tomorrow (Doc 4444: at most 24 h ahead).
    eobt_ns = day_start_ns(now_ns) + tod_ns
    return eobt_ns + DAY_NS if message.kind == "FPL" and eobt_ns < now_ns - DAY_NS // 4 else eobt_ns


def _put(state: State, plan: FlightPlan) -> Applied:
    new = dict(state.plans)
    new[plan.plan_id] = plan
    return Applied(replace(state, plans=new, applied=state.applied + 1), plan.plan_id)


def _aside(state: State, message: FlightMessage, field_no: str, reason: str) -> Applied:
    counts = dict(state.set_aside)
    key = f"{message.kind} {field_no}"
    counts[key] = counts.get(key, 0) + 1
    why = SetAside(message.kind, field_no, reason, message.text[:2000])
    return Applied(replace(state, set_aside=counts), set_aside=why)


def count_set_aside(state: State, why: Iterable[SetAside]) -> State:
    """Return the state with messages counted that could not even be read."""
    counts = dict(state.set_aside)
    for one in why:
        key = f"{one.kind or '?'} {one.field}"
        counts[key] = counts.get(key, 0) + 1
    return replace(state, set_aside=counts)


def plans_of_day(state: State, day_ns: int, nav: Navigation) -> State:
    """Return the state with the day's flights of the repetitive plans filed, those not filed already."""
    new = dict(state.plans)
    for rpl in state.repetitive:
        weekday = (day_ns // DAY_NS + 3) % 7
        if not rpl.days >> weekday & 1 or (rpl.from_ns >= 0 and day_ns < rpl.from_ns) or 0 <= rpl.to_ns < day_ns:
            continue
        eobt_ns = day_ns + rpl.eobt_s * NS_PER_S
        plan_id = plan_id_of(rpl.callsign, rpl.departure, eobt_ns)
        if plan_id in new or len(new) >= MOST_PLANS:
            continue
        plan = FlightPlan(
            plan_id=plan_id, callsign=rpl.callsign, aircraft_type=rpl.aircraft_type, wake=rpl.wake,
            departure=rpl.departure, eobt_ns=eobt_ns, speed_mps=rpl.speed_mps, level_m=rpl.level_m,
            level_datum=rpl.level_datum, route=rpl.route, destination=rpl.destination, eet_s=rpl.eet_s, other=rpl.other,
            source=rpl.source or "RPL",
        )  # fmt: skip
        new[plan_id] = drawn(plan, nav)
    return replace(state, plans=new)


def new_day(state: State, now_ns: int, nav: Navigation) -> State:
    """Return the state for the day of ``now_ns``: repetitive plans of two days filed, old ones forgotten."""
    today_ns = day_start_ns(now_ns)
    return forget_old(plans_of_day(plans_of_day(state, today_ns, nav), today_ns + DAY_NS, nav), now_ns)


def forget_old(state: State, now_ns: int) -> State:
    """Return the state without flights that ended, or should have begun, more than a day ago."""
    kept = {
        plan_id: p for plan_id, p in state.plans.items()
        if (last_ns := max(p.start_ns, p.end_ns, p.estimate_ns)) < 0 or last_ns >= now_ns - KEEP_AFTER_NS
    }  # fmt: skip
    return state if len(kept) == len(state.plans) else replace(state, plans=kept)


def snapshot(state: State) -> dict[str, Any]:
    """Return the state as a tree of plain values: what a snapshot holds."""
    return {
        "plans": [asdict(p) for p in state.plans.values()],
        "permits": [asdict(p) for p in state.permits.values()],
        "aircraft": [asdict(a) for a in state.aircraft.values()],
        "repetitive": [asdict(r) for r in state.repetitive],
        "known": [asdict(k) for k in state.known],
        "couplings": [[number, plan_id] for number, plan_id in state.couplings.items()],
        "applied": state.applied,
        "set_aside": dict(state.set_aside),
    }


def restore(tree: Mapping[str, Any]) -> State:
    """Return the state that ``snapshot`` told, whatever its lists have become on the way (tuples or lists)."""
    plans = [_made(FlightPlan, row) for row in tree["plans"]]
    permits = [_made(Permit, row) for row in tree["permits"]]
    aircraft = [_made(Aircraft, row) for row in tree["aircraft"]]
    return State(
        plans={p.plan_id: p for p in plans},
        permits={p.number: p for p in permits},
        aircraft={a.icao24: a for a in aircraft},
        repetitive=tuple(_made(RepetitivePlan, row) for row in tree["repetitive"]),
        known=tuple(_made(KnownAircraft, row) for row in tree["known"]),
        couplings={int(number): plan_id for number, plan_id in tree["couplings"]},
        applied=tree["applied"],
        set_aside=dict(tree["set_aside"]),
    )


def _made(kind: type[Any], row: Mapping[str, Any]) -> Any:
    values = {k: _tuples(v) for k, v in row.items()}
    if kind is FlightPlan:
        values["points"] = tuple(RoutePoint(**p) for p in row["points"])
    return kind(**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, (list, tuple)) else value
