"""Smoothing after the fact: nearer to the truth than the causal rows, as honest, and it changes nothing of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.way.command import vigie
from tests.way.test_faults_of_time import seen, traffic
from tests.way.test_faults_sensors import T0, S, chain_of, radar

from vigie.app.pipeline import step_plots
from vigie.evaluate.judge import Judge
from vigie.evaluate.truth import truth_of
from vigie.terms.tables import PLOT, TRACK, TRUTH, Rows
from vigie.track.smooth import Smoother


def tracked(seconds: int = 160) -> tuple[Rows, Rows, Rows]:
    """Causal rows, the same smoothed, and the truth, of twelve flights under two radars."""
    a, b = radar(1, 13.5, 2.2), radar(2, 13.9, 2.9)
    flights = traffic(61, 12)
    plots = seen((a, b), flights, seconds, 61)
    plots = plots[np.argsort(plots["rx_ns"], kind="stable")]
    chain = chain_of(a, b)
    plots["press_alt_m"] = 8632.0  # 9,000 m by the tracker's air: no error of height is common to all plots
    smoother = Smoother(chain.tracker)
    rows, at = [], 0
    for tick in range(1, seconds * 10 + 1):
        now_ns = T0 + tick * S // 10
        end = int(np.searchsorted(plots["rx_ns"], now_ns, "right"))
        rows.append(step_plots(chain, plots[at:end], now_ns).tracks)
        smoother.take()
        at = end
    smoother.close()
    causal = np.concatenate(rows)
    truth = TRUTH.empty(len(flights) * seconds)
    for k, flight in enumerate(flights):
        part = truth[k * seconds : (k + 1) * seconds]
        places = [flight.at(float(t)) for t in range(seconds)]
        part["t_ns"], part["target_id"] = T0 + np.arange(seconds) * S, k + 1
        part["lat_deg"], part["lon_deg"] = np.array(places).T
        part["v_east_mps"], part["v_north_mps"] = flight.u, flight.v
        part["geo_alt_m"] = 9000.0
    return causal, smoother.rows(causal), np.sort(truth, order="t_ns")


def score(rows: Rows, truth: Rows) -> dict[str, float]:
    judge = Judge(truth_of(truth), np.unique(rows["track_no"]).astype(np.int64), skip_s=30.0)
    judge.add(rows)
    return judge.score().figures


def test_smoothed_rows_are_nearer_and_honest() -> None:
    causal, smoothed, truth = tracked()
    before, after = score(causal, truth), score(smoothed, truth)
    assert after["rms_position_m"] < 0.7 * before["rms_position_m"]
    assert after["rms_velocity_mps"] < 0.5 * before["rms_velocity_mps"]
    assert 0.4 < after["anees_median"] < 1.6
    assert after["completeness"] == pytest.approx(before["completeness"], abs=0.01)
    for name in ("now_ns", "track_no", "status", "icao24", "sensors", "toa_ns"):
        assert np.array_equal(causal[name], smoothed[name]), name
    assert (smoothed["pos_major_m"] >= smoothed["pos_minor_m"]).all()
    assert np.isfinite(smoothed["lat_deg"]).all()


def test_after_the_last_update_rows_stay_causal() -> None:
    causal, smoothed, _ = tracked(60)
    last = causal["now_ns"] == causal["now_ns"].max()
    assert last.any()
    assert causal[last].tobytes() == smoothed[last].tobytes()
    assert (causal["lat_deg"] != smoothed["lat_deg"]).mean() > 0.7


def test_the_command_writes_both_files_and_the_picture_does_not_change(tmp_path: Path) -> None:
    a, b = radar(1, 13.5, 2.2), radar(2, 13.9, 2.9)
    plots = seen((a, b), traffic(62, 6), 60, 62)
    pq.write_table(PLOT.to_arrow(plots[np.argsort(plots["rx_ns"], kind="stable")]), tmp_path / "plots.parquet")
    (tmp_path / "site.toml").write_text(
        '[centre]\nname = "T"\nlat_deg = 13.5\nlon_deg = 2.2\n'
        + "".join(
            f'[[sensor]]\nid = {s.id}\nname = "{s.name}"\nkind = "radar"\nsac = 1\nsic = {s.id}\n'
            f'lat_deg = {s.lat_deg}\nlon_deg = {s.lon_deg}\nlink = "file:plots.parquet"\n'
            for s in (a, b)
        ),
        "utf-8",
    )
    base = ("track", tmp_path / "plots.parquet", "--site", tmp_path / "site.toml")
    vigie(*base, "--to", tmp_path / "a.parquet")
    vigie(*base, "--to", tmp_path / "b.parquet", "--smooth", tmp_path / "s.parquet")
    plain, beside, smoothed = (TRACK.from_arrow(pq.read_table(tmp_path / f"{n}.parquet")) for n in "abs")
    assert plain.tobytes() == beside.tobytes()
    assert len(smoothed) == len(plain)
    assert not np.array_equal(smoothed["lat_deg"], plain["lat_deg"])


def test_nothing_tracked_is_nothing_smoothed() -> None:
    sensor = radar(1, 13.5, 2.2)
    smoother = Smoother(chain_of(sensor).tracker)
    smoother.take()
    smoother.close()
    assert len(smoother.rows(TRACK.empty())) == 0
