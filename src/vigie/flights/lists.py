"""Lists that people keep: permits, repetitive plans, the aircraft register, known aircraft, waypoints, airways (CSV).

Each row that is wrong is set aside with file, line and column; the good ones count. The columns below are the
documentation too. Levels and speeds are in the units of the field here, in SI from here on.
"""

from __future__ import annotations

from typing import Final

from vigie.flights.plan import ABSENT_NS, KNOWN_AS, PERMIT_KINDS, Aircraft, KnownAircraft, Permit, RepetitivePlan
from vigie.flights.route import Place
from vigie.terms.levels import FL, parse_level
from vigie.terms.listing import Column, Problem, read_listing
from vigie.terms.units import MPS_PER_KT
from vigie.terms.utc import DAY_NS

_CALLSIGN: Final = r"[A-Z0-9]{1,8}\*?|[A-Z0-9]{1,7}\*"
_ADDRESS: Final = Column("icao24", "hex", "24-bit address, six hexadecimal digits", low=1, high=0xFFFFFF)
_VALID: Final = (
    Column("valid_from", "time", "first moment it is valid, UTC; empty: always"),
    Column("valid_to", "time", "end of validity, UTC, itself outside (a date: the whole day is valid); empty: always"),
)

PERMIT_COLUMNS: Final = (
    Column("number", "text", "number of the permit, unique", required=True, pattern=r"[\w ./-]{1,60}"),
    Column("kind", "text", "kind of permit", words=PERMIT_KINDS),
    Column("operator", "text", "operator it was given to"),
    Column("state", "text", "state of the operator, two letters of ISO 3166", pattern="[A-Z]{2}"),
    Column("callsigns", "list", "callsigns it is for, each may end in *", pattern=_CALLSIGN),
    Column("aircraft_types", "list", "type designators it is for", pattern="[A-Z][A-Z0-9]{1,3}"),
    Column("registrations", "list", "registrations it is for, each may end in *", pattern=r"[A-Z0-9-]{2,9}\*?"),
    Column("icao24s", "list", "24-bit addresses it is for", pattern="[0-9A-Fa-f]{6}"),
    Column("entry_points", "list", "points where it may come in", pattern="[A-Z0-9]{2,11}"),
    Column("exit_points", "list", "points where it may go out", pattern="[A-Z0-9]{2,11}"),
    *_VALID,
    Column("conditions", "text", "conditions, in words"),
    Column("revoked", "bool", "yes where it was taken back"),
)
RPL_COLUMNS: Final = (
    Column("callsign", "text", "callsign", required=True, pattern="[A-Z0-9]{1,8}"),
    Column("days", "text", "weekdays it flies: digits 1 Monday to 7 Sunday, 0 for none", pattern="[0-7]{1,7}"),
    Column("valid_from", "time", "first day"),
    Column("valid_to", "time", "last day, itself included"),
    Column("departure", "text", "departure aerodrome", required=True, pattern="[A-Z0-9]{4}"),
    Column("eobt", "text", "off-block time UTC, hhmm", required=True, pattern=r"(?:[01]\d|2[0-3])[0-5]\d"),
    Column("destination", "text", "destination aerodrome", required=True, pattern="[A-Z0-9]{4}"),
    Column("eet", "text", "time en route, hhmm", pattern=r"\d\d[0-5]\d"),
    Column("aircraft_type", "text", "type designator", pattern="[A-Z][A-Z0-9]{1,3}"),
    Column("wake", "text", "wake turbulence category", pattern="[LMHJ]"),
    Column("speed_kt", "number", "true airspeed, knots", low=20, high=2000),
    Column("level", "text", "cruising level: FL350, 9500 FT AMSL, VFR"),
    Column("route", "text", "route as in item 15"),
)
AIRCRAFT_COLUMNS: Final = (
    Column("icao24", "hex", "24-bit address, six hexadecimal digits", required=True, low=1, high=0xFFFFFF),
    Column("registration", "text", "registration", pattern=r"[A-Z0-9-]{2,9}"),
    Column("aircraft_type", "text", "type designator", pattern="[A-Z][A-Z0-9]{1,3}"),
    Column("operator", "text", "operator"),
    Column("state", "text", "state of registry, two letters of ISO 3166", pattern="[A-Z]{2}"),
    Column("military", "bool", "yes where it is a military aircraft"),
)
KNOWN_COLUMNS: Final = (
    Column("known_as", "text", "what it is known as", required=True, words=KNOWN_AS),
    _ADDRESS,
    Column("registration", "text", "registration, may end in *", pattern=r"[A-Z0-9-]{2,9}\*?"),
    Column("callsign", "text", "callsign, may end in *", pattern=_CALLSIGN),
    *_VALID,
    Column("reason", "text", "why, in words"),
)
WAYPOINT_COLUMNS: Final = (
    Column("name", "text", "name; several rows may have one name", required=True, pattern="[A-Z0-9]{2,11}"),
    Column("lat_deg", "number", "latitude, degrees WGS-84", required=True, low=-90, high=90),
    Column("lon_deg", "number", "longitude, degrees WGS-84", required=True, low=-180, high=180),
)
AIRWAY_COLUMNS: Final = (
    Column("airway", "text", "designator", required=True, pattern="[A-Z0-9]{2,7}"),
    Column("sequence", "number", "place in the order of its points; a gap or a smaller number begins another branch",
           required=True, low=0, high=100_000),
    *WAYPOINT_COLUMNS,
)  # fmt: skip
COLUMNS: Final[dict[str, tuple[Column, ...]]] = {
    "permits": PERMIT_COLUMNS, "repetitive": RPL_COLUMNS, "register": AIRCRAFT_COLUMNS, "known": KNOWN_COLUMNS,
    "waypoints": WAYPOINT_COLUMNS, "airways": AIRWAY_COLUMNS,
}  # fmt: skip
"""The lists by name, with their columns."""

