"""How each sensor was over the last hours: samples of the health rows that the picture held, bounded, by sensor.

Two rings a sensor: one sample in five seconds for an hour, one in a minute for twelve (a watch and its handover). A
sample is what the first picture of its step said; nothing is smoothed, so a jump shows as one. A replay that is set
back forgets what lies after its new time.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from vigie.show.columns import Columns
from vigie.terms.units import NS_PER_S

SPANS: Final[Mapping[str, tuple[int, int]]] = {"hour": (5, 720), "watch": (60, 720)}
"""Name of a span -> (seconds between samples, most samples kept)."""
VALUES: Final = (
    "rotation_s", "range_bias_m", "range_bias_sd_m", "azimuth_bias_rad", "azimuth_bias_sd_rad", "time_bias_s",
    "clock_offset_s", "plots_per_scan",
)  # fmt: skip
"""Columns of the health table that are kept; NaN, and a rotation of nought, are not known."""
COUNTS: Final = ("state", "reasons", "plots", "services", "rejects")

_Sample = tuple[int, tuple[float, ...], tuple[int, ...]]


class SensorHistory:
    """Samples of every sensor that the health rows name."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, str], deque[_Sample]] = {}

    def note(self, health: Columns, now_ns: int) -> None:
        """Take a sample of each sensor where a new step began; ``now_ns`` is the picture's time (UTC)."""
        fresh: dict[int, _Sample] = {}
        for row, sensor in enumerate(health["sensor_id"].tolist()):
            for span, (step_s, most) in SPANS.items():
                held = self._held.setdefault((sensor, span), deque(maxlen=most))
                while held and held[-1][0] > now_ns:
                    held.pop()
                step_ns = step_s * NS_PER_S
                if held and held[-1][0] // step_ns == now_ns // step_ns:
                    continue
                if sensor not in fresh:
                    fresh[sensor] = (
                        now_ns,
                        tuple(float(health[name][row]) for name in VALUES),
                        tuple(int(health[name][row]) for name in COUNTS),
                    )
                held.append(fresh[sensor])

    def of(self, sensor: int, span: str) -> dict[str, Any]:
        """Return the samples of a sensor as columns, oldest first; an unknown sensor or span has none."""
        held = list(self._held.get((sensor, span), ()))
        columns: dict[str, list[Any]] = {"now_ms": [at / 1e6 for at, _, _ in held]}
        for k, name in enumerate(VALUES):
            columns[name] = [_known(values[k], name) for _, values, _ in held]
        for k, name in enumerate(COUNTS):
            columns[name] = [counts[k] for _, _, counts in held]
        return {"sensor": sensor, "span": span, "step_s": SPANS.get(span, (0, 0))[0], **columns}


def _known(value: float, name: str) -> float | None:
    if math.isnan(value) or (name == "rotation_s" and value <= 0.0):
        return None
    return value
