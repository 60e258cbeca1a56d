"""What a screen is told of the site: the centre, its sensors and its areas, as JSON."""

from __future__ import annotations

import json
from typing import Any

from vigie.airspace import store as airspace
from vigie.airspace.geojson import geometry_of
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
                "type": "Feature", "id": i,
                "properties": {
                    "id": v.id, "name": v.name, "kind": v.kind, "class": v.icao_class, "floor": str(v.floor),
                    "ceiling": str(v.ceiling), "active": active, "remarks": v.remarks[:200],
                },
                "geometry": shape,
            }
            for i, (v, active, shape) in enumerate(
                zip(self._volumes, airspace.active_ids(self._state, self._volumes, t_ns), self._shapes, strict=True)
            )
        ]  # fmt: skip
        return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def no_history(_question: str, _params: dict[str, str]) -> str:
    """Refuse a question: there is no archive here."""
    raise UsageError("there is no archive here: a live centre makes one in the background")
