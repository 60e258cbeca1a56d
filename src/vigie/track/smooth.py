"""Tracks smoothed after the fact: each row with what came after it, into rows of a file of their own.

The picture stays causal; nothing here goes back into it. What the tracker knew after each update is kept on disk while
it runs (``Smoother.take``), then walked back from the end (``Smoother.close``), and rows are asked for by their time
(``Smoother.rows``): between two updates a cubic through both places and velocities.
"""

from __future__ import annotations

import tempfile
from typing import Final

import numpy as np

from vigie.earth.wgs84 import ecef_to_geodetic_many
from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S
from vigie.track.kernels import smooth as k
from vigie.track.state import I_NO, I_WIDTH, WIDTH, Floats, Ints
from vigie.track.tracker import Tracker

CLAIM: Final = 1.6
"""Smoothed variances are claimed this much larger: the next update counts twice in them, in its weights and in itself.
Without it the median of squared errors over claims was 1.61 to 1.67 on crossing, dense and fast traffic."""
_PART: Final = 1 << 16
_KEY_STEPS: Final = 10_000  # a tenth of a millisecond


class Smoother:
    """Follows one tracker from its first step to its last."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._last: Floats = np.zeros((0, WIDTH))
        self._last_i: Ints = np.zeros((0, I_WIDTH), np.int64)
        self._copy, self._work = np.zeros(2 * WIDTH), np.zeros(1024)
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._count = 0
        self._keys: Ints = np.empty(0, np.int64)
        self._smoothed: Floats = np.empty((0, k.G_WIDTH))

    def take(self) -> None:
        """Keep what the tracker's last step has changed; call it after every step."""
        s, i, used, sets = self._tracker.filtered()
        if used == 0:
            return
        if len(self._last) < len(s):
            more = len(s) - len(self._last)
            self._last = np.concatenate([self._last, np.zeros((more, WIDTH))])
            self._last_i = np.concatenate([self._last_i, np.zeros((more, I_WIDTH), np.int64)])
        out = np.empty((2 * used, k.R_WIDTH))
        n = k.collect(s, i, used, sets, self._last, self._last_i, out, self._copy, self._work)
        if n:
            self._file.write(out[:n].tobytes())
            self._count += n

    def close(self) -> None:
        """Walk back from the last update to the first; rows can be asked for afterwards."""
        live = np.flatnonzero(self._last_i[:, I_NO])
        ends = np.empty((len(live), k.R_WIDTH))
        for record, i in zip(ends, live.tolist(), strict=True):
            k.keep_last(self._last[i], self._last_i[i], record, self._copy)
        self._file.write(ends.tobytes())
        self._count += len(live)
        self._file.flush()
        if self._count:
            self._walk_back()
        self._file.close()

    def _walk_back(self) -> None:
        records = np.memmap(self._file, np.float64, "r", shape=(self._count, k.R_WIDTH))
        smoothed: Floats = np.empty((self._count, k.G_WIDTH))
        most = max(int(records[at : at + _PART, k.R_NO].max()) for at in range(0, self._count, _PART))
        held, room = np.zeros((most + 1, k.H_WIDTH)), np.zeros(64)
        for end in range(self._count, 0, -_PART):
            start = max(0, end - _PART)
            k.back(np.array(records[start:end]), smoothed[start:end], held, room)
        keys = _key(smoothed[:, k.G_NO], smoothed[:, k.G_T])
        order = np.argsort(keys, kind="stable")
        self._keys, self._smoothed = keys[order], smoothed[order]

    def rows(self, rows: Rows) -> Rows:
        """Return TRACK rows smoothed; those before a track's first or after its last update stay as they are."""
        out = rows.copy()
        if len(self._keys) == 0:
            return out
        t = (rows["now_ns"] - self._tracker.epoch_ns) / NS_PER_S
        at = np.searchsorted(self._keys, _key(rows["track_no"].astype(np.float64), t), "right") - 1
        a = self._smoothed[np.maximum(at, 0)]
        b = self._smoothed[np.minimum(at + 1, len(self._keys) - 1)]
        number = rows["track_no"]
        within = (at >= 0) & (a[:, k.G_NO] == number) & (b[:, k.G_NO] == number) & (a[:, k.G_NEXT] > a[:, k.G_T])
        within &= np.abs(b[:, k.G_T] - a[:, k.G_NEXT]) < 1e-3
        i = np.flatnonzero(within)
        if len(i):
            _write(out, i, a[i], b[i], t[i])
        return out


def _key(number: Floats, t: Floats) -> Ints:
    keys: Ints = (number.astype(np.int64) << 40) + np.round(t * _KEY_STEPS).astype(np.int64)
    return keys


def _write(out: Rows, i: Ints, a: Floats, b: Floats, t: Floats) -> None:
    """Write places between the smoothed updates ``a`` and ``b`` into the rows ``i``."""
    span = b[:, k.G_T] - a[:, k.G_T]
    u = np.clip((t - a[:, k.G_T]) / span, 0.0, 1.0)[:, None]
    w = span[:, None]
    p, q = a[:, k.G_XYZ : k.G_XYZ + 3], b[:, k.G_XYZ : k.G_XYZ + 3]
    v, z = a[:, k.G_VEL : k.G_VEL + 3], b[:, k.G_VEL : k.G_VEL + 3]
    left = 1 - u
    place = left**2 * ((1 + 2 * u) * p + u * w * v) + u**2 * ((3 - 2 * u) * q - left * w * z)  # Hermite's cubic
    speed = (1 - u) * v + u * z
    lat, lon, _ = ecef_to_geodetic_many(place).T
    out["lat_deg"][i], out["lon_deg"][i] = np.degrees(lat), np.degrees(lon)
    east, north = _axes(lat, lon)
    out["v_east_mps"][i], out["v_north_mps"][i] = (speed * east).sum(1), (speed * north).sum(1)
    share = u[:, 0]
    height = (1 - share) * a[:, k.G_H] + share * b[:, k.G_H]
    known = np.isfinite(height) & np.isfinite(out["geo_alt_m"][i])
    j = i[known]
    out["press_alt_m"][j] += height[known] - out["geo_alt_m"][j]
    out["geo_alt_m"][j] = height[known]
    out["climb_mps"][j] = ((1 - share) * a[:, k.G_CLIMB] + share * b[:, k.G_CLIMB])[known]
    c = CLAIM * ((1 - u) * a[:, k.G_P : k.G_PV + 1] + u * b[:, k.G_P : k.G_PV + 1])
    mean, half = 0.5 * (c[:, 0] + c[:, 2]), np.sqrt(0.25 * (c[:, 0] - c[:, 2]) ** 2 + c[:, 1] ** 2)
    out["pos_major_m"][i], out["pos_minor_m"][i] = np.sqrt(mean + half), np.sqrt(np.maximum(mean - half, 1e-4))
    # the major axis, clockwise from north
    out["pos_orient_rad"][i] = (0.5 * np.pi - 0.5 * np.arctan2(2.0 * c[:, 1], c[:, 0] - c[:, 2])) % np.pi
    out["vel_sd_mps"][i] = np.sqrt(c[:, 3])


def _axes(lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Return unit vectors to the east and north (ECEF), shape (n, 3)."""
    sl, cl, so, co = np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon)
    return np.stack([-so, co, np.zeros_like(so)], 1), np.stack([-sl * co, -sl * so, cl], 1)
