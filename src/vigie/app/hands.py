"""Hands on the picture: what people do to sensors and tracks, applied in the step in which it comes.

A sensor out of use is treated as one that says NOGO: recorded, shown, not tracked. A track started by hand flies on as
it was started, with an error that grows, until it is dropped; its number is from the upper range. A tracker's track
that is dropped ends; reports that go on start a new one. Couplings go to what is known of flights.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

from vigie.flights.plan import NO_CODE
from vigie.flights.store import State as Flights
from vigie.identify.codes import CodeBook, assign, release
from vigie.identify.correlate import CONSPICUITY
from vigie.identify.trust import Trust
from vigie.monitor.reasons import NOGO, R_OUT_OF_USE
from vigie.sensors.site import Sensor, Site
from vigie.terms.batch import Act
from vigie.terms.tables import TRACK, TRACK_CONFIRMED, TRACK_ENDED, Rows
from vigie.terms.units import M_PER_FL, MPS_PER_KT, NS_PER_S
from vigie.track.tracker import Tracker
from vigie.watch.watch import QNH_HPA

FIRST_NO: Final = 4_000_000_001
"""Numbers of tracks started by hand begin here."""
MOST: Final = 500
_GROWS_MPS: Final = 25.0


@dataclass(slots=True, kw_only=True)
class HandTrack:
    """One track that a person started: where, when, how it moves (angles degrees, speed m/s)."""

    number: int
    start_ns: int
    lat_deg: float
    lon_deg: float
    speed_mps: float
    course_deg: float
    press_alt_m: float
    ended: bool = False


class Hands:
    """Acts in; sensors out of use, tracks by hand and couplings out. ``refused``: acts that could not be done."""

    def __init__(self, site: Site, codes: CodeBook | None = None) -> None:
        self._site = site
        self.codes = codes or CodeBook()
        self.out_of_use: dict[int, str] = {}
        """Sensor id to who took it out of use."""
        self.beyond: dict[int, str] = {}
        """Sensor id to who let it be corrected beyond the limits of registration."""
        self._tracks: dict[int, HandTrack] = {}
        self._next = FIRST_NO
        self.refused: list[tuple[Act, str]] = []

    def apply(
        self, acts: tuple[Act, ...], tracker: Tracker, flights: Flights, now_ns: int, *,
        trust: Trust | None = None, seen: frozenset[int] = frozenset(),
    ) -> Flights:  # fmt: skip
        """Carry out the acts that are ours; return what is known of flights after them. ``seen``: codes sent now."""
        self.refused = []
        for act in acts:
            why = ""
            if act.act == "sensor.use":
                why = self._sensor(act)
            elif act.act == "registration.release":
                why = self._release_bias(act, tracker)
            elif act.act == "track.start":
                why = self._start(act, now_ns)
            elif act.act == "track.drop":
                why = self._drop(act, tracker)
            elif act.act == "track.couple":
                flights, why = _couple(act, flights)
            elif act.act == "code.assign":
                flights, why = self._assign(act, flights, seen, now_ns)
            elif act.act == "code.release":
                flights, why = self._release(act, flights, now_ns)
            elif act.act == "qnh.set":
                _set_qnh(act, tracker, trust)
            if why:
                self.refused.append((act, why))
        return flights

    def mark(self, health: Rows) -> None:
        """Write into HEALTH rows which sensors are out of use: the tracker then leaves their plots alone."""
        for row, sensor_id in enumerate(health["sensor_id"].tolist()):
            if sensor_id in self.out_of_use:
                health["state"][row] = NOGO
                health["reasons"][row] |= R_OUT_OF_USE

    def rows(self, now_ns: int) -> Rows:
        """Return TRACK rows of the tracks by hand at whole seconds, an ended one once."""
        if now_ns % NS_PER_S or not self._tracks:
            return TRACK.empty()
        rows = TRACK.empty(len(self._tracks))
        for row, t in zip(rows, self._tracks.values(), strict=True):
            dt = (now_ns - t.start_ns) / NS_PER_S
            course = math.radians(t.course_deg)
            east, north = t.speed_mps * math.sin(course), t.speed_mps * math.cos(course)
            row["now_ns"], row["track_no"], row["toa_ns"] = now_ns, t.number, now_ns
            row["status"] = TRACK_ENDED if t.ended else TRACK_CONFIRMED
            row["lat_deg"] = min(90.0, max(-90.0, t.lat_deg + math.degrees(north * dt / 6_371_008.8)))
            cosine = max(1e-6, math.cos(math.radians(float(row["lat_deg"]))))
            row["lon_deg"] = (t.lon_deg + math.degrees(east * dt / 6_371_008.8) / cosine + 180.0) % 360.0 - 180.0
            row["v_east_mps"], row["v_north_mps"], row["climb_mps"], row["turn_radps"] = east, north, 0.0, 0.0
            row["press_alt_m"] = t.press_alt_m
            row["pos_major_m"] = row["pos_minor_m"] = 1000.0 + _GROWS_MPS * dt
            row["pos_orient_rad"], row["vel_sd_mps"] = 0.0, _GROWS_MPS
        self._tracks = {n: t for n, t in self._tracks.items() if not t.ended}
        return rows

    def _named(self, act: Act) -> Sensor | None:
        return next((s for s in self._site.sensors if act.subject in (str(s.id), s.name)), None)

    def _release_bias(self, act: Act, tracker: Tracker) -> str:
        sensor = self._named(act)
        if sensor is None:
            return f"no sensor {act.subject!r} is known"
        if act.value not in ("beyond", "within"):
            return f"found {act.value!r}, expected beyond or within"
        if not tracker.release_bias(sensor.id, beyond=act.value == "beyond"):
            return f"{sensor.name} has nothing to be compared with: no error of it is known or corrected"
        if act.value == "beyond":
            self.beyond[sensor.id] = act.who
        else:
            self.beyond.pop(sensor.id, None)
        return ""

    def _sensor(self, act: Act) -> str:
        sensor = self._named(act)
        if sensor is None:
            return f"no sensor {act.subject!r} is known"
        if act.value == "out":
            self.out_of_use[sensor.id] = act.who
        elif act.value == "in":
            self.out_of_use.pop(sensor.id, None)
        else:
            return f"found {act.value!r}, expected in or out"
        return ""

    def _start(self, act: Act, now_ns: int) -> str:
        """Start a track: ``value`` is ``lat lon speed_kt course_deg [FLnnn]``; ``subject`` is free."""
        parts = act.value.replace(",", " ").split()
        try:
            numbers = [float(p) for p in parts[:4]]
            level = float(parts[4].upper().removeprefix("FL")) if len(parts) > 4 else math.nan
        except ValueError:
            numbers, level = [], math.nan
        if len(numbers) < 4 or not all(map(math.isfinite, numbers)) or not -90 <= numbers[0] <= 90:
            return f"found {act.value!r}, expected LAT LON SPEED_KT COURSE_DEG [FLnnn]"
        if not (-180 <= numbers[1] <= 180 and 0 <= numbers[2] <= 2000 and 0 <= numbers[3] <= 360):
            return f"found {act.value!r}: longitude, speed or course out of range"
        if len(self._tracks) >= MOST:
            return f"{MOST} tracks by hand are enough: drop some first"
        self._tracks[self._next] = HandTrack(
            number=self._next, start_ns=now_ns, lat_deg=numbers[0], lon_deg=numbers[1],
            speed_mps=numbers[2] * MPS_PER_KT, course_deg=numbers[3], press_alt_m=level * M_PER_FL,
        )  # fmt: skip
        self._next += 1
        return ""

    def _drop(self, act: Act, tracker: Tracker) -> str:
        number = int(act.subject) if act.subject.isascii() and act.subject.isdigit() else 0
        if number in self._tracks:
            self._tracks[number].ended = True
            return ""
        return "" if tracker.drop(number) else f"no track {act.subject!r} is on the picture"

    def _assign(self, act: Act, flights: Flights, seen: frozenset[int], now_ns: int) -> tuple[Flights, str]:
        """Give a plan (``subject``) a code: the next free one of the site's ranges, or the octal one of ``value``."""
        plan = flights.plans.get(act.subject)
        if plan is None:
            return flights, f"no plan {act.subject!r} is known"
        if act.value:
            code = int(act.value, 8) if len(act.value) == 4 and set(act.value) <= set("01234567") else -1
            holder = self.codes.held.get(code, plan.plan_id)
            if code < 0:
                return flights, f"found {act.value!r}, expected four octal digits or nothing"
            if code in CONSPICUITY or holder != plan.plan_id:
                return (
                    flights,
                    f"{act.value} {'belongs to ' + holder if holder != plan.plan_id else 'is no code of one flight'}",
                )
            freed = release(self.codes, plan.plan_id, now_ns)
            self.codes = replace(freed, held={**freed.held, code: plan.plan_id})
        else:
            self.codes, given = assign(self.codes, plan.plan_id, now_ns, seen)
            if given is None:
                return flights, "no code is free: [identity] codes of the site file names the ranges to give out"
            code = given
        return _with_code(flights, plan.plan_id, code), ""

    def _release(self, act: Act, flights: Flights, now_ns: int) -> tuple[Flights, str]:
        """Take a plan's code back: it rests before another flight gets it."""
        if self.codes.of(act.subject) is None:
            return flights, f"{act.subject!r} holds no code"
        self.codes = release(self.codes, act.subject, now_ns)
        return (_with_code(flights, act.subject, NO_CODE) if act.subject in flights.plans else flights), ""

    def snapshot(self) -> dict[str, Any]:
        """Return what is held as plain values."""
        tracks = [{n: getattr(t, n) for n in t.__slots__} for t in self._tracks.values()]
        return {"out_of_use": dict(self.out_of_use), "tracks": tracks, "next": self._next}

    def restore(self, held: dict[str, Any]) -> None:
        """Take over what ``snapshot`` told."""
        self.out_of_use = {int(k): v for k, v in held["out_of_use"].items()}
        self._tracks = {t["number"]: HandTrack(**t) for t in held["tracks"]}
        self._next = held["next"]


def _with_code(flights: Flights, plan_id: str, code: int) -> Flights:
    return replace(flights, plans={**flights.plans, plan_id: replace(flights.plans[plan_id], code_due=code)})


def _set_qnh(act: Act, tracker: Tracker, trust: Trust | None) -> None:
    """Give a new QNH to who reckons with heights; the watch says why a wrong one is refused."""
    try:
        value = float(act.value)
    except ValueError:
        return
    if QNH_HPA[0] <= value <= QNH_HPA[1]:
        tracker.set_qnh(value)
        if trust is not None:
            trust.qnh_hpa = value


def _couple(act: Act, flights: Flights) -> tuple[Flights, str]:
    """Couple a track with a plan, uncouple it by hand (empty value), or leave it to correlation again (``auto``)."""
    number = int(act.subject) if act.subject.isascii() and act.subject.isdigit() else 0
    if not number:
        return flights, f"no track {act.subject!r}"
    if act.value not in ("", "auto") and act.value not in flights.plans:
        return flights, f"no plan {act.value!r} is known"
    couplings = {n: p for n, p in flights.couplings.items() if n != number}
    if act.value != "auto":
        couplings[number] = act.value
    return replace(flights, couplings=couplings), ""
