"""Alerts as category 004 and flight plans as category 032, there and back in every edition."""

from __future__ import annotations

import math

import pytest

from vigie.terms.errors import WireError
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Node, read_record
from vigie.wire.asterix.messages import (
    MiniPlan,
    SafetyAlert,
    alert_blocks,
    plan_blocks,
    read_alert,
    read_plan,
)

DAY = 20_000 * DAY_NS
ALERTS = [
    SafetyAlert(
        kind="stca", time_ns=DAY + 3_600_000_000_000, alert_no=12, track_1=101, track_2=4095, status=2,
        to_conflict_s=45.5, to_closest_s=60.0, separation_m=9000.0, predicted_separation_m=1500.0,
        callsign_1="AFR123", callsign_2="NGR7", mode3a_1=0o1234, mode3a_2=0o7000, lat_deg=13.5, lon_deg=-2.25,
    ),
    SafetyAlert(kind="apw", time_ns=DAY + 1, area="DRP12 A", track_1=7),
    SafetyAlert(kind="alive", time_ns=DAY + 86_399_999_999_999),
]  # fmt: skip
PLANS = [
    MiniPlan(
        time_ns=DAY + 7_812_500, track_no=77, callsign="NGR123", mode3a=0o4567, plan_no=9, aircraft_type="B738",
        wake="M", departure="DRRN", destination="DRZA", cleared_fl=330.0,
    ),
    MiniPlan(time_ns=DAY, nature=2, callsign="X"),
]  # fmt: skip


def records(block: bytes, category: int, edition: str) -> list[Node]:
    assert block[0] == category
    assert int.from_bytes(block[1:3], "big") == len(block)
    out, at = [], 3
    while at < len(block):
        tree, size, fault = read_record(block[at:], spec.edition(category, edition))
        assert fault is None
        out.append(tree)
        at += size
    return out


def same(a: object, b: object) -> None:
    for name in type(a).__slots__:  # type: ignore[attr-defined]
        x, y = getattr(a, name), getattr(b, name)
        if name == "time_ns":
            assert abs(x - y) <= 7_812_500
        elif isinstance(x, float):
            assert math.isnan(x) == math.isnan(y)
            assert math.isnan(x) or y == pytest.approx(x, abs=0.3), name
        else:
            assert x == y, name


@pytest.mark.parametrize("edition", spec.load(4).editions)
def test_alerts_there_and_back(edition: str) -> None:
    (block,) = alert_blocks(ALERTS, sac=1, sic=2, edition=edition)
    found = records(block, 4, edition)
    assert [r["010/SAC"].raw for r in found] == [1, 1, 1]
    for alert, record in zip(ALERTS, found, strict=True):
        same(alert, read_alert(record, day_ns=DAY))


@pytest.mark.parametrize("edition", spec.load(32).editions)
def test_plans_there_and_back(edition: str) -> None:
    (block,) = plan_blocks(PLANS, sac=1, sic=2, edition=edition)
    for plan, record in zip(PLANS, records(block, 32, edition), strict=True):
        same(plan, read_plan(record, day_ns=DAY))


def test_many_go_into_several_blocks_and_wrong_ones_are_named() -> None:
    assert len(alert_blocks([ALERTS[2]] * 600, sac=1, sic=2)) == 3
    assert alert_blocks([], sac=1, sic=2) == []
    with pytest.raises(WireError, match="'fire' is none of category 004"):
        alert_blocks([SafetyAlert(kind="fire", time_ns=0)], sac=1, sic=2)
    with pytest.raises(WireError, match="does not fit"):
        plan_blocks([MiniPlan(time_ns=0, callsign="TOO LONG")], sac=1, sic=2)
