"""A radar's silence says as much as the radar would have heard: much in good cover, nothing below its horizon."""

from __future__ import annotations

import numpy as np
import pytest
from tests.track.test_tracker import flight, radar, run

from vigie.sensors.site import make_site
from vigie.terms.tables import HEALTH, PLOT, TRACK_COASTING, TRACK_CONFIRMED
from vigie.terms.units import NS_PER_S


def silent_s(lat: float, *, press_alt_m: float = 8000.0) -> float:
    """How long a flight to the north that is heard for a minute, last at ``lat``, is shown after its last plot (s)."""
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(radar(13.5, 2.2),), temperature_c=15.1)
    plots, _ = flight(site, lat=lat - 0.2, lon=2.2, east=0.0, north=220.0, seconds=100, press_alt_m=press_alt_m)
    rows, tracker = run(site, plots)
    last = int(plots["toa_ns"][-1])
    now = int(rows["now_ns"].max())
    ticks = range(now // 100_000_000 + 1, now // 100_000_000 + 600)
    after = [tracker.step(PLOT.empty(), HEALTH.empty(), tick * 100_000_000) for tick in ticks]
    rows = np.concatenate([rows, *after])
    shown = rows[np.isin(rows["status"], [TRACK_CONFIRMED, TRACK_COASTING])]
    assert len(np.unique(shown["track_no"])) == 1
    return (int(shown["now_ns"].max()) - last) / NS_PER_S


def test_in_good_cover_silence_ends_a_track_in_time() -> None:
    assert silent_s(14.6) < 32.0


@pytest.mark.parametrize("lat", [16.9, 17.65])  # below the horizon of 8,000 m; at the edge of 256 NM
def test_where_a_radar_hardly_hears_its_silence_ends_no_track_sooner(lat: float) -> None:
    assert silent_s(lat) > 36.0
