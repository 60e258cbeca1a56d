"""The exercise file: one readable TOML text that says who flies, what happens, who looks, and what breaks.

Read whole, checked whole, refused whole: every problem is named with file, line, key, what was found and what was
expected, and nothing is started. The grammar is ``grammar.py``. Field units end here: what leaves is SI.
"""

from __future__ import annotations

import csv
import datetime as dt
import logging
import math
import re
import tomllib
from dataclasses import replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.sensors.keys import SENSOR_KEYS, Checker, KeyRule
from vigie.sensors.link import parse_link
from vigie.sensors.site import Sensor, sensor_defaults
from vigie.simulate import grammar as g
from vigie.simulate.performance import TRANSPONDERS, aircraft_types
from vigie.simulate.rows import UNTIMED, EventRow, Exercise, FaultRow, FlightRow, Place, SensorRow, TrafficRow
from vigie.simulate.scn import import_scn
from vigie.terms.errors import ExerciseError, LinkError
from vigie.terms.units import C_MPS, M_PER_FL, M_PER_FT, M_PER_NMI, MPS_PER_KT, NS_PER_S, RAD_PER_DEG


@cache
def known_aerodromes() -> dict[str, Place]:
    """Return the aerodromes that exercises may name without describing them."""
    text = (files("vigie.simulate.performance") / "aerodromes.csv").read_text("utf-8")
    rows = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return {
        r["code"]: Place(
            r["code"], float(r["lat_deg"]), float(r["lon_deg"]), float(r["elevation_ft"]) * M_PER_FT,
            float(r["runway_deg"]) * RAD_PER_DEG if r["runway_deg"] else math.nan,
        )
        for r in rows
    }  # fmt: skip


def exercise_names() -> list[str]:
    """Return the names of the exercises that come with the project."""
    folder = files("vigie.simulate") / "exercises"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def load_exercise(path: str | Path) -> Exercise:
    """Read and check an exercise: a path, or the name of one that comes with the project.

    Raises
    ------
    ExerciseError
        With every problem found, each as ``file:line: [table] key: found ..., expected ...``.
    """
    if str(path) in exercise_names():
        file = f"{path}.toml"
        return parse_exercise((files("vigie.simulate") / "exercises" / file).read_text("utf-8"), file=file)
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except OSError as why:
        names = ", ".join(exercise_names())
        raise ExerciseError([f"{path}: cannot be read: {why.strerror}. Give the path of an exercise file (TOML), or "
                             f"the name of one that comes with Vigie: {names}."]) from why  # fmt: skip
    except UnicodeDecodeError as why:
        raise ExerciseError([f"{path}: is not UTF-8 text (octet {why.start}). An exercise is TOML text."]) from why
    if path.suffix.lower() == ".scn":
        text, left_out = import_scn(text, name=path.stem)
        for sentence in left_out:
            _log.warning("%s: %s", path, sentence)
    return parse_exercise(text, file=str(path))


_log = logging.getLogger("vigie.simulate")

EDITIONS_OF: Final[dict[str, tuple[tuple[int, str], ...]]] = {
    "": (),
    "radar": ((34, "1.29"), (48, "1.30")),
    "adsb": ((21, "2.7"), (23, "1.3")),
    "mlat": ((19, "1.3"), (20, "1.11")),
    "external": ((62, "1.21"), (65, "1.6")),
    "observer": ((205, "1.0"),),
    "acoustic": ((205, "1.0"),),
    "remoteid": (),
}
"""What a simulated sensor of each kind speaks; its site file says so."""

_TABLES: Final = (
    "exercise", "weather", "wind", "aerodrome", "point", "flight", "traffic", "event", "sensor", "fault",
    "reflector", "shower", "clutter",
)  # fmt: skip


