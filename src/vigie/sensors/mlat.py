"""Multilateration: where a transmission came from, by the times at which several receivers heard it.

Arrival times are lengths (time times the speed of light in air). Unknown are latitude, longitude and the moment of
transmission; the height is a measurement with its own error. Receivers' clocks may be off: what the redundancy of
earlier messages taught of them goes in as offsets with their covariance (``ReceiverClocks``), no true position is
ever used. One receiver of a message may be plainly wrong (a wrong message, a reflection): each such hypothesis is
fitted, as is each place at which the equations have a solution, and the claimed error holds all of them by their
probability.
Source: Gauss-Newton steps after Levenberg 1944, Marquardt 1963; Bar-Shalom et al. 2001 section 1.4.16 (mixtures);
ITU-R P.453-14 (mean refractive index of the air, exponential in height).
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import ecef_to_enu, ecef_to_geodetic, geodetic_to_ecef, radii
from vigie.terms.kernel import kernel
from vigie.terms.units import C_MPS

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST: Final = 3
"""Receivers that a position needs when the height is known."""
NOISE_M: Final = 25.0
"""1-sigma of an arrival time of a good receiver, about 80 ns: what networks of volunteers with GPS clocks show."""
OFFSET_SD_M: Final = 100.0
"""1-sigma of an unknown receiver clock, about 330 ns, before any message was heard."""
WRONG_M: Final = 600.0
"""1-sigma of an arrival time that is plainly wrong (2 microseconds)."""
WRONG_SHARE: Final = 0.05
"""Share of arrival times that are plainly wrong."""

_REFRACTIVITY: Final = 315e-6  # at sea level, ITU-R P.453
_SCALE_HEIGHT_M: Final = 7350.0
_ITERATIONS: Final = 30
_LONGEST_STEP_M: Final = 100e3
_MODES: Final = 4
_SAME_PLACE_M: Final = 500.0


@kernel
def air_index(height_a_m: float, height_b_m: float) -> float:
    """Return the mean refractive index of air along a straight path between two heights above the sea."""
    a = max(0.0, min(height_a_m, height_b_m))
    b = max(0.0, height_a_m, height_b_m)
    if b - a < 1.0:
        return 1.0 + _REFRACTIVITY * math.exp(-a / _SCALE_HEIGHT_M)
    share = (math.exp(-a / _SCALE_HEIGHT_M) - math.exp(-b / _SCALE_HEIGHT_M)) * _SCALE_HEIGHT_M / (b - a)
    return 1.0 + _REFRACTIVITY * share


@kernel
def _whiten(cov: Floats, a: Floats) -> float:
    """Turn ``cov`` into its lower Cholesky factor L and ``a`` into L^-1 a; return log det cov (NaN: not positive)."""
    n = cov.shape[0]
    log_det = 0.0
    for i in range(n):
        for j in range(i + 1):
            s = cov[i, j]
            for k in range(j):
                s -= cov[i, k] * cov[j, k]
            if i == j:
                if not s > 0.0:
                    return math.nan
                cov[i, i] = math.sqrt(s)
                log_det += math.log(s)
            else:
                cov[i, j] = s / cov[j, j]
    for c in range(a.shape[1]):
        for i in range(n):
            s = a[i, c]
            for k in range(i):
                s -= cov[i, k] * a[k, c]
            a[i, c] = s / cov[i, i]
    return log_det


@kernel
def _lines(
    xyz: Floats, heights_m: Floats, arrival_m: Floats, cov: Floats, height_m: float, height_sd_m: float,
    lat: float, lon: float, factor: Floats, a: Floats,
) -> float:  # fmt: skip
    """Write the whitened equations at a place: columns d/d east, d/d north, d/d clock, residual, then as ``a`` holds.

    Returns log det of the measurements' covariance, to which the error of the height is added along each path.
    """
    n = arrival_m.size
    x, y, z = geodetic_to_ecef(lat, lon, height_m)
    up = np.empty(n)
    for i in range(n):
        dx, dy, dz = x - xyz[i, 0], y - xyz[i, 1], z - xyz[i, 2]
        r = max(1.0, math.sqrt(dx * dx + dy * dy + dz * dz))
        e, north, u = ecef_to_enu(dx, dy, dz, lat, lon)
        index = air_index(heights_m[i], height_m)
        a[i, 0], a[i, 1], a[i, 2] = e / r * index, north / r * index, 1.0
        up[i] = u / r * index
        a[i, 3] = arrival_m[i] - r * index
    for i in range(n):
        for j in range(n):
            factor[i, j] = cov[i, j] + height_sd_m * height_sd_m * up[i] * up[j]
    return _whiten(factor, a)


@kernel
def _fit(
    xyz: Floats, heights_m: Floats, arrival_m: Floats, cov: Floats, height_m: float, height_sd_m: float,
    lat: float, lon: float,
) -> tuple[float, float, float, float, float, float, float]:  # fmt: skip
    """Return the best place near a start: (chi squared, lat, lon, var east, var north, covariance, log likelihood)."""
    n = arrival_m.size
    factor = np.empty((n, n))
    a = np.empty((n, 4))
    damping = 1e-3
    held = (math.inf, lat, lon, 1.0, 1.0, 0.0, -math.inf)
    gradient = (0.0, 0.0)
    normal = (1.0, 1.0, 0.0)
    for _ in range(_ITERATIONS):
        log_det = _lines(xyz, heights_m, arrival_m, cov, height_m, height_sd_m, lat, lon, factor, a)
        ww, we, wn, wr, ee, nn, en, er, nr, rr = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(n):
            e, north, w, r = a[i, 0], a[i, 1], a[i, 2], a[i, 3]
            ww += w * w
            we += w * e
            wn += w * north
            wr += w * r
            ee += e * e
            nn += north * north
            en += e * north
            er += e * r
            nr += north * r
            rr += r * r
        ee -= we * we / ww
        nn -= wn * wn / ww
        en -= we * wn / ww
        er -= we * wr / ww
        nr -= wn * wr / ww
        chi2 = rr - wr * wr / ww
        det = ee * nn - en * en
        if not (math.isfinite(chi2) and det > 0.0):
            if math.isinf(held[0]):
                return held
            damping *= 10.0
        elif chi2 <= held[0]:
            gained = held[0] - chi2
            likelihood = -0.5 * (chi2 + log_det + math.log(ww) + math.log(det))
            held = (chi2, lat, lon, nn / det, ee / det, -en / det, likelihood)
            normal = (ee, nn, en)
            gradient = (er, nr)
            damping = max(damping * 0.1, 1e-9)
            if gained < 1e-7 * (1.0 + chi2):
                return held
        else:
            damping *= 10.0
            if damping > 1e6:
                return held
        de, dn = normal[0] * (1.0 + damping), normal[1] * (1.0 + damping)
        det = de * dn - normal[2] * normal[2]
        east = (dn * gradient[0] - normal[2] * gradient[1]) / det
        north = (de * gradient[1] - normal[2] * gradient[0]) / det
        length = math.sqrt(east * east + north * north)
        if length > _LONGEST_STEP_M:
            east *= _LONGEST_STEP_M / length
            north *= _LONGEST_STEP_M / length
        m, p = radii(held[1])
        lat = held[1] + north / m
        lon = held[2] + east / (p * max(0.01, math.cos(held[1])))
        lat = min(1.5707, max(-1.5707, lat))
    return held


@kernel
def locate(
    xyz: Floats, heights_m: Floats, arrival_m: Floats, cov: Floats, height_m: float, height_sd_m: float,
    wrong_m: float, wrong_share: float,
) -> Floats:  # fmt: skip
    """Return where a transmission came from, or NaN where no place fits.

    ``xyz`` (n, 3) and ``heights_m`` are the receivers (ECEF; above the ellipsoid), ``arrival_m`` the arrival times
    as lengths less what is known of each clock, ``cov`` (n, n) their covariance in m^2. Returns ten numbers:
    latitude, longitude (rad), variance east, north and their covariance (m^2, of the whole mixture), chi squared of
    the best hypothesis, its probability, the receiver it calls wrong (-1 none), and the place (lat, lon) it fitted.
    """
    n = arrival_m.size
    out = np.full(10, math.nan)
    # Starts: the middle of the receivers, the one that heard first, and a ring around the middle.
    middle = np.zeros(3)
    widest = 50e3
    first = 0
    for i in range(n):
        for k in range(3):
            middle[k] += xyz[i, k] / n
        if arrival_m[i] < arrival_m[first]:
            first = i
    for i in range(n):
        d = 0.0
        for k in range(3):
            d += (xyz[i, k] - middle[k]) ** 2
        widest = max(widest, math.sqrt(d))
    lat0, lon0, _ = ecef_to_geodetic(middle[0], middle[1], middle[2])
    lat1, lon1, _ = ecef_to_geodetic(xyz[first, 0], xyz[first, 1], xyz[first, 2])
    m, p = radii(lat0)
    p *= max(0.01, math.cos(lat0))
    modes = np.empty((_MODES, 3))
    found = 0
    for s in range(8):
        lat, lon = lat0, lon0
        if s == 1:
            lat, lon = lat1, lon1
        elif s > 1:
            angle = (s - 2) * math.pi / 3.0
            lat, lon = lat0 + 1.5 * widest * math.cos(angle) / m, lon0 + 1.5 * widest * math.sin(angle) / p
        fit = _fit(xyz, heights_m, arrival_m, cov, height_m, height_sd_m, lat, lon)
        if not math.isfinite(fit[0]):
            continue
        new = True
        for k in range(found):
            if math.hypot((fit[1] - modes[k, 0]) * m, (fit[2] - modes[k, 1]) * p) < _SAME_PLACE_M:
                new = False
        if new and found < _MODES:
            modes[found, 0], modes[found, 1], modes[found, 2] = fit[1], fit[2], fit[6]
            found += 1
    if found == 0:
        return out
    hypotheses = np.empty((found * (n + 1), 8))
    h = 0
    wider = cov.copy()
    for k in range(found):
        for wrong in range(-1, n):
            prior = math.log(wrong_share)
            if wrong >= 0:
                wider[wrong, wrong] += wrong_m * wrong_m
            else:
                prior = math.log(max(1e-9, 1.0 - n * wrong_share))
            fit = _fit(xyz, heights_m, arrival_m, wider, height_m, height_sd_m, modes[k, 0], modes[k, 1])
            if wrong >= 0:
                wider[wrong, wrong] = cov[wrong, wrong]
            again = False
            for q in range(h):  # two starts may lead one hypothesis to the same place: it counts once
                same = math.hypot((fit[1] - hypotheses[q, 1]) * m, (fit[2] - hypotheses[q, 2]) * p) < _SAME_PLACE_M
                again = again or (hypotheses[q, 7] == wrong and same)
            if math.isfinite(fit[0]) and not again:
                for c in range(6):
                    hypotheses[h, c] = fit[c]
                hypotheses[h, 6] = fit[6] + prior
                hypotheses[h, 7] = wrong
                h += 1
    if h == 0:
        return out
    best = 0
    for q in range(h):
        if hypotheses[q, 6] > hypotheses[best, 6]:
            best = q
    lat, lon = hypotheses[best, 1], hypotheses[best, 2]
    m, p = radii(lat)
    p *= max(0.01, math.cos(lat))
    total, ee, nn, en = 0.0, 0.0, 0.0, 0.0
    for q in range(h):
        w = math.exp(hypotheses[q, 6] - hypotheses[best, 6])
        east, north = (hypotheses[q, 2] - lon) * p, (hypotheses[q, 1] - lat) * m
        total += w
        ee += w * (hypotheses[q, 3] + east * east)
        nn += w * (hypotheses[q, 4] + north * north)
        en += w * (hypotheses[q, 5] + east * north)
    out[0], out[1], out[2], out[3], out[4] = lat, lon, ee / total, nn / total, en / total
    out[5], out[6], out[7], out[8], out[9] = hypotheses[best, 0], 1.0 / total, hypotheses[best, 7], lat, lon
    return out


@kernel
def lesson(
    xyz: Floats, heights_m: Floats, arrival_m: Floats, cov: Floats, height_m: float, height_sd_m: float,
    lat: float, lon: float,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Return what a message teaches of its receivers' clocks: weights W (n, n) and W times the residuals (n).

    W is the inverse covariance with all that place and moment can explain taken out, so that only the redundancy
    speaks: for offsets o with covariance P the Kalman step is o + P W r and P - P W P.
    """
    n = arrival_m.size
    factor = np.empty((n, n))
    a = np.zeros((n, 4 + n))
    for i in range(n):
        a[i, 4 + i] = 1.0
    weights = np.zeros((n, n))
    residual = np.zeros(n)
    if not math.isfinite(_lines(xyz, heights_m, arrival_m, cov, height_m, height_sd_m, lat, lon, factor, a)):
        return weights, residual
    for c in range(3):  # make the three columns orthonormal, and take them out of all later ones
        norm = 0.0
        for i in range(n):
            norm += a[i, c] * a[i, c]
        if norm < 1e-20:
            continue
        for d in range(c + 1, 4 + n):
            dot = 0.0
            for i in range(n):
                dot += a[i, c] * a[i, d]
            for i in range(n):
                a[i, d] -= a[i, c] * dot / norm
    for i in range(n):
        for k in range(n):
            residual[i] += a[k, 4 + i] * a[k, 3]
            for j in range(n):
                weights[i, j] += a[k, 4 + i] * a[k, 4 + j]
    return weights, residual


