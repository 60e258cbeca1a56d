"""The grammar of exercise files: which tables and keys there are, and what each must hold.

The tables are ``KeyRule`` dictionaries as for site files, so a wrong key is named with file, line and the nearest known
name. Units are the last word of a key.
"""

from __future__ import annotations

import re
from typing import Any, Final

from vigie.sensors.keys import KeyRule
from vigie.simulate.performance import TRANSPONDERS, aircraft_types

_NUMBER: Final = (int, float)


def _number(low: float, high: float, what: str, *, required: bool = False) -> KeyRule:
    return KeyRule(_NUMBER, f"{what} from {low:g} to {high:g}", lambda v: low <= v <= high, required)


def _whole(low: int, high: int, what: str, *, required: bool = False) -> KeyRule:
    return KeyRule((int,), f"{what} from {low} to {high}", lambda v: low <= v <= high, required)


def _one_of(*names: str, required: bool = False) -> KeyRule:
    return KeyRule((str,), "one of " + ", ".join(names), lambda v: v in names, required)


def _pattern(pattern: str, what: str, *, required: bool = False) -> KeyRule:
    return KeyRule((str,), what, lambda v: bool(re.fullmatch(pattern, v)), required)


def _texts(what: str, *, least: int = 1, required: bool = False) -> KeyRule:
    return KeyRule((list,), what, lambda v: len(v) >= least and all(isinstance(t, str) and t for t in v), required)


def _numbers(what: str) -> KeyRule:
    return KeyRule((list,), what, lambda v: bool(v) and all(type(t) in (int, float) for t in v))


def _text(*, required: bool = False) -> KeyRule:
    return KeyRule((str,), "a text of 1 to 400 characters", lambda v: 0 < len(v) <= 400, required)


_BOOL: Final = KeyRule((bool,), "true or false")
_LAT: Final = _number(-85, 85, "a latitude in degrees", required=True)
_LON: Final = _number(-180, 180, "a longitude in degrees", required=True)
_ADDRESS: Final = _pattern("[0-9A-Fa-f]{6}", 'a 24-bit address as six hexadecimal digits, for example "062001"')
_CODE: Final = _pattern("[0-7]{4}", 'a Mode A code as four octal digits, for example "4521"')
_CALLSIGN: Final = _pattern("[A-Z0-9]{1,8}", "a callsign of 1 to 8 capitals and digits", required=True)
_LEVEL: Final = _number(0, 1100, "a flight level")
_TIME: Final = _number(-21600, 172800, "seconds after the start of the exercise")
_ROUTE: Final = _texts(
    'a list of at least two points, for example ["DRRN", "DFFD/F240"]: an aerodrome, a [[point]] or DDMMN DDDMME '
    'coordinates like "1512N00430E", each with /Nnnn, /Fnnn, /Tnnn where speed, level or time are given',
    least=2,
    required=True,
)
_TYPES: Final = tuple(sorted(aircraft_types()))

EXERCISE_KEYS: Final[dict[str, KeyRule]] = {
    "name_en": _text(required=True),
    "name_fr": _text(required=True),
    "about_en": KeyRule((str,), "a text", lambda v: len(v) <= 4000),
    "about_fr": KeyRule((str,), "un texte", lambda v: len(v) <= 4000),
    "start": KeyRule((str,), "an ISO time in UTC, for example 2026-11-23T10:00:00Z", required=True),
    "duration_s": _number(1, 172800, "a duration in seconds", required=True),
    "seed": _whole(0, 2**63 - 1, "a whole number", required=True),
    "centre": _text(required=True),
    "lat_deg": _LAT,
    "lon_deg": _LON,
    "undulation_m": _number(-110, 90, "the height of the geoid above the ellipsoid in metres"),
    "terrain": KeyRule((str,), "a folder of terrain tiles (.hgt, .dt0 to .dt2, .tif), relative to this file", bool),
}

WEATHER_KEYS: Final[dict[str, KeyRule]] = {
    "qnh_hpa": _number(850, 1100, "a pressure in hPa"),
    "temperature_c": _number(-60, 60, "a temperature at sea level in degrees Celsius"),
}

WIND_KEYS: Final[dict[str, KeyRule]] = {
    "level_fl": _number(0, 700, "a flight level", required=True),
    "from_deg": _number(0, 360, "a direction in degrees the wind blows from", required=True),
    "speed_kt": _number(0, 300, "a speed in knots", required=True),
}

AERODROME_KEYS: Final[dict[str, KeyRule]] = {
    "code": _pattern("[A-Z0-9-]{2,8}", "a location indicator of 2 to 8 capitals and digits", required=True),
    "name": _text(),
    "lat_deg": _LAT,
    "lon_deg": _LON,
    "elevation_ft": _number(-1500, 16000, "an elevation in feet", required=True),
    "runway_deg": _number(0, 360, "a runway direction in degrees true"),
}

