"""Cover of a site: for points, and as a grid for the map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.cover.kernels import Octets, seen_by_many
from vigie.earth.wgs84 import Floats
from vigie.sensors.site import Sensor, Site

SEEING: Final = ("radar", "adsb", "mlat", "remoteid", "sapient")
"""Kinds of sensor whose range says what they see. Observers and other centres' tracks say nothing of an empty place."""
CONE_DEG: Final = 45.0
"""Highest elevation of a surveillance radar's beam; the others see overhead."""
MAST_M: Final = 30.0
NOBODY: Final = np.empty((0, 0))


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid over an area: ``counts`` (rows, columns) of sensors that see each cell's middle, at ``height_m``."""

    south_deg: float
    west_deg: float
    step_deg: float
    height_m: float
    counts: Octets


class Cover:
    """The cover of a site's sensors. ``in_order`` is set by whoever knows their health; all are at the start.

    ``ground_m``: height of the ground around the sensors over the ellipsoid. Where it is not known an antenna is taken
    to stand ``MAST_M`` over its ground, so that a plateau does not lengthen the horizon.
    """

    def __init__(self, site: Site, *, ground_m: float | None = None) -> None:
        self.sensors: tuple[Sensor, ...] = tuple(s for s in site.sensors if s.kind in SEEING)
        self._rows = np.array([_row(s, ground_m) for s in self.sensors], np.float64).reshape(len(self.sensors), 6)
        self._in_order = np.ones(len(self.sensors), np.uint8)

    def set_in_order(self, in_order: Mapping[int, bool]) -> bool:
        """Say of sensors by id whether they are in order; True if that changed anything."""
        new = np.array([in_order.get(s.id, True) for s in self.sensors], np.uint8)
        changed = bool((new != self._in_order).any())
        self._in_order = new
        return changed

    def counts(self, lat_rad: Floats, lon_rad: Floats, height_m: Floats) -> Octets:
        """Return how many sensors in order see each point at a height over the ellipsoid."""
        out = np.zeros(lat_rad.size, np.uint8)
        seen_by_many(self._rows, self._in_order, lat_rad, lon_rad, height_m, out, NOBODY)
        return out

    def seen_by(self, lat_deg: float, lon_deg: float, height_m: float) -> tuple[int, ...]:
        """Return the ids of the sensors in order that see one place."""
        out, who = np.zeros(1, np.uint8), np.zeros((1, len(self.sensors)))
        place = (np.array([math.radians(lat_deg)]), np.array([math.radians(lon_deg)]), np.array([height_m]))
        seen_by_many(self._rows, self._in_order, *place, out, who)
        return tuple(s.id for s, seen in zip(self.sensors, who[0], strict=True) if seen)

    def grid(
        self, *, south_deg: float, west_deg: float, north_deg: float, east_deg: float, height_m: float,
        step_deg: float = 0.25,
    ) -> Grid:  # fmt: skip
        """Return the cover over an area at one height; ``east_deg`` below ``west_deg`` runs over the antimeridian."""
        span = (east_deg - west_deg) % 360.0 or 360.0
        rows, columns = max(1, math.ceil((north_deg - south_deg) / step_deg)), max(1, math.ceil(span / step_deg))
        lat = np.radians(np.minimum(90.0, south_deg + (np.arange(rows) + 0.5) * step_deg))
        lon = np.radians(west_deg + (np.arange(columns) + 0.5) * step_deg)
        many = np.repeat(lat, columns), np.tile(lon, rows), np.full(rows * columns, height_m)
        return Grid(south_deg, west_deg, step_deg, height_m, self.counts(*many).reshape(rows, columns))


def horizon_m(height_m: float, antenna_m: float) -> float:
    """Return the distance at which a point at ``height_m`` comes over the horizon of an antenna (4/3 earth)."""
    radius = 6_371_008.8 * 4.0 / 3.0
    return math.sqrt(2.0 * radius * max(0.0, height_m)) + math.sqrt(2.0 * radius * max(0.0, antenna_m))


def _row(sensor: Sensor, ground_m: float | None) -> tuple[float, float, float, float, float, float]:
    cone = math.radians(CONE_DEG) if sensor.kind == "radar" else math.pi
    ground = max(0.0, sensor.height_m - MAST_M) if ground_m is None else ground_m
    return (
        math.radians(sensor.lat_deg), math.radians(sensor.lon_deg), sensor.height_m, sensor.max_range_m, cone, ground
    )  # fmt: skip
