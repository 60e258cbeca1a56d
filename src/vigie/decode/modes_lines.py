"""BaseStation lines to plots: what each line adds to its aircraft, and one PLOT row for each position.

The lines' own dates and times are replay times as often as not, so a plot is stamped with the time at our door.
"""

from __future__ import annotations

import math

import numpy as np

from vigie.decode.modes_messages import COUNT_BAD_CALLSIGN, DELAY_NS, FLAGS, LINK, SENSOR
from vigie.decode.modes_state import FRESH_NS
from vigie.decode.modes_table import I4, KEY_MLAT, KEY_NOT_ICAO, LIFE_NS, enter
from vigie.terms.kernel import lean
from vigie.terms.tables import (
    FLAG_EMERGENCY,
    FLAG_ON_GROUND,
    FLAG_SPI,
    FLAG_TIME_ASSUMED,
    PLOT_KIND,
    Rows,
)
from vigie.wire.modes.sbs import (
    BIT_BAD_CALLSIGN,
    BIT_EMERGENCY,
    BIT_GROUND,
    BIT_NOT_ICAO,
    BIT_SPI,
    LINE_MLAT,
    LINE_STATUS,
    Lines,
)
from vigie.wire.modes.tables import I8, NO_CODE, whole

_ADSB = PLOT_KIND["adsb"]
_NAN = np.float32(np.nan)
_MLAT = PLOT_KIND["mlat"]
_EMERGENCY_CODES = (0o7500, 0o7600, 0o7700)


@lean
def decode_lines(
    lines: Lines, first: int, count: int, base: int,
    frame_start: I8, frame_end: I8, frame_rx: I8, frame_no: I8, frame_at: I8, link: I8,
    used: I8, aircraft: Rows, slots: I4, blank: Rows,
    plots: Rows, rejects: Rows, counts: I8,
) -> tuple[int, int, int]:  # fmt: skip
    """Decode lines ``first`` to ``count``; return the next line, and the numbers of plots and rejects.

    Arguments as in ``decode_items``. ``counts`` is indexed by the kind of line. A velocity is carried for 5 s, an
    altitude for 5 s, identity for as long as the aircraft is remembered.
    """
    n_plots = 0
    n_rejects = 0
    f = frame_at[0]
    room = aircraft.size - 1
    i = first
    while i < count:
        if used[0] >= room:
            break
        while frame_end[f] < base + lines.end[i]:
            f += 1
        reason = whole(lines.reason[i])
        rx = frame_rx[f]
        if reason == 0:
            kind = whole(lines.kind[i])
            counts[kind] += 1
            if kind != LINE_STATUS:
                t = rx - link[DELAY_NS]
                bits = lines.bits[i]
                address = whole(lines.address[i])
                key = address | (KEY_NOT_ICAO if bits & BIT_NOT_ICAO else 0) | (KEY_MLAT if kind >= LINE_MLAT else 0)
                at = enter(key, used, aircraft, slots, blank)
                row = aircraft[at]
                if t - row.seen_ns > LIFE_NS and row.seen_ns > 0:
                    aircraft[at] = blank[0]
                    row.key = key
                row.seen_ns = t
                if lines.callsign[i] != 0:
                    row.callsign = lines.callsign[i]
                    row.ident_ns = t
                    if bits & BIT_BAD_CALLSIGN:
                        counts[COUNT_BAD_CALLSIGN] += 1
                if lines.squawk[i] != NO_CODE:
                    row.squawk = lines.squawk[i]
                    row.squawk_ns = t
                if bits & BIT_SPI:
                    row.spi_ns = t
                if not math.isnan(lines.press_alt_m[i]):
                    row.press_alt_m = lines.press_alt_m[i]
                    row.press_ns = t
                if not (math.isnan(lines.speed_mps[i]) or math.isnan(lines.track_rad[i])):
                    row.v_east = lines.speed_mps[i] * math.sin(lines.track_rad[i])
                    row.v_north = lines.speed_mps[i] * math.cos(lines.track_rad[i])
                    row.climb = lines.climb_mps[i]
                    row.velocity_ns = t
                if not (math.isnan(lines.lat_deg[i]) or math.isnan(lines.lon_deg[i])):
                    plot = plots[n_plots]
                    n_plots += 1
                    plot.toa_ns = t
                    plot.rx_ns = rx
                    plot.sensor_id = link[SENSOR]
                    plot.frame_no = frame_no[f]
                    plot.kind = _MLAT if kind >= LINE_MLAT else _ADSB
                    plot.source_track_no = key if key >= KEY_NOT_ICAO else 0
                    plot.icao24 = 0 if bits & BIT_NOT_ICAO else address
                    plot.lat_deg = lines.lat_deg[i]
                    plot.lon_deg = lines.lon_deg[i]
                    flags = link[FLAGS] | FLAG_TIME_ASSUMED
                    ground = bits & BIT_GROUND or kind & 15 == 2
                    if ground:
                        flags |= FLAG_ON_GROUND
                    plot.press_alt_m = row.press_alt_m if t - row.press_ns <= FRESH_NS and not ground else math.nan
                    fresh = t - row.velocity_ns <= FRESH_NS
                    plot.v_east_mps = row.v_east if fresh else _NAN
                    plot.v_north_mps = row.v_north if fresh else _NAN
                    plot.climb_mps = row.climb if fresh else _NAN
                    plot.callsign = row.callsign if t - row.ident_ns <= LIFE_NS else np.uint64(0)
                    code = whole(row.squawk) if t - row.squawk_ns <= LIFE_NS else NO_CODE
                    plot.mode3a = code
                    if bits & BIT_EMERGENCY or code in _EMERGENCY_CODES:
                        flags |= FLAG_EMERGENCY
                    if t - row.spi_ns <= FRESH_NS:
                        flags |= FLAG_SPI
                    plot.flags = flags
        else:
            reject = rejects[n_rejects]
            n_rejects += 1
            place = lines.start[i] if lines.field[i] == 0 else lines.place[i]
            reject.rx_ns = rx
            reject.frame_no = frame_no[f]
            reject.link = link[LINK]
            reject.sensor_id = link[SENSOR]
            reject.reason = reason
            reject.item = lines.field[i]
            reject.offset = base + place - frame_start[f]
            reject.length = lines.end[i] - lines.start[i]
        i += 1
    frame_at[0] = f
    return i, n_plots, n_rejects
