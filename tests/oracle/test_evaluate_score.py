"""The figures of ``vigie evaluate`` beside those of the independent scorer, run as a process of its own."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.evaluate.pictures import sky
from tests.way.command import vigie

from vigie.app.commands.evaluate import batches, read_truth, scan
from vigie.evaluate.judge import Judge
from vigie.terms.tables import TRACK, TRUTH

pytestmark = pytest.mark.shared

_DRIVER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from score import score
print(json.dumps([score(a, b, step, skip) for a, b, step, skip in json.loads(sys.argv[2])]))
"""
Case = tuple[Path, Path, float, float]


def theirs(shared: Path, cases: list[Case]) -> list[dict[str, float]]:
    words = json.dumps([(str(a), str(b), step, skip) for a, b, step, skip in cases])
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, str(shared / "tools"), words], capture_output=True, text=True, check=True
    )
    answer: list[dict[str, float]] = json.loads(done.stdout)
    return answer


def ours(case: Case) -> dict[str, float]:
    tracks, truth, step_s, skip_s = case
    numbers, picture, period_s, in_order = scan(tracks)
    judge = Judge(read_truth(truth), numbers, step_s=step_s, skip_s=skip_s)
    for rows in batches(tracks, in_order=in_order):
        judge.add(rows)
    score = judge.score()
    return {**score.figures, **score.extra, "tracks": float(picture), "output_period_s": period_s}


# Crossing targets are at one place for an instant: which track is whose is then a tie that rounding decides there,
# and the pair of the instant before decides here. Positions are the same, velocities and ellipses are not.
TIES = {"rms_velocity_mps": 0.03, "anees": 0.002, "anees_median": 0.002}


def compare(shared: Path, cases: list[Case], *, crossings: bool = False) -> None:
    for case, reference in zip(cases, theirs(shared, cases), strict=True):
        found = ours(case)
        assert set(reference) == set(found)
        for name, value in reference.items():
            if math.isfinite(value):
                rel = TIES.get(name, 1e-7) if crossings else 1e-7
                assert found[name] == pytest.approx(value, abs=1.01e-4, rel=rel), f"{case}: {name}"
            else:
                assert str(found[name]) == str(value), f"{case}: {name}"


def test_random_pictures(shared: Path, tmp_path: Path) -> None:
    cases = []
    for seed in range(16):
        tracks, truth = sky(seed, targets=4 + 3 * (seed % 5), lon0=179.99 if seed % 4 == 3 else 2.0)
        pq.write_table(TRACK.to_arrow(tracks), tmp_path / f"tracks{seed}.parquet")
        pq.write_table(TRUTH.to_arrow(truth), tmp_path / f"truth{seed}.parquet")
        step, skip = [(1.0, 0.0), (1.0, 15.0), (2.5, 0.0), (0.5, 7.3)][seed % 4]
        cases.append((tmp_path / f"tracks{seed}.parquet", tmp_path / f"truth{seed}.parquet", step, skip))
    compare(shared, cases)


@pytest.mark.parametrize("name", ["cross", "bearing"])
def test_saved_scenarios(shared: Path, tmp_path: Path, name: str) -> None:
    folder = shared / "data/scenarios" / name
    vigie("track", folder / "plots.parquet", "--site", folder / "site.toml", "--to", tmp_path / "tracks.parquet")
    truth = folder / "truth.parquet"
    tracks = tmp_path / "tracks.parquet"
    compare(shared, [(tracks, truth, 1.0, 0.0), (tracks, truth, 1.0, 60.0)], crossings=name == "cross")


def test_truth_without_velocities(shared: Path, tmp_path: Path) -> None:
    """Only the path between rows counts then; velocities are differences within a target, never across two."""
    tracks, truth = sky(21)
    truth["v_east_mps"] = truth["v_north_mps"] = np.nan
    pq.write_table(TRACK.to_arrow(tracks), tmp_path / "tracks.parquet")
    pq.write_table(TRUTH.to_arrow(truth), tmp_path / "truth.parquet")
    case = (tmp_path / "tracks.parquet", tmp_path / "truth.parquet", 1.0, 0.0)
    (reference,) = theirs(shared, [case])
    found = ours(case)
    for name in set(reference) - {"rms_velocity_mps"}:
        assert found[name] == pytest.approx(reference[name], abs=1.01e-4, rel=1e-7), name
    assert 5.0 < found["rms_velocity_mps"] < reference["rms_velocity_mps"]
