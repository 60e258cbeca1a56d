"""Routes become points: geometry chooses among places of one name, and what is not found is named."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vigie.flights.blocks import address_blocks, state_of_registration
from vigie.flights.route import Navigation, expand_route, lat_lon

NAV = Navigation(
    waypoints={
        "DVL": ((49.3, -0.3), (48.1, -98.9)),  # Deauville and Devil's Lake, North Dakota
        "MIDWAY": ((55.0, -50.0),),
        "ETRAT": ((49.7, 0.1),), "LAND": ((51.0, 0.0),), "TWICE": ((10.0, 1.0), (10.0, 9.0)), "MID": ((10.0, 5.0),),
        "AAA": ((10.0, 0.0),), "BBB": ((10.0, 1.0),), "CCC": ((10.0, 2.0),), "DDD": ((10.0, 3.0),),
    },
    airways={"UA1": ((("AAA", (10.0, 0.0)), ("BBB", (10.0, 1.0)), ("CCC", (10.0, 2.0)), ("DDD", (10.0, 3.0))),)},
    aerodromes={"KLAX": (33.9, -118.4), "EGLL": (51.5, -0.5)},
)  # fmt: skip


def names(route: str, start: str = "", end: str = "") -> list[str]:
    return [p.name for p in expand_route(route, start, end, NAV)[0]]


def test_the_failure_of_2023_two_places_of_one_name_on_one_way() -> None:
    """A flight from Los Angeles passed Devil's Lake and Deauville, both DVL: each is taken where the way passes it."""
    for route in ("N0480F370 DVL DCT DVL ETRAT DCT LAND", "DVL MIDWAY DVL ETRAT LAND"):
        points, unresolved = expand_route(route, "KLAX", "EGLL", NAV)
        assert not unresolved
        places = [round(p.lon_deg) for p in points if p.name == "DVL"]
        assert places == [-99, 0]
        assert [p.name for p in points if p.name != "MIDWAY"] == ["KLAX", "DVL", "DVL", "ETRAT", "LAND", "EGLL"]


def test_geometry_decides_over_the_whole_route() -> None:
    points, _ = expand_route("AAA TWICE MID TWICE", "", "", NAV)
    assert [p.lon_deg for p in points][:3] == [0.0, 1.0, 5.0]
    points, _ = expand_route("MID TWICE LAND", "", "EGLL", NAV)
    assert points[1].lon_deg == 1.0  # nearer to the way on, though both are as far from MID


def test_airways_are_followed_both_ways() -> None:
    assert names("AAA UA1 DDD") == ["AAA", "BBB", "CCC", "DDD"]
    assert names("DDD UA1 BBB") == ["DDD", "CCC", "BBB"]
    points, unresolved = expand_route("AAA UA1 MID UB99 DDD NOSUCH", "", "", NAV)
    assert [p.name for p in points] == ["AAA", "MID", "DDD"]
    assert unresolved == ("UB99", "NOSUCH", "UA1 AAA-MID")


def test_speeds_levels_and_rules_are_no_places() -> None:
    assert names("N0450F330 AAA/N0460F350 DCT M082F370 C/BBB/M082F290F350 IFR VFR CCC/K0830S1130 T") == [
        "AAA", "BBB", "CCC",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "place"),
    [("46N078W", (46.0, -78.0)), ("4620N07805W", (46 + 20 / 60, -(78 + 5 / 60))), ("00S000E", (0.0, 0.0)),
     ("91N000E", None), ("4661N07805W", None), ("46N181W", None), ("46N78W", None)],
)  # fmt: skip
def test_written_coordinates(text: str, place: tuple[float, float] | None) -> None:
    assert lat_lon(text) == (pytest.approx(place) if place else None)


@settings(max_examples=30)
@given(st.integers(0, 360), st.integers(1, 200))
def test_bearing_and_distance_from_a_point(bearing: int, miles: int) -> None:
    (point,), unresolved = expand_route(f"AAA{bearing:03d}{miles:03d}", "", "", NAV)
    assert not unresolved
    azimuth, _, distance = Geod(ellps="WGS84").inv(0.0, 10.0, point.lon_deg, point.lat_deg)
    assert distance == pytest.approx(miles * 1852, rel=0.006)
    assert math.cos(math.radians(azimuth - bearing)) > 0.9999


@given(st.text(max_size=120), st.text(max_size=6), st.text(max_size=6))
def test_any_text_is_a_route_or_says_what_was_not_found(route: str, start: str, end: str) -> None:
    expand_route(route, start, end, NAV)


def test_addresses_and_registrations_name_their_state() -> None:
    blocks = address_blocks()
    assert blocks.owner(0x062010) == ("NE", False)
    assert blocks.owner(0x05C001) == ("ML", False)
    assert blocks.owner(0x09CFFF) == ("BF", False)
    assert blocks.owner(0xAE1234) == ("US", True)
    assert blocks.owner(0x000001)[0] == "ZZ"
    assert [state_of_registration(r) for r in ("5U-ABC", "TZ-1", "XT-ABC", "F-GZCP", "??")] == [
        "NE",
        "ML",
        "BF",
        "FR",
        "",
    ]
