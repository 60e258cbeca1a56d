"""The line of waiting plots against NumPy's sort by half second, sensor and time; bias and range gain taken off."""

from __future__ import annotations

import math

import numpy as np
import pytest

from vigie.track.kernels.lineup import line_up
from vigie.track.state import (
    N_BA,
    N_BR,
    N_GAIN,
    N_MIDDLE,
    N_WIDTH,
    Z_AZ,
    Z_RANGE,
    Z_T,
    Z_WIDTH,
    ZI_SENSOR,
    ZI_SRC,
    ZI_WIDTH,
)


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("n", [0, 1, 15, 16, 17, 33, 700, 5000])
def test_plots_stand_in_line_as_numpy_sorts_them(n: int, keep: bool) -> None:
    rng = np.random.default_rng(n)
    waiting, names = np.zeros((n + 5, Z_WIDTH)), np.zeros((n + 5, ZI_WIDTH), np.int64)
    waiting[:n, Z_T] = np.round(rng.uniform(-3.0, 3.0, n), 2)  # equal times occur: they keep their order
    waiting[:n, Z_RANGE], waiting[:n, Z_AZ] = rng.uniform(1e3, 2e5, n), rng.uniform(0.0, 6.28, n)
    waiting[:n:7, Z_RANGE] = math.nan
    names[:n, ZI_SENSOR], names[:n, ZI_SRC] = rng.integers(0, 4, n), np.arange(n)
    sensors = rng.normal(0.0, 1.0, (4, N_WIDTH))
    sensors[:, N_GAIN] = (0.0, 6e-4, -4e-4, 0.0)
    sensors[:, N_MIDDLE] = 8e4
    until = math.inf if keep else 1.0
    z, zi = waiting[:n].copy(), names[:n].copy()

    lined, lined_i, bins = np.zeros_like(waiting), np.zeros_like(names), np.zeros(n + 5, np.int64)
    m = line_up(waiting, names, n, until, keep, sensors, np.zeros((2, n + 5), np.int64), lined, lined_i, bins)

    ready = z[:, Z_T] <= until
    half = np.floor(z[ready, Z_T] * 2.0).astype(np.int64)
    order = np.lexsort((z[ready, Z_T], zi[ready, ZI_SENSOR], half))
    want, want_i = z[ready][order], zi[ready][order]
    of = sensors[want_i[:, ZI_SENSOR]]
    gained = of[:, N_GAIN] * (want[:, Z_RANGE] - of[:, N_MIDDLE])
    want[:, Z_RANGE] -= of[:, N_BR] + np.where(of[:, N_GAIN] != 0.0, gained, 0.0)
    want[:, Z_AZ] -= sensors[want_i[:, ZI_SENSOR], N_BA]
    assert m == int(ready.sum())
    assert lined[:m].tobytes() == want.tobytes()
    assert lined_i[:m].tobytes() == want_i.tobytes()
    assert bins[:m].tolist() == half[order].tolist()
    still = np.ones(n, bool) if keep else ~ready
    assert waiting[: still.sum()].tobytes() == z[still].tobytes()
    assert names[: still.sum()].tobytes() == zi[still].tobytes()