Problems = tuple[Problem, ...]


def read_permits(text: str, file: str) -> tuple[tuple[Permit, ...], Problems]:
    """Return the permits of a CSV text, and the rows set aside; a number counts once."""
    listing = read_listing(text, file, PERMIT_COLUMNS)
    problems = list(listing.problems)
    found: dict[str, Permit] = {}
    for line, row in listing.rows:
        from_ns, to_ns = _validity(row)
        if from_ns >= 0 and 0 <= to_ns <= from_ns:
            problems.append(Problem(file, line, "valid_to", "is before valid_from"))
        elif row["number"] in found:
            problems.append(
                Problem(file, line, "number", f"{row['number']} stands in {found[row['number']].source} too")
            )
        else:
            found[row["number"]] = Permit(
                number=row["number"], kind=row.get("kind") or "overflight", operator=row.get("operator") or "",
                state=row.get("state") or "", callsigns=row.get("callsigns") or (),
                aircraft_types=row.get("aircraft_types") or (), registrations=row.get("registrations") or (),
                icao24s=tuple(int(a, 16) for a in row.get("icao24s") or ()), entry_points=row.get("entry_points") or (),
                exit_points=row.get("exit_points") or (), valid_from_ns=from_ns, valid_to_ns=to_ns,
                conditions=row.get("conditions") or "", revoked=bool(row.get("revoked")), source=f"{file}:{line}",
            )  # fmt: skip
    return tuple(found.values()), tuple(problems)


def read_repetitive(text: str, file: str) -> tuple[tuple[RepetitivePlan, ...], Problems]:
    """Return the repetitive plans of a CSV text, and the rows set aside."""
    listing = read_listing(text, file, RPL_COLUMNS)
    problems = list(listing.problems)
    found = []
    for line, row in listing.rows:
        level_m, datum = -1.0, ""
        words = (row.get("level") or "").upper()
        if words == "VFR":
            datum = "VFR"
        elif words:
            try:
                level = parse_level(words)
            except ValueError as why:
                problems.append(Problem(file, line, "level", str(why)))
                continue
            level_m, datum = level.value_m, "FL" if level.datum == FL else "AMSL"
        days = sum(1 << (int(d) - 1) for d in set(row.get("days") or "1234567") if d != "0")
        found.append(
            RepetitivePlan(
                callsign=row["callsign"], days=days, from_ns=_or_absent(row.get("valid_from")),
                to_ns=_or_absent(row.get("valid_to")), departure=row["departure"], eobt_s=_hhmm(row["eobt"]),
                destination=row["destination"], eet_s=_hhmm(row["eet"]) if row.get("eet") else -1,
                aircraft_type=row.get("aircraft_type") or "", wake=row.get("wake") or "",
                speed_mps=(row.get("speed_kt") or -1.0 / MPS_PER_KT) * MPS_PER_KT, level_m=level_m, level_datum=datum,
                route=row.get("route") or "", source=f"{file}:{line}",
            )
        )  # fmt: skip
    return tuple(found), tuple(problems)


