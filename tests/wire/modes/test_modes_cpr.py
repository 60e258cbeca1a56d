"""Compact positions: encode and decode are inverse, everywhere, and zones are those of the document."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.wire.modes.cpr import encode_position, global_position, local_position, longitude_zones
from vigie.wire.modes.tables import TABLES

ROW = TABLES[0]
latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180, 179.999)


def zones_by_formula(lat: float) -> int:
    if lat == 0:
        return 59
    if abs(lat) == 87:
        return 2
    if abs(lat) > 87:
        return 1
    ratio = (1 - math.cos(math.pi / 30)) / math.cos(math.radians(lat)) ** 2
    return math.floor(2 * math.pi / math.acos(1 - ratio))


def off_deg(lat: float, lon: float, lat2: float, lon2: float) -> tuple[float, float]:
    return abs(lat - lat2), abs((lon - lon2 + 180) % 360 - 180)


def test_zones_are_those_of_the_formula() -> None:
    for lat in [*np.linspace(-89.99, 89.99, 3001), 0.0, 87.0, -87.0, 10.0, 86.9999]:
        assert longitude_zones(lat, ROW) == zones_by_formula(lat), lat


@settings(max_examples=300, deadline=None, derandomize=True)
@given(latitudes, longitudes, st.integers(0, 1), st.booleans(), st.floats(-0.3, 0.3), st.floats(-0.3, 0.3))
def test_local_decoding_finds_the_place_again(
    lat: float, lon: float, odd: int, surface: bool, north: float, east: float
) -> None:
    y, x = encode_position(lat, lon, odd, surface=surface)
    span = 90.0 if surface else 360.0
    near = min(max(lat + north, -90.0), 90.0)
    lat2, lon2 = local_position(int(y), int(x), odd, near, lon + east, span, ROW)
    d_lat, d_lon = off_deg(lat, lon, lat2, lon2)
    zones = max(zones_by_formula(lat2) - odd, 1)
    # Half a step each way; at the limit of a zone the sender may have taken the neighbour's step.
    assert d_lat <= span / 59 / 2**18 * 1.01
    assert d_lon <= span / max(zones - 1, 1) / 2**18 * 1.01


@settings(max_examples=300, deadline=None, derandomize=True)
@given(latitudes, longitudes, st.integers(0, 1), st.booleans())
def test_a_pair_finds_the_place_or_nothing(lat: float, lon: float, newer: int, surface: bool) -> None:
    y0, x0 = encode_position(lat, lon, 0, surface=surface)
    y1, x1 = encode_position(lat, lon, 1, surface=surface)
    lat2, lon2 = global_position(
        int(y0), int(x0), int(y1), int(x1), newer, int(surface), lat + 0.1, lon - 0.2, ROW
    )  # fmt: skip
    if math.isnan(lat2):
        return  # the two formats fell on either side of a zone limit
    d_lat, d_lon = off_deg(lat, lon, lat2, lon2)
    assert d_lat < 3e-5
    assert d_lon * math.cos(math.radians(lat)) < 1.5e-4


def test_pairs_fit_but_for_zone_limits() -> None:
    rng = np.random.default_rng(3)
    lat = rng.uniform(-85, 85, 2000)
    lon = rng.uniform(-180, 180, 2000)
    y0, x0 = encode_position(lat, lon, 0)
    y1, x1 = encode_position(lat, lon, 1)
    found = [
        global_position(int(a), int(b), int(c), int(d), 1, 0, math.nan, math.nan, ROW)[0]
        for a, b, c, d in zip(y0, x0, y1, x1, strict=True)
    ]
    assert np.isnan(found).sum() <= 3


@pytest.mark.parametrize("odd", [0, 1])
def test_the_documents_example(odd: int) -> None:
    """The well-known pair 8D40621D58C382D690C8AC2863A7, 8D40621D58C386435CC412692AD6: 52.2572 N 3.9194 E."""
    lat, lon = global_position(93000, 51372, 74158, 50194, odd, 0, math.nan, math.nan, ROW)
    assert lat == pytest.approx(52.26578 if odd else 52.2572, abs=1e-4)
    assert lon == pytest.approx(3.93891 if odd else 3.91937, abs=1e-4)
