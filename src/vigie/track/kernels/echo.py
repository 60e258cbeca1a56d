"""Echoes of one who is tracked: a second plot of a turn that wears his address or own code, known for what it is.

A split plot lies beside him, a reflection farther away in another direction (the broken way is the longer one), a
second-time-around reply in his direction and nearer. Judged only while the sensor heard him within its last turn: who
has been lost may come back anywhere. Two aircraft with one address are told apart by range and height.
Source: Stevens, Secondary Surveillance Radar, 1988, chapter 8 (reflections, second-time-around replies, splits).
"""

from __future__ import annotations

import math

from vigie.sensors.measure import slant_lines
from vigie.terms.kernel import lean
from vigie.track.kernels.address import owner_of
from vigie.track.kernels.gate import conspicuous, slot_of, wrap
from vigie.track.kernels.imm import to_ecef
from vigie.track.kernels.intake import R_NONE, R_REFLECTION, R_SECOND_TIME, R_SPLIT
from vigie.track.state import (
    ANCHOR,
    CX,
    I_CODE,
    I_HKNOWN,
    I_STATUS,
    N_PERIOD,
    SLOT_T,
    TYPE_RADAR,
    VH,
    VT,
    VV,
    Z_AZ,
    Z_H,
    Z_RANGE,
    Z_T,
    ZI_CODE,
    ZI_ICAO,
    ZI_SENSOR,
    ZI_TYPE,
    Floats,
    Ints,
    T,
)

BEAM_RAD = 5.0 * math.pi / 180.0  # a beam is 2 to 3 degrees wide; a split stands on both its edges
SPLIT_M = 1500.0
DETOUR_M = 30_000.0  # twice the distance of a reflector: hangars, masts and hill faces within 8 NM
LEVEL_M = 150.0  # both read one altimeter, a turn apart at most
FOLD_M = 10_000.0


@lean
def echo(z: Floats, zi: Ints, S: Floats, J: Ints, sensor: Floats, owners: Ints, codes: Ints, by_code: Ints,
         mine: int) -> int:  # fmt: skip
    """Return the reason (``R_SPLIT`` and so on) why a plot is an echo of a confirmed track, ``R_NONE`` where not.

    ``by_code`` names the track of each code; ``mine`` is the tentative track that the plot would go to, -1 none.
    """
    if zi[ZI_TYPE] != TYPE_RADAR:
        return R_NONE
    i = -1
    code = zi[ZI_CODE]
    if zi[ZI_ICAO] != 0:
        i = owner_of(zi[ZI_ICAO], mine, J, owners)
    elif code != 65535 and not conspicuous(code) and codes[code] <= (1 if mine < 0 else 2):
        i = by_code[code]  # a code that others wear too tells nothing
        if i == mine or J[i, I_CODE] != code or not 2 <= J[i, I_STATUS] <= 3:
            return R_NONE
    if i < 0:
        return R_NONE
    row = S[i]
    o = slot_of(row, zi[ZI_SENSOR])
    if o < 0 or abs(z[Z_T] - row[o + SLOT_T]) > sensor[N_PERIOD]:
        return R_NONE
    dt = z[Z_T] - row[T]
    height = row[CX + 4]
    if J[i, I_HKNOWN] != 0:
        height = row[VH] + row[VV] * (z[Z_T] - row[VT])
        if math.isfinite(z[Z_H]) and abs(z[Z_H] - height) > LEVEL_M:
            return R_NONE
    x, y, w = to_ecef(row, row[CX] + dt * row[CX + 2], row[CX + 1] + dt * row[CX + 3], height)
    rng, azi, _, _, _, _, _, _ = slant_lines(sensor, row[ANCHOR + 3 : ANCHOR + 12], x, y, w)
    aside = abs(wrap(z[Z_AZ] - azi))
    beyond = z[Z_RANGE] - rng
    if aside < BEAM_RAD:
        if abs(beyond) < SPLIT_M and abs(z[Z_T] - row[o + SLOT_T]) < 0.5 * sensor[N_PERIOD]:
            return R_SPLIT
        return R_SECOND_TIME if beyond < -FOLD_M else R_NONE
    return R_REFLECTION if 0.0 < beyond < DETOUR_M else R_NONE
