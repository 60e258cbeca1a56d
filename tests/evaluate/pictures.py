"""Random skies with every kind of fault that a picture can have, from a seed."""

from __future__ import annotations

import numpy as np

from vigie.terms.tables import TRACK, TRUTH, Rows
from vigie.terms.units import NS_PER_S

T0_NS = 1_780_000_000 * NS_PER_S
M_PER_DEG = 111_195.0


def sky(seed: int, *, targets: int = 14, seconds: int = 90, lon0: float = 2.0, lat0: float = 13.5) -> tuple[Rows, Rows]:
    """Return (tracks, truth): targets in a few kilometres, tracks with noise, gaps, swaps, doubles and ghosts."""
    rng = np.random.default_rng(seed)
    t = np.arange(0, seconds + 1, 2)
    cos = np.cos(np.radians(lat0))
    truth_parts, track_parts = [], []
    number = 1
    for target in range(targets):
        begin, end = (0, seconds) if rng.random() < 0.6 else sorted(rng.choice(np.arange(0, seconds, 4), 2, False))
        x0, speed, course = rng.uniform(-4000, 4000, 2), rng.uniform(20, 250), rng.uniform(0, 2 * np.pi)
        turn = rng.choice([0.0, 0.03, -0.05])
        fine = np.arange(0, seconds + 2, 0.1)
        v = speed * np.stack([np.sin(course + turn * fine), np.cos(course + turn * fine)], 1)
        x = x0 + np.cumsum(v, 0) * 0.1

        def place(at: np.ndarray, x: np.ndarray = x, v: np.ndarray = v) -> tuple[np.ndarray, np.ndarray]:
            k = np.clip(np.round(at * 10).astype(int), 0, len(x) - 1)
            return x[k], v[k]

        own = t[(t >= begin) & (t <= end)]
        if target % 5 == 4:
            own = own[(own < begin + 20) | (own > begin + 45)]  # a gap in the truth
        if len(own):
            rows = TRUTH.empty(len(own))
            pos, vel = place(own)
            rows["t_ns"], rows["target_id"] = T0_NS + own * NS_PER_S, 100 + target
            rows["lat_deg"] = lat0 + pos[:, 1] / M_PER_DEG
            rows["lon_deg"] = (lon0 + pos[:, 0] / M_PER_DEG / cos + 180) % 360 - 180
            rows["v_east_mps"], rows["v_north_mps"] = vel.T
            rows["mode3a"] = 100 + target
            truth_parts.append(rows)
        copies = 1 + (rng.random() < 0.25)
        for _ in range(copies):
            times = np.arange(begin + rng.integers(0, 12), end, 1.0) + rng.choice([0.0, 0.3, 0.7])
            times = times[rng.random(len(times)) < rng.choice([1.0, 0.9, 0.5])]
            if len(times) == 0:
                continue
            pos, vel = place(times)
            sd = rng.uniform(20, 400)
            rows = TRACK.empty(len(times))
            noise = rng.normal(0, sd, (len(times), 2))
            rows["now_ns"] = T0_NS + np.round(times * 10).astype(np.int64) * (NS_PER_S // 10)
            rows["track_no"] = number
            if rng.random() < 0.4:
                rows["track_no"][len(times) // 2 :] = number + 1
                number += 1
            number += 1
            rows["status"] = rng.choice([1, 2, 2, 2, 3], len(times))
            rows["lat_deg"] = lat0 + (pos + noise)[:, 1] / M_PER_DEG
            rows["lon_deg"] = (lon0 + (pos + noise)[:, 0] / M_PER_DEG / cos + 180) % 360 - 180
            rows["v_east_mps"], rows["v_north_mps"] = (vel + rng.normal(0, 5, vel.shape)).T
            rows["pos_major_m"], rows["pos_minor_m"] = sd * 1.2, sd * 0.9
            rows["pos_orient_rad"] = rng.uniform(0, np.pi)
            for name in ("pos_major_m", "v_east_mps", "lat_deg"):
                rows[name][rng.random(len(times)) < 0.02] = np.nan
            track_parts.append(rows)
    for _ in range(4):  # tracks of nothing
        times = np.arange(rng.integers(0, seconds - 20), seconds, 1.0)
        rows = TRACK.empty(len(times))
        rows["now_ns"], rows["track_no"], rows["status"] = T0_NS + times.astype(np.int64) * NS_PER_S, number, 2
        rows["lat_deg"] = lat0 + rng.uniform(-5000, 5000) / M_PER_DEG
        rows["lon_deg"] = (lon0 + rng.uniform(-5000, 5000) / M_PER_DEG / cos + 180) % 360 - 180
        number += 1
        track_parts.append(rows)
    tracks = np.concatenate(track_parts)
    return tracks[np.lexsort((tracks["track_no"], tracks["now_ns"]))], np.concatenate(truth_parts)
