"""A learned map of false plots: how many per square metre and turn, by sensor, kind, azimuth and range.

Every plot that no confirmed track explains is counted in its cell; the count fades over ten turns, so that weather may
move. When a track is confirmed, the plots that were counted before anyone believed in it are taken back.
"""

from __future__ import annotations

import math

from vigie.terms.kernel import lean
from vigie.track.state import (
    N_LAMBDA,
    N_MAXR,
    N_PERIOD,
    N_T0,
    TYPE_RADAR,
    Z_AZ,
    Z_RANGE,
    Z_T,
    ZI_KIND,
    ZI_TYPE,
    Floats,
    Ints,
)

SECTORS = 64
RINGS = 24
FINE = 4  # a ground patch is a kilometre or two: each cell again in FINE x FINE
MEMORY_TURNS = 10.0
BELIEF = 0.5
WHOLE = SECTORS * RINGS  # this cell of a layer counts for the whole cover
FIRST_FINE = WHOLE + 1
LAYER = FIRST_FINE + WHOLE * FINE * FINE


@lean
def cell_of(z: Floats, sensor: Floats, split: int) -> int:
    """Return the cell of a plot of range and azimuth, each side of the coarse cells cut in ``split``."""
    sectors = SECTORS * split
    a = int(z[Z_AZ] / (2.0 * math.pi) * sectors) % sectors
    r = int(min(max(z[Z_RANGE] / sensor[N_MAXR], 0.0), 0.999) * RINGS * split)
    return r * sectors + a


@lean
def faded(count: Floats, since: Floats, cell: int, t: float, memory: float) -> float:
    """Return the count of a cell as it is worth at time ``t``."""
    if count[cell] <= 0.0:
        return 0.0
    return float(count[cell] * math.exp(-max(0.0, t - since[cell]) / memory))


@lean
def density(z: Floats, zi: Ints, sensor: Floats, count: Floats, since: Floats) -> float:
    """Return false plots per square metre and turn where a plot lies; ``count``, ``since`` are its sensor's layer."""
    if zi[ZI_TYPE] != TYPE_RADAR:
        return float(sensor[N_LAMBDA])
    t = z[Z_T]
    memory = MEMORY_TURNS * sensor[N_PERIOD]
    turns = MEMORY_TURNS * (1.0 - math.exp(-max(0.0, t - sensor[N_T0]) / memory))
    cover = math.pi * sensor[N_MAXR] * sensor[N_MAXR]
    # what the site file lets expect weighs as one turn
    mean = (faded(count, since, WHOLE, t, memory) / cover + sensor[N_LAMBDA]) / (turns + 1.0)
    for level in range(2):
        split = 1 if level == 0 else FINE
        cell = cell_of(z, sensor, split)
        ring = cell // (SECTORS * split)
        width = sensor[N_MAXR] / (RINGS * split)
        area = math.pi * width * width * (2.0 * ring + 1.0) / (SECTORS * split)
        seen = faded(count, since, cell + (0 if level == 0 else FIRST_FINE), t, memory)
        # Gamma prior of shape BELIEF round the coarser level: empty small cells prove little, full ones much
        mean *= (seen + BELIEF) / (mean * area * turns + BELIEF)
    return float(mean)


@lean
def note(z: Floats, zi: Ints, sensor: Floats, count: Floats, since: Floats, weight: float) -> None:
    """Count a plot as false (``weight`` 1), or take such plots back (negative)."""
    if zi[ZI_TYPE] != TYPE_RADAR:
        return
    if sensor[N_T0] == 0.0:
        sensor[N_T0] = z[Z_T] - sensor[N_PERIOD]
    memory = MEMORY_TURNS * sensor[N_PERIOD]
    for k in range(3):
        cell = WHOLE if k == 0 else cell_of(z, sensor, 1) if k == 1 else FIRST_FINE + cell_of(z, sensor, FINE)
        now = max(faded(count, since, cell, z[Z_T], memory) + weight, 0.0)
        count[cell] = now
        since[cell] = max(since[cell], z[Z_T])


@lean
def layer_of(zi: Ints) -> int:
    """Return the layer of a plot: bare primary plots have a map of their own."""
    return 0 if zi[ZI_KIND] == 1 else 1
