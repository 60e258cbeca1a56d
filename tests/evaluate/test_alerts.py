"""The judge of alerts: what shapely and pyproj say happened, held against what was raised."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.watch.world import Sky, square, track
from vigie.airspace.shapes import circle
from vigie.airspace.volume import FL, Level, Volume
from vigie.app.alerts import alerts_text, judge_rows
from vigie.evaluate.alerts import alerts_page
from vigie.terms.tables import ALERT, TRUTH, Rows
from vigie.watch.watch import Ground

S = 1_000_000_000
AREAS = (
    square("R", id="R1", floor=Level(FL, 3048.0)),
    square("BORDER", id="NE"),
    Volume(id="AD", name="AD", kind="ADIZ", rings=(circle((3.4, 13.6), 40_000.0),)),
    Volume(id="D7", name="D7", kind="D", rings=(circle((3.3, 13.3), 15_000.0),)),
)


class Recorded(Sky):
    """A sky that keeps its tracks, and the truth they were made from: tracks are the truth with an error."""

    def __init__(self, seed: int, **more: Any) -> None:
        super().__init__(Ground(volumes=AREAS), **more)
        self.random = np.random.default_rng(seed)
        self.kept: list[Rows] = []
        self.truth: list[Rows] = []

    def _rows(self) -> Rows:
        rows = super()._rows()
        truth = TRUTH.empty(len(rows))
        for name in ("lat_deg", "lon_deg", "press_alt_m", "v_east_mps", "v_north_mps", "climb_mps", "mode3a"):
            truth[name] = rows[name]
        truth["t_ns"], truth["target_id"] = rows["now_ns"], rows["track_no"] + 100
        rows["lat_deg"] += self.random.normal(0, 3e-4, len(rows))
        rows["lon_deg"] += self.random.normal(0, 3e-4, len(rows))
        rows["v_east_mps"] += self.random.normal(0, 1.0, len(rows))
        rows["v_north_mps"] += self.random.normal(0, 1.0, len(rows))
        self.kept.append(rows)
        self.truth.append(truth)
        return rows


def variant(seed: int) -> Recorded:
    """Twelve flights over the square and its neighbours, one with an emergency, all drawn from the seed."""
    sky = Recorded(seed)
    for n in range(1, 13):
        sky.tracks.append(track(
            n, sky.random.uniform(12.8, 14.2), sky.random.uniform(1.6, 3.9), kt=sky.random.uniform(200, 480),
            to_deg=sky.random.uniform(0, 360), fl=sky.random.uniform(60, 390),
            climb=float(sky.random.choice([0, 0, 8, -8])),
        ))  # fmt: skip
    sky.fly(30)
    sky.tracks[0]["code"] = 0o7700
    sky.fly(210)
    return sky


def judged(sky: Recorded, volumes: tuple[Volume, ...] = AREAS) -> list[dict[str, Any]]:
    alerts = np.array(sky.rows, ALERT.dtype) if sky.rows else ALERT.empty()
    return judge_rows(alerts, np.concatenate(sky.kept), np.concatenate(sky.truth), volumes, None)[0]


def test_random_variants_raise_what_the_truth_asks_for_and_nothing_else(request: pytest.FixtureRequest) -> None:
    """Exactly the alerts that shapely and pyproj compute from the truth; border times within 5 s."""
    seeds = range(20) if request.config.getoption("--campaign") else range(1)
    events = 0
    for seed in seeds:
        for row in judged(variant(seed)):
            events += row["events"]
            assert row["misses"] == 0, (seed, row)
            assert row["nuisance"] == 0, (seed, row)
            if row["crossing_error_s"] is not None:
                assert row["crossing_error_s"] <= 5.0, (seed, row)
    assert events >= 5 * len(seeds)


def test_misses_and_nuisance_are_counted_and_reported() -> None:
    sky = variant(1)
    rows = judged(sky)
    real = sum(r["hits"] for r in rows)
    assert real > 0
    kept, sky.rows = sky.rows, []
    assert sum(r["misses"] for r in judged(sky)) == real
    sky.rows = kept
    moved = [Volume(id=v.id, name=v.name, kind=v.kind, rings=(circle((9.0, 9.0), 9_000.0),)) for v in AREAS]
    wrong = judged(sky, tuple(moved))
    assert sum(r["nuisance"] for r in wrong) > 0
    page = alerts_page(wrong, "<b>x</b>", 1.0)
    assert "&lt;b&gt;x" in page
    assert "raise_s" in page
    assert "border_crossing" in alerts_text(rows)
