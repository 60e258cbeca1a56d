"""What the monitor remembers of each sensor: numbered columns of two arrays and some rings, for the kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.sensors.site import Site

# Whole numbers, int64.
PLOTS: Final = 0
SERVICES: Final = 1
REJECTS: Final = 2
LAST_PLOT_NS: Final = 3
LAST_DATA_NS: Final = 4
PLOT_MONO: Final = 5
SERVICE_MONO: Final = 6
MARKER_MONO: Final = 7
MARKERS: Final = 8
SCAN_START: Final = 9
SCAN_PLOTS: Final = 10
SCAN_RECORDS: Final = 11
SCAN_REJECTS: Final = 12
SCANS: Final = 13
EMPTY_SCANS: Final = 14
STATE: Final = 15
REASON_BITS: Final = 16
CLOCK_SAMPLES: Final = 17
CLOCK_NEW: Final = 18
DRIFT_POINTS: Final = 19
DRIFT_MONO: Final = 20
TURN_NEW: Final = 21
PASSAGE_CLOCK_MONO: Final = 22
EDITION_MONO: Final = 23
WHOLES: Final = 24

# Measures, float64.
SITE_PERIOD: Final = 0
STATED_PERIOD: Final = 1
ROTATION: Final = 2
DELAY: Final = 3
OFFSET: Final = 4
DRIFT: Final = 5
USUAL_PLOTS: Final = 6
PER_SCAN: Final = 7
RECORDS_RECENT: Final = 8
REJECTS_RECENT: Final = 9
MARGIN: Final = 10
CLOCK_LIMIT: Final = 11
REALS: Final = 12

LEVELS: Final = 3
"""Ways to see the antenna pass: 0 azimuths of plots, 1 sector crossings, 2 north markers."""
BINS: Final = 64
"""Azimuth bins in which a passage is waited for: 5.6 degrees."""
TURNS: Final = 32
"""Passages remembered per level."""
CLOCKS: Final = 64
"""Time stamps remembered per sensor."""
DRIFTS: Final = 32
"""Clock offsets remembered per sensor, 20 s apart."""
MARGIN_S: Final = 1.5
"""Nothing heard for a rotation and so long is silence."""
CLOCK_LIMIT_S: Final = 2.0
PEOPLE: Final = frozenset({"observer", "acoustic"})
PEOPLE_S: Final = 30.0
"""Both for posts, whose reports take their time, one more than the other: a late one is neither silence nor a clock."""
KINDS: Final = 16
"""Kinds of service messages, each with its own last status."""

I8 = npt.NDArray[np.int64]
F8 = npt.NDArray[np.float64]


@dataclass(slots=True)
class Memory:
    """The arrays of all sensors, first index the sensor's place in the site."""

    wholes: I8
    reals: F8
    status: I8
    pass_toa: I8
    pass_azimuth: F8
    turn_s: F8
    turn_rad: F8
    turn_count: I8
    clock_s: F8
    drift_s: F8
    drift_mono: I8


def new_memory(site: Site) -> Memory:
    """Return the memory of a monitor that has heard nothing yet."""
    n = len(site.sensors)
    reals = np.full((n, REALS), np.nan)
    for i, sensor in enumerate(site.sensors):
        people = sensor.kind in PEOPLE
        # A drone receiver hears drones only, and those not without a break: its silence says as little as a post's.
        reals[i, MARGIN] = PEOPLE_S if people or sensor.kind == "remoteid" else MARGIN_S
        reals[i, CLOCK_LIMIT] = PEOPLE_S if people else CLOCK_LIMIT_S
        reals[i, SITE_PERIOD] = sensor.period_s
        reals[i, DELAY] = sensor.delay_s
    reals[:, USUAL_PLOTS] = reals[:, RECORDS_RECENT] = reals[:, REJECTS_RECENT] = 0.0
    return Memory(
        wholes=np.zeros((n, WHOLES), np.int64),
        reals=reals,
        status=np.zeros((n, KINDS), np.int64),
        pass_toa=np.zeros((n, LEVELS, BINS), np.int64),
        pass_azimuth=np.zeros((n, LEVELS, BINS)),
        turn_s=np.zeros((n, LEVELS, TURNS)),
        turn_rad=np.zeros((n, LEVELS, TURNS)),
        turn_count=np.zeros((n, LEVELS), np.int64),
        clock_s=np.zeros((n, CLOCKS)),
        drift_s=np.zeros((n, DRIFTS)),
        drift_mono=np.zeros((n, DRIFTS), np.int64),
    )
