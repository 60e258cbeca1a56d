"""What stands round the sensors of an exercise: terrain from the operator's tiles, reflectors, showers, clutter.

Without tiles the earth is smooth; ``headless`` and ``live`` say so.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.terrain import AZIMUTHS, Terrain, horizon_of
from vigie.simulate import echoes as e
from vigie.simulate.rows import Exercise, SensorRow
from vigie.terms.units import M_PER_NMI, MPS_PER_KT, RAD_PER_DEG

Floats = npt.NDArray[np.float64]
Masks = npt.NDArray[np.float32]

_log = logging.getLogger("vigie.simulate")

_FARTHEST_M: Final = 500_000.0
"""Beyond this the bulge of the earth hides more than any hill."""


def say_limits(exercise: Exercise) -> None:
    """Say loudly what this simulation leaves out."""
    if not exercise.terrain and any(row.kind == "radar" for row in exercise.sensors):
        _log.warning("no terrain is given: the earth is smooth, nothing is masked by hills")


def terrain_of(exercise: Exercise) -> Terrain | None:
    """Read the tiles that the exercise names, as far as its sensors look; None where it names none."""
    if not exercise.terrain or not exercise.sensors:
        return None
    # GDAL is loaded only where there are tiles.
    from vigie.earth.tiles import load_terrain  # noqa: PLC0415

    boxes = []
    for row in exercise.sensors:
        s = row.sensor
        high = min(s.max_range_m, _FARTHEST_M) / 111_000.0 + 0.01
        wide = high / max(math.cos(s.lat_deg * RAD_PER_DEG), 0.05)
        boxes.append((s.lat_deg - high, s.lon_deg - wide, s.lat_deg + high, s.lon_deg + wide))
    box = np.array(boxes)
    south, west = box[:, :2].min(axis=0)
    north, east = box[:, 2:].max(axis=0)
    return load_terrain(
        Path(exercise.terrain), south_deg=float(south), west_deg=float(west), north_deg=float(north),
        east_deg=float(east), undulation_m=exercise.undulation_m,
    )  # fmt: skip


def masks_of(terrain: Terrain | None, rows: Sequence[SensorRow]) -> Masks:
    """Return the terrain horizon of each sensor, of one size; without terrain a stack of horizons without directions.

    A horizon that ends before another's goes on as it ends.
    """
    if terrain is None or not rows:
        return np.zeros((len(rows), 0, 0), np.float32)
    each = [
        horizon_of(terrain, s.lat_deg, s.lon_deg, s.height_m, min(s.max_range_m, _FARTHEST_M))
        for s in (row.sensor for row in rows)
    ]
    longest = max(mask.shape[1] for mask in each)
    out = np.empty((len(rows), AZIMUTHS, longest), np.float32)
    for mask, own in zip(each, out, strict=True):
        own[:, : mask.shape[1]] = mask
        own[:, mask.shape[1] :] = mask[:, -1:]
    return out


def mirrors_of(exercise: Exercise, number: dict[int, int]) -> Floats:
    """Return the reflectors as ``echoes`` reads them; ``number``: sensor id to row of the radar."""
    out = np.zeros((len(exercise.reflectors), e.MIRROR_COLUMNS))
    for row, k in zip(out, exercise.reflectors, strict=True):
        row[e.M_RADAR] = number[k["sensor"]]
        row[e.M_AZIMUTH] = k["azimuth_deg"] * RAD_PER_DEG
        row[e.M_RANGE] = k["range_nmi"] * M_PER_NMI
        row[e.M_NORMAL] = k["faces_deg"] * RAD_PER_DEG
        row[e.M_WIDTH] = k.get("width_deg", 10.0) / 2.0 * RAD_PER_DEG
        row[e.M_SHARE] = k.get("share", 0.8)
    return out


def showers_of(exercise: Exercise) -> Floats:
    """Return the moving weather as ``echoes`` reads it."""
    out = np.zeros((len(exercise.showers), e.SHOWER_COLUMNS))
    for row, k in zip(out, exercise.showers, strict=True):
        course, speed = k.get("course_deg", 0.0) * RAD_PER_DEG, k.get("speed_kt", 0.0) * MPS_PER_KT
        row[e.S_LAT], row[e.S_LON] = k["lat_deg"] * RAD_PER_DEG, k["lon_deg"] * RAD_PER_DEG
        row[e.S_RADIUS] = k["radius_nmi"] * M_PER_NMI
        row[e.S_EAST], row[e.S_NORTH] = speed * math.sin(course), speed * math.cos(course)
        row[e.S_PLOTS] = k["plots_per_scan"]
        row[e.S_FROM], row[e.S_TO] = k.get("from_s", 0.0), k.get("to_s", math.inf)
    return out


def zones_of(exercise: Exercise, number: dict[int, int]) -> Floats:
    """Return the standing clutter as ``echoes`` reads it."""
    out = np.zeros((len(exercise.clutter), e.ZONE_COLUMNS))
    for row, k in zip(out, exercise.clutter, strict=True):
        row[e.Z_RADAR] = number[k["sensor"]]
        row[e.Z_FROM_AZ] = k.get("from_deg", 0.0) * RAD_PER_DEG
        wide = (k.get("to_deg", 360.0) - k.get("from_deg", 0.0)) % 360.0
        row[e.Z_WIDTH_AZ] = (wide if wide > 0.0 else 360.0) * RAD_PER_DEG
        row[e.Z_FROM_M], row[e.Z_TO_M] = k["from_nmi"] * M_PER_NMI, k["to_nmi"] * M_PER_NMI
        row[e.Z_POINTS], row[e.Z_SHARE] = k["points"], k.get("share", 0.3)
    return out