def parse_exercise(text: str, *, file: str) -> Exercise:
    """Check the text of an exercise; ``file`` names it in messages."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise ExerciseError([f"{file}: not valid TOML: {why}."]) from why
    check = Checker(text, file)
    check.top_level(tree, known=_TABLES)
    head = check.table(tree.get("exercise"), "exercise", 0, g.EXERCISE_KEYS)
    weather = check.table(tree.get("weather", {}), "weather", 0, g.WEATHER_KEYS)
    places = _places(tree, check)
    reader = _Reader(check, places)
    flights = tuple(f for i, row in enumerate(_rows(tree, "flight", check)) if (f := reader.flight(row, i)) is not None)
    callsigns = {f.callsign for f in flights}
    traffic = tuple(
        t for i, row in enumerate(_rows(tree, "traffic", check)) if (t := reader.traffic(row, i)) is not None
    )
    names = {str(row.get("name")) for row in _rows(tree, "event", check) if isinstance(row, dict) and "name" in row}
    events = tuple(
        e
        for i, row in enumerate(_rows(tree, "event", check))
        if (e := reader.event(row, i, callsigns, names)) is not None
    )
    sensors = tuple(s for i, row in enumerate(_rows(tree, "sensor", check)) if (s := reader.sensor(row, i)) is not None)
    ids = {s.sensor.id for s in sensors}
    faults = tuple(
        b
        for i, row in enumerate(_rows(tree, "fault", check))
        if (b := reader.fault(row, i, ids, callsigns)) is not None
    )
    reflectors, showers, clutter = (
        tuple(reader.echo(name, row, i, keys) for i, row in enumerate(_rows(tree, name, check)))
        for name, keys in (
            ("reflector", g.REFLECTOR_KEYS), ("shower", g.SHOWER_KEYS), ("clutter", g.CLUTTER_KEYS),
        )
    )  # fmt: skip
    for i, flight in enumerate(flights):
        if flight.leader and flight.leader not in callsigns:
            check.say("flight", i, "leader", f"found {flight.leader!r}, expected the callsign of another flight")
    wind, terrain = _wind(tree, check), _terrain(head, check, file)
    start_ns = _start(head, check)
    if not flights and not traffic and not check.problems:
        check.say("exercise", 0, "exercise", "has no [[flight]] and no [[traffic]]; at least one is needed")
    if check.problems:
        raise ExerciseError(check.problems)
    return Exercise(
        name_en=head["name_en"], name_fr=head["name_fr"], about_en=head.get("about_en", ""),
        about_fr=head.get("about_fr", ""), start_ns=start_ns, duration_s=head["duration_s"], seed=head["seed"],
        centre=head["centre"], lat_deg=head["lat_deg"], lon_deg=head["lon_deg"],
        undulation_m=head.get("undulation_m", 0.0), qnh_hpa=weather.get("qnh_hpa", 1013.25),
        temperature_c=weather.get("temperature_c", 15.0), wind=wind, flights=flights, traffic=traffic, events=events,
        faults=faults, sensors=sensors, places=places, file=file, reflectors=reflectors, showers=showers,
        clutter=clutter, terrain=terrain,
    )  # fmt: skip


def _rows(tree: dict[str, Any], name: str, check: Checker) -> list[Any]:
    rows = tree.get(name, [])
    if not isinstance(rows, list):
        said = f"is a single table, expected [[{name}]] with two brackets"
        if not any(said in problem for problem in check.problems):
            check.say(name, 0, name, said)
        return []
    return rows


def _start(head: dict[str, Any], check: Checker) -> int:
    if "start" not in head:
        return 0
    try:
        when = dt.datetime.fromisoformat(head["start"])
    except ValueError:
        check.say("exercise", 0, "start", f"found {head['start']!r}, expected an ISO time like 2026-11-23T10:00:00Z")
        return 0
    return round((when if when.tzinfo else when.replace(tzinfo=dt.UTC)).timestamp()) * NS_PER_S


def _terrain(head: dict[str, Any], check: Checker, file: str) -> str:
    """Return the path of the tiles, from the exercise's own folder; one that is not there is a problem."""
    if "terrain" not in head:
        return ""
    path = Path(file).parent / head["terrain"]
    if not path.exists():
        check.say("exercise", 0, "terrain", f"found {head['terrain']!r}, which is neither a folder nor a file there")
    return str(path)


def _wind(tree: dict[str, Any], check: Checker) -> np.ndarray[Any, np.dtype[np.float64]]:
    rows = []
    for i, row in enumerate(_rows(tree, "wind", check)):
        good = check.table(row, "wind", i, g.WIND_KEYS)
        if len(good) == len(g.WIND_KEYS):
            a = good["from_deg"] * RAD_PER_DEG
            v = good["speed_kt"] * MPS_PER_KT
            rows.append((good["level_fl"] * M_PER_FL, -v * math.sin(a), -v * math.cos(a)))
            if sum(1 for other in rows if other[0] == rows[-1][0]) > 1:
                check.say("wind", i, "level_fl", f"found {good['level_fl']:g} twice, expected one wind a level")
    return np.array(sorted(rows) or [(0.0, 0.0, 0.0)])


