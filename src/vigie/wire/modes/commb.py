"""Which register is it? Comm-B replies do not say; this infers it from what their 56 bits can mean, with a confidence.

Registers 1,0 2,0 3,0 carry their number. For each other candidate it is computed how much likelier than chance the bits
are: fields that say nothing and are zero, reserved bits, values within what is believed, and how well values agree with
each other and with the aircraft's altitude. Bayes' rule over all candidates, and over "none of these", gives the
confidence; a register is named where it is 0.95 or more. ``infer`` is for one reply in other kernels, ``infer_all`` for
many.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from vigie.terms.kernel import lean
from vigie.terms.units import M_PER_FT, MPS_PER_KT
from vigie.wire.modes.registers import F8, FIELDS, I8, MASKS, MOST_FIELDS, NUMBERS, OTHER_PRIOR, PLACES, PRIOR, STEPS

SURE: Final = 0.95
VALUES: Final = MOST_FIELDS
CAPABILITY, SELECTED, WEATHER, HAZARD, TURN, AIR_STATE, SPEED = range(len(NUMBERS))
_NUMBERS: Final = np.array(NUMBERS, np.int64)

NAMES: Final = {number: tuple(f.name for f in FIELDS if f.register == number) for number in NUMBERS}
"""Names of the values of each register, in their order."""


@lean
def _bits(value: int, shift: int, width: int) -> int:
    return value >> shift & ((1 << width) - 1)


@lean
def _mixed(difference: float, scale: float, span: float) -> float:
    """Return how much likelier a difference is that is mostly about ``scale`` than any one within ``span``."""
    return 0.4 * span * math.exp(-abs(difference) / scale) / scale + 0.2


@lean
def mach_of(ias_kt: float, alt_m: float) -> float:
    """Return the Mach number of an indicated airspeed at a pressure altitude in the standard atmosphere."""
    if alt_m < 11_000.0:
        ratio = (1.0 - 2.25577e-5 * alt_m) ** 5.25588
    else:
        ratio = 0.223361 * math.exp(-(alt_m - 11_000.0) / 6_341.62)
    speed = ias_kt * MPS_PER_KT / 340.294
    rise = 1.0 + 0.2 * speed * speed
    impact = rise * rise * rise * math.sqrt(rise) - 1.0
    return math.sqrt(5.0 * ((impact / ratio + 1.0) ** (2.0 / 7.0) - 1.0))


@lean
def _agreement(which: int, v: F8, alt_m: float) -> float:
    """Return how much likelier than chance the values agree as they do; 0 where they cannot all be true."""
    worth = 1.0
    known = not math.isnan(alt_m)
    if which == SELECTED:
        if not math.isnan(v[0]) and not math.isnan(v[1]):
            worth *= _mixed(v[0] - v[1], 50.0, 65_520.0)
        if not math.isnan(v[2]):
            worth *= _mixed(v[2] - 213.0, 15.0, 410.0)
        if known and not math.isnan(v[0]):
            worth *= _mixed(v[0] - alt_m / M_PER_FT, 4_000.0, 65_520.0)
    elif which == TURN:
        if not math.isnan(v[0]):
            worth *= _mixed(v[0], 2.0, 100.0)
        if not math.isnan(v[3]):
            worth *= _mixed(v[3], 0.3, 32.0)
            turning = v[0] * v[3]  # a wing down to the left turns to the left; near level both are noise
            if turning < -1.0:
                return 0.0
            if turning < 0.0:
                worth *= 0.5
        if not math.isnan(v[2]) and not math.isnan(v[4]):
            if abs(v[2] - v[4]) > 200.0:
                return 0.0
            worth *= _mixed(v[2] - v[4], 40.0, 1_000.0)
    elif which in (SPEED, AIR_STATE):
        if not math.isnan(v[1]) and not math.isnan(v[2]):
            if (v[1] > 250.0 and v[2] < 0.4) or (v[1] < 150.0 and v[2] > 0.5):
                return 0.0
            if known:
                beside = v[2] - mach_of(v[1], alt_m)
                if abs(beside) > 0.15:
                    return 0.0
                worth *= _mixed(beside, 0.01, 1.0)
        if which == SPEED and not math.isnan(v[3]) and not math.isnan(v[4]):
            worth *= _mixed(v[3] - v[4], 200.0, 12_000.0) * _mixed(v[3], 800.0, 12_000.0)
        if which == AIR_STATE and not math.isnan(v[2]) and not math.isnan(v[3]):
            if not 540.0 < v[3] / v[2] < 690.0:
                return 0.0
            worth *= 8.0
    elif which == WEATHER:
        if math.isnan(v[1]) or not math.isnan(v[4]):  # without a wind it is worth nothing; a pressure is never sent
            return 0.0
        if known:
            worth *= _mixed(v[3] - max(15.0 - 0.0065 * alt_m, -56.5), 8.0, 140.0)
    elif which == HAZARD:
        for k in range(5):
            if v[k] >= 2.0:  # moderate or severe: seldom
                worth *= 0.05
        if math.isnan(v[5]):  # hardly ever without a temperature
            worth *= 0.002
        elif known:
            worth *= _mixed(v[5] - max(15.0 - 0.0065 * alt_m, -56.5), 8.0, 140.0)
    return worth


@lean
def _capable(mb: int) -> float:
    """Return how much likelier than chance 28 bits are as the capabilities of register 1,7.

    Bit 7: every aircraft with this register has 2,0 too, and some other. The enhanced surveillance registers
    (bits 9, 16, 24) and the squitters' (1, 2, 4) come together; 4,1 to 4,3, 4,8 and 5,4 to 5,6 hardly anywhere.
    """
    if not mb >> 49 & 1 or mb >> 28 == 1 << 21:
        return 0.0
    enhanced = (mb >> 47 & 1) + (mb >> 40 & 1) + (mb >> 32 & 1)
    squitters = (mb >> 55 & 1) + (mb >> 54 & 1) + (mb >> 52 & 1)
    worth = 2.0 * (5.6 if enhanced in (0, 3) else 0.35) * (3.5 if squitters in (0, 3) else 0.25)
    for k in (46, 45, 44, 41, 36, 35, 34):
        worth *= 0.06 if mb >> k & 1 else 1.9
    return worth


@lean
def _weigh(mb: int, which: int, places: I8, steps: F8, masks: I8, alt_m: float, v: F8) -> float:
    """Fill ``v`` with the values of one register; return how much likelier than chance the bits are as it, 0 never."""
    if mb & masks[which, 0] != 0:
        return 0.0
    for k in range(2, masks.shape[1], 2):
        if mb & masks[which, k] == 0 and mb & masks[which, k + 1] != 0 and masks[which, k] != 0:
            return 0.0
    worth = float(1 << masks[which, 1])
    if which == CAPABILITY:
        return worth * _capable(mb)
    told = 0
    for k in range(places.shape[1]):
        v[k] = math.nan
        width = places[which, k, 3]
        if width < 0:
            break
        raw = _bits(mb, places[which, k, 2], width)
        sign = places[which, k, 1]
        negative = sign >= 0 and mb >> sign & 1
        if places[which, k, 0] >= 0 and not mb >> places[which, k, 0] & 1:
            worth *= float(1 << width + (1 if sign >= 0 else 0))
            continue
        if which == TURN and k == 3 and raw == 511:  # not available
            told += 1
            continue
        if which == SPEED and k >= 3 and raw in (0, 511):  # all zeros or all ones: level
            v[k] = 0.0
        else:
            v[k] = (raw - (1 << width) if negative else raw) * steps[which, k, 0]
        if v[k] < steps[which, k, 1] or v[k] > steps[which, k, 2]:
            return 0.0
        worth *= steps[which, k, 3]
        told += 1
    return worth * _agreement(which, v, alt_m) if told > 0 else 0.0


@lean
def infer(
    mb: int, alt_m: float, places: I8, steps: F8, masks: I8, prior: F8, values: F8, scratch: F8
) -> tuple[int, float]:  # fmt: skip
    """Return (register, confidence) of 56 bits; 0 where no register is sure. ``values`` gets the fields, NaN unknown.

    ``alt_m``: pressure altitude where it is known, else NaN; ``values``, ``scratch``: float64[VALUES].
    """
    head = mb >> 48
    if mb == 0:
        return 0, 0.0
    if head == 0x20:
        for k in range(8):
            code = _bits(mb, 6 * k, 6)
            if not (1 <= code <= 26 or code == 32 or 48 <= code <= 57):
                return 0, 0.0
        return 0x20, 1.0
    if head == 0x10 and _bits(mb, 42, 5) == 0:
        return 0x10, 1.0
    if head == 0x30 and _bits(mb, 26, 2) != 3 and _bits(mb, 34, 7) < 48:
        return 0x30, 1.0
    best = -1
    most = 0.0
    total = OTHER_PRIOR
    for which in range(places.shape[0]):
        weight = prior[which] * _weigh(mb, which, places, steps, masks, alt_m, scratch)
        if weight == 0.0:
            continue
        total += weight
        if weight > most:
            most = weight
            best = which
            for k in range(scratch.shape[0]):
                values[k] = scratch[k]
    if best < 0 or most < SURE * total:
        return 0, most / total
    return best + 1, most / total


@lean
def _infer_all(
    replies: Any, alt_m: F8, places: I8, steps: F8, masks: I8, prior: F8, numbers: I8, registers: Any, confidence: F8,
    values: F8, best: F8, scratch: F8,
) -> None:  # fmt: skip
    for i in range(len(replies)):
        mb = 0
        for k in range(7):
            mb = mb << 8 | int(replies[i, k])
        found, sure = infer(mb, alt_m[i], places, steps, masks, prior, best, scratch)
        for k in range(best.shape[0]):
            values[i, k] = best[k] if found >= 1 and found < 0x10 else math.nan
        registers[i] = found if found >= 0x10 or found == 0 else numbers[found - 1]
        confidence[i] = sure


def infer_all(replies: Any, alt_m: F8 | None = None) -> tuple[I8, F8, F8]:
    """Return (register or 0, confidence, values in the units of ``registers``) of Comm-B fields, uint8[n, 7].

    ``alt_m``: pressure altitudes where they are known (DF20 says it), NaN elsewhere. The values are float64[n, VALUES]
    in the order of ``NAMES``; angles in degrees from -180 to 180.
    """
    n = len(replies)
    octets = np.ascontiguousarray(replies, np.uint8)
    levels = np.full(n, np.nan) if alt_m is None else np.ascontiguousarray(alt_m, np.float64)
    registers: I8 = np.zeros(n, np.int64)
    confidence, values = np.zeros(n), np.full((n, VALUES), np.nan)
    _infer_all(
        octets, levels, PLACES, STEPS, MASKS, PRIOR, _NUMBERS, registers, confidence, values, np.zeros(VALUES),
        np.zeros(VALUES),
    )  # fmt: skip
    values[registers == NUMBERS[CAPABILITY]] = np.nan
    return registers, confidence, values
