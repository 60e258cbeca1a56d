"""What a flight is called, where evidence gives it: its own words, an operator's, a plan, or the track before it.

A flight that switched its transponder off in the air often goes on as another track: one that ended where and when this
one began, within what an aircraft can fly, may be the same aircraft. Such a name is told as what it is, with figures.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.history.ask import Archive, words_of
from vigie.history.flights import distance_m
from vigie.terms.units import NS_PER_S

_BEFORE_NS: Final = 180 * NS_PER_S
_OVERLAP_NS: Final = 10 * NS_PER_S
_FASTEST_MPS: Final = 350.0
_SLACK_M: Final = 5_000.0


def name_of(archive: Archive, flight: dict[str, Any]) -> tuple[str, str]:
    """Return the name of a flight (a row of ``flights``) and the evidence for it; two empty texts where none is."""
    if str(flight.get("callsign") or "").strip():
        return str(flight["callsign"]).strip(), "sent by its transponder"
    told = archive.sql(
        "SELECT name, plan, decided_by FROM identities WHERE track_no = ? AND (name <> '' OR plan <> '') AND "
        "now_ns BETWEEN ? AND ? ORDER BY now_ns DESC LIMIT 1",
        [flight["track_no"], flight["first_ns"], flight["last_ns"]],
    )
    for row in told:
        if row["name"]:
            return row["name"], "named by an operator"
        return row["plan"], "the flight plan it was coupled with"
    before = archive.sql(
        "SELECT track_no, icao24, mode3a, callsign, last_ns, last_lat_deg, last_lon_deg FROM flights WHERE "
        "callsign <> '' AND track_no <> ? AND last_ns BETWEEN ? AND ?",
        [flight["track_no"], flight["first_ns"] - _BEFORE_NS, flight["first_ns"] + _OVERLAP_NS],
    )
    found: list[tuple[float, dict[str, Any], float]] = []
    for row in before:
        away_m = float(distance_m(row["last_lat_deg"], row["last_lon_deg"], flight["first_lat_deg"],
                                  flight["first_lon_deg"]))  # fmt: skip
        apart_s = (flight["first_ns"] - row["last_ns"]) / NS_PER_S
        if away_m <= max(0.0, apart_s) * _FASTEST_MPS + _SLACK_M:
            found.append((away_m, row, apart_s))
    if not found:
        return "", ""
    away_m, row, apart_s = min(found, key=lambda f: f[0])
    return row["callsign"], f"perhaps: {words_of(row)} ended {apart_s:.0f} s before, {away_m / 1000:.1f} km from there"
