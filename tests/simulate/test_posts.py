"""Observers, acoustic posts and Remote ID receivers: what they report, how wrong, how late, and as which octets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.simulate.skies import flight, radar, sky, system, table
from tests.simulate.test_sensors import flown
from vigie.decode.decoder import Decoder
from vigie.sensors.site import parse_site
from vigie.simulate.run import Simulation
from vigie.terms.errors import ExerciseError
from vigie.terms.units import NS_PER_S

EMPTY = flight("ONE", ["DRRN", "DRZA"], depart_s=9000)
SLOW = {"type": "DRNM", "level_fl": 20, "speed_kt": 10, "transponder": "none"}
NEAR = flight("NEAR", ["1331N00211E", "1331N00250E"], **SLOW)


def post(kind: str = "observer", number: int = 7, **more: object) -> str:
    keys = {"azimuth_sd_deg": 4.0, "detection_probability": 0.8, "max_range_nmi": 8.0, "period_s": 2.0, "delay_s": 1.0}
    return system(number, kind, 4000 + number, **(keys | more))


def bearings_off(plots: np.ndarray, truth: np.ndarray, lag_s: float = 0.0) -> np.ndarray:
    """Bearing (deg) of each report less the true one, ``lag_s`` before."""
    t = plots["toa_ns"] - lag_s * NS_PER_S
    lat, lon = (np.interp(t, truth["t_ns"], truth[c]) for c in ("lat_deg", "lon_deg"))
    true = np.arctan2((lon - 2.17) * math.cos(math.radians(13.5)), (lat - 13.48) * 0.9935)
    return (np.degrees(plots["azimuth_rad"] - true) + 180) % 360 - 180


def test_an_observers_bearings_err_and_are_missed_as_asked() -> None:
    plots, truth = flown(Simulation(sky(NEAR, post())), 1000)
    (true,) = truth.values()
    off = bearings_off(plots, true)
    assert set(plots["kind"]) == {8}
    assert np.isnan(plots["range_m"]).all()
    assert np.std(off) == pytest.approx(4.0, rel=0.1)
    assert abs(np.mean(off)) < 0.6
    assert len(plots) == pytest.approx(0.8 * 1000 / 2, rel=0.06)
    far = flight("FAR", ["1335N00216E", "1335N00217E"], **SLOW)  # at about 8.9 NM: out of sight
    assert not len(flown(Simulation(sky(far, post())), 100)[0])


def test_false_reports_come_from_anywhere_as_often_as_asked_and_late_ones_late() -> None:
    simulation = Simulation(sky(EMPTY, post(false_per_hour=600, jitter_s=2.0)))
    plots, _ = flown(simulation, 1800)
    assert len(plots) == pytest.approx(300, abs=45)
    assert np.histogram(plots["azimuth_rad"], 4, (0, 2 * math.pi))[0].min() > 45
    late_s = (plots["rx_ns"] - plots["toa_ns"]) / NS_PER_S
    assert late_s.min() > 0.99
    assert late_s.mean() == pytest.approx(3.0, abs=0.4)


def test_an_acoustic_post_hears_an_aircraft_where_it_was_when_the_sound_left_it() -> None:
    fast = flight("FAST", ["1330N00150E", "1330N00240E"], type="SU25", level_fl=30, speed_kt=300, transponder="none")
    heard = post("acoustic", azimuth_sd_deg=0.5, detection_probability=1.0, max_range_nmi=15)
    plots, truth = flown(Simulation(sky(fast, heard)), 400)
    (true,) = truth.values()
    at_once = np.abs(bearings_off(plots, true))
    d_m = np.interp(plots["toa_ns"], true["t_ns"], np.hypot((true["lon_deg"] - 2.17) * 108_000, 2_200))
    behind = d_m < 3_000  # near the closest point, where the lag turns the bearing most
    assert np.median(at_once[behind]) > 8
    passing = np.abs(bearings_off(plots[behind], true, lag_s=2_600 / 340))
    assert np.median(passing) < 0.5 * np.median(at_once[behind])
    prompt = sky(fast, heard.replace('name = "acoustic"', 'name = "acoustic"\nsound_mps = 100000.0'))
    plots, truth = flown(Simulation(prompt), 400)
    assert np.median(np.abs(bearings_off(plots, next(iter(truth.values()))))) < 0.8


def test_bearings_are_cat205_that_the_decoder_reads_and_a_quiet_post_says_that_it_lives() -> None:
    simulation = Simulation(sky(NEAR, post(), post("acoustic", 8, false_per_hour=30)))
    decoder = Decoder(simulation.site())
    frames = simulation.step(simulation.start_ns + 200 * NS_PER_S)
    said, made = decoder.step(frames), simulation.plots()
    assert not said.rejects.size
    assert decoder.ledger.balances
    order = [np.lexsort((r["azimuth_rad"], r["rx_ns"], r["sensor_id"])) for r in (made, said.plots)]
    a, b = made[order[0]], said.plots[order[1]]
    assert len(a) == len(b) > 60
    for name in ("toa_ns", "rx_ns", "sensor_id", "kind", "flags"):
        assert (a[name] == b[name]).all(), name
    assert np.abs(a["azimuth_rad"] - b["azimuth_rad"]).max() < 1e-9
    quiet = Simulation(sky(EMPTY, post()))
    said = Decoder(quiet.site()).step(quiet.step(quiet.start_ns + 20 * NS_PER_S))
    assert not len(said.plots)
    assert len(said.services) == pytest.approx(10, abs=1)


def test_the_same_seed_gives_the_same_bytes_on_any_chunking() -> None:
    drone = flight("D", ["1329N00211E", "1331N00211E"], type="DRNS", level_fl=11, remote_id="SER1AL", speed_kt=10)
    exercise = sky(NEAR, drone, post(jitter_s=3.0, false_per_hour=400), post("acoustic", 8), remote())
    whole, cut = Simulation(exercise), Simulation(exercise)
    a = whole.step(whole.start_ns + 60 * NS_PER_S)
    b = [cut.step(cut.start_ns + k * NS_PER_S * 7 // 10) for k in range(1, 86)]
    b.append(cut.step(cut.start_ns + 60 * NS_PER_S))
    assert len(a) > 80
    assert a.data.tobytes() == b"".join(f.data.tobytes() for f in b)
    assert (np.diff(a.rows["rx_ns"]) >= 0).all()


def test_a_live_centre_refuses_simulated_bearings_and_drones() -> None:
    drone = flight("D", ["1329N00211E", "1331N00211E"], type="DRNS", level_fl=11, remote_id="SER1AL", speed_kt=10)
    simulation = Simulation(sky(drone, post(), remote()))
    frames = simulation.step(simulation.start_ns + 20 * NS_PER_S)
    text = simulation.site_toml()
    assert len(Decoder(parse_site(text, file="site.toml")).step(frames).plots) > 20
    there = Decoder(parse_site(text.replace("exercise = true", "exercise = false"), file="live.toml"))
    refused = there.step(frames)
    assert not refused.plots.size
    assert there.ledger.as_json()["rejected"] == {"simulated_refused": there.ledger.records}


def remote(**more: object) -> str:
    keys = {"id": 9, "name": "drone ear", "kind": "remoteid", "lat_deg": 13.48, "lon_deg": 2.17, "height_m": 250.0,
            "max_range_nmi": 4.0, "detection_probability": 0.9, "link": "udp://127.0.0.1:4009"}  # fmt: skip
    return table("sensor", **(keys | more))


def test_drones_are_heard_where_they_are_with_serial_and_operator() -> None:
    drones = [
        flight(f"D{k}", [f"13{29 + k}N0021{k}E", "1340N00220E"], type="DRNS", level_fl=12, speed_kt=20,
               remote_id=f"VIG1234567{k}", operator_id="NER0001") for k in range(3)
    ]  # fmt: skip
    silent = table("event", flight="D0", at_s=40, do="transponder_off", systems=["remote_id"])
    exercise = sky(*drones, EMPTY, remote(max_range_nmi=10.0), radar(), silent)
    simulation = Simulation(exercise)
    decoder = Decoder(simulation.site())
    said = decoder.step(simulation.step(simulation.start_ns + 80 * NS_PER_S))
    made = simulation.plots()
    assert not said.rejects.size
    assert decoder.ledger.balances
    got = said.plots[said.plots["kind"] == 7]
    assert len(got) == len(made[made["kind"] == 7])
    assert len(got) == pytest.approx(0.9 * (40 + 80 + 80), rel=0.12)
    for name, step in (("lat_deg", 1e-9), ("lon_deg", 1e-9), ("geo_alt_m", 1e-6), ("press_alt_m", 1e-6),
                       ("v_east_mps", 1.0)):  # fmt: skip
        assert np.nanmax(np.abs(got[name] - made[name])) <= step, name
    assert (np.abs(got["toa_ns"] - made["toa_ns"]) <= NS_PER_S // 10).all()
    assert {bytes(c).strip() for c in got["callsign"]} == {b"12345670", b"12345671", b"12345672"}
    late = got[got["toa_ns"] > simulation.start_ns + 45 * NS_PER_S]
    assert {bytes(c).strip() for c in late["callsign"]} == {b"12345671", b"12345672"}  # one fell silent
    ids = said.remote_ids
    assert {bytes(o).strip(b"\0 ") for o in ids["operator_id"]} - {b""} == {b"NER0001"}
    away = flight("D", ["1400N00300E", "1340N00220E"], type="DRNS", level_fl=12, speed_kt=20, remote_id="A")
    assert not len(flown(Simulation(sky(away, remote())), 30)[0])


@pytest.mark.parametrize(
    ("text", "key", "said"),
    [
        (post().replace("sac = 226\n", ""), "sac", "is missing"),
        (post(false_per_hour=-1), "false_per_hour", "a mean number"),
        (remote(format="beast"), "format", "expected remoteid"),
        (flight("D", ["DRRN", "DRZA"], remote_id="much too long a serial number"), "remote_id", "serial number"),
        (post() + table("fault", kind="wrong_north", sensor=7, offset_deg=3.0), "kind", "is a fault of radars"),
    ],
)
def test_a_wrong_post_names_its_key(text: str, key: str, said: str) -> None:
    with pytest.raises(ExerciseError) as caught:
        sky(EMPTY, text)
    assert any(f"] {key}: " in p and said in p for p in caught.value.problems), caught.value.problems
