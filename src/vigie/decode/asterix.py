"""The kernel of the room: frames of ASTERIX octets in, PLOT, SERVICE and REJECT rows out.

It walks frames, blocks and records, finds the sensor, lets ``wire.asterix.machine`` take the record apart, and turns
the slots into columns. It stops at a frame for which the output may be too small; the caller makes room and goes on.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.decode.expansion import fill_expansion
from vigie.decode.lookup import (
    F8,
    I4,
    I8,
    L_LAST,
    L_LEARNED,
    L_RUN,
    L_TRAILER,
    N_BYTES,
    N_FRAMES,
    N_PLOTS,
    N_REJECTS,
    N_SERVICES,
    N_TAILS,
    NEXT,
    R_REFUSE_SIMULATED,
    S_DELAY_NS,
    S_ID,
    S_SIMULATED,
    U1,
    U2,
    U4,
    U8,
    Whole,
    find_sensor,
    unroll,
)  # fmt: skip
from vigie.decode.target import fill_plot
from vigie.terms.kernel import lean
from vigie.terms.ledger import REASON
from vigie.terms.tables import (
    FLAG_COASTED,
    FLAG_EMERGENCY,
    FLAG_SIMULATED,
    FLAG_TIME_ASSUMED,
    PLOT,
    PLOT_KIND,
    STATUS_SIMULATED,
)
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix import slots as s
from vigie.wire.asterix.machine import AT, AT_ITEM, EXPANSION, MEANING, REASON_, expand, run
from vigie.wire.asterix.program import CLASS, COV_ROOT, DEFAULT_KIND, ROOT, ROOT2, TOD_ITEM
from vigie.wire.asterix.shapes import find, learn, take

Records = Any

PLOT_ROW: Final = np.dtype([(n, "<u8") if n == "callsign" else (n, PLOT.dtype[n]) for n in PLOT.dtype.names or ()])
"""A PLOT row with its call sign as one number: eight characters written at once."""

TOD_LIMIT: Final = 86_400 * 128
TOD_STEP_NS: Final = 7_812_500  # 1/128 s
SHORT_CYCLE_NS: Final = 512_000_000_000  # truncated time of day (I001/141) repeats after 512 s
LONGEST_TRAILER: Final = 64
TAILS_TO_LEARN: Final = 2  # tails of one size in a row that are still rejected before the link is known to add them

# A whole number below 2**51 added to these bits is the float 1.5 * 2**52 plus that number: four conversions in two
# instructions, where processors without AVX-512 have none for many numbers at a time.
_EXACT: Final = 0x4338 << 48
_EXACT_AS_FLOAT: Final = 1.5 * 2.0**52

BEARING: Final = PLOT_KIND["bearing"]
BLOCK_TRUNCATED: Final = REASON["block_truncated"]
BAD_LENGTH: Final = REASON["bad_length"]
TRAILING: Final = REASON["trailing_bytes"]
UNKNOWN_CATEGORY: Final = REASON["unknown_category"]
UNKNOWN_EDITION: Final = REASON["unknown_edition"]
UNKNOWN_SENSOR: Final = REASON["unknown_sensor"]
ILLEGAL_TIME: Final = REASON["illegal_time"]
NO_SOURCE: Final = REASON["no_source"]
SIMULATED_REFUSED: Final = REASON["simulated_refused"]
SOURCE_REFUSED: Final = REASON["source_refused"]


@lean
def _reject(
    rows: Records, spots: I8, counters: I8, rx_ns: Whole, seq: Whole, link: Whole, sensor: Whole, category: Whole,
    reason: Whole, record: Whole, item: Whole, offset: Whole, length: Whole, block: Whole, size: Whole,
) -> None:  # fmt: skip
    row = rows[counters[N_REJECTS]]
    spots[counters[N_REJECTS], 0] = block
    spots[counters[N_REJECTS], 1] = size
    row.rx_ns = rx_ns
    row.frame_no = seq
    row.link = link
    row.sensor_id = sensor
    row.category = category
    row.reason = reason
    row.record_no = min(record, 65535)
    row.item = item
    row.offset = offset
    row.length = length
    row.edition_suspect = 0
    counters[N_REJECTS] += 1


@lean
def frames_to_rows(
    data: U1, rx: I8, seqs: I8, links: U2, offsets: I8, lengths: I4, addresses: U4, first: Whole,
    nodes: I4, allowed: U8, children: I4, parts: U1, fields: I8, octets: I4, meanings: U4, registers: I8,
    register_rows: I4, keys: I8, states: I4, steps: I4, copies: I8, marks: I4, used: I8, scratch: I8,
    programs: I4, scales: F8, default_program: I4, family_of: U1,
    sensors: I8, places: F8, program_of: I4, heads: I4, chain: I4, allow: U4, link_table: I4, rules: I8,
    turns: F8, accuracy: F8, alphabet: U1,
    raw: I8, stack: U8, out: I8, scaled: F8, scaled_bits: I8, more: I8, seen: U1, by_category: I8,
    plots: Records, services: Records, rejects: Records, spots: I8, counters: I8,
) -> None:  # fmt: skip
    """Decode frames from ``first`` on; ``counters[NEXT]`` says with which frame to go on when room has been made.

    Rows are written at the counters' places and counted there; ``spots`` (rejects, 2) gets where in ``data`` the block
    of a reject begins and its size, 0 where no edition can be to blame. Everything a later frame needs to know
    (sensors discovered, trailers learned) stays in the tables given. ``scaled_bits`` is ``scaled`` as whole
    numbers.
    """
    for k in range(first, rx.size):
        begin = offsets[k]
        finish = begin + lengths[k]
        room = lengths[k] // 2 + 2
        if (
            counters[N_PLOTS] + room > plots.size
            or counters[N_SERVICES] + room > services.size
            or counters[N_REJECTS] + room > rejects.size
        ):
            counters[NEXT] = k
            return
        rx_ns = rx[k]
        seq = seqs[k]
        link = np.int64(links[k])
        address = np.int64(addresses[k])
        counters[N_FRAMES] += 1
        counters[N_BYTES] += lengths[k]
        limit = finish - link_table[link, L_TRAILER]
        if limit < finish:
            counters[N_TAILS] += 1
        pos = begin
        blocks = 0
        tail = np.int64(0)
        while pos < limit:
            left = limit - pos
            size = np.int64(data[pos + 1]) << 8 | np.int64(data[pos + 2]) if left >= 3 else np.int64(0)
            category = np.int64(data[pos])
            if size < 3 or size > left:
                if blocks > 0 and left <= LONGEST_TRAILER:
                    tail = left
                    if left == link_table[link, L_LEARNED]:
                        counters[N_TAILS] += 1
                        break
                    run_ = link_table[link, L_RUN] + 1 if link_table[link, L_LAST] == left else 1
                    link_table[link, L_RUN] = run_
                    if run_ > TAILS_TO_LEARN:
                        link_table[link, L_LEARNED] = left
                        counters[N_TAILS] += 1
                        break
                why = BAD_LENGTH if blocks == 0 else TRAILING
                if size > left and (blocks == 0 or default_program[category] != -1):
                    why = BLOCK_TRUNCATED
                _reject(rejects, spots, counters, rx_ns, seq, link, 0, category, why, 0, 0, pos - begin, left, pos, 0)
                break
            blocks += 1
            stop = pos + size
            program = default_program[category]
            if program == -1 or size == 3:
                why = UNKNOWN_CATEGORY if program == -1 else BAD_LENGTH
                # The category is unknown, its sender need not be: nearly every category begins with SAC and SIC.
                _reject(rejects, spots, counters, rx_ns, seq, link, 0, category, why, 0, 0, pos - begin, size, pos, 0)
                pos = stop
                continue
            family = np.int64(family_of[category])
            p = pos + 3
            record = 0
            sender: Any = np.int64(0)
            while p < stop:
                source = np.int64(-1)
                q = p
                while q < stop and data[q] & 1:
                    q += 1
                if data[p] & 128 and q + 2 < stop:
                    source = np.int64(data[q + 1]) << 8 | np.int64(data[q + 2])
                sensor = find_sensor(family, source, link, address, heads, chain, sensors, allow, rules, counters)
                program = default_program[category]
                if sensor >= 0 and program_of[sensor, category] != -1:
                    program = program_of[sensor, category]
                known = sensors[sensor, S_ID] if sensor >= 0 else sensors[-2 - sensor, S_ID] if sensor < -1 else 0
                if record == 0:
                    sender = known
                if program < 0:
                    _reject(rejects, spots, counters, rx_ns, seq, link, known, category, UNKNOWN_EDITION, record, 0,
                            p - begin, stop - p, pos, size)  # fmt: skip
                    break
                root = programs[program, ROOT]
                if programs[program, ROOT2] != root and data[p] & 64:
                    # Category 001: the type bit of I001/020 chooses the profile of plots or of tracks.
                    at = q + 1 + (2 if data[p] & 128 else 0)
                    if at < stop and data[at] & 128:
                        root = programs[program, ROOT2]
                state = find(data, p, stop, root, keys, states, steps)
                if state > 0:
                    after = take(data, p, state, states, copies, marks, meanings, registers, register_rows, raw, out)
                else:
                    after = run(data, p, stop, root, nodes, allowed, children, parts, fields, octets, meanings,
                                registers, register_rows, raw, stack, out)  # fmt: skip
                    if out[REASON_] == 0:
                        learn(data, p, after, root, nodes, parts, fields, octets, keys, states, steps, copies, marks,
                              used, scratch, out)  # fmt: skip
                if out[REASON_] != 0:
                    if sender > 0:  # who began the block wrote it all; where one record fails, its source may be noise
                        known = sender
                    _reject(rejects, spots, counters, rx_ns, seq, link, known, category, out[REASON_], record,
                            out[AT_ITEM], out[AT] - begin, stop - p, pos, size)  # fmt: skip
                    break
                meaning = out[MEANING]
                added = np.int64(-1)
                if out[EXPANSION] != 0:
                    added = expand(data, nodes, allowed, children, parts, fields, octets, meanings, registers,
                                   register_rows, raw, more, stack, out)  # fmt: skip
                    meaning |= max(added, 0)
                why = 0
                item = 0
                if sensor < 0:
                    why = NO_SOURCE if source < 0 else SOURCE_REFUSED if sensor < -1 else UNKNOWN_SENSOR
                    item = 10
                elif max(raw[s.TOD], raw[s.TOD2], raw[s.TOD3], raw[s.TOD4]) >= TOD_LIMIT:
                    why = ILLEGAL_TIME
                    item = programs[program, TOD_ITEM]
                elif rules[R_REFUSE_SIMULATED] != 0 and (sensors[sensor, S_SIMULATED] != 0 or meaning & 1):
                    why = SIMULATED_REFUSED
                is_service = meaning & s.SERVICE_BIT != 0
                if meaning & (s.SERVICE_BIT | s.PLOT_BIT) == 0:
                    is_service = programs[program, CLASS] == s.SERVICE_BIT >> s.KIND_SHIFT
                if why == SIMULATED_REFUSED and is_service and sensors[sensor, S_SIMULATED] == 0:
                    why = 0
                if why != 0:
                    _reject(rejects, spots, counters, rx_ns, seq, link, known, category, why, record, item, p - begin,
                            after - p, pos, 0)  # fmt: skip
                    record += 1
                    p = after
                    continue
                seen[sensor, category] = 1
                by_category[category] += 1
                tod = raw[s.TOD]
                if tod < 0:
                    tod = raw[s.TOD2] if raw[s.TOD2] >= 0 else raw[s.TOD3] if raw[s.TOD3] >= 0 else raw[s.TOD4]
                flags = meaning & 0xFFFFFF
                if tod >= 0:
                    toa = unroll(tod * TOD_STEP_NS, rx_ns)
                elif raw[s.TOD_SHORT] >= 0:
                    toa = rx_ns - (rx_ns % DAY_NS - raw[s.TOD_SHORT] * TOD_STEP_NS) % SHORT_CYCLE_NS
                    if rx_ns - toa > SHORT_CYCLE_NS // 2:
                        toa += SHORT_CYCLE_NS
                elif is_service:
                    toa = rx_ns
                else:
                    toa = rx_ns - sensors[sensor, S_DELAY_NS]
                    flags |= FLAG_TIME_ASSUMED
                kind = meaning >> s.KIND_SHIFT & s.KIND_MASK
                if is_service:
                    row = services[counters[N_SERVICES]]
                    row.toa_ns = toa
                    row.rx_ns = rx_ns
                    row.sensor_id = known
                    row.kind = kind
                    row.category = category
                    sector, period = raw[s.SECTOR], raw[s.PERIOD]
                    row.azimuth_rad = sector * scales[program, s.SECTOR] if sector != s.NOTHING else np.nan
                    row.period_s = period * scales[program, s.PERIOD] if period != s.NOTHING else np.nan
                    row.status = flags | (STATUS_SIMULATED if sensors[sensor, S_SIMULATED] != 0 else 0)
                    row.frame_no = seq
                    counters[N_SERVICES] += 1
                else:
                    if sensors[sensor, S_SIMULATED] != 0:
                        flags |= FLAG_SIMULATED
                    code = raw[s.MODE3A]
                    if code in (0o7500, 0o7600, 0o7700):
                        flags |= FLAG_EMERGENCY
                    if kind == 0 and meaning & s.PLOT_BIT == 0:
                        kind = np.int64(programs[program, DEFAULT_KIND])
                    target = plots[counters[N_PLOTS]]
                    target.toa_ns = toa
                    target.rx_ns = rx_ns
                    target.sensor_id = known
                    target.kind = kind
                    target.flags = flags
                    target.frame_no = seq
                    for i in range(s.SLOTS):
                        scaled_bits[i] = raw[i] + _EXACT
                    for i in range(s.SLOTS):
                        value = (scaled[i] - _EXACT_AS_FLOAT) * scales[program, i]
                        scaled[i] = value if raw[i] != s.NOTHING else np.nan
                    if kind == 0 and flags & FLAG_COASTED:  # extrapolated by the sender: nothing was measured
                        scaled[s.RHO] = np.nan
                        scaled[s.THETA] = np.nan
                    fill_plot(target, raw, scaled, places[sensor], turns, accuracy, alphabet,
                               programs[program, COV_ROOT], counters)  # fmt: skip
                    if added >= 0:
                        fill_expansion(target, raw, more, scales[program])
                    if kind == BEARING:  # the position in such a record is where the bearing begins
                        target.lat_deg = np.nan
                        target.lon_deg = np.nan
                    counters[N_PLOTS] += 1
                record += 1
                p = after
            pos = stop
        link_table[link, L_LAST] = tail
        if tail == 0:
            link_table[link, L_RUN] = 0
    counters[NEXT] = rx.size


__all__ = ["frames_to_rows"]
