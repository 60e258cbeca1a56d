"""Do the sensors that should see a track see it? A running likelihood for each track, one step for each look missed.

Each look of a radar that should see it (in range, over the horizon of a 4/3 earth, not overhead) and does not, makes
it less likely that something is there; each that does, more. A ghost in cover falls below the limit with the third
look; an aircraft that was seen must be missed five times in a row.

That holds while the sensor sees others there. A sensor's sight is kept by direction and distance (``sight``), from the
tracks that sensors saw before: a blind sector, a wrong north or a hill takes them all, and then a miss says something
of the sensor and nothing of the aircraft. A ghost was never seen and so speaks against no sensor.
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
DIRECTIONS: Final = 36
RINGS: Final = 4
LEARNS: Final = 0.25
"""How much one look moves the sight of a sensor in a direction."""
LEAST_SIGHT: Final = 0.5
"""Where a sensor sees fewer of those that were seen before than this, its misses count nothing."""
FORGETS_S: Final = 600.0
"""Where nobody flies any more a sensor is taken to see as stated again, with this time constant."""
KNOWN: Final = 3
"""A track that sensors saw so often may speak of a sensor that does not see it."""


@kernel
def look(
    slots: Longs, lat: Floats, lon: Floats, height_m: Floats, seen_by: Longs, claims: Longs, now_s: float,
    sensors: Floats, likelihood: Floats, next_s: Floats, misses: Longs, hits: Longs, bits: Longs,
    sight: Floats, sight_s: Floats,
) -> None:  # fmt: skip
    """Judge the tracks that state a position (``claims``) by every sensor whose look is due.

    ``next_s`` (slots, sensors): when each sensor's next look at each track is over; 0 at first. ``sight``,
    ``sight_s`` (sensors, DIRECTIONS * RINGS): the share that each sensor sees there of the tracks that some sensor saw
    before, 1 at first, and the time (s) of the last look that said so.
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
            hit = seen == 1
            if hit and now_s < next_s[s, j] - sensors[j, S_DELAY] and hits[s] != 0:
                continue
            next_s[s, j] = now_s + sensors[j, S_PERIOD]
            dx, dy, dz = x - sensors[j, S_X], y - sensors[j, S_Y], z - sensors[j, S_Z]
            east, north, up = ecef_to_enu(dx, dy, dz, sensors[j, S_LAT], sensors[j, S_LON])
            far = math.sqrt(dx * dx + dy * dy + dz * dz)
            place = int((math.atan2(east, north) / (2.0 * math.pi) + 0.5) * DIRECTIONS) % DIRECTIONS * RINGS
            place += min(RINGS - 1, int(far / sensors[j, S_RANGE] * RINGS))
            known = hits[s] >= KNOWN and bits[s] & NOT_SEEN == 0
            if hit:
                likelihood[s] = min(MOST, max(likelihood[s], -4.0) + HIT)
                hits[s] += 1
                misses[s] = 0
                if known:
                    sight[j, place] += LEARNS * (1.0 - sight[j, place])
                    sight_s[j, place] = now_s
                continue
            elevation = math.asin(up / max(1.0, far)) + far / (8.0 * 6_371_000.0)
            if far > 0.9 * sensors[j, S_RANGE] or elevation < LEAST_ELEVATION or elevation > MOST_ELEVATION:
                continue
            faded = math.exp(-max(0.0, now_s - sight_s[j, place]) / FORGETS_S)
            sees = 1.0 - (1.0 - sight[j, place]) * faded
            if known:
                sight[j, place] = sees * (1.0 - LEARNS)
                sight_s[j, place] = now_s
            if sees >= LEAST_SIGHT:
                likelihood[s] += math.log(1.0 - sees * (1.0 - math.exp(-sensors[j, S_MISS])))
                misses[s] += 1
        if likelihood[s] < FLAG_BELOW and misses[s] >= 3:
            bits[s] |= NOT_SEEN
        elif likelihood[s] > CLEAR_ABOVE:
            bits[s] &= ~NOT_SEEN
        likelihood[s] = max(-8.0, likelihood[s])
