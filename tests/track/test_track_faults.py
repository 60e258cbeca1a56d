"""Plots that are no second aircraft, and a track that goes bad: what the tracker makes of the faults of real radars."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.simulate.skies import ADSB, flight, radar, sky, table
from tests.simulate.test_sensors import flown
from tests.track.test_tracker import flight as one_flight
from tests.track.test_tracker import radar as one_radar
from tests.track.test_tracker import run

from vigie.sensors.site import make_site, parse_site
from vigie.simulate.run import Simulation
from vigie.simulate.site import site_of, site_toml
from vigie.terms.tables import HEALTH, TRACK_CONFIRMED, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.tracker import Tracker


def tracked(parts: list[str], seconds: int) -> tuple[Rows, Tracker]:
    exercise = sky(*parts)
    plots, _ = flown(Simulation(exercise), seconds)
    return run(site_of(exercise), plots)


@pytest.mark.parametrize("transponder", ["s", "ac"])
def test_reflections_and_split_plots_make_no_second_track(transponder: str) -> None:
    target = flight("ONE", ["1420N00120E", "1420N00320E"], level_fl=200, speed_kt=420, transponder=transponder)
    mirror = table("reflector", sensor=1, azimuth_deg=90, range_nmi=3.0, faces_deg=315, width_deg=60, share=0.9)
    rows, tracker = tracked([target, radar("mode_s", split_share=0.2, split_deg=2.0), mirror], 400)
    shown = rows[rows["status"] >= TRACK_CONFIRMED]
    assert len(np.unique(shown["track_no"])) == 1
    assert tracker.ledger.filtered["reflection"] > 20
    assert tracker.ledger.filtered["split_plot"] > 2


def pair(*, icao24: int, mode3a: int, seconds: int) -> tuple[Rows, Tracker]:
    """Two aircraft at one level that wear the same, the second farther from the radar, each on its own way."""
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(one_radar(13.5, 2.2),))
    one, _ = one_flight(site, lat=14.2, lon=2.2, east=150.0, north=0.0, seconds=seconds, mode3a=mode3a)
    two, _ = one_flight(site, lat=13.5, lon=2.97, east=0.0, north=150.0, seconds=seconds, mode3a=mode3a, seed=2)
    two["toa_ns"] += NS_PER_S
    two["rx_ns"] += NS_PER_S
    plots = np.concatenate([one, two])
    plots["icao24"] = icao24
    assert two["range_m"].min() > one["range_m"].max() - 4000.0
    return run(site, plots)


@pytest.mark.parametrize(("icao24", "mode3a"), [(0x062001, 0o4321), (0x062001, 65535), (0, 0o4321)])
def test_two_aircraft_that_wear_the_same_at_one_level_are_two_tracks(icao24: int, mode3a: int) -> None:
    rows, tracker = pair(icao24=icao24, mode3a=mode3a, seconds=240)
    last = rows[(rows["now_ns"] == rows["now_ns"].max()) & (rows["status"] == TRACK_CONFIRMED)]
    assert len(last) == 2
    assert tracker.ledger.filtered["reflection"] > 3  # what nobody could know at first


def test_a_reflection_seen_before_its_aircraft_is_believed_ends_with_it() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(one_radar(13.5, 2.2),))
    plots, _ = one_flight(site, lat=14.2, lon=2.2, east=200.0, north=60.0, seconds=240)
    ghost = plots.copy()
    reflector_m, azimuth = 4000.0, math.radians(100.0)
    flown_m = plots["range_m"]
    cosine = np.cos(plots["azimuth_rad"] - azimuth)
    ghost["range_m"] = reflector_m + np.sqrt(flown_m**2 + reflector_m**2 - 2.0 * flown_m * reflector_m * cosine)
    ghost["azimuth_rad"] = azimuth + np.random.default_rng(5).normal(0, 0.001, len(ghost))
    ghost["toa_ns"] += NS_PER_S
    ghost["rx_ns"] += NS_PER_S
    rows, tracker = run(site, np.concatenate([plots[6:], ghost]))  # the aircraft itself is hidden for six turns
    late = rows[rows["now_ns"] > rows["now_ns"].min() + 150 * NS_PER_S]
    assert len(np.unique(late["track_no"])) == 1
    assert tracker.ledger.filtered["reflection"] > 25


def test_primary_echoes_of_the_pulse_before_make_no_track_where_the_pulse_rate_is_told() -> None:
    far = flight("FAR", ["1328N00345E", "1328N00545E"], level_fl=300, speed_kt=430, rcs_m2=4000, transponder="adsb")
    near = flight("NEAR", ["1358N00240E", "1428N00250E"], level_fl=100, speed_kt=250, transponder="none", rcs_m2=10)
    psr = radar("psr", psr_range_nmi=60, prf_hz=1000.0).replace("= 250", "= 80")
    site_keys = parse_site(site_toml(sky(far, near, psr, ADSB)), file="site.toml").sensors[0]
    assert site_keys.unambiguous_m == pytest.approx(149_896.0, abs=1.0)
    rows, tracker = tracked([far, near, psr, ADSB], 300)
    shown = rows[rows["status"] >= TRACK_CONFIRMED]
    assert len(np.unique(shown["track_no"])) == 2
    assert tracker.ledger.filtered["second_time_around"] > 40


def test_a_reply_to_the_pulse_before_makes_no_second_track() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(one_radar(13.5, 2.2),))
    plots, _ = one_flight(site, lat=14.6, lon=2.2, east=100.0, north=60.0, seconds=200)
    near = plots[5:].copy()
    near["range_m"] -= 90_000.0
    near["toa_ns"] += NS_PER_S // 100
    rows, tracker = run(site, np.concatenate([plots, near]))
    assert len(np.unique(rows["track_no"][rows["status"] >= TRACK_CONFIRMED])) == 1
    assert tracker.ledger.filtered["second_time_around"] > len(near) - 4


def test_two_aircraft_of_one_code_at_other_heights_are_two_tracks() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(one_radar(13.5, 2.2),))
    one, _ = one_flight(site, lat=14.2, lon=2.2, east=150.0, north=0.0, seconds=120)
    two, _ = one_flight(site, lat=13.5, lon=2.97, east=0.0, north=150.0, seconds=120, press_alt_m=6000.0)
    rows, _ = run(site, np.concatenate([one, two]))
    assert len(np.unique(rows["track_no"][rows["status"] == TRACK_CONFIRMED])) == 2


def test_a_track_that_turns_non_finite_is_set_aside_and_named(caplog: pytest.LogCaptureFixture) -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(one_radar(13.5, 2.2),))
    parts = [one_flight(site, lat=13.9 + 0.2 * k, lon=2.2, east=150.0, north=0.0, seconds=120, seed=k,
                        mode3a=0o1001 + k)[0] for k in range(4)]  # fmt: skip
    plots = np.concatenate(parts)
    plots = plots[np.argsort(plots["rx_ns"], kind="stable")]
    half = int(plots["rx_ns"][len(plots) // 2])
    before, tracker = run(site, plots[plots["rx_ns"] <= half])
    _, other = run(site, plots[plots["rx_ns"] <= half])
    now = (int(before["now_ns"].max()) // NS_PER_S) * NS_PER_S
    bad = int(np.unique(before["track_no"])[1])
    tracker._s[np.flatnonzero(tracker._i[:, 0] == bad)[0], :100] = math.nan  # what no plot can do
    after, good = [], []
    late = plots[plots["rx_ns"] > half]
    for tick in range(now + NS_PER_S // 10 * 41, now + 50 * NS_PER_S, NS_PER_S // 10):
        part = late[(late["rx_ns"] > tick - NS_PER_S // 10) & (late["rx_ns"] <= tick)]
        after.append(tracker.step(part, HEALTH.empty(), tick))
        good.append(other.step(part, HEALTH.empty(), tick))
    assert tracker.set_aside == (bad,)
    assert f"track {bad} is set aside" in caplog.text
    assert tracker.ledger.balances
    rows, same = np.concatenate(after), np.concatenate(good)
    assert np.isfinite(rows["lat_deg"]).all()
    rest = np.setdiff1d(np.unique(same["track_no"]), [bad])
    others = rows[np.isin(rows["track_no"], rest)]
    assert others.tobytes() == same[np.isin(same["track_no"], rest)].tobytes()
