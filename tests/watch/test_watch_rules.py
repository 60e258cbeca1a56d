"""Each rule raises what it should, and nothing where its cause is absent."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.watch.world import START, S, Sky, health, radar, site, square, track

from vigie.airspace.aerodromes import Aerodrome
from vigie.airspace.sites import ProtectedSite
from vigie.airspace.volume import FL, Level
from vigie.flights.plan import FlightPlan, RoutePoint
from vigie.flights.store import State
from vigie.terms.batch import Event
from vigie.terms.tables import HEALTH, HEALTH_BIAS_LIMIT, IDENTITY, PLOT
from vigie.watch.kernels.ground import Terrain
from vigie.watch.rules import RULES
from vigie.watch.watch import Ground

DRRN = Aerodrome(icao="DRRN", name="Niamey", lat_deg=13.48, lon_deg=2.18, elevation_amsl_m=223.0)


def names(sky: Sky) -> set[str]:
    return {key[0] for key in sky.raised()}


def test_every_rule_has_its_words_numbers_and_a_test() -> None:
    text = __import__("pathlib").Path(__file__).read_text("utf-8")
    assert len({r.name for r in RULES}) == len(RULES)
    for rule in RULES:
        assert all((rule.title, rule.title_fr, rule.about)), rule.name
        assert 1 <= rule.severity <= 4
        assert f'"{rule.name}"' in text, f"{rule.name} has no test here"
        for p in rule.parameters:
            assert p.low <= p.usual <= p.high, (rule.name, p.name)
            assert p.meaning


@pytest.mark.parametrize("code", [0o7500, 0o7600, 0o7700])
def test_emergency_codes_are_told_with_the_first_plot(code: int) -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.2, 2.2, icao24=0x62014), track(2, 13.9, 2.8)]
    sky.fly(5.3)
    assert not sky.rows
    plots = PLOT.empty(1)
    plots["mode3a"], plots["icao24"], plots["kind"], plots["sensor_id"] = code, 0x62014, 4, 1
    sky.plots = plots
    sky.fly(0.1)
    row = sky.last("emergency")
    assert (row["track_no"], row["state"], row["severity"]) == (1, 1, 4)
    assert f"{code:04o}".encode() == row["area"]
    sky.tracks[0]["code"] = code
    sky.fly(60)
    assert [k for k in sky.raised() if k[0] == "emergency"] == [("emergency", f"{code:04o}", 1, 0)]


def test_an_emergency_state_and_its_code_are_one_alert() -> None:
    """The transponder that sends 7600 says "no communications" in its squitters too; medical states have no code."""
    sky = Sky()
    sky.tracks = [track(1, 13.2, 2.2, icao24=0x62014), track(2, 13.9, 2.8, icao24=0x62015)]
    sky.fly(5.3)
    for address, state in ((0x62014, 4), (0x62015, 2)):
        plots = PLOT.empty(1)
        plots["icao24"], plots["kind"], plots["sensor_id"] = address, 5, 1
        plots["emergency"], plots["flags"] = state, 8
        sky.plots = plots
        sky.fly(0.1)
    sky.tracks[0] |= {"flags": 8, "code": 0o7600}
    sky.tracks[1] |= {"flags": 8}
    sky.fly(60)
    told = [k for k in sky.raised() if k[0] == "emergency"]
    assert told == [("emergency", "7600", 1, 0), ("emergency", "ADS-B", 2, 0)]


def test_a_garbled_emergency_code_is_no_emergency_and_a_plot_without_address_goes_to_the_nearest() -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.2, 2.2), track(2, 13.9, 2.8)]
    sky.fly(5.3)
    plots = PLOT.empty(1)
    plots["mode3a"], plots["sensor_id"], plots["flags"], plots["lat_deg"], plots["lon_deg"] = 0o7700, 1, 16, 13.2, 2.2
    sky.plots = plots
    sky.fly(0.1)
    assert not sky.rows
    plots["flags"] = 0
    plots["lat_deg"], plots["lon_deg"] = sky.tracks[1]["lat"], sky.tracks[1]["lon"]
    sky.plots = plots
    sky.fly(0.1)
    assert sky.last("emergency")["track_no"] == 2


def test_spi() -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.2, 2.2, flags=4)]
    sky.fly(3)
    assert sky.last("spi")["severity"] == 1


def test_conflict_is_predicted_before_separation_is_lost() -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.5, 2.0, to_deg=90, kt=400), track(2, 13.5, 3.0, to_deg=270, kt=400)]
    sky.fly(240)
    rows = sky.of("stca")
    assert {(int(r["track_no"]), int(r["other_no"])) for r in rows} == {(1, 2)}
    first = rows[0]
    # 108 km apart, closing at 411 m/s: 5.6 km is reached after 249 s; the horizon is 90 s before.
    assert 245 - 95 <= (first["raised_ns"] - START) / S <= 249 - 80
    assert abs((int(first["predicted_ns"]) - START) / S - 249) < 4
    assert first["severity"] == 3


@pytest.mark.parametrize("dfl", [10.0, -10.0])
def test_no_conflict_with_a_thousand_feet_between(dfl: float) -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.5, 2.0, to_deg=90, kt=400), track(2, 13.5, 3.0, to_deg=270, kt=400, fl=100 + dfl)]
    sky.fly(200)
    assert "stca" not in names(sky)


def test_a_climb_through_a_level_is_a_conflict() -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.5, 2.0, to_deg=90, kt=400), track(2, 13.5, 2.02, to_deg=90, kt=400, fl=80, climb=10.0)]
    sky.fly(20)
    assert "stca" in names(sky)


def test_conflicts_over_the_antimeridian_and_by_the_pole() -> None:
    sky = Sky()
    sky.tracks = [track(1, 0.0, 179.8, to_deg=90, kt=400), track(2, 0.0, -179.8, to_deg=270, kt=400),
                  track(3, 89.8, 10.0, kt=0), track(4, 89.8, -170.0, to_deg=0, kt=400)]  # fmt: skip
    for t in sky.tracks[2:]:
        t["kt"] = 250.0
        t["to_deg"] = 0.0
    sky.fly(40)
    assert {(k[2], k[3]) for k in sky.raised() if k[0] == "stca"} >= {(1, 2)}


def test_two_tracks_of_one_aircraft_are_no_conflict_but_two_that_wear_one_address_are() -> None:
    sky = Sky()
    sky.tracks = [track(1, 13.5, 2.0, icao24=0x62014), track(2, 13.501, 2.0, icao24=0x62014)]
    sky.fly(30)
    assert "stca" not in names(sky)
    sky = Sky()  # in a turn the staler track still flies the old way
    sky.tracks = [track(1, 13.5, 2.0, icao24=0x62014, to_deg=40), track(2, 13.502, 2.0, icao24=0x62014, to_deg=90)]
    sky.fly(4)
    assert "stca" not in names(sky)
    sky = Sky()
    sky.tracks = [track(1, 13.5, 2.0, icao24=0x62014), track(2, 13.5, 2.2, icao24=0x62014, to_deg=270)]
    sky.fly(30)
    assert "stca" in names(sky)


def test_doubtful_height_uses_the_nearer() -> None:
    """F63: the altitude sent is 5,000 ft off; the geometric height says the two are level."""
    sky = Sky()
    sky.tracks = [track(1, 13.5, 2.0, to_deg=90, kt=400, fl=100), track(2, 13.5, 2.6, to_deg=270, kt=400, fl=150,
                                                                        geo_m=3048.0)]  # fmt: skip
    sky.fly(10)
    assert "stca" not in names(sky)
    doubt = IDENTITY.empty(1)
    doubt["track_no"], doubt["trust_bits"], doubt["category"] = 2, 16, 1
    sky.identities = doubt
    sky.fly(60)
    assert "stca" in names(sky)
    assert "position_contradicted" in names(sky)


def test_area_proximity_then_intrusion() -> None:
    sky = Sky(Ground(volumes=(square(),)))
    sky.tracks = [track(1, 13.5, 1.8, kt=360)]
    sky.fly(180)
    near, inside = sky.of("apw_proximity")[0], sky.of("apw_intrusion")[0]
    # 21.6 km at 185 m/s: 117 s.
    assert 114 - 60 <= (near["raised_ns"] - START) / S <= 125 - 55
    assert abs((int(near["predicted_ns"]) - START) / S - 117) < 3
    assert 116 <= (inside["raised_ns"] - START) / S <= 123


@pytest.mark.parametrize(("fl", "hit"), [(95.0, False), (105.0, True), (205.0, False)])
def test_floor_and_ceiling_count(fl: float, hit: bool) -> None:
    sky = Sky(Ground(volumes=(square(floor=Level(FL, 100 * 30.48), ceiling=Level(FL, 200 * 30.48)),)))
    sky.tracks = [track(1, 13.5, 2.2, fl=fl)]
    sky.fly(20)
    assert ("apw_intrusion" in names(sky)) is hit
    assert "apw_proximity" not in names(sky)


def test_two_tracks_of_one_aircraft_cross_once_and_clutter_without_a_place_not_at_all() -> None:
    sky = Sky(Ground(volumes=(square("BORDER", id="NE"),)))
    sky.tracks = [
        track(1, 13.5, 1.95, icao24=0x62014, sd=10),
        track(2, 13.52, 1.96, icao24=0x62014, sd=70),
        track(3, 13.6, 1.95, code=65535, sd=600),
        track(4, 13.7, 1.95, code=65535, sd=100),
        track(5, 13.8, 1.95, icao24=0x62014, sd=90),
    ]  # the last wears the same address 30 km away
    sky.fly(50)
    crossed = [k[2] for k in sky.raised() if k[0] == "border_crossing"]
    assert sorted(crossed) == [1, 4, 5]
    sky.tracks = [t for t in sky.tracks if t["no"] != 1]
    sky.tracks[1]["sd"] = 50  # the echoes of 3 have become sure: it is inside, and told now
    sky.fly(20)
    assert [k[2] for k in sky.raised() if k[0] == "border_crossing"][3:] == [3]


def test_border_and_adiz_with_entry_point_and_time() -> None:
    sky = Sky(Ground(volumes=(square("BORDER", id="NE"), square("ADIZ", id="AD"))))
    sky.tracks = [track(1, 13.5, 1.8, kt=360)]
    sky.fly(150)
    assert [k for k in sky.raised() if k[0] == "border_crossing"] == [("border_crossing", "NE", 1, 0)]
    assert [k for k in sky.raised() if k[0] == "adiz_crossing"] == [("adiz_crossing", "AD", 1, 0)]
    row = sky.of("border_crossing")[0]
    assert abs((int(row["predicted_ns"]) - START) / S - 117) < 2
    assert abs(float(row["lon_deg"]) - 2.0) < 0.01
    ahead = sky.of("border_approach")[0]
    assert abs((int(ahead["predicted_ns"]) - START) / S - 117) < 3
    assert float(ahead["predicted_sd_s"]) > 0


def test_who_starts_inside_has_not_crossed() -> None:
    sky = Sky(Ground(volumes=(square("BORDER", id="NE"),)))
    sky.tracks = [track(1, 13.5, 2.5, kt=100)]
    sky.fly(60)
    assert not names(sky)


def plans() -> State:
    points = tuple(RoutePoint(name=n, lat_deg=13.5, lon_deg=lon) for n, lon in (("A", -2.0), ("B", 8.0)))
    plan = FlightPlan(plan_id="T1/A", callsign="T1", points=points, level_m=100 * 30.48, level_datum="FL",
                      departure="A", destination="B", state="active", eobt_ns=START,
                      atd_ns=START, eet_s=60)  # fmt: skip
    return State(plans={"T1/A": plan})


def coupled(sky: Sky) -> None:
    rows = IDENTITY.empty(1)
    rows["track_no"], rows["plan"], rows["category"] = 1, b"T1/A", 2
    sky.identities = rows


def test_unauthorised_only_without_leave_and_only_where_plans_are_known() -> None:
    sky = Sky(Ground(volumes=(square("ADIZ", id="AD"),)))
    sky.tracks = [track(1, 13.5, 2.2, kt=60), track(2, 13.2, 2.2, kt=60, fl=200)]
    sky.fly(90)
    assert "unauthorised" not in names(sky)
    sky.watch.set_flights(plans())
    coupled(sky)
    sky.fly(90)
    assert [k for k in sky.raised() if k[0] == "unauthorised"] == [("unauthorised", "AD", 2, 0)]


def test_off_route_off_level_and_on_both() -> None:
    for lat, fl, wanted in ((13.5, 100.0, set()), (14.0, 100.0, {"off_route"}), (13.5, 140.0, {"off_level"})):
        sky = Sky()
        sky.watch.set_flights(plans())
        sky.tracks = [track(1, lat, 2.0, fl=fl, kt=100)]
        sky.fly(2)
        coupled(sky)
        sky.fly(85)
        assert names(sky) == wanted, (lat, fl)


def test_overdue() -> None:
    sky = Sky()
    sky.watch.set_flights(plans())
    sky.act("threshold.edit", "overdue.late_s", "30")
    sky.fly(85)
    assert not sky.rows
    sky.fly(10)
    assert sky.last("overdue")["area"] == b"T1/A"


def test_lost_in_cover_but_not_out_of_it_and_not_when_landing() -> None:
    sky = Sky(Ground(aerodromes=(DRRN,)))
    sky.health = health(1)
    sky.tracks = [track(1, 13.9, 3.0, fl=200), track(2, 19.5, 9.9, fl=20), track(3, 13.5, 2.2, fl=12, kt=120)]
    sky.fly(60)
    for t in sky.tracks:
        t.update(stopped=True, status=3)
    sky.fly(30)
    assert [k[:3] for k in sky.raised()] == [("lost_track", "", 1)]


def test_a_track_that_ends_is_lost_one_that_goes_on_under_another_number_is_not() -> None:
    sky = Sky()
    sky.health = health(1)
    sky.tracks = [track(1, 14.0, 3.0, fl=300, icao24=0x62014), track(2, 13.0, 2.0, fl=300, icao24=0x62015),
                  track(3, 13.0, 3.0, fl=300, code=0o2345), track(4, 14.0, 2.0, fl=300)]  # fmt: skip
    sky.fly(60)
    sky.tracks[3].update(stopped=True, status=3)  # three turns missed: chance
    for t in sky.tracks[:3]:
        t.update(stopped=True, status=3)
    sky.fly(10)
    sky.tracks += [track(5, 13.0, 2.1, fl=300, icao24=0x62015), track(6, 13.0, 3.05, fl=300, code=0o2345)]
    sky.fly(6)
    sky.tracks[0]["status"] = 4
    sky.fly(1)
    assert [k[:3] for k in sky.raised() if k[0] == "lost_track"] == [("lost_track", "", 1)]
    sky.tracks[3].update(stopped=False, status=2)
    del sky.tracks[0]
    sky.fly(30)
    assert [k[:3] for k in sky.raised() if k[0] == "lost_track"] == [("lost_track", "", 1)]


def test_landing_where_there_is_no_aerodrome() -> None:
    sky = Sky(Ground(aerodromes=(DRRN,)))
    sky.health = health(1)
    sky.tracks = [track(1, 14.0, 3.0, fl=12, kt=90, climb=-1.0)]
    sky.fly(60)
    sky.tracks[0].update(stopped=True, status=3)
    sky.fly(30)
    assert "landing_nowhere" in names(sky)
    assert "lost_track" not in names(sky)


def test_minimum_safe_altitude() -> None:
    heights = np.zeros((50, 50))
    heights[:, 30:] = 1500.0
    ground = Ground(terrain=Terrain(lat0_deg=13.0, lon0_deg=2.0, step_deg=0.02, heights_m=heights))
    sky = Sky(ground)
    sky.tracks = [track(1, 13.5, 2.45, kt=300, fl=45), track(2, 13.6, 2.45, kt=300, fl=65)]
    sky.fly(90)
    assert [k[:3] for k in sky.raised() if k[0] == "msaw"] == [("msaw", "", 1)]


def test_low_and_slow_away_from_aerodromes() -> None:
    sky = Sky(Ground(aerodromes=(DRRN,)))
    sky.tracks = [track(1, 14.2, 3.0, kt=90, fl=18), track(2, 13.5, 2.2, kt=90, fl=18), track(3, 14.6, 3, kt=90, fl=90)]
    sky.fly(60)
    assert [k[:3] for k in sky.raised() if k[0] == "low_slow"] == [("low_slow", "", 1)]


def test_loitering() -> None:
    sky = Sky()
    sky.tracks = [track(1, 14.2, 3.0, kt=150), track(2, 15.0, 3.0, kt=150)]
    for _ in range(60):
        sky.tracks[0]["to_deg"] += 45.0
        sky.fly(10)
    assert [k[:3] for k in sky.raised() if k[0] == "loitering"] == [("loitering", "", 1)]


def test_formation_split_needs_a_formation() -> None:
    sky = Sky()
    sky.act("threshold.edit", "stca.on", "0")
    sky.tracks = [track(1, 14.0, 3.0, kt=350), track(2, 14.008, 3.0, kt=350), track(3, 14.3, 3.0, kt=350)]
    sky.fly(80)
    assert not sky.rows
    sky.tracks[1]["to_deg"] = 45.0
    sky.fly(60)
    assert sky.raised() == [("formation_split", "", 1, 2)]


def test_drone_near_an_aerodrome() -> None:
    sky = Sky(Ground(aerodromes=(DRRN,)))
    sky.tracks = [track(1, 13.47, 2.17, kt=15, fl=10, code=65535, callsign=""),
                  track(2, 14.4, 2.17, kt=15, fl=10, code=65535, callsign="")]  # fmt: skip
    sky.fly(40)
    assert [k[:3] for k in sky.raised() if k[0] == "drone"] == [("drone", "DRRN", 1)]


def test_protected_sites_are_ranked_by_risk() -> None:
    one = ProtectedSite(id="DAM", name="Dam", lat_deg=13.5, lon_deg=2.5, weight=1.0, amsl_m=200.0)
    sky = Sky(Ground(sites=(one,)))
    sky.tracks = [track(1, 13.5, 2.4, kt=200, fl=20), track(2, 13.504, 2.6, kt=200, to_deg=270, fl=20)]
    sky.fly(2)
    who = IDENTITY.empty(2)
    who["track_no"], who["category"] = (1, 2), (5, 2)
    sky.identities = who
    sky.fly(40)
    assert {int(r["track_no"]) for r in sky.of("site_approach")} == {1, 2}
    risk = {int(r["track_no"]): float(r["risk"]) for r in sky.of("site_approach")}
    assert risk[1] > 3 * risk[2] > 0
    row = next(r for r in sky.of("site_approach") if r["track_no"] == 1 and r["severity"] == 3)
    assert b"suspect" in row["reason"]
    assert b"weight 1" in row["reason"]


def test_transponder_off() -> None:
    """F57: the transponder stops, primary plots go on: told, and area alerts still work."""
    sky = Sky(Ground(volumes=(square(),)))
    sky.tracks = [track(1, 13.5, 1.7, kt=360, icao24=0x62014)]
    for k in range(100):
        if k < 40 and k % 4 == 0:
            sky.plots = PLOT.empty(1)
            sky.plots["icao24"], sky.plots["mode3a"], sky.plots["sensor_id"] = 0x62014, 0o1234, 1
        sky.fly(1)
    row = sky.of("transponder_off")[0]
    assert row["track_no"] == 1
    assert 36 + 20 <= (row["raised_ns"] - START) / S <= 36 + 30
    sky.fly(120)
    assert {"apw_proximity", "apw_intrusion"} <= names(sky)


def test_gnss_cells_are_told() -> None:
    from types import SimpleNamespace

    sky = Sky()
    sky.cells = (SimpleNamespace(name="N13E002", lat_deg=13.5, lon_deg=2.5, bad=4, seen=9, share=0.44),)
    sky.fly(1)
    assert sky.last("gnss_interference")["area"] == b"N13E002"


def test_a_sensor_off_beyond_the_limits_is_told_with_its_errors() -> None:
    sky = Sky(where=site(radar()))
    sky.health = health(2)
    sky.health["azimuth_bias_rad"], sky.health["range_bias_m"] = math.radians(2.4), -30.0
    sky.fly(3)
    assert "registration" not in names(sky)  # the bit of the reasons tells, not the number
    sky.health["reasons"] |= HEALTH_BIAS_LIMIT
    sky.fly(5)
    told = sky.last("registration")
    assert (told["area"], told["state"]) == (b"Radar", 1)
    assert "-30 m, +2.40 °" in told["reason"].decode()
    sky.health["reasons"] = 0
    sky.fly(8)
    assert sky.last("registration")["state"] == 3


def test_sensors_cover_and_clock() -> None:
    """F39, F41: a silent radar and a NOGO are told, and what is no longer covered; they clear by themselves."""
    sky = Sky(where=site(radar()))
    for state in (4, 5, 3):
        sky.health = health(state)
        sky.fly(3)
        assert sky.last("sensor_health")["area"] == b"Radar"
        assert "100 %" in sky.last("coverage_lost")["reason"].decode()
        sky.health = health(1)
        sky.fly(6)
        assert sky.last("sensor_health")["state"] == 3
    assert len([k for k in sky.raised() if k[0] == "sensor_health"]) == 3
    sky.events = (Event(rx_ns=sky.now_ns, kind="clock_state", value=1, text="stratum 16"),)
    sky.fly(1)
    assert b"DEGRADED-TIME" in sky.last("degraded_time")["reason"]
    sky.events = (Event(rx_ns=sky.now_ns, kind="clock_state", value=0),)
    sky.fly(4)
    assert sky.last("degraded_time")["state"] == 3
    sky.events = (Event(rx_ns=sky.now_ns, kind="disk_room", value=1, text="9.0 % of the disk is free"),)
    sky.fly(1)
    assert sky.last("recording_room")["severity"] == 2
    sky.events = (Event(rx_ns=sky.now_ns, kind="disk_room", value=2, text="1.9 % of the disk is free"),)
    sky.fly(1)
    assert sky.last("recording_room")["severity"] == 3
    assert b"1.9 %" in sky.last("recording_room")["reason_fr"]
    sky.events = (Event(rx_ns=sky.now_ns, kind="disk_room", value=0, text=""),)
    sky.fly(4)
    assert sky.last("recording_room")["state"] == 3
    assert HEALTH.empty().size == 0


def test_the_search_by_cells_finds_what_a_search_of_all_pairs_finds() -> None:
    """600 tracks around the antimeridian and up to the pole: the same pairs as every pair tried."""
    from vigie.watch.kernels.pairs import Cells, window

    rng = np.random.default_rng(4)
    n = 600
    lat, lon = np.radians(rng.uniform(60.0, 62.5, n)), np.radians((rng.uniform(178.0, 184.0, n) + 180) % 360 - 180)
    lat[:60] = np.radians(rng.uniform(87.0, 88.0, 60))
    course, speed = rng.uniform(0, 2 * np.pi, n), rng.uniform(80, 260, n)
    ve, vn, climb = speed * np.sin(course), speed * np.cos(course), rng.choice([0.0, 10.0, -10.0], n)
    amsl = rng.uniform(3000, 6000, n)
    no, yes = np.zeros(n, bool), np.ones(n, bool)
    cells = Cells()
    cells.sort(np.arange(n), yes, lat, lon, amsl, ve, vn, climb, no, 50.0)
    rows = np.arange(0, n, 2)
    pairs, _ = cells.search(rows, yes, lat, lon, amsl, amsl, no, ve, vn, climb, horizontal_m=5556.0, vertical_m=228.6,
                            horizon_s=90.0, most_climb=50.0)  # fmt: skip
    wanted = set()
    for i in rows.tolist():
        for j in range(n):
            d = (lon[j] - lon[i] + np.pi) % (2 * np.pi) - np.pi
            x, y = d * np.cos((lat[i] + lat[j]) / 2) * 6_371_008.8, (lat[j] - lat[i]) * 6_371_008.8
            if j == i or np.hypot(x, y) > 60_000:
                continue
            first, _, _ = window(x, y, amsl[j] - amsl[i], ve[j] - ve[i], vn[j] - vn[i], climb[j] - climb[i], 5556.0,
                                 228.6, 90.0)  # fmt: skip
            if first <= 90.0:
                wanted.add((min(i, j), max(i, j)))
    found = {tuple(p) for p in pairs.tolist()}
    assert len(wanted) > 50
    assert len(found ^ wanted) <= 0.01 * len(wanted)  # the last digit of the cosine
    assert len(pairs) == len(found)
