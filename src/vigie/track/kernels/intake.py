"""The door of the tracker: filter with a reason, find the time to believe, drop repeats, work out place and height.

Comes in: PLOT rows of one tick. Goes out: waiting plots (``Z``, ``ZI``), and counts of what was set aside and why.
"""

from __future__ import annotations

import math

from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.sensors.measure import slant_point
from vigie.terms.kernel import lean
from vigie.terms.tables import FLAG_TIME_ASSUMED, Rows
from vigie.track.state import (
    C_PENDING,
    C_PLOTS,
    N_ASD,
    N_BA,
    N_BR,
    N_BT,
    N_CLK_FAR,
    N_CLK_MED,
    N_CLK_N,
    N_CLK_SEED,
    N_DELAY,
    N_ELSD,
    N_HEIGHT,
    N_KIND,
    N_MAXR,
    N_PSD,
    N_RSD,
    N_VT,
    TYPE_BEARING,
    TYPE_POSITION,
    TYPE_RADAR,
    TYPE_TRACK,
    Z_AZ,
    Z_AZSD,
    Z_CLIMB,
    Z_DOPPLER,
    Z_H,
    Z_HSD,
    Z_LLR,
    Z_PRESS,
    Z_RANGE,
    Z_RX,
    Z_SD,
    Z_T,
    Z_TRAW,
    Z_VE,
    Z_VN,
    Z_VVAR,
    Z_X,
    ZI_CALLSIGN,
    ZI_CODE,
    ZI_FLAGS,
    ZI_ICAO,
    ZI_KIND,
    ZI_SELF,
    ZI_SENSOR,
    ZI_SRC,
    ZI_TRACK,
    ZI_TYPE,
    ZI_VTOLD,
    Floats,
    Ints,
)

FAR_S = 10.0
# places in the array of reasons
R_NONE = 0
R_DUPLICATE = 1
R_LATE = 2
R_ABSURD = 3
R_NO_POSITION = 4
R_NOGO = 5
R_OUTSIDE = 6
R_UNKNOWN = 7
R_SPLIT = 8
R_REFLECTION = 9
R_SECOND_TIME = 10
R_COUNT = 11

MODES_VVAR = 9.0  # (m/s)2: registers step by 2 kt and a fifth of a degree, and are up to some seconds old

A_SCALE = 0  # altimeter: height = A_SHIFT + A_SCALE * pressure altitude, with covariance (3)
A_SHIFT = 1
A_P = 2


@lean
def altimeter_update(alt: Floats, press: float, geo: float) -> None:
    """Learn how pressure altitude and height go together here and today, from a report that carries both."""
    nu = geo - alt[A_SHIFT] - alt[A_SCALE] * press
    if abs(nu) > 800.0:
        return
    # drift: the air changes over hours; the report's own error is some 25 m
    alt[A_P] += 1e-12
    alt[A_P + 2] += 1e-4
    g0 = alt[A_P] * press + alt[A_P + 1]
    g1 = alt[A_P + 1] * press + alt[A_P + 2]
    s = g0 * press + g1 + 900.0
    alt[A_SCALE] += g0 / s * nu
    alt[A_SHIFT] += g1 / s * nu
    alt[A_P] -= g0 * g0 / s
    alt[A_P + 1] -= g0 * g1 / s
    alt[A_P + 2] -= g1 * g1 / s


@lean
def seen_before(key: int, rx: float, keys: Ints, times: Floats) -> bool:
    """Return whether the same report came within the last 15 s; remember it otherwise (the oldest place gives way)."""
    mask = keys.size - 1
    h = (key * 0x2545F4914F6CDD1D) >> 20
    oldest = h & mask
    for k in range(8):
        q = (h + k) & mask
        if keys[q] == key and rx - times[q] < 15.0:
            return True
        if times[q] < times[oldest]:
            oldest = q
    keys[oldest] = key
    times[oldest] = rx
    return False


@lean
def watch_clock(sensor: Floats, lag: float) -> None:
    """Follow the median of receive time minus stated time of one sensor, and judge its clock by it.

    A median below zero cannot be: the report would have come before it was made. Then the clock is ahead by the usual
    delay less the median, until registration knows better.
    """
    n = sensor[N_CLK_N]
    if n == 0.0:
        sensor[N_CLK_MED] = lag
    step = max(0.5 / (1.0 + 0.2 * n), 0.002)
    d = lag - sensor[N_CLK_MED]
    if abs(d) > 60.0 and n < 20.0:
        sensor[N_CLK_MED] = lag
    elif d > 0.0:
        sensor[N_CLK_MED] += min(step, d)
    else:
        sensor[N_CLK_MED] -= min(step, -d)
    sensor[N_CLK_N] = n + 1.0
    sensor[N_CLK_FAR] = 1.0 if abs(sensor[N_CLK_MED]) > FAR_S else 0.0
    if n == 15.0 and sensor[N_CLK_MED] < -0.02 and sensor[N_CLK_FAR] == 0.0 and sensor[N_CLK_SEED] == 0.0:
        sensor[N_CLK_SEED] = 1.0
        sensor[N_BT] = sensor[N_DELAY] - sensor[N_CLK_MED]
        sensor[N_VT] = 0.04


