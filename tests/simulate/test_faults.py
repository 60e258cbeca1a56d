"""Faults and deception that are not in ``test_sensors``: clocks, ways, areas, replays, addresses. Fixed seeds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.simulate.skies import ADSB, circle, flight, radar, sky, system, table
from tests.simulate.test_sensors import flown
from vigie.decode.decoder import Decoder
from vigie.simulate.run import Simulation
from vigie.terms.errors import ExerciseError
from vigie.terms.units import M_PER_NMI, NS_PER_S

MLAT = system(5, "mlat", 4005, max_range_nmi=200, detection_probability=1.0)
STATION = system(6, "adsb", 4006, format="asterix", max_range_nmi=200, detection_probability=1.0)


def seconds(plots: np.ndarray, simulation: Simulation, column: str = "toa_ns") -> np.ndarray:
    return (plots[column] - simulation.start_ns) / NS_PER_S


@pytest.mark.parametrize(("sensor", "delay_s"), [(1, 0.25), (5, 0.2), (6, 0.2)])
def test_a_drifting_clock_runs_away_and_is_set_right_again(sensor: int, delay_s: float) -> None:
    fault = table("fault", kind="clock_drift", sensor=sensor, drift_ppm=20000, from_s=20, to_s=80)
    simulation = Simulation(sky(circle(20), radar(), MLAT, STATION, fault))
    simulation.step(simulation.start_ns + 100 * NS_PER_S)
    plots = simulation.plots()
    own = plots[plots["sensor_id"] == sensor]
    t = seconds(own, simulation, "rx_ns")
    ahead = seconds(own, simulation) - t + delay_s
    during = (t > 25) & (t < 79)
    slope = np.polyfit(t[during], ahead[during], 1)[0]
    assert slope == pytest.approx(0.02, abs=0.002)
    assert ahead[during].max() == pytest.approx(0.02 * 59, abs=0.3)
    after = ahead[t > 82]
    assert after.size
    assert np.abs(np.median(after) - np.median(ahead[t < 19])) < 0.05


@pytest.mark.parametrize("sensor", [5, 6])
def test_a_systems_clock_steps_with_its_status_messages(sensor: int) -> None:
    fault = table("fault", kind="clock_offset", sensor=sensor, offset_s=-3.0, from_s=10, to_s=20)
    simulation = Simulation(sky(circle(10), MLAT, STATION, fault))
    decoder = Decoder(simulation.site())
    said = decoder.step(simulation.step(simulation.start_ns + 30 * NS_PER_S))
    for rows in (said.plots, said.services):
        own = rows[rows["sensor_id"] == sensor]
        t = seconds(own, simulation, "rx_ns")
        wrong = seconds(own, simulation) - t < -2.5
        assert wrong[(t > 11.5) & (t < 19.5)].all()
        assert not wrong[(t < 9.5) | (t > 21)].any()


def test_datagrams_come_late_and_out_of_order_as_ordered() -> None:
    parts = (circle(30), radar())
    jitter = table("fault", kind="jitter", sensor=1, jitter_s=0.3, from_s=10, to_s=110)
    late = table("fault", kind="reordered_datagrams", sensor=1, jitter_s=1.5, share=0.5, from_s=10, to_s=110)
    plain = Simulation(sky(*parts))
    plain.step(plain.start_ns + 120 * NS_PER_S)
    a = plain.plots()
    for fault, mean_s, worst_s in ((jitter, 0.3, math.inf), (late, 0.5 * 0.75, 1.5)):
        simulation = Simulation(sky(*parts, fault))
        simulation.step(simulation.start_ns + 120 * NS_PER_S)
        b = simulation.plots()
        order = [np.lexsort((p["azimuth_rad"], p["icao24"], p["toa_ns"])) for p in (a, b)]
        assert len(a) == len(b)
        wait_s = (b["rx_ns"][order[1]] - a["rx_ns"][order[0]]) / NS_PER_S
        t = seconds(a[order[0]], simulation)
        during = (t > 12) & (t < 108)
        assert wait_s[during].mean() == pytest.approx(mean_s, rel=0.2)
        assert 0 <= wait_s.min() <= wait_s.max() < worst_s + 1e-6
        assert not wait_s[(t < 8) | (t > 111)].any()
        assert (np.diff(b["toa_ns"]) < -NS_PER_S // 4).any()  # overtaken on the way


def test_stuck_plots_stand_and_a_nogo_is_said() -> None:
    stuck = table("fault", kind="stuck_plots", sensor=1, count=2, from_s=0, to_s=100)
    nogo = table("fault", kind="nogo", sensor=1, from_s=40, to_s=70)
    simulation = Simulation(sky(flight("ONE", ["DRRN", "DRZA"], depart_s=999), radar(), stuck, nogo))
    said = Decoder(simulation.site()).step(simulation.step(simulation.start_ns + 100 * NS_PER_S))
    assert len({(float(p["range_m"]), float(p["azimuth_rad"])) for p in said.plots}) == 2
    assert len(said.plots) == pytest.approx(50, abs=3)
    assert not (said.plots["flags"] & 2).any()  # they do not say that they are tests
    north = said.services[said.services["kind"] == 1]
    t = seconds(north, simulation)
    stopped = north["status"] & 1 > 0 if "status" in north.dtype.names else north["nogo"] > 0
    assert stopped[(t > 41) & (t < 69)].all()
    assert not stopped[(t < 39) | (t > 71)].any()


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_an_area_is_hidden_from_one_sensor_while_the_fault_lasts(share: float) -> None:
    slow = {"type": "DRNM", "speed_kt": 20, "transponder": "adsb", "level_fl": 240}
    inside = [flight(f"I{k}", [f"14{10 + 2 * k}N00230E", "1500N00400E"], **slow) for k in range(6)]
    outside = [flight(f"O{k}", [f"13{10 + 2 * k}N00230E", "1200N00400E"], **slow) for k in range(6)]
    area = {"kind": "blind_area", "lat_deg": 14.25, "lon_deg": 2.5, "radius_nmi": 20, "from_s": 20, "to_s": 120}
    if share < 1.0:
        area["share"] = share
    for sensor in (1, 3, 5):
        fault = table("fault", sensor=sensor, **area)
        simulation = Simulation(sky(*inside, *outside, radar(), ADSB, MLAT, fault))
        plots, truth = flown(simulation, 140)
        names = {a: bytes(rows["callsign"][0])[:1] for a, rows in truth.items()}
        is_in = np.array([names[int(a)] == b"I" for a in plots["icao24"]])
        t = seconds(plots, simulation)
        during = (t > 24.5) & (t < 119)
        for other in (1, 3, 5):
            own = (plots["sensor_id"] == other) & during
            left = (own & is_in).sum() / (own & ~is_in).sum()
            assert left == pytest.approx(1.0 - share if other == sensor else 1.0, abs=0.12)
        before = (plots["sensor_id"] == sensor) & (t < 19)
        assert (before & is_in).sum() == pytest.approx((before & ~is_in).sum(), rel=0.2)


def test_a_replay_says_again_what_a_flight_said_where_it_was() -> None:
    one = flight("ONE", ["1400N00300E", "1600N00900E"], level_fl=310, address="062001", code="4301", speed_kt=450)
    turn = table("event", flight="ONE", at_s=30, do="turn", by_deg=90)
    fault = table("fault", kind="replay", flight="ONE", delay_s=60, from_s=100, to_s=160)
    simulation = Simulation(sky(one, turn, radar(), ADSB, STATION, fault))
    plots, truth = flown(simulation, 200)
    assert len(truth) == 1  # what is replayed is not there
    true = truth[0x062001]
    for sensor in (3, 6):
        own = plots[plots["sensor_id"] == sensor]
        assert set(own["icao24"]) == {0x062001}

        def off_m(delay_s: int, own: np.ndarray = own) -> np.ndarray:
            at = own["toa_ns"] - delay_s * NS_PER_S
            lat, lon = (np.interp(at, true["t_ns"], true[c]) for c in ("lat_deg", "lon_deg"))
            return np.hypot(own["lat_deg"] - lat, (own["lon_deg"] - lon) * 0.97) * 111_000

        t = seconds(own, simulation)
        again = off_m(60) < 60
        assert (again | (off_m(0) < 60)).all()
        assert again[(t > 101) & (t < 159)].sum() == pytest.approx(again.size * 58 / 260, rel=0.25)
        assert not again[((t > 2) & (t < 99)) | (t > 161.5)].any()
    assert (plots["sensor_id"] == 1).sum() == pytest.approx(200 / 4 * 0.9, abs=6)  # no radar sees it twice


def test_two_aircraft_with_one_address_are_two_where_they_are() -> None:
    two = [
        flight("ONE", ["1500N00300E", "1600N00900E"], address="062001"),
        flight("TWO", ["1200N00300E", "1100N00900E"], address="062002"),
    ]
    fault = table("fault", kind="duplicate_address", flight="TWO", address="062001", from_s=20, to_s=60)
    plots, _ = flown(Simulation(sky(*two, radar(), ADSB, fault)), 80)
    t = (plots["toa_ns"] - plots["toa_ns"].min()) / NS_PER_S
    during = plots[(t > 26) & (t < 58)]
    assert set(during["icao24"]) == {0x062001}
    heard = during[during["kind"] == 5]
    assert (heard["lat_deg"] > 14).any()
    assert (heard["lat_deg"] < 13).any()
    assert {bytes(c).strip() for c in during["callsign"][during["kind"] == 4]} == {b"ONE", b"TWO"}
    assert 0x062002 in set(plots["icao24"][t > 66])


def test_a_navigation_that_is_dragged_off_begins_where_it_was_right() -> None:
    pull = table("fault", kind="gnss_drift", lat_deg=14.2, lon_deg=3.3, radius_nmi=60, course_deg=0, speed_kt=60,
                 from_s=20, to_s=220)  # fmt: skip
    one = flight("ONE", ["1400N00300E", "1400N00400E"], type="DRNM", transponder="adsb", level_fl=240, speed_kt=20)
    plots, truth = flown(Simulation(sky(one, ADSB, pull)), 200)
    (true,) = truth.values()
    north_m = (plots["lat_deg"] - np.interp(plots["toa_ns"], true["t_ns"], true["lat_deg"])) * 110_600
    t = (plots["toa_ns"] - true["t_ns"][0]) / NS_PER_S + 1
    assert np.abs(north_m[t < 19.5]).max() < 2
    assert np.abs(north_m[(t > 20) & (t < 23)]).max() < 130  # no jump that a gate would find
    assert np.polyfit(t[t > 25], north_m[t > 25], 1)[0] == pytest.approx(60 * M_PER_NMI / 3600, rel=0.03)


@pytest.mark.parametrize(
    ("fault", "key", "said"),
    [
        ({"kind": "replay", "flight": "ONE"}, "kind", "needs the key delay_s"),
        ({"kind": "replay", "flight": "TWO", "delay_s": 60}, "flight", "callsign"),
        ({"kind": "replay", "flight": "ONE", "delay_s": 0}, "delay_s", "a delay"),
        ({"kind": "blind_area", "sensor": 1, "lat_deg": 13.0, "lon_deg": 2.0}, "kind", "radius_nmi"),
        ({"kind": "clock_drift", "sensor": 3, "drift_ppm": 5.0}, "kind", "expected one of silence"),
        ({"kind": "burst_loss", "sensor": 5, "share": 0.5}, "kind", "is a fault of radars"),
    ],
)
def test_a_wrong_fault_names_its_key(fault: dict[str, object], key: str, said: str) -> None:
    with pytest.raises(ExerciseError) as caught:
        sky(flight("ONE", ["DRRN", "DRZA"]), radar(), ADSB, MLAT, table("fault", **fault))
    assert any(f"] {key}: " in p and said in p for p in caught.value.problems), caught.value.problems
