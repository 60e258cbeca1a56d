"""Files in, tracks out: the same octets each time, confirmed tracks with their codes, causal rows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.way.command import vigie
from vigie.terms.tables import TRACK, TRACK_CONFIRMED

pytestmark = pytest.mark.shared
SAENZ_PENA = "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"


@pytest.fixture(scope="module")
def tracked(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saenzpena")
    for name in ("a", "b"):
        vigie(
            "track", shared / SAENZ_PENA, "--site", shared / "data/sites/saenzpena.toml",
            "--to", folder / f"{name}.parquet", "--health", folder / f"{name}.json",
        )  # fmt: skip
    return folder


def test_two_runs_give_identical_bytes(tracked: Path) -> None:
    assert (tracked / "a.parquet").read_bytes() == (tracked / "b.parquet").read_bytes()
    assert (tracked / "a.json").read_bytes() == (tracked / "b.json").read_bytes()


def test_confirmed_tracks_carry_the_codes_of_their_plots(tracked: Path, shared: Path, tmp_path: Path) -> None:
    rows = TRACK.from_arrow(pq.read_table(tracked / "a.parquet"))
    confirmed = rows[rows["status"] == TRACK_CONFIRMED]
    plots_file = tmp_path / "plots.parquet"
    vigie("decode", shared / SAENZ_PENA, "--to", plots_file)
    plots = pq.read_table(plots_file)
    codes = np.asarray(plots["mode3a"])
    heard = {int(c) for c, n in zip(*np.unique(codes, return_counts=True), strict=True) if n >= 20 and c != 65535}
    tracked_codes = set(np.unique(confirmed["mode3a"]).tolist())
    assert len(heard) > 5
    assert heard <= tracked_codes
    # A radar that hears 255 NM cannot place a confirmed track much farther.
    assert np.abs(confirmed["lat_deg"] + 26.75).max() < 5
    assert (np.diff(rows["now_ns"]) >= 0).all()


def test_health_says_rotation_and_keeps_to_the_contract(tracked: Path) -> None:
    health = json.loads((tracked / "a.json").read_text("utf-8"))
    radar = health["1"]
    assert radar["plots"] == 2030
    assert radar["rotation_s"] == pytest.approx(7.633, abs=0.005)
    assert radar["state"] in {"ok", "degraded"}
    for key in ("range_bias_m", "azimuth_bias_deg", "time_bias_s"):
        assert key in radar


def test_a_clock_far_ahead_is_told_and_does_not_stop_tracking(shared: Path, tmp_path: Path) -> None:
    site = tmp_path / "sanluis.toml"
    place = json.loads((shared / "data/asterix/ar_site_226_221.json").read_text("utf-8"))["location"]
    site.write_text(
        '[centre]\nname = "San Luis"\nlat_deg = -33.27\nlon_deg = -66.35\n\n[[sensor]]\nid = 1\nname = "San Luis"\n'
        f'kind = "radar"\nsac = 226\nsic = 221\nlat_deg = {place["latitude"]}\nlon_deg = {place["longitude"]}\n'
        f"height_m = {place['altitude']}.0\nperiod_s = 7.633\n",
        "utf-8",
    )
    vigie(
        "track", shared / "data/asterix/ar_sanluis_20260303_cat034_048.pcap", "--site", site,
        "--to", tmp_path / "t.parquet", "--health", tmp_path / "h.json",
    )  # fmt: skip
    health = json.loads((tmp_path / "h.json").read_text("utf-8"))["1"]
    assert health["clock_offset_s"] == pytest.approx(1581, abs=1.0)
    rows = TRACK.from_arrow(pq.read_table(tmp_path / "t.parquet"))
    assert len(np.unique(rows["track_no"][rows["status"] == TRACK_CONFIRMED])) >= 5


def test_cutting_the_input_leaves_all_earlier_rows_as_they_were(tracked: Path, shared: Path, tmp_path: Path) -> None:
    plots_file = tmp_path / "plots.parquet"
    site = shared / "data/sites/saenzpena.toml"
    vigie("decode", shared / SAENZ_PENA, "--site", site, "--to", plots_file)
    plots = pq.read_table(plots_file)
    rx_ns = np.asarray(plots["rx_ns"])
    vigie("track", plots_file, "--site", site, "--to", tmp_path / "whole.parquet")
    whole = TRACK.from_arrow(pq.read_table(tmp_path / "whole.parquet"))
    for share in (0.23, 0.61):
        cut_ns = int(rx_ns[0] + share * (rx_ns[-1] - rx_ns[0]))
        pq.write_table(plots.filter(rx_ns <= cut_ns), tmp_path / "cut.parquet")
        vigie("track", tmp_path / "cut.parquet", "--site", site, "--to", tmp_path / "part.parquet")
        part = TRACK.from_arrow(pq.read_table(tmp_path / "part.parquet"))
        assert len(part) > 100
        assert part.tobytes() == whole[: len(part)].tobytes()


def test_the_speed_of_a_replay_changes_no_octet(shared: Path, tmp_path: Path) -> None:
    files = {}
    for speed in ("max", "20"):
        files[speed] = tmp_path / f"{speed}.parquet"
        done = subprocess.run(
            [
                sys.executable, "-m", "vigie.app.cli", "replay", str(shared / SAENZ_PENA),
                "--site", str(shared / "data/sites/saenzpena.toml"), "--speed", speed, "--until", "60",
                "--listen", "127.0.0.1:0", "--to", str(files[speed]),
            ],
            capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert files["max"].read_bytes() == files["20"].read_bytes()
    assert len(pq.read_table(files["max"])) > 100
