"""A neighbour's tracks: fused with ours in the picture, shown alone where we see nothing, never in a filter of ours."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from tests.track.test_tracker import T0, flight, radar, run

from vigie.earth.wgs84 import ecef_to_geodetic
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.tables import PLOT, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.kernels.neighbour import intersect
from vigie.track.state import I_NO


def sky(*, reference: bool = False, cut: int = 10**9, sd: float = 100.0) -> tuple[Site, Rows, Rows, np.ndarray]:
    """One flight by our radar (its first ``cut`` plots) and as a neighbour's system sees it, every 4 s."""
    ours = dataclasses.replace(radar(13.5, 2.2), range_sd_m=150.0, azimuth_sd_rad=0.004)
    other = Sensor(id=9, name="N", kind="external", lat_deg=13.0, lon_deg=3.0, registration_reference=reference,
                   **(sensor_defaults("external")))  # fmt: skip
    site = make_site(name="t", lat_deg=13.5, lon_deg=2.2, sensors=(ours, other), temperature_c=15.1)
    plots, truth = flight(site, lat=13.9, lon=2.4, east=150.0, north=120.0, seconds=160)
    rng = np.random.default_rng(7)
    rows = PLOT.empty(len(truth))
    for k, (_, x, y, z) in enumerate(truth):
        lat, lon, _ = ecef_to_geodetic(x, y, z)
        rows["lat_deg"][k], rows["lon_deg"][k] = math.degrees(lat), math.degrees(lon)
    rows["lat_deg"] += rng.normal(0, sd / 111_000.0, len(rows))
    rows["lon_deg"] += rng.normal(0, sd / 108_000.0, len(rows))
    rows["v_east_mps"], rows["v_north_mps"] = 150.0, 120.0
    rows["geo_alt_m"], rows["pos_sd_m"], rows["kind"], rows["source_track_no"] = 8000.0, sd, 9, 77
    rows["sensor_id"], rows["mode3a"] = 9, 0o4321
    rows["toa_ns"] = T0 + (truth[:, 0] * 1e9).astype(np.int64) + 300_000_000
    rows["rx_ns"] = rows["toa_ns"] + 400_000_000
    return site, plots[:cut], rows, truth


def errors(rows: Rows, truth: np.ndarray) -> np.ndarray:
    out = []
    for r in rows:
        s = (r["now_ns"] - T0) * 1e-9
        lat, lon, _ = ecef_to_geodetic(*(np.interp(s, truth[:, 0], truth[:, k]) for k in (1, 2, 3)))
        e = math.radians(r["lon_deg"]) - lon
        out.append(math.hypot(e * 6.378e6 * math.cos(lat), (math.radians(r["lat_deg"]) - lat) * 6.34e6))
    return np.array(out)


def shown(rows: Rows, first_s: int = 30, last_s: int = 150) -> Rows:
    now = (rows["now_ns"] - T0) // NS_PER_S
    return rows[np.isin(rows["status"], [2, 3]) & (now >= first_s) & (now <= last_s)]


def test_one_aircraft_of_two_systems_is_one_track_and_better_than_ours_alone() -> None:
    site, plots, theirs, truth = sky(sd=25.0)
    alone, _ = run(site, plots)
    both, tracker = run(site, np.concatenate([plots, theirs]))
    assert len(np.unique(shown(both)["track_no"])) == 1
    assert len(shown(both)) == len(np.unique(shown(both)["now_ns"]))
    assert errors(shown(both), truth).mean() < 0.9 * errors(shown(alone), truth).mean()
    assert set(shown(both)["sensors"].tolist()) == {(1 << 1) | (1 << 9)}
    assert tracker.ledger.balances


def test_nothing_of_a_neighbour_enters_our_filter() -> None:
    site, plots, theirs, _ = sky()
    _, alone = run(site, plots)
    _, both = run(site, np.concatenate([plots, theirs]))
    mine, same = (t._s[t._i[:, I_NO] > 0][0] for t in (alone, both))
    assert mine.tobytes() == same.tobytes()


def test_a_feed_of_the_same_radar_is_not_fused() -> None:
    site, plots, theirs, _ = sky(reference=True)
    both, _ = run(site, np.concatenate([plots, theirs]))
    assert not (shown(both)["sensors"] & (1 << 9)).any()


def test_where_we_see_nothing_the_neighbours_track_stands_alone() -> None:
    site, _, theirs, truth = sky()
    rows, tracker = run(site, theirs)
    assert len(np.unique(shown(rows)["track_no"])) == 1
    assert errors(shown(rows), truth).mean() < 200.0
    assert tracker.ledger.started == 1


def test_the_number_stays_when_only_the_neighbour_goes_on() -> None:
    site, plots, theirs, _ = sky(cut=20)  # our radar loses it after 80 s
    rows, _ = run(site, np.concatenate([plots, theirs]))
    last = shown(rows, 20, 155)
    assert len(np.unique(last["track_no"])) == 1
    assert len(np.unique(last["now_ns"])) == len(last) >= 130
    assert not (rows["track_no"][rows["status"] == 4] == last["track_no"][0]).any()


def test_the_neighbours_number_stays_when_our_radar_finds_it_later() -> None:
    site, plots, theirs, _ = sky()
    rows, _ = run(site, np.concatenate([plots[15:], theirs]))
    before, after = shown(rows, 20, 50), shown(rows, 100, 150)
    assert set(before["track_no"].tolist()) == set(after["track_no"].tolist())
    assert len(np.unique(after["now_ns"])) == len(after)


def test_covariance_intersection_is_honest_whatever_is_common() -> None:
    m = np.array([100.0, 0.0, 0, 0, 400.0, 0.0, 2500.0, 0])
    weight = intersect(m, 0.0, 50.0, 900.0)
    assert 0.0 < weight < 1.0
    a, b = np.diag([400.0, 2500.0]), np.diag([900.0, 900.0])
    p = np.linalg.inv(weight * np.linalg.inv(a) + (1 - weight) * np.linalg.inv(b))
    x = p @ (weight * np.linalg.inv(a) @ [100.0, 0.0] + (1 - weight) * np.linalg.inv(b) @ [0.0, 50.0])
    np.testing.assert_allclose(m[:2], x)
    np.testing.assert_allclose([m[4], m[5], m[6]], [p[0, 0], p[0, 1], p[1, 1]], atol=1e-9)
    # fully common errors: the fused claim must not be smaller than the truth of any correlation
    for rho in (-0.9, 0.0, 0.9):
        c = rho * np.sqrt(a) @ np.sqrt(b)
        w1, w2 = weight * p @ np.linalg.inv(a), (1 - weight) * p @ np.linalg.inv(b)
        true = w1 @ a @ w1.T + w2 @ b @ w2.T + w1 @ c @ w2.T + w2 @ c.T @ w1.T
        assert np.linalg.eigvalsh(p - true).min() > -1e-9
    sharp = np.array([0.0, 0.0, 0, 0, 9.0, 0.0, 9.0, 0])
    assert intersect(sharp, 500.0, 0.0, 1e6) == pytest.approx(1.0)
