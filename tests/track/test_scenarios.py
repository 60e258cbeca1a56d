"""The saved scenarios, a cut of each: the figures that must hold are those of the project's aims, with some room."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from vigie.sensors.site import load_site
from vigie.terms.tables import HEALTH, PLOT, Rows
from vigie.terms.units import NS_PER_S
from vigie.track.tracker import Tracker


def run(folder: Path, seconds: int) -> tuple[Rows, Tracker]:
    plots = PLOT.from_arrow(pq.read_table(folder / "plots.parquet"))
    first = int(plots["rx_ns"][0])
    plots = plots[plots["rx_ns"] < first + seconds * NS_PER_S]
    tracker = Tracker(load_site(folder / "site.toml"))
    tick = 100_000_000
    ticks = np.arange(first // tick + 1, int(plots["rx_ns"][-1]) // tick + 2) * tick
    ends = np.searchsorted(plots["rx_ns"], ticks, side="right").tolist()
    out, start = [], 0
    for now, end in zip(ticks.tolist(), ends, strict=True):
        out.append(tracker.step(plots[start:end], HEALTH.empty(), now))
        start = end
    assert tracker.ledger.balances
    return np.concatenate(out), tracker


def confirmed_at(rows: Rows, seconds_before_end: int = 0) -> Rows:
    now = rows["now_ns"].max() - seconds_before_end * NS_PER_S
    return rows[(rows["now_ns"] == now) & np.isin(rows["status"], [2, 3])]


def test_biases_of_two_radars_are_found(shared: Path) -> None:
    folder = shared / "data/scenarios/dense"
    rows, tracker = run(folder, 60)
    true = {1: (-57.0, -0.186), 2: (79.0, 0.13)}  # answers.json of seed 1
    for sensor, (range_m, azimuth_deg) in true.items():
        bias = tracker.biases()[sensor]
        assert bias.range_m == pytest.approx(range_m, abs=20.0)
        assert math.degrees(bias.azimuth_rad) == pytest.approx(azimuth_deg, abs=0.03)
        assert 0 < bias.range_sd_m < 20.0
    assert math.isnan(tracker.biases()[3].range_m)
    assert 495 <= len(confirmed_at(rows)) <= 506


def test_clock_error_is_found_and_repeats_are_dropped(shared: Path) -> None:
    rows, tracker = run(shared / "data/scenarios/late", 90)
    assert tracker.biases()[2].time_s == pytest.approx(1.2, abs=0.2)
    assert tracker.ledger.filtered["duplicate"] > 100
    assert 98 <= len(confirmed_at(rows)) <= 102


@pytest.mark.parametrize(("name", "targets"), [("midnight", 80), ("midnight/antimeridian", 80), ("cross", 60)])
def test_every_target_keeps_one_number(shared: Path, name: str, targets: int) -> None:
    rows, _ = run(shared / "data/scenarios" / name, 240)
    early, end = confirmed_at(rows, 150), confirmed_at(rows)
    assert abs(len(end) - targets) <= 2
    assert len(np.intersect1d(early["track_no"], end["track_no"])) >= targets - 3


def test_bearings_alone_hold_tracks(shared: Path) -> None:
    rows, _ = run(shared / "data/scenarios/bearing", 150)
    assert 8 <= len(confirmed_at(rows)) <= 14
