"""Vertical limits: a value and the datum it is over, and the many ways people write them.

A flight level is a pressure altitude and moves with the weather, a height above mean sea level does not; neither is
ever turned into the other here. Source: ICAO Annex 15 (vertical limits); AIXM 5.1.1 (CodeVerticalReferenceType).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from vigie.terms.units import M_PER_FL, M_PER_FT

SFC: Final = 0
AMSL: Final = 1
FL: Final = 2
AGL: Final = 3
UNL: Final = 4
DATUMS: Final = ("SFC", "AMSL", "FL", "AGL", "UNL")
"""The names of the datum numbers, in order: surface, above mean sea level, flight level, above ground, unlimited."""


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

_WRITTEN: Final = re.compile(
    r"(?:(?P<fl>FL|F) ?(?P<level>\d{1,4})|(?P<value>\d{1,6}(?:\.\d+)?) ?(?P<unit>FT|M|F)? ?"
    r"(?P<datum>AMSL|MSL|ALT|AGL|ASFC|GND|SFC|STD|AAL)?)"
)
_UNLIMITED_WORDS: Final = frozenset({"UNL", "UNLIM", "UNLIMITED", "UNLTD"})
_SURFACE_WORDS: Final = frozenset({"SFC", "GND", "SURFACE", "GROUND", "0", "0 FT"})


def parse_level(text: str, usual: int = AMSL) -> Level:
    """Return the level that a text says; ``usual`` is the datum where the text names none. ValueError if it is none.

    ``FL 95``, ``FL095``, ``1500 FT AMSL``, ``100M``, ``500 AGL``, ``300 FT GND``, ``5000 STD``, ``SFC``, ``GND``,
    ``UNL``. A value without a unit is feet.
    """
    words = " ".join(text.upper().replace(",", "").split())
    if words in _UNLIMITED_WORDS:
        return UNLIMITED
    if words in _SURFACE_WORDS:
        return SURFACE
    found = _WRITTEN.fullmatch(words)
    if not found:
        raise ValueError(
            f"{text.strip()[:40]!r} is no level; write for example SFC, 1500 FT AMSL, 500 FT AGL, FL095, UNL"
        )
    if found["level"]:
        return Level(FL, int(found["level"]) * M_PER_FL)
    value_m = float(found["value"]) * (1.0 if found["unit"] == "M" else M_PER_FT)
    datum = found["datum"]
    if datum in ("AGL", "ASFC", "GND", "SFC", "AAL"):
        return Level(AGL, value_m) if value_m else SURFACE
    if datum == "STD":
        return Level(FL, value_m)
    return Level(AMSL if datum else usual, value_m)
