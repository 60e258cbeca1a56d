from __future__ import annotations

import math

import numpy as np
import pytest
from pyproj import Geod

from tests.simulate.skies import flight, sky, table
from vigie.simulate import fly
from vigie.simulate.events import Script
from vigie.simulate.fleet import Fleet
from vigie.simulate.performance import aircraft_types
from vigie.terms.units import M_PER_FL, M_PER_FT, M_PER_NMI, MPS_PER_KT

GEOD = Geod(ellps="WGS84")


def fly_for(fleet: Fleet, seconds: int, script: Script | None = None) -> np.ndarray:
    """Latitude, longitude (deg), altitude, heading, ground speed, TAS of the first aircraft at each second."""
    out = []
    for _ in range(seconds):
        if script is not None:
            script.advance(float(fleet.now_s))
        fleet.next_block()
        s = fleet.state[:, 0]
        out.append([math.degrees(s[fly.LAT]), math.degrees(s[fly.LON]), s[fly.ALT], s[fly.HDG],
                    math.hypot(s[fly.GS_E], s[fly.GS_N]), s[fly.TAS]])  # fmt: skip
    return np.array(out)


def test_a_leg_of_a_thousand_kilometres_is_the_geodesic() -> None:
    fleet = Fleet(sky(flight("ONE", ["1000N00000E", "1600N00830E"], level_fl=350)), 1)
    path = fly_for(fleet, 4000)
    course, _, length = GEOD.inv(0.0, 10.0, 8.5, 16.0)
    assert length > 1_000_000
    off = []
    for lat, lon in path[:, :2]:
        azimuth, _, distance = GEOD.inv(0.0, 10.0, lon, lat)
        off.append(distance * math.sin(math.radians(azimuth - course)))
        if distance > length - 5000:
            break
    assert max(abs(o) for o in off) < 30.0


def test_level_flight_covers_the_ground_its_speed_says_with_wind() -> None:
    wind = table("wind", level_fl=350, from_deg=270, speed_kt=60)
    fleet = Fleet(sky(flight("ONE", ["1300N00000E", "1300N00900E"], level_fl=350, speed_kt=450), wind), 1)
    path = fly_for(fleet, 1300)
    _, _, distance = GEOD.inv(path[99, 1], path[99, 0], path[1299, 1], path[1299, 0])
    # Above the ellipsoid by the flight level: the ground track is shorter by (1 + h / R).
    height = fleet.air[0] * 350 * M_PER_FL + fleet.air[1]
    assert distance / 1200 == pytest.approx(510 * MPS_PER_KT / (1 + height / 6.37e6), rel=2e-4)
    assert path[-1, 5] == pytest.approx(450 * MPS_PER_KT, rel=1e-6)


def test_a_turn_has_the_radius_of_its_bank_and_ends_on_its_heading() -> None:
    event = table("event", flight="ONE", at_s=10, do="turn", by_deg=180)
    exercise = sky(flight("ONE", ["1300N00000E", "1300N00900E"], level_fl=350, speed_kt=450), event)
    fleet = Fleet(exercise, 1)
    path = fly_for(fleet, 300, Script(exercise.events, fleet))
    speed = 450 * MPS_PER_KT
    rate = 9.80665 * math.tan(math.radians(25)) / speed
    across = abs(GEOD.inv(path[9, 1], path[9, 0], path[9, 1], path[-1, 0])[2])
    assert across == pytest.approx(2 * speed / rate, rel=0.08)
    assert abs(path[-1, 3] - path[9, 3]) == pytest.approx(math.pi, abs=1e-3)


def test_the_long_way_round_is_flown_when_ordered() -> None:
    event = table("event", flight="ONE", at_s=1, do="turn", heading_deg=0, direction="right")
    exercise = sky(flight("ONE", ["1300N00000E", "1300N00900E"], level_fl=200), event)
    fleet = Fleet(exercise, 1)
    heading = fly_for(fleet, 240, Script(exercise.events, fleet))[:, 3]
    assert heading[-1] - heading[0] == pytest.approx(1.5 * math.pi, abs=0.02)
    assert np.all(np.diff(heading) > -1e-6)


def test_high_g_turns_are_tighter() -> None:
    event = table("event", flight="ONE", at_s=1, do="turn", by_deg=170, g=6.0)
    exercise = sky(flight("ONE", ["1300N00000E", "1300N00900E"], type="FJET", level_fl=200, speed_kt=450), event)
    fleet = Fleet(exercise, 1)
    path = fly_for(fleet, 60, Script(exercise.events, fleet))
    rate = np.abs(np.diff(path[:, 3])).max()
    assert rate == pytest.approx(9.80665 * math.sqrt(35) / path[10, 5], rel=0.05)


