"""What one message says of an aircraft, put into its row: velocity, identity, status, altitude, code.

``me`` is the 56-bit message field of an extended squitter as one whole number; bit b of the documents (1 to 56) is
``(me >> (56 - b)) & 1``. Sources: DO-260B 2.2.3.2; ICAO Annex 10 vol. IV 3.1.2.
"""

from __future__ import annotations

import math
from typing import Any, Final

from vigie.terms.kernel import flat, lean
from vigie.terms.units import M_PER_FT, MPS_PER_FPM, MPS_PER_KT, NS_PER_S, RAD_PER_DEG
from vigie.wire.modes.commb import AIR_STATE, SELECTED, SPEED, TURN
from vigie.wire.modes.tables import PLACEHOLDER, whole

_BLANK: Final = 32
FRESH_NS: Final = 5 * NS_PER_S


@flat
def take_callsign(row: Any, t_ns: int, field: int, tables: Any) -> int:
    """Put a 48-bit identification into ``row`` as text, first character lowest; return 1 if it holds illegal codes.

    Trailing blanks are left out, an illegal code becomes the placeholder.
    """
    text = 0
    illegal = 0
    shift = 56
    ended = False
    for k in range(8):  # from the last character to the first
        character = whole(tables.characters[(field >> (6 * k)) & 63])
        if character == PLACEHOLDER:
            illegal = 1
        if character != _BLANK or ended:
            ended = True
            text |= character << shift
        shift -= 8
    row.callsign = text
    row.ident_ns = t_ns
    return illegal


@flat
def take_altitude(row: Any, t_ns: int, field: int, tables: Any) -> float:
    """Put a 13-bit altitude into ``row`` where it says one; return it (m), NaN where it says none."""
    alt = float(tables.altitude_m[field])
    if not math.isnan(alt):
        row.press_alt_m = alt
        row.press_ns = t_ns
    return alt


@flat
def take_squawk(row: Any, t_ns: int, field: int, tables: Any) -> None:
    """Put a 13-bit identity field into ``row``."""
    row.squawk = tables.identity[field]
    row.squawk_ns = t_ns


@flat
def take_velocity(row: Any, t_ns: int, me: int) -> None:
    """Put a velocity message (TC19, subtypes 1 to 4) into ``row``; what is not available stays as it was."""
    subtype = (me >> 48) & 7
    if subtype < 1 or subtype > 4:
        return
    step = MPS_PER_KT * (4.0 if subtype in (2, 4) else 1.0)
    row.nac_v = (me >> 43) & 7
    row.nac_v_ns = t_ns
    east = (me >> 32) & 1023
    north = (me >> 21) & 1023
    rate = (me >> 10) & 511
    climb = math.nan
    if rate > 0:
        climb = (rate - 1) * 64.0 * MPS_PER_FPM
        if (me >> 19) & 1:
            climb = -climb
    if subtype <= 2:
        if east > 0 and north > 0:
            row.v_east = (east - 1) * step * (-1.0 if (me >> 42) & 1 else 1.0)
            row.v_north = (north - 1) * step * (-1.0 if (me >> 31) & 1 else 1.0)
            row.climb = climb
            row.velocity_ns = t_ns
    else:
        row.heading = east * (2.0 * math.pi / 1024.0) if (me >> 42) & 1 else math.nan
        row.ias = (north - 1) * step if north > 0 and not (me >> 31) & 1 else math.nan
        row.air_ns = t_ns
        if not math.isnan(climb):
            row.climb = climb
            if t_ns - row.velocity_ns > 5_000_000_000:  # no ground velocity to go with it
                row.v_east = math.nan
                row.v_north = math.nan
            row.velocity_ns = t_ns
    size = me & 127
    if size > 0:
        row.offset_m = (size - 1) * 25.0 * M_PER_FT * (-1.0 if (me >> 7) & 1 else 1.0)
        row.offset_ns = t_ns