POINT_KEYS: Final[dict[str, KeyRule]] = {
    "name": _pattern("[A-Z0-9-]{2,12}", "a name of 2 to 12 capitals and digits", required=True),
    "lat_deg": _LAT,
    "lon_deg": _LON,
}

FLIGHT_KEYS: Final[dict[str, KeyRule]] = {
    "callsign": _CALLSIGN,
    "type": _one_of(*_TYPES, required=True),
    "route": _ROUTE,
    "address": _ADDRESS,
    "code": _CODE,
    "level_fl": _LEVEL,
    "speed_kt": _number(0, 700, "a true airspeed in knots"),
    "depart_s": _TIME,
    "transponder": _one_of(*TRANSPONDERS),
    "identification": _pattern("[A-Z0-9 ]{1,8}", "the identification the aircraft sends, 1 to 8 capitals and digits"),
    "remote_id": _pattern("[0-9A-Z-]{1,20}", "the serial number that a drone broadcasts, 1 to 20 capitals and digits"),
    "operator_id": _pattern("[0-9A-Za-z-]{1,20}", "the registration of a drone's operator, 1 to 20 characters"),
    "rcs_m2": _number(0.0001, 10000, "a radar cross-section in square metres"),
    "leader": KeyRule((str,), "the callsign of the flight it follows", bool),
    "behind_m": _number(-20000, 20000, "a distance in metres"),
    "right_m": _number(-20000, 20000, "a distance in metres"),
}

TRAFFIC_KEYS: Final[dict[str, KeyRule]] = {
    "name": _text(required=True),
    "count": _whole(1, 20000, "a number of flights", required=True),
    "from": _texts("a list of aerodromes, points or coordinates", required=True),
    "to": _texts("a list of aerodromes, points or coordinates", required=True),
    "via": _texts("a list of points", least=0),
    "types": KeyRule((list,), "a list of types of: " + ", ".join(_TYPES),
                     lambda v: bool(v) and all(t in _TYPES for t in v), required=True),
    "levels_fl": _numbers("a list of flight levels"),
    "operators": KeyRule((list,), "a list of three-letter operators",
                         lambda v: bool(v) and all(isinstance(t, str) and re.fullmatch("[A-Z]{2,4}", t) for t in v)),
    "first_s": _TIME,
    "last_s": _TIME,
    "transponder": _one_of(*TRANSPONDERS),
    "addresses": _ADDRESS,
}  # fmt: skip

EVENT_KEYS: Final[dict[str, KeyRule]] = {
    "name": _text(),
    "flight": _CALLSIGN,
    "at_s": _TIME,
    "passing": _text(),
    "within_nmi": _number(0.1, 500, "a distance in nautical miles"),
    "above_fl": _LEVEL,
    "below_fl": _LEVEL,
    "after": _text(),
    "delay_s": _number(0, 86400, "a delay in seconds"),
    "do": KeyRule((str,), "an action", required=True),
    "heading_deg": _number(0, 360, "a heading in degrees true"),
    "by_deg": _number(-720, 720, "an angle in degrees, negative to the left"),
    "direction": _one_of("left", "right"),
    "g": _number(1.01, 9, "a load factor"),
    "level_fl": _LEVEL,
    "height_ft": _number(50, 60000, "a height above mean sea level in feet"),
    "rate_fpm": _number(50, 40000, "a rate in feet a minute"),
    "speed_kt": _number(0, 700, "a true airspeed in knots"),
    "route": _texts("a list of points"),
    "point": _text(),
    "radius_nmi": _number(0.1, 100, "a radius in nautical miles"),
    "leg_nmi": _number(1, 200, "a length in nautical miles"),
    "times": _whole(1, 100, "a number of times"),
    "code": _CODE,
    "systems": KeyRule((list,), "a list of: all, mode_c, mode_s, adsb, remote_id",
                       lambda v: bool(v) and all(t in ("all", "mode_c", "mode_s", "adsb", "remote_id") for t in v)),
    "leader": KeyRule((str,), "a callsign", bool),
    "behind_m": _number(-20000, 20000, "a distance in metres"),
    "right_m": _number(-20000, 20000, "a distance in metres"),
}  # fmt: skip