@pytest.mark.parametrize("name", sorted(set(aircraft_types()) - {"BALL"}))
def test_every_type_takes_off_climbs_and_lands_where_it_should(name: str) -> None:
    kind = aircraft_types()[name]
    level = min(kind.level_m / M_PER_FL, 200.0)
    fleet = Fleet(sky(flight("ONE", ["DRRN", "DFFD"], type=name, level_fl=level)), 1)
    ground = fleet.state[fly.ALT, 0]
    highest, vertical = 0.0, 0.0
    for second in range(90_000):
        fleet.next_block()
        highest = max(highest, fleet.state[fly.ALT, 0])
        vertical = max(vertical, abs(fleet.state[fly.ROC, 0]))
        if second == 100 and kind.cruise_mps > 40:
            assert fleet.state[fly.ALT, 0] > ground + 50
        if not fleet.present[0]:
            break
    assert highest == pytest.approx(level * M_PER_FL, abs=30)
    assert vertical <= max(kind.climb_mps, kind.descent_mps) * 1.01
    last = fleet.state[:, 0]
    _, _, off = GEOD.inv(math.degrees(last[fly.LON]), math.degrees(last[fly.LAT]), -1.5124, 12.3532)
    assert off < 4000
    assert abs(last[fly.ALT] - fleet.press_alt(1037 * M_PER_FT)) < 10


def test_orbit_hover_formation_and_racetrack_stay_where_they_should() -> None:
    orbit = table("event", flight="ONE", at_s=5, do="orbit", point="DRRT", radius_nmi=8, direction="left")
    hover = table("event", flight="TWO", at_s=5, do="hover")
    exercise = sky(
        flight("ONE", ["1430N00500E", "1600N00900E"], type="C130", level_fl=150),
        flight("TWO", ["1330N00200E", "1400N00300E"], type="MI17", level_fl=20),
        flight("LEAD", ["1330N00200E", "1500N00600E"], level_fl=300),
        flight("WING", ["1325N00200E", "1500N00600E"], level_fl=280, leader="LEAD", behind_m=500, right_m=300),
        flight("TANK", ["1200N00200E", "1200N00600E"], type="KC2"),
        table("event", flight="TANK", at_s=5, do="racetrack", leg_nmi=30, radius_nmi=6, times=2),
        table("wind", level_fl=100, from_deg=90, speed_kt=25), orbit, hover,
    )  # fmt: skip
    fleet = Fleet(exercise, 1)
    script = Script(exercise.events, fleet)
    away = []
    for _ in range(1500):
        script.advance(float(fleet.now_s))
        fleet.next_block()
        lat, lon = np.degrees(fleet.state[fly.LAT]), np.degrees(fleet.state[fly.LON])
        away.append(GEOD.inv(5.2654, 14.8757, lon[0], lat[0])[2] / M_PER_NMI)
    assert np.abs(np.array(away[600:]) - 8).max() < 0.7
    assert math.hypot(fleet.state[fly.GS_E, 1], fleet.state[fly.GS_N, 1]) < 0.01
    _, _, gap = GEOD.inv(lon[2], lat[2], lon[3], lat[3])
    assert gap == pytest.approx(math.hypot(500, 300), abs=150)
    assert fleet.state[fly.ALT, 3] == pytest.approx(fleet.state[fly.ALT, 2], abs=20)
    assert lat[4] < 12.02  # right-hand racetrack: it stays south of its first leg
    assert GEOD.inv(2.0, 12.0, lon[4], lat[4])[2] < 130_000


def test_truth_between_seconds_lies_on_the_path() -> None:
    fleet = Fleet(sky(flight("ONE", ["1300N00000E", "1300N00900E"], level_fl=350)), 1)
    fleet.next_block()
    a, b, c = (fleet.truth(0, t)[0] for t in (0, 500_000_000, 1_000_000_000))
    assert b["lon_deg"] == pytest.approx((a["lon_deg"] + c["lon_deg"]) / 2, abs=1e-6)
    assert b["geo_alt_m"] == pytest.approx(a["geo_alt_m"], abs=0.1)
    assert b["press_alt_m"] == pytest.approx(350 * M_PER_FL, abs=0.5)
    assert c["v_east_mps"] == pytest.approx(
        (c["lon_deg"] - a["lon_deg"]) * 111_320 * math.cos(math.radians(13)), rel=5e-3
    )


def test_a_place_with_a_time_is_passed_then_at_its_level_against_the_wind() -> None:
    route = ["1300N00000E/N300F200", "1300N00200E/T1400", "1340N00300E/F280T2200", "1300N00900E"]
    wind = table("wind", level_fl=200, from_deg=90, speed_kt=40)
    fleet = Fleet(sky(flight("ONE", route, level_fl=200), wind), 1)
    path = fly_for(fleet, 2600)
    for lat, lon, due_s in ((13.0, 2.0, 1400), (13 + 40 / 60, 3.0, 2200)):
        away = [GEOD.inv(lon, lat, p[1], p[0])[2] for p in path]
        assert abs(int(np.argmin(away)) + 1 - due_s) < 12
        assert min(away) < 800  # a fly-by
    assert path[2199, 2] == pytest.approx(280 * M_PER_FL, abs=80)
    assert path[1300, 2] == pytest.approx(200 * M_PER_FL, abs=5)


def test_a_point_inside_the_turning_circle_is_passed_not_circled() -> None:
    route = ["1300N00000E", "1303N00015E", "1300N00016E", "1257N00015E", "1300N00300E"]
    fleet = Fleet(sky(flight("ONE", route, level_fl=350, speed_kt=480)), 1)
    path = fly_for(fleet, 900)
    assert path[-1, 1] > 1.5
