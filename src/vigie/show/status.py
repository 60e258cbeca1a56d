"""The status message: facts of the other processes, and the degraded modes that follow from them.

Facts come as a dictionary whose keys are those of the protocol's status message (``kernels``, ``ledger``, ``links``,
``recording``, ...) plus ``balances`` (whether the ledgers do), ``clock`` (``{"state": "ok"|..., "text": ...}``) and
``lost_updates``. Health columns are those of the picture. Source: the reliability plan, section 5.4.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vigie.show.columns import Columns
from vigie.terms.words import tr

STATE_OK: Final = 1
CLOCK_AHEAD_S: Final = 0.5
"""A message stamped this long after it was received can only come from a wrong clock."""
CLOCK_BEHIND_S: Final = -2.0
"""Real radars deliver up to about a second and a half after they measured; later than this is a wrong clock too."""
LOAD_HOLD_S: Final = 10.0
"""DEGRADED-LOAD is shown this long after the last loss, so that a person sees a burst of one second."""


class StatusBuilder:
    """Builds status messages; remembers only when something was last lost to load."""

    def __init__(self, sensor_names: Mapping[int, str], language: str = "") -> None:
        self._names = dict(sensor_names)
        self._language = language
        self._lost: dict[str, int] = {}
        self._lost_s: dict[str, float] = {}

    def build(self, facts: Mapping[str, Any], health: Columns | None, now_s: float) -> dict[str, Any]:
        """Return the status: the facts and ``degraded``, a list of modes with code, text and what they concern.

        ``now_s`` is any clock that never goes back.
        """
        degraded = [
            *self._sensors(health),
            *self._time(facts, health),
            *self._load(facts, now_s),
            *self._record(facts),
        ]
        if facts.get("balances") is False:
            degraded.insert(
                0, self._mode("FAILED-LEDGER", self._tr("A ledger does not balance: data was lost unexplained."))
            )
        return {**facts, "degraded": degraded}

    def _mode(self, code: str, text: str, **concerns: Any) -> dict[str, Any]:
        return {"code": code, "text": text, **concerns}

    def _tr(self, text: str) -> str:
        return tr(text, self._language)

    def _named(self, ids: list[int]) -> str:
        return ", ".join(self._names.get(i, str(i)) for i in ids)

    def _sensors(self, health: Columns | None) -> list[dict[str, Any]]:
        if health is None:
            return []  # nothing was judged yet: the kernels are being prepared, and the status says that
        well = set(health["sensor_id"][health["state"] == STATE_OK].tolist())
        known = set(health["sensor_id"].tolist()) | set(self._names)
        ill = sorted(known - well)
        if not ill:
            return []
        text = self._tr("Without healthy data: {sensors}.").format(sensors=self._named(ill))
        return [self._mode("DEGRADED-SENSOR", text, sensors=ill)]

    def _time(self, facts: Mapping[str, Any], health: Columns | None) -> list[dict[str, Any]]:
        modes = []
        if health is not None:
            offset_s = health["clock_offset_s"]
            off = (offset_s > CLOCK_AHEAD_S) | (offset_s < CLOCK_BEHIND_S)  # NaN, not known, is not off
            ids = sorted(health["sensor_id"][off].tolist())
            if ids:
                text = self._tr("The clock is wrong at: {sensors}.").format(sensors=self._named(ids))
                modes.append(self._mode("DEGRADED-TIME", text, sensors=ids))
        clock = facts.get("clock") or {}
        if clock.get("state", "ok") != "ok":
            text = self._tr("The clock of this machine is in doubt: {why}").format(why=clock.get("text", ""))
            modes.append(self._mode("DEGRADED-TIME", text, sensors=[]))
        return modes

    def _load(self, facts: Mapping[str, Any], now_s: float) -> list[dict[str, Any]]:
        links = facts.get("links") or []
        shed = ((facts.get("ledger") or {}).get("track") or {}).get("shed") or {}
        totals = {
            self._tr("{n} datagrams did not fit the receive buffers"): sum(x.get("kernel_drops") or 0 for x in links),
            self._tr("{n} plots were shed"): sum(shed.values()),
            self._tr("{n} pictures were skipped"): int(facts.get("lost_updates") or 0),
        }
        texts = []
        for words, total in totals.items():
            if total > self._lost.get(words, 0):
                self._lost_s[words] = now_s
            self._lost[words] = total
            if now_s - self._lost_s.get(words, float("-inf")) < LOAD_HOLD_S:
                texts.append(words.format(n=total))
        if not texts:
            return []
        text = self._tr("Overloaded: {losses}.").format(losses=", ".join(texts))
        return [self._mode("DEGRADED-LOAD", text)]

    def _record(self, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
        recording = facts.get("recording") or {}
        if recording.get("state") != "degraded":
            return []
        text = self._tr("The recording has a fault: {why}").format(why=recording.get("text", ""))
        return [self._mode("DEGRADED-RECORDING", text)]
