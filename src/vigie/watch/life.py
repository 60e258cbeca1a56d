"""The life of an alarm: raised, acknowledged, cleared, closed; shelved, escalated, grouped. Nothing vanishes.

An alert is raised when its cause has lasted long enough, cleared when it has been gone long enough. Cleared and not
acknowledged it stays, until a person has seen it; acknowledged and cleared it is closed, told once more, and kept in
the record. Shelving silences with a name, a reason and an end: the alert stays listed, and speaks again at the end.
Source: ANSI/ISA-18.2 (alarm life), reduced to what a surveillance room needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from vigie.terms.batch import Act
from vigie.terms.tables import (
    ALERT,
    ALERT_ACKNOWLEDGED,
    ALERT_CLEARED,
    ALERT_CLOSED,
    ALERT_RAISED,
    Rows,
)
from vigie.terms.texts import text_octets
from vigie.terms.units import NS_PER_S
from vigie.watch.board import Board, Bools
from vigie.watch.rule import ALARM, Find, Key, Rule, Settings, setting

BURST_NS: Final = 10 * NS_PER_S
BURST_COUNT: Final = 5
"""So many alerts of one rule and area within ``BURST_NS`` are one group."""
LONGEST_SHELF_S: Final = 12 * 3600.0
MOST_OPEN: Final = 20_000
"""Most alerts open at once; beyond it those of least severity are counted and not raised."""
REFRESH_NS: Final = 2 * NS_PER_S
"""The words of an open alert are told anew at most so often."""


@dataclass(slots=True, kw_only=True)
class Alert:
    """One alert in play; the times are ns UTC, 0 not yet."""

    no: int
    find: Find
    severity: int
    raised_ns: int
    seen_ns: int
    told_ns: int = 0
    cleared_ns: int = 0
    acknowledged_ns: int = 0
    acknowledged_by: str = ""
    escalated: int = 0
    escalate_from_ns: int = 0
    shelved_until_ns: int = 0
    shelved_by: str = ""
    shelved_why: str = ""
    group_no: int = 0

    @property
    def state(self) -> int:
        """Return the state as in the ALERT table."""
        if self.cleared_ns:
            return ALERT_CLOSED if self.acknowledged_ns else ALERT_CLEARED
        return ALERT_ACKNOWLEDGED if self.acknowledged_ns else ALERT_RAISED


class Alarms:
    """All alerts in play. ``refused`` are acts that could not be carried out, each with its reason."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = {rule.name: rule for rule in rules}
        self._open: dict[Key, Alert] = {}
        self._left: dict[int, Alert] = {}
        """Cleared, not acknowledged: by number; their key may be raised anew."""
        self._waiting: dict[Key, tuple[int, int]] = {}
        self._shelves: dict[tuple[str, str], tuple[int, str, str]] = {}
        """Rule and area shelved as a whole: until, by, why."""
        self._bursts: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self._next = 1
        self.refused: list[tuple[Act, str]] = []
        self.overflow = 0
        self._changed: dict[int, Alert] = {}
        self._stale = True
        """Whether the arrays of keys in play must be made anew."""
        self._keys: list[Key] = []
        self._numbers = np.zeros((0, 2), np.int64)
        self._system = np.zeros(0, bool)
        self.counts: dict[str, int] = {}

    def __len__(self) -> int:
        """Return how many alerts are in play."""
        return len(self._open) + len(self._left)

    def advance(
        self, finds: list[Find], board: Board, looked_at: Bools, acts: tuple[Act, ...], settings: Settings, now_ns: int
    ) -> Rows:
        """Take what the rules found and what people did; return ALERT rows of what changed."""
        self.refused = []
        self._apply(acts, now_ns)
        found: dict[Key, Find] = {}
        for find in finds:
            found.setdefault(find.key, find)
        for key, find in found.items():
            self._seen(key, find, settings, now_ns)
        self._absent(found, board, looked_at, settings, now_ns)
        if acts or now_ns % NS_PER_S == 0:
            self._age(settings, now_ns)
        return self._tell(now_ns)

    def is_open(self, key: Key) -> bool:
        """Return whether an alert with this key is raised and not cleared."""
        return key in self._open

    def open_rules(self) -> dict[int, set[str]]:
        """Return, by track number, the rules that hold alerts open: what identify knows of behaviour."""
        out: dict[int, set[str]] = {}
        for rule, _, track_no, other_no in self._open:
            for number in (track_no, other_no):
                if number:
                    out.setdefault(number, set()).add(rule)
        return out

    def rows(self, now_ns: int) -> Rows:
        """Return all alerts in play: what a picture that begins anew holds."""
        return _rows([*self._open.values(), *self._left.values()], now_ns)

    # --- what the rules found -----------------------------------------------------------------------------------------

    def _seen(self, key: Key, find: Find, settings: Settings, now_ns: int) -> None:
        alert = self._open.get(key)
        if alert is not None:
            alert.seen_ns = now_ns
            was = alert.find
            if find.severity and find.severity > was.severity:
                alert.severity = max(alert.severity, find.severity)
                self._mark(alert)
            elif now_ns - alert.told_ns >= REFRESH_NS and find.reason and find.differs(was):
                self._mark(alert)
            if find.reason:
                alert.find = find
            return
        rule = self._rules[find.rule]
        first_ns, _ = self._waiting.get(key, (now_ns, now_ns))
        wait_s = 0.0 if find.at_once else setting(settings, rule, find.area, "raise_s")
        if now_ns - first_ns < wait_s * NS_PER_S:
            self._stale = self._stale or key not in self._waiting
            self._waiting[key] = (first_ns, now_ns)
            return
        self._waiting.pop(key, None)
        if len(self) >= MOST_OPEN:
            self.overflow += 1
            return
        severity = find.severity or int(setting(settings, rule, find.area, "severity"))
        alert = Alert(
            no=self._next, find=find, severity=severity, raised_ns=now_ns, seen_ns=now_ns, escalate_from_ns=now_ns
        )
        shelf = self._shelves.get((find.rule, find.area)) or self._shelves.get((find.rule, ""))
        if shelf:
            alert.shelved_until_ns, alert.shelved_by, alert.shelved_why = shelf
        self._next += 1
        self._open[key] = alert
        self._changed[alert.no] = alert
        self._stale = True
        self.counts[find.rule] = self.counts.get(find.rule, 0) + 1
        self._group(alert, now_ns)

    def _absent(self, found: dict[Key, Find], board: Board, looked_at: Bools, settings: Settings, now_ns: int) -> None:
        """Clear what was looked for and is no more; what was not looked at stays as it was."""
        if self._stale:
            self._keys = [*self._open, *(k for k in self._waiting if k not in self._open)]
            self._numbers = np.array([(k[2], k[3]) for k in self._keys], np.int64).reshape(len(self._keys), 2)
            self._system = np.array([self._rules[k[0]].scope != "track" for k in self._keys], bool)
            self._stale = False
        if not self._keys:
            return
        rows = board.at(self._numbers)
        on_board = rows >= 0
        asked = np.any(looked_at[np.where(on_board, rows, 0)] & on_board, axis=1)
        asked |= np.any((self._numbers > 0) & ~on_board, axis=1) | self._system
        for k in np.flatnonzero(asked).tolist():
            key = self._keys[k]
            if key not in found:
                self._gone(key, self._rules[key[0]], settings, now_ns)

    def _gone(self, key: Key, rule: Rule, settings: Settings, now_ns: int) -> None:
        clear_ns = setting(settings, rule, key[1], "clear_s") * NS_PER_S
        waiting = self._waiting.get(key)
        if waiting is not None and now_ns - waiting[1] >= min(clear_ns, 2 * NS_PER_S):
            del self._waiting[key]
            self._stale = True
        alert = self._open.get(key)
        if alert is not None and now_ns - alert.seen_ns >= clear_ns:
            alert.cleared_ns = now_ns
            self._mark(alert)
            del self._open[key]
            self._left[alert.no] = alert
            self._stale = True

    def _age(self, settings: Settings, now_ns: int) -> None:
        """Let shelves end and unacknowledged alerts escalate."""
        for shelf, (until_ns, _, _) in list(self._shelves.items()):
            if now_ns >= until_ns:
                del self._shelves[shelf]
        for alert in self._open.values():
            if alert.shelved_until_ns:
                if now_ns < alert.shelved_until_ns:
                    continue
                alert.shelved_until_ns = 0
                alert.escalate_from_ns = now_ns
                self._mark(alert)
            if alert.acknowledged_ns or alert.severity >= ALARM or alert.severity < 2:
                continue
            rule = self._rules[alert.find.rule]
            after_s = setting(settings, rule, alert.find.area, "escalate_s")
            if after_s > 0 and now_ns - alert.escalate_from_ns >= after_s * NS_PER_S:
                alert.severity += 1
                alert.escalated += 1
                alert.escalate_from_ns = now_ns
                self._mark(alert)

    def _group(self, alert: Alert, now_ns: int) -> None:
        key = (alert.find.rule, alert.find.area)
        burst = [one for one in self._bursts.get(key, []) if now_ns - one[0] <= BURST_NS]
        burst.append((now_ns, alert.no))
        self._bursts[key] = burst
        if len(burst) < BURST_COUNT:
            return
        first = burst[0][1]
        known = {one.no: one for one in self._open.values()} if len(burst) == BURST_COUNT else {alert.no: alert}
        lead = next((known[no].group_no for _, no in burst if no in known and known[no].group_no), first)
        for _, no in burst:
            if no in known and known[no].group_no != lead:
                known[no].group_no = lead
                self._mark(known[no])

    # --- what people did ----------------------------------------------------------------------------------------------

    def _apply(self, acts: tuple[Act, ...], now_ns: int) -> None:
        for act in acts:
            if act.act == "alert.acknowledge":
                self._acknowledge(act, now_ns)
            elif act.act == "alert.shelve":
                self._shelve(act, now_ns)

    def _meant(self, subject: str) -> list[Alert]:
        """Return the alerts a subject means: a number, ``group:N``, ``rule:NAME`` or ``rule:NAME/AREA``."""
        everyone = [*self._open.values(), *self._left.values()]
        if subject.isascii() and subject.isdigit():
            return [a for a in everyone if a.no == int(subject)]
        what, _, rest = subject.partition(":")
        if what == "group" and rest.isascii() and rest.isdigit():
            return [a for a in everyone if a.group_no == int(rest) or a.no == int(rest)]
        if what == "rule":
            rule, _, area = rest.partition("/")
            return [a for a in everyone if a.find.rule == rule and area in ("", a.find.area)]
        return []

    def _acknowledge(self, act: Act, now_ns: int) -> None:
        meant = self._meant(act.subject)
        if not meant:
            self.refused.append((act, f"no alert {act.subject!r} is open"))
        for alert in meant:
            if not alert.acknowledged_ns:
                alert.acknowledged_ns, alert.acknowledged_by = now_ns, act.who
                self._mark(alert)

    def _shelve(self, act: Act, now_ns: int) -> None:
        """Shelve for ``value`` seconds; 0 takes it off the shelf. A reason and an end are asked for."""
        try:
            seconds = float(act.value)
        except ValueError:
            seconds = -1.0
        if not 0.0 <= seconds <= LONGEST_SHELF_S:
            self.refused.append((act, f"shelving needs an end: 0 to {LONGEST_SHELF_S:g} seconds"))
            return
        if seconds and not act.reason.strip():
            self.refused.append((act, "shelving needs a reason"))
            return
        until_ns = now_ns + int(seconds * NS_PER_S) if seconds else 0
        meant = self._meant(act.subject)
        rule, _, area = act.subject.removeprefix("rule:").partition("/")
        if act.subject.startswith("rule:") and rule in self._rules:
            if until_ns:
                self._shelves[rule, area] = (until_ns, act.who, act.reason)
            else:
                self._shelves.pop((rule, area), None)
        elif not meant:
            self.refused.append((act, f"no alert {act.subject!r} is open"))
        for alert in meant:
            alert.shelved_until_ns = until_ns
            alert.shelved_by, alert.shelved_why = (act.who, act.reason) if until_ns else ("", "")
            alert.escalate_from_ns = now_ns
            self._mark(alert)

    # --- telling ------------------------------------------------------------------------------------------------------

    def _tell(self, now_ns: int) -> Rows:
        if not self._changed:
            return ALERT.empty()
        changed = list(self._changed.values())
        self._changed = {}
        for alert in changed:
            alert.told_ns = now_ns
            if alert.state == ALERT_CLOSED:
                self._left.pop(alert.no, None)
        return _rows(changed, now_ns)

    def _mark(self, alert: Alert) -> None:
        self._changed[alert.no] = alert

    def quiet(self, key: Key, now_ns: int) -> bool:
        """Return whether an alert is open and was told a moment ago: a rule may then leave out its words."""
        alert = self._open.get(key)
        return alert is not None and now_ns - alert.told_ns < REFRESH_NS

    def snapshot(self) -> dict[str, Any]:
        """Return all alerts in play as plain values."""
        return {
            "open": [asdict(a) for a in self._open.values()],
            "left": [asdict(a) for a in self._left.values()],
            "waiting": [[*key, *times] for key, times in self._waiting.items()],
            "shelves": [[*key, *what] for key, what in self._shelves.items()],
            "bursts": [[*key, burst] for key, burst in self._bursts.items()],
            "next": self._next,
            "overflow": self.overflow,
            "counts": dict(self.counts),
        }

    def restore(self, held: dict[str, Any]) -> None:
        """Take over what ``snapshot`` told."""
        self._open = {a.find.key: a for a in map(_made, held["open"])}
        self._left = {a.no: a for a in map(_made, held["left"])}
        self._waiting = {(r, a, t, o): (f, s) for r, a, t, o, f, s in held["waiting"]}
        self._shelves = {(r, a): (u, b, w) for r, a, u, b, w in held["shelves"]}
        self._bursts = {(r, a): [(t, n) for t, n in burst] for r, a, burst in held["bursts"]}
        self._next, self.overflow, self.counts = held["next"], held["overflow"], dict(held["counts"])
        self._stale = True


def _made(row: dict[str, Any]) -> Alert:
    return Alert(**{**row, "find": Find(**row["find"])})


def _rows(alerts: list[Alert], now_ns: int) -> Rows:
    rows = ALERT.empty(len(alerts))
    for i, a in enumerate(alerts):
        f = a.find
        rows[i] = (
            a.no, f.rule.encode(), text_octets(f.area, 40), f.track_no, a.raised_ns, a.acknowledged_ns, a.cleared_ns,
            a.severity, f.predicted_ns, f.lat_deg, f.lon_deg, text_octets(f.reason, 240), now_ns, a.state, f.other_no,
            a.group_no, a.escalated, a.shelved_until_ns, text_octets(a.acknowledged_by, 24),
            text_octets(a.shelved_by, 24), text_octets(a.shelved_why, 64), text_octets(f.reason_fr, 240),
            f.predicted_sd_s, f.risk,
        )  # fmt: skip
    return rows
