"""The picture: what is known now, its version, and the difference to what a client holds.

A client says "I hold version n" and gets what changed since. Encoding is done once for each (since, version) and the
octets are shared by all clients; nothing here knows who they are.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final

import numpy as np

from vigie.show.columns import Column, Columns, Update, encode, no_rows
from vigie.show.keyed import KeyedRows
from vigie.show.trackstore import Numbers, TrackStore
from vigie.show.weatherlayer import WeatherLayer
from vigie.terms.tables import ALERT_CLOSED
from vigie.terms.units import NS_PER_S

PLOT_LIFE_NS: Final = 10 * NS_PER_S
MAX_PLOTS: Final = 65_536
"""Most plots kept; beyond it the oldest go first, counted in ``plots_dropped``."""
FORGOTTEN_NS: Final = 30 * NS_PER_S
"""A track whose row nobody renewed for this long is gone: its end was lost on the way. Live ones come each second."""
MAX_ENDED: Final = 16_384
"""Most ended numbers remembered; a client that held its version before these ended gets the full picture."""
_CACHED: Final = 16
KEPT_VERSIONS: Final = 600
"""A closed alert is kept for so many versions, so that clients that lag see it close."""


class Picture:
    """The newest picture; ``version`` counts the updates applied, from 1 for the empty picture."""

    def __init__(self) -> None:
        self.version = 1
        self.now_ns = 0
        self.progress = 0
        self.mode = "live"
        self.plots_dropped = 0
        self.encoded = 0
        """How many messages were really encoded, for the count of what sharing saves."""
        self._tracks = TrackStore()
        self._ended: deque[tuple[int, Numbers]] = deque()
        self._ended_count = 0
        self._oldest = 1  # a client that holds less than this gets the full picture
        self._plots: deque[tuple[int, Columns]] = deque()
        self._plot_count = 0
        self.health: Columns | None = None
        self._health_version = 1
        self._identities = KeyedRows("identity", "track_no")
        self._alerts = KeyedRows("alert", "alert_no")
        self.weather = WeatherLayer()
        self._swept_ns = 0
        self._cache: dict[int, bytes] = {}

    def __len__(self) -> int:
        """Return how many tracks live."""
        return len(self._tracks)

    def apply(self, update: Update) -> bool:
        """Take over one update as the next version; return whether anything but the heartbeat changed."""
        self.version += 1
        self._cache.clear()
        changed = update.restart or update.mode != self.mode
        if update.restart:
            self._forget()
        self.now_ns, self.progress, self.mode = update.now_ns, update.progress, update.mode
        moved, ended = self._tracks.apply(update.tracks, self.version)
        if abs(self.now_ns - self._swept_ns) >= NS_PER_S:
            self._swept_ns = self.now_ns
            self._alerts.drop_where("state", ALERT_CLOSED, self.version - KEPT_VERSIONS)
            lost = self._tracks.remove(self._tracks.not_heard_since(self.now_ns - FORGOTTEN_NS))
            ended = np.concatenate([ended, lost])
        self._remember_ended(ended)
        self._identities.drop(ended.tolist())
        told = update.identities is not None and self._identities.apply(update.identities, self.version)
        if update.alerts is not None:
            told = self._alerts.apply(update.alerts, self.version) or told
        heard = self._keep_plots(update.plots)
        cared = update.health is not None and self._keep_health(update.health)
        rained = self.weather.apply(update.weather, self.now_ns, self.version)
        return changed or moved or bool(ended.size) or heard or cared or told or rained

    def difference(self, since: int) -> bytes:
        """Return the message that brings a client from version ``since`` to the newest one.

        The full picture (base 0) where ``since`` is 0, too old, or a version that never was. The same octets are
        returned to every caller until the next ``apply``.
        """
        base = since if self._oldest <= since <= self.version else 0
        held = self._cache.get(base)
        if held is not None:
            return held
        octets = self._encode(base)
        self.encoded += 1
        if len(self._cache) < _CACHED:  # beyond it: clients that lag, each in its own way
            self._cache[base] = octets
        return octets

    def changes(self, since: int) -> tuple[int, Columns, list[int]]:
        """Return (base, track rows, ended numbers): all rows with base 0 where ``since`` is not remembered."""
        base = since if since > 0 and self._oldest <= since <= self.version else 0
        return base, self._tracks.rows_changed_after(base), self._ended_since(base).tolist() if base else []

    def header(self, base: int) -> dict[str, Any]:
        """Return the header of a message on top of version ``base``, without its tables."""
        return {
            "type": "picture",
            "version": self.version,
            "base": base,
            "now_ms": self.now_ns / 1e6,
            "progress": self.progress,
            "mode": self.mode,
            "ended": self._ended_since(base).tolist() if base else [],
        }

    def _encode(self, base: int) -> bytes:
        tables: dict[str, Columns] = {}
        rows = self._tracks.rows_changed_after(base)
        if base == 0 or rows["track_no"].size:
            tables["track"] = rows
        plots = self._plots_since(base)
        if base == 0 or plots["rx_ns"].size:
            tables["plot"] = plots
        identities, alerts = self._identities.changed_after(base), self._alerts.changed_after(base)
        if identities["track_no"].size:
            tables["identity"] = identities
        if alerts["alert_no"].size:
            tables["alert"] = alerts
        if self.weather.version > base:
            tables["weather"] = self.weather.rows()
        if base == 0 or (self.health is not None and self._health_version > base):
            tables["health"] = self.health or no_rows("health")
        return encode(self.header(base), tables)

    def _forget(self) -> None:
        self._tracks.clear()
        self._ended.clear()
        self._ended_count = 0
        self._plots.clear()
        self._plot_count = 0
        self.health = None
        self._identities.clear()
        self._alerts.clear()
        self.weather.clear(self.version)
        self._oldest = self.version

    def _remember_ended(self, ended: Numbers) -> None:
        if ended.size:
            self._ended.append((self.version, ended))
            self._ended_count += ended.size
        while self._ended_count > MAX_ENDED:
            version, numbers = self._ended.popleft()
            self._ended_count -= numbers.size
            self._oldest = version  # who holds this version or more has seen these end

    def _ended_since(self, base: int) -> Numbers:
        """Return the numbers ended after ``base`` that are not live again."""
        parts = []
        for version, numbers in reversed(self._ended):
            if version <= base:
                break
            parts.append(numbers)
        if not parts:
            return self._tracks.numbers[:0]
        gone = np.unique(np.concatenate(parts))
        return gone[~np.isin(gone, self._tracks.numbers)]

    def _keep_plots(self, plots: Columns) -> bool:
        count = plots["rx_ns"].size
        if count > MAX_PLOTS:
            self.plots_dropped += count - MAX_PLOTS
            plots, count = {name: values[-MAX_PLOTS:] for name, values in plots.items()}, MAX_PLOTS
        if count:
            self._plots.append((self.version, _own(plots)))
            self._plot_count += count
        oldest_ns = self.now_ns - PLOT_LIFE_NS
        while self._plots:
            full = self._plot_count > MAX_PLOTS
            held = self._plots[0][1]["rx_ns"]
            if not full and held.max() >= oldest_ns:
                break
            if full:
                self.plots_dropped += held.size
            self._plots.popleft()
            self._plot_count -= held.size
        return bool(count)

    def _plots_since(self, base: int) -> Columns:
        chunks = [held for version, held in self._plots if version > base]
        if not chunks:
            return no_rows("plot")
        joined: dict[str, Column] = {name: np.concatenate([c[name] for c in chunks]) for name in chunks[0]}
        young = joined["rx_ns"] >= self.now_ns - PLOT_LIFE_NS
        return joined if young.all() else {name: values[young] for name, values in joined.items()}

    def _keep_health(self, health: Columns) -> bool:
        """Hold the health rows; two that differ only in the tick they were made at are the same news."""
        old, self.health = self.health, _own(health)
        if old is None or old["sensor_id"].size != health["sensor_id"].size:
            self._health_version = self.version
            return True
        news = any(old[name].tobytes() != health[name].tobytes() for name in health if name != "now_ns")
        if news:
            self._health_version = self.version
        return news


def _own(columns: Columns) -> dict[str, Column]:
    """Return copies: a view would keep the whole update it came in alive."""
    return {name: values.copy() for name, values in columns.items()}
