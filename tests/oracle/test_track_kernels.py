"""The tracker's kernels against plain NumPy and SciPy: prediction, update, mixing, assignment, geometry."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.optimize import linear_sum_assignment

from vigie.earth.wgs84 import ecef_to_enu, enu_to_slant, geodetic_to_ecef
from vigie.sensors.measure import sensor_frame, slant_lines
from vigie.track.kernels.assign import assign
from vigie.track.kernels.imm import mix, predict_block, reweigh, update_block
from vigie.track.kernels.update import rotate_block
from vigie.track.models import M_SHARE, M_TAU, model_table
from vigie.track.state import NM, NX, STRIDE, WIDTH

UPPER = np.triu_indices(NX)


def block(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A model's block with a random mean and covariance, and both in full."""
    a = rng.normal(size=(NX, NX)) * np.array([100, 100, 10, 10, 50])[:, None]
    p = a @ a.T + np.diag([100.0, 100, 1, 1, 100])
    x = rng.normal(size=NX) * np.array([1000, 1000, 200, 200, 3000])
    m = np.zeros(STRIDE)
    m[:NX] = x
    m[NX : NX + 15] = p[UPPER]
    return m, x, p


def full(m: np.ndarray) -> np.ndarray:
    p = np.zeros((NX, NX))
    p[UPPER] = m[NX : NX + 15]
    return p + np.triu(p, 1).T


@pytest.mark.parametrize("omega", [0.0, 0.02, -0.05, 0.2])
def test_predict_is_the_matrix_exponential(omega: float) -> None:
    rng = np.random.default_rng(1)
    m, x, p = block(rng)
    dt, q, qh = 3.7, 0.8, 2.0
    a = np.zeros((NX, NX))
    a[0, 2] = a[1, 3] = 1.0
    a[2, 3], a[3, 2] = omega, -omega  # to the right: east gains from north
    f = expm(a * dt)
    noise = np.zeros((NX, NX))
    for k in range(2):
        noise[k, k], noise[k, k + 2], noise[k + 2, k + 2] = q * dt**3 / 3, q * dt**2 / 2, q * dt
        noise[k + 2, k] = noise[k, k + 2]
    noise[4, 4] = qh * dt
    predict_block(m, omega, q, qh, dt)
    np.testing.assert_allclose(m[:NX], f @ x, rtol=1e-12)
    np.testing.assert_allclose(full(m), f @ p @ f.T + noise, rtol=1e-9, atol=1e-6)


def test_scalar_updates_are_the_kalman_filter() -> None:
    rng = np.random.default_rng(2)
    m, x, p = block(rng)
    h, r = rng.normal(size=(2, NX)), np.array([30.0, 70.0])
    z = h @ x + rng.normal(size=2) * 50
    log, far = update_block(m, *h[0], z[0] - h[0] @ m[:NX], r[0], 1.0)
    more, d2 = update_block(m, *h[1], z[1] - h[1] @ m[:NX], r[1], 1.0)
    log, far = log + more, far + d2
    s = h @ p @ h.T + np.diag(r)
    gain = p @ h.T @ np.linalg.inv(s)
    nu = z - h @ x
    np.testing.assert_allclose(m[:NX], x + gain @ nu, rtol=1e-9)
    np.testing.assert_allclose(full(m), p - gain @ s @ gain.T, rtol=1e-6, atol=1e-6)
    assert far == pytest.approx(nu @ np.linalg.solve(s, nu), rel=1e-9)
    assert log == pytest.approx(-0.5 * (nu @ np.linalg.solve(s, nu) + np.log(np.linalg.det(s))), rel=1e-9)


def test_untaught_height_is_a_schmidt_filter() -> None:
    rng = np.random.default_rng(3)
    m, x, p = block(rng)
    h, r = rng.normal(size=NX), 40.0
    update_block(m, *h, 25.0, r, 0.0)
    gain = p @ h / (h @ p @ h + r)
    gain[4] = 0.0
    joseph = np.eye(NX) - np.outer(gain, h)
    np.testing.assert_allclose(m[:NX], x + gain * 25.0, rtol=1e-9)
    np.testing.assert_allclose(full(m), joseph @ p @ joseph.T + r * np.outer(gain, gain), rtol=1e-6, atol=1e-5)


