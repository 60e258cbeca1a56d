"""A learned map of false plots: how many per square metre and turn, by sensor, kind, azimuth and range.

Every plot that no confirmed track explains is counted in its cell; the count fades over ten turns, so that weather may
move. When a track is confirmed, the plots that were counted before anyone believed in it are taken back.
"""

from __future__ import annotations

import math

from vigie.terms.kernel import kernel
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
CELLS = SECTORS * RINGS
MEMORY_TURNS = 10.0
WHOLE = CELLS  # the last cell of a layer counts for the whole cover
LAYER = CELLS + 1


@kernel
def cell_of(z: Floats, sensor: Floats) -> int:
    """Return the cell of a plot of range and azimuth."""
    a = int(z[Z_AZ] / (2.0 * math.pi) * SECTORS) % SECTORS
    r = int(min(max(z[Z_RANGE] / sensor[N_MAXR], 0.0), 0.999) * RINGS)
    return r * SECTORS + a


@kernel
def faded(count: Floats, since: Floats, cell: int, t: float, memory: float) -> float:
    """Return the count of a cell as it is worth at time ``t``."""
    if count[cell] <= 0.0:
        return 0.0
    return float(count[cell] * math.exp(-max(0.0, t - since[cell]) / memory))


@kernel
def density(z: Floats, zi: Ints, sensor: Floats, count: Floats, since: Floats) -> float:
    """Return false plots per square metre and turn where a plot lies; ``count``, ``since`` are its sensor's layer."""
    if zi[ZI_TYPE] != TYPE_RADAR:
        return float(sensor[N_LAMBDA])
    t = z[Z_T]
    memory = MEMORY_TURNS * sensor[N_PERIOD]
    turns = MEMORY_TURNS * (1.0 - math.exp(-max(0.0, t - sensor[N_T0]) / memory))
    cover = math.pi * sensor[N_MAXR] * sensor[N_MAXR]
    # the whole cover weighs as two turns of prior for each cell, the site file's guess as one for the whole
    mean = (faded(count, since, WHOLE, t, memory) / cover + sensor[N_LAMBDA]) / (turns + 1.0)
    cell = cell_of(z, sensor)
    inner = (cell // SECTORS) / RINGS * sensor[N_MAXR]
    outer = (cell // SECTORS + 1) / RINGS * sensor[N_MAXR]
    area = math.pi * (outer * outer - inner * inner) / SECTORS
    return float((faded(count, since, cell, t, memory) / area + 2.0 * mean) / (turns + 2.0))


@kernel
def note(z: Floats, zi: Ints, sensor: Floats, count: Floats, since: Floats, weight: float) -> None:
    """Count a plot as false (``weight`` 1), or take such plots back (negative)."""
    if zi[ZI_TYPE] != TYPE_RADAR:
        return
    if sensor[N_T0] == 0.0:
        sensor[N_T0] = z[Z_T] - sensor[N_PERIOD]
    memory = MEMORY_TURNS * sensor[N_PERIOD]
    for k in range(2):
        cell = WHOLE if k == 0 else cell_of(z, sensor)
        now = max(faded(count, since, cell, z[Z_T], memory) + weight, 0.0)
        count[cell] = now
        since[cell] = max(since[cell], z[Z_T])


@kernel
def layer_of(zi: Ints) -> int:
    """Return the layer of a plot: bare primary plots have a map of their own."""
    return 0 if zi[ZI_KIND] == 1 else 1
