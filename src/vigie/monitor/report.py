"""The health of the sensors as JSON, as other people's tools may rely on (interface reference, section 2, health)."""

from __future__ import annotations

import math
from typing import Any, Final

from vigie.monitor.reasons import STATES, reason_names
from vigie.sensors.site import Site
from vigie.terms.tables import Rows
from vigie.terms.units import DEG_PER_RAD

_LEAST_CLOCK_SD_S: Final = 0.25


def health_json(site: Site, health_rows: Rows) -> dict[str, Any]:
    """Return what is known of each sensor, keyed by its id as text; null where it cannot be known.

    ``time_bias_s`` is the registration's where there is one, else the clock offset; the latter is known no better
    than half the sensor's usual delay.
    """
    found: dict[str, Any] = {}
    for row in health_rows:
        sensor = site.sensor(int(row["sensor_id"]))
        if sensor is None:
            continue
        time_bias_s, time_bias_sd_s = float(row["time_bias_s"]), float(row["time_bias_sd_s"])
        if math.isnan(time_bias_s):
            time_bias_s = float(row["clock_offset_s"])
            time_bias_sd_s = max(_LEAST_CLOCK_SD_S, sensor.delay_s / 2) if math.isfinite(time_bias_s) else math.nan
        found[str(sensor.id)] = {
            "name": sensor.name,
            "plots": int(row["plots"]),
            "services": int(row["services"]),
            "rejects": int(row["rejects"]),
            "rotation_s": _number(row["rotation_s"]),
            "clock_offset_s": _number(row["clock_offset_s"]),
            "clock_drift": _number(row["clock_drift"]),
            "range_bias_m": _number(row["range_bias_m"]),
            "range_bias_sd_m": _number(row["range_bias_sd_m"]),
            "range_gain_ppm": _number(row["range_gain"] * 1e6),
            "range_gain_sd_ppm": _number(row["range_gain_sd"] * 1e6),
            "azimuth_bias_deg": _number(row["azimuth_bias_rad"] * DEG_PER_RAD),
            "azimuth_bias_sd_deg": _number(row["azimuth_bias_sd_rad"] * DEG_PER_RAD),
            "time_bias_s": _number(time_bias_s),
            "time_bias_sd_s": _number(time_bias_sd_s),
            "state": STATES[int(row["state"])],
            "reasons": reason_names(int(row["reasons"])),
        }
    return found


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