def read_register(text: str, file: str) -> tuple[tuple[Aircraft, ...], Problems]:
    """Return the aircraft of a register, and the rows set aside."""
    listing = read_listing(text, file, AIRCRAFT_COLUMNS)
    found = tuple(
        Aircraft(**{k: v for k, v in row.items() if v is not None}, source=f"{file}:{line}")
        for line, row in listing.rows
    )
    return found, listing.problems


def read_known(text: str, file: str) -> tuple[tuple[KnownAircraft, ...], Problems]:
    """Return the known aircraft of a list, and the rows set aside: each must name an aircraft."""
    listing = read_listing(text, file, KNOWN_COLUMNS)
    problems = list(listing.problems)
    found = []
    for line, row in listing.rows:
        if not (row.get("icao24") or row.get("registration") or row.get("callsign")):
            problems.append(Problem(file, line, "icao24", "names no aircraft: give icao24, registration or callsign"))
            continue
        from_ns, to_ns = _validity(row)
        found.append(
            KnownAircraft(
                known_as=row["known_as"], reason=row.get("reason") or "", icao24=row.get("icao24") or 0,
                registration=row.get("registration") or "", callsign=row.get("callsign") or "", valid_from_ns=from_ns,
                valid_to_ns=to_ns, listed_in=file, source=f"{file}:{line}",
            )
        )  # fmt: skip
    return tuple(found), tuple(problems)


def read_waypoints(text: str, file: str) -> tuple[dict[str, tuple[Place, ...]], Problems]:
    """Return the places of each name, and the rows set aside."""
    listing = read_listing(text, file, WAYPOINT_COLUMNS)
    found: dict[str, tuple[Place, ...]] = {}
    for _, row in listing.rows:
        place = (row["lat_deg"], row["lon_deg"])
        if place not in found.get(row["name"], ()):
            found[row["name"]] = (*found.get(row["name"], ()), place)
    return found, listing.problems


def read_airways(text: str, file: str) -> tuple[dict[str, tuple[tuple[tuple[str, Place], ...], ...]], Problems]:
    """Return the branches of each airway as chains of named places, and the rows set aside."""
    listing = read_listing(text, file, AIRWAY_COLUMNS)
    chains: dict[str, list[list[tuple[str, Place]]]] = {}
    last: dict[str, float] = {}
    for _, row in listing.rows:
        name, sequence = row["airway"], row["sequence"]
        branches = chains.setdefault(name, [])
        if not branches or sequence != last[name] + 1:
            branches.append([])
        branches[-1].append((row["name"], (row["lat_deg"], row["lon_deg"])))
        last[name] = sequence
    return {name: tuple(tuple(b) for b in branches) for name, branches in chains.items()}, listing.problems


def _validity(row: dict[str, object]) -> tuple[int, int]:
    """Return first moment and end; an end that is a midnight was given as a date, whose whole day is valid."""
    from_ns, to_ns = _or_absent(row.get("valid_from")), _or_absent(row.get("valid_to"))
    return from_ns, to_ns + DAY_NS if to_ns >= 0 and to_ns % DAY_NS == 0 else to_ns


def _or_absent(value: object) -> int:
    return value if isinstance(value, int) else ABSENT_NS


def _hhmm(text: str) -> int:
    return (int(text[:2]) * 60 + int(text[2:])) * 60
