"""A radar whose north is far off: found by the aircraft that it and the others show at two places each.

Registration compares plots of one track. A north that is wrong by more than the gates leaves every aircraft two tracks
with one address, and nothing to compare. Then the addresses say it: seen from the radar that is wrong, all doubles
stand at the same angle and the same range from where the others see them; from a radar that is right they do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.terms.units import RAD_PER_DEG
from vigie.track.state import (
    ANCHOR,
    CX,
    I_BOTH,
    I_ICAO,
    I_NO,
    I_STATUS,
    N_BA,
    N_PERIOD,
    N_T0,
    N_XYZ,
    SLOT_N,
    SLOT_SENSOR,
    SLOT_STRIDE,
    SLOT_T,
    SLOTS,
    T_START,
    Floats,
    Ints,
    T,
)

HEARD_TOGETHER: Final = 4  # as ``address.contest`` counts before it believes in two
FEWEST: Final = 5  # aircraft that must say the same
MOST_SPREAD_RAD: Final = 0.25 * RAD_PER_DEG
LEAST_RAD: Final = 0.3 * RAD_PER_DEG  # below that the gates hold both and registration learns it
CLEARER: Final = 2.0  # how much less the angles of the wrong one must differ than those of the next
SAME_RANGE: Final = 0.35  # of how far apart the two places are
FRESH_TURNS: Final = 3.0


@dataclass(frozen=True, slots=True)
class WrongNorth:
    """What the doubles say of one sensor (index): how far its plots stand clockwise of the truth, and how surely.

    ``pairs`` are the rows of (the track that stands right, the sensor's own), shape (n, 2).
    """

    sensor: int
    azimuth_rad: float
    sd_rad: float
    pairs: Ints


def wrong_north(S: Floats, J: Ints, used: int, sensors: Floats, bias_at: Ints) -> WrongNorth | None:
    """Return the sensor whose north is wrong, None where too few aircraft say so or they do not agree.

    ``S``, ``J``: the tracks' rows, ``used`` of them; ``bias_at``: where registration keeps each sensor's biases, -1
    where it has none.
    """
    if np.count_nonzero(J[:used, I_BOTH] >= HEARD_TOGETHER) < FEWEST:  # nearly always
        return None
    doubled = np.flatnonzero((J[:used, I_NO] != 0) & (J[:used, I_BOTH] >= HEARD_TOGETHER) & (J[:used, I_ICAO] != 0))
    if len(doubled) < FEWEST or (bias_at >= 0).sum() == 0:
        return None
    wearers = np.flatnonzero((J[:used, I_NO] != 0) & np.isin(J[:used, I_ICAO], J[doubled, I_ICAO]))
    wearers = wearers[(J[wearers, I_STATUS] >= 1) & (J[wearers, I_STATUS] <= 3)]  # the second is often tentative still
    order = wearers[np.argsort(J[wearers, I_ICAO], kind="stable")]
    address, first, count = np.unique(J[order, I_ICAO], return_index=True, return_counts=True)
    two = first[count == 2]
    if len(address) < FEWEST or len(two) < FEWEST:
        return None
    said: dict[int, list[tuple[int, int]]] = {}
    for i, j in zip(order[two].tolist(), order[two + 1].tolist(), strict=True):
        own_i, own_j = _feeders(S[i], sensors), _feeders(S[j], sensors)
        if own_i & own_j or not own_i or not own_j:
            continue
        if len(own_j) == 1:
            said.setdefault(next(iter(own_j)), []).append((i, j))
        if len(own_i) == 1:
            said.setdefault(next(iter(own_i)), []).append((j, i))
    found = []
    for sensor, listed in sorted(said.items()):
        pairs = np.array(listed, np.int64)
        angle, ranges = _seen_from(S, pairs, sensors[sensor])
        middle = float(np.median(angle))
        spread = 1.4826 * float(np.median(np.abs(angle - middle)))
        if len(pairs) >= FEWEST:
            found.append((spread, sensor, middle, pairs, ranges))
    found.sort(key=lambda f: f[:2])
    if not found:
        return None
    spread, sensor, middle, pairs, ranges = found[0]
    apart_m = np.median(ranges[:, 0]) * abs(middle)
    clear = len(found) == 1 or found[1][0] >= CLEARER * spread
    turned = float(np.median(np.abs(ranges[:, 1] - ranges[:, 0]))) < SAME_RANGE * apart_m
    if bias_at[sensor] < 0 or spread > MOST_SPREAD_RAD or abs(middle) < LEAST_RAD or not clear or not turned:
        return None
    return WrongNorth(sensor, middle, max(spread, 0.05 * RAD_PER_DEG), pairs)


def _feeders(row: Floats, sensors: Floats) -> set[int]:
    """Return the sensors whose plots a track got lately."""
    slots = row[SLOTS : SLOTS + SLOT_N * SLOT_STRIDE].reshape(SLOT_N, SLOT_STRIDE)
    which = slots[:, SLOT_SENSOR].astype(np.int64)
    fresh = (which >= 0) & (row[T] - slots[:, SLOT_T] < FRESH_TURNS * np.maximum(sensors[which, N_PERIOD], 1.0))
    return set(which[fresh].tolist())


def _seen_from(S: Floats, pairs: Ints, sensor: Floats) -> tuple[Floats, Floats]:
    """Return how far clockwise (rad) the second of each pair stands of the first, and both distances (m), (n, 2)."""
    t = np.maximum(S[pairs[:, 0], T], S[pairs[:, 1], T])
    frame = sensor[N_XYZ : N_XYZ + 12].reshape(4, 3)
    azimuth, distance = np.empty(pairs.shape), np.empty(pairs.shape)
    for k in range(2):
        row = S[pairs[:, k]]
        dt = (t - row[:, T])[:, None]
        flat = np.concatenate([row[:, CX : CX + 2] + dt * row[:, CX + 2 : CX + 4], row[:, CX + 4 : CX + 5]], axis=1)
        anchor, axes = row[:, ANCHOR : ANCHOR + 3], row[:, ANCHOR + 3 : ANCHOR + 12].reshape(-1, 3, 3)
        d = anchor + np.einsum("ni,nij->nj", flat, axes) - frame[0]
        azimuth[:, k] = np.arctan2(d @ frame[1], d @ frame[2])
        distance[:, k] = np.sqrt((d * d).sum(axis=1))
    turned = (azimuth[:, 1] - azimuth[:, 0] + np.pi) % (2 * np.pi) - np.pi
    return turned, distance


def look_north(
    S: Floats, J: Ints, used: int, sensors: Floats, bias_at: Ints, bias: Floats, bias_p: Floats, clutter: Floats,
    clutter_t: Floats, now: float,
) -> None:  # fmt: skip
    """Where the doubles name a sensor, give registration its angle, and end the sensor's own tracks.

    Of each two the lower number lives on. ``bias`` and ``bias_p`` are registration's, ``clutter`` and ``clutter_t``
    the maps of false plots by sensor; ``now`` is the tracker's time (s).
    """
    found = wrong_north(S, J, used, sensors, bias_at)
    if found is None:
        return
    k, at = found.sensor, int(bias_at[found.sensor])
    bias[at + 1] = sensors[k, N_BA] + found.azimuth_rad  # the doubles stand where the applied bias left them
    bias_p[at + 1, :] = 0.0
    bias_p[:, at + 1] = 0.0
    bias_p[at + 1, at + 1] = found.sd_rad**2
    for right, wrong in found.pairs.tolist():
        if J[wrong, I_NO] < J[right, I_NO]:
            J[[right, wrong], I_NO] = J[[wrong, right], I_NO]
            S[right, T_START] = min(S[right, T_START], S[wrong, T_START])
        J[right, I_BOTH] = 0
        J[wrong, I_STATUS] = 4
    # its plots beside the aircraft were counted as false ones: that is forgotten
    clutter[k], clutter_t[k] = 0.0, 0.0
    sensors[k, N_T0] = now - sensors[k, N_PERIOD]
