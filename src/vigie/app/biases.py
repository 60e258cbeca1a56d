"""What registration found of each sensor, written into the health of that sensor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from vigie.monitor.reasons import DEGRADED, OK, R_BEYOND, R_BIAS
from vigie.terms.tables import Rows
from vigie.track.tracker import BIAS_LIMIT, Bias

_COLUMNS: Final = (
    ("range_bias_m", "range_m"), ("range_bias_sd_m", "range_sd_m"), ("azimuth_bias_rad", "azimuth_rad"),
    ("azimuth_bias_sd_rad", "azimuth_sd_rad"), ("time_bias_s", "time_s"), ("time_bias_sd_s", "time_sd_s"),
    ("range_gain", "gain"), ("range_gain_sd", "gain_sd"),
)  # fmt: skip


class ToldBiases:
    """Biases as columns of HEALTH rows, made anew when the tracker tells new ones: once a second, not at every tick."""

    def __init__(self) -> None:
        self.take_parts({})

    def snapshot_parts(self) -> dict[str, Any]:
        """Return nothing: all of it can be made again."""
        return {}

    def take_parts(self, _: dict[str, Any]) -> None:
        """Begin anew."""
        self._biases: Mapping[int, Bias] | None = None
        self._ids: np.ndarray[Any, Any] = np.zeros(0, np.uint16)

    def write(self, health: Rows, biases: Mapping[int, Bias], beyond: Mapping[int, str]) -> None:
        """Write biases, by sensor id, into HEALTH rows; a sensor beyond its limits is degraded.

        ``beyond`` names the sensors for which a supervisor allowed that, and who did.
        """
        ids = health["sensor_id"]
        if biases is not self._biases or not np.array_equal(ids, self._ids):
            self._make(ids.copy(), biases)
        for name, values in self._columns.items():
            health[name][self._rows] = values
        for row in self._over:
            health["reasons"][row] |= R_BEYOND if int(ids[row]) in beyond else R_BIAS
            if health["state"][row] == OK:
                health["state"][row] = DEGRADED

    def _make(self, ids: np.ndarray[Any, Any], biases: Mapping[int, Bias]) -> None:
        self._biases, self._ids = biases, ids
        rows = [row for row, sensor_id in enumerate(ids.tolist()) if sensor_id in biases]
        known = [biases[sensor_id] for sensor_id in ids[rows].tolist()]
        self._rows = np.array(rows, np.int64)
        self._columns = {name: np.array([getattr(one, field) for one in known]) for name, field in _COLUMNS}
        self._over = [
            row
            for row, one in zip(rows, known, strict=True)
            if any(  # NaN, not known, is not beyond
                abs(value) > limit
                for value, limit in zip((one.range_m, one.azimuth_rad, one.time_s, one.gain), BIAS_LIMIT, strict=True)
            )
        ]
