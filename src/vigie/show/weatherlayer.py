"""The weather on the map: of each sensor the newest picture that is complete, until it is too old to be believed."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.show.columns import DTYPES, Column, Columns, no_rows
from vigie.terms.units import NS_PER_S

SETTLED_NS: Final = 3 * NS_PER_S
"""A picture that nothing was added to for so long is complete: category 008 need not say where it ends."""
LIFE_NS: Final = 1800 * NS_PER_S
MOST_ROWS: Final = 20_000
"""Most rows of one picture; beyond it rows are left out and counted in ``dropped``."""


class _Sensor:
    """What one sensor sent: the picture shown, and the one that comes in."""

    def __init__(self) -> None:
        self.number = -1
        self.last_ns = 0
        self.coming: list[dict[str, Column]] = []
        self.shown: dict[str, Column] = no_rows("weather")


class WeatherLayer:
    """Rows of the table ``weather`` as they come; ``rows`` gives what the map shows."""

    def __init__(self) -> None:
        self._sensors: dict[int, _Sensor] = {}
        self.version = 0
        self.dropped = 0

    def clear(self, version: int) -> None:
        """Forget all."""
        self._sensors.clear()
        self.version = version

    def apply(self, rows: Columns | None, now_ns: int, version: int) -> bool:
        """Take over rows, let complete pictures be shown and old ones go; return whether what is shown changed."""
        changed = self._settle(now_ns)
        if rows is not None and rows["sensor_id"].size:
            for sensor in np.unique(rows["sensor_id"]).tolist():
                mine = rows["sensor_id"] == sensor
                for picture in np.unique(rows["picture"][mine]).tolist():
                    here = mine & (rows["picture"] == picture)
                    changed |= self._take(sensor, picture, {n: rows[n][here] for n in DTYPES["weather"]})
        if changed:
            self.version = version
        return changed

    def rows(self) -> dict[str, Column]:
        """Return the rows shown, of all sensors."""
        held = [s.shown for s in self._sensors.values() if s.shown["rx_ns"].size]
        if not held:
            return no_rows("weather")
        return {name: np.concatenate([h[name] for h in held]) for name in DTYPES["weather"]}

    def _take(self, number: int, picture: int, rows: dict[str, Column]) -> bool:
        sensor = self._sensors.setdefault(number, _Sensor())
        changed = False
        if picture != sensor.number:  # the next one begins: the one before is as complete as it will be
            changed = self._show(sensor)
            sensor.number = picture
        room = MOST_ROWS - sum(c["rx_ns"].size for c in sensor.coming)
        self.dropped += max(0, rows["rx_ns"].size - room)
        sensor.coming.append({name: values[: max(0, room)].copy() for name, values in rows.items()})
        sensor.last_ns = int(rows["rx_ns"].max())
        return changed

    def _settle(self, now_ns: int) -> bool:
        changed = False
        for sensor in self._sensors.values():
            if sensor.coming and now_ns - sensor.last_ns >= SETTLED_NS:
                changed |= self._show(sensor)
            shown_ns = sensor.shown["rx_ns"]
            if shown_ns.size and now_ns - int(shown_ns.max()) > LIFE_NS:
                sensor.shown, changed = no_rows("weather"), True
        return changed

    @staticmethod
    def _show(sensor: _Sensor) -> bool:
        if not sensor.coming:
            return False
        sensor.shown = {name: np.concatenate([c[name] for c in sensor.coming]) for name in DTYPES["weather"]}
        sensor.coming = []
        return True