def test_mixing_keeps_mean_and_covariance_of_the_mixture() -> None:
    rng = np.random.default_rng(4)
    sets = model_table()
    row = np.zeros(WIDTH)
    weights = rng.dirichlet(np.ones(NM))
    xs, ps = [], []
    for j in range(NM):
        m, x, p = block(rng)
        m[STRIDE - 1] = weights[j]
        row[j * STRIDE : (j + 1) * STRIDE] = m
        xs.append(x)
        ps.append(p)
    dt = 4.0
    shares = sets[0, :, M_SHARE]
    pi = np.zeros((NM, NM))
    for i in range(NM):
        stay = math.exp(-dt / sets[0, i, M_TAU])
        if i == 0:
            pi[i] = (1 - stay) * shares / shares.sum()
        else:
            pi[i] = 0.4 * (1 - stay) * shares / (shares.sum() - shares[i])
            pi[i, 0] = 0.6 * (1 - stay)
        pi[i, i] = stay
    np.testing.assert_allclose(pi.sum(1), 1.0)
    mix(row, sets, 0, dt, np.zeros(400))
    got = row[: NM * STRIDE].reshape(NM, STRIDE)
    np.testing.assert_allclose(got[:, STRIDE - 1], weights @ pi, rtol=1e-12)
    for j in range(NM):
        w = weights * pi[:, j] / (weights @ pi[:, j])
        mean = sum(w[i] * xs[i] for i in range(NM))
        spread = sum(w[i] * (ps[i] + np.outer(xs[i] - mean, xs[i] - mean)) for i in range(NM))
        np.testing.assert_allclose(got[j, :NX], mean, rtol=1e-9)
        np.testing.assert_allclose(full(got[j]), spread, rtol=1e-6)


def test_reweigh_is_bayes() -> None:
    row = np.zeros(WIDTH)
    prior, logs = np.array([0.5, 0.2, 0.1, 0.1, 0.1]), np.array([-3.0, -1.0, -2.0, -4.0, -2.5])
    row[STRIDE - 1 : NM * STRIDE : STRIDE] = prior
    total = reweigh(row, logs)
    want = prior * np.exp(logs)
    np.testing.assert_allclose(row[STRIDE - 1 : NM * STRIDE : STRIDE], want / want.sum(), rtol=1e-12)
    assert total == pytest.approx(math.log(want.sum()))


def test_turned_axes_turn_mean_and_covariance() -> None:
    m, x, p = block(np.random.default_rng(5))
    c, s = math.cos(0.3), math.sin(0.3)
    r = np.eye(NX)
    r[:2, :2] = r[2:4, 2:4] = [[c, s], [-s, c]]
    rotate_block(m, c, s)
    np.testing.assert_allclose(m[:NX], r @ x, rtol=1e-12)
    np.testing.assert_allclose(full(m), r @ p @ r.T, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("seed", range(40))
def test_assignment_is_optimal(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = int(rng.integers(1, 12)), int(rng.integers(1, 12))
    gain = np.where(rng.random((n, m)) < 0.6, rng.normal(3, 4, (n, m)), -1e9)
    out, w = np.empty(n, np.int64), n + m + 2
    floats, ints = np.empty((3, w)), np.zeros((3, w), np.int64)
    assign(gain.ravel(), n, m, out, floats[0], floats[1], floats[2], ints[0], ints[1], ints[2])
    pairs = [(i, j) for i, j in enumerate(out.tolist()) if j >= 0]
    assert len({j for _, j in pairs}) == len(pairs)
    positive = np.maximum(gain, 0.0)
    i, j = linear_sum_assignment(-positive)
    assert sum(gain[a, b] for a, b in pairs) == pytest.approx(positive[i, j].sum())


def test_slant_lines_agree_with_differences() -> None:
    lat, lon = math.radians(-26.7), math.radians(-60.5)
    sensor = sensor_frame(lat, lon, 92.0)
    place = sensor_frame(math.radians(-25.5), math.radians(-59.0), 9000.0)
    r, a, re, rn, ru, ae, an, au = slant_lines(sensor, place[3:12], *place[:3])
    d = place[:3] - np.array(geodetic_to_ecef(lat, lon, 92.0))
    want = enu_to_slant(*ecef_to_enu(*d, lat, lon))
    assert (r, a) == pytest.approx(want[:2], rel=1e-12)
    step = 1.0
    for axis, (dr, da) in enumerate(((re, ae), (rn, an), (ru, au))):
        p = place[:3] + step * place[3 + 3 * axis : 6 + 3 * axis]
        q = slant_lines(sensor, place[3:12], *p)
        assert q[0] - r == pytest.approx(dr * step, abs=1e-4)
        assert q[1] - a == pytest.approx(da * step, abs=1e-9)
