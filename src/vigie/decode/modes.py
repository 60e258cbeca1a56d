"""Frames of Mode S links to plots: Beast, AVR and BaseStation streams, one memory of aircraft for each link.

Begin here; the hot loops are in ``modes_messages.py`` and ``modes_lines.py``, what is remembered in
``modes_table.py``, positions in ``modes_position.py``.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.decode.modes_lines import decode_lines
from vigie.decode.modes_messages import (
    COUNT_BAD_CALLSIGN,
    COUNT_MODE_AC,
    COUNT_STATUS,
    COUNT_UNPLACED,
    COUNTS,
    PLOT_RAW,
    decode_items,
)
from vigie.decode.modes_table import AircraftTable
from vigie.sensors.site import Sensor, Site, sensor_defaults
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Frames
from vigie.terms.ledger import REASON, REASONS, Ledger
from vigie.terms.rows import chosen, copied, joined
from vigie.terms.tables import FLAG_SIMULATED, PLOT, REJECT, SERVICE, Rows
from vigie.terms.units import NS_PER_S
from vigie.wire.modes.commb import VALUES
from vigie.wire.modes.sbs import LINE_MLAT, LINE_STATUS, new_lines, split_sbs
from vigie.wire.modes.stream import HEX_VALUES, new_items, split_avr, split_beast
from vigie.wire.modes.tables import F8, I8, TABLES, U1

BLOCK: Final = 8192
"""Messages decoded at a time: their working memory stays in the processor's cache."""
GATHER_BYTES: Final = 1 << 20
"""Octets of one link put together at a time."""
FARTHER: Final = 1.5
"""A first position farther from the receiver than this times its greatest range is a wrong one."""

_DOWNLINKS: Final = 25


def signal_levels() -> F8:
    """Return the level (dB relative to full scale) of each Beast signal octet; 0 is unknown (NaN)."""
    octet = np.arange(256.0)
    octet[0] = np.nan
    levels: F8 = 20.0 * np.log10(octet / 255.0)
    return levels


SIGNAL_DB: Final = signal_levels()


_LASTING: Final = ("ledger", "unplaced", "_site", "_discover", "_next_id", "_repair", "_memory")


class _LinkMemory:
    """What lasts between the chunks of one link: the unfinished rest, the stream's state, the aircraft heard."""

    def __init__(self, link: int, sensor: Sensor | None, sensor_id: int, *, repair: bool) -> None:
        delay_s = sensor.delay_s if sensor is not None else sensor_defaults("adsb")["delay_s"]
        simulated = sensor is not None and sensor.simulated
        self.rest: U1 = np.zeros(0, np.uint8)
        self.state: I8 = np.zeros(8, np.int64)
        self.aircraft = AircraftTable()
        self.call: I8 = np.array(
            [link, sensor_id, FLAG_SIMULATED if simulated else 0, round(delay_s * NS_PER_S), int(repair)], np.int64
        )
        self.place: F8 = np.array([np.nan, np.nan, 0.0])
        if sensor is not None:
            self.place[:] = (sensor.lat_deg, sensor.lon_deg, FARTHER * sensor.max_range_m)
        self.format = 0
        self.last: tuple[int, int] = (0, 0)  # rx_ns and seq of the last frame


