"""Areas as people draw them: an outline, a circle or a corridor, as the keys of a site file or of an act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vigie.airspace.shapes import circle, clean_ring, corridor
from vigie.airspace.volume import Ring, Volume
from vigie.terms.levels import SURFACE, UNLIMITED, parse_level


def drawn_rings(keys: Mapping[str, Any]) -> tuple[Ring, ...]:
    """Return the outline of checked keys (latitude first); ValueError where it has fewer than three points."""
    if "radius_m" in keys:
        ring = circle((keys["lon_deg"], keys["lat_deg"]), keys["radius_m"])
    elif "centreline_deg" in keys:
        ring = corridor([(lon, lat) for lat, lon in keys["centreline_deg"]], keys["width_m"])
    else:
        ring = clean_ring([(float(lon), float(lat)) for lat, lon in keys["outline_deg"]])
    if len(ring) < 3:
        raise ValueError("has fewer than three different points")
    return (ring,)


def drawn_volume(keys: Mapping[str, Any], source: str) -> Volume:
    """Return the volume of checked keys; ValueError for an outline or a level that cannot be."""
    return Volume(
        id=keys["id"], name=keys.get("name", keys["id"]), kind=keys["kind"], rings=drawn_rings(keys), source=source,
        floor=parse_level(keys["floor"]) if "floor" in keys else SURFACE,
        ceiling=parse_level(keys["ceiling"]) if "ceiling" in keys else UNLIMITED,
        rules=tuple(keys.get("rules", ())),
        parameters=tuple((k, float(v)) for k, v in keys.get("parameters", {}).items()),
    )  # fmt: skip
