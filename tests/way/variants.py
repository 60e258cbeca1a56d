"""Random variants of an exercise: flights start at another time and pass other places, faults strike elsewhere.

What a seed of its own varies already (the random traffic, the noise of the sensors) is left to the simulation.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Final

import numpy as np

from vigie.simulate.rows import UNTIMED, EventRow, Exercise, FaultRow, FlightRow, Place

MOST_S: Final = 120
"""Starts and faults are moved by up to this."""
MOST_M: Final = 9_000.0
SHARE: Final = 0.1
"""Places are moved by up to this share of how far the flight goes, ``MOST_M`` at most."""
MOST_DEG: Final = 30.0
METRES_A_DEGREE: Final = 111_200.0


def varied(exercise: Exercise, seed: int) -> Exercise:
    """Return variant ``seed`` of an exercise: whole seconds, metres and headings drawn by it and nothing else."""
    random = np.random.default_rng([seed, exercise.seed])
    roots = {f.callsign: _root(f, exercise) for f in exercise.flights}
    shifts = {root: int(random.integers(-MOST_S, MOST_S + 1)) for root in sorted(set(roots.values()))}
    moved: dict[tuple[str, str], Place] = {}
    extent = {f.callsign: _extent_m(f.route) for f in exercise.flights}

    def move(place: Place, callsign: str) -> Place:
        key = (roots[callsign], place.name)
        if key not in moved:
            most = min(MOST_M, SHARE * extent[roots[callsign]])
            moved[key] = place if place.is_aerodrome else _moved(place, most, random)
        at, timed = moved[key], place.time_s != UNTIMED
        return replace(
            place, lat_deg=at.lat_deg, lon_deg=at.lon_deg,
            time_s=place.time_s + shifts[roots[callsign]] if timed else place.time_s,
        )  # fmt: skip

    flights = tuple(
        replace(f, route=tuple(move(p, f.callsign) for p in f.route), depart_s=f.depart_s + shifts[roots[f.callsign]])
        for f in exercise.flights
    )
    events = tuple(
        EventRow(e.flight, e.do, _later(e.keys, shifts[roots[e.flight]], random),
                 tuple(move(p, e.flight) for p in e.places))
        for e in exercise.events
    )  # fmt: skip
    return replace(
        exercise, seed=seed, flights=flights, events=events, faults=tuple(_fault(f, random) for f in exercise.faults)
    )


def _root(flight: FlightRow, exercise: Exercise) -> str:
    """Return whom a flight goes with: its leader, or whom it joins on the way; such keep their time together."""
    with_whom = {f.callsign: f.leader for f in exercise.flights if f.leader}
    with_whom |= {e.flight: str(e.keys["leader"]) for e in exercise.events if "leader" in e.keys}
    name = flight.callsign
    for _ in exercise.flights:
        name = with_whom.get(name, name)
    return name


def _extent_m(route: tuple[Place, ...]) -> float:
    lat, lon = [p.lat_deg for p in route], [p.lon_deg for p in route]
    narrow = math.cos(math.radians(lat[0]))
    return METRES_A_DEGREE * math.hypot(max(lat) - min(lat), (max(lon) - min(lon)) * narrow)


def _moved(place: Place, most_m: float, random: np.random.Generator) -> Place:
    far, way = most_m * math.sqrt(random.random()), random.uniform(0.0, 2.0 * math.pi)
    return replace(
        place, lat_deg=place.lat_deg + far * math.cos(way) / METRES_A_DEGREE,
        lon_deg=place.lon_deg + far * math.sin(way) / METRES_A_DEGREE / math.cos(math.radians(place.lat_deg)),
    )  # fmt: skip


def _later(keys: dict[str, Any], shift_s: int, random: np.random.Generator) -> dict[str, Any]:
    out = dict(keys)
    if "at_s" in out:
        out["at_s"] += shift_s
    if "heading_deg" in out:
        out["heading_deg"] = (out["heading_deg"] + random.uniform(-MOST_DEG, MOST_DEG)) % 360.0
    return out


def _fault(fault: FaultRow, random: np.random.Generator) -> FaultRow:
    shift_s = max(int(random.integers(-MOST_S, MOST_S + 1)), -int(fault.from_s))
    turn_deg, keys = float(random.uniform(-MOST_DEG, MOST_DEG)), dict(fault.keys)
    for name in ("from_deg", "to_deg", "course_deg"):
        if name in keys:
            keys[name] = (keys[name] + turn_deg) % 360.0
    if "offset_deg" in keys and random.random() < 0.5:
        keys["offset_deg"] = -keys["offset_deg"]
    if {"lat_deg", "lon_deg"} <= keys.keys():
        at = _moved(Place("", keys["lat_deg"], keys["lon_deg"]), MOST_M, random)
        keys |= {"lat_deg": at.lat_deg, "lon_deg": at.lon_deg}
    return replace(fault, from_s=fault.from_s + shift_s, to_s=fault.to_s + shift_s, keys=keys)
