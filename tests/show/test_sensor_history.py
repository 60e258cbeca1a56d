"""What is kept of each sensor over the hours: bounded, with its gaps, and nothing of a time that has not come yet."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from vigie.monitor.reasons import REASONS, reason_words
from vigie.show.sensorhistory import SPANS, SensorHistory
from vigie.terms.tables import HEALTH
from vigie.terms.units import NS_PER_S

ROOT = Path(__file__).resolve().parents[2]
START_NS = 1_800_000_000 * NS_PER_S


def health(rotation_s: float, bias_rad: float = np.nan) -> Any:
    rows = HEALTH.empty(2)
    rows["sensor_id"], rows["state"] = [1, 7], [1, 4]
    rows["rotation_s"] = [rotation_s, 0.0]
    rows["azimuth_bias_rad"] = [bias_rad, np.nan]
    return {name: rows[name] for name in rows.dtype.names}


def test_samples_come_in_steps_and_never_more_than_the_span_holds() -> None:
    held = SensorHistory()
    for second in range(5 * 800):
        held.note(health(4.0 + second * 1e-4, 0.002), START_NS + second * NS_PER_S)
    hour, watch = held.of(1, "hour"), held.of(1, "watch")
    assert len(hour["now_ms"]) == SPANS["hour"][1] == 720
    assert set(np.diff(hour["now_ms"])) == {5000.0}
    assert hour["rotation_s"][-1] == 4.0 + 3995 * 1e-4  # the sample itself, nothing smoothed
    assert len(watch["now_ms"]) == 67
    assert set(np.diff(watch["now_ms"])) == {60_000.0}
    assert hour["azimuth_bias_rad"] == [0.002] * 720
    assert hour["range_bias_m"] == [None] * 720  # not known is null


def test_what_is_not_known_is_null_and_nobody_is_made_up() -> None:
    held = SensorHistory()
    held.note(health(np.nan), START_NS)
    assert held.of(1, "hour")["rotation_s"] == [None]
    assert held.of(7, "hour")["rotation_s"] == [None]  # nought seconds is no rotation
    assert held.of(7, "hour")["state"] == [4]
    for sensor, span in ((2, "hour"), (1, "year"), (1, "")):
        assert held.of(sensor, span)["now_ms"] == []


def test_a_replay_set_back_forgets_what_lies_ahead_of_it() -> None:
    held = SensorHistory()
    for second in range(0, 600, 5):
        held.note(health(4.0), START_NS + second * NS_PER_S)
    held.note(health(5.0), START_NS + 302 * NS_PER_S)
    times, rotations = held.of(1, "hour")["now_ms"], held.of(1, "hour")["rotation_s"]
    assert times == sorted(times)
    assert times[-1] <= (START_NS + 302 * NS_PER_S) / 1e6
    assert len(times) == 61  # the step of the new time was there already
    held.note(health(5.0), START_NS + 305 * NS_PER_S)
    assert held.of(1, "hour")["rotation_s"] == [*rotations, 5.0]


def test_the_reasons_of_a_sensor_are_the_same_on_the_page_and_in_french() -> None:
    source = (ROOT / "web/src/picture/reasons.ts").read_text("utf-8")
    names = re.findall(r'"(\w+)"', source.split("REASONS = [")[1].split("]")[0])
    assert names == [name for name, _ in REASONS.values()]
    assert [1 << k for k in range(len(names))] == list(REASONS)
    import json

    english = json.loads((ROOT / "web/src/words/en.json").read_text("utf-8"))["sensorReason"]
    french = json.loads((ROOT / "web/src/words/fr.json").read_text("utf-8"))["sensorReason"]
    for bit, (name, words) in REASONS.items():
        assert english[name] == words
        assert reason_words(bit, "en") == [words]
        assert reason_words(bit, "fr") == [french[name]] != [words]
