"""A volume of airspace: what it is, where it is, from which level to which, and when it counts.

Levels keep the datum they were written in: a flight level is a pressure altitude and moves with the weather, a height
above mean sea level does not. Source: ICAO Annex 15 (vertical limits), AIXM 5.1.1 (CodeVerticalReferenceType).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from vigie.airspace.schedule import Window
from vigie.terms.units import M_PER_FL, M_PER_FT

Ring = tuple[tuple[float, float], ...]
"""Points (longitude, latitude) in degrees; the last is joined to the first and is not repeated."""

SFC: Final = 0
AMSL: Final = 1
FL: Final = 2
AGL: Final = 3
UNL: Final = 4
DATUMS: Final = ("SFC", "AMSL", "FL", "AGL", "UNL")
"""The names of the datum numbers, in order: surface, above mean sea level, flight level, above ground, unlimited."""

KINDS: Final = (
    "FIR", "UIR", "ADIZ", "BORDER", "CTA", "TMA", "CTR", "ATZ", "AIRWAY", "CORRIDOR", "P", "R", "D", "TSA", "TRA",
    "MIL", "TMZ", "RMZ", "UAS", "PROTECTED", "ALERT", "GLIDER", "W", "OTHER",
)  # fmt: skip
"""Kinds of volume. P, R, D: prohibited, restricted, danger area; UAS: geographical zone for unmanned aircraft."""

CLASSES: Final = ("", "A", "B", "C", "D", "E", "F", "G")


@dataclass(frozen=True, slots=True)
class Level:
    """One vertical limit: ``value_m`` over ``datum``; for FL it is the pressure altitude, for SFC and UNL it is 0."""

    datum: int
    value_m: float = 0.0

    def __str__(self) -> str:
        if self.datum == FL:
            return f"FL{round(self.value_m / M_PER_FL):03d}"
        if self.datum in (SFC, UNL):
            return DATUMS[self.datum]
        return f"{round(self.value_m / M_PER_FT)} FT {DATUMS[self.datum]}"


SURFACE: Final = Level(SFC)
UNLIMITED: Final = Level(UNL)


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
        return not self.times or any(window.holds(t_ns) for window in self.times)
