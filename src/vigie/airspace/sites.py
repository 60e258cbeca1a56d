"""Protected sites: places whose approach is watched and ranked by risk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.earth.wgs84 import Floats
from vigie.terms.listing import Column, Problem, read_listing


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedSite:
    """One place to protect: approaches inside ``warn_m`` are looked at, ``radius_m`` is the place itself."""

    id: str
    name: str
    lat_deg: float
    lon_deg: float
    radius_m: float = 500.0
    warn_m: float = 20_000.0
    weight: float = 1.0
    """How much it matters, 0 to 1: multiplies the risk of an approach."""
    amsl_m: float = 0.0
    source: str = ""


SITE_COLUMNS: Final = (
    Column("id", "text", "short name, unique", required=True, pattern=r"[\w.-]{1,40}"),
    Column("name", "text", "name", required=True),
    Column("lat_deg", "number", "latitude, degrees WGS-84", required=True, low=-90, high=90),
    Column("lon_deg", "number", "longitude, degrees WGS-84", required=True, low=-180, high=180),
    Column("radius_m", "number", "radius of the place, metres", low=1, high=50_000),
    Column("warn_m", "number", "distance from which approaches are looked at, metres", low=10, high=500_000),
    Column("weight", "number", "how much it matters, 0 to 1", low=0, high=1),
    Column("amsl_m", "number", "height above mean sea level, metres", low=-500, high=9_000),
)
"""The columns of a CSV file of protected sites."""


def read_sites(text: str, file: str) -> tuple[tuple[ProtectedSite, ...], tuple[Problem, ...]]:
    """Return the protected sites of a CSV text and the rows that were set aside, each named."""
    listing = read_listing(text, file, SITE_COLUMNS)
    found = tuple(
        ProtectedSite(**{k: v for k, v in row.items() if v is not None}, source=f"{file}:{line}")
        for line, row in listing.rows
    )
    return found, listing.problems


def site_arrays(sites: tuple[ProtectedSite, ...]) -> Floats:
    """Return (n, 5): latitude and longitude (rad), radius (m), warning distance (m), weight, for kernels."""
    rows = [(np.radians(s.lat_deg), np.radians(s.lon_deg), s.radius_m, s.warn_m, s.weight) for s in sites]
    return np.array(rows, np.float64).reshape(len(rows), 5)
