"""Tuning areas on tracks: once a second every track learns what is different where it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from vigie.sensors.tuning import MODELS, TuningArea
from vigie.terms.kernel import lean
from vigie.track.state import (
    CX,
    I_HKNOWN,
    I_NO,
    LAT,
    LON,
    TUNE_COAST,
    TUNE_CONFIRM,
    TUNE_SET,
    VH,
    Floats,
    Ints,
)

EARTH_M = 6_371_008.8
# Columns of an area's numbers.
FIRST, LAST, RADIUS, FLOOR, CEILING, CONFIRM, COAST, SET = range(8)


def tuning_table(areas: Sequence[TuningArea]) -> tuple[Floats, Floats]:
    """Return the areas' numbers (n, 8) and all their points, latitude and longitude (rad), shape (m, 2)."""
    numbers = np.zeros((len(areas), 8))
    points: list[tuple[float, float]] = []
    for row, area in zip(numbers, areas, strict=True):
        row[FIRST] = len(points)
        points += area.outline_deg
        row[LAST] = len(points)
        row[RADIUS], row[FLOOR], row[CEILING] = area.radius_m, area.floor_m, area.ceiling_m
        row[CONFIRM], row[COAST] = area.confirm_odds, area.coast_s
        row[SET] = 1 + MODELS.index(area.models) if area.models else 0
    return numbers, np.radians(np.array(points or [(0.0, 0.0)], np.float64))


@lean
def tune(S: Floats, J: Ints, used: int, areas: Floats, points: Floats) -> None:
    """Write into every track what the areas it is in ask for; of several the later one counts.

    A track of unknown height is in every band of heights.
    """
    for i in range(used):
        if J[i, I_NO] == 0:
            continue
        row = S[i]
        row[TUNE_CONFIRM] = row[TUNE_COAST] = row[TUNE_SET] = 0.0
        lat = row[LAT] + row[CX + 1] / EARTH_M
        lon = row[LON] + row[CX] / (EARTH_M * max(math.cos(row[LAT]), 1e-6))
        for k in range(areas.shape[0]):
            area = areas[k]
            if J[i, I_HKNOWN] != 0 and not area[FLOOR] <= row[VH] <= area[CEILING]:
                continue
            if inside(lat, lon, points, int(area[FIRST]), int(area[LAST]), area[RADIUS]):
                row[TUNE_CONFIRM], row[TUNE_COAST], row[TUNE_SET] = area[CONFIRM], area[COAST], area[SET]


@lean
def inside(lat: float, lon: float, points: Floats, first: int, last: int, radius_m: float) -> bool:
    """Return whether a place (rad) is in a circle, or in an outline whose edges are straight in latitude and longitude.

    Longitudes are counted from the place itself, so that the antimeridian is a line like any other.
    """
    if last - first == 1:
        dlon = turned(points[first, 1] - lon)
        a = math.sin((points[first, 0] - lat) / 2.0)
        b = math.sin(dlon / 2.0)
        h = a * a + math.cos(lat) * math.cos(points[first, 0]) * b * b
        return bool(2.0 * EARTH_M * math.asin(math.sqrt(min(h, 1.0))) <= radius_m)
    odd = False
    y0, x0 = points[last - 1, 0] - lat, turned(points[last - 1, 1] - lon)
    for k in range(first, last):
        y1 = points[k, 0] - lat
        x1 = x0 + turned(points[k, 1] - lon - x0)  # an edge goes the short way
        if (y0 > 0.0) != (y1 > 0.0) and x0 + (x1 - x0) * y0 / (y0 - y1) > 0.0:
            odd = not odd
        y0, x0 = y1, x1
    return odd


@lean
def turned(angle: float) -> float:
    """Return an angle in [-pi, pi)."""
    return angle - 2.0 * math.pi * math.floor((angle + math.pi) / (2.0 * math.pi))
