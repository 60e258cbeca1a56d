"""The monitor of all sensors: rows of a tick in, one HEALTH row per sensor out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.monitor.columns import (
    DRIFT,
    EDITION_MONO,
    F8,
    I8,
    KINDS,
    LAST_DATA_NS,
    LAST_PLOT_NS,
    MARKER_MONO,
    MARKERS,
    OFFSET,
    PER_SCAN,
    PLOT_MONO,
    PLOTS,
    REASON_BITS,
    REJECTS,
    ROTATION,
    SCAN_PLOTS,
    SCAN_RECORDS,
    SCAN_REJECTS,
    SCAN_START,
    SERVICE_MONO,
    SERVICES,
    STATE,
    STATED_PERIOD,
    new_memory,
)
from vigie.monitor.measures import absorb, measure, new_scratch
from vigie.monitor.report import health_json
from vigie.monitor.rules import judge
from vigie.sensors.site import Site
from vigie.terms.kernel import kernel
from vigie.terms.tables import FLAG_TIME_ASSUMED, HEALTH, Rows

__all__ = ["Change", "Monitor", "health_json"]

_NORTH_MARKER: Final = 1
_SECTOR_CROSSING: Final = 2
_UPDATE_CYCLE: Final = 10  # CAT010: start of update cycle, once per turn as a north marker is
_BY_PLOTS, _BY_SECTORS, _BY_MARKERS = 0, 1, 2
# Event-triggered status messages tell the same as periodic ones: one slot for both.
_SLOT: Final = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11, 13, 14, 15], np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a sensor's state or reasons, for the event log; states and bits as in ``reasons.py``."""

    now_ns: int
    sensor_id: int
    before: int
    after: int
    reasons: int


@kernel
def _count(
    place: I8, rx_ns: I8, kind: I8, status: I8, slot: I8, period_s: F8, is_plot: int, mono_ns: int,
    wholes: I8, reals: F8, last_status: I8,
) -> None:  # fmt: skip
    """Count messages and keep when they came and what they say of their sensor."""
    for k in range(len(place)):
        s = place[k]
        if s < 0:
            continue
        if wholes[s, PLOTS] + wholes[s, SERVICES] == 0:
            wholes[s, SCAN_START] = mono_ns
        wholes[s, SCAN_RECORDS] += 1
        if is_plot:
            wholes[s, PLOTS] += 1
            wholes[s, SCAN_PLOTS] += 1
            wholes[s, PLOT_MONO] = mono_ns
            wholes[s, LAST_PLOT_NS] = rx_ns[k]
            continue
        wholes[s, SERVICES] += 1
        wholes[s, SERVICE_MONO] = mono_ns
        last_status[s, slot[kind[k]]] = status[k]
        if period_s[k] > 0.0:
            reals[s, STATED_PERIOD] = period_s[k]
        if kind[k] == _NORTH_MARKER:
            wholes[s, MARKERS] += 1
            wholes[s, MARKER_MONO] = mono_ns


