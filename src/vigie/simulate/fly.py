"""The flight kernels: guidance once a second, motion eight times a second, for all aircraft at once.

A point mass over the WGS-84 ellipsoid: heading, true airspeed, pressure altitude, wind. Guidance chooses heading,
speed and level (route with fly-by turns, ordered heading, orbit, hover, formation); motion rolls into turns, eases into
levels and moves the aircraft with the local radii of curvature. Courses are normal-section azimuths to the waypoint,
renewed each second, so a leg follows the geodesic to within metres over 1,000 km.

State is a struct of arrays: ``state[row, aircraft]``; the rows are the constants below. Source: ICAO Doc 8168 (rate-one
and bank-limited turns, turn anticipation), ICAO Doc 7488/3 (airspeed conversion).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.earth.wgs84 import geodetic_to_ecef, radii
from vigie.terms.kernel import kernel
from vigie.terms.units import M_PER_FT, STANDARD_GRAVITY_MPS2

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

BLOCK_STEPS: Final = 8
"""Motion steps of one block of one second."""
STEP_S: Final = 1.0 / BLOCK_STEPS

# Rows of ``state``.
LAT, LON, ALT, TAS, HDG, TURN, ROC, WIND_E, WIND_N = range(9)
T_HDG, T_ALT, T_TAS, T_ROC, MAX_TURN, ACCEL, TURN_ACCEL, CLIMB_ACCEL = range(9, 17)
SIN_H, COS_H, PER_M, PER_E, PER_E_SLOPE, LAT_0, GS_E, GS_N = range(17, 25)
STATE_ROWS: Final = 25

# Rows of ``plan``: what the aircraft can do and what it wants.
(APPROACH_CAS, LOW_CAS, CLIMB_CAS, MACH, CRUISE, CLIMB, CLIMB_TOP, DESCENT, CEILING, BANK, MAX_ACCEL) = range(11)
(WANT_ALT, WANT_TAS, WANT_ROC, WANT_HDG, WANT_SIDE, WANT_G, ORBIT_LAT, ORBIT_LON, ORBIT_M, FROM_ALT, TO_ALT) = range(
    11, 22
)
RUNWAY, BEHIND_M, RIGHT_M, SINCE_S = range(22, 26)
PLAN_ROWS: Final = 26

# Rows of ``mode`` (int64).
PHASE, NAV, POINT, POINT_END, SPAWN_S, LANDS, LEADER = range(7)
MODE_ROWS: Final = 7

WAITING, GROUND, FLYING, ROLLOUT, GONE = range(5)
ROUTE, HEADING, ORBIT, HOVER, FORMATION = range(5)

# Columns of ``points``: where the route goes.
P_LAT, P_LON, P_COURSE, P_TO_END, P_ALT, P_TAS, P_TIME = range(7)
POINT_COLUMNS: Final = 7
UNTIMED: Final = -1e9

STAND_S: Final = 60.0
"""How long an aircraft stands on the runway where its roll has ended."""
FORMATION_ENDS_M: Final = 300.0
"""Height above the aerodrome at which who flies in formation lands by himself."""
_GRADIENT: Final = math.tan(math.radians(3.0))
_P0_PA: Final = 101325.0
_A0_MPS: Final = 340.294
_FL100_M: Final = 10000 * M_PER_FT
_R_MEAN_M: Final = 6371008.8


@kernel
def _speed_of_sound(alt_m: float) -> float:
    return 20.046796 * math.sqrt(max(288.15 - 0.0065 * alt_m, 216.65))


@kernel
def _pressure_ratio(alt_m: float) -> float:
    if alt_m <= 11000.0:
        return math.pow(1.0 - 2.25577e-5 * alt_m, 5.25588)
    return 0.223361 * math.exp((11000.0 - alt_m) / 6341.62)


@kernel
def tas_from_cas(cas_mps: float, alt_m: float) -> float:
    """Return true airspeed at a pressure altitude for a calibrated airspeed (compressible, ICAO atmosphere)."""
    q = cas_mps / _A0_MPS
    impact = math.pow(1.0 + 0.2 * q * q, 3.5) - 1.0
    mach2 = 5.0 * (math.pow(impact / _pressure_ratio(alt_m) + 1.0, 2.0 / 7.0) - 1.0)
    return math.sqrt(mach2) * _speed_of_sound(alt_m)


@kernel
def wind_at(wind: Floats, alt_m: float) -> tuple[float, float]:
    """Return the wind (east, north, m/s) at an altitude; ``wind`` rows are altitude, east, north, by altitude."""
    last = wind.shape[0] - 1
    if alt_m <= wind[0, 0]:
        return float(wind[0, 1]), float(wind[0, 2])
    for k in range(last):
        if alt_m < wind[k + 1, 0]:
            f = (alt_m - wind[k, 0]) / (wind[k + 1, 0] - wind[k, 0])
            return wind[k, 1] + f * (wind[k + 1, 1] - wind[k, 1]), wind[k, 2] + f * (wind[k + 1, 2] - wind[k, 2])
    return wind[last, 1], wind[last, 2]


@kernel
def course_and_distance(lat: float, lon: float, to_lat: float, to_lon: float) -> tuple[float, float]:
    """Return the normal-section azimuth (rad) and the distance along the ellipsoid's surface (m) between two points.

    The distance is the arc of the chord on the local sphere; within 1e-5 of the geodesic to 1,500 km.
    """
    x0, y0, z0 = geodetic_to_ecef(lat, lon, 0.0)
    x1, y1, z1 = geodetic_to_ecef(to_lat, to_lon, 0.0)
    dx = x1 - x0
    dy = y1 - y0
    dz = z1 - z0
    sl = math.sin(lat)
    cl = math.cos(lat)
    so = math.sin(lon)
    co = math.cos(lon)
    east = -so * dx + co * dy
    north = -sl * co * dx - sl * so * dy + cl * dz
    chord = math.sqrt(dx * dx + dy * dy + dz * dz)
    half = chord / (2.0 * _R_MEAN_M)
    return math.atan2(east, north), chord * (1.0 + half * half / 6.0 + 3.0 * half * half * half * half / 40.0)


@kernel
def _scheduled_tas(plan: Floats, i: int, alt_m: float, to_go_m: float, lands: bool) -> float:
    """Return the true airspeed the type flies here: 250 kt below FL100, then climb speed or Mach, slower to land."""
    if plan[CRUISE, i] <= 0.0:
        return 0.0
    cas = plan[CLIMB_CAS, i]
    if alt_m < _FL100_M:
        cas = plan[LOW_CAS, i]
    if lands and to_go_m < 28000.0:
        cas = min(cas, 1.35 * plan[APPROACH_CAS, i] + 1.0)
        if to_go_m < 11000.0:
            cas = plan[APPROACH_CAS, i] + 1.0
    tas = tas_from_cas(cas, alt_m)
    tas = min(tas, plan[MACH, i] * _speed_of_sound(alt_m))
    level = not (lands and to_go_m < 28000.0) and abs(alt_m - plan[WANT_ALT, i]) < 600.0
    if level and plan[CRUISE, i] < 160.0:  # slow types cruise by power, not by climb speed
        return float(plan[CRUISE, i])
    return float(min(tas, plan[CRUISE, i]))


@kernel
def guide(state: Floats, plan: Floats, mode: Ints, points: Floats, wind: Floats, air: Floats, t_s: float) -> None:
    """Set what every aircraft steers for during the next block.

    ``air`` holds (stretch, offset): ellipsoid height = press_alt * stretch + offset. ``t_s``: seconds since the start.
    """
    for i in range(state.shape[1]):
        phase = mode[PHASE, i]
        if phase == GONE:
            continue
        if phase == WAITING:
            if t_s < mode[SPAWN_S, i]:
                continue
            phase = GROUND if state[TAS, i] <= 0.0 and plan[FROM_ALT, i] > -9000.0 else FLYING
            mode[PHASE, i] = phase
        lat = state[LAT, i]
        alt = state[ALT, i]
        tas = state[TAS, i]
        m_radius, n_radius = radii(lat)
        height = alt * air[0] + air[1]
        cl = math.cos(lat)
        per_e = 1.0 / ((n_radius + height) * cl)
        state[PER_M, i] = 1.0 / (m_radius + height)
        state[PER_E, i] = per_e
        state[PER_E_SLOPE, i] = per_e * math.sin(lat) / cl
        state[LAT_0, i] = lat
        state[SIN_H, i] = math.sin(state[HDG, i])
        state[COS_H, i] = math.cos(state[HDG, i])
        if phase == ROLLOUT:
            state[T_TAS, i] = 0.0
            state[T_ALT, i] = alt
            if tas < 1.0:  # it stands at the end of its roll for a minute, then leaves the runway and the exercise
                if plan[SINCE_S, i] < -1e8:
                    plan[SINCE_S, i] = t_s
                elif t_s - plan[SINCE_S, i] >= STAND_S:
                    mode[PHASE, i] = GONE
            continue
        if phase == GROUND:
            state[T_HDG, i] = plan[RUNWAY, i]
            state[T_ALT, i] = alt
            lift_off = tas_from_cas(plan[APPROACH_CAS, i], alt)
            state[T_TAS, i] = lift_off + 5.0
            state[ACCEL, i] = max(2.0, plan[MAX_ACCEL, i])
            if tas < lift_off:
                continue
            phase = FLYING
            mode[PHASE, i] = FLYING
        _guide_one(state, plan, mode, points, wind, i, t_s)
        state[GS_E, i] = state[TAS, i] * state[SIN_H, i] + state[WIND_E, i]
        state[GS_N, i] = state[TAS, i] * state[COS_H, i] + state[WIND_N, i]


@kernel
def _guide_one(state: Floats, plan: Floats, mode: Ints, points: Floats, wind: Floats, i: int, t_s: float) -> None:
    lat = state[LAT, i]
    lon = state[LON, i]
    alt = state[ALT, i]
    tas = state[TAS, i]
    wind_e, wind_n = wind_at(wind, alt)
    nav = mode[NAV, i]
    if nav == HOVER and tas < 12.0:
        wind_e = 0.0
        wind_n = 0.0
    state[WIND_E, i] = wind_e
    state[WIND_N, i] = wind_n
    bank_turn = STANDARD_GRAVITY_MPS2 * math.tan(plan[BANK, i]) / max(tas, 8.0)
    max_turn = min(bank_turn, 0.0524)
    if plan[BANK, i] > 0.6:  # fast jets and gliders are not bound to rate one
        max_turn = min(bank_turn, 0.25)
    if plan[WANT_G, i] > 1.0:
        max_turn = min(0.5, STANDARD_GRAVITY_MPS2 * math.sqrt(plan[WANT_G, i] ** 2 - 1.0) / max(tas, 8.0))
    if tas < 15.0:
        max_turn = 0.35
    state[MAX_TURN, i] = max_turn
    state[TURN_ACCEL, i] = max_turn / 3.0
    state[CLIMB_ACCEL, i] = 0.6 if plan[WANT_G, i] <= 1.0 else 6.0
    state[ACCEL, i] = plan[MAX_ACCEL, i]
    lands = mode[LANDS, i] != 0 and nav == ROUTE
    course = state[HDG, i]
    to_go = 1.0e9
    want_tas = -1.0
    due_s = UNTIMED
    due_alt = -9999.0
    if nav == ROUTE:
        p = mode[POINT, i]
        end = mode[POINT_END, i]
        course, distance = course_and_distance(lat, lon, points[p, P_LAT], points[p, P_LON])
        speed = max(math.sqrt(state[GS_E, i] ** 2 + state[GS_N, i] ** 2), 1.0)
        if p + 1 < end:
            bend = points[p, P_COURSE] - math.atan2(state[GS_E, i], state[GS_N, i])
            bend = abs(bend - 2.0 * math.pi * math.floor(bend / (2.0 * math.pi) + 0.5))
            lead = speed / max_turn * math.tan(min(bend, 2.3) / 2.0) + 1.8 * speed
            # A point inside the turning circle, or whose time is over, is behind: waiting for it would be circling it.
            aside = course - math.atan2(state[GS_E, i], state[GS_N, i])
            aside = abs(aside - 2.0 * math.pi * math.floor(aside / (2.0 * math.pi) + 0.5))
            missed = aside > 1.2 and distance < 2.0 * speed / max_turn
            late = points[p, P_TIME] > UNTIMED and t_s > points[p, P_TIME] + 1.0
            if distance < lead or (distance < 4.0 * speed and bend > 2.3) or missed or late:
                if points[p, P_ALT] > -9000.0:
                    plan[WANT_ALT, i] = points[p, P_ALT]
                if points[p, P_TAS] > 0.0:
                    plan[WANT_TAS, i] = points[p, P_TAS]
                p += 1
                mode[POINT, i] = p
                course, distance = course_and_distance(lat, lon, points[p, P_LAT], points[p, P_LON])
        to_go = distance + points[p, P_TO_END]
        if points[p, P_TIME] - t_s > 1.0:  # be there then: the speed over the ground and the rate that it takes
            due_s = points[p, P_TIME] - t_s
            due_alt = points[p, P_ALT]
            tailwind = wind_e * math.sin(course) + wind_n * math.cos(course)
            fastest = 1.05 * plan[MACH, i] * _speed_of_sound(alt)
            want_tas = min(max(distance / due_s - tailwind, 0.6 * tas_from_cas(plan[APPROACH_CAS, i], alt)), fastest)
        if p + 1 == end:
            if lands and (alt <= plan[TO_ALT, i] + 4.0 or distance < 0.6 * speed):
                mode[PHASE, i] = ROLLOUT
                state[ALT, i] = plan[TO_ALT, i]
                state[ROC, i] = 0.0
                state[TURN, i] = 0.0
                axis = points[p - 1, P_COURSE]  # from the final fix to the threshold: the runway's direction
                state[T_HDG, i] = axis
                state[T_ALT, i] = plan[TO_ALT, i]
                state[T_TAS, i] = 0.0
                state[ACCEL, i] = 2.0
                state[WIND_E, i] = 0.0
                state[WIND_N, i] = 0.0
                return
            if not lands and distance < max(1.2 * speed, 30.0):
                mode[PHASE, i] = GONE
                return
    elif nav == HEADING:
        want = plan[WANT_HDG, i]
        turn = want - state[HDG, i]
        turn -= 2.0 * math.pi * math.floor(turn / (2.0 * math.pi) + 0.5)
        side = plan[WANT_SIDE, i]
        if side * turn < 0.0 and abs(turn) > 0.05:  # the long way round, as ordered
            want = state[HDG, i] + side * 1.5
        elif abs(turn) < 0.02:
            plan[WANT_SIDE, i] = 0.0
        state[T_HDG, i] = want
    elif nav == ORBIT:
        inward, distance = course_and_distance(lat, lon, plan[ORBIT_LAT, i], plan[ORBIT_LON, i])
        off = (distance - plan[ORBIT_M, i]) / max(plan[ORBIT_M, i], 1.0)
        # Right-hand orbits keep the centre on the right: course = inward - 90 degrees, turned in when outside.
        course = inward - plan[WANT_SIDE, i] * (0.5 * math.pi - math.atan(min(max(4.0 * off, -1.5), 20.0)))
    elif nav == HOVER:
        want_tas = 0.0
    else:
        lead_no = mode[LEADER, i]
        sin_l = math.sin(state[HDG, lead_no])
        cos_l = math.cos(state[HDG, lead_no])
        east = -plan[BEHIND_M, i] * sin_l + plan[RIGHT_M, i] * cos_l
        north = -plan[BEHIND_M, i] * cos_l - plan[RIGHT_M, i] * sin_l
        gap_e = (state[LON, lead_no] - lon) / max(state[PER_E, i], 1e-9) + east
        gap_n = (state[LAT, lead_no] - lat) / max(state[PER_M, i], 1e-9) + north
        far = math.sqrt(gap_e * gap_e + gap_n * gap_n)
        pull = min(0.08, 60.0 / max(far, 1.0))
        v_e = state[GS_E, lead_no] + pull * gap_e
        v_n = state[GS_N, lead_no] + pull * gap_n
        course = math.atan2(v_e, v_n)
        want_tas = math.sqrt((v_e - wind_e) ** 2 + (v_n - wind_n) ** 2)
        plan[WANT_ALT, i] = state[ALT, lead_no]
        landing = mode[LANDS, lead_no] != 0 and mode[NAV, lead_no] == ROUTE
        low = landing and state[ALT, lead_no] < plan[TO_ALT, lead_no] + FORMATION_ENDS_M
        low = low and mode[POINT, lead_no] + 1 == mode[POINT_END, lead_no]
        if low and mode[LANDS, i] != 0:
            mode[NAV, i] = ROUTE
            mode[POINT, i] = mode[POINT_END, i] - 1
        elif mode[PHASE, lead_no] != FLYING:
            mode[NAV, i] = HEADING
            plan[WANT_HDG, i] = state[HDG, i]
    if nav != HEADING:
        if (plan[FROM_ALT, i] > -9000.0 and alt < plan[FROM_ALT, i] + 120.0
                                            and nav == ROUTE and not to_go < 30000.0):  # fmt: skip
            course = plan[RUNWAY, i]  # straight ahead after take-off
        cross = wind_e * math.cos(course) - wind_n * math.sin(course)
        drift = -cross / max(tas, 1.0)
        state[T_HDG, i] = course + math.asin(min(max(drift, -0.7), 0.7))
    target = min(plan[WANT_ALT, i], plan[CEILING, i])
    if lands:
        target = min(target, plan[TO_ALT, i] + max(0.0, to_go - 200.0) * _GRADIENT)
    state[T_ALT, i] = target
    if target >= alt:
        share = min(max(alt / plan[CEILING, i], 0.0), 1.0)
        rate = plan[CLIMB, i] + (plan[CLIMB_TOP, i] - plan[CLIMB, i]) * share
    else:
        rate = plan[DESCENT, i]
    if plan[WANT_ROC, i] > 0.0:
        rate = plan[WANT_ROC, i]
    if due_s > 0.0 and due_alt > -9000.0:
        state[T_ALT, i] = min(due_alt, plan[CEILING, i])
        plan[WANT_ALT, i] = state[T_ALT, i]
        rate = min(abs(due_alt - alt) / due_s, 2.0 * max(plan[CLIMB, i], plan[DESCENT, i]))
    state[T_ROC, i] = rate
    if want_tas < 0.0:
        want_tas = _scheduled_tas(plan, i, alt, to_go, lands)
        if plan[WANT_TAS, i] >= 0.0 and not (lands and to_go < 28000.0):
            want_tas = min(plan[WANT_TAS, i], 1.05 * plan[MACH, i] * _speed_of_sound(alt))
    state[T_TAS, i] = want_tas


@kernel
def move(state: Floats, mode: Ints, steps: int, step_s: float) -> None:
    """Move every flying aircraft by ``steps`` steps: the hot loop, in chunks that stay in the cache.

    Plain arithmetic only (the heading's sine and cosine are turned with it), so that the compiler makes vectors of it.
    """
    n = state.shape[1]
    rows = state
    live = np.empty(256)
    for c in range(0, n, 256):
        end = min(n, c + 256)
        count = end - c
        any_live = False
        for j in range(count):
            phase = mode[PHASE, c + j]
            on = phase not in (WAITING, GONE)
            live[j] = step_s if on else 0.0
            any_live = any_live or on
        if not any_live:
            continue
        lat, lon, alt, tas = rows[LAT, c:end], rows[LON, c:end], rows[ALT, c:end], rows[TAS, c:end]
        hdg, turn, roc = rows[HDG, c:end], rows[TURN, c:end], rows[ROC, c:end]
        wind_e, wind_n, t_hdg, t_alt = rows[WIND_E, c:end], rows[WIND_N, c:end], rows[T_HDG, c:end], rows[T_ALT, c:end]
        t_tas, t_roc, max_turn = rows[T_TAS, c:end], rows[T_ROC, c:end], rows[MAX_TURN, c:end]
        accel, turn_accel, climb_accel = rows[ACCEL, c:end], rows[TURN_ACCEL, c:end], rows[CLIMB_ACCEL, c:end]
        sin_h, cos_h, per_m, per_e = rows[SIN_H, c:end], rows[COS_H, c:end], rows[PER_M, c:end], rows[PER_E, c:end]
        slope, lat_0, gs_e, gs_n = rows[PER_E_SLOPE, c:end], rows[LAT_0, c:end], rows[GS_E, c:end], rows[GS_N, c:end]
        for _ in range(steps):
            for j in range(count):
                dt = live[j]
                off = t_hdg[j] - hdg[j]
                off -= 2.0 * math.pi * np.floor(off * (0.5 / math.pi) + 0.5)
                size = abs(off)
                # As fast as allowed, slowing so that the roll-out ends on the heading.
                fast = min(min(max_turn[j], math.sqrt(1.4 * turn_accel[j] * size)), size)  # noqa: PLW3301
                change = math.copysign(fast, off) - turn[j]
                bound = turn_accel[j] * dt
                rate = turn[j] + min(max(change, -bound), bound)
                turn[j] = rate
                a = rate * dt
                hdg[j] += a
                a2 = a * a
                sa = a * (1.0 - a2 * (1.0 / 6.0 - a2 / 120.0))
                ca = 1.0 - a2 * (0.5 - a2 * (1.0 / 24.0 - a2 / 720.0))
                s0 = sin_h[j]
                c0 = cos_h[j]
                s1 = s0 * ca + c0 * sa
                c1 = c0 * ca - s0 * sa
                sin_h[j] = s1
                cos_h[j] = c1
                bound = accel[j] * dt
                v0 = tas[j]
                v1 = v0 + min(max(t_tas[j] - v0, -bound), bound)
                tas[j] = v1
                up = t_alt[j] - alt[j]
                size = abs(up)
                fast = min(min(t_roc[j], math.sqrt(1.4 * climb_accel[j] * size)), 0.7 * size)  # noqa: PLW3301
                bound = climb_accel[j] * dt
                w0 = roc[j]
                w1 = w0 + min(max(math.copysign(fast, up) - w0, -bound), bound)
                roc[j] = w1
                alt[j] += 0.5 * (w0 + w1) * dt
                mean = 0.25 * (v0 + v1)
                e = mean * (s0 + s1) + wind_e[j]
                north = mean * (c0 + c1) + wind_n[j]
                d_lat = north * per_m[j] * dt
                lon[j] += e * (per_e[j] + slope[j] * (lat[j] + 0.5 * d_lat - lat_0[j])) * dt
                lat[j] += d_lat
                gs_e[j] = v1 * s1 + wind_e[j]
                gs_n[j] = v1 * c1 + wind_n[j]


@kernel
def place(state: Floats, mode: Ints, air: Floats, out: Floats) -> None:
    """Write ECEF position and velocity, ``out[0:6, aircraft]`` (m, m/s), of every aircraft that is there; NaN else."""
    for i in range(state.shape[1]):
        phase = mode[PHASE, i]
        if phase in (WAITING, GONE):
            for k in range(6):
                out[k, i] = math.nan
            continue
        lat = state[LAT, i]
        lon = state[LON, i]
        out[0, i], out[1, i], out[2, i] = geodetic_to_ecef(lat, lon, state[ALT, i] * air[0] + air[1])
        sl = math.sin(lat)
        cl = math.cos(lat)
        so = math.sin(lon)
        co = math.cos(lon)
        e = state[GS_E, i]
        n = state[GS_N, i]
        u = state[ROC, i] * air[0]
        out[3, i] = -so * e - sl * co * n + cl * co * u
        out[4, i] = co * e - sl * so * n + cl * so * u
        out[5, i] = cl * n + sl * u


@kernel
def fly_blocks(
    state: Floats, plan: Floats, mode: Ints, points: Floats, wind: Floats, air: Floats, t_s: float, blocks: int
) -> None:
    """Fly ``blocks`` seconds without looking: guidance once, then ``BLOCK_STEPS`` motion steps, each second."""
    for b in range(blocks):
        guide(state, plan, mode, points, wind, air, t_s + b)
        move(state, mode, BLOCK_STEPS, STEP_S)