ACTIONS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # action: keys it needs, keys it may have (one of "a|b" is enough)
    "turn": (("heading_deg|by_deg",), ("direction", "g")),
    "climb": (("level_fl|height_ft",), ("rate_fpm",)),
    "descend": (("level_fl|height_ft",), ("rate_fpm",)),
    "speed": (("speed_kt",), ()),
    "normal_speed": ((), ()),
    "leave_route": (("heading_deg|by_deg",), ("direction",)),
    "resume": ((), ()),
    "direct": (("point",), ()),
    "reroute": (("route",), ("level_fl",)),
    "orbit": (("radius_nmi",), ("point", "direction")),
    "racetrack": (("leg_nmi",), ("radius_nmi", "direction", "times")),
    "hover": ((), ()),
    "low_flight": (("height_ft",), ("speed_kt",)),
    "airdrop": (("height_ft",), ("speed_kt", "level_fl")),
    "go_around": ((), ("level_fl",)),
    "squawk": (("code",), ()),
    "ident": ((), ()),
    "transponder_off": ((), ("systems",)),
    "transponder_on": ((), ("systems",)),
    "emergency": ((), ()),
    "hijack": ((), ()),
    "radio_loss": ((), ()),
    "emergency_over": (("code",), ()),
    "join": (("leader",), ("behind_m", "right_m")),
    "split": ((), ("heading_deg", "by_deg")),
    "vanish": ((), ()),
}

FAULT_KEYS: Final[dict[str, KeyRule]] = {
    "kind": KeyRule((str,), "a fault", required=True),
    "sensor": _whole(1, 65535, "the id of a sensor"),
    "flight": KeyRule((str,), "a callsign", bool),
    "from_s": _TIME,
    "to_s": _TIME,
    "from_deg": _number(0, 360, "an azimuth in degrees"),
    "to_deg": _number(0, 360, "an azimuth in degrees"),
    "offset_deg": _number(-180, 180, "an angle in degrees"),
    "offset_m": _number(-100000, 100000, "a distance in metres"),
    "offset_s": _number(-43200, 43200, "a time in seconds"),
    "drift_ppm": _number(-100000, 100000, "a clock drift in parts per million"),
    "share": _number(0, 1, "a share of datagrams"),
    "jitter_s": _number(0, 60, "a time in seconds"),
    "lat_deg": _number(-85, 85, "a latitude in degrees"),
    "lon_deg": _number(-180, 180, "a longitude in degrees"),
    "radius_nmi": _number(0.1, 1000, "a radius in nautical miles"),
    "speed_kt": _number(0, 2000, "a speed in knots"),
    "course_deg": _number(0, 360, "a course in degrees true"),
    "count": _whole(1, 1000, "a number"),
    "address": _ADDRESS,
    "delay_s": _number(1, 7200, "a delay in seconds"),
}

FAULTS_OF_OTHERS: Final = ("silence", "no_plots", "burst_loss", "blind_area")
"""What can happen to a Beast receiver."""
FAULTS_OF_SYSTEMS: Final = ("silence", "no_plots", "clock_offset", "clock_drift", "blind_area")
"""What can happen to multilateration, ADS-B stations, neighbours, Remote ID receivers, observers, acoustic posts."""

FAULTS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # fault: keys it needs, keys it may have; from_s and to_s are always allowed
    "silence": (("sensor",), ()),
    "blind_sector": (("sensor", "from_deg", "to_deg"), ()),
    "wrong_north": (("sensor", "offset_deg"), ()),
    "range_bias": (("sensor", "offset_m"), ()),
    "clock_offset": (("sensor", "offset_s"), ()),
    "clock_drift": (("sensor", "drift_ppm"), ()),
    "no_plots": (("sensor",), ()),
    "nogo": (("sensor",), ()),
    "stuck_plots": (("sensor",), ("count",)),
    "test_targets": (("sensor",), ("count",)),
    "duplicate_datagrams": (("sensor",), ("share",)),
    "reordered_datagrams": (("sensor", "jitter_s"), ("share",)),
    "jitter": (("sensor", "jitter_s"), ()),
    "burst_loss": (("sensor", "share"), ()),
    "gnss_jamming": (("lat_deg", "lon_deg", "radius_nmi"), ("share",)),
    "gnss_drift": (("lat_deg", "lon_deg", "radius_nmi", "course_deg", "speed_kt"), ()),
    "blind_area": (("sensor", "lat_deg", "lon_deg", "radius_nmi"), ("share",)),
    "ghosts": (("lat_deg", "lon_deg", "count"), ("radius_nmi", "speed_kt")),
    "replay": (("flight", "delay_s"), ()),
    "duplicate_address": (("flight", "address"), ()),
}

_SENSOR: Final = _whole(1, 65535, "the id of a radar", required=True)

REFLECTOR_KEYS: Final[dict[str, KeyRule]] = {
    "sensor": _SENSOR,
    "azimuth_deg": _number(0, 360, "the azimuth of the surface from the radar in degrees", required=True),
    "range_nmi": _number(0.05, 100, "the distance of the surface from the radar in nautical miles", required=True),
    "faces_deg": _number(0, 360, "the direction in degrees that the surface faces (its normal)", required=True),
    "width_deg": _number(0.1, 180, "the width of the mirrored beam in degrees"),
    "share": _number(0, 1, "a share of aircraft in the mirrored beam that are seen a turn"),
}

