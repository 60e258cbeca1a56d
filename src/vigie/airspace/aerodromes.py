"""Aerodromes: where aircraft may start and land, and how high the place is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.earth.wgs84 import Floats
from vigie.terms.listing import Column, Listing, Problem, read_listing
from vigie.terms.units import M_PER_FT


@dataclass(frozen=True, slots=True, kw_only=True)
class Aerodrome:
    """One aerodrome. ``icao`` is its location indicator; ``state`` the two letters of ISO 3166."""

    icao: str
    name: str
    lat_deg: float
    lon_deg: float
    elevation_amsl_m: float = 0.0
    state: str = ""
    military: bool = False
    radius_m: float = 5_000.0
    source: str = ""


AERODROME_COLUMNS: Final = (
    Column("icao", "text", "location indicator, 2 to 7 letters and digits", required=True, pattern=r"[A-Z0-9]{2,7}"),
    Column("name", "text", "name", required=True),
    Column("lat_deg", "number", "latitude, degrees WGS-84", required=True, low=-90, high=90),
    Column("lon_deg", "number", "longitude, degrees WGS-84", required=True, low=-180, high=180),
    Column("elevation_ft", "number", "elevation above mean sea level, feet", low=-1500, high=20000),
    Column("state", "text", "two letters of ISO 3166", pattern=r"[A-Z]{2}"),
    Column("military", "bool", "yes or no"),
    Column("radius_m", "number", "radius of the aerodrome, metres", low=100, high=50_000),
)  # fmt: skip
"""The columns of a CSV file of aerodromes."""


def read_aerodromes(text: str, file: str) -> tuple[tuple[Aerodrome, ...], tuple[Problem, ...]]:
    """Return the aerodromes of a CSV text and the rows that were set aside, each named."""
    listing: Listing = read_listing(text, file, AERODROME_COLUMNS)
    found = tuple(
        Aerodrome(
            icao=row["icao"], name=row["name"], lat_deg=row["lat_deg"], lon_deg=row["lon_deg"],
            elevation_amsl_m=(row.get("elevation_ft") or 0.0) * M_PER_FT, state=row.get("state") or "",
            military=bool(row.get("military")), radius_m=row.get("radius_m") or 5_000.0,
            source=f"{file}:{line}",
        )
        for line, row in listing.rows
    )  # fmt: skip
    return found, listing.problems


def aerodrome_arrays(aerodromes: tuple[Aerodrome, ...]) -> Floats:
    """Return (n, 4): latitude and longitude (rad), elevation (m AMSL), radius (m), for kernels."""
    rows = [(np.radians(a.lat_deg), np.radians(a.lon_deg), a.elevation_amsl_m, a.radius_m) for a in aerodromes]
    return np.array(rows, np.float64).reshape(len(rows), 4)
