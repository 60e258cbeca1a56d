"""Do the sensors that should see a track see it? A running likelihood for each track, one step for each look missed.

Each look of a radar that should see it (in range, over the horizon of a 4/3 earth, not overhead) and does not, makes
it less likely that something is there; each that does, more. A ghost in cover falls below the limit with the third
look; an aircraft that was seen must be missed five times in a row.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import Floats, ecef_to_enu, geodetic_to_ecef
from vigie.terms.kernel import kernel

Longs = npt.NDArray[np.int64]

S_X, S_Y, S_Z, S_LAT, S_LON, S_RANGE, S_PERIOD, S_MISS, S_BIT, S_OK, S_DELAY = range(11)
S_WIDTH: Final = 11
FLAG_BELOW: Final = -5.4
CLEAR_ABOVE: Final = -2.0
MOST: Final = 4.0
HIT: Final = 3.0
LEAST_ELEVATION: Final = 0.012
MOST_ELEVATION: Final = 0.7
NOT_SEEN: Final = 1
SEEN: Final = 1
CLAIMED: Final = 0


@kernel
def look(
    slots: Longs, lat: Floats, lon: Floats, height_m: Floats, seen_by: Longs, claims: Longs, now_s: float,
    sensors: Floats, likelihood: Floats, next_s: Floats, misses: Longs, hits: Longs, bits: Longs,
) -> None:  # fmt: skip
    """Judge the tracks that state a position (``claims``) by every sensor whose look is due.

    ``next_s`` (slots, sensors): when each sensor's next look at each track is over; 0 at first.
    """
    for k in range(slots.size):
        s = slots[k]
        if claims[k] == 0 or math.isnan(height_m[k]):
            continue
        x, y, z = geodetic_to_ecef(lat[k], lon[k], height_m[k])
        for j in range(sensors.shape[0]):
            if sensors[j, S_OK] == 0.0:
                next_s[s, j] = 0.0
                continue
            seen = (seen_by[k] >> int(sensors[j, S_BIT])) & 1
            if next_s[s, j] == 0.0:
                next_s[s, j] = now_s + sensors[j, S_PERIOD] + sensors[j, S_DELAY]
                if seen == 0:
                    continue
            if now_s < next_s[s, j] and seen == 0:
                continue
            if seen == 1:
                if now_s >= next_s[s, j] - sensors[j, S_DELAY] or hits[s] == 0:
                    likelihood[s] = min(MOST, max(likelihood[s], -4.0) + HIT)
                    hits[s] += 1
                    misses[s] = 0
                    next_s[s, j] = now_s + sensors[j, S_PERIOD]
                continue
            next_s[s, j] = now_s + sensors[j, S_PERIOD]
            dx, dy, dz = x - sensors[j, S_X], y - sensors[j, S_Y], z - sensors[j, S_Z]
            _, _, up = ecef_to_enu(dx, dy, dz, sensors[j, S_LAT], sensors[j, S_LON])
            far = math.sqrt(dx * dx + dy * dy + dz * dz)
            elevation = math.asin(up / max(1.0, far)) + far / (8.0 * 6_371_000.0)
            if far > 0.9 * sensors[j, S_RANGE] or elevation < LEAST_ELEVATION or elevation > MOST_ELEVATION:
                continue
            likelihood[s] -= sensors[j, S_MISS]
            misses[s] += 1
        if likelihood[s] < FLAG_BELOW and misses[s] >= 3:
            bits[s] |= NOT_SEEN
        elif likelihood[s] > CLEAR_ABOVE:
            bits[s] &= ~NOT_SEEN
        likelihood[s] = max(-8.0, likelihood[s])
