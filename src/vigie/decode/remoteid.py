"""Frames of Remote ID receivers to plots of kind 7, and to what drones say of themselves (table REMOTE_ID).

``wire.remoteid`` finds the messages and their fields; here they become rows, with the drone that each belongs to.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.decode.remoteid_memory import (
    DRONES,
    REMOTE_RAW,
    TEXT,
    V_ALT,
    V_CATEGORY,
    V_CLASS,
    V_COUNT,
    V_HEIGHT,
    V_HOME_LAT,
    V_HOME_LON,
    V_LAT,
    V_LON,
    V_PLACE,
    V_RADIUS,
    VALUES,
    DroneMemory,
    remember,
)
from vigie.decode.tables import RAYLEIGH_95
from vigie.sensors.site import Sensor, Site, sensor_defaults
from vigie.terms.batch import FORMAT_REMOTEID, Frames
from vigie.terms.ledger import REASON, Ledger
from vigie.terms.rows import chosen, joined
from vigie.terms.tables import (
    FLAG_EMERGENCY,
    FLAG_ON_GROUND,
    FLAG_SIMULATED,
    FLAG_TIME_ASSUMED,
    PLOT,
    PLOT_KIND,
    REJECT,
    REMOTE_ID,
    Rows,
)
from vigie.terms.units import NS_PER_S
from vigie.wire.remoteid import dji, fields
from vigie.wire.remoteid.air import messages_of
from vigie.wire.remoteid.layout import (
    AUTHENTICATION,
    BASIC_ID,
    DJI_FLIGHT,
    F8,
    I8,
    LOCATION,
    M_FRAME,
    M_LENGTH,
    M_OFFSET,
    M_REASON,
    M_TYPE,
    OPERATOR_ID,
    SELF_ID,
    STATUS_EMERGENCY,
    STATUS_GROUND,
    SYSTEM,
    TYPE_NAMES,
    Octets,
)

STALE_NS: Final = 5 * NS_PER_S
"""A position that says it is older or newer than this is dated by its reception (flag 64): drones' clocks are often not
set, and ASTM F3411-22a wants a position on the air within a second."""

_BAD_VALUE: Final = REASON["bad_value"]
_BAD_LENGTH: Final = REASON["bad_length"]


class RemoteIdDecoder:
    """Decodes the Remote ID frames of a batch; others are left alone.

    The ledger: a record is one message; frames without Remote ID are filtered (``no_remote_id``, or ``bad_crc`` where a
    damaged frame does not tell). ``by_category`` names RID0 (basic ID) to RID5 (operator ID), RID15 (a pack without a
    message), and RID16 and RID17 for DJI's telemetry and information. Each location message with a position is a plot.
    ``source_track_no`` is the drone's number at this receiver, ``callsign`` the last eight characters of its identity.
    """

    def __init__(self, site: Site | None, *, ledger: Ledger, discover: bool = False, first_id: int = 1) -> None:
        self.ledger = ledger
        self._site = site
        self._discover = discover
        self._next_id = first_id
        self._memory: dict[int, tuple[int, int, int, DroneMemory] | None] = {}
        self._blank = REMOTE_ID.empty(1).view(REMOTE_RAW)

    def step(self, frames: Frames) -> tuple[Rows, Rows, Rows]:
        """Return the plots, what drones say of themselves, and the rejects of one batch, in the order of the frames."""
        rows = chosen(frames.rows, frames.rows["format"] == FORMAT_REMOTEID)
        if not len(rows):
            return PLOT.empty(), REMOTE_ID.empty(), REJECT.empty()
        self.ledger.frames += len(rows)
        self.ledger.bytes += int(rows["length"].sum(dtype=np.int64))
        parts = [
            self._link(int(link), chosen(rows, rows["link"] == link), frames.data)
            for link in np.unique(rows["link"]).tolist()
        ]
        plots, said, rejects = (joined(pieces) for pieces in zip(*parts, strict=True))
        self.ledger.count_rejects(rejects["reason"].tolist())
        if len(parts) > 1:
            plots, said, rejects = (chosen(r, np.argsort(r["frame_no"], kind="stable")) for r in (plots, said, rejects))
        return plots, said, rejects

    def _memory_of(self, link: int) -> tuple[int, int, int, DroneMemory] | None:
        """Return (sensor id, flags, delay in ns, drones) of a link, None where no sensor listens on it."""
        if link not in self._memory:
            sensor = self._sensor_of(link)
            if sensor is not None and not self._refuses(sensor):
                flags = FLAG_SIMULATED if sensor.simulated else 0
                self._memory[link] = (sensor.id, flags, round(sensor.delay_s * NS_PER_S), DroneMemory())
            elif sensor is None and self._discover:
                delay_ns = round(sensor_defaults("remoteid")["delay_s"] * NS_PER_S)
                self._memory[link] = (self._next_id, 0, delay_ns, DroneMemory())
                self._next_id += 1
            else:
                self._memory[link] = None
        return self._memory[link]

    def _refuses(self, sensor: Sensor) -> bool:
        """Tell whether the sensor is simulated and its centre lives: what it sends is no knowledge of the world."""
        return sensor.simulated and self._site is not None and not self._site.exercise

    def _sensor_of(self, link: int) -> Sensor | None:
        if self._site is None:
            return None
        mine = [s for s in self._site.sensors if s.kind == "remoteid"]
        if link == 0:
            return mine[0] if mine else None
        return next((s for s in mine if self._site.link_number(s) == link), None)

    def _link(self, link: int, rows: Rows, data: Octets) -> tuple[Rows, Rows, Rows]:
        memory = self._memory_of(link)
        if memory is None:
            none = REJECT.empty(len(rows))
            none["rx_ns"], none["frame_no"], none["link"] = rows["rx_ns"], rows["seq"], link
            sensor = self._sensor_of(link)
            none["reason"] = REASON["no_link" if sensor is None else "simulated_refused"]
            none["sensor_id"] = 0 if sensor is None else sensor.id
            none["length"] = rows["length"]
            return PLOT.empty(), REMOTE_ID.empty(), none
        starts, lengths = rows["offset"].astype(np.int64), rows["length"].astype(np.int64)
        octets: Octets = np.require(data, requirements=("C", "W"))
        found, count = messages_of(octets, starts, lengths)
        self.ledger.filter("no_remote_id", int((count == 0).sum()))
        self.ledger.filter("bad_crc", int((count == -1).sum()))
        return self._messages(memory, link, rows, octets, found, starts)

    def _messages(
        self, memory: tuple[int, int, int, DroneMemory], link: int, rows: Rows, data: Octets, found: I8, starts: I8
    ) -> tuple[Rows, Rows, Rows]:
        sensor_id, flags, delay_ns, drones = memory
        n = len(found)
        codes = np.zeros((n, 2), np.int64)
        texts = np.zeros((n, TEXT), np.uint8)
        values = np.full((n, VALUES), np.nan)
        frame = found[:, M_FRAME]
        rx_ns = rows["rx_ns"].astype(np.int64)
        plots = PLOT.empty(n)
        placed = np.zeros(n, bool)

        def of(kind: int) -> I8:
            return np.flatnonzero((found[:, M_TYPE] == kind) & (found[:, M_REASON] == 0))

        def octets(picked: I8) -> Octets:
            return fields.gather(data, found[picked, M_OFFSET])

        def write(picked: I8, names: fields.Texts) -> None:
            texts[picked] = names.astype(f"S{TEXT}").view(np.uint8).reshape(-1, TEXT)

        picked = of(BASIC_ID)
        if len(picked):
            codes[picked, 0], codes[picked, 1], names = fields.basic_ids(octets(picked))
            codes[picked, 0] = np.where(codes[picked, 0] > 4, 4, codes[picked, 0])
            write(picked, names)
        for kind, stop in ((SELF_ID, 25), (OPERATOR_ID, 22)):
            picked = of(kind)
            if len(picked):
                write(picked, fields.text(octets(picked), 2, stop))
        picked = of(AUTHENTICATION)
        codes[picked, 0] = octets(picked)[:, 1] >> 4 if len(picked) else 0
        picked = of(SYSTEM)
        if len(picked):
            s = fields.systems(octets(picked))
            for column, what in (
                (V_LAT, s.operator_lat_deg), (V_LON, s.operator_lon_deg), (V_ALT, s.operator_geo_alt_m),
                (V_PLACE, s.place_type), (V_COUNT, s.area_count), (V_RADIUS, s.area_radius_m),
                (V_CATEGORY, s.eu_category), (V_CLASS, s.eu_class),
            ):  # fmt: skip
                values[picked, column] = what
        picked = of(LOCATION)
        if len(picked):
            m = fields.locations(octets(picked))
            values[picked, V_HEIGHT] = m.height_m
            near = rx_ns[frame[picked]]
            at = fields.unroll_hour(m.tenths, near)
            assumed = (at < 0) | (np.abs(at - near) > STALE_NS)
            plots["toa_ns"][picked] = np.where(assumed, near - delay_ns, at)
            plots["flags"][picked] = (
                assumed * FLAG_TIME_ASSUMED
                + (m.status == STATUS_GROUND) * FLAG_ON_GROUND
                + (m.status == STATUS_EMERGENCY) * FLAG_EMERGENCY
            )
            for name, what in (
                ("lat_deg", m.lat_deg), ("lon_deg", m.lon_deg), ("press_alt_m", m.press_alt_m),
                ("geo_alt_m", m.geo_alt_m), ("v_east_mps", m.speed_mps * np.sin(m.course_rad)),
                ("v_north_mps", m.speed_mps * np.cos(m.course_rad)), ("climb_mps", m.climb_mps),
                ("pos_sd_m", m.horizontal_m / RAYLEIGH_95),
            ):  # fmt: skip
                plots[name][picked] = what
            placed[picked] = np.isfinite(m.lat_deg)
        picked = of(DJI_FLIGHT)
        if len(picked):
            f = dji.flights(data, found[picked, M_OFFSET], found[picked, M_LENGTH])
            found[picked[f.good == 0], M_REASON] = _BAD_LENGTH
            codes[picked, 0] = 1
            write(picked, f.serial)
            for column, what in (
                (V_LAT, f.app_lat_deg), (V_LON, f.app_lon_deg), (V_HEIGHT, f.height_m), (V_HOME_LAT, f.home_lat_deg),
                (V_HOME_LON, f.home_lon_deg),
            ):  # fmt: skip
                values[picked, column] = what
            plots["toa_ns"][picked] = rx_ns[frame[picked]] - delay_ns
            plots["flags"][picked] = FLAG_TIME_ASSUMED
            for name, what in (
                ("lat_deg", f.lat_deg), ("lon_deg", f.lon_deg), ("geo_alt_m", f.amsl_m),
                ("v_east_mps", f.v_east_mps), ("v_north_mps", f.v_north_mps), ("climb_mps", f.climb_mps),
            ):  # fmt: skip
                plots[name][picked] = what
            placed[picked] = np.isfinite(f.lat_deg) & (f.good == 1)
        numbers = np.zeros(n, np.int64)
        names8 = np.zeros((n, 8), np.uint8)
        said = self._remember(drones, found, codes, texts, values, rows, sensor_id, numbers, names8)
        good = found[:, M_REASON] == 0
        for kind, count in zip(*np.unique(found[good, M_TYPE], return_counts=True), strict=True):
            assert int(kind) in TYPE_NAMES
            self.ledger.accept(int(count), f"RID{kind}")
        plots["rx_ns"], plots["sensor_id"], plots["kind"] = rx_ns[frame], sensor_id, PLOT_KIND["remote_id"]
        plots["flags"] |= flags
        plots["frame_no"] = rows["seq"][frame]
        plots["source_track_no"] = numbers
        plots["callsign"] = names8.reshape(-1).view("S8")
        bad = found[~good]
        rejects = REJECT.empty(len(bad))
        rejects["rx_ns"], rejects["frame_no"] = rx_ns[bad[:, M_FRAME]], rows["seq"][bad[:, M_FRAME]]
        rejects["link"], rejects["sensor_id"], rejects["reason"] = link, sensor_id, bad[:, M_REASON]
        rejects["item"] = bad[:, M_TYPE]
        rejects["offset"], rejects["length"] = bad[:, M_OFFSET] - starts[bad[:, M_FRAME]], bad[:, M_LENGTH]
        return plots[placed & good], said, rejects

    def _remember(
        self, drones: DroneMemory, found: I8, codes: I8, texts: Octets, values: F8,
        rows: Rows, sensor_id: int, numbers: I8, names: Octets,
    ) -> Rows:  # fmt: skip
        """Pass the messages through the memory, in pieces of whole frames that it has room for."""
        out = REMOTE_ID.empty(len(found)).view(REMOTE_RAW)
        filled = first = 0
        rx_ns, seq, addresses = (rows[name].astype(np.int64) for name in ("rx_ns", "seq", "src_addr"))
        frame = found[:, M_FRAME]
        while first < len(found):
            drones.make_room()
            last = min(len(found), first + DRONES // 2 - 256)
            if last < len(found):
                last = int(np.searchsorted(frame, frame[last]))
            filled += remember(
                found, first, last, codes, texts, values, rx_ns, seq, addresses, sensor_id, drones.drones, drones.ids,
                drones.chain, drones.heads, drones.counts, self._blank, numbers, names, out[filled:],
            )  # fmt: skip
            first = last
        said: Rows = out[:filled].view(REMOTE_ID.dtype)
        return said.copy()
