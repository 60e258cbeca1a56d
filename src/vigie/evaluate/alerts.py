"""How good the alerts are: hits, misses, nuisance per hour and warning times, by rule and area."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.evaluate.expected import JUDGED, Event
from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S

BEFORE_NS: Final = 120 * NS_PER_S
"""A predicted alert may come so long before its event."""
AFTER_NS: Final = 45 * NS_PER_S
NEAR_M: Final = 8_000.0
_EARLY: Final = {"stca": BEFORE_NS}


@dataclass(slots=True)
class Tally:
    """The count of one rule and area."""

    events: int = 0
    hits: int = 0
    misses: int = 0
    alerts: int = 0
    allowed: int = 0
    nuisance: int = 0
    delays_s: list[float] = field(default_factory=list)
    crossing_errors_s: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    nuisances: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """One alert as it was raised, with the targets its tracks were."""

    no: int
    rule: str
    area: str
    targets: tuple[int, ...]
    raised_ns: int
    predicted_ns: int
    reason: str


def raised_of(alerts: Rows, tracks: Rows, truth: Rows) -> list[Raised]:
    """Return each alert's first row with the targets nearest to its tracks then; 0 where no target is near."""
    _, first = np.unique(alerts["alert_no"], return_index=True)
    out = []
    seconds = truth["t_ns"] // NS_PER_S
    by_second = {int(s): truth[seconds == s] for s in np.unique(seconds)}
    order = np.lexsort((tracks["now_ns"], tracks["track_no"]))
    ordered = tracks[order]
    starts = {int(n): k for k, n in reversed(list(enumerate(ordered["track_no"].tolist())))}
    for row in alerts[first]:
        numbers = [n for n in (int(row["track_no"]), int(row["other_no"])) if n]
        targets = [_target(n, int(row["raised_ns"]), ordered, starts, by_second) for n in numbers]
        out.append(Raised(
            no=int(row["alert_no"]), rule=row["rule"].decode(), area=row["area"].decode("utf-8", "replace"),
            targets=tuple(sorted(targets)), raised_ns=int(row["raised_ns"]), predicted_ns=int(row["predicted_ns"]),
            reason=row["reason"].decode("utf-8", "replace"),
        ))  # fmt: skip
    return out


def _target(number: int, t_ns: int, ordered: Rows, starts: dict[int, int], by_second: dict[int, Rows]) -> int:
    k = starts.get(number)
    if k is None:
        return 0
    end = k
    while end < len(ordered) and ordered["track_no"][end] == number:
        end += 1
    mine = ordered[k:end]
    at = mine[int(np.argmin(np.abs(mine["now_ns"] - t_ns)))]
    there = by_second.get(int(at["now_ns"]) // NS_PER_S)
    if there is None:
        return 0
    north = (there["lat_deg"] - at["lat_deg"]) * 111_200.0
    east = (there["lon_deg"] - at["lon_deg"]) * 111_320.0 * math.cos(math.radians(float(at["lat_deg"])))
    away = np.hypot(north, east)
    best = int(np.argmin(away))
    return int(there["target_id"][best]) if away[best] < NEAR_M else 0


def judge(raised: Sequence[Raised], events: Sequence[Event]) -> dict[tuple[str, str], Tally]:
    """Return the tally by rule and area. An event is hit by any alert of its rule, area and targets in its time."""
    out: dict[tuple[str, str], Tally] = {}
    used: set[int] = set()
    for event in events:
        tally = out.setdefault((event.rule, event.area), Tally())
        early = _EARLY.get(event.rule, 10 * NS_PER_S)
        fits = [
            a for a in raised
            if (a.rule, a.area, a.targets) == (event.rule, event.area, event.targets)
            and event.start_ns - early <= a.raised_ns <= event.end_ns + AFTER_NS
        ]  # fmt: skip
        used.update(a.no for a in fits)
        if not event.must:
            continue
        tally.events += 1
        if not fits:
            tally.misses += 1
            tally.missed.append(f"{event.targets} at {event.start_ns}")
            continue
        tally.hits += 1
        tally.delays_s.append((fits[0].raised_ns - event.due_ns) / NS_PER_S)
        if event.rule.endswith("_crossing"):
            tally.crossing_errors_s.append((fits[0].predicted_ns - event.start_ns) / NS_PER_S)
    for alert in raised:
        if alert.rule in JUDGED:
            tally = out.setdefault((alert.rule, alert.area), Tally())
            tally.alerts += 1
            if alert.no in used:
                tally.allowed += 1
            else:
                tally.nuisance += 1
                tally.nuisances.append(alert.reason)
    return dict(sorted(out.items()))


def as_plain(tallies: dict[tuple[str, str], Tally], hours: float) -> list[dict[str, Any]]:
    """Return the tallies as JSON holds them."""
    out = []
    for (rule, area), t in tallies.items():
        delays = np.array(t.delays_s)
        out.append({
            "rule": rule, "area": area, "events": t.events, "hits": t.hits, "misses": t.misses, "alerts": t.alerts,
            "nuisance": t.nuisance, "nuisance_per_h": round(t.nuisance / max(hours, 1e-9), 3),
            "delay_s": _percentiles(delays),
            "crossing_error_s": round(float(np.abs(t.crossing_errors_s).max()), 2) if t.crossing_errors_s else None,
            "missed": t.missed[:20], "nuisances": t.nuisances[:20],
        })  # fmt: skip
    return out


def _percentiles(delays: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, float] | None:
    return {f"p{q}": round(float(np.percentile(delays, q)), 2) for q in (5, 50, 95)} if delays.size else None


def alerts_page(rows: list[dict[str, Any]], title: str, hours: float) -> str:
    """Return the tuning report: a page without scripts that says for each rule what to look at."""
    head = ("rule", "area", "events", "hits", "misses", "alerts", "nuisance", "nuisance_per_h")
    cells = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(row[name]))}</td>" for name in head)
        + f"<td>{html.escape(_spread(row['delay_s']))}</td><td>{html.escape(_advice(row))}</td></tr>"
        for row in rows
    )  # fmt: skip
    names = "".join(f"<th>{name}</th>" for name in (*head, "delay s (5, 50, 95 %)", "look at"))
    return (
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Alerts</title><style>body{font:14px sans-serif}"
        "td,th{padding:.2em .7em;text-align:left;border-bottom:1px solid #ccc}</style>"
        f"<h1>Alerts of {html.escape(title)}</h1><p>{hours:.2f} hours. An alert is a nuisance where the truth has no "
        f"event that it fits.</p><table><tr>{names}</tr>{cells}</table></html>\n"
    )


def _spread(delay: dict[str, float] | None) -> str:
    return "" if delay is None else ", ".join(f"{v:g}" for v in delay.values())


def _advice(row: dict[str, Any]) -> str:
    if row["misses"]:
        return f"missed: {'; '.join(row['missed'][:3])}"
    if row["nuisance"]:
        return f"raise_s or the rule's limits: {'; '.join(row['nuisances'][:2])}"
    return ""