def _places(tree: dict[str, Any], check: Checker) -> dict[str, Place]:
    places = dict(known_aerodromes())
    for i, row in enumerate(_rows(tree, "aerodrome", check)):
        a = check.table(row, "aerodrome", i, g.AERODROME_KEYS)
        if {"code", "lat_deg", "lon_deg", "elevation_ft"} <= a.keys():
            runway = a["runway_deg"] * RAD_PER_DEG if "runway_deg" in a else math.nan
            places[a["code"]] = Place(a["code"], a["lat_deg"], a["lon_deg"], a["elevation_ft"] * M_PER_FT, runway)
    for i, row in enumerate(_rows(tree, "point", check)):
        p = check.table(row, "point", i, g.POINT_KEYS)
        if {"name", "lat_deg", "lon_deg"} <= p.keys():
            places[p["name"]] = Place(p["name"], p["lat_deg"], p["lon_deg"])
    return places


class _Reader:
    """Turns checked tables into rows; what cannot be used is said and left out."""

    def __init__(self, check: Checker, places: dict[str, Place]) -> None:
        self.check = check
        self.places = places
        self.callsigns: dict[str, int] = {}
        self.ids: dict[int, str] = {}
        self.kinds: dict[int, str] = {}

    def place(self, text: str, section: str, index: int, key: str) -> Place | None:
        name, _, level = text.partition("/")
        found = self.places.get(name)
        at = re.fullmatch(r"(\d\d)(\d\d)([NS])(\d{3})(\d\d)([EW])", name)
        if found is None and at:
            lat = (int(at[1]) + int(at[2]) / 60) * (1 if at[3] == "N" else -1)
            lon = (int(at[4]) + int(at[5]) / 60) * (1 if at[6] == "E" else -1)
            found = Place(name, lat, lon)
        if found is None:
            self.check.say(section, index, key, f"found the unknown place {name!r}, expected an aerodrome, a [[point]] "
                           "or coordinates like 1512N00430E")  # fmt: skip
            return None
        said = re.fullmatch(r"(?:N(\d{2,3}))?(?:F(\d{2,4}(?:\.\d+)?))?(?:T(-?\d+))?", level)
        if said is None or ("/" in text and not level):
            self.check.say(section, index, key, f"found {level!r} in {text!r}, expected /Fnnn like /F240, /Nnnn in "
                           "knots, /Tnnn in seconds, or several in this order, like /N420F240")  # fmt: skip
            return None
        speed, height, time = said.groups()
        return replace(
            found, level_m=float(height) * M_PER_FL if height else found.level_m,
            speed_mps=float(speed) * MPS_PER_KT if speed else -1.0, time_s=float(time) if time else UNTIMED,
        )  # fmt: skip

    def route(self, texts: list[str], section: str, index: int, key: str) -> tuple[Place, ...]:
        return tuple(p for text in texts if (p := self.place(text, section, index, key)) is not None)

    def flight(self, row: object, i: int) -> FlightRow | None:
        f = self.check.table(row, "flight", i, g.FLIGHT_KEYS)
        if not {"callsign", "type", "route"} <= f.keys():
            return None
        if f["callsign"] in self.callsigns:
            self.check.say("flight", i, "callsign", f"found {f['callsign']!r} twice, expected another callsign")
        self.callsigns[f["callsign"]] = i
        kind = aircraft_types()[f["type"]]
        route = self.route(f["route"], "flight", i, "route")
        if len(route) < len(f["route"]):
            return None
        return FlightRow(
            callsign=f["callsign"], type=f["type"], route=route, identification=f.get("identification", f["callsign"]),
            address=int(f["address"], 16) if "address" in f else -1, code=int(f["code"], 8) if "code" in f else -1,
            level_m=f["level_fl"] * M_PER_FL if "level_fl" in f else kind.level_m,
            speed_mps=f["speed_kt"] * MPS_PER_KT if "speed_kt" in f else -1.0, depart_s=round(f.get("depart_s", 0)),
            transponder=TRANSPONDERS.index(f["transponder"]) if "transponder" in f else kind.transponder,
            remote_id=f.get("remote_id", ""), operator_id=f.get("operator_id", ""),
            rcs_m2=f.get("rcs_m2", kind.rcs_m2), leader=f.get("leader", ""), behind_m=f.get("behind_m", 400.0),
            right_m=f.get("right_m", 200.0),
        )  # fmt: skip

    def traffic(self, row: object, i: int) -> TrafficRow | None:
        t = self.check.table(row, "traffic", i, g.TRAFFIC_KEYS)
        if not {"name", "count", "from", "to", "types"} <= t.keys():
            return None
        first, last = t.get("first_s", 0.0), t.get("last_s", 3600.0)
        if last < first:
            self.check.say("traffic", i, "last_s", f"found {last:g}, expected no less than first_s ({first:g})")
        return TrafficRow(
            name=t["name"], count=t["count"], origins=self.route(t["from"], "traffic", i, "from"),
            ends=self.route(t["to"], "traffic", i, "to"), via=self.route(t.get("via", []), "traffic", i, "via"),
            types=tuple(t["types"]), levels_m=tuple(v * M_PER_FL for v in t.get("levels_fl", ())),
            operators=tuple(t.get("operators", ("VIG",))), first_s=first, last_s=last,
            transponder=TRANSPONDERS.index(t["transponder"]) if "transponder" in t else -1,
            addresses=int(t.get("addresses", "F00000"), 16),
        )  # fmt: skip

    def event(self, row: object, i: int, callsigns: set[str], names: set[str]) -> EventRow | None:
        e = self.check.table(row, "event", i, g.EVENT_KEYS)
        if not {"flight", "do"} <= e.keys():
            return None
        if e["flight"] not in callsigns:
            self.check.say("event", i, "flight", f"found {e['flight']!r}, expected the callsign of a [[flight]]")
        if e["do"] not in g.ACTIONS:
            self.check.say("event", i, "do", f"found {e['do']!r}, expected one of {', '.join(g.ACTIONS)}")
            return None
        when = ("at_s", "passing", "within_nmi", "above_fl", "below_fl", "after", "delay_s", "name", "flight", "do")
        self._keys_of("event", i, "do", e, g.ACTIONS[e["do"]], when)
        if not e.keys() & {"at_s", "passing", "above_fl", "below_fl", "after"}:
            self.check.say("event", i, "at_s", "is missing, expected a time or a condition: at_s, passing, above_fl, "
                           "below_fl or after")  # fmt: skip
        if "after" in e and e["after"] not in names:
            self.check.say("event", i, "after", f"found {e['after']!r}, expected the name of another [[event]]")
        texts = [e[k] for k in ("passing", "point") if k in e] + list(e.get("route", []))
        places = self.route(texts, "event", i, "passing" if "passing" in e else "point")
        if "leader" in e and e["leader"] not in callsigns:
            self.check.say("event", i, "leader", f"found {e['leader']!r}, expected the callsign of a [[flight]]")
        return EventRow(e["flight"], e["do"], e, places)

    def _keys_of(
        self, section: str, i: int, key: str, row: dict[str, Any],
        allowed: tuple[tuple[str, ...], tuple[str, ...]], always: tuple[str, ...],
    ) -> None:  # fmt: skip
        needs, may = allowed
        for need in needs:
            if not row.keys() & set(need.split("|")):
                self.check.say(section, i, key, f"{row[key]!r} needs the key {need.replace('|', ' or ')}")
        known = {k for need in needs for k in need.split("|")} | set(may) | set(always)
        for extra in row.keys() - known:
            self.check.say(
                section, i, extra, f"has no meaning for {row[key]!r}; it takes {', '.join(sorted(known - set(always)))}"
            )

    def fault(self, row: object, i: int, ids: set[int], callsigns: set[str]) -> FaultRow | None:
        f = self.check.table(row, "fault", i, g.FAULT_KEYS)
        if "kind" not in f:
            return None
        if f["kind"] not in g.FAULTS:
            self.check.say("fault", i, "kind", f"found {f['kind']!r}, expected one of {', '.join(g.FAULTS)}")
            return None
        self._keys_of("fault", i, "kind", f, g.FAULTS[f["kind"]], ("kind", "from_s", "to_s"))
        if "sensor" in f and f["sensor"] not in ids:
            self.check.say("fault", i, "sensor", f"found {f['sensor']}, expected the id of a [[sensor]]")
        sensor_kind = self.kinds.get(f.get("sensor", 0), "radar")
        general = g.FAULTS_OF_OTHERS if sensor_kind == "beast" else g.FAULTS_OF_SYSTEMS
        if sensor_kind != "radar" and f["kind"] not in general:
            self.check.say("fault", i, "kind", f"{f['kind']!r} is a fault of radars, and this sensor is none; expected "
                           f"one of {', '.join(general)}")  # fmt: skip
        if "flight" in f and f["flight"] not in callsigns:
            self.check.say("fault", i, "flight", f"found {f['flight']!r}, expected the callsign of a [[flight]]")
        from_s, to_s = f.get("from_s", 0.0), f.get("to_s", math.inf)
        if to_s <= from_s:
            self.check.say("fault", i, "to_s", f"found {to_s:g}, expected more than from_s ({from_s:g})")
        return FaultRow(kind=f["kind"], from_s=from_s, to_s=to_s, keys=f)

    def echo(self, name: str, row: object, i: int, rules: dict[str, KeyRule]) -> dict[str, Any]:
        """Check a reflector, a shower or a clutter zone, which keep their keys as they are written."""
        keys = self.check.table(row, name, i, rules)
        if "sensor" in keys and self.kinds.get(keys["sensor"]) != "radar":
            self.check.say(name, i, "sensor", f"found {keys['sensor']}, expected the id of a radar")
        for low, high in (("from_s", "to_s"), ("from_nmi", "to_nmi")):
            if low in keys and high in keys and keys[high] <= keys[low]:
                self.check.say(name, i, high, f"found {keys[high]:g}, expected more than {low} ({keys[low]:g})")
        return keys

    def sensor(self, row: object, i: int) -> SensorRow | None:
        keys = g.sensor_keys(SENSOR_KEYS)
        s = self.check.table(row, "sensor", i, keys)
        if not {"id", "name", "kind", "lat_deg", "lon_deg"} <= s.keys():
            return None
        if s["id"] in self.ids:
            self.check.say("sensor", i, "id", f"found {s['id']} again, already the id of {self.ids[s['id']]!r}")
        self.ids.setdefault(s["id"], s["name"])
        beast = s["kind"] == "adsb" and s.get("format", "beast") != "asterix"
        self.kinds.setdefault(s["id"], "beast" if beast else s["kind"])
        if not beast and s["kind"] != "remoteid" and not {"sac", "sic"} <= s.keys():
            self.check.say("sensor", i, "sac", "is missing, expected sac and sic: this sensor sends ASTERIX")
        formats = {"adsb": ("beast", "asterix"), "remoteid": ("remoteid",)}.get(s["kind"], ("asterix",))
        if s.get("format", formats[0]) not in formats:
            self.check.say("sensor", i, "format", f"found {s['format']!r}, expected {' or '.join(formats)}")
        link = None
        if "link" in s:
            try:
                link = parse_link(s["link"])
            except LinkError as why:
                self.check.say("sensor", i, "link", str(why))
        si = sensor_defaults(s["kind"])
        for key, name, factor in (
            ("period_s", "period_s", 1.0), ("range_sd_m", "range_sd_m", 1.0), ("pos_sd_m", "pos_sd_m", 1.0),
            ("azimuth_sd_deg", "azimuth_sd_rad", RAD_PER_DEG), ("max_range_nmi", "max_range_m", M_PER_NMI),
            ("detection_probability", "detection_probability", 1.0), ("delay_s", "delay_s", 1.0),
        ):  # fmt: skip
            if key in s:
                si[name] = s[key] * factor
        reach_nmi = C_MPS / 2.0 / s.get("prf_hz", 1.0) / M_PER_NMI
        if si["max_range_m"] / M_PER_NMI > reach_nmi:
            self.check.say("sensor", i, "prf_hz", f"found {s['prf_hz']:g}, whose echoes are unambiguous to "
                           f"{reach_nmi:.0f} NM only; expected a max_range_nmi within them")  # fmt: skip
        if "prf_hz" in s:
            si["unambiguous_m"] = reach_nmi * M_PER_NMI
        physics = {k: float(s[k]) for k in g.PHYSICS_KEYS if k in s and k != "modes"}
        sensor = Sensor(
            id=s["id"], name=s["name"], kind=s["kind"], lat_deg=s["lat_deg"], lon_deg=s["lon_deg"],
            height_m=s.get("height_m", 0.0), sac=s.get("sac", -1), sic=s.get("sic", -1), link=link,
            editions=EDITIONS_OF["" if beast else s["kind"]], simulated=True, format=s.get("format", ""), **si,
        )  # fmt: skip
        stations = tuple((float(a), float(b), float(h)) for a, b, h in s.get("stations", ()))
        return SensorRow(sensor=sensor, physics=physics, modes=s.get("modes", "ssr"), stations=stations)
