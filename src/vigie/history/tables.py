"""The tables of the archive that no step knows: a flight summed up, a stay within an area, what people did."""

from __future__ import annotations

from typing import Any, Final

from vigie.terms.tables import ABSENT_MODE3A, NAN, Column, Table


def column(name: str, kind: str, unit: str, meaning: str, absent: Any = 0) -> Column:
    """Return a column with the absent value of its type."""
    if kind in {"f4", "f8"}:
        absent = NAN
    elif kind.startswith("text"):
        absent = b""
    return Column(name, kind, unit, meaning, absent)


FLIGHT: Final = Table(
    "flight",
    "One track's life as the archive sums it up.",
    (
        column("first_ns", "i8", "ns", "first confirmed output (UTC)"),
        column("last_ns", "i8", "ns", "last confirmed output (UTC)"),
        column("track_no", "u4", "", "the track"),
        column("icao24", "u4", "", "24-bit aircraft address heard most, 0 none"),
        column("mode3a", "u2", "", "Mode 3/A code heard most, 65535 none", ABSENT_MODE3A),
        column("callsign", "text8", "", "aircraft identification, the last"),
        column("from_aerodrome", "text8", "", "where it was seen to take off, empty: not seen"),
        column("takeoff_ns", "i8", "ns", "when it left the runway, 0 not seen"),
        column("takeoff_evidence", "text240", "", "why it is held to be a take-off"),
        column("to_aerodrome", "text8", "", "where it was seen to land, empty: not seen"),
        column("landed_ns", "i8", "ns", "when it was on the runway, 0 not seen"),
        column("landed_evidence", "text240", "", "why it is held to be a landing"),
        column("min_alt_m", "f8", "m", "lowest pressure altitude (height where it sends none)"),
        column("max_alt_m", "f8", "m", "highest"),
        column("max_speed_mps", "f4", "m/s", "highest ground speed"),
        column("south_deg", "f8", "deg", "bounding box"),
        column("north_deg", "f8", "deg", "bounding box"),
        column("west_deg", "f8", "deg", "bounding box"),
        column("east_deg", "f8", "deg", "bounding box"),
        column("first_lat_deg", "f8", "deg", "where it was first seen"),
        column("first_lon_deg", "f8", "deg", "where it was first seen"),
        column("last_lat_deg", "f8", "deg", "where it was last seen"),
        column("last_lon_deg", "f8", "deg", "where it was last seen"),
        column("dark_share", "f4", "", "share of its rows without an answer of a transponder in the 15 s before"),
        column("dark_ns", "i8", "ns", "first such row, 0 none"),
        column("sensors", "u8", "", "bit set of the sensor ids (modulo 64) that ever updated it"),
        column("rows", "u4", "", "its rows in the archive"),
    ),
)  # fmt: skip

CROSSING: Final = Table(
    "crossing",
    "One stay of a track within an area, as the archive sums it up.",
    (
        column("entered_ns", "i8", "ns", "first output within"),
        column("left_ns", "i8", "ns", "last output within"),
        column("track_no", "u4", "", "the track"),
        column("area", "text40", "", "identifier of the volume"),
        column("min_alt_m", "f8", "m", "lowest altitude within"),
        column("max_alt_m", "f8", "m", "highest altitude within"),
        column("from_inside", "u1", "", "1: it was first seen within"),
    ),
)  # fmt: skip

CELL: Final = Table(
    "cell",
    "A tenth of a degree square that a track was in, as the archive sums it up.",
    (
        column("first_ns", "i8", "ns", "first output within"),
        column("last_ns", "i8", "ns", "last output within"),
        column("track_no", "u4", "", "the track"),
        column("cell", "i4", "", "3600 x floor((latitude + 90) x 10) + floor((longitude + 180) x 10)"),
    ),
)  # fmt: skip

NAME: Final = Table(
    "name",
    "What a track was called, as the archive sums it up: one row for each set of names it bore at once.",
    (
        column("first_ns", "i8", "ns", "first output with these"),
        column("last_ns", "i8", "ns", "last output with these"),
        column("track_no", "u4", "", "the track"),
        column("icao24", "u4", "", "24-bit aircraft address, 0 absent"),
        column("mode3a", "u2", "", "Mode 3/A code, 65535 absent", ABSENT_MODE3A),
        column("callsign", "text8", "", "aircraft identification"),
    ),
)  # fmt: skip

ACT: Final = Table(
    "act",
    "What a person did.",
    (
        Column("now_ns", "i8", "ns", "the step it took effect in"),
        Column("who", "text24", "", "account", b""),
        Column("role", "text16", "", "role", b""),
        Column("act", "text24", "", "what", b""),
        Column("subject", "text40", "", "on what", b""),
        Column("value", "text240", "", "with which value", b""),
        Column("reason", "text240", "", "why", b""),
    ),
)
