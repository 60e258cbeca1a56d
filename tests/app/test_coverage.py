"""The cover layer: covered and gap fill the box and agree with asking for each place; health and level change it."""

from __future__ import annotations

import json

import numpy as np
import shapely

from vigie.app.coverage import CoverLayer
from vigie.cover.cover import Cover
from vigie.sensors.site import Sensor, make_site, sensor_defaults

SITE = make_site(
    name="x", lat_deg=13.5, lon_deg=2.2,
    sensors=(
        Sensor(id=1, name="a", kind="radar", lat_deg=13.5, lon_deg=2.2, height_m=30.0, **sensor_defaults("radar")),
        Sensor(id=2, name="b", kind="adsb", lat_deg=17.0, lon_deg=8.0, height_m=20.0, **sensor_defaults("adsb")),
    ),
)  # fmt: skip


def shapes(layer: CoverLayer, well: frozenset[int], level_fl: int) -> dict[str, shapely.Geometry]:
    tree = json.loads(layer.at(well, level_fl))
    return {f["properties"]["kind"]: shapely.union_all(shapely.from_geojson(json.dumps(f["geometry"])).geoms)
            for f in tree["features"]}  # fmt: skip


def test_covered_and_gap_are_what_the_points_say() -> None:
    layer, cover = CoverLayer(SITE), Cover(SITE)
    found = shapes(layer, frozenset({1, 2}), 100)
    assert found["covered"].intersection(found["gap"]).area < 1e-6
    assert found["covered"].union(found["gap"]).geom_type == "Polygon"
    rng = np.random.default_rng(3)
    edge = found["covered"].boundary
    for lon, lat in zip(rng.uniform(-1, 12, 200), rng.uniform(10, 20, 200), strict=True):
        point = shapely.Point(lon, lat)
        if edge.distance(point) > 0.3:
            assert found["covered"].contains(point) is bool(cover.seen_by(lat, lon, 3048.0))


def test_less_is_seen_low_down_and_nothing_by_nobody() -> None:
    layer = CoverLayer(SITE)
    areas = [shapes(layer, frozenset({1, 2}), fl)["covered"].area for fl in (10, 100, 350)]
    assert areas[0] < areas[1] < areas[2]
    assert shapes(layer, frozenset({2}), 100)["covered"].area < areas[1]
    assert shapes(layer, frozenset(), 100)["covered"].area == 0
    well, ill = shapes(layer, frozenset({1, 2}), 100), shapes(layer, frozenset({1}), 100)
    assert well["lost"].is_empty
    assert abs(ill["lost"].area - (well["covered"].area - ill["covered"].area)) < 1e-6
    assert abs(ill["gap"].area - well["gap"].area) < 1e-6
    assert json.loads(CoverLayer(make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=())).at(frozenset(), 100)) == {
        "type": "FeatureCollection", "features": [],
    }  # fmt: skip
