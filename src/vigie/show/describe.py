"""What a screen is told of the site: the centre and its sensors, as JSON."""

from __future__ import annotations

from typing import Any

from vigie.sensors.site import Site


def site_json(site: Site) -> dict[str, Any]:
    """Return the ``site`` of the hello message and of ``/api/site``; ``sac``/``sic`` are -1 where there is none."""
    return {
        "name": site.name,
        "lat_deg": site.lat_deg,
        "lon_deg": site.lon_deg,
        "exercise": site.exercise,
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
