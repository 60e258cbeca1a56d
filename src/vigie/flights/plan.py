"""What is known of flights: plans, permits, repetitive plans, aircraft, and aircraft of which something is known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

ABSENT_NS: Final = -1
NO_CODE: Final = 65535
PLAN_STATES: Final = ("filed", "active", "arrived", "cancelled")
KNOWN_AS: Final = ("friend", "assumed_friend", "neutral", "suspect", "hostile", "own_state", "watched")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutePoint:
    """One point of an expanded route. ``via`` is the airway or ``DCT`` that leads to it; ``eto_ns`` -1 if unknown."""

    name: str
    lat_deg: float
    lon_deg: float
    eto_ns: int = ABSENT_NS
    via: str = "DCT"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlightPlan:
    """One flight as filed and as it went. Absent: empty text, -1 for times and numbers, 0 for the address.

    ``plan_id`` is callsign, departure and off-block time in UTC: ``NIG105/DRRN/2611271030``; it stays when the flight
    is delayed. ``route`` is the text, ``points`` what could be drawn of it, ``unresolved`` the parts that could not.
    ``code_due`` is the Mode 3/A code assigned to it (65535: none). ``level_datum``: FL, AMSL or VFR.
    """

    plan_id: str
    callsign: str
    icao24: int = 0
    registration: str = ""
    rules: str = "I"
    flight_type: str = "S"
    number: int = 1
    aircraft_type: str = ""
    wake: str = ""
    equipment: str = ""
    surveillance: str = ""
    departure: str = ""
    eobt_ns: int = ABSENT_NS
    speed_mps: float = -1.0
    level_m: float = -1.0
    level_datum: str = ""
    route: str = ""
    points: tuple[RoutePoint, ...] = ()
    unresolved: tuple[str, ...] = ()
    destination: str = ""
    eet_s: int = -1
    alternates: tuple[str, ...] = ()
    other: tuple[tuple[str, str], ...] = ()
    code_due: int = NO_CODE
    state: str = "filed"
    atd_ns: int = ABSENT_NS
    ata_ns: int = ABSENT_NS
    arrived_at: str = ""
    estimate_point: str = ""
    estimate_ns: int = ABSENT_NS
    estimate_level_m: float = -1.0
    source: str = ""
    changes: int = 0
    last_message: str = ""

    @property
    def start_ns(self) -> int:
        """Departure as known best: actual, else off-block as filed or delayed."""
        return self.atd_ns if self.atd_ns != ABSENT_NS else self.eobt_ns

    @property
    def end_ns(self) -> int:
        """Arrival as known best: actual, else start plus the time en route; -1 where neither is known."""
        if self.ata_ns != ABSENT_NS:
            return self.ata_ns
        return ABSENT_NS if self.eet_s < 0 or self.start_ns < 0 else self.start_ns + self.eet_s * 1_000_000_000

    def item(self, name: str) -> str:
        """Return one indicator of field 18 (``OPR``, ``REG``, ``STS`` ...), empty where it is absent."""
        return next((value for key, value in self.other if key == name), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """One permit to fly. Empty lists do not limit; a flight fits when everything that is said fits it.

    ``callsigns`` may end in ``*``. ``conditions`` is text for people. ``revoked`` ends it whatever the dates.
    """

    number: str
    kind: str = "overflight"
    operator: str = ""
    state: str = ""
    callsigns: tuple[str, ...] = ()
    aircraft_types: tuple[str, ...] = ()
    registrations: tuple[str, ...] = ()
    icao24s: tuple[int, ...] = ()
    entry_points: tuple[str, ...] = ()
    exit_points: tuple[str, ...] = ()
    valid_from_ns: int = ABSENT_NS
    valid_to_ns: int = ABSENT_NS
    conditions: str = ""
    revoked: bool = False
    source: str = ""


PERMIT_KINDS: Final = ("overflight", "landing", "diplomatic", "military", "survey", "medical", "state", "drone")


@dataclass(frozen=True, slots=True, kw_only=True)
class RepetitivePlan:
    """A flight that repeats: on ``days`` (bit 0 Monday), from one midnight to another, both included."""

    callsign: str
    aircraft_type: str = ""
    wake: str = ""
    days: int = 0b1111111
    from_ns: int = ABSENT_NS
    to_ns: int = ABSENT_NS
    departure: str = ""
    eobt_s: int = 0
    speed_mps: float = -1.0
    level_m: float = -1.0
    level_datum: str = "FL"
    route: str = ""
    destination: str = ""
    eet_s: int = -1
    other: tuple[tuple[str, str], ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aircraft:
    """One aircraft of the register."""

    icao24: int
    registration: str = ""
    aircraft_type: str = ""
    operator: str = ""
    state: str = ""
    military: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownAircraft:
    """An aircraft of which something is known: by address, registration or callsign (which may end in ``*``)."""

    known_as: str
    reason: str = ""
    icao24: int = 0
    registration: str = ""
    callsign: str = ""
    valid_from_ns: int = ABSENT_NS
    valid_to_ns: int = ABSENT_NS
    listed_in: str = ""
    source: str = field(default="")


def fits(pattern: str, text: str) -> bool:
    """Return whether a callsign or registration fits a pattern: equal, or the same beginning where it ends in ``*``."""
    if pattern.endswith("*"):
        return bool(text) and text.startswith(pattern[:-1])
    return bool(text) and pattern.replace("-", "") == text.replace("-", "")


def permit_covers(
    permit: Permit, t_ns: int, *, callsign: str = "", registration: str = "", icao24: int = 0,
    aircraft_type: str = "", operator: str = "",
) -> tuple[bool, str]:  # fmt: skip
    """Return whether a permit covers a flight at ``t_ns`` and, where not, the first reason in words.

    Entry and exit points are left to the caller, who knows the way the flight takes. What the permit limits and the
    caller does not know does not fit: the reason says so.
    """
    if permit.revoked:
        return False, "permit revoked"
    if permit.valid_from_ns != ABSENT_NS and t_ns < permit.valid_from_ns:
        return False, "permit not yet valid"
    if permit.valid_to_ns != ABSENT_NS and t_ns >= permit.valid_to_ns:
        return False, "permit no longer valid"
    if permit.callsigns and not any(fits(p, callsign) for p in permit.callsigns):
        return False, "callsign not in permit" if callsign else "callsign unknown"
    if permit.registrations and not any(fits(p, registration) for p in permit.registrations):
        return False, "registration not in permit" if registration else "registration unknown"
    if permit.icao24s and icao24 not in permit.icao24s:
        return False, "address not in permit" if icao24 else "address unknown"
    if permit.aircraft_types and aircraft_type not in permit.aircraft_types:
        return False, "aircraft type not in permit" if aircraft_type else "aircraft type unknown"
    if (
        permit.operator
        and not (permit.callsigns or permit.registrations or permit.icao24s)
        and (operator.upper() != permit.operator.upper())
    ):
        return False, "operator not in permit" if operator else "operator unknown"
    return True, ""
