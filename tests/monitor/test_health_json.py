"""The health file keeps its contract."""

from __future__ import annotations

import json
import math

from vigie.monitor.monitor import Monitor, health_json
from vigie.sensors.site import Sensor, make_site
from vigie.terms.tables import HEALTH, PLOT, REJECT, SERVICE

CONTRACT = (
    "name", "plots", "rotation_s", "range_bias_m", "range_bias_sd_m", "azimuth_bias_deg", "azimuth_bias_sd_deg",
    "time_bias_s", "time_bias_sd_s", "state", "reasons",
)  # fmt: skip


def test_the_contract() -> None:
    sensors = tuple(Sensor(id=i, name=f"S{i}", kind="radar", lat_deg=0.0, lon_deg=0.0) for i in (7, 3))
    site = make_site(name="x", lat_deg=0.0, lon_deg=0.0, sensors=sensors)
    rows = Monitor(site).step(PLOT.empty(), SERVICE.empty(), REJECT.empty(), 1, 1)
    found = json.loads(json.dumps(health_json(site, rows), allow_nan=False))
    assert list(found) == ["7", "3"]
    assert set(CONTRACT) <= set(found["7"])
    assert found["7"]["name"] == "S7"
    assert found["7"]["state"] == "never heard"
    assert found["7"]["reasons"] == []
    assert found["7"]["rotation_s"] is None
    assert found["7"]["time_bias_s"] is None

    rows["azimuth_bias_rad"][0], rows["azimuth_bias_sd_rad"][0] = math.radians(0.53), math.radians(0.01)
    rows["clock_offset_s"] = [1581.2, math.nan]
    rows["state"], rows["reasons"] = [2, 1], [128, 0]
    rows["time_bias_s"][1], rows["time_bias_sd_s"][1] = 1.2, 0.05
    found = health_json(site, rows)
    assert abs(found["7"]["azimuth_bias_deg"] - 0.53) < 1e-12
    assert found["7"]["clock_offset_s"] == found["7"]["time_bias_s"] == 1581.2
    assert found["7"]["time_bias_sd_s"] == 0.25
    assert (found["3"]["time_bias_s"], found["3"]["time_bias_sd_s"]) == (1.2, 0.05)
    assert (found["7"]["state"], found["7"]["reasons"]) == ("degraded", ["clock_offset"])
    assert health_json(site, HEALTH.empty()) == {}
