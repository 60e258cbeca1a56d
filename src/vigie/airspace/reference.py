"""The simplified reference of Niger and its neighbours that comes with Vigie. NOT FOR OPERATIONS.

Made by ``builders/niger.py`` from public-domain borders; the flight information region, fixes and airways are our own
drawing, for exercises and first steps only.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from vigie.airspace.aerodromes import Aerodrome, read_aerodromes
from vigie.airspace.geojson import read_geojson
from vigie.airspace.volume import Volume

BUILTIN: Final = "builtin:niger"
NOT_FOR_OPERATIONS: Final = "NOT FOR OPERATIONS"


def reference_text(name: str) -> str:
    """Return the text of one file of the reference: areas.geojson, aerodromes.csv, waypoints.csv or airways.csv."""
    return files("vigie.airspace").joinpath(f"data/{name}").read_text("utf-8")


@cache
def reference_volumes() -> tuple[Volume, ...]:
    """Return the simplified Niamey flight information region and the borders."""
    return read_geojson(reference_text("areas.geojson"), BUILTIN)[0]


@cache
def reference_aerodromes() -> tuple[Aerodrome, ...]:
    """Return the aerodromes of Niger and its neighbours."""
    return read_aerodromes(reference_text("aerodromes.csv"), BUILTIN)[0]
