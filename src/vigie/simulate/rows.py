"""An exercise in memory: checked rows in SI units. ``exercise.py`` makes them of a file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from vigie.sensors.link import parse_link
from vigie.sensors.site import Sensor

UNTIMED: Final = -1e9
NO_ALT: Final = -9999.0
"""A level that is not given."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a route; an aerodrome has an elevation, and a runway direction where it is known."""

    name: str
    lat_deg: float
    lon_deg: float
    elevation_m: float = math.nan
    runway_rad: float = math.nan
    level_m: float = NO_ALT
    speed_mps: float = -1.0
    """True airspeed from here on, -1: as the type flies."""
    time_s: float = UNTIMED
    """When to be over it, seconds after the start."""

    @property
    def is_aerodrome(self) -> bool:
        """Whether one can take off and land here."""
        return not math.isnan(self.elevation_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightRow:
    """One flight of the exercise, in SI; ``address`` and ``code`` are -1 where the exercise lets the seed choose."""

    callsign: str
    type: str
    route: tuple[Place, ...]
    identification: str = ""
    address: int = -1
    code: int = -1
    level_m: float
    speed_mps: float = -1.0
    depart_s: int = 0
    transponder: int
    rcs_m2: float
    remote_id: str = ""
    """Serial number that a drone broadcasts; empty: none."""
    operator_id: str = ""
    leader: str = ""
    behind_m: float = 400.0
    right_m: float = 200.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficRow:
    """A random flow of flights between places; the seed chooses who, where and when."""

    name: str
    count: int
    origins: tuple[Place, ...]
    ends: tuple[Place, ...]
    via: tuple[Place, ...]
    types: tuple[str, ...]
    levels_m: tuple[float, ...]
    operators: tuple[str, ...]
    first_s: float
    last_s: float
    transponder: int
    """-1: as the type has it."""
    addresses: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happens to one flight: ``keys`` are the checked keys of its table."""

    flight: str
    do: str
    keys: dict[str, Any]
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """Something that breaks or deceives, from ``from_s`` to ``to_s`` of the exercise."""

    kind: str
    from_s: float
    to_s: float
    keys: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorRow:
    """A sensor as the site file will know it, and the physics that only the exercise knows."""

    sensor: Sensor
    physics: dict[str, float]
    modes: str
    stations: tuple[tuple[float, float, float], ...] = ()
    """Of multilateration: latitude, longitude (degrees), height (m)."""

    @property
    def kind(self) -> str:
        """The kind of the sensor."""
        return self.sensor.kind

    @property
    def is_beast(self) -> bool:
        """Whether the sensor is an ADS-B receiver that sends a Beast stream."""
        return self.sensor.kind == "adsb" and self.sensor.format != "asterix"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """A checked exercise."""

    name_en: str
    name_fr: str
    about_en: str
    about_fr: str
    start_ns: int
    duration_s: float
    seed: int
    centre: str
    lat_deg: float
    lon_deg: float
    undulation_m: float
    qnh_hpa: float
    temperature_c: float
    wind: np.ndarray[Any, np.dtype[np.float64]]
    """Rows: altitude (m), east, north (m/s), by altitude."""
    flights: tuple[FlightRow, ...]
    traffic: tuple[TrafficRow, ...]
    events: tuple[EventRow, ...]
    faults: tuple[FaultRow, ...]
    sensors: tuple[SensorRow, ...]
    places: dict[str, Place]
    file: str
    reflectors: tuple[dict[str, Any], ...] = ()
    showers: tuple[dict[str, Any], ...] = ()
    clutter: tuple[dict[str, Any], ...] = ()
    terrain: str = ""
    """Folder of the operator's tiles, or one tile."""

    def with_links(self, links: dict[int, str]) -> Exercise:
        """Return the exercise with other links: ``links`` maps sensor ids to link texts."""
        rows = tuple(
            replace(row, sensor=replace(row.sensor, link=parse_link(links[row.sensor.id])))
            if row.sensor.id in links
            else row
            for row in self.sensors
        )
        return replace(self, sensors=rows)

    def with_ports(self, ports: Sequence[int], host: str = "127.0.0.1") -> Exercise:
        """Return the exercise with the sensors' links on these ports of ``host``, one a sensor, in their order."""
        return self.with_links({
            row.sensor.id: f"{'tcp' if row.is_beast else 'udp'}://{host}:{port}"
            for row, port in zip(self.sensors, ports, strict=True)
        })  # fmt: skip