class ModesDecoder:
    """Decodes the Mode S frames of a batch; others are left alone.

    The ledger: a record is one message (a Beast or AVR frame, a line). ``decoded`` counts every message understood,
    under ``by_category`` names DF0 to DF24, AC (Mode A/C), STATUS (of the receiver), MSG1 to MSG8, MLAT1 to MLAT8 and
    LINE. Only a position message whose position could be told makes a plot, so plots and service rows are fewer than
    ``decoded``; ``unplaced`` counts position messages that made none. Everything else is one REJECT row and one count
    of its reason. ``records == decoded + rejected`` holds at any instant; octets still waiting for the rest of their
    message are no record yet.

    The result does not depend on how a stream was cut into frames, but for ``rx_ns`` and ``frame_no``: a message has
    those of the frame that completed it. A reject's ``offset`` is negative where its octets began in an earlier frame.

    A plot carries what its aircraft last said, while that is fresh: velocity, heading, airspeed and an altitude of
    another message for 5 s; version, NACp, NACv, SIL, emergency state and selected altitude for 60 s; call sign and
    Mode 3/A code for 5 minutes. ``toa_ns`` is ``rx_ns`` less the sensor's delay (flag 64, time assumed), or the stamp
    of a receiver with a GPS clock. TIS-B reports are another system's tracks (kind 9); addresses that are not the
    aircraft's own go to ``source_track_no``.

    Each link has its own memory of aircraft: what one receiver hears, or a deceiver tells it, changes no other's plots.
    """

    def __init__(
        self, site: Site | None, *, ledger: Ledger, discover: bool = False, first_id: int = 1, repair: bool = False
    ) -> None:
        """Decode for the sensors of ``site``.

        With ``discover`` a link that no sensor of kind ``adsb`` has is decoded all the same, as sensors ``first_id``,
        ``first_id + 1``, ... in the order of first data; otherwise its frames are one reject ``no_link`` each.
        So are those of a simulated sensor, ``simulated_refused``, unless the site is an exercise.
        ``repair`` mends one wrong bit of an extended squitter from an address already heard clean (flag 128).
        """
        self.ledger = ledger
        self.unplaced = 0
        self._site = site
        self._discover = discover
        self._next_id = first_id
        self._repair = repair
        self._memory: dict[int, _LinkMemory | None] = {}
        self._make_room()

    def _make_room(self) -> None:
        self._items = new_items(BLOCK)
        self._lines = new_lines(BLOCK)
        self._cuts = np.zeros(24, np.int64)
        # Each buffer twice: as rows of the table, and as the kernels see it.
        self._plots = PLOT.empty(BLOCK)
        self._raw_plots = self._plots.view(PLOT_RAW)
        self._line_plots = PLOT.empty(BLOCK)
        self._raw_line_plots = self._line_plots.view(PLOT_RAW)
        self._services = SERVICE.empty(BLOCK)
        self._rejects = REJECT.empty(BLOCK)
        self._counts = np.zeros(COUNTS, np.int64)
        self._line_counts = np.zeros(COUNTS, np.int64)
        self._registers = (np.zeros(VALUES), np.zeros(VALUES))

    def snapshot_parts(self) -> dict[str, Any]:
        """Return what lasts between two batches: the memory of each link, and the counts."""
        return {name: getattr(self, name) for name in _LASTING}

    def take_parts(self, parts: dict[str, Any]) -> None:
        """Take back what ``snapshot_parts`` gave, into an object that may be bare."""
        for name, value in parts.items():
            setattr(self, name, value)
        self._make_room()

    def step(self, frames: Frames) -> tuple[Rows, Rows, Rows]:
        """Return the plots, service rows and rejects of one batch, in the order (rx_ns, link, place in the stream)."""
        rows = frames.rows
        kinds = rows["format"]
        mine = (kinds >= FORMAT_BEAST) & (kinds <= FORMAT_SBS)
        if not mine.all():
            rows = chosen(rows, mine)
        if not len(rows):
            return PLOT.empty(), SERVICE.empty(), REJECT.empty()
        self.ledger.frames += len(rows)
        link_column = rows["link"]
        links = [int(link_column[0])]
        if len(rows) > 1 and bool((link_column != link_column[0]).any()):
            links = np.unique(link_column).tolist()
        parts: list[tuple[list[Rows], list[Rows], list[Rows]]] = []
        for link in links:
            own = rows if len(links) == 1 else chosen(rows, link_column == link)
            parts.append(self._link(link, own, frames.data))
        plots, services, rejects = (
            _joined([piece for part in parts for piece in part[k]], table.dtype, sort=len(links) > 1)
            for k, table in enumerate((PLOT, SERVICE, REJECT))
        )
        self._count(rejects)
        return plots, services, rejects

    def finish(self) -> tuple[Rows, Rows, Rows]:
        """Return what is left when the inputs end: a last line without its end is read, a cut message is rejected."""
        out: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
        for memory in self._memory.values():
            if memory is None or not (len(memory.rest) or memory.state[0]):
                continue
            rx_ns, seq = memory.last
            ends = np.array([len(memory.rest)], np.int64)
            if memory.format == FORMAT_BEAST:
                reject = REJECT.empty(1)
                reject["rx_ns"], reject["frame_no"] = rx_ns, seq
                reject["link"], reject["sensor_id"] = memory.call[0], memory.call[1]
                reject["reason"] = REASON["record_truncated"]
                reject["length"] = len(memory.rest) + int(memory.state[0])
                out[2].append(reject)
            else:
                memory.rest = np.append(memory.rest, np.uint8(10))
                empty = np.zeros(1, np.int64)
                self._decode(memory, memory.rest, ends + 1, (empty, np.array([rx_ns]), np.array([seq])), out)
            memory.rest = np.zeros(0, np.uint8)
            memory.state[:2] = 0
        plots, services, rejects = (
            _joined(pieces, table.dtype, sort=True) for pieces, table in zip(out, (PLOT, SERVICE, REJECT), strict=True)
        )
        self._count(rejects)
        return plots, services, rejects

    def link_lost(self, link: int) -> None:
        """Forget the unfinished rest of a link that went down; the aircraft stay known."""
        memory = self._memory.get(link)
        if memory is not None:
            memory.rest = np.zeros(0, np.uint8)
            memory.state[:2] = 0

    def _sensor_of(self, link: int) -> Sensor | None:
        """Return the sensor a link number belongs to, by the site file."""
        if self._site is None:
            return None
        adsb = [s for s in self._site.sensors if s.kind == "adsb"]
        if link == 0:
            # A station that sends ASTERIX (it has a SAC and SIC) is not what a Mode S stream without a link comes from.
            return min(adsb, key=lambda s: s.sac >= 0, default=None)
        return next((s for s in adsb if self._site.link_number(s) == link), None)

    def _memory_of(self, link: int) -> _LinkMemory | None:
        if link not in self._memory:
            sensor = self._sensor_of(link)
            memory = None
            if sensor is not None and not self._refuses(sensor):
                memory = _LinkMemory(link, sensor, sensor.id, repair=self._repair)
            elif sensor is None and self._discover:
                memory = _LinkMemory(link, None, self._next_id, repair=self._repair)
                self._next_id += 1
            self._memory[link] = memory
        return self._memory[link]

    def _refuses(self, sensor: Sensor) -> bool:
        """Tell whether the sensor is simulated and its centre lives: what it sends is no knowledge of the world."""
        return sensor.simulated and self._site is not None and not self._site.exercise

    def _link(self, link: int, rows: Rows, data: U1) -> tuple[list[Rows], list[Rows], list[Rows]]:
        """Decode the frames of one link, about a megabyte at a time."""
        out: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
        memory = self._memory_of(link)
        lengths = rows["length"].astype(np.int64)
        total = lengths.cumsum()
        self.ledger.bytes += int(total[-1])
        if memory is None:
            reject = REJECT.empty(len(rows))
            reject["rx_ns"], reject["frame_no"], reject["link"] = rows["rx_ns"], rows["seq"], link
            sensor = self._sensor_of(link)
            reject["reason"] = REASON["no_link" if sensor is None else "simulated_refused"]
            reject["length"] = rows["length"]
            reject["sensor_id"] = 0 if sensor is None else sensor.id
            out[2].append(reject)
            return out
        first = 0
        while first < len(rows):
            before = int(total[first] - lengths[first])
            last = max(first + 1, int(total.searchsorted(before + GATHER_BYTES, side="right")))
            # One link carries one format; where a reader says otherwise, the stream begins anew.
            kinds = rows["format"][first:last]
            if last - first > 1 and bool((kinds != kinds[0]).any()):
                last = first + int((kinds != kinds[0]).argmax())
            if memory.format != int(kinds[0]):
                memory.format = int(kinds[0])
                memory.rest = np.zeros(0, np.uint8)
                memory.state[:] = 0
            some = rows[first:last]
            pieces = [memory.rest]
            starts = some["offset"].tolist()
            if starts[-1] + int(lengths[last - 1]) - starts[0] == int(total[last - 1]) - before and (
                last - first == 1 or bool((np.diff(some["offset"]) == lengths[first : last - 1]).all())
            ):
                pieces.append(data[starts[0] : starts[0] + int(total[last - 1]) - before])
            else:
                pieces.extend(data[o : o + n] for o, n in zip(starts, lengths[first:last].tolist(), strict=True))
            work = np.concatenate(pieces)
            ends = len(memory.rest) + total[first:last] - before
            columns = (ends - lengths[first:last], some["rx_ns"].astype(np.int64), some["seq"].astype(np.int64))
            used = self._decode(memory, work, ends, columns, out)
            memory.rest = work[used:].copy()
            memory.last = (int(some["rx_ns"][-1]), int(some["seq"][-1]))
            first = last
        return out

    def _decode(
        self, memory: _LinkMemory, work: U1, ends: I8, columns: tuple[I8, I8, I8],
        out: tuple[list[Rows], list[Rows], list[Rows]],
    ) -> int:  # fmt: skip
        """Decode the octets of ``work`` in blocks, put the rows to ``out``; return how many octets were used."""
        starts, rx_ns, seq = columns
        frame_at = np.zeros(1, np.int64)
        used = 0
        while used < len(work):
            rest = work[used:]
            if memory.format == FORMAT_BEAST:
                count, taken = split_beast(rest, len(rest), memory.state, self._items)
            elif memory.format == FORMAT_AVR:
                count, taken = split_avr(rest, len(rest), memory.state, HEX_VALUES, self._items)
            else:
                count, taken = split_sbs(rest, len(rest), memory.state, HEX_VALUES, self._cuts, self._lines)
            done = 0
            while done < count:
                table = memory.aircraft
                n_services = 0
                if memory.format == FORMAT_SBS:
                    done, n_plots, n_rejects = decode_lines(
                        self._lines, done, count, used, starts, ends, rx_ns, seq, frame_at, memory.call,
                        table.used, table.rows, table.slots, table.blank,
                        self._raw_line_plots, self._rejects, self._line_counts,
                    )  # fmt: skip
                else:
                    done, n_plots, n_services, n_rejects = decode_items(
                        self._items, done, count, used, starts, ends, rx_ns, seq, frame_at, memory.call,
                        memory.state, memory.place, TABLES, SIGNAL_DB,
                        table.used, table.rows, table.slots, table.blank,
                        self._raw_plots, self._services, self._rejects, self._counts, *self._registers,
                    )  # fmt: skip
                plots = self._line_plots if memory.format == FORMAT_SBS else self._plots
                filled = ((plots, n_plots), (self._services, n_services), (self._rejects, n_rejects))
                for pieces, (buffer, n) in zip(out, filled, strict=True):
                    if n:
                        pieces.append(copied(buffer[:n]))
                if done < count:
                    table.make_room()
            used += taken
            if taken == 0:
                break
        return used

    def _count(self, rejects: Rows) -> None:
        """Bring the ledger up to date with the kernels' counts and the rejects."""
        ledger = self.ledger
        if len(rejects):
            for number, count in enumerate(np.bincount(rejects["reason"]).tolist()):
                ledger.reject(REASONS[number], count)
        counts = self._counts.tolist()
        for downlink in range(_DOWNLINKS):
            if counts[downlink]:
                ledger.accept(counts[downlink], f"DF{downlink}")
        ledger.accept(counts[COUNT_MODE_AC], "AC")
        ledger.accept(counts[COUNT_STATUS], "STATUS")
        self.unplaced += counts[COUNT_UNPLACED]
        lines = self._line_counts.tolist()
        if any(lines):
            for kind in range(1, 9):
                ledger.accept(lines[kind], f"MSG{kind}")
                ledger.accept(lines[LINE_MLAT + kind], f"MLAT{kind}")
            ledger.accept(lines[LINE_STATUS], "LINE")
        ledger.filter("bad_callsign", counts[COUNT_BAD_CALLSIGN] + lines[COUNT_BAD_CALLSIGN])
        self._counts[:] = 0
        self._line_counts[:] = 0


def _joined(pieces: list[Rows], dtype: np.dtype[np.void], *, sort: bool) -> Rows:
    """Return the rows of all pieces as one array of ``dtype``; those of several links in the order they came."""
    if not pieces:
        return np.zeros(0, dtype)
    rows = joined(pieces)
    if sort and len(rows) > 1:
        rows = chosen(rows, np.argsort(rows["rx_ns"], kind="stable"))
    return rows
