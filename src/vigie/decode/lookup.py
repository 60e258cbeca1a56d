"""What the kernel looks up per record: the sender in the sensor table, the day of a time of day."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.terms.kernel import lean
from vigie.terms.utc import DAY_NS

F8 = npt.NDArray[np.float64]
I4 = npt.NDArray[np.int32]
I8 = npt.NDArray[np.int64]
U1 = npt.NDArray[np.uint8]
U2 = npt.NDArray[np.uint16]
U4 = npt.NDArray[np.uint32]
U8 = npt.NDArray[np.uint64]
Whole = Any
"""A whole number of the machine, Python's or NumPy's."""

# Columns of the sensor table (int64) and of the link table (int32).
S_ID, S_LINK, S_FAMILIES, S_DELAY_NS, S_SIMULATED, S_SAC, S_SIC, S_ALLOW0, S_ALLOW1 = range(9)
L_TRAILER, L_LEARNED, L_LAST, L_RUN = range(4)
# Counters: sensors in use, plots, services, rejects, filtered tails, bad call signs, frames, octets, next frame.
N_SENSORS, N_PLOTS, N_SERVICES, N_REJECTS, N_TAILS, N_CALLSIGNS, N_FRAMES, N_BYTES, NEXT = range(9)
# Rules: discover sensors, refuse simulated data, the number of the first sensor discovered.
R_DISCOVER, R_REFUSE_SIMULATED, R_FIRST_ID = range(3)


@lean
def unroll(tod_ns: Whole, near_ns: Whole) -> Whole:
    """Return the instant with this time of day nearest to ``near_ns`` (the nearest-day rule of ``terms.utc``)."""
    t = near_ns - near_ns % DAY_NS + tod_ns
    if t - near_ns > DAY_NS // 2:
        return t - DAY_NS
    if near_ns - t > DAY_NS // 2:
        return t + DAY_NS
    return t


@lean
def find_sensor(
    family: Whole, source: Whole, link: Whole, address: Whole,
    heads: I4, chain: I4, sensors: I8, allow: U4, rules: I8, counters: I8,
) -> Whole:  # fmt: skip
    """Return the row of the sensor, -1 none, or -2 - row where a sensor exists but this link or sender may not speak.

    ``source`` is SAC * 256 + SIC, -1 where the record names none: then the link must tell.
    """
    if source < 0:
        found = -1
        if link > 0:
            for i in range(counters[N_SENSORS]):
                if sensors[i, S_LINK] == link and sensors[i, S_FAMILIES] >> family & 1:
                    if found >= 0:
                        return -1
                    found = i
        return found
    entry = heads[family * 65536 + source]
    if entry == 0:
        n = counters[N_SENSORS]
        if rules[R_DISCOVER] == 0 or n >= sensors.shape[0]:
            return -1
        sensors[n, S_ID] = n + rules[R_FIRST_ID]
        sensors[n, S_FAMILIES] = 1 << family
        sensors[n, S_SAC] = source >> 8
        sensors[n, S_SIC] = source & 255
        heads[family * 65536 + source] = n + 1
        counters[N_SENSORS] = n + 1
        return n
    refused = entry - 1
    best = -1
    while entry > 0:
        row = entry - 1
        own = sensors[row, S_LINK]
        if link in (0, own):
            best = row
            break
        if own == 0 and best < 0:
            best = row
        entry = chain[family * sensors.shape[0] + row]
    if best < 0:
        return -2 - refused
    first = sensors[best, S_ALLOW0]
    last = sensors[best, S_ALLOW1]
    if first < last and address != 0:
        for i in range(first, last):
            if address & allow[i, 1] == allow[i, 0]:
                return best
        return -2 - best
    return best
