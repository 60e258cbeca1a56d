"""Published limits of surveillance quality, as data: each with the document and paragraph it is said to stand in.

The figures are those that the trade quotes from EUROCONTROL's specification. The document itself was not at hand when
they were written down, so every row says ``verified = False`` and is shown as *unverified*: read the document before
a figure is used for more than orientation. What the specification asks and a truth of positions cannot tell (age of
the pressure altitude, delay of an emergency code) is not here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vigie.terms.units import MPS_PER_FPM

_SPEC: Final = "EUROCONTROL-SPEC-147, edition 1.2 (2021), volume 1"

GAP_LIMITS_S: Final = (16.5, 26.4)
"""A miss longer than this is a long gap: at 3 NM (three updates of 5 s and a tenth), at 5 NM (three of 8 s)."""
FAR_LIMITS_M: Final = (555.0, 926.0)
"""A position error above this is large: at 3 NM, at 5 NM."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """One limit: ``measure`` is a name in ``Score.measures``; ``sense`` is ``<=`` or ``>=``."""

    table: str
    id: str
    measure: str
    sense: str
    limit: float
    unit: str
    meaning: str
    source: str = _SPEC
    verified: bool = False

    def met(self, value: float) -> bool | None:
        """Return whether a value keeps the limit; None where the value is not known."""
        if math.isnan(value):
            return None
        return value <= self.limit if self.sense == "<=" else value >= self.limit


def _both(number: str, measure: str, sense: str, near: float, far: float, unit: str, meaning: str) -> list[Threshold]:
    """Return the rows of one requirement at 3 NM and at 5 NM."""
    near_name, far_name = (measure, measure) if "{nm}" not in measure else (measure.format(nm=3), measure.format(nm=5))
    return [
        Threshold("3 NM", f"3N_C-{number}", near_name, sense, near, unit, meaning),
        Threshold("5 NM", f"5N_C-{number}", far_name, sense, far, unit, meaning),
    ]


THRESHOLDS: Final[tuple[Threshold, ...]] = tuple(
    row
    for rows in (
        _both("R2", "update_worst_flight", ">=", 0.97, 0.97, "", "probability of update of position, worst flight"),
        _both("R3", "gaps_{nm}nm", "<=", 0.005, 0.005, "", "share of misses in long gaps"),
        _both("R4", "rms_position_m", "<=", 300.0, 500.0, "m", "position error, root mean square, all flights"),
        _both(
            "R4",
            "rms_position_worst_flight_m",
            "<=",
            330.0,
            550.0,
            "m",
            "position error, root mean square, worst flight",
        ),
        _both("R5", "far_{nm}nm", "<=", 0.0003, 0.0003, "", "share of large errors that come three in a row"),
        _both("R14", "code_right", ">=", 0.98, 0.98, "", "share of reports with the right Mode 3/A code"),
        _both("R15", "code_wrong", "<=", 0.001, 0.001, "", "share of wrong codes among those reported"),
        _both(
            "R16",
            "climb_level_mps",
            "<=",
            250 * MPS_PER_FPM,
            250 * MPS_PER_FPM,
            "m/s",
            "rate of climb error, level flight",
        ),
        _both(
            "R16",
            "climb_change_mps",
            "<=",
            500 * MPS_PER_FPM,
            500 * MPS_PER_FPM,
            "m/s",
            "rate of climb error, climb and descent",
        ),
        _both("R17", "speed_straight_mps", "<=", 4.0, 4.0, "m/s", "speed error, straight flight"),
        _both("R17", "speed_turn_mps", "<=", 8.0, 8.0, "m/s", "speed error, in turns"),
        _both("R18", "course_straight_deg", "<=", 10.0, 10.0, "deg", "track angle error, straight flight"),
        _both("R18", "course_turn_deg", "<=", 25.0, 25.0, "deg", "track angle error, in turns"),
        _both(
            "R20", "false_beside_per_hour", "<=", 2.0, 1.0, "1/h", "false confirmed tracks close to true ones, per hour"
        ),
    )
    for row in rows
)


def assessed(measures: dict[str, float]) -> list[tuple[Threshold, float, bool | None]]:
    """Return every threshold with the value reached and whether it is met (None: not known)."""
    return [(t, measures[t.measure], t.met(measures[t.measure])) for t in THRESHOLDS]
