"""Comm-B registers as data: where each field lies, what it means, and between which values it is believed.

Bits are counted from 1 in the 56 bits of a register. A field with a status bit of 0 holds nothing and must be zero. The
ranges are of airliners and business jets; what lies outside is taken for another register, not for a value.
Source: ICAO Doc 9871 (2nd edition), tables A-2-16 (1,0), A-2-23 (1,7), A-2-32 (2,0), A-2-48 (3,0), A-2-64
(4,0), A-2-68 (4,4), A-2-69 (4,5), A-2-80 (5,0), A-2-83 (5,3), A-2-96 (6,0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RegisterField:
    """One field: status and sign bit (0 none), first bit and width of the value, step, unit, and the range believed."""

    register: int
    name: str
    status: int
    sign: int
    first: int
    width: int
    step: float
    unit: str
    low: float
    high: float


FIELDS: Final = (
    RegisterField(0x40, "selected_mcp", 1, 0, 2, 12, 16.0, "ft", 0, 45_000),
    RegisterField(0x40, "selected_fms", 14, 0, 15, 12, 16.0, "ft", 0, 45_000),
    RegisterField(0x40, "barometric_setting", 27, 0, 28, 12, 0.1, "hPa - 800", 0, 410),
    RegisterField(0x44, "figure_of_merit", 0, 0, 1, 4, 1.0, "", 1, 4),
    RegisterField(0x44, "wind_speed", 5, 0, 6, 9, 1.0, "kt", 0, 250),
    RegisterField(0x44, "wind_direction", 5, 0, 15, 9, 180 / 256, "°", 0, 360),
    RegisterField(0x44, "temperature", 0, 24, 25, 10, 0.25, "°C", -80, 60),
    RegisterField(0x44, "pressure", 35, 0, 36, 11, 1.0, "hPa", 100, 1_100),
    RegisterField(0x44, "turbulence", 47, 0, 48, 2, 1.0, "", 0, 3),
    RegisterField(0x44, "humidity", 50, 0, 51, 6, 100 / 64, "%", 0, 100),
    RegisterField(0x45, "turbulence", 1, 0, 2, 2, 1.0, "", 0, 3),
    RegisterField(0x45, "wind_shear", 4, 0, 5, 2, 1.0, "", 0, 3),
    RegisterField(0x45, "microburst", 7, 0, 8, 2, 1.0, "", 0, 3),
    RegisterField(0x45, "icing", 10, 0, 11, 2, 1.0, "", 0, 3),
    RegisterField(0x45, "wake_vortex", 13, 0, 14, 2, 1.0, "", 0, 3),
    RegisterField(0x45, "temperature", 16, 17, 18, 9, 0.25, "°C", -80, 60),
    RegisterField(0x45, "pressure", 27, 0, 28, 11, 1.0, "hPa", 100, 1_100),
    RegisterField(0x45, "radio_height", 39, 0, 40, 12, 16.0, "ft", 0, 65_520),
    RegisterField(0x50, "roll", 1, 2, 3, 9, 45 / 256, "°", -50, 50),
    RegisterField(0x50, "track", 12, 13, 14, 10, 90 / 512, "°", -180, 180),
    RegisterField(0x50, "groundspeed", 24, 0, 25, 10, 2.0, "kt", 0, 600),
    RegisterField(0x50, "track_rate", 35, 36, 37, 9, 8 / 256, "°/s", -16, 16),
    RegisterField(0x50, "TAS", 46, 0, 47, 10, 2.0, "kt", 80, 500),
    RegisterField(0x53, "heading", 1, 2, 3, 10, 90 / 512, "°", -180, 180),
    RegisterField(0x53, "IAS", 13, 0, 14, 10, 1.0, "kt", 1, 500),
    RegisterField(0x53, "Mach", 24, 0, 25, 9, 0.008, "", 0.008, 1.0),
    RegisterField(0x53, "TAS", 34, 0, 35, 12, 0.5, "kt", 80, 500),
    RegisterField(0x53, "vrate", 47, 48, 49, 8, 64.0, "ft/min", -6_000, 6_000),
    RegisterField(0x60, "heading", 1, 2, 3, 10, 90 / 512, "°", -180, 180),
    RegisterField(0x60, "IAS", 13, 0, 14, 10, 1.0, "kt", 1, 500),
    RegisterField(0x60, "Mach", 24, 0, 25, 10, 2.048 / 512, "", 0.004, 1.0),
    RegisterField(0x60, "vrate_barometric", 35, 36, 37, 9, 32.0, "ft/min", -6_000, 6_000),
    RegisterField(0x60, "vrate_inertial", 46, 47, 48, 9, 32.0, "ft/min", -6_000, 6_000),
)
"""The registers that no header names, in the order of their bits; a sign bit makes the value a two's complement."""

RESERVED: Final = ((0x40, 40, 8), (0x40, 52, 2), (0x45, 52, 5), (0x17, 29, 28))
"""Bits that must be zero: (register, first bit, how many)."""

PRIORS: Final = {0x17: 0.03, 0x40: 0.3, 0x44: 0.01, 0x45: 0.005, 0x50: 0.3, 0x53: 0.002, 0x60: 0.3}
"""How often ground stations ask for each register, roughly; what is left is for all others."""
OTHER_PRIOR: Final = 0.053

HEADED: Final = {0x10: 0x10, 0x20: 0x20, 0x30: 0x30}
"""Registers whose first octet is their own number."""

NUMBERS: Final = tuple(PRIORS)
MOST_FIELDS: Final = max(sum(f.register == r for f in FIELDS) for r in NUMBERS)


def _compile() -> tuple[I8, F8, I8, F8]:
    """Return (places int64[r, f, 4], steps float64[r, f, 4], masks int64[r, 2 + 2 f], priors float64[r]).

    Places: shifts of the status bit and of the sign bit (-1 none) and of the value, and its width (-1: no field).
    Steps: step, believed range, how much likelier than chance a value in it is. Masks: reserved bits, how many, then
    for each field its status bit and the bits that must be zero where it is not set.
    """
    places = np.full((len(NUMBERS), MOST_FIELDS, 4), -1, np.int64)
    steps = np.zeros((len(NUMBERS), MOST_FIELDS, 4))
    masks = np.zeros((len(NUMBERS), 2 + 2 * MOST_FIELDS), np.int64)
    for r, number in enumerate(NUMBERS):
        for k, f in enumerate([f for f in FIELDS if f.register == number]):
            places[r, k] = (
                56 - f.status if f.status else -1, 56 - f.sign if f.sign else -1, 57 - f.first - f.width, f.width
            )  # fmt: skip
            if f.status:
                masks[r, 2 + 2 * k] = 1 << 56 - f.status
                masks[r, 3 + 2 * k] = ((1 << f.width) - 1) << (57 - f.first - f.width) | (
                    1 << 56 - f.sign if f.sign else 0
                )
            span = f.step * (1 << f.width) * (2 if f.sign else 1)
            steps[r, k] = f.step, f.low, f.high, span / min(span, f.high - f.low + f.step)
        for register, first, count in RESERVED:
            if register == number:
                masks[r, 0] |= ((1 << count) - 1) << (57 - first - count)
                masks[r, 1] += count
    return places, steps, masks, np.array(list(PRIORS.values()))


PLACES, STEPS, MASKS, PRIOR = _compile()
