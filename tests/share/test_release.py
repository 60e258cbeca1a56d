"""F99: a release rule that lacks a field denies, and the preview says so; what is released is no more than allowed."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from vigie.app.cli import build
from vigie.share.release import release
from vigie.share.rules import FIELDS, Rule, read_rules
from vigie.terms.tables import FLAG_SIMULATED, IDENTITY, TRACK, Rows

S = 1_000_000_000
T0 = 1_780_000_000 * S
UTC = datetime.UTC


def good(**other: Any) -> dict[str, Any]:
    return {
        "name": "Mali", "outline_deg": [[12, 0], [12, 5], [17, 5], [17, 0]], "floor_fl": 100, "ceiling_fl": 400,
        "categories": ["unknown", "friend"], "fields": ["lat_deg", "lon_deg", "pos_major_m"], "delay_s": 10,
        "accuracy_m": 1000, "valid_from": datetime.datetime(2026, 1, 1, tzinfo=UTC),
        "valid_until": datetime.datetime(2027, 1, 1, tzinfo=UTC), **other,
    }  # fmt: skip


def picture(seed: int, n: int = 400) -> tuple[Rows, Rows]:
    r = np.random.default_rng(seed)
    rows = TRACK.empty(n)
    rows["now_ns"] = T0 + np.sort(r.integers(0, 60, n)) * S
    rows["track_no"], rows["status"], rows["icao24"] = r.integers(1, 20, n), 2, r.integers(1, 1 << 24, n)
    rows["lat_deg"], rows["lon_deg"] = r.uniform(10, 19, n), r.uniform(-2, 7, n)
    rows["press_alt_m"] = np.where(r.random(n) < 0.1, np.nan, r.uniform(0, 15_000, n))
    rows["flags"] = np.where(r.random(n) < 0.1, FLAG_SIMULATED, 0)
    rows["pos_major_m"] = r.uniform(10, 3000, n)
    identities = IDENTITY.empty(15)
    identities["track_no"], identities["category"] = np.arange(1, 16), r.integers(0, 7, 15)
    identities["now_ns"] = T0 + r.integers(0, 20, 15) * S
    return rows, identities


@pytest.mark.parametrize("key", Rule.__struct_fields__)
def test_f99_each_missing_field_denies_everything(key: str) -> None:
    rule = good()
    del rule[key]
    (one,) = read_rules([rule])
    assert one.rule is None
    assert one.why == (f"{key} is missing",)
    rows, identities = picture(1)
    released, counts = release(rows, identities, one, T0 + 60 * S)
    assert len(released) == 0
    assert counts == {"denied": len(rows)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"extra": 1}, {"floor_fl": "100"}, {"floor_fl": 500}, {"fields": []}, {"fields": ["no_such"]},
        {"categories": []}, {"categories": ["ally"]}, {"delay_s": -1}, {"delay_s": float("nan")},
        {"accuracy_m": float("inf")}, {"outline_deg": [[1, 1], [2, 2]]}, {"outline_deg": [[91, 1], [2, 2], [3, 1]]},
        {"outline_deg": [[1, -170], [2, 170], [3, 1]]}, {"valid_from": datetime.datetime(2026, 1, 1)},
        {"valid_until": datetime.datetime(2025, 1, 1, tzinfo=UTC)}, {"name": " "}, {"floor_fl": float("nan")},
    ],
)  # fmt: skip
def test_what_is_unknown_or_absurd_denies(wrong: dict[str, Any]) -> None:
    (one,) = read_rules([good(**wrong)])
    assert one.rule is None
    assert one.why


def test_a_name_that_stands_twice_and_what_is_no_table_deny() -> None:
    assert all(n.rule is None for n in read_rules([good(), good()]))
    assert read_rules({"name": "x"})[0].rule is None
    assert read_rules([3])[0].rule is None


@pytest.mark.parametrize("seed", range(20))
def test_what_is_released_is_what_each_row_alone_would_be_allowed(seed: int) -> None:
    rows, identities = picture(seed)
    (one,) = read_rules([good()])
    now_ns = T0 + 60 * S
    released, counts = release(rows, identities, one, now_ns)
    held = {int(i["track_no"]): (int(i["now_ns"]), int(i["category"])) for i in identities}
    wanted = []
    for row in rows:
        since, category = held.get(int(row["track_no"]), (now_ns * 2, 0))
        wanted.append(
            not row["flags"] & FLAG_SIMULATED and row["now_ns"] <= now_ns - 10 * S
            and 12 < row["lat_deg"] < 17 and 0 < row["lon_deg"] < 5 and 100 <= row["press_alt_m"] / 30.48 < 400
            and since <= row["now_ns"] and category in (1, 3)
        )  # fmt: skip
    mine = rows[np.array(wanted)]
    assert released["track_no"].tolist() == mine["track_no"].tolist()
    assert len(released) + sum(counts.values()) == len(rows)
    assert set(released["icao24"].tolist()) <= {0}
    assert np.isnan(released["press_alt_m"]).all()
    assert (np.abs(released["lat_deg"] - mine["lat_deg"]) * 111_320 <= 501).all()
    assert (released["pos_major_m"] >= 1000).all()
    blank = TRACK.empty(len(released))
    for name in set(FIELDS) - {"lat_deg", "lon_deg", "pos_major_m"}:
        assert released[name].tobytes() == blank[name].tobytes(), name


def test_some_rows_are_released_at_all_and_none_outside_the_validity() -> None:
    (one,) = read_rules([good()])
    assert sum(len(release(*picture(seed), one, T0 + 60 * S)[0]) for seed in range(20)) > 20
    rows, identities = picture(2)
    released, counts = release(rows, identities, one, T0 + 400 * 86_400 * S)
    assert len(released) == 0
    assert counts == {"not_valid": len(rows)}


def test_f99_the_preview_shows_who_is_denied_and_why(tmp_path: Path) -> None:
    rows, identities = picture(random.Random(9).randrange(1000))
    pq.write_table(TRACK.to_arrow(rows), tmp_path / "tracks.parquet")
    pq.write_table(IDENTITY.to_arrow(identities), tmp_path / "identities.parquet")
    text = '[centre]\nname = "N"\nlat_deg = 13.0\nlon_deg = 2.0\n'
    for name, left_out in (("Mali", ""), ("Burkina Faso", "accuracy_m")):
        text += "[[neighbour]]\n"
        for key, value in good(name=name).items():
            if key != left_out:
                text += f"{key} = {value.isoformat() if isinstance(value, datetime.datetime) else json.dumps(value)}\n"
    (tmp_path / "site.toml").write_text(text, "utf-8")
    asked = ["share", str(tmp_path / "tracks.parquet"), "--site", str(tmp_path / "site.toml")]
    told = CliRunner().invoke(build(), [*asked, "--preview"])
    assert told.exit_code == 0, told.output
    assert "Burkina Faso: DENIED 0/400  accuracy_m is missing" in told.output
    assert "Mali: RECEIVES" in told.output
    both = json.loads(CliRunner().invoke(build(), [*asked, "--preview", "--json"]).output)
    assert [one["denied"] for one in both] == [False, True]
    assert CliRunner().invoke(build(), asked).exit_code != 0
