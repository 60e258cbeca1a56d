"""Volumes on the ellipsoid: inside, distance and crossing times against PROJ and shapely, at any place."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from vigie.airspace.index import Index, build_index
from vigie.airspace.kernels import FAR_M, contains, first_crossing, lateral, nearest
from vigie.airspace.shapes import arc_between, circle, corridor, ring_edges, straight_in_degrees
from vigie.airspace.volume import AGL, AMSL, FL, Level, Ring, Volume

GEOD = Geod(ellps="WGS84")

centres = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


def star(centre: tuple[float, float], radii_m: list[float]) -> Ring:
    bearings = np.linspace(0, 360, len(radii_m), endpoint=False)
    return tuple(GEOD.fwd(centre[0], centre[1], b, r)[:2] for b, r in zip(bearings, radii_m, strict=True))


def dense(ring: Ring, step_m: float = 500.0) -> np.ndarray:
    points: list[tuple[float, float]] = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        length = GEOD.inv(*a, *b)[2]
        points += [a, *GEOD.npts(*a, *b, int(length / step_m))]
    return np.array(points)


def projected_polygon(ring: Ring, centre: tuple[float, float]) -> tuple[shapely.Polygon, Transformer]:
    to_plane = Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lat_0={centre[1]} +lon_0={centre[0]} +ellps=WGS84", always_xy=True
    )
    x, y = to_plane.transform(*dense(ring).T)
    return shapely.Polygon(np.column_stack([x, y])), to_plane


@settings(max_examples=15)
@given(centres, st.lists(st.floats(20e3, 600e3), min_size=3, max_size=9), st.integers(0, 2**32))
def test_inside_and_distance_agree_with_proj_and_shapely(
    centre: tuple[float, float], radii_m: list[float], seed: int
) -> None:
    radii_m = radii_m if len(radii_m) > 3 else [*radii_m, radii_m[0]]  # under 180 degrees between corners
    ring = star(centre, radii_m)
    polygon, to_plane = projected_polygon(ring, centre)
    corners = dense(ring)
    edges = ring_edges(ring)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        lon, lat, _ = GEOD.fwd(*centre, rng.uniform(0, 360), rng.uniform(0, 700e3))
        true_m = GEOD.inv(np.full(len(corners), lon), np.full(len(corners), lat), *corners.T)[2].min()
        found_m = lateral(math.radians(lat), math.radians(lon), edges, 0, len(edges))
        if true_m > 5_000.0:  # nearer, the samples of the oracle are too coarse
            assert (found_m < 0) == polygon.contains(shapely.Point(*to_plane.transform(lon, lat)))
            assert abs(found_m) == pytest.approx(true_m, abs=8.0)
            bearing_m, bearing = nearest(math.radians(lat), math.radians(lon), edges, 0, len(edges))
            assert bearing_m == abs(found_m)
            reached = GEOD.fwd(lon, lat, math.degrees(bearing), bearing_m)
            assert abs(lateral(math.radians(reached[1]), math.radians(reached[0]), edges, 0, len(edges))) < 15.0


@settings(max_examples=15)
@given(centres, st.floats(20e3, 500e3), st.floats(0, 360), st.floats(0.05, 0.9), st.floats(60, 300))
def test_the_time_of_crossing_is_where_proj_flies(
    centre: tuple[float, float], radius_m: float, course: float, part: float, speed: float
) -> None:
    edges = ring_edges(circle(centre, radius_m))
    lon, lat, back = GEOD.fwd(*centre, course + 180.0, part * radius_m)
    here = math.radians(back)  # the way on through the centre
    seconds, square = first_crossing(
        math.radians(lat), math.radians(lon), speed * math.sin(here), speed * math.cos(here), edges, 0, len(edges)
    )
    assert seconds == pytest.approx((1.0 + part) * radius_m / speed, abs=max(30.0, radius_m / 500) / speed)
    assert square > 0.999
    away, _ = first_crossing(
        math.radians(lat), math.radians(lon), -speed * math.sin(here), -speed * math.cos(here), edges, 0, len(edges)
    )
    assert away == pytest.approx((1.0 - part) * radius_m / speed, abs=max(30.0, radius_m / 500) / speed)


def test_never_crossing_and_standing_still_are_infinite() -> None:
    edges = ring_edges(circle((2.0, 13.0), 10e3))
    assert first_crossing(math.radians(14), math.radians(2), 0.0, 200.0, edges, 0, len(edges))[0] == math.inf
    assert first_crossing(math.radians(14), math.radians(2), 0.0, 0.0, edges, 0, len(edges))[0] == math.inf
    assert first_crossing(math.radians(14), math.radians(2), math.nan, 0.0, edges, 0, len(edges))[0] == math.inf


@pytest.mark.parametrize("pole", [90.0, -90.0])
def test_a_circle_around_a_pole_holds_the_pole_and_every_longitude(pole: float) -> None:
    index = build_index([Volume(id="p", name="pole", kind="R", rings=(circle((0.0, pole), 400e3),))])
    side = math.copysign(1.0, pole)
    for lon in range(-180, 181, 7):
        assert index.inside(pole - side * 3.5, lon)
        assert not index.inside(pole - side * 3.7, lon)
    assert index.inside(pole, 0.0)


@settings(max_examples=12)
@given(
    st.lists(st.tuples(centres, st.floats(3e3, 900e3)), min_size=1, max_size=8),
    st.floats(0, 60e3),
    st.integers(0, 2**32),
)
def test_the_grid_finds_exactly_what_asking_every_volume_finds(
    shapes: list[tuple[tuple[float, float], float]], reach_m: float, seed: int
) -> None:
    volumes = [Volume(id=str(i), name="", kind="R", rings=(star(c, [r] * 7),)) for i, (c, r) in enumerate(shapes)]
    index = build_index(volumes)
    rng = np.random.default_rng(seed)
    lon, lat = [], []
    for centre, radius in shapes:
        for _ in range(12):
            x, y, _ = GEOD.fwd(*centre, rng.uniform(0, 360), radius + rng.normal(0, 30e3))
            lon.append(math.radians(x))
            lat.append(math.radians(y))
    assert pairs(index, np.array(lat), np.array(lon), reach_m) == {
        (i, v): True
        for i in range(len(lat))
        for v in range(len(volumes))
        if lateral(lat[i], lon[i], index.edges, index.edge_first[v], index.edge_first[v + 1]) <= reach_m
    }


def pairs(index: Index, lat: np.ndarray, lon: np.ndarray, reach_m: float) -> dict[tuple[int, int], bool]:
    none = np.full(lat.size, np.nan)
    near = index.near(lat, lon, none, none, none, np.full(lat.size, reach_m))
    return dict.fromkeys(zip(near.point.tolist(), near.volume.tolist(), strict=True), True)


def test_the_antimeridian_is_a_line_like_any_other() -> None:
    ring = ((179.0, -1.0), (179.0, 1.0), (-179.0, 1.0), (-179.0, -1.0))
    index = build_index([Volume(id="f", name="", kind="R", rings=(ring,))])
    assert [bool(index.inside(0.5, lon)) for lon in (178.9, 179.5, 180.0, -180.0, -179.5, -178.9)] == [
        False, True, True, True, True, False,
    ]  # fmt: skip
    found = pairs(index, np.radians([0.0, 0.0, 0.0]), np.radians([179.99, -179.99, 181.0]), 0.0)
    assert set(found) == {(0, 0), (1, 0)} or set(found) == {(0, 0), (1, 0), (2, 0)}
    assert (0, 0) in found


def test_a_hole_is_outside_and_two_rings_add() -> None:
    outer, hole, other = circle((2.0, 13.0), 100e3), circle((2.0, 13.0), 30e3), circle((10.0, 13.0), 20e3)
    index = build_index([Volume(id="h", name="", kind="R", rings=(outer, hole, other))])
    assert not index.inside(13.0, 2.0)
    assert index.inside(13.5, 2.0)
    assert index.inside(13.0, 10.0)


def test_levels_by_their_own_datum_and_unknown_heights_are_said() -> None:
    ring = circle((2.0, 13.0), 50e3)
    index = build_index([
        Volume(id="fl", name="", kind="R", rings=(ring,), floor=Level(FL, 3000.0), ceiling=Level(FL, 6000.0)),
        Volume(id="amsl", name="", kind="R", rings=(ring,), ceiling=Level(AMSL, 1000.0)),
        Volume(id="agl", name="", kind="R", rings=(ring,), ceiling=Level(AGL, 150.0)),
        Volume(id="all", name="", kind="R", rings=(ring,)),
    ])  # fmt: skip
    here = np.radians([13.0]), np.radians([2.0])
    near = index.near(*here, np.array([2900.0]), np.array([2950.0]), np.array([220.0]), np.zeros(1))
    assert near.vertical_m.tolist() == [100.0, 1950.0, 2580.0, -math.inf]
    near = index.near(*here, np.array([np.nan]), np.array([300.0]), np.array([220.0]), np.zeros(1))
    assert math.isnan(near.vertical_m[0])
    assert near.vertical_m.tolist()[1:] == [-300.0, -70.0, -math.inf] or near.vertical_m[1] == -700.0


def test_an_inactive_volume_is_not_found() -> None:
    index = build_index([Volume(id="a", name="", kind="R", rings=(circle((2.0, 13.0), 50e3),))])
    index.active[0] = 0
    assert not pairs(index, np.radians([13.0]), np.radians([2.0]), 1e4)


def test_nothing_and_nonsense_raise_nothing() -> None:
    empty = build_index([])
    assert not pairs(empty, np.radians([13.0, np.nan, 1e9]), np.radians([2.0, 2.0, np.inf]), 1e4)
    flat = build_index([Volume(id="f", name="", kind="R", rings=((), ((1.0, 1.0),)))])
    assert not pairs(flat, np.array([0.0, np.nan]), np.array([0.0, np.nan]), 1e4)
    assert lateral(0.0, 0.0, flat.edges, 0, 0) == FAR_M
    assert not contains(0.0, 0.0, flat.edges, 0, 0)


@settings(max_examples=12)
@given(centres, st.floats(0, 360), st.floats(-100, 100), st.floats(4e3, 40e3))
def test_a_corridor_is_what_lies_within_half_its_width(
    start: tuple[float, float], course: float, turn: float, width_m: float
) -> None:
    middle = GEOD.fwd(*start, course, 150e3)
    end = GEOD.fwd(middle[0], middle[1], middle[2] + 180.0 + turn, 150e3)
    line = (start, middle[:2], end[:2])
    edges = ring_edges(corridor(line, width_m))
    for a, b in pairwise(line):
        azimuth, _, length = GEOD.inv(*a, *b)
        for part in (0.3, 0.7):
            on = GEOD.fwd(*a, azimuth, part * length)
            for off, expected in ((0.45, True), (-0.45, True), (0.55, False), (-0.55, False)):
                lon, lat, _ = GEOD.fwd(on[0], on[1], on[2] + 90.0, off * width_m)
                assert contains(math.radians(lat), math.radians(lon), edges, 0, len(edges)) == expected


def test_an_arc_keeps_its_ends_and_turns_the_right_way() -> None:
    centre, start, end = (2.0, 13.0), (2.0, 13.5), (2.5, 13.0)
    short = arc_between(centre, start, end, clockwise=True)
    long = arc_between(centre, start, end, clockwise=False)
    assert short[0] == long[0] == start
    assert short[-1] == long[-1] == end
    assert all(lat >= 12.999 and lon >= 1.999 for lon, lat in short)
    assert min(lat for _, lat in long) < 12.6


def test_a_straight_line_in_degrees_follows_the_parallel() -> None:
    ring = straight_in_degrees(((-5.0, 45.0), (15.0, 45.0), (15.0, 50.0), (-5.0, 50.0)))
    edges = ring_edges(ring)
    for lon in np.linspace(-4.9, 14.9, 30):
        assert contains(math.radians(45.0 + 0.0003), math.radians(lon), edges, 0, len(edges))
        assert not contains(math.radians(45.0 - 0.0001), math.radians(lon), edges, 0, len(edges))
