"""R14: one recording, other hash seeds, other chunk sizes: equal digests. Real radars, a pair over midnight."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from vigie.simulate.headless import simulate_to

ROOT = Path(__file__).resolve().parents[2]


def digests(site: Path, paths: list[Path], ticks: int, runs: int, date: str = "2026-04-29") -> set[str]:
    """Return the different digests of ``runs`` replays."""
    found = set()
    for seed in range(runs):
        done = subprocess.run(
            [sys.executable, "-m", "tests.way.replayed", str(seed), str(ticks), date, str(site), *map(str, paths)],
            cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": str(seed * 7919)}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.add(done.stdout)
    return found


@pytest.mark.timeout(7200)  # twenty replays with --campaign, beside other work
def test_a_pair_of_radars_over_midnight(tmp_path: Path, campaign: bool) -> None:
    text = files("vigie.simulate").joinpath("exercises/niger_demo.toml").read_text("utf-8")
    begin = next(line for line in text.splitlines() if line.startswith("start = "))
    (tmp_path / "midnight.toml").write_text(text.replace(begin, 'start = "2026-11-23T23:59:40Z"'), "utf-8")
    simulate_to(str(tmp_path / "midnight.toml"), tmp_path / "flown", seed=3, duration_s=40.0)
    found = digests(tmp_path / "flown/site.toml", [tmp_path / "flown/frames.pcap"], 380, 20 if campaign else 3)
    assert len(found) == 1, found
    assert int(next(iter(found)).split()[2]) > 300


@pytest.mark.shared
@pytest.mark.timeout(14_400)  # twenty hours of recording with --campaign
@pytest.mark.parametrize("pair", [False, True])
def test_real_radars(shared: Path, campaign: bool, pair: bool) -> None:
    if pair and not campaign:
        pytest.skip("the radar with its neighbour's tracks is replayed with --campaign")
    captures = [shared / "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"]
    captures += [shared / "data/asterix/ar_fds_20260429_part1_cat062.pcap"] * pair
    site = shared / "data/sites" / ("saenzpena_with_fds.toml" if pair else "saenzpena.toml")
    found = digests(site, captures, 36_000 if campaign else 1200, 20 if campaign else 2)
    assert len(found) == 1, found
    assert int(next(iter(found)).split()[2]) > 300


@pytest.mark.shared
@pytest.mark.timeout(14_400)  # twenty hours of recording with --campaign
def test_an_airport(shared: Path, campaign: bool) -> None:
    captures = [shared / "data/asterix/lebl_20160510_2200-2300_mlat.ast"]
    site = shared / "data/sites/lebl.toml"
    found = digests(site, captures, 36_000 if campaign else 1200, 20 if campaign else 2, "2016-05-10")
    assert len(found) == 1, found
    assert int(next(iter(found)).split()[2]) > 300
