"""The fleet: every flight of an exercise as arrays, random flows drawn, routes laid out, and flown block by block.

A block is one second from the start of the exercise. Flights that left before the start are flown up to it first, so
the sky is full at once and consistent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.atmosphere import amsl_from_press_alt, press_alt_from_amsl
from vigie.earth.wgs84 import ecef_to_geodetic_many
from vigie.simulate import fly
from vigie.simulate.draw import key_of, unit_of
from vigie.simulate.performance import aircraft_types
from vigie.simulate.rows import NO_ALT, Exercise, FlightRow, Place, TrafficRow
from vigie.terms.tables import TRUTH, Rows
from vigie.terms.units import M_PER_FL, MPS_PER_KT, NS_PER_S, RAD_PER_DEG

Floats = npt.NDArray[np.float64]

SQUAWKS_KEPT: Final = (0o7500, 0o7600, 0o7700, 0o7777, 0o2000, 0o1000, 0o0000, 0o7000)
NEVER: Final = 1 << 40
"""A time of departure for who does not fly."""
_STREAM_TRAFFIC: Final = 1
_STREAM_IDENTITY: Final = 2
_STREAM_GHOST: Final = 10


@dataclass(slots=True)
class Identity:
    """Who the aircraft say they are, one value an aircraft; events and faults change them."""

    callsign: npt.NDArray[np.bytes_]
    icao24: npt.NDArray[np.int64]
    mode3a: npt.NDArray[np.int64]
    has: npt.NDArray[np.int64]
    """Bits of what answers: see A_C and those below."""
    category: npt.NDArray[np.int64]
    emergency: npt.NDArray[np.int64]
    """ADS-B emergency state, 0 none (DO-260B 2.2.3.2.7.8)."""
    spi_until_s: Floats
    rcs_m2: Floats


A_C: Final = 1
"""Answers Mode A."""
MODE_C: Final = 2
"""Answers Mode C (height)."""
MODE_S: Final = 4
ADS_B: Final = 8
REMOTE: Final = 16
"""Broadcasts Remote ID."""
_HAS: Final = (0, A_C | MODE_C, A_C | MODE_C | MODE_S, A_C | MODE_C | MODE_S | ADS_B)


class Fleet:
    """All aircraft of an exercise, and where they are.

    ``before`` and ``after`` are ECEF positions and velocities (6, n) at the two ends of the last block flown.
    """

    def __init__(self, exercise: Exercise, seed: int) -> None:
        rows = list(exercise.flights)
        for number, flow in enumerate(exercise.traffic):
            rows.extend(_drawn(flow, number, seed))
        real = len(rows)
        rows.extend(_ghosts(exercise, seed))
        n = len(rows)
        self.ghost = np.arange(n) >= real
        """Aircraft that are not there: only their messages are."""
        self.rows: list[FlightRow] = rows
        self.number = {row.callsign: i for i, row in enumerate(rows)}
        self.state = np.zeros((fly.STATE_ROWS, n))
        self.plan = np.zeros((fly.PLAN_ROWS, n))
        self.mode = np.zeros((fly.MODE_ROWS, n), np.int64)
        self.wind = exercise.wind
        low = float(amsl_from_press_alt(0.0, exercise.qnh_hpa, exercise.temperature_c))
        high = float(amsl_from_press_alt(10000.0, exercise.qnh_hpa, exercise.temperature_c))
        stretch = (high - low) / 10000.0
        self.air = np.array([stretch, low + exercise.undulation_m])
        self._qnh = (exercise.qnh_hpa, exercise.temperature_c)
        legs: list[Floats] = []
        at = 0
        for i, row in enumerate(rows):
            legs.append(self._lay_out(i, row, at))
            at += len(legs[-1])
        self.points = np.concatenate(legs) if legs else np.zeros((0, fly.POINT_COLUMNS))
        for i, row in enumerate(rows):
            if row.leader:
                self.follow(i, self.number[row.leader], row.behind_m, row.right_m)
        self.who = _identities(rows, seed)
        self.who.has[self.ghost] = MODE_S | ADS_B  # heard by receivers, answering no radar
        self.before = np.full((6, n), np.nan)
        self.after = np.full((6, n), np.nan)
        self.alt_before = self.state[fly.ALT].copy()
        first = min([0, *(row.depart_s for row in rows)])
        self.now_s = first
        if first < 0:
            self._fly(-first)
        else:
            fly.place(self.state, self.mode, self.air, self.after)

    def __len__(self) -> int:
        """Return the number of flights, waiting and gone ones too."""
        return len(self.rows)

    def next_block(self) -> None:
        """Fly one second on: ``before`` and ``after`` then hold its two ends."""
        self.before, self.after = self.after, self.before
        fly.guide(self.state, self.plan, self.mode, self.points, self.wind, self.air, float(self.now_s))
        # Who appears in this block is placed where it starts; the others stand where the last block ended.
        fly.place(self.state, self.mode, self.air, self.before)
        self.alt_before[:] = self.state[fly.ALT]
        fly.move(self.state, self.mode, fly.BLOCK_STEPS, fly.STEP_S)
        self.now_s += 1
        fly.place(self.state, self.mode, self.air, self.after)

    def press_alt_at(self, i: npt.NDArray[np.int64], t_s: Floats) -> Floats:
        """Return the pressure altitude of aircraft ``i`` at times within the last block."""
        f = t_s - (self.now_s - 1)
        alt: Floats = self.alt_before[i] + f * (self.state[fly.ALT, i] - self.alt_before[i])
        return alt

    def velocity_at(self, i: npt.NDArray[np.int64], t_s: Floats, lat_deg: Floats, lon_deg: Floats) -> Floats:
        """Return the velocity (east, north, up; 3, n) of aircraft ``i`` at times within the last block."""
        v = self.before[3:, i] + (t_s - (self.now_s - 1)) * (self.after[3:, i] - self.before[3:, i])
        lat, lon = np.radians(lat_deg), np.radians(lon_deg)
        sl, cl, so, co = np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon)
        along = co * v[0] + so * v[1]
        return np.stack([co * v[1] - so * v[0], cl * v[2] - sl * along, cl * along + sl * v[2]])

    def _fly(self, blocks: int) -> None:
        fly.fly_blocks(self.state, self.plan, self.mode, self.points, self.wind, self.air, float(self.now_s), blocks)
        self.now_s += blocks
        fly.place(self.state, self.mode, self.air, self.after)

    def press_alt(self, amsl_m: float) -> float:
        """Return the pressure altitude at a height above mean sea level on this day."""
        return float(press_alt_from_amsl(amsl_m, *self._qnh))

    def follow(self, i: int, leader: int, behind_m: float, right_m: float) -> None:
        """Let aircraft ``i`` fly formation on ``leader``."""
        self.mode[fly.NAV, i] = fly.FORMATION
        self.mode[fly.LEADER, i] = leader
        self.plan[fly.BEHIND_M, i] = behind_m
        self.plan[fly.RIGHT_M, i] = right_m

    def reroute(self, i: int, places: tuple[Place, ...]) -> None:
        """Give aircraft ``i`` a new route from where it is; it lands if the route ends at an aerodrome."""
        if not places:
            return
        here = Place("", math.degrees(self.state[fly.LAT, i]), math.degrees(self.state[fly.LON, i]))
        legs = self._legs((here, *places), places[-1].is_aerodrome, self._half_roll_m(i))[1:]
        self.mode[fly.POINT, i] = len(self.points)
        self.points = np.concatenate([self.points, legs])
        self.mode[fly.POINT_END, i] = len(self.points)
        self.mode[fly.NAV, i] = fly.ROUTE
        self.mode[fly.LANDS, i] = int(places[-1].is_aerodrome)
        if places[-1].is_aerodrome:
            self.plan[fly.TO_ALT, i] = self.press_alt(places[-1].elevation_m)

    def _lay_out(self, i: int, row: FlightRow, at: int) -> Floats:
        kind = aircraft_types()[row.type]
        state, plan, mode = self.state, self.plan, self.mode
        start, end = row.route[0], row.route[-1]
        plan[fly.APPROACH_CAS, i] = kind.approach_cas_mps
        plan[fly.LOW_CAS, i] = kind.low_cas_mps
        plan[fly.CLIMB_CAS, i] = kind.climb_cas_mps
        plan[fly.MACH, i] = kind.mach
        plan[fly.CRUISE, i] = kind.cruise_mps
        plan[fly.CLIMB, i] = kind.climb_mps
        plan[fly.CLIMB_TOP, i] = kind.climb_top_mps
        plan[fly.DESCENT, i] = kind.descent_mps
        plan[fly.CEILING, i] = kind.ceiling_m
        plan[fly.BANK, i] = kind.bank_rad
        plan[fly.MAX_ACCEL, i] = kind.accel_mps2
        plan[fly.WANT_ALT, i] = row.level_m
        plan[fly.WANT_TAS, i] = row.speed_mps
        plan[fly.FROM_ALT, i] = NO_ALT
        plan[fly.SINCE_S, i] = -1e9
        mode[fly.SPAWN_S, i] = row.depart_s
        mode[fly.LANDS, i] = int(end.is_aerodrome)
        if end.is_aerodrome:
            plan[fly.TO_ALT, i] = self.press_alt(end.elevation_m)
        legs = self._legs(row.route, end.is_aerodrome, self._half_roll_m(i))
        course = legs[0, fly.P_COURSE]
        state[fly.LAT, i] = start.lat_deg * RAD_PER_DEG
        state[fly.LON, i] = start.lon_deg * RAD_PER_DEG
        if start.is_aerodrome:
            runway = start.runway_rad
            if math.isnan(runway):
                runway = course
            elif math.cos(runway - course) < 0.0:  # the end of the runway that points along the route
                runway += math.pi
            plan[fly.RUNWAY, i] = runway
            plan[fly.FROM_ALT, i] = self.press_alt(start.elevation_m)
            state[fly.ALT, i] = plan[fly.FROM_ALT, i]
            state[fly.HDG, i] = runway
            begin = _along(start, runway, -self._half_roll_m(i))
            state[fly.LAT, i], state[fly.LON, i] = begin.lat_deg * RAD_PER_DEG, begin.lon_deg * RAD_PER_DEG
        else:
            level = start.level_m if start.level_m > NO_ALT else row.level_m
            state[fly.ALT, i] = min(level, kind.ceiling_m)
            state[fly.HDG, i] = course
            speed = start.speed_mps if start.speed_mps >= 0.0 else row.speed_mps
            state[fly.TAS, i] = speed if speed >= 0.0 else 0.9 * kind.cruise_mps
            if start.speed_mps >= 0.0:
                plan[fly.WANT_TAS, i] = start.speed_mps
        mode[fly.POINT, i] = at
        mode[fly.POINT_END, i] = at + len(legs) - 1
        return legs[1:]

    def _half_roll_m(self, i: int) -> float:
        """Return how far before the middle of the runway aircraft ``i`` touches down, or begins to roll."""
        return float(min(900.0, 0.2 * self.plan[fly.APPROACH_CAS, i] ** 2))

    def _legs(self, route: tuple[Place, ...], lands: bool, before_m: float) -> Floats:
        """Return the points of a route with the course from each to the next and the distance from it to the end.

        A landing ends ``before_m`` before the middle of the runway, where the aircraft touches down.
        """
        if lands and len(route) > 1:
            axis, out_m = _final(route[-2], route[-1])
            end = route[-1]
            route = (*route[:-1], _along(end, axis, -out_m - before_m), _along(end, axis, -before_m))
        legs = np.zeros((len(route), fly.POINT_COLUMNS))
        for k, place in enumerate(route):
            legs[k, fly.P_LAT] = place.lat_deg * RAD_PER_DEG
            legs[k, fly.P_LON] = place.lon_deg * RAD_PER_DEG
            legs[k, fly.P_ALT] = place.level_m
            legs[k, fly.P_TAS] = place.speed_mps
            legs[k, fly.P_TIME] = place.time_s
        for k in range(len(route) - 2, -1, -1):
            course, distance = fly.course_and_distance(*legs[k, :2], *legs[k + 1, :2])
            legs[k, fly.P_COURSE] = course
            legs[k, fly.P_TO_END] = distance + legs[k + 1, fly.P_TO_END]
        return legs

    @property
    def present(self) -> npt.NDArray[np.bool_]:
        """Which aircraft are there (on the ground or in the air)."""
        phase = self.mode[fly.PHASE]
        there: npt.NDArray[np.bool_] = (phase != fly.WAITING) & (phase != fly.GONE)
        return there

    def truth(self, start_ns: int, now_ns: int) -> Rows:
        """Return TRUTH rows of every aircraft that is there at ``now_ns``, which lies in the last block flown."""
        f = min(max((now_ns - start_ns) / NS_PER_S - (self.now_s - 1), 0.0), 1.0)
        there = np.flatnonzero(np.isfinite(self.before[0]) & np.isfinite(self.after[0]) & ~self.ghost)
        xyz = hermite(self.before[:, there], self.after[:, there], np.full(there.size, f))
        geodetic = ecef_to_geodetic_many(np.ascontiguousarray(xyz.T))
        rows = TRUTH.empty(there.size)
        rows["t_ns"] = now_ns
        rows["target_id"] = there + 1
        rows["lat_deg"] = np.degrees(geodetic[:, 0])
        rows["lon_deg"] = np.degrees(geodetic[:, 1])
        rows["geo_alt_m"] = geodetic[:, 2]
        rows["press_alt_m"] = (geodetic[:, 2] - self.air[1]) / self.air[0]
        when = np.full(there.size, self.now_s - 1 + f)
        rows["v_east_mps"], rows["v_north_mps"], rows["climb_mps"] = self.velocity_at(
            there, when, rows["lat_deg"], rows["lon_deg"]
        )
        rows["icao24"] = self.who.icao24[there]
        rows["mode3a"] = np.where(self.who.has[there] & A_C, self.who.mode3a[there], 65535)
        rows["callsign"] = self.who.callsign[there]
        return rows


def hermite(before: Floats, after: Floats, f: Floats) -> Floats:
    """Return positions (3, n) at the share ``f`` of a block of one second between two (6, n) ends."""
    f2 = f * f
    f3 = f2 * f
    p: Floats = (
        (2 * f3 - 3 * f2 + 1) * before[:3] + (f3 - 2 * f2 + f) * before[3:]
        + (3 * f2 - 2 * f3) * after[:3] + (f3 - f2) * after[3:]
    )  # fmt: skip
    return p


def _final(last: Place, end: Place) -> tuple[float, float]:
    """Return the direction of landing (rad), and how far out the last leg begins: 9 NM, or nearer."""
    to_end, distance = fly.course_and_distance(
        last.lat_deg * RAD_PER_DEG, last.lon_deg * RAD_PER_DEG, end.lat_deg * RAD_PER_DEG, end.lon_deg * RAD_PER_DEG
    )
    axis = end.runway_rad
    if math.isnan(axis):
        axis = to_end
    elif math.cos(axis - to_end) < 0.0:
        axis += math.pi
    return axis, min(16000.0, 0.4 * distance)


def _along(place: Place, direction_rad: float, distance_m: float) -> Place:
    """Return the point at a short distance from a place."""
    north, east = distance_m * math.cos(direction_rad), distance_m * math.sin(direction_rad)
    lat = place.lat_deg + math.degrees(north / 6.35e6)
    lon = place.lon_deg + math.degrees(east / (6.38e6 * math.cos(place.lat_deg * RAD_PER_DEG)))
    return Place(place.name, lat, lon)


def _drawn(flow: TrafficRow, number: int, seed: int) -> list[FlightRow]:
    """Return the flights of a random flow: each draw belongs to (seed, flow, flight), so flows do not mix."""
    rows = []
    for k in range(flow.count):

        def pick(what: int, k: int = k) -> float:
            return unit_of(seed, _STREAM_TRAFFIC, number, k, what)

        kind = aircraft_types()[flow.types[int(pick(1) * len(flow.types))]]
        origin = flow.origins[int(pick(2) * len(flow.origins))]
        ends = tuple(e for e in flow.ends if e.name != origin.name) or flow.ends
        end = ends[int(pick(3) * len(ends))]
        level = flow.levels_m[int(pick(4) * len(flow.levels_m))] if flow.levels_m else kind.level_m
        via = (flow.via[int(pick(5) * len(flow.via))],) if flow.via else ()
        operator = flow.operators[int(pick(6) * len(flow.operators))]
        callsign = f"{operator}{number + 1}{k:03d}"[:8]
        rows.append(
            FlightRow(
                callsign=callsign, identification=callsign, type=kind.name, route=(origin, *via, end),
                address=(flow.addresses + k) & 0xFFFFFF, level_m=min(level, kind.ceiling_m),
                depart_s=round(flow.first_s + pick(7) * (flow.last_s - flow.first_s)),
                transponder=kind.transponder if flow.transponder < 0 else flow.transponder, rcs_m2=kind.rcs_m2,
            )
        )  # fmt: skip
    return rows


def replayed(number: int) -> str:
    """Return the callsign under which the fleet keeps what the ``number``-th fault replays."""
    return f"RPL{number}"


def _ghosts(exercise: Exercise, seed: int) -> list[FlightRow]:
    """Return the spoofed aircraft of the exercise's faults: they fly straight out of the middle of their area.

    What is replayed has a row too, which does not fly: its places are those of another, some time before.
    """
    rows = []
    flights = {f.callsign: f for f in exercise.flights}
    for number, fault in enumerate(exercise.faults):
        if fault.kind == "replay":
            rows.append(replace(flights[fault.keys["flight"]], callsign=replayed(number), depart_s=NEVER, leader=""))
        if fault.kind != "ghosts":
            continue
        keys = fault.keys
        for k in range(int(keys["count"])):
            course = 2.0 * math.pi * unit_of(seed, _STREAM_GHOST, number, k)
            lat, lon = keys["lat_deg"], keys["lon_deg"]
            wide = 1.0 / math.cos(lat * RAD_PER_DEG)
            near = keys.get("radius_nmi", 20.0) / 60.0 * unit_of(seed, _STREAM_GHOST, number, k, 1)
            speed = keys.get("speed_kt", 420.0) * MPS_PER_KT
            life_s = min(fault.to_s, fault.from_s + 7200.0) - fault.from_s
            far = near + speed * life_s / 111_000.0
            ends = [Place("", lat + d * math.cos(course), lon + d * math.sin(course) * wide) for d in (near, far)]
            rows.append(FlightRow(
                callsign=f"GHO{number}{k:02d}", identification=f"GHO{number}{k:02d}", type="A320", route=tuple(ends),
                level_m=(200.0 + 10.0 * k) * M_PER_FL, speed_mps=speed, depart_s=round(fault.from_s), transponder=3,
                rcs_m2=0.0,
            ))  # fmt: skip
    return rows


def _identities(rows: list[FlightRow], seed: int) -> Identity:
    n = len(rows)
    kinds = [aircraft_types()[row.type] for row in rows]
    taken = {row.address for row in rows if row.address >= 0}
    codes = {row.code for row in rows if row.code >= 0} | set(SQUAWKS_KEPT)
    icao24 = np.zeros(n, np.int64)
    mode3a = np.zeros(n, np.int64)
    for i, row in enumerate(rows):
        icao24[i] = row.address
        for attempt in range(1000 if row.address < 0 else 0):  # an address of the seed's, used by nobody else
            icao24[i] = 0xF00000 + int(key_of(seed, _STREAM_IDENTITY, i, attempt) >> 44)
            if int(icao24[i]) not in taken:
                break
        taken.add(int(icao24[i]))
        mode3a[i] = row.code
        for attempt in range(1000 if row.code < 0 else 0):
            mode3a[i] = int(key_of(seed, _STREAM_IDENTITY, i, attempt, 1) >> 52)
            if int(mode3a[i]) not in codes:
                break
        codes.add(int(mode3a[i]))
    return Identity(
        callsign=np.array([row.identification.encode() for row in rows], "S8"),
        icao24=icao24, mode3a=mode3a,
        has=np.array([_HAS[r.transponder] | (REMOTE if r.remote_id else 0) for r in rows], np.int64),
        category=np.array([kind.category for kind in kinds], np.int64), emergency=np.zeros(n, np.int64),
        spi_until_s=np.full(n, -1e9), rcs_m2=np.array([row.rcs_m2 for row in rows]),
    )  # fmt: skip
