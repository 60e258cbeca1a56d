"""Radars on the wire: plots of a sector in CAT048, sector crossings and north markers in CAT034, as datagrams.

A sector's plots leave when the antenna has crossed its end, after the sensor's delay; the sector message follows.
Values are quantised to what the items can say before they are encoded, so the PLOT rows hold exactly what was sent.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.simulate import detect as d
from vigie.simulate import fleet as fl
from vigie.simulate import fly
from vigie.simulate.asterix_records import encode_plots, encode_services
from vigie.simulate.datagrams import groups_of, pack
from vigie.simulate.draw import key_of, uniform_many
from vigie.simulate.fleet import Fleet
from vigie.simulate.outbox import Outbox
from vigie.simulate.radar import Detections, Radars
from vigie.terms.tables import (
    FLAG_EMERGENCY,
    FLAG_GARBLED,
    FLAG_ON_GROUND,
    FLAG_SIMULATED,
    FLAG_SPI,
    PLOT,
    PLOT_KIND,
    Rows,
)
from vigie.terms.units import M_PER_FT, M_PER_NMI, NS_PER_S

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

RANGE_LSB_M: Final = M_PER_NMI / 256.0
AZIMUTH_LSB_RAD: Final = 2.0 * math.pi / 65536.0
LEVEL_LSB_M: Final = 25.0 * M_PER_FT
TIME_LSB_NS: Final = 7_812_500
_AFTER_PLOTS_NS: Final = 300_000
_STREAM_JITTER: Final = 8

HELD = np.dtype([("radar", "<i8"), ("sector", "<i8"), ("typ", "<i8"), ("plot", PLOT.dtype)])
"""A plot that waits for the end of its sector."""


class RadarWire:
    """Turns detections into datagrams; keeps those whose sector is not over.

    ``silent``, ``mute`` and the other switches are one value a radar, set by faults.
    """

    def __init__(self, radars: Radars, links: list[int], start_ns: int, seed: int) -> None:
        self._radars = radars
        self._links = np.array(links, np.int64)
        self.start_ns = start_ns
        n = len(radars)
        self._held = np.zeros(0, HELD)
        self._next = np.zeros(n, np.int64)
        omega, phase = radars.matrix[:, d.OMEGA], radars.matrix[:, d.PHASE]
        self._width = 2.0 * math.pi / radars.sectors
        self._next[:] = np.floor(phase / self._width) + 1  # the first crossing after the start
        self._omega, self._phase = omega, phase
        self._delay_ns = np.array([round(r.sensor.delay_s * NS_PER_S) for r in radars.rows], np.int64)
        self._sac = np.array([r.sensor.sac for r in radars.rows], np.int64)
        self._sic = np.array([r.sensor.sic for r in radars.rows], np.int64)
        self._ids = np.array([r.sensor.id for r in radars.rows], np.int64)
        self._jitter_key = key_of(seed, _STREAM_JITTER)
        self.clock_ns = np.array(
            [round(r.physics.get("clock_offset_s", 0.0) * NS_PER_S) for r in radars.rows], np.int64
        )
        self.plain_clock_ns = self.clock_ns.copy()
        self.silent = np.zeros(n, np.bool_)
        self.mute = np.zeros(n, np.bool_)
        self.nogo = np.zeros(n, np.bool_)
        self.jitter_s = np.array([r.physics.get("jitter_s", 0.0) for r in radars.rows])
        self.plain_jitter_s = self.jitter_s.copy()
        self.loss = np.zeros(n)
        self.twice = np.zeros(n)
        self.late = np.zeros(n)
        self.late_s = np.zeros(n)
        self.extra = np.zeros(0, HELD)
        """Plots that a fault adds to the next block: sector already set."""

    def emit(self, found: Detections, fleet: Fleet, outbox: Outbox) -> Rows:
        """Put the datagrams of every sector that ended in the fleet's last block into ``outbox``; return the plots."""
        self._held = np.concatenate([self._held, self._measured(found, fleet), self.extra])
        self.extra = self.extra[:0]
        end_s = float(fleet.now_s)
        last = np.floor((self._phase + self._omega * end_s) / self._width).astype(np.int64)
        ready = self._held["sector"] < last[self._held["radar"]]
        plots, self._held = self._held[ready], self._held[~ready]
        counts = np.maximum(last - self._next + 1, 0)
        radar = np.repeat(np.arange(len(last)), counts)
        sector = np.concatenate([np.arange(a, b + 1) for a, b in zip(self._next, last, strict=True)])
        self._next = last + 1
        on = ~self.silent[radar]
        radar, sector = radar[on], sector[on]
        plots = plots[~(self.silent | self.mute)[plots["radar"]]]
        crossing_ns = self._crossing_ns(radar, sector)
        self._send_services(radar, sector, crossing_ns, outbox)
        return self._send_plots(plots, outbox)

    def _crossing_ns(self, radar: Ints, sector: Ints) -> Ints:
        t_s = (sector * self._width[radar] - self._phase[radar]) / self._omega[radar]
        return self.start_ns + np.rint(t_s * NS_PER_S).astype(np.int64)

    def _measured(self, found: Detections, fleet: Fleet) -> npt.NDArray[np.void]:
        """Return detections as plots with what the transponders answered, quantised."""
        n = len(found)
        out = np.zeros(n, HELD)
        rows = PLOT.empty(n)
        k, bits, i = found.radar, found.bits, np.maximum(found.aircraft, 0)
        who = fleet.who
        real = found.aircraft >= 0
        secondary = bits & d.SSR > 0
        selective = bits & d.SELECTIVE > 0
        primary = bits & d.PSR > 0
        has = np.where(real, who.has[i], 0)
        toa_ns = self.start_ns + np.rint(found.t_s * NS_PER_S).astype(np.int64) + self.clock_ns[k]
        rows["toa_ns"] = (toa_ns + TIME_LSB_NS // 2) // TIME_LSB_NS * TIME_LSB_NS
        rows["sensor_id"] = self._ids[k]
        plain = PLOT_KIND["psr"] * primary + PLOT_KIND["ssr"] * secondary  # 1, 2, and 3 for both
        rows["kind"] = np.where(selective, PLOT_KIND["mode_s"], plain)
        rows["range_m"] = np.minimum(np.rint(found.range_m / RANGE_LSB_M), 65535) * RANGE_LSB_M
        rows["azimuth_rad"] = np.rint(found.azimuth_rad / AZIMUTH_LSB_RAD) % 65536 * AZIMUTH_LSB_RAD
        step = np.where(selective, LEVEL_LSB_M, 4.0 * LEVEL_LSB_M)
        level = np.rint(fleet.press_alt_at(i, found.t_s) / step) * step
        rows["press_alt_m"] = np.where(secondary & (has & fl.MODE_C > 0), level, np.nan)
        stray = (found.t_s * 1e6).astype(np.int64) & 0xFFF
        rows["mode3a"] = np.where(secondary, np.where(real, who.mode3a[i], stray), 65535)
        rows["icao24"] = np.where(selective, who.icao24[i], 0)
        rows["callsign"] = np.where(selective, who.callsign[i], b"")
        emergency = np.isin(rows["mode3a"], (0o7500, 0o7600, 0o7700))
        phase = fleet.mode[fly.PHASE, i]
        ground = selective & ((phase == fly.GROUND) | (phase == fly.ROLLOUT))
        rows["flags"] = (
            FLAG_SIMULATED | np.where(secondary & (found.t_s < who.spi_until_s[i]) & real, FLAG_SPI, 0)
            | np.where(bits & d.GARBLED > 0, FLAG_GARBLED, 0) | np.where(ground, FLAG_ON_GROUND, 0)
            | np.where(emergency, FLAG_EMERGENCY, 0)
        )  # fmt: skip
        out["radar"] = k
        out["sector"] = np.floor((self._phase[k] + self._omega[k] * found.t_s) / self._width[k])
        # I048/020 TYP: 1 primary, 2 secondary, 3 both, 5 Mode S roll-call, 7 the same with primary.
        out["typ"] = np.where(selective, np.where(primary, 7, 5), np.where(secondary, np.where(primary, 3, 2), 1))
        out["plot"] = rows
        return out

    def _send_services(self, radar: Ints, sector: Ints, crossing_ns: Ints, outbox: Outbox) -> None:
        """Put one CAT034 datagram a crossing: a north marker at sector 0, with period and status, else the sector."""
        if not radar.size:
            return
        turn = self._radars.sectors[radar]
        north = sector % turn == 0
        toa_ns = crossing_ns + self.clock_ns[radar]
        data, offsets = encode_services(
            sac=self._sac[radar], sic=self._sic[radar], north=north, toa_ns=toa_ns,
            azimuth_rad=(sector % turn) * self._width[radar], period_s=2.0 * math.pi / self._omega[radar],
            nogo=self.nogo[radar], modes=self._radars.matrix[radar, d.MODES].astype(np.int64),
        )  # fmt: skip
        group = np.arange(radar.size)
        rx_ns = crossing_ns + self._delay_ns[radar] + _AFTER_PLOTS_NS
        self._put(34, radar, sector * 2 + 1, rx_ns, data, offsets, group, outbox)

    def _send_plots(self, held: npt.NDArray[np.void], outbox: Outbox) -> Rows:
        """Put the plots in datagrams, one or more a sector; return them with their ``rx_ns``."""
        if not held.size:
            return PLOT.empty()
        held = held[np.lexsort((held["plot"]["toa_ns"], held["sector"], held["radar"]))]
        radar, sector = held["radar"], held["sector"]
        rows: Rows = held["plot"]
        rows["rx_ns"] = self._crossing_ns(radar, sector + 1) + self._delay_ns[radar]
        data, offsets = encode_plots(self._sac[radar], self._sic[radar], held["typ"], rows)
        same = np.zeros(len(held), np.bool_)
        same[1:] = (np.diff(radar) == 0) & (np.diff(sector) == 0)
        group = groups_of(same, offsets)
        starts = np.flatnonzero(np.diff(group, prepend=-1))
        number = sector[starts] * 2
        arrived = self._put(48, radar[starts], number, rows["rx_ns"][starts], data, offsets, group, outbox)
        rows["rx_ns"] = arrived[group]
        return rows[rows["rx_ns"] > 0]

    def _put(
        self, category: int, radar: Ints, number: Ints, rx_ns: Ints, data: npt.NDArray[np.uint8], offsets: Ints,
        group: Ints, outbox: Outbox,
    ) -> Ints:  # fmt: skip
        """Put records into datagrams, one a group, with what happens to datagrams on the way; return when each arrived.

        ``radar``, ``number`` (for the draws) and ``rx_ns`` are one a group; 0 in the result says that it was lost.
        """
        out, out_offsets = pack(category, data, offsets, group)
        rx_ns = rx_ns.copy()
        draws = number * 256 + radar
        if self.jitter_s.any():
            wait_s = -np.log(uniform_many(key_of(int(self._jitter_key), 1), draws)) * self.jitter_s[radar]
            rx_ns += np.rint(wait_s * NS_PER_S).astype(np.int64)
        if self.late.any():
            late = uniform_many(key_of(int(self._jitter_key), 2), draws) < self.late[radar]
            wait_s = uniform_many(key_of(int(self._jitter_key), 3), draws) * self.late_s[radar]
            rx_ns += np.where(late, np.rint(wait_s * NS_PER_S), 0).astype(np.int64)
        link = self._links[radar].copy()
        if self.loss.any():
            # Bursts: all datagrams of a second share one fate.
            lost = uniform_many(key_of(int(self._jitter_key), 4), rx_ns // NS_PER_S * 256 + radar) < self.loss[radar]
            link[lost] = 0
        outbox.add_runs(rx_ns, link, Outbox.ASTERIX, out, out_offsets)
        if self.twice.any():
            twice = uniform_many(key_of(int(self._jitter_key), 5), draws) < self.twice[radar]
            again = np.where(twice, link, 0)
            outbox.add_runs(rx_ns + 2_000_000, again, Outbox.ASTERIX, out, out_offsets)
        return np.where((link > 0) | (self._links[radar] == 0), rx_ns, 0)
