"""Rows F19, F21, F31, F33, F37 and F43 of the fault catalogue through the whole chain, fresh values from a seed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.way.test_faults_sensors import T0, Flight, S, chain_of, confirmed, fly, plot_of, radar
from vigie.app.pipeline import Outputs, State, step_plots
from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.monitor.reasons import R_BIAS, R_CLOCK_OFFSET
from vigie.sensors.site import Sensor
from vigie.terms.tables import FLAG_TIME_ASSUMED, Rows

DAY = 86_400


def traffic(seed: int, count: int) -> list[Flight]:
    """Flights of all directions within 120 km of Niamey."""
    r = np.random.default_rng(seed)
    return [
        Flight(13.5 + r.uniform(-1, 1), 2.2 + r.uniform(-1, 1), r.uniform(0, 360), r.uniform(120, 250), 0x400100 + k)
        for k in range(count)
    ]


def seen(sensors: tuple[Sensor, ...], flights: list[Flight], seconds: int, seed: int) -> Rows:
    """What radars say of flights, each at its own time of the turn."""
    r = np.random.default_rng(seed)
    parts = [
        plot_of(s, f, 4.0 * turn + 4.0 * (k + s.id / 2) / (len(flights) + 1), r)
        for s in sensors for turn in range(seconds // 4) for k, f in enumerate(flights)
    ]  # fmt: skip
    return np.concatenate(parts)


def test_f19_every_datagram_twice_leaves_the_same_rows_and_counts_the_second() -> None:
    sensor, flights = radar(1, 13.5, 2.2), traffic(19, 6)
    once, twice = chain_of(sensor), chain_of(sensor)
    plots = seen((sensor,), flights, 80, 19)
    echo = plots.copy()
    echo["rx_ns"] += 30_000_000  # the second network is 30 ms behind
    single = fly(once, [plots], 84)
    double = fly(twice, [plots, echo], 84)
    rows, again = (np.concatenate([o.tracks for o in outs]) for outs in (single, double))
    assert len(np.unique(confirmed(single)["track_no"])) == 6
    assert rows.tobytes() == again.tobytes()  # the covariance is in every row
    assert twice.tracker.ledger.filtered == {"duplicate": len(plots)}


def test_f21_reordered_within_two_seconds_gives_the_same_tracks_and_later_ones_are_counted() -> None:
    sensor, flights = radar(1, 13.5, 2.2), traffic(21, 6)
    plots = seen((sensor,), flights, 120, 21)
    shaken = plots.copy()
    shaken["rx_ns"] += np.random.default_rng(210).integers(0, 2 * S, len(plots))
    sorted_in = fly(chain_of(sensor), [plots], 130)
    chain = chain_of(sensor)
    shaken_in = fly(chain, [shaken], 130)
    want, got = (confirmed(outs) for outs in (sorted_in, shaken_in))
    assert len(np.unique(want["track_no"])) == len(np.unique(got["track_no"])) == 6
    assert not chain.tracker.ledger.filtered
    for flight in flights:  # the same aircraft at the end, at the same place
        a, b = (rows[rows["icao24"] == flight.icao24][-1] for rows in (want, got))
        t = (int(b["now_ns"]) - T0) / S
        lat, lon = flight.at(t)
        spread_deg = 4.0 * max(float(a["pos_major_m"]), float(b["pos_major_m"])) / 111_000.0
        assert math.hypot(b["lat_deg"] - lat, (b["lon_deg"] - lon) * 0.97) < spread_deg
    behind = plots[:3].copy()  # said again otherwise, and twenty seconds after its time
    behind["rx_ns"], behind["range_m"] = behind["toa_ns"] + 40 * S, behind["range_m"] + 500.0
    chain = chain_of(sensor)
    fly(chain, [plots, behind], 130)
    assert chain.tracker.ledger.filtered == {"late": 3}


def test_f31_two_hundred_tracks_over_midnight_are_neither_dropped_nor_doubled() -> None:
    sensor, flights = radar(1, 13.5, 2.2), traffic(31, 200)
    plots = seen((sensor,), flights, 80, 31)
    shift = DAY * S - T0 % (DAY * S) - 40 * S  # midnight falls into the middle
    outs = {}
    for name, by in (("noon", shift - DAY * S // 2), ("midnight", shift)):
        moved = plots.copy()
        for column in ("toa_ns", "rx_ns"):
            moved[column] += by
        chain, ticks, at = chain_of(sensor), 800, 0
        rows = moved[np.argsort(moved["rx_ns"], kind="stable")]
        held: list[Outputs] = []
        for tick in range(1, ticks + 1):
            now_ns = T0 + by + tick * S // 10
            end = int(np.searchsorted(rows["rx_ns"], now_ns, "right"))
            held.append(step_plots(chain, rows[at:end], now_ns))
            at = end
        outs[name] = (held, by)
    told = {}
    for name, (held, by) in outs.items():
        tracks = np.concatenate([o.tracks for o in held])
        for column in tracks.dtype.names:
            if column.endswith("_ns"):
                tracks[column] -= by
        told[name] = tracks
    assert len(np.unique(confirmed(outs["noon"][0])["track_no"])) >= 190
    same = told["noon"].dtype.names
    for column in same:  # the same picture as half a day earlier, to the rounding of seconds since the tracker's epoch
        a, b = told["noon"][column], told["midnight"][column]
        if a.dtype.kind == "f":
            assert np.allclose(a, b, rtol=0, atol=1e-6, equal_nan=True), column
        else:
            assert np.array_equal(a, b), column


def test_f33_a_clock_five_seconds_ahead_is_measured_flagged_and_splits_no_track() -> None:
    good, wrong = radar(1, 13.5, 2.2), radar(2, 13.9, 2.9)
    plots = seen((good, wrong), traffic(33, 30), 200, 33)
    plots["toa_ns"] += np.where(plots["sensor_id"] == 2, 5 * S, 0)
    chain = chain_of(good, wrong)
    outs = fly(chain, [plots], 204)
    health = np.concatenate([o.health for o in outs])
    mine = health[health["sensor_id"] == 2]
    after_ten_scans = mine[mine["now_ns"] >= T0 + 44 * S]
    assert (after_ten_scans["reasons"] & R_CLOCK_OFFSET != 0).all()
    assert np.abs(after_ten_scans["clock_offset_s"] - 5.0).max() < 0.2 + 0.25  # the offset holds the unknown delay
    assert float(mine["time_bias_s"][-1]) == pytest.approx(5.0, abs=0.2)
    other = health[health["sensor_id"] == 1]
    assert not (other["reasons"] & R_CLOCK_OFFSET).any()
    assert len(np.unique(confirmed(outs)["track_no"])) == 30


def test_f37_plots_without_a_time_item_are_used_with_a_larger_uncertainty() -> None:
    seed = np.random.default_rng(37)
    sensor, flights = replace(radar(1, 13.5, 2.2), delay_s=1.5), traffic(37, 8)
    plots = seen((sensor,), flights, 120, 37)
    jitter_s = seed.normal(0.0, 0.25 * sensor.delay_s, len(plots))
    untimed = plots.copy()
    untimed["rx_ns"] = plots["toa_ns"] + np.round((sensor.delay_s + jitter_s) * S).astype(np.int64)
    untimed["toa_ns"] = untimed["rx_ns"] - round(sensor.delay_s * S)  # what the decoder does without a time item
    untimed["flags"] |= FLAG_TIME_ASSUMED
    timed = confirmed(fly(chain_of(sensor), [plots], 124))
    assumed = confirmed(fly(chain_of(sensor), [untimed], 124))
    assert len(np.unique(assumed["track_no"])) == 8
    assert (assumed["flags"] & FLAG_TIME_ASSUMED != 0).all()
    late = T0 + 80 * S
    wide, narrow = (np.median(rows["pos_minor_m"][rows["now_ns"] > late]) for rows in (assumed, timed))
    assert wide > 1.15 * narrow
    assert honesty(assumed[assumed["now_ns"] > late], flights) < 1.5


def honesty(rows: Rows, flights: list[Flight]) -> float:
    """Return the median of squared errors over what rows claim, 1 where they are honest."""
    by = {f.icao24: f for f in flights}
    ratios = []
    for row in rows:
        lat, lon = by[int(row["icao24"])].at((int(row["now_ns"]) - T0) / S)
        a, b = (np.array(geodetic_to_ecef(math.radians(y), math.radians(x), 9000.0))
                for y, x in ((lat, lon), (float(row["lat_deg"]), float(row["lon_deg"]))))  # fmt: skip
        claimed = float(row["pos_major_m"]) ** 2 + float(row["pos_minor_m"]) ** 2
        ratios.append(float(np.sum((a - b) ** 2)) / claimed)
    return float(np.median(ratios)) / 0.69


@pytest.mark.parametrize("north_deg", [1.5, -1.5])
def test_f43_a_wrong_north_is_found_to_a_tenth_and_leaves_no_double_tracks(north_deg: float) -> None:
    good, wrong = radar(1, 13.5, 2.2), radar(2, 13.9, 2.9)
    flights = traffic(43, 30)
    plots = seen((good, wrong), flights, 240, 43)
    turned = plots["sensor_id"] == 2
    plots["azimuth_rad"][turned] = (plots["azimuth_rad"][turned] + math.radians(north_deg)) % (2 * math.pi)
    chain = chain_of(good, wrong)
    outs = fly(chain, [plots], 244)
    health = np.concatenate([o.health for o in outs])
    mine = health[health["sensor_id"] == 2][-1]
    assert math.degrees(float(mine["azimuth_bias_rad"])) == pytest.approx(north_deg, abs=0.1)
    rows = confirmed(outs)
    settled = rows[rows["now_ns"] >= T0 + 60 * S]  # 15 turns: each aircraft once, under one number from here on
    times, counts = np.unique(settled["now_ns"], return_counts=True)
    assert len(times) > 180
    assert counts.max() <= 30
    assert len(np.unique(settled["track_no"])) == 30


def test_the_same_sky_under_two_right_radars_is_no_fault() -> None:
    good, other = radar(1, 13.5, 2.2), radar(2, 13.9, 2.9)
    chain: State = chain_of(good, other)
    outs = fly(chain, [seen((good, other), traffic(43, 30), 200, 43)], 204)
    health = np.concatenate([o.health for o in outs])
    assert not (health["reasons"] & (R_CLOCK_OFFSET | R_BIAS)).any()
    assert np.abs(health["azimuth_bias_rad"][health["now_ns"] > T0 + 150 * S]).max() < math.radians(0.05)
