"""A volume of airspace: what it is, where it is, from which level to which, and when it counts.

Levels keep the datum they were written in: a flight level is a pressure altitude and moves with the weather, a height
above mean sea level does not. Source: ICAO Annex 15 (vertical limits), AIXM 5.1.1 (CodeVerticalReferenceType).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vigie.terms.levels import AGL, AMSL, DATUMS, FL, SFC, SURFACE, UNL, UNLIMITED, Level
from vigie.terms.windows import Window

Ring = tuple[tuple[float, float], ...]
"""Points (longitude, latitude) in degrees; the last is joined to the first and is not repeated."""

__all__ = [
    "AGL",
    "AMSL",
    "CLASSES",
    "DATUMS",
    "FL",
    "KINDS",
    "SFC",
    "SURFACE",
    "UNL",
    "UNLIMITED",
    "Level",
    "Ring",
    "Volume",
]

KINDS: Final = (
    "FIR", "UIR", "ADIZ", "BORDER", "CTA", "TMA", "CTR", "ATZ", "AIRWAY", "CORRIDOR", "P", "R", "D", "TSA", "TRA",
    "MIL", "TMZ", "RMZ", "UAS", "PROTECTED", "ALERT", "GLIDER", "W", "OTHER",
)  # fmt: skip
"""Kinds of volume. P, R, D: prohibited, restricted, danger area; UAS: geographical zone for unmanned aircraft."""

CLASSES: Final = ("", "A", "B", "C", "D", "E", "F", "G")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """One volume. ``rings`` bound it by the even-odd rule: a ring inside another is a hole, others add.

    ``times`` says when it is active: any window that holds; none given means always. ``rules`` names the watch rules
    that apply (empty: those usual for the kind) and ``parameters`` their numbers in SI, by name.
    ``source`` tells where it was read: file and, where there is one, line.
    """

    id: str
    name: str
    kind: str
    icao_class: str = ""
    rings: tuple[Ring, ...]
    floor: Level = SURFACE
    ceiling: Level = UNLIMITED
    times: tuple[Window, ...] = ()
    by_notice: bool = False
    """Sleeps until a notice or a supervisor wakes it."""
    rules: tuple[str, ...] = ()
    parameters: tuple[tuple[str, float], ...] = ()
    frequency_mhz: float = 0.0
    remarks: str = ""
    source: str = ""
    extra: tuple[tuple[str, str], ...] = field(default=())
    """What a format says beyond this, by name, so that it can be written again (ED-269 restriction, OpenAir AY)."""

    def parameter(self, name: str, usual: float) -> float:
        """Return the number of one parameter, or ``usual`` where the volume does not set it."""
        return next((value for key, value in self.parameters if key == name), usual)

    def active_at(self, t_ns: int) -> bool:
        """Return whether the volume counts at ``t_ns`` by its own times."""
        if self.by_notice:
            return False
        lon_deg, lat_deg = self.rings[0][0] if self.rings and self.rings[0] else (0.0, 0.0)
        return not self.times or any(window.holds(t_ns, lat_deg, lon_deg) for window in self.times)
