"""What aircraft send unasked at 1,090 MHz, when, and which receivers hear it.

Two kernels a block: one lays out the squitters of every aircraft at their times, one decides for each receiver which
arrive, how strong and when. Rates are those of DO-260B 2.2.3.3.2: position and velocity twice a second at jittered
times, identification every 5 s, operational status every 2.5 s, aircraft status (emergency, Mode A code) every 5 s or
0.8 s in an emergency, and the acquisition squitter (DF11) every second. Losses: horizon, range, a fixed share, and
collisions, which grow with all that the receiver hears (a pure ALOHA channel of 120 microsecond messages).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.terrain import is_hidden
from vigie.earth.wgs84 import ecef_to_geodetic
from vigie.simulate.detect import _at
from vigie.simulate.draw import mixed, normal_pair, uniform
from vigie.terms.kernel import kernel
from vigie.terms.units import C_MPS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Masks = npt.NDArray[np.float32]

POSITION, VELOCITY, IDENTIFICATION, STATUS, EMERGENCY, ACQUISITION = range(6)
MESSAGE_S: Final = 120e-6

# Columns of ``receivers``.
X, Y, Z, MAX_M, LOSS, GAIN_DB, MIN_SIN = range(7)
RECEIVER_COLUMNS: Final = 7

# Rows of ``sent``: ECEF position (m) and instant (s) of each message; of ``sent_what``: aircraft, kind, odd.
T_S, LAT_DEG, LON_DEG, GEO_M, SENT_X, SENT_Y, SENT_Z = range(7)
AIRCRAFT, KIND, ODD = range(3)

_R_MEAN_M: Final = 6371008.8
_BENDING_M: Final = 8.0 * _R_MEAN_M


@kernel
def squitters(
    key: np.uint64, before: Floats, after: Floats, has: Ints, emergency: Ints, t_s: float, sent: Floats, what: Ints
) -> int:
    """Write all squitters of one block that starts at ``t_s``; return how many (never more than 16 an aircraft)."""
    count = 0
    block = math.floor(t_s)
    for i in range(before.shape[1]):
        if not (has[i] & 4) or math.isnan(before[0, i]) or math.isnan(after[0, i]):
            continue
        own = mixed(key, i)
        now = mixed(own, block + 1000000)
        phase = uniform(mixed(own, 1))
        for kind in range(6):
            if kind != ACQUISITION and not has[i] & 8:
                continue
            for half in range(2):
                if kind <= VELOCITY:
                    # One in each half second, 0.4 to 0.6 s apart.
                    offset = 0.4 * uniform(mixed(own, 2 + kind))
                    t = 0.5 * half + offset + 0.1 * uniform(mixed(now, 2 * kind + half))
                elif kind == ACQUISITION:
                    t = uniform(mixed(now, 20))
                    if half == 1:
                        continue
                else:
                    period = 5.0
                    if kind == STATUS:
                        period = 2.5
                    elif kind == EMERGENCY and emergency[i] != 0:
                        period = 0.8
                    first = math.floor((t_s + half * 0.5) / period + phase + 0.13 * kind)
                    if math.floor((t_s + half * 0.5 + 0.5) / period + phase + 0.13 * kind) == first:
                        continue
                    t = 0.5 * half + 0.5 * uniform(mixed(now, 20 + 2 * kind + half))
                x, y, z = _at(before, after, i, t)
                lat, lon, height = ecef_to_geodetic(x, y, z)
                sent[T_S, count] = t_s + t
                sent[LAT_DEG, count] = lat * (180.0 / math.pi)
                sent[LON_DEG, count] = lon * (180.0 / math.pi)
                sent[GEO_M, count] = height
                sent[SENT_X, count] = x
                sent[SENT_Y, count] = y
                sent[SENT_Z, count] = z
                what[AIRCRAFT, count] = i
                what[KIND, count] = kind
                what[ODD, count] = half
                count += 1
    return count


@kernel
def _east_north(rx: float, ry: float, rz: float, norm: float, dx: float, dy: float, dz: float) -> tuple[float, float]:
    """Return the parts to the east and north, on a sphere, of the way from a receiver."""
    flat = math.sqrt(rx * rx + ry * ry)
    east = (-ry * dx + rx * dy) / flat
    outward = (rx * dx + ry * dy) / flat
    return east, (flat * dz - rz * outward) / norm


@kernel
def heard(
    receivers: Floats, keys: Keys, masks: Masks, sent: Floats, what: Ints, n: int, out: Floats, out_what: Ints
) -> int:
    """Write who hears what; return how many receptions (more than fit are counted, not written).

    ``masks``: a terrain horizon for each receiver (no directions: nothing is known of the terrain).
    ``out``: arrival (s), signal (dB full scale); ``out_what``: receiver, number of the message in ``sent``.
    """
    count = 0
    room = out.shape[1]
    for k in range(receivers.shape[0]):
        limit2 = receivers[k, MAX_M] * receivers[k, MAX_M]
        rx = receivers[k, X]
        ry = receivers[k, Y]
        rz = receivers[k, Z]
        norm = math.sqrt(rx * rx + ry * ry + rz * rz)
        reached = 0
        for m in range(n):
            dx = sent[SENT_X, m] - rx
            dy = sent[SENT_Y, m] - ry
            dz = sent[SENT_Z, m] - rz
            if dx * dx + dy * dy + dz * dz < limit2:
                reached += 1
        clear = math.exp(-2.0 * MESSAGE_S * reached) * (1.0 - receivers[k, LOSS])
        for m in range(n):
            dx = sent[SENT_X, m] - rx
            dy = sent[SENT_Y, m] - ry
            dz = sent[SENT_Z, m] - rz
            r2 = dx * dx + dy * dy + dz * dz
            if not r2 < limit2:
                continue
            r = math.sqrt(r2)
            up = (dx * rx + dy * ry + dz * rz) / norm
            if up / max(r, 1.0) + r / (8.0 * _R_MEAN_M) < receivers[k, MIN_SIN]:
                continue
            if masks.shape[1] > 0:
                east, north = _east_north(rx, ry, rz, norm, dx, dy, dz)
                level = math.sqrt(east * east + north * north)
                if is_hidden(masks[k], math.atan2(east, north), r, math.tan(math.atan2(up, level) + r / _BENDING_M)):
                    continue
            edge = 1.0 if r < 0.85 * receivers[k, MAX_M] else 1.0 - 4.0 * (r / receivers[k, MAX_M] - 0.85)
            # The draw belongs to (receiver, aircraft, instant): what others send changes it only through collisions.
            key = mixed(mixed(keys[k], what[AIRCRAFT, m]), int(sent[T_S, m] * 1e6))
            if uniform(mixed(key, 1)) >= clear * edge:
                continue
            if count < room:
                g, _ = normal_pair(mixed(key, 2))
                out[0, count] = sent[T_S, m] + r / C_MPS
                # Free space, 20 dB a decade; -12 dB of full scale at 10 NM.
                out[1, count] = min(receivers[k, GAIN_DB] - 20.0 * math.log10(max(r, 100.0) / 18520.0) + 1.5 * g, 0.0)
                out_what[0, count] = k
                out_what[1, count] = m
            count += 1
    return count