SHOWER_KEYS: Final[dict[str, KeyRule]] = {
    "lat_deg": _LAT,
    "lon_deg": _LON,
    "radius_nmi": _number(0.1, 100, "a radius in nautical miles", required=True),
    "plots_per_scan": _number(0, 1000, "a mean number of primary plots a turn", required=True),
    "course_deg": _number(0, 360, "where it drifts to, in degrees true"),
    "speed_kt": _number(0, 150, "a speed in knots"),
    "from_s": _TIME,
    "to_s": _TIME,
}

CLUTTER_KEYS: Final[dict[str, KeyRule]] = {
    "sensor": _SENSOR,
    "from_nmi": _number(0, 200, "the nearest range in nautical miles", required=True),
    "to_nmi": _number(0.1, 200, "the farthest range in nautical miles", required=True),
    "points": _whole(1, 2000, "a number of scatterers", required=True),
    "from_deg": _number(0, 360, "an azimuth in degrees; to 360 all round where neither is given"),
    "to_deg": _number(0, 360, "an azimuth in degrees"),
    "share": _number(0, 1, "a share of turns in which a scatterer is seen"),
}

SENSOR_KINDS: Final = ("radar", "adsb", "mlat", "external", "remoteid", "observer", "acoustic")
RADAR_MODES: Final = ("psr", "ssr", "psr+ssr", "mode_s", "psr+mode_s")

PHYSICS_KEYS: Final = {
    "modes": _one_of(*RADAR_MODES),
    "range_bias_m": _number(-50000, 50000, "a bias in metres"),
    "azimuth_bias_deg": _number(-180, 180, "a bias in degrees"),
    "clock_offset_s": _number(-43200, 43200, "an offset in seconds"),
    "min_range_nmi": _number(0, 50, "a range in nautical miles"),
    "cone_deg": _number(10, 90, "an elevation in degrees above which nothing is seen"),
    "min_elevation_deg": _number(-2, 20, "an elevation in degrees below which nothing is seen"),
    "beam_deg": _number(0.1, 30, "a beam width in degrees"),
    "range_cell_m": _number(1, 5000, "a length in metres"),
    "psr_range_nmi": _number(1, 400, "the range in NM at which 1 m2 is detected with probability 0.8"),
    "psr_range_sd_m": _number(0.1, 10000, "a standard deviation in metres"),
    "clutter_per_scan": _number(0, 10000, "a mean number of false plots a turn"),
    "false_replies_per_scan": _number(0, 10000, "a mean number of false plots a turn"),
    "sectors": _whole(1, 256, "a number of sectors a turn"),
    "jitter_s": _number(0, 10, "a standard deviation in seconds"),
    "loss": _number(0, 1, "a share of messages lost"),
    "toa_sd_ns": _number(0.1, 10000, "a standard deviation of times of arrival in ns"),
    "baseline_nmi": _number(0.1, 100, "the radius in NM of the ring of stations"),
    "gain_db": _number(-60, 60, "a gain in decibel"),
    "false_per_hour": _number(0, 3600, "a mean number of false bearings an hour"),
    "sound_mps": _number(200, 100000, "the speed at which an acoustic post hears, 340 unless told otherwise"),
    "prf_hz": _number(100, 5000, "pulses a second: primary echoes from beyond their reach come second-time-around"),
    "fruit_hz": _number(0, 100000, "replies a second to other interrogators, which hit those to our own"),
    "split_share": _number(0, 1, "a share of plots that the extractor splits in two"),
    "split_deg": _number(0.01, 10, "how far the two halves of a split plot stand apart, in degrees"),
}  # fmt: skip


def _is_stations(value: Any) -> bool:
    return len(value) >= 3 and all(
        isinstance(s, list) and len(s) == 3 and all(type(v) in (int, float) for v in s) for s in value
    )


def sensor_keys(site_keys: dict[str, KeyRule]) -> dict[str, KeyRule]:
    """Return the keys of ``[[sensor]]`` here: those of a site file, and the physics that only an exercise knows."""
    keys: dict[str, Any] = dict(site_keys) | PHYSICS_KEYS
    keys["kind"] = _one_of(*SENSOR_KINDS, required=True)
    keys["stations"] = KeyRule((list,), "three or more stations, each [latitude, longitude, height in m]", _is_stations)
    del keys["editions"], keys["trailer_bytes"], keys["simulated"], keys["allow_from"]  # the simulator knows
    return keys
