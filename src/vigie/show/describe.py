"""What a screen is told of the site: the centre, its sensors and its areas, as JSON."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from vigie.airspace import store as airspace
from vigie.airspace.geojson import geometry_of
from vigie.airspace.volume import Volume
from vigie.sensors.site import Site
from vigie.terms.errors import UsageError


def site_json(site: Site) -> dict[str, Any]:
    """Return the ``site`` of the hello message and of ``/api/site``; ``sac``/``sic`` are -1 where there is none."""
    return {
        "name": site.name,
        "lat_deg": site.lat_deg,
        "lon_deg": site.lon_deg,
        "exercise": site.exercise,
        "sounds": site.policy["alerts"].keys.get("sounds", {}) if "alerts" in site.policy else {},
        "sensors": [
            {
                "id": s.id,
                "name": s.name,
                "kind": s.kind,
                "lat_deg": s.lat_deg,
                "lon_deg": s.lon_deg,
                "height_m": s.height_m,
                "max_range_m": s.max_range_m,
                "period_s": s.period_s,
                "sac": s.sac,
                "sic": s.sic,
                "link": site.link_number(s),
            }
            for s in site.sensors
        ],
    }


def no_areas(_: int) -> str:
    """Return the areas of a centre that knows none."""
    return '{"type":"FeatureCollection","features":[]}'


def no_cover(_well: frozenset[int], _level_fl: int) -> str:
    """Return the cover of a centre that says none."""
    return no_areas(0)


def airspace_facts(state: airspace.State, drawn: Collection[str], t_ns: int) -> dict[str, Any]:
    """Return for the status message what people and notices made of the areas: those drawn, those switched."""
    volumes = airspace.all_volumes(state)
    active = airspace.active_ids(state, volumes, t_ns)
    return {
        "airspace": {
            "drawn": [
                {"type": "Feature", "properties": _properties(v, now), "geometry": geometry_of(v.rings)}
                for v, now in zip(volumes, active, strict=True) if v.id in drawn
            ],
            "active": {
                v.id: now for v, now in zip(volumes, active, strict=True)
                if v.id not in drawn and now != v.active_at(t_ns)
            },
        }
    }  # fmt: skip


def _properties(v: Volume, active: bool) -> dict[str, Any]:
    return {
        "id": v.id, "name": v.name, "kind": v.kind, "class": v.icao_class, "floor": str(v.floor),
        "ceiling": str(v.ceiling), "active": active, "remarks": v.remarks[:200],
    }  # fmt: skip


class Areas:
    """The areas for the map, as GeoJSON: outlines made once, what counts looked up for the time asked for."""

    def __init__(self, state: airspace.State) -> None:
        self._state = state
        self._volumes = airspace.all_volumes(state)
        self._shapes = [geometry_of(v.rings) for v in self._volumes]

    def at(self, t_ns: int) -> str:
        """Return a FeatureCollection; ``active`` says what counts at ``t_ns``."""
        features = [
            {
                "type": "Feature", "id": i, "properties": _properties(v, active), "geometry": shape,
            }
            for i, (v, active, shape) in enumerate(
                zip(self._volumes, airspace.active_ids(self._state, self._volumes, t_ns), self._shapes, strict=True)
            )
        ]  # fmt: skip
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def no_history(_question: str, _params: dict[str, str]) -> str:
    """Refuse a question: there is no archive here."""
    raise UsageError("there is no archive here: a live centre makes one in the background")