class Monitor:
    """Watches the sensors of ``site``. ``changes`` holds what changed in the last step."""

    NOT_IN_SNAPSHOT = ("_scratch", "_ids", "_place", "_turns", "_by_link", "_blank")

    def __init__(self, site: Site) -> None:
        self.site = site
        self.changes: list[Change] = []
        n = len(site.sensors)
        self._memory = new_memory(site)
        self._scratch = new_scratch()
        self._ids = np.array([sensor.id for sensor in site.sensors], np.int64)
        self._place = np.full(65536, -1, np.int64)
        self._place[self._ids] = np.arange(n)
        self._turns = np.array([*(sensor.kind == "radar" for sensor in site.sensors), False])  # the last: none of ours
        self._by_link = _only_sensor_of_link(site)
        self._blank = HEALTH.empty(n)
        self._blank["sensor_id"] = self._ids
        self._state = np.zeros(n, np.int64)
        self._reasons = np.zeros(n, np.int64)

    def step(self, plots: Rows, services: Rows, rejects: Rows, now_ns: int, mono_ns: int) -> Rows:
        """Return HEALTH rows, one per sensor in the order of the site, for the tick ``now_ns``.

        ``mono_ns`` must not go back; it alone decides time-outs.
        """
        m = self._memory
        if len(plots):
            self._plots(plots, mono_ns)
        if len(services):
            self._services(services, mono_ns)
        if len(rejects):
            self._rejects(rejects, mono_ns)
        measure(mono_ns, m.wholes, m.reals, m.turn_s, m.turn_rad, m.turn_count, m.clock_s, m.drift_s, m.drift_mono,
                self._scratch)  # fmt: skip
        judge(mono_ns, m.wholes, m.reals, m.status)
        self._note_changes(now_ns)
        return self._health(now_ns)

    def _plots(self, plots: Rows, mono_ns: int) -> None:
        place = self._place[plots["sensor_id"]]
        rx_ns = np.ascontiguousarray(plots["rx_ns"])
        kind = plots["kind"].astype(np.int64)
        turning = (place >= 0) & (kind <= 4) & self._turns[place]
        timed = ((plots["flags"] & FLAG_TIME_ASSUMED) == 0).astype(np.int64)
        nothing = np.zeros(len(plots))
        self._take(place, rx_ns, kind, timed, nothing, 1, mono_ns)
        level = np.where(turning, _BY_PLOTS, -1)
        self._times(plots["toa_ns"], plots["azimuth_rad"], place, rx_ns, level, timed, 1, mono_ns)

    def _services(self, services: Rows, mono_ns: int) -> None:
        place = self._place[services["sensor_id"]]
        rx_ns = np.ascontiguousarray(services["rx_ns"])
        kind = services["kind"].astype(np.int64) % KINDS
        marker = (kind == _NORTH_MARKER) | (kind == _UPDATE_CYCLE)
        level = np.where(marker, _BY_MARKERS, np.where(kind == _SECTOR_CROSSING, _BY_SECTORS, -1))
        azimuth_rad = np.where(marker, 0.0, services["azimuth_rad"].astype(np.float64))
        timed = (services["toa_ns"] != services["rx_ns"]).astype(np.int64)
        self._take(place, rx_ns, kind, services["status"].astype(np.int64), services["period_s"].astype(np.float64),
                   0, mono_ns)  # fmt: skip
        self._times(services["toa_ns"], azimuth_rad, place, rx_ns, level, timed, 0, mono_ns)

    def _take(self, place: I8, rx_ns: I8, kind: I8, status: I8, period_s: F8, is_plot: int, mono_ns: int) -> None:
        m = self._memory
        _count(place, rx_ns, kind, status, _SLOT, period_s, is_plot, mono_ns, m.wholes, m.reals, m.status)

    def _times(
        self, toa_ns: I8, azimuth_rad: F8, place: I8, rx_ns: I8, level: I8, timed: I8, is_plot: int, mono_ns: int
    ) -> None:
        m = self._memory
        absorb(place, np.ascontiguousarray(toa_ns), rx_ns, np.ascontiguousarray(azimuth_rad), level, timed, is_plot,
               mono_ns, m.wholes, m.reals, m.pass_toa, m.pass_azimuth, m.turn_s, m.turn_rad, m.turn_count,
               m.clock_s)  # fmt: skip

    def _rejects(self, rejects: Rows, mono_ns: int) -> None:
        place = self._place[rejects["sensor_id"]]
        place = np.where(rejects["sensor_id"] == 0, self._by_link[rejects["link"]], place)
        counts = np.bincount(place[place >= 0], minlength=len(self._ids))
        self._memory.wholes[:, REJECTS] += counts
        self._memory.wholes[:, SCAN_REJECTS] += counts
        suspect = place[(place >= 0) & (rejects["edition_suspect"] != 0)]
        self._memory.wholes[suspect, EDITION_MONO] = mono_ns

    def _note_changes(self, now_ns: int) -> None:
        wholes = self._memory.wholes
        state, reasons = wholes[:, STATE], wholes[:, REASON_BITS]
        self.changes = []
        differ = (state != self._state) | (reasons != self._reasons)
        if differ.any():
            for s in np.flatnonzero(differ).tolist():
                self.changes.append(Change(now_ns=now_ns, sensor_id=int(self._ids[s]), before=int(self._state[s]),
                                           after=int(state[s]), reasons=int(reasons[s])))  # fmt: skip
            self._state, self._reasons = state.copy(), reasons.copy()

    def _health(self, now_ns: int) -> Rows:
        wholes, reals = self._memory.wholes, self._memory.reals
        rows = self._blank.copy()
        rows["now_ns"] = now_ns
        for name, column in _WHOLE_COLUMNS:
            rows[name] = wholes[:, column]
        for name, column in _REAL_COLUMNS:
            rows[name] = reals[:, column]
        return rows


_WHOLE_COLUMNS: Final = (
    ("state", STATE), ("reasons", REASON_BITS), ("plots", PLOTS), ("services", SERVICES), ("rejects", REJECTS),
    ("last_plot_ns", LAST_PLOT_NS), ("last_data_ns", LAST_DATA_NS),
)  # fmt: skip
_REAL_COLUMNS: Final = (
    ("rotation_s", ROTATION), ("clock_offset_s", OFFSET), ("clock_drift", DRIFT), ("plots_per_scan", PER_SCAN),
)  # fmt: skip


def _only_sensor_of_link(site: Site) -> I8:
    """Return by link number the place of the sensor that has the link for itself, else -1."""
    places: dict[int, list[int]] = {}
    for i, sensor in enumerate(site.sensors):
        places.setdefault(site.link_number(sensor), []).append(i)
    table = np.full(65536, -1, np.int64)
    for link, sensors in places.items():
        if link and len(sensors) == 1:
            table[link] = sensors[0]
    return table
