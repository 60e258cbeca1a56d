"""A snapshot of more tracks than a fresh tracker has rows for: going on from it gives the same bits."""

from __future__ import annotations

import numpy as np

from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.snapshot import decode, encode
from vigie.terms.tables import HEALTH, PLOT, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.tracker import Tracker

T0 = 1_700_000_000 * NS_PER_S
TICK_NS = 100_000_000
AIRCRAFT = 1_500


def reports(second: int) -> Rows:
    """One ADS-B report of each aircraft, on a grid of a tenth of a degree, all flying north."""
    rows = PLOT.empty(AIRCRAFT)
    k = np.arange(AIRCRAFT)
    rows["toa_ns"] = T0 + second * NS_PER_S
    rows["rx_ns"] = rows["toa_ns"] + 50_000_000
    rows["sensor_id"], rows["kind"], rows["icao24"] = 1, 4, 0x062000 + k
    rows["lat_deg"], rows["lon_deg"] = 11.0 + k // 50 * 0.1 + second * 0.002, 1.0 + k % 50 * 0.1
    rows["pos_sd_m"], rows["press_alt_m"] = 20.0, 9_000.0
    return rows


def test_the_rows_of_a_grown_tracker_come_back() -> None:
    station = Sensor(id=1, name="A", kind="adsb", lat_deg=13.0, lon_deg=3.0, height_m=200.0, **sensor_defaults("adsb"))
    site = make_site(name="many", lat_deg=13.0, lon_deg=3.0, sensors=(station,))

    def play(tracker: Tracker, first: int, last: int) -> int:
        most = 0
        for tick in range(first, last):
            plots = reports(tick // 10) if tick % 10 == 1 else PLOT.empty(0)
            most = max(most, len(tracker.step(plots, HEALTH.empty(), T0 + tick * TICK_NS)))
        return most

    whole, again = Tracker(site), Tracker(site)
    play(whole, 0, 60)
    decode(encode(whole), again)
    held = encode(whole)
    assert encode(again) == held
    assert play(whole, 60, 120) >= AIRCRAFT
    play(again, 60, 120)
    assert again.digest == whole.digest
    assert encode(again) == encode(whole)
