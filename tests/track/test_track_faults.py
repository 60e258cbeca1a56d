"""Plots that are no second aircraft, and a track that goes bad: what the tracker makes of the faults of real radars."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.simulate.skies import flight, radar, sky, table
from tests.simulate.test_sensors import flown
from tests.track.test_tracker import flight as one_flight
from tests.track.test_tracker import radar as one_radar
from tests.track.test_tracker import run

from vigie.sensors.site import make_site
from vigie.simulate.run import Simulation
from vigie.simulate.site import site_of
from vigie.terms.tables import HEALTH, TRACK_CONFIRMED, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.tracker import Tracker


def tracked(parts: list[str], seconds: int) -> tuple[Rows, Tracker]:
    exercise = sky(*parts)
    plots, _ = flown(Simulation(exercise), seconds)
    return run(site_of(exercise), plots)


@pytest.mark.parametrize("transponder", ["s"])
def test_reflections_and_split_plots_make_no_second_track(transponder: str) -> None:
    target = flight("ONE", ["1420N00120E", "1420N00320E"], level_fl=200, speed_kt=420, transponder=transponder)
    mirror = table("reflector", sensor=1, azimuth_deg=90, range_nmi=3.0, faces_deg=315, width_deg=60, share=0.9)
    rows, tracker = tracked([target, radar("mode_s", split_share=0.2, split_deg=2.0), mirror], 400)
    shown = rows[rows["status"] >= TRACK_CONFIRMED]
    assert len(np.unique(shown["track_no"])) == 1
    assert tracker.ledger.filtered["reflection"] > 20
    assert tracker.ledger.filtered["split_plot"] > 2


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
