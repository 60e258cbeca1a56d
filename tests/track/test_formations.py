"""Formations of the simulator, seen by a primary radar alone: two aircraft stay two tracks, and keep their numbers."""

from __future__ import annotations

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
from vigie.terms.tables import TRACK_CONFIRMED, Rows
from vigie.terms.units import NS_PER_S

PSR = {"psr_range_nmi": 120, "psr_range_sd_m": 60}


def tracks(parts: list[str], seconds: int, seed: int) -> Rows:
    exercise = sky(*parts)
    plots, _ = flown(Simulation(exercise, seed), seconds)
    rows, _ = run(site_of(exercise), plots[np.argsort(plots["rx_ns"], kind="stable")])
    return rows[rows["status"] >= TRACK_CONFIRMED]


def at(rows: Rows, second: int) -> set[int]:
    """Numbers of the tracks shown at ``second`` after the first row's minute."""
    first = int(rows["now_ns"].min()) // NS_PER_S
    now = rows[(rows["now_ns"] // NS_PER_S == first + second) & (rows["status"] < 4)]
    return set(now["track_no"].tolist())


@pytest.mark.parametrize("seed", [1, 2])
def test_two_in_formation_stay_two_tracks_and_a_split_keeps_both_numbers(seed: int) -> None:
    keys = {"type": "A320", "level_fl": 200, "speed_kt": 330, "transponder": "none"}
    lead = flight("LEAD", ["1400N00110E", "1400N00410E"], **keys)
    wing = flight("WING", ["1359N00110E", "1359N00410E"], **keys)
    join = table("event", flight="WING", do="join", leader="LEAD", at_s=60, behind_m=700, right_m=900)
    split = table("event", flight="WING", do="split", by_deg=70, at_s=330)
    rows = tracks([lead, wing, radar("psr", **PSR), join, split], 420, seed)
    assert len(at(rows, 50)) == 2
    for second in (120, 200, 290, 380):
        assert at(rows, second) == at(rows, 50), second


def test_a_member_that_misses_turns_is_not_taken_for_a_second_track_of_the_other() -> None:
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(one_radar(13.5, 2.2),))
    lead, _ = one_flight(site, lat=13.75, lon=1.9, east=160.0, north=10.0, seconds=240, seed=1)
    wing, _ = one_flight(site, lat=13.743, lon=1.9, east=160.0, north=10.0, seconds=240, seed=2)
    wing = wing[(np.arange(len(wing)) < 12) | (np.arange(len(wing)) % 4 != 0)]
    plots = np.concatenate([lead, wing])
    # near the radar, heights unknown: wide claims
    plots["kind"], plots["mode3a"], plots["press_alt_m"] = 1, 65535, np.nan
    rows, _ = run(site, plots)
    shown = rows[rows["status"] == TRACK_CONFIRMED]
    assert len(np.unique(shown["track_no"])) == 2
    assert (rows["status"] != 4).all()
