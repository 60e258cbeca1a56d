"""The hot loop: items of a Beast or AVR stream to plots, service rows, rejects and counts.

One kernel goes through the items in their order: parity, address, what the message says (``modes_state``), where that
is (``modes_position``), and one PLOT row for each position that could be told.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from vigie.decode.modes_position import locate
from vigie.decode.modes_state import (
    FRESH_NS,
    take_altitude,
    take_callsign,
    take_comm_b,
    take_movement,
    take_reply,
    take_status,
    take_velocity,
)
from vigie.decode.modes_table import (
    I4,
    KEY_NOT_ICAO,
    KEY_REBROADCAST,
    KEY_TISB,
    LIFE_NS,
    enter,
    find,
)
from vigie.terms.kernel import flat, inlined, lean
from vigie.terms.ledger import REASON
from vigie.terms.tables import (
    FLAG_EMERGENCY,
    FLAG_ON_GROUND,
    FLAG_REPAIRED,
    FLAG_SPI,
    FLAG_TIME_ASSUMED,
    PLOT,
    PLOT_KIND,
    Rows,
)
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS
from vigie.wire.modes.commb import infer
from vigie.wire.modes.stream import KIND_LONG, KIND_MODE_AC, KIND_SHORT, KIND_STATUS, Items
from vigie.wire.modes.tables import F8, I8, NO_CODE, SIGMA_PER_EPU, U1, whole

PLOT_RAW: Final = np.dtype([(n, "<u8" if n == "callsign" else PLOT.dtype[n]) for n in PLOT.dtype.names or ()])
"""PLOT with its call sign as a number: the same octets, and text is no type for a kernel."""

DOWNLINK_FORMATS: Final = (0, 4, 5, 11, 16, 17, 18, 19, 20, 21, 24)
"""Downlink formats that are read; what says another one is a reject."""

# Counts, beside one for each downlink format 0 to 24.
COUNT_MODE_AC: Final = 25
COUNT_STATUS: Final = 26
COUNT_BAD_CALLSIGN: Final = 27
COUNT_UNPLACED: Final = 28
COUNTS: Final = 29

# Places in ``link`` (what one call needs to know) and in the link's lasting ``state``.
LINK: Final = 0
SENSOR: Final = 1
FLAGS: Final = 2
DELAY_NS: Final = 3
REPAIR: Final = 4
GPS_RUN: Final = 2
GPS_TOLD: Final = 3

GPS_NEAR_NS: Final = 2 * NS_PER_S
GPS_SURE: Final = 8
"""A receiver has a GPS clock if it says so, or if 8 stamps running lie within 2 s of our own time of day."""

"""Velocity, heading, airspeed, SPI, and an altitude that came in another message, are carried for 5 s."""
OFFSET_NS: Final = 10 * NS_PER_S
"""Height minus pressure altitude changes slowly: 10 s."""
STATUS_NS: Final = 60 * NS_PER_S
"""Version, NACp, SIL, NIC supplements (sent every 2.5 s or 5 s), emergency state, selected altitude: 60 s."""

_BAD_LENGTH: Final = REASON["bad_length"]
_BAD_CRC: Final = REASON["bad_crc"]
_BAD_FORMAT: Final = REASON["bad_format"]
_UNKNOWN_ADDRESS: Final = REASON["unknown_address"]
_ADSB: Final = PLOT_KIND["adsb"]
_OTHERS_TRACK: Final = PLOT_KIND["track"]
_EMERGENCY_CODES: Final = (0o7500, 0o7600, 0o7700)
_FORMATS: Final = sum(1 << downlink for downlink in DOWNLINK_FORMATS)
_ABSENT: Final = 255
_NO_POSITION: Final = -1
_UNPLACED: Final = -2
_BAD_CALLSIGN: Final = -3
_NAN: Final = np.float32(np.nan)


@flat
def remainder(octets: U1, i: int, width: int, tables: Any) -> int:
    """Return the remainder of the parity check of message ``i``, ``width`` octets long: 7 or 14."""
    rest = np.uint32(0)
    if width == 14:
        for k in range(14):
            rest ^= tables.crc[k, octets[i, k]]
    else:
        for k in range(7):
            rest ^= tables.crc[7 + k, octets[i, k]]
    return whole(rest)


@lean
def repair(octets: U1, i: int, rest: int, tables: Any) -> bool:
    """Turn the one bit of message ``i`` (14 octets) that explains the remainder; return whether there is one."""
    at, beyond = 0, tables.syndromes.size  # they are sorted
    while at < beyond:
        middle = (at + beyond) >> 1
        if tables.syndromes[middle] < rest:
            at = middle + 1
        else:
            beyond = middle
    if at >= tables.syndromes.size or tables.syndromes[at] != rest:
        return False
    bit = whole(tables.syndrome_bit[at])
    octets[i, bit >> 3] ^= np.uint8(0x80 >> (bit & 7))
    return True


@flat
def message_time(stamp: int, rx_ns: int, delay_ns: int, state: I8) -> tuple[int, int]:
    """Return when a message was sent (UTC ns) and the flag to set: 64 where that is only when it came, less a delay."""
    t = rx_ns - delay_ns
    if stamp < 0 or state[GPS_TOLD] < 0:
        return t, FLAG_TIME_ASSUMED
    second = stamp >> 30
    ns = stamp & 0x3FFFFFFF
    near = False
    gps = t
    if second < 86400 and ns < NS_PER_S:
        gps = t - t % DAY_NS + second * NS_PER_S + ns
        if gps - t > DAY_NS // 2:
            gps -= DAY_NS
        elif t - gps > DAY_NS // 2:
            gps += DAY_NS
        near = abs(gps - t) <= GPS_NEAR_NS
    if not near:
        state[GPS_RUN] = 0
        return t, FLAG_TIME_ASSUMED
    if state[GPS_RUN] < GPS_SURE:
        state[GPS_RUN] += 1
    if state[GPS_TOLD] > 0 or state[GPS_RUN] >= GPS_SURE:
        return gps, 0
    return t, FLAG_TIME_ASSUMED


@inlined
def _fill(plot: Any, row: Any, t_ns: int, flags: int, type_code: int, nic_b: int, tables: Any) -> int:
    """Write into a plot what is known of its aircraft and still fresh, or the absent value; return all flags."""
    fresh = t_ns - row.velocity_ns <= FRESH_NS
    plot.v_east_mps = row.v_east if fresh else _NAN
    plot.v_north_mps = row.v_north if fresh else _NAN
    plot.climb_mps = row.climb if fresh else _NAN
    fresh = t_ns - row.air_ns <= FRESH_NS
    plot.heading_rad = row.heading if fresh else _NAN
    plot.ias_mps = row.ias if fresh else _NAN
    plot.selected_alt_m = row.selected_m if t_ns - row.selected_ns <= STATUS_NS else _NAN
    plot.callsign = row.callsign if t_ns - row.ident_ns <= LIFE_NS else np.uint64(0)
    code = whole(row.squawk) if t_ns - row.squawk_ns <= LIFE_NS else NO_CODE
    plot.mode3a = code
    state = whole(row.emergency) if t_ns - row.emergency_ns <= STATUS_NS else _ABSENT
    plot.emergency = state
    if 1 <= state <= 6 or code in _EMERGENCY_CODES:
        flags |= FLAG_EMERGENCY
    if t_ns - row.spi_ns <= FRESH_NS:
        flags |= FLAG_SPI
    plot.nac_v = whole(row.nac_v) if t_ns - row.nac_v_ns <= STATUS_NS else _ABSENT
    fresh = t_ns - row.status_ns <= STATUS_NS
    told = whole(row.version) if fresh else _ABSENT
    accuracy = whole(row.nac_p) if fresh else _ABSENT
    plot.adsb_version = told
    plot.nac_p = accuracy
    plot.sil = whole(row.sil) if fresh else _ABSENT
    version = 0 if told == _ABSENT else min(told, 2)
    supplement_a = whole(row.nic_a) if fresh else 0
    supplement_b = whole(row.nic_c) if type_code <= 8 else nic_b
    nic = whole(tables.nic[version, type_code, supplement_a, supplement_b])
    plot.nic = nic
    if version == 0:
        epu = tables.epu_of_type_m[type_code]
    else:
        # NACp 0 is "unknown": what the integrity class promises is then the better word.
        epu = tables.epu_m[accuracy if 0 < accuracy <= 11 else nic]
    plot.pos_sd_m = epu * SIGMA_PER_EPU
    return flags


@inlined
def _squitter(
    me: int, row: Any, t_ns: int, relayed: int, lat0: float, lon0: float, range_m: float, tables: Any, plot: Any
) -> int:
    """Take in the message field of an extended squitter; return the flags of ``plot`` if it now is one.

    Otherwise ``_NO_POSITION``, ``_UNPLACED`` (it is one, but where cannot be told) or ``_BAD_CALLSIGN``.
    ``relayed`` is 1 where bit 8 is the address qualifier of a ground station, not NIC supplement B.
    """
    type_code = me >> 51
    if 1 <= type_code <= 4:
        return _BAD_CALLSIGN if take_callsign(row, t_ns, me & 0xFFFFFFFFFFFF, tables) else _NO_POSITION
    if type_code == 19:
        take_velocity(row, t_ns, me)
        return _NO_POSITION
    if type_code >= 23:
        take_status(row, t_ns, me, tables)
        return _NO_POSITION
    surface = 1 if 5 <= type_code <= 8 else 0
    level = math.nan
    if surface:
        take_movement(row, t_ns, me, tables)
    else:
        field = (me >> 36) & 0xFFF
        field = (field & 0xFC0) << 1 | (field & 0x3F)
        if type_code < 19:
            level = take_altitude(row, t_ns, field, tables)
        else:
            level = tables.altitude_m[field]
    if type_code == 0:
        return _NO_POSITION
    lat, lon = locate(
        row, t_ns, (me >> 17) & 0x1FFFF, me & 0x1FFFF, (me >> 34) & 1, surface, lat0, lon0, range_m, tables,
    )  # fmt: skip
    if math.isnan(lat):
        return _UNPLACED
    plot.lat_deg = lat
    plot.lon_deg = lon
    offset = float(row.offset_m) if t_ns - row.offset_ns <= OFFSET_NS else math.nan
    known = row.press_alt_m if t_ns - row.press_ns <= FRESH_NS else math.nan
    flags = 0
    if surface:
        flags = FLAG_ON_GROUND
        plot.press_alt_m = math.nan
        plot.geo_alt_m = math.nan
    else:
        if type_code < 19:
            level = known if math.isnan(level) else level
            plot.press_alt_m = level
            plot.geo_alt_m = level + offset
        else:
            plot.geo_alt_m = level
            plot.press_alt_m = level - offset if math.isnan(known) else known
        status = (me >> 49) & 3
        if status == 1:
            flags = FLAG_EMERGENCY
        elif status == 3:
            flags = FLAG_SPI
    return _fill(plot, row, t_ns, flags, type_code, 0 if relayed else (me >> 48) & 1, tables)


@lean
def decode_items(
    items: Items, first: int, count: int, base: int,
    frame_start: I8, frame_end: I8, frame_rx: I8, frame_no: I8, frame_at: I8,
    link: I8, state: I8, place: F8, tables_row: Rows, signal_db: F8,
    used: I8, aircraft: Rows, slots: I4, blank: Rows,
    plots: Rows, services: Rows, rejects: Rows, counts: I8, values: F8, scratch: F8,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Decode items ``first`` to ``count``; return the next item, and the numbers of plots, services and rejects.

    Stops early when the aircraft table must be given more room. ``base`` is where the items' octet 0 lies in the
    buffer whose frames end at ``frame_end``. ``plots``, ``services`` and ``rejects`` have room for a row
    an item and hold absent values at first; nobody else writes to them. ``values``, ``scratch``: float64[VALUES], as
    ``infer`` needs them.
    """
    n_plots = 0
    n_services = 0
    n_rejects = 0
    f = frame_at[0]
    tables = tables_row[0]
    lat0, lon0, range_m = place[0], place[1], place[2]
    room = aircraft.size - 1
    i = first
    while i < count:
        if used[0] >= room:
            break
        while frame_end[f] < base + items.end[i]:
            f += 1
        reason = whole(items.reason[i])
        kind = items.kind[i]
        rx = frame_rx[f]
        if kind in (KIND_SHORT, KIND_LONG):
            downlink = min(whole(items.octets[i, 0]) >> 3, 24)
            # The downlink format says how long a message is. Some receivers send 14 octets whatever it says: what
            # stands behind a short message is then noise, and the parity of the first 7 tells.
            width = 14 if downlink >= 16 else 7
            if not (_FORMATS >> downlink) & 1:
                reason = _BAD_FORMAT
            elif width == 14 and kind == KIND_SHORT:
                reason = _BAD_LENGTH
            else:
                rest = remainder(items.octets, i, width, tables)
                t, assumed = message_time(items.stamp[i], rx, link[DELAY_NS], state)
                extended = 17 <= downlink <= 19
                mended = False
                if extended and rest != 0 and link[REPAIR]:
                    mended = repair(items.octets, i, rest, tables)
                    rest = 0 if mended else rest
                head = (
                    whole(items.octets[i, 0]) << 24 | whole(items.octets[i, 1]) << 16
                    | whole(items.octets[i, 2]) << 8 | whole(items.octets[i, 3])
                )  # fmt: skip
                at = -1
                if extended and rest == 0:
                    control = (head >> 24) & 7 if downlink != 17 else 0
                    me = 0
                    for k in range(4, 11):
                        me = me << 8 | whole(items.octets[i, k])
                    key = head & 0xFFFFFF
                    ground = 0
                    if downlink == 18 and control > 0:
                        type_code = me >> 51
                        placed = 5 <= type_code <= 22 and type_code != 19
                        if control in (1, 5) or (control in (2, 6) and placed and (me >> 48) & 1):
                            key |= KEY_NOT_ICAO
                        if 2 <= control <= 5:
                            key |= KEY_TISB
                        elif control == 6:
                            key |= KEY_REBROADCAST
                        ground = 1 if control in (2, 5, 6) else 0
                    if mended:
                        at = find(key, aircraft, slots)
                        if at < 0 or t - aircraft[at].clean_ns > LIFE_NS:
                            at = -1
                            reason = _BAD_CRC
                    else:
                        at = enter(key, used, aircraft, slots, blank)
                    if at >= 0:
                        row = aircraft[at]
                        if t - row.seen_ns > LIFE_NS and row.seen_ns > 0:
                            aircraft[at] = blank[0]
                            row.key = key
                        row.seen_ns = t
                        if not mended:
                            row.clean_ns = t
                        understood = (
                            downlink == 17
                            or (downlink == 18 and control not in (3, 4, 7))
                            or (downlink == 19 and control == 0)
                        )
                        if understood:
                            # The buffer's rows hold absent values; each column written once is written for all.
                            plot = plots[n_plots]
                            flags = _squitter(me, row, t, ground, lat0, lon0, range_m, tables, plot)
                            if flags >= 0:
                                plot.toa_ns = t
                                plot.rx_ns = rx
                                plot.sensor_id = link[SENSOR]
                                plot.frame_no = frame_no[f]
                                plot.kind = _OTHERS_TRACK if key & KEY_TISB else _ADSB
                                plot.source_track_no = key if key >= KEY_NOT_ICAO else 0
                                plot.icao24 = 0 if key & KEY_NOT_ICAO else key & 0xFFFFFF
                                plot.flags = flags | link[FLAGS] | assumed | (FLAG_REPAIRED if mended else 0)
                                plot.signal_dbfs = signal_db[items.signal[i]]
                                n_plots += 1
                            elif flags == _UNPLACED:
                                counts[COUNT_UNPLACED] += 1
                            elif flags == _BAD_CALLSIGN:
                                counts[COUNT_BAD_CALLSIGN] += 1
                elif extended:
                    reason = _BAD_CRC
                elif downlink == 11:
                    if rest > 127:
                        reason = _BAD_CRC
                    elif rest == 0:
                        at = enter(head & 0xFFFFFF, used, aircraft, slots, blank)
                        row = aircraft[at]
                        if t - row.seen_ns > LIFE_NS and row.seen_ns > 0:
                            aircraft[at] = blank[0]
                            row.key = head & 0xFFFFFF
                        row.seen_ns = t
                        row.clean_ns = t
                    else:
                        at = find(head & 0xFFFFFF, aircraft, slots)
                        if at < 0 or t - aircraft[at].clean_ns > LIFE_NS:
                            reason = _UNKNOWN_ADDRESS
                        else:
                            aircraft[at].seen_ns = t
                else:
                    at = find(rest, aircraft, slots)
                    if at < 0 or t - aircraft[at].clean_ns > LIFE_NS:
                        reason = _UNKNOWN_ADDRESS
                    else:
                        row = aircraft[at]
                        row.seen_ns = t
                        if downlink <= 21:
                            take_reply(row, t, downlink, head, tables)
                        if downlink in (20, 21) and items.octets[i, 4] == 0x20:
                            name = 0
                            for k in range(5, 11):
                                name = name << 8 | whole(items.octets[i, k])
                            legal = name != 0
                            for k in range(8):
                                legal = legal and tables.characters[(name >> (6 * k)) & 63] != 63
                            if legal:
                                take_callsign(row, t, name, tables)
                        elif downlink in (20, 21):
                            reply = 0
                            for k in range(4, 11):
                                reply = reply << 8 | whole(items.octets[i, k])
                            known = row.press_alt_m if t - row.press_ns <= FRESH_NS else math.nan
                            register, _ = infer(
                                reply, known, tables.commb_places, tables.commb_steps, tables.commb_masks,
                                tables.commb_prior, values, scratch,
                            )  # fmt: skip
                            if 0 < register < 0x10:
                                take_comm_b(row, t, register, values)
                if reason == 0:
                    counts[downlink] += 1
        elif kind == KIND_MODE_AC:
            counts[COUNT_MODE_AC] += 1
        elif kind == KIND_STATUS:
            counts[COUNT_STATUS] += 1
            # Bit 5 of the settings octet: time stamps come from the GPS clock.
            state[GPS_TOLD] = 1 if items.octets[i, 0] & 0x10 else -1
            service = services[n_services]
            service.toa_ns = rx - link[DELAY_NS]
            service.rx_ns = rx
            service.sensor_id = link[SENSOR]
            service.kind = 8
            service.frame_no = frame_no[f]
            n_services += 1
        if reason != 0:
            reject = rejects[n_rejects]
            reject.rx_ns = rx
            reject.frame_no = frame_no[f]
            reject.link = link[LINK]
            reject.sensor_id = link[SENSOR]
            reject.reason = reason
            reject.item = 0
            reject.offset = base + items.start[i] - frame_start[f]
            reject.length = items.end[i] - items.start[i]
            n_rejects += 1
        i += 1
    frame_at[0] = f
    return i, n_plots, n_services, n_rejects