@lean
def take_movement(row: Any, t_ns: int, me: int, tables: Any) -> None:
    """Put speed and track of a surface position (TC5 to 8) into ``row``."""
    speed = tables.movement_mps[(me >> 44) & 127]
    if not math.isnan(speed) and ((me >> 43) & 1 or speed == 0.0):
        track = ((me >> 36) & 127) * (2.0 * math.pi / 128.0)
        row.v_east = speed * math.sin(track)
        row.v_north = speed * math.cos(track)
        row.climb = math.nan
        row.velocity_ns = t_ns


@lean
def take_status(row: Any, t_ns: int, me: int, tables: Any) -> None:
    """Put aircraft status (TC28), target state (TC29) or operational status (TC31) into ``row``."""
    type_code = me >> 51
    if type_code == 28:
        if (me >> 48) & 7 == 1:
            row.emergency = (me >> 45) & 7
            row.emergency_ns = t_ns
            field = (me >> 32) & 0x1FFF
            if field:
                take_squawk(row, t_ns, field, tables)
    elif type_code == 29:
        subtype = (me >> 49) & 3
        if subtype == 1:
            level = (me >> 36) & 2047
            row.selected_m = (level - 1) * 32.0 * M_PER_FT if level > 0 else math.nan
        elif subtype == 0:
            # Version 1: 100 ft steps from -1,000 ft where vertical data are available.
            level = (me >> 31) & 1023
            row.selected_m = (level * 100.0 - 1000.0) * M_PER_FT if (me >> 47) & 3 else math.nan
        if subtype <= 1:
            row.selected_ns = t_ns
            row.nac_p = (me >> 13) & 15
            row.sil = (me >> 10) & 3
            row.status_ns = t_ns
    elif type_code == 31 and (me >> 48) & 7 <= 1:
        row.version = (me >> 13) & 7
        row.status_ns = t_ns
        if row.version >= 1:
            row.nic_a = (me >> 12) & 1
            row.nac_p = (me >> 8) & 15
            row.sil = (me >> 4) & 3
            if (me >> 48) & 7 == 1:  # on the surface
                row.nic_c = (me >> 36) & 1
                if row.version >= 2:
                    row.nac_v = (me >> 37) & 7
                    row.nac_v_ns = t_ns


@lean
def take_comm_b(row: Any, t_ns: int, register: int, values: Any) -> None:
    """Put what a Comm-B register says (numbers as ``wire.modes.commb.infer`` gives them) into ``row``.

    Speed and track over ground of 5,0 count only where no squitter has said them within five seconds: its steps are
    finer.
    """
    if register == TURN + 1:
        if t_ns - row.velocity_ns > FRESH_NS and not math.isnan(values[1]) and not math.isnan(values[2]):
            speed = values[2] * MPS_PER_KT
            row.v_east = speed * math.sin(values[1] * RAD_PER_DEG)
            row.v_north = speed * math.cos(values[1] * RAD_PER_DEG)
            row.climb = math.nan
            row.velocity_ns = t_ns
    elif register == SELECTED + 1:
        level = values[0] if not math.isnan(values[0]) else values[1]
        if not math.isnan(level):
            row.selected_m = level * M_PER_FT
            row.selected_ns = t_ns
    elif register in (SPEED + 1, AIR_STATE + 1):
        if not math.isnan(values[0]) or not math.isnan(values[1]):
            heading = values[0] * RAD_PER_DEG
            row.heading = heading if not heading < 0.0 else heading + 2.0 * math.pi
            row.ias = values[1] * MPS_PER_KT
            row.air_ns = t_ns
        rate = values[4] if not math.isnan(values[4]) or register == AIR_STATE + 1 else values[3]
        if t_ns - row.velocity_ns <= FRESH_NS and math.isnan(row.climb) and not math.isnan(rate):
            row.climb = rate * MPS_PER_FPM


@flat
def take_reply(row: Any, t_ns: int, downlink: int, field: int, tables: Any) -> None:
    """Put the altitude or identity of a DF0, 4, 5, 16, 20 or 21 (its first 32 bits) into ``row``."""
    code = field & 0x1FFF
    if downlink in (5, 21):
        take_squawk(row, t_ns, code, tables)
    else:
        take_altitude(row, t_ns, code, tables)
    if downlink not in (0, 16):
        status = (field >> 24) & 7
        if status in (4, 5):
            row.spi_ns = t_ns
