"""One small busy sky: the same bits whatever way the plots come, and nothing that comes later changes what was said."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.tables import HEALTH, PLOT, TRACK, Rows
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import TICK_NS
from vigie.track.kernels.output import fold
from vigie.track.tracker import Tracker

T0 = 1_700_000_000 * NS_PER_S
SECONDS = 70


def sky() -> tuple[Site, Rows]:
    """Two radars and ADS-B over twenty aircraft (two on one code, one without), false plots, late ones, repeats."""
    rng = np.random.default_rng(11)
    place = {"lat_deg": 13.5, "lon_deg": 2.2, "height_m": 200.0}
    radars = [Sensor(id=k, name=f"R{k}", kind="radar", **place, **sensor_defaults("radar")) for k in (1, 2)]
    adsb = Sensor(id=3, name="A", kind="adsb", **place, **sensor_defaults("adsb"))
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(*radars, adsb))
    parts = []
    for n in range(20):
        start = np.array([rng.uniform(-90e3, 90e3), rng.uniform(20e3, 90e3)])
        heading = rng.uniform(0, 2 * math.pi)
        velocity = rng.uniform(90, 330) * np.array([math.sin(heading), math.cos(heading)])
        for sensor, period in ((1, 4.0), (2, 4.0), (3, 1.0)):
            if sensor == 3 and n % 2:
                continue
            t = np.arange(rng.uniform(0, period), SECONDS, period)
            t = t[(rng.random(t.size) < 0.9) & ((t < 25) | (n > 1))]  # two land
            at = start + velocity * t[:, None]
            rows = PLOT.empty(t.size)
            if sensor == 3:
                rows["lat_deg"] = 13.5 + at[:, 1] / 110_600.0
                rows["lon_deg"] = 2.2 + at[:, 0] / (111_320.0 * math.cos(math.radians(13.5)))
                rows["v_east_mps"], rows["v_north_mps"] = velocity
                rows["icao24"], rows["pos_sd_m"], rows["kind"] = 0x400000 + n, 20.0, 5
            else:
                rows["range_m"] = np.hypot(np.hypot(at[:, 0], at[:, 1]), 7800.0) + rng.normal(0, 50, t.size)
                rows["azimuth_rad"] = np.arctan2(at[:, 0], at[:, 1]) % (2 * math.pi)
                rows["mode3a"] = 65535 if n == 3 else 0o1000 + n // 2
                rows["kind"] = 1 if n == 3 else 3
            rows["press_alt_m"] = math.nan if n == 3 else 7700.0
            rows["sensor_id"] = sensor
            rows["toa_ns"] = T0 + (t * 1e9).astype(np.int64)
            parts.append(rows)
    false = PLOT.empty(600)
    false["range_m"], false["azimuth_rad"] = rng.uniform(5e3, 120e3, 600), rng.uniform(0, 6.28, 600)
    false["sensor_id"], false["kind"] = rng.integers(1, 3, 600), 1
    false["toa_ns"] = T0 + rng.integers(0, SECONDS * NS_PER_S, 600)
    plots = np.concatenate([*parts, false])
    plots["rx_ns"] = plots["toa_ns"] + rng.integers(200_000_000, 800_000_000, plots.size)
    late = rng.random(plots.size) < 0.1
    plots["rx_ns"][late] += rng.integers(0, 6 * NS_PER_S, int(late.sum()))
    again = plots[rng.random(plots.size) < 0.03]
    again["rx_ns"] += 300_000_000
    plots = np.concatenate([plots, again])
    return site, plots[np.argsort(plots["rx_ns"], kind="stable")]


def feed(site: Site, plots: Rows, until_ns: int, way: str = "whole") -> tuple[Rows, Tracker]:
    tracker, none, out, i = Tracker(site), HEALTH.empty(), [], 0
    wide = np.repeat(plots, 2)
    for now in range(T0 + TICK_NS, until_ns + 1, TICK_NS):
        j = int(np.searchsorted(plots["rx_ns"], now, side="right"))
        batch = plots[i:j].copy() if way == "copies" else wide[2 * i : 2 * j : 2] if way == "strides" else plots[i:j]
        busy = now % (NS_PER_S // 2) in (0, 400_000_000)  # ticks that commit or show are one step
        if way == "pieces" and not busy and len(batch):
            out.extend(tracker.step(batch[k : k + 1], none, now) for k in range(len(batch)))
        else:
            out.append(tracker.step(batch, none, now))
        i = j
        assert tracker.ledger.balances
    return np.concatenate(out), tracker


END = T0 + (SECONDS + 8) * NS_PER_S


@pytest.fixture(scope="module")
def whole() -> tuple[Site, Rows, Rows, Tracker]:
    site, plots = sky()
    rows, tracker = feed(site, plots, END)
    return site, plots, rows, tracker


def test_the_sky_is_a_real_test(whole: tuple[Site, Rows, Rows, Tracker]) -> None:
    _, _, rows, tracker = whole
    at = rows[rows["now_ns"] == T0 + 60 * NS_PER_S]
    assert 16 <= np.isin(at["status"], [2, 3]).sum() <= 24
    assert tracker.ledger.filtered["duplicate"] > 20
    assert {1, 2, 3, 4} <= set(rows["status"].tolist())


@pytest.mark.parametrize("way", ["copies", "strides", "pieces"])
def test_the_same_bits_whatever_way_plots_come(whole: tuple[Site, Rows, Rows, Tracker], way: str) -> None:
    site, plots, rows, tracker = whole
    other, second = feed(site, plots, END, way)
    assert other.tobytes() == rows.tobytes()
    assert second.digest == tracker.digest


@pytest.mark.parametrize("seed", range(10))
def test_what_comes_after_a_cut_changes_nothing_before(whole: tuple[Site, Rows, Rows, Tracker], seed: int) -> None:
    site, plots, rows, _ = whole
    cut = T0 + int(np.random.default_rng(seed).integers(5 * NS_PER_S, SECONDS * NS_PER_S))
    part, _ = feed(site, plots[plots["rx_ns"] <= cut], cut + 2 * NS_PER_S)
    assert part[part["now_ns"] <= cut].tobytes() == rows[rows["now_ns"] <= cut].tobytes()


def test_every_column_of_a_row_is_written(whole: tuple[Site, Rows, Rows, Tracker]) -> None:
    site, plots, rows, _ = whole
    # rows come from memory that holds anything: two runs agree octet for octet only if nothing is left as it was
    dirt = [np.full(2_000_000 + 111 * k, 0xA5, np.uint8) for k in range(20)]
    del dirt
    again, _ = feed(site, plots, END)
    assert again.tobytes() == rows.tobytes()
    assert rows.dtype == TRACK.dtype
    assert np.isfinite(rows["pos_major_m"]).all()


def test_the_digest_tells_every_bit() -> None:
    words = np.random.default_rng(1).integers(-(2**62), 2**62, 23)
    seen = set()
    for k in range(words.size):
        for bit in (0, 17, 31, 32, 62):
            changed = words.copy()
            changed[k] ^= 1 << bit
            lanes = np.arange(1, 5)
            fold(changed, lanes)
            seen.add(lanes.tobytes())
    assert len(seen) == 5 * words.size
