"""Degraded modes: when each is entered, what it says, when it is left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vigie.show.status import LOAD_HOLD_S, StatusBuilder
from vigie.terms.tables import HEALTH, Rows

NAMES = {1: "Niamey", 2: "Agadez"}


def health(**columns: Any) -> Rows:
    rows = HEALTH.empty(2)
    rows["sensor_id"], rows["state"] = [1, 2], 1
    for name, values in columns.items():
        rows[name] = values
    return rows


def codes(status: dict[str, Any]) -> list[str]:
    return [mode["code"] for mode in status["degraded"]]


def test_all_well_is_the_facts_and_no_mode() -> None:
    facts = {"kernels": {"ready": True}, "recording": {"state": "ok"}, "balances": True, "clock": {"state": "ok"}}
    assert StatusBuilder(NAMES).build(facts, health(clock_offset_s=[0.3, np.nan]), 0.0) == {**facts, "degraded": []}


@pytest.mark.parametrize("state", [0, 2, 3, 4, 5])
def test_a_sensor_that_is_not_ok_is_named(state: int) -> None:
    status = StatusBuilder(NAMES).build({}, health(state=[1, state]), 0.0)
    (mode,) = status["degraded"]
    assert (mode["code"], mode["sensors"]) == ("DEGRADED-SENSOR", [2])
    assert "Agadez" in mode["text"]
    assert "Niamey" not in mode["text"]


def test_a_sensor_of_the_site_without_any_health_is_not_taken_for_well() -> None:
    status = StatusBuilder({**NAMES, 3: "Zinder"}).build({}, health(), 0.0)
    assert status["degraded"][0]["sensors"] == [3]


def test_before_anything_was_judged_nothing_is_said_of_sensors() -> None:
    assert StatusBuilder(NAMES).build({}, None, 0.0)["degraded"] == []


@pytest.mark.parametrize("offset_s", [1581.0, -2.5])
def test_a_wrong_sensor_clock_and_a_doubtful_own_clock(offset_s: float) -> None:
    builder = StatusBuilder(NAMES)
    (mode,) = builder.build({}, health(clock_offset_s=[0.0, offset_s]), 0.0)["degraded"]
    assert (mode["code"], mode["sensors"]) == ("DEGRADED-TIME", [2])
    status = builder.build({"clock": {"state": "stepped", "text": "+30 s"}}, health(), 0.0)
    assert codes(status) == ["DEGRADED-TIME"]
    assert "+30 s" in status["degraded"][0]["text"]


def test_load_is_shown_with_the_count_and_leaves_after_its_time() -> None:
    builder = StatusBuilder(NAMES)
    links = [{"kernel_drops": 3}, {"kernel_drops": None}]
    first = builder.build({"links": links}, health(), 100.0)
    assert codes(first) == ["DEGRADED-LOAD"]
    assert "3 datagrams" in first["degraded"][0]["text"]
    assert codes(builder.build({"links": links}, health(), 100.0 + LOAD_HOLD_S - 0.1)) == ["DEGRADED-LOAD"]
    assert codes(builder.build({"links": links}, health(), 100.0 + LOAD_HOLD_S)) == []
    shed = {"links": links, "ledger": {"track": {"shed": {"far": 2, "superseded": 5}}}}
    assert "7 plots" in builder.build(shed, health(), 200.0)["degraded"][0]["text"]


def test_recording_and_ledger() -> None:
    facts = {"recording": {"state": "degraded", "text": "disk full"}, "balances": False}
    status = StatusBuilder(NAMES).build(facts, health(state=[4, 4]), 0.0)
    assert codes(status) == ["FAILED-LEDGER", "DEGRADED-SENSOR", "DEGRADED-RECORDING"]
    assert "disk full" in status["degraded"][2]["text"]
    assert codes(StatusBuilder(NAMES).build({"recording": {"state": "off"}}, health(), 0.0)) == []
