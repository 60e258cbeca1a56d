"""What a rule sees of one step: the board, who is looked at in this step, the airspace, the flights, the sensors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.airspace.aerodromes import Aerodrome
from vigie.airspace.sites import ProtectedSite
from vigie.earth.wgs84 import Floats, slant_to_geodetic
from vigie.flights.store import State as Flights
from vigie.sensors.site import Site
from vigie.terms.tables import Rows
from vigie.watch.board import Board, Bools, Longs
from vigie.watch.kernels.ground import NO_TERRAIN, Terrain
from vigie.watch.looked import Looked, number
from vigie.watch.routes import Routes
from vigie.watch.rule import Key, Rule, Settings, setting

TRUST_HEIGHT: Final = 16
PLAN: Final = 1
PERMIT: Final = 2
NEAR_PLOT_M: Final = 6_000.0


@dataclass(slots=True, kw_only=True)
class View:
    """One step, for rules. ``rows``: the board's rows looked at now; ``zones`` and ``fences``: volumes near them."""

    now_ns: int
    board: Board
    rows: Longs
    looked_at: Bools
    zones: Looked
    fences: Looked
    sites: tuple[ProtectedSite, ...] = ()
    aerodromes: tuple[Aerodrome, ...] = ()
    fields: Floats = field(default_factory=lambda: np.zeros((0, 4)))
    """Aerodromes for kernels: latitude, longitude (rad), elevation (m AMSL), radius (m)."""
    flights: Flights
    routes: Routes
    plots: Rows
    health: Rows
    site: Site
    terrain: Terrain = NO_TERRAIN
    settings: Settings
    events: tuple[Any, ...] = ()
    cells: tuple[Any, ...] = ()
    """Cells of GNSS interference, as identify found them."""
    quiet: Callable[[Key, int], bool] = lambda _key, _now_ns: False
    """Whether an alert is open and was told a moment ago: its find needs no words."""
    second: bool = False
    """Whether this tick is a whole second."""
    crossed: list[tuple[int, int, bool, int]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    """What rules remember that belongs to no single track; kept from step to step."""

    def value(self, rule: Rule, name: str, area: str = "") -> float:
        """Return a parameter of a rule, as set for an area or everywhere."""
        return setting(self.settings, rule, area, name)

    def numbers(self, looked: Looked, rule: Rule, name: str) -> Floats:
        """Return a parameter of a rule for each volume."""
        key = (rule.name, name)
        if key not in looked.cache:
            looked.cache[key] = np.array([number(rule, v, self.settings, name) for v in looked.index.volumes])
        return looked.cache[key]

    def where(self, row: int) -> tuple[float, float]:
        """Return latitude and longitude of a board row, degrees."""
        lon = float(np.degrees(self.board.lon[row]))
        return float(np.degrees(self.board.lat[row])), (lon + 180.0) % 360.0 - 180.0

    def name(self, row: int) -> str:
        """Return what people call a track: its callsign, else its number."""
        callsign = bytes(self.board.callsign[row]).decode("ascii", "replace").strip()
        return callsign or f"#{int(self.board.number[row])}"

    def ground(self, rows: Longs) -> Floats:
        """Return the ground below board rows, m AMSL; NaN where no terrain is given."""
        return self.board.ground_m[rows]

    def height_over_field(self, rows: Longs) -> tuple[Floats, Floats]:
        """Return distance to the nearest aerodrome's edge (m, infinite where there is none) and height above it."""
        b = self.board
        if not len(self.fields):
            return np.full(rows.size, np.inf), np.full(rows.size, np.nan)
        far = np.full(rows.size, np.inf)
        up = np.full(rows.size, np.nan)
        for lat, lon, elevation_m, radius_m in self.fields.tolist():
            d = distance_m(b.lat[rows], b.lon[rows], lat, lon) - radius_m
            nearer = d < far
            far[nearer], up[nearer] = d[nearer], b.amsl_m[rows][nearer] - elevation_m
        return far, up

    def above_ground(self, rows: Longs) -> Floats:
        """Return the height above the ground: terrain where given, else the elevation of the nearest aerodrome."""
        up = self.board.amsl_m[rows] - self.board.ground_m[rows]
        lacking = np.isnan(up)
        if lacking.any():
            _, over = self.height_over_field(rows[lacking])
            up[lacking] = np.where(np.isnan(over), self.board.amsl_m[rows[lacking]], over)
        return up

    def may_be_here(self, row: int) -> bool:
        """Return whether a track has a plan, a permit or a friend's identity; True where no plans are known at all."""
        if not (self.flights.plans or self.flights.permits):
            return True
        leave = self.board.remember("leave", np.int8)
        return bool(leave[row]) or int(self.board.category[row]) in (2, 3)

    def row_of_plot(self, plot: Any) -> int:
        """Return the board row that a plot belongs to: by address, else the nearest; -1 where none is near."""
        b = self.board
        used = np.flatnonzero(b.number[: b.used])
        if not used.size:
            return -1
        icao24 = int(plot["icao24"])
        if icao24:
            same = used[b.icao24[used] == icao24]
            if same.size == 1:
                return int(same[0])
        lat, lon = np.radians(float(plot["lat_deg"])), np.radians(float(plot["lon_deg"]))
        if np.isnan(lat):
            sensor = self.site.sensor(int(plot["sensor_id"]))
            if sensor is None or np.isnan(plot["range_m"]):
                return -1
            up = float(plot["press_alt_m"])
            lat, lon = slant_to_geodetic(
                float(plot["range_m"]), float(plot["azimuth_rad"]), 5000.0 if np.isnan(up) else up,
                np.radians(sensor.lat_deg), np.radians(sensor.lon_deg), sensor.height_m,
            )  # fmt: skip
        d = distance_m(b.lat[used], b.lon[used], lat, lon)
        best = int(np.argmin(d))
        return int(used[best]) if d[best] <= NEAR_PLOT_M else -1


def distance_m(lat: Floats, lon: Floats, lat0: Floats | float, lon0: Floats | float) -> Floats:
    """Return great-circle distances (m) on the mean sphere, within 0.5 %: for the near, not for the exact."""
    h = np.sin((lat - lat0) / 2.0) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2.0) ** 2
    out: Floats = 2.0 * 6_371_008.8 * np.arcsin(np.minimum(1.0, np.sqrt(h)))
    return out