class Fix(NamedTuple):
    """A located transmission: place (rad), 1-sigma ellipse (m, rad clockwise from north), and how it was reached."""

    lat_rad: float
    lon_rad: float
    major_m: float
    minor_m: float
    orient_rad: float
    chi2: float
    probability: float
    wrong: int


class ReceiverClocks:
    """The clock offsets of a network's receivers as lengths (positive: stamps late), with their covariance.

    Learned from the redundancy of messages heard by more receivers than a position needs; a common offset of all
    cannot be seen and does not matter.
    """

    def __init__(self, receivers: int, *, offset_sd_m: float = OFFSET_SD_M, noise_m: float = NOISE_M) -> None:
        self.offset_m = np.zeros(receivers)
        self.cov_m2 = np.eye(receivers) * offset_sd_m**2
        self.noise_m = noise_m

    def solve(
        self, who: Ints, xyz: Floats, heights_m: Floats, arrival_s: Floats, height_m: float, height_sd_m: float,
        *, learn: bool = True,
    ) -> Fix | None:  # fmt: skip
        """Return where a message came from, or None; ``who`` are its receivers' places in this network."""
        if len(who) < FEWEST:
            return None
        arrival_m = (arrival_s - arrival_s.min()) * C_MPS - self.offset_m[who]
        cov = self.cov_m2[np.ix_(who, who)] + np.eye(len(who)) * self.noise_m**2
        found = locate(xyz, heights_m, arrival_m, cov, height_m, height_sd_m, WRONG_M, WRONG_SHARE)
        if not np.isfinite(found[:5]).all():
            return None
        wrong = int(found[7])
        if learn and len(who) > FEWEST:
            if wrong >= 0:
                cov[wrong, wrong] += WRONG_M**2
            weights, residual = lesson(xyz, heights_m, arrival_m, cov, height_m, height_sd_m, found[8], found[9])
            gain = np.ascontiguousarray(self.cov_m2[:, who])
            self.offset_m = self.offset_m + gain @ residual
            after = self.cov_m2 - gain @ weights @ gain.T
            self.cov_m2 = (after + after.T) / 2.0
        half, apart = (found[2] + found[3]) / 2.0, math.hypot((found[3] - found[2]) / 2.0, found[4])
        orient = 0.5 * math.atan2(2.0 * found[4], found[3] - found[2]) % math.pi
        return Fix(
            lat_rad=float(found[0]), lon_rad=float(found[1]), major_m=math.sqrt(half + apart),
            minor_m=math.sqrt(max(half - apart, 1e-6)), orient_rad=orient, chi2=float(found[5]),
            probability=float(found[6]), wrong=wrong,
        )  # fmt: skip
