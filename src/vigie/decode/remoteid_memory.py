"""What is remembered of drones: which transmitter is which drone, and all that it has said of itself.

Drones are told apart by transmitter address and identity: one transmitter that claims several identities of one type is
several drones, and each of their rows says so (``identities``). Memory is bounded: the older half makes room.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.terms.kernel import kernel
from vigie.terms.tables import REMOTE_ID
from vigie.wire.remoteid.layout import (
    AUTHENTICATION,
    BASIC_ID,
    DJI_FLIGHT,
    F8,
    I8,
    LOCATION,
    M_CARRIER,
    M_FRAME,
    M_REASON,
    M_SENDER,
    M_SIGNAL,
    M_TYPE,
    NETWORK,
    NO_SIGNAL,
    OPERATOR_ID,
    PACK,
    SELF_ID,
    SYSTEM,
    Octets,
    i64,
)

DRONES: Final = 16_384
"""Drones remembered at a time, by one receiver."""
_HEADS: Final = 32_768
TEXT: Final = 24
ID_TYPES: Final = 5

REMOTE_RAW: Final = np.dtype(
    [
        (c.name, "u1", (TEXT,)) if c.type == "text24" else (c.name, REMOTE_ID.dtype[c.name])
        for c in REMOTE_ID.columns
    ]
)  # fmt: skip
"""A REMOTE_ID row whose texts are octets, as kernels write them."""

# Columns of the values of a message (float64[n, VALUES]).
V_LAT, V_LON, V_ALT, V_PLACE, V_COUNT, V_RADIUS, V_CATEGORY, V_CLASS, V_HEIGHT, V_HOME_LAT, V_HOME_LON = range(11)
VALUES: Final = 11

Records = Any


class DroneMemory:
    """The drones of one receiver: arrays that ``remember`` works on."""

    def __init__(self) -> None:
        self.counts: I8 = np.zeros(2, np.int64)  # drones in use, numbers given out
        self._clear()

    def _clear(self) -> None:
        self.drones: Records = REMOTE_ID.empty(DRONES).view(REMOTE_RAW)
        self.ids: Octets = np.zeros((DRONES, ID_TYPES, TEXT), np.uint8)
        self.chain: I8 = np.full(DRONES, -1, np.int64)
        self.heads: I8 = np.full(_HEADS, -1, np.int64)

    def make_room(self) -> None:
        """Forget the half of the drones that was heard longest ago, where little room is left."""
        used = int(self.counts[0])
        if used < DRONES // 2:
            return
        newest = np.argsort(self.drones["rx_ns"][:used], kind="stable")[used // 2 :]
        keep = np.sort(newest)
        drones, ids = self.drones[keep].copy(), self.ids[keep].copy()
        self._clear()
        self.drones[: len(keep)], self.ids[: len(keep)] = drones, ids
        self.counts[0] = len(keep)
        rehash(self.drones, self.chain, self.heads, len(keep))


@kernel
def _head(sender: int) -> int:
    return (sender * 2654435761 ^ sender >> 17) & (_HEADS - 1)


@kernel
def rehash(drones: Records, chain: I8, heads: I8, n: int) -> None:
    """Hang every drone under its transmitter, the newest first."""
    for k in range(n):
        head = _head(i64(drones[k]["sender"]))
        chain[k] = heads[head]
        heads[head] = k


@kernel
def _find(sender: int, id_type: int, name: Octets, drones: Records, ids: Octets, chain: I8, heads: I8) -> int:
    """Return the drone of this transmitter with this identity; with an empty name its newest; -1 none."""
    k = heads[_head(sender)]
    while k >= 0:
        if i64(drones[k]["sender"]) == sender:
            same = True
            for j in range(TEXT):
                if name[0] != 0 and ids[k, id_type, j] != name[j]:
                    same = False
            if same:
                return i64(k)
        k = chain[k]
    return i64(-1)


@kernel
def _new(sender: int, drones: Records, chain: I8, heads: I8, counts: I8, blank: Records) -> int:
    k = i64(counts[0])
    counts[0] += 1
    counts[1] += 1
    drones[k] = blank[0]
    drones[k]["source_track_no"] = counts[1]
    drones[k]["sender"] = sender
    head = _head(sender)
    chain[k] = heads[head]
    heads[head] = k
    return k


@kernel
def _to_front(k: int, sender: int, chain: I8, heads: I8) -> None:
    """Make drone ``k`` the newest of its transmitter."""
    head = _head(sender)
    at = heads[head]
    if at == k:
        return
    while chain[at] != k:
        at = chain[at]
    chain[at] = chain[k]
    chain[k] = heads[head]
    heads[head] = k


@kernel
def _identify(
    sender: int, current: int, id_type: int, name: Octets, drones: Records, ids: Octets, chain: I8, heads: I8,
    counts: I8, blank: Records,
) -> int:  # fmt: skip
    """Return the drone that an identity belongs to: the current one where it has no other of the type."""
    k = current
    if k >= 0:
        free = True
        for j in range(TEXT):
            if ids[k, id_type, 0] != 0 and ids[k, id_type, j] != name[j]:
                free = False
        if not free:
            k = i64(-1)
    if k < 0:
        k = _find(sender, id_type, name, drones, ids, chain, heads)
    if k < 0:
        others = i64(0)
        k = heads[_head(sender)]
        while k >= 0:
            if i64(drones[k]["sender"]) == sender:
                others += 1
                drones[k]["identities"] += 1
            k = chain[k]
        k = _new(sender, drones, chain, heads, counts, blank)
        ids[k, :, :] = 0
        drones[k]["identities"] = others + 1
    else:
        _to_front(k, sender, chain, heads)
    if drones[k]["identities"] == 0:
        drones[k]["identities"] = 1
    best = i64(drones[k]["id_type"])
    if best == 0 or id_type <= best:  # a serial number tells more than a session
        drones[k]["id_type"] = id_type
        for j in range(TEXT):
            drones[k]["uas_id"][j] = name[j]
    for j in range(TEXT):
        ids[k, id_type, j] = name[j]
    return k


@kernel
def remember(
    rows: I8, first: int, last: int, codes: I8, texts: Octets, values: F8, rx_ns: I8, frame_no: I8, addresses: I8,
    sensor_id: int, drones: Records, ids: Octets, chain: I8, heads: I8, counts: I8, blank: Records,
    numbers: I8, names: Octets, out: Records,
) -> int:  # fmt: skip
    """Bring the memory up to date with messages ``first`` to ``last`` (whole frames); return REMOTE_ID rows filled.

    ``rows`` as ``air.find`` fills them; ``codes`` int64[n, 2] (type of identity or authentication, type of aircraft),
    ``texts`` uint8[n, 24], ``values`` float64[n, VALUES]; the next three by frame. ``numbers`` int64[n] and ``names``
    uint8[n, 8] get the drone's number and the end of its identity. ``out`` has room for a row of each message.
    """
    filled = i64(0)
    i = first
    while i < last:
        stop = i
        frame = rows[i, M_FRAME]
        while stop < last and rows[stop, M_FRAME] == frame:
            stop += 1
        sender = rows[i, M_SENDER]
        network = rows[i, M_CARRIER] == NETWORK
        if network:
            sender = 1 << 48 | addresses[frame]
        current = i64(-1)
        if not network:
            current = _find(sender, 0, blank[0]["uas_id"], drones, ids, chain, heads)
        told = False
        # Who is it? An identity may stand behind the position in a pack.
        for j in range(i, stop):
            kind = rows[j, M_TYPE]
            if rows[j, M_REASON] == 0 and kind in (BASIC_ID, DJI_FLIGHT) and texts[j, 0] != 0 and codes[j, 0] > 0:
                current = _identify(
                    sender, current, codes[j, 0], texts[j], drones, ids, chain, heads, counts, blank
                )  # fmt: skip
        for j in range(i, stop):
            kind = rows[j, M_TYPE]
            numbers[j] = 0
            if rows[j, M_REASON] != 0 or kind == PACK:
                continue
            if current < 0:
                current = _find(sender, 0, blank[0]["uas_id"], drones, ids, chain, heads)
            if current < 0:
                current = _new(sender, drones, chain, heads, counts, blank)
                ids[current, :, :] = 0
            d = drones[current]
            numbers[j] = d["source_track_no"]
            d["carrier"] = rows[j, M_CARRIER]
            d["signal_dbm"] = rows[j, M_SIGNAL] if rows[j, M_SIGNAL] != NO_SIGNAL else np.nan
            if kind != LOCATION:
                told = True
            if kind in (BASIC_ID, DJI_FLIGHT) and codes[j, 1] > 0:
                d["ua_type"] = codes[j, 1]
            if kind in (LOCATION, DJI_FLIGHT):
                d["height_m"] = values[j, V_HEIGHT]
            if kind in (SYSTEM, DJI_FLIGHT):
                d["operator_lat_deg"] = values[j, V_LAT]
                d["operator_lon_deg"] = values[j, V_LON]
                d["operator_geo_alt_m"] = values[j, V_ALT]
            if kind == SYSTEM:
                d["operator_place"] = i64(values[j, V_PLACE])
                d["area_count"] = i64(values[j, V_COUNT])
                d["area_radius_m"] = values[j, V_RADIUS]
                d["eu_category"] = i64(values[j, V_CATEGORY])
                d["eu_class"] = i64(values[j, V_CLASS])
            if kind == DJI_FLIGHT:
                d["home_lat_deg"] = values[j, V_HOME_LAT]
                d["home_lon_deg"] = values[j, V_HOME_LON]
            if kind == AUTHENTICATION:
                d["auth_type"] = codes[j, 0]
            for k in range(TEXT):
                if kind == SELF_ID:
                    d["self_id"][k] = texts[j, k]
                elif kind == OPERATOR_ID:
                    d["operator_id"][k] = texts[j, k]
            size = 0
            while size < TEXT and d["uas_id"][size] != 0:
                size += 1
            begin = max(0, size - 8)
            for k in range(8):
                names[j, k] = d["uas_id"][begin + k] if begin + k < size else 0
        if current >= 0:
            d = drones[current]
            d["rx_ns"] = rx_ns[frame]
            d["frame_no"] = frame_no[frame]
            d["sensor_id"] = sensor_id
            if told:
                out[filled] = d
                filled += 1
        i = stop
    return filled
