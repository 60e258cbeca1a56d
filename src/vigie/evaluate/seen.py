"""Who could be seen when: which reports of the sensors were of which target, by address, else by place.

An alert can be asked for only of an aircraft that a tracker can hold. Here that is a rule of its own, made from truth
and plots with pyproj alone: a target is *in cover* at a second when at least ``LEAST`` reports with a place came of it
within the last ``WITHIN_S`` seconds, the last no longer than ``LAST_S`` ago. What happened outside of cover may be
told (a track coasts) and need not be.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from vigie.sensors.site import Sensor, Site
from vigie.terms.tables import FLAG_TEST, PLOT_KIND, Rows
from vigie.terms.units import NS_PER_S

LEAST: Final = 4
WITHIN_S: Final = 30
LAST_S: Final = 12
NAMED_M: Final = 10_000.0
"""A report that bears a target's address is of it within this distance: farther off it is a namesake or a lie."""
NEAR_M: Final = 600.0
"""A report without address is of a target within this distance, or four times its sensor's own error."""
_BOX_DEG: Final = 0.15
_GEOD: Final = Geod(ellps="WGS84")
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """For each row of a truth: ``cover``, and whether height and code were told within the last ``LAST_S`` seconds."""

    cover: Bools
    height: Bools
    code: Bools

    def take(self, order: Any) -> Seen:
        """Return the same for rows in another order."""
        return Seen(cover=self.cover[order], height=self.height[order], code=self.code[order])


def everything(truth: Rows) -> Seen:
    """Return that every row of a truth was seen: where there are no plots to ask."""
    yes = np.ones(len(truth), bool)
    return Seen(cover=yes, height=yes, code=yes)


def seen_of(truth: Rows, plots: Rows, site: Site) -> Seen:
    """Return what the plots showed of each row of a truth. ``truth``: one row per target and second."""
    sensors = {s.id: s for s in site.sensors}
    out = {name: np.zeros(len(truth), bool) for name in ("cover", "height", "code")}
    used = plots[(plots["kind"] != PLOT_KIND["bearing"]) & (plots["flags"] & FLAG_TEST == 0)]
    used = used[np.argsort(used["toa_ns"], kind="stable")]
    lat, lon = _places(used, sensors)
    placed = np.isfinite(lat)
    used, lat, lon = used[placed], lat[placed], lon[placed]
    for target in np.unique(truth["target_id"]).tolist():
        rows = np.flatnonzero(truth["target_id"] == target)
        rows = rows[np.argsort(truth["t_ns"][rows], kind="stable")]
        mine = _mine(truth[rows], used, lat, lon, sensors)
        t_ns, toa_ns = truth["t_ns"][rows], used["toa_ns"][mine]
        last = np.searchsorted(toa_ns, t_ns, side="right")
        count = last - np.searchsorted(toa_ns, t_ns - WITHIN_S * NS_PER_S, side="right")
        out["cover"][rows] = (count >= LEAST) & _lately(toa_ns, t_ns)
        out["height"][rows] = _lately(toa_ns[~np.isnan(used["press_alt_m"][mine])], t_ns)
        out["code"][rows] = _lately(toa_ns[used["mode3a"][mine] != 65535], t_ns)
    return Seen(**out)


def _lately(toa_ns: Any, t_ns: Any) -> Bools:
    """Return for each time whether one of ``toa_ns`` (sorted) lies within the ``LAST_S`` seconds before it."""
    held = np.searchsorted(toa_ns, t_ns, side="right") - np.searchsorted(toa_ns, t_ns - LAST_S * NS_PER_S, side="right")
    out: Bools = held > 0
    return out


def _places(plots: Rows, sensors: dict[int, Sensor]) -> tuple[Floats, Floats]:
    """Return about where each plot is (degrees): as it says, else by range and azimuth, its height taken as flat."""
    lat, lon = plots["lat_deg"].astype(np.float64), plots["lon_deg"].astype(np.float64)
    for number, s in sensors.items():
        polar = (plots["sensor_id"] == number) & np.isnan(lat) & ~np.isnan(plots["range_m"])
        if polar.any():
            n = int(polar.sum())
            lon[polar], lat[polar], _ = _GEOD.fwd(
                np.full(n, s.lon_deg), np.full(n, s.lat_deg), np.degrees(plots["azimuth_rad"][polar]),
                plots["range_m"][polar],
            )  # fmt: skip
    return lat, lon


def _mine(target: Rows, plots: Rows, lat: Floats, lon: Floats, sensors: dict[int, Sensor]) -> Any:
    """Return which plots are of one target: its rows are in order of time, as are the plots."""
    t_ns = target["t_ns"]
    first, end = np.searchsorted(plots["toa_ns"], [t_ns[0] - NS_PER_S, t_ns[-1] + NS_PER_S])
    at = np.arange(first, end)
    when = plots["toa_ns"][at].astype(np.float64)
    true_lat, true_lon = (np.interp(when, t_ns, target[name]) for name in ("lat_deg", "lon_deg"))
    close = (np.abs(lat[at] - true_lat) < _BOX_DEG) & (np.abs(lon[at] - true_lon) < _BOX_DEG * 1.5)
    address = target["icao24"][np.clip(np.searchsorted(t_ns, plots["toa_ns"][at]), 0, len(t_ns) - 1)]
    said = plots["icao24"][at]
    close &= (said == 0) | (said == address)
    at, when, true_lat, true_lon, said = at[close], when[close], true_lat[close], true_lon[close], said[close]
    height = np.interp(when, t_ns, target["geo_alt_m"])
    away, gate = np.full(at.size, np.inf), np.full(at.size, NEAR_M)
    for number in np.unique(plots["sensor_id"][at]).tolist():
        one, s = plots["sensor_id"][at] == number, sensors.get(number)
        part = at[one]
        polar = np.isnan(plots["lat_deg"][part])
        _, _, flat = _GEOD.inv(true_lon[one], true_lat[one], lon[part], lat[part])
        away[one] = flat
        if s is None or not polar.any():
            continue
        n = int(polar.sum())
        turn, _, ground = _GEOD.inv(
            np.full(n, s.lon_deg), np.full(n, s.lat_deg), true_lon[one][polar], true_lat[one][polar]
        )
        slant = np.hypot(ground, height[one][polar] - s.height_m)
        aside = np.radians((np.degrees(plots["azimuth_rad"][part][polar]) - turn + 180.0) % 360.0 - 180.0)
        exact = np.hypot(plots["range_m"][part][polar] - slant, aside * ground)
        index = np.flatnonzero(one)[polar]
        away[index] = exact
        error = 0.0 if math.isnan(s.azimuth_sd_rad) else 4.0 * s.azimuth_sd_rad
        gate[index] = np.maximum(NEAR_M, error * ground)
    return at[away < np.where(said != 0, NAMED_M, gate)]
