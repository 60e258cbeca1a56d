"""Compile every kernel of the watch on tiny input with the dtypes of production."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from vigie.airspace.volume import Volume
from vigie.flights.plan import FlightPlan, RoutePoint
from vigie.flights.store import State
from vigie.sensors.site import make_site
from vigie.terms.tables import HEALTH, IDENTITY, PLOT, TRACK
from vigie.watch.kernels.ground import Terrain
from vigie.watch.watch import Ground, Watch


def warmup() -> Iterator[str]:
    """Yield the name of each kernel group just before compiling it by a first run."""
    yield "watch: pairs, volumes, ground, routes"
    ring = ((2.0, 13.0), (2.0, 14.0), (3.0, 14.0), (3.0, 13.0))
    ground = Ground(
        volumes=(
            Volume(id="r", name="r", kind="R", rings=(ring,)),
            Volume(id="b", name="b", kind="BORDER", rings=(ring,)),
        ),
        terrain=Terrain(lat0_deg=12.0, lon0_deg=1.0, step_deg=1.0, heights_m=np.zeros((3, 3))),
    )
    watch = Watch(make_site(name="warm", lat_deg=13.0, lon_deg=2.0, sensors=()), ground)
    points = (RoutePoint(name="a", lat_deg=13.0, lon_deg=2.0), RoutePoint(name="b", lat_deg=14.0, lon_deg=3.0))
    watch.set_flights(State(plans={"p": FlightPlan(plan_id="p", callsign="WARM", points=points)}))
    tracks = TRACK.empty(2)
    tracks["track_no"], tracks["status"], tracks["now_ns"], tracks["toa_ns"] = (1, 2), 2, 10**9, 10**9
    tracks["lat_deg"], tracks["lon_deg"], tracks["press_alt_m"], tracks["geo_alt_m"] = 13.5, 2.5, 100.0, 100.0
    tracks["v_east_mps"], tracks["v_north_mps"], tracks["climb_mps"], tracks["turn_radps"] = 100.0, 0.0, 0.0, 0.0
    identities = IDENTITY.empty(2)
    identities["track_no"], identities["plan"] = (1, 2), b"p"
    watch.step(tracks, identities, PLOT.empty(), HEALTH.empty(), (), 10**9)