@lean
def velocity_variance(nac_v: int) -> float:
    """Return the variance (m/s)2 an axis of a velocity an aircraft tells of itself.

    A category tells two bounds of the 95 % radius: it holds the one and misses the next (10, 3, 1, 0.3 m/s). Halfway
    between them, over 2.45 (two dimensions), is the sigma. Untold, it is what nearly all transponders state, 2.
    Source: DO-260B 2.2.3.2.7.1.3.8 (NACv).
    """
    if nac_v == 1:
        return 7.0
    if nac_v == 3:
        return 0.15  # with the rounding to a knot, and the time it tells of
    if nac_v == 4:
        return 0.1
    return 25.0 if nac_v == 0 else 0.67


@lean
def height_of(sensor: Floats, range_m: float, elevation: float) -> tuple[float, float]:
    """Return the height above the ellipsoid that a slant range and an elevation tell, and its 1-sigma (m).

    On the sphere of the Earth's mean radius, which is 3 m off at 100 km; the angle's error is all that counts.
    """
    big = 6371000.0 + sensor[N_HEIGHT]
    height = math.sqrt(big * big + range_m * range_m + 2.0 * big * range_m * math.sin(elevation)) - 6371000.0
    return height, math.hypot(range_m * math.cos(elevation) * sensor[N_ELSD], sensor[N_RSD] * math.sin(elevation))


@lean
def assumed_time_blur_m(delay_s: float, v_east_mps: float, v_north_mps: float) -> float:
    """Return how far an aircraft may be (1-sigma, m) from where a plot of assumed time puts it.

    The delay is taken to vary by a quarter of its usual length; the speed is the one told, 200 m/s if none.
    """
    speed_mps = math.hypot(v_east_mps, v_north_mps)
    return 0.25 * delay_s * (speed_mps if math.isfinite(speed_mps) else 200.0)


