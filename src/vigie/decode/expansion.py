"""What the expansion field (RE) of a record adds to its plot, where columns have the same meaning."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import lean
from vigie.wire.asterix import slots as s

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]


@lean
def fill_expansion(row: Any, raw: I8, more: I8, scale: F8) -> None:
    """Fill columns of one plot from the slots of its expansion field; what the record's own items say stays.

    The range of I048/RE/ERR is the exception: I048/040 ends at 256 NM. The priority status of ADS-B version 3 has the
    numbers of the emergency state but for 2, 6 and 7 (lost link, aircraft in distress): those are told by the flag
    alone. Source: EUROCONTROL-SPEC-0149, part 4 appendix A, part 9 appendix A, part 12 appendix A.
    """
    if more[s.FAR_RHO] != s.NOTHING:
        row.range_m = more[s.FAR_RHO] * scale[s.FAR_RHO]
    told = more[s.PRIORITY] - 8
    if raw[s.EMERGENCY] == s.NOTHING and told in (0, 1, 3, 4, 5):
        row.emergency = told
    surface = more[s.SURFACE]  # stopped 8, angle valid 4, ground track and not heading 2, from magnetic north 1
    if surface == s.NOTHING:
        return
    angle = more[s.SURFACE_ANGLE] * scale[s.SURFACE_ANGLE] if more[s.SURFACE_ANGLE] != s.NOTHING else np.nan
    if surface & 7 == 5 and math.isnan(row.heading_rad):
        row.heading_rad = angle
    if not math.isnan(row.v_east_mps) or not math.isnan(row.v_north_mps):
        return
    speed = more[s.SURFACE_SPEED] * scale[s.SURFACE_SPEED]
    if surface & 8 != 0:
        row.v_east_mps = 0.0
        row.v_north_mps = 0.0
    elif surface & 7 == 6:
        row.v_east_mps = speed * math.sin(angle)
        row.v_north_mps = speed * math.cos(angle)
