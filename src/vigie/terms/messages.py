"""Messages that change what the house knows: of a flight, of an area.

They are read in ``wire`` and applied to ``flights`` and ``airspace``; these types are the only coupling of the two.
Field units stay at the edge: values here are SI, times are ns UTC or seconds of a day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.terms.levels import SURFACE, UNLIMITED, Level
from vigie.terms.windows import Window

FLIGHT_KINDS: Final = ("FPL", "CHG", "CNL", "DLA", "DEP", "ARR", "CPL", "EST", "RPL")
"""Kinds of flight message: filed plan, change, cancellation, delay, departure, arrival, current plan, estimate."""

VFR_LEVEL: Final = "VFR"
ABSENT_CODE: Final = 65535


@dataclass(frozen=True, slots=True)
class SetAside:
    """One message that could not be used: what it was, which field is wrong and why."""

    kind: str
    field: str
    reason: str
    text: str = ""
    source: str = ""

    def __str__(self) -> str:
        return f"{self.kind or 'message'} set aside: field {self.field}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightMessage:
    """One flight message. Absent: empty text, -1 for times and numbers, 65535 for the code.

    ``*_s`` are seconds of the day UTC; ``dof_ns`` is the midnight of the date of flight. ``level_m`` is the cruising
    level in metres over ``level_datum`` (FL: pressure altitude; AMSL; VFR: none). ``other`` is field 18 as pairs.
    In a CHG, ``changed`` names the fields that the message brings; all others only say which flight is meant.
    Source: ICAO Doc 4444, appendix 3.
    """

    kind: str
    callsign: str = ""
    mode3a: int = ABSENT_CODE
    icao24: int = 0
    registration: str = ""
    rules: str = ""
    flight_type: str = ""
    number: int = 1
    aircraft_type: str = ""
    wake: str = ""
    equipment: str = ""
    surveillance: str = ""
    departure: str = ""
    eobt_s: int = -1
    dof_ns: int = -1
    speed_mps: float = -1.0
    mach: float = -1.0
    level_m: float = -1.0
    level_datum: str = ""
    route: str = ""
    destination: str = ""
    eet_s: int = -1
    alternates: tuple[str, ...] = ()
    other: tuple[tuple[str, str], ...] = ()
    departed_s: int = -1
    arrived_at: str = ""
    arrived_s: int = -1
    estimate_point: str = ""
    estimate_s: int = -1
    estimate_level_m: float = -1.0
    changed: tuple[str, ...] = ()
    received_ns: int = -1
    source: str = ""
    text: str = ""

    def item(self, name: str) -> str:
        """Return one indicator of field 18, empty where it is absent."""
        return next((value for key, value in self.other if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One NOTAM. ``kind`` is N (new), R (replaces ``refers_to``) or C (cancels it).

    ``rings`` are outlines found in item E, as (longitude, latitude); ``circle`` is (lon, lat, radius m) of item E
    or, failing that, of the Q line (``circle_of_q``). ``areas`` are designators and names of areas that item E says.
    ``times`` are the windows of items B, C and D. Source: ICAO Annex 15, appendix 3; Doc 8126.
    """

    number: str
    kind: str = "N"
    refers_to: str = ""
    fir: str = ""
    q_code: str = ""
    traffic: str = ""
    purpose: str = ""
    scope: str = ""
    places: tuple[str, ...] = ()
    from_ns: int = -1
    to_ns: int = -1
    estimated: bool = False
    permanent: bool = False
    times: tuple[Window, ...] = ()
    body: str = ""
    areas: tuple[str, ...] = ()
    rings: tuple[tuple[tuple[float, float], ...], ...] = ()
    circle: tuple[float, float, float] | None = None
    circle_of_q: bool = False
    floor: Level = SURFACE
    ceiling: Level = UNLIMITED
    source: str = ""
    text: str = ""