@lean
def intake(
    rows: Rows, epoch_ns: int, index: Ints, blocked: Ints, sensors: Floats, alt: Floats, Z: Floats, ZI: Ints,
    counters: Ints, reasons: Ints, keys: Ints, times: Floats, now: float,
) -> None:  # fmt: skip
    """Take the PLOT ``rows`` of a tick into the waiting plots; ``Z`` has room for them.

    ``index`` maps sensor id to sensor row (-1 unknown), ``blocked`` tells sensors out of service, ``reasons`` counts.
    """
    for i in range(rows.shape[0]):
        r = rows[i]
        counters[C_PLOTS] += 1
        s = index[r["sensor_id"]]
        if s < 0:
            reasons[R_UNKNOWN] += 1
            continue
        if blocked[s] != 0:
            reasons[R_NOGO] += 1
            continue
        sensor = sensors[s]
        rx = (r["rx_ns"] - epoch_ns) * 1e-9
        toa = (r["toa_ns"] - epoch_ns) * 1e-9
        rng, azi, lat, lon = r["range_m"], r["azimuth_rad"], r["lat_deg"], r["lon_deg"]
        has_slant = math.isfinite(rng) and math.isfinite(azi)
        has_place = math.isfinite(lat) and math.isfinite(lon)
        if r["kind"] == 9:
            kind = TYPE_TRACK
        elif r["kind"] == 8 or sensor[N_KIND] == 2.0:
            kind = TYPE_BEARING
        elif has_slant and not (has_place and sensor[N_KIND] == 1.0):
            kind = TYPE_RADAR
        else:
            kind = TYPE_POSITION
        if math.isinf(rng) or math.isinf(azi) or math.isinf(lat) or math.isinf(lon):
            reasons[R_ABSURD] += 1
            continue
        if kind == TYPE_RADAR:
            if rng <= 0.0 or rng > 1.5e6 or abs(azi) > 7.0:
                reasons[R_ABSURD] += 1
                continue
            if rng > 1.3 * sensor[N_MAXR] + 5000.0:
                reasons[R_OUTSIDE] += 1
                continue
        elif kind == TYPE_BEARING:
            if not math.isfinite(azi):
                reasons[R_NO_POSITION] += 1
                continue
            if abs(azi) > 7.0:
                reasons[R_ABSURD] += 1
                continue
        elif not has_place:
            reasons[R_NO_POSITION] += 1
            continue
        elif abs(lat) > 90.0 or abs(lon) > 360.0:
            reasons[R_ABSURD] += 1
            continue
        key = (
            r["toa_ns"] * 1000003
            + r["sensor_id"] * 7919
            + r["icao24"] * 104729
            + r["mode3a"] * 31
            + r["source_track_no"]
        )
        if math.isfinite(azi):
            key = key * 1000003 + int(azi * 1e7)
        if has_slant:
            key = key * 1000003 + int(rng * 64.0) * 5915587277
        if has_place:
            key = key * 1000003 + int(lat * 1e7) * 5915587277 + int(lon * 1e7)
        if seen_before(key, rx, keys, times):
            reasons[R_DUPLICATE] += 1
            continue
        lag = rx - toa
        watch_clock(sensor, lag)
        flags = r["flags"]
        if sensor[N_CLK_FAR] != 0.0:
            t = rx - sensor[N_DELAY]
            flags |= FLAG_TIME_ASSUMED
        elif abs(lag - sensor[N_CLK_MED]) > FAR_S:
            reasons[R_LATE if lag > 0.0 else R_ABSURD] += 1
            continue
        else:
            t = toa - sensor[N_BT]
            if t > now:  # a plot of the future cannot be: the best guess is the usual delay
                t = rx - sensor[N_DELAY]
                flags |= FLAG_TIME_ASSUMED
        k = counters[C_PENDING]
        counters[C_PENDING] += 1
        z = Z[k]
        zi = ZI[k]
        z[Z_T] = t
        z[Z_TRAW] = toa
        z[Z_RX] = rx
        z[Z_RANGE] = rng
        z[Z_AZ] = azi
        z[Z_VE] = r["v_east_mps"] if abs(r["v_east_mps"]) < 3000.0 else math.nan
        z[Z_VN] = r["v_north_mps"] if abs(r["v_north_mps"]) < 3000.0 else math.nan
        z[Z_CLIMB] = r["climb_mps"] if abs(r["climb_mps"]) < 500.0 else math.nan
        z[Z_VVAR] = velocity_variance(r["nac_v"])
        z[Z_DOPPLER] = r["range_rate_mps"] if abs(r["range_rate_mps"]) < 2000.0 else math.nan
        press = r["press_alt_m"]
        geo = r["geo_alt_m"]
        if not abs(press) < 40000.0:
            press = math.nan
        if not abs(geo) < 40000.0:
            geo = math.nan
        z[Z_PRESS] = press
        if math.isfinite(press) and math.isfinite(geo) and kind == TYPE_POSITION:
            altimeter_update(alt, press, geo)
        z[Z_HSD] = 12.0
        if math.isfinite(geo):
            z[Z_H] = geo
        elif math.isfinite(press):
            z[Z_H] = alt[A_SHIFT] + alt[A_SCALE] * press
        elif kind == TYPE_RADAR and abs(r["elevation_rad"]) < 1.58:
            z[Z_H], z[Z_HSD] = height_of(sensor, rng, r["elevation_rad"])
        else:
            z[Z_H] = math.nan
        sd = r["pos_sd_m"]
        asd = r["azimuth_sd_rad"]
        z[Z_AZSD] = asd if asd > 1e-6 and asd < 1.0 else sensor[N_ASD]
        if kind in (TYPE_POSITION, TYPE_TRACK):
            z[Z_SD] = sd if sd > 0.1 and sd < 1e5 else sensor[N_PSD]
            h = z[Z_H] if math.isfinite(z[Z_H]) else 1000.0
            z[Z_X], z[Z_X + 1], z[Z_X + 2] = geodetic_to_ecef(math.radians(lat), math.radians(lon), h)
        else:
            z[Z_SD] = sd if sd > 0.1 and sd < 1e5 else sensor[N_RSD]
            h = z[Z_H] if math.isfinite(z[Z_H]) else min(5500.0, 0.6 * rng) if kind == TYPE_RADAR else 0.0
            way = rng - sensor[N_BR] if kind == TYPE_RADAR else 1.0  # the index looks where the target is, not where
            place = slant_point(sensor, sensor[N_HEIGHT], way, azi - sensor[N_BA], h)  # a wrong north puts it
            z[Z_X], z[Z_X + 1], z[Z_X + 2] = place
        if flags & FLAG_TIME_ASSUMED and kind != TYPE_BEARING:
            blur_m = assumed_time_blur_m(sensor[N_DELAY], z[Z_VE], z[Z_VN])
            z[Z_SD] = math.hypot(z[Z_SD], blur_m)
            if kind == TYPE_RADAR:
                z[Z_AZSD] = math.hypot(z[Z_AZSD], blur_m / rng)
        z[Z_LLR] = 0.0
        zi[ZI_SENSOR] = s
        zi[ZI_TYPE] = kind
        zi[ZI_KIND] = r["kind"]
        zi[ZI_ICAO] = r["icao24"]
        zi[ZI_CODE] = r["mode3a"]
        zi[ZI_CALLSIGN] = r["callsign"]
        zi[ZI_FLAGS] = flags
        zi[ZI_SELF] = 1 if kind == TYPE_POSITION and not (sd > 0.1 and sd < 1e5) else 0
        zi[ZI_TRACK] = -1
        zi[ZI_SRC] = r["source_track_no"]
        # a radar's or a multilateration system's own idea of speed is smoothed out of the same places: no second
        # witness. Mode S registers (track angle with heading, BDS 5,0 and 6,0) and ADS-B come from the aircraft
        own = r["kind"] == 5 or r["kind"] == 7 or (r["kind"] == 4 and math.isfinite(r["heading_rad"]))
        zi[ZI_VTOLD] = 1 if own and math.isfinite(z[Z_VE]) and math.isfinite(z[Z_VN]) else 0
        if kind == TYPE_RADAR:
            z[Z_VVAR] = MODES_VVAR
