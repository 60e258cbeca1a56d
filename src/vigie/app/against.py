"""Two outputs for one time, held against each other: which tracks, alerts and identities differ, and when.

Both sides are read second by second, so that a day needs no more memory than a minute. Tracks of one number that are
near each other are the same track; of those left over, the nearest pairs are the same under two numbers. Alerts are the
same when rule, area and tracks are and they were raised within ten seconds; identities are compared as they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.earth.wgs84 import A_M
from vigie.terms.tables import ALERT, CATEGORIES, IDENTITY, TRACK, TRACK_COASTING, TRACK_CONFIRMED, Rows
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.terms.utc import iso

_NEAR_M: Final = 2_000.0
"""Farther apart two rows of one second are not the same aircraft, whatever their numbers."""
_MOVED_M: Final = 1.0
_SAME_ALERT_NS: Final = 10 * NS_PER_S
_NAMES: Final = ("callsign", "mode3a", "icao24", "status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Second:
    """What one side told in one second: the newest row of each live track, and rows of alerts and identities."""

    now_ns: int
    tracks: Rows = field(default_factory=TRACK.empty)
    alerts: Rows = field(default_factory=ALERT.empty)
    identities: Rows = field(default_factory=IDENTITY.empty)


@dataclass(slots=True)
class Life:
    """From when to when something was so, and how often."""

    first_ns: int
    last_ns: int
    seconds: int = 1


@dataclass(slots=True)
class Pair:
    """One track on both sides."""

    first_ns: int
    most_m: float = 0.0
    differs_ns: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    """What else differed, and when first."""


class Comparison:
    """Takes both sides second by second; ``result`` says what differs."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[int, int], Pair] = {}
        self.only: tuple[dict[int, Life], dict[int, Life]] = ({}, {})
        self._alerts: tuple[dict[int, Any], dict[int, Any]] = ({}, {})
        self._held: tuple[dict[int, Any], dict[int, Any]] = ({}, {})
        self._told: dict[tuple[int, str], dict[str, Any]] = {}
        self.seconds = 0

    def take(self, a: Second, b: Second) -> None:
        """Take over one second of both sides; their ``now_ns`` are the same."""
        self.seconds += 1
        left, right = a.tracks, b.tracks
        used: list[tuple[int, int]] = []
        _, i, j = np.intersect1d(left["track_no"], right["track_no"], return_indices=True)
        near = _distance_m(left[i], right[j]) < _NEAR_M
        used += zip(i[near].tolist(), j[near].tolist(), strict=True)
        free_i = np.setdiff1d(np.arange(len(left)), i[near])
        free_j = np.setdiff1d(np.arange(len(right)), j[near])
        used += _nearest(left, right, free_i, free_j)
        for x, y in used:
            self._pair(left[x], right[y], a.now_ns)
        for side, rows, taken in ((0, left, [x for x, _ in used]), (1, right, [y for _, y in used])):
            for number in np.delete(rows["track_no"], taken).tolist():
                life = self.only[side].get(number)
                if life is None:
                    self.only[side][number] = Life(a.now_ns, a.now_ns)
                else:
                    life.last_ns, life.seconds = a.now_ns, life.seconds + 1
        self._identities(a, b)
        for side, second in ((0, a), (1, b)):
            for row in second.alerts:
                self._alerts[side].setdefault(int(row["alert_no"]), row.copy())

    def _pair(self, one: np.void, other: np.void, now_ns: int) -> None:
        key = (int(one["track_no"]), int(other["track_no"]))
        pair = self.pairs.setdefault(key, Pair(now_ns))
        away_m = float(_distance_m(one, other))
        pair.most_m = max(pair.most_m, away_m)
        if away_m > _MOVED_M and not pair.differs_ns:
            pair.differs_ns = now_ns
        for name in _NAMES:
            if one[name] != other[name]:
                pair.fields.setdefault(name, now_ns)

    def _identities(self, a: Second, b: Second) -> None:
        for side, rows in ((0, a.identities), (1, b.identities)):
            for row in rows:
                self._held[side][int(row["track_no"])] = row.copy()
        for number in {int(n) for rows in (a.identities, b.identities) for n in rows["track_no"]}:
            one, other = (held.get(number) for held in self._held)
            for name in ("category", "plan", "trust", "decided_by"):
                values = [None if row is None else _plain(name, row[name]) for row in (one, other)]
                if values[0] != values[1] and None not in values:
                    entry = {"track": number, "what": name, "from_ns": a.now_ns, "a": values[0], "b": values[1]}
                    self._told.setdefault((number, name), entry)

    def result(self) -> dict[str, Any]:
        """Return what differs, as plain values; ``equal`` says that nothing does."""
        renumbered = sorted(
            ({"a": x, "b": y, "from_ns": p.first_ns} for (x, y), p in self.pairs.items() if x != y),
            key=lambda e: (e["from_ns"], e["a"]),
        )
        moved = [
            {"a": x, "b": y, "from_ns": p.differs_ns, "most_m": round(p.most_m, 1)}
            for (x, y), p in sorted(self.pairs.items()) if p.differs_ns
        ]  # fmt: skip
        changed = [
            {"a": x, "b": y, "what": name, "from_ns": t}
            for (x, y), p in sorted(self.pairs.items()) for name, t in p.fields.items()
        ]  # fmt: skip
        only = [
            [{"track": n, "from_ns": x.first_ns, "until_ns": x.last_ns, "seconds": x.seconds}
             for n, x in sorted(side.items())] for side in self.only
        ]  # fmt: skip
        alerts = self._alert_differences()
        identities = sorted(self._told.values(), key=lambda e: (e["from_ns"], e["track"], e["what"]))
        found = {
            "seconds": self.seconds, "tracks_both": len(self.pairs), "tracks_only_a": only[0],
            "tracks_only_b": only[1], "renumbered": renumbered, "moved": moved, "changed": changed,
            "alerts_both": alerts[0], "alerts_only_a": alerts[1], "alerts_only_b": alerts[2],
            "identities": identities,
        }  # fmt: skip
        lists = [value for value in found.values() if isinstance(value, list)]
        return {"equal": not any(lists), **found}

    def _alert_differences(self) -> tuple[int, list[Any], list[Any]]:
        same = {x: y for x, y in self.pairs if x != y}  # a track under its other number
        left = {k: _alert(row) for k, row in self._alerts[0].items()}
        right = {k: _alert(row) for k, row in self._alerts[1].items()}
        both = 0
        for k, one in sorted(left.items()):
            tracks = {same.get(n, n) for n in one["tracks"]} | set(one["tracks"])
            for m, other in sorted(right.items()):
                if (
                    (one["rule"], one["area"]) == (other["rule"], other["area"])
                    and tracks >= set(other["tracks"])
                    and (abs(one["raised_ns"] - other["raised_ns"]) <= _SAME_ALERT_NS)
                ):
                    both += 1
                    del left[k], right[m]
                    break
        return both, list(left.values()), list(right.values())


def compare(a: Iterator[Second], b: Iterator[Second]) -> dict[str, Any]:
    """Return what differs between two sides, each in order of time; a second that only one tells counts as silence."""
    found = Comparison()
    one, other = next(a, None), next(b, None)
    while one is not None or other is not None:
        now_ns = min(side.now_ns for side in (one, other) if side is not None)
        empty = Second(now_ns=now_ns)
        first = one if one is not None and one.now_ns == now_ns else empty
        second = other if other is not None and other.now_ns == now_ns else empty
        found.take(first, second)
        one = next(a, None) if first is one else one
        other = next(b, None) if second is other else other
    return found.result()


def seconds(ticks: Iterator[tuple[int, Rows, Rows, Rows]]) -> Iterator[Second]:
    """Yield seconds from (now_ns, tracks, alerts, identities) in order of time."""
    held: list[tuple[int, Rows, Rows, Rows]] = []
    for tick in ticks:
        if held and _second(tick[0]) != _second(held[0][0]):
            yield _joined(held)
            held = []
        held.append(tick)
    if held:
        yield _joined(held)


def _second(now_ns: int) -> int:
    return -(-now_ns // NS_PER_S)


def _joined(held: list[tuple[int, Rows, Rows, Rows]]) -> Second:
    rows = np.concatenate([one[1] for one in held])
    rows = rows[(rows["status"] == TRACK_CONFIRMED) | (rows["status"] == TRACK_COASTING)]
    rows = rows[np.isfinite(rows["lat_deg"])]
    _, last = np.unique(rows["track_no"][::-1], return_index=True)
    return Second(
        now_ns=_second(held[0][0]) * NS_PER_S, tracks=rows[len(rows) - 1 - last],
        alerts=np.concatenate([one[2] for one in held]), identities=np.concatenate([one[3] for one in held]),
    )  # fmt: skip


def _distance_m(a: Any, b: Any) -> Any:
    """Return distances (m) on a sphere, for rows near each other."""
    north = (a["lat_deg"] - b["lat_deg"]) * RAD_PER_DEG
    east = ((a["lon_deg"] - b["lon_deg"] + 180.0) % 360.0 - 180.0) * RAD_PER_DEG * np.cos(a["lat_deg"] * RAD_PER_DEG)
    return np.hypot(north, east) * A_M


def _nearest(left: Rows, right: Rows, i: Any, j: Any) -> list[tuple[int, int]]:
    """Return pairs of places that are each other's nearest and near enough."""
    if not len(i) or not len(j):
        return []
    away_m = _distance_m(left[i][:, None], right[j][None, :])
    to, back = away_m.argmin(1), away_m.argmin(0)
    return [
        (int(i[x]), int(j[y])) for x, y in enumerate(to.tolist()) if back[y] == x and away_m[x, y] < _NEAR_M
    ]  # fmt: skip


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").rstrip()
    return CATEGORIES[int(value)] if name == "category" and int(value) < len(CATEGORIES) else int(value)


def _alert(row: np.void) -> dict[str, Any]:
    return {
        "rule": _plain("", row["rule"]), "area": _plain("", row["area"]), "raised_ns": int(row["raised_ns"]),
        "tracks": [int(n) for n in (row["track_no"], row["other_no"]) if n], "reason": _plain("", row["reason"]),
    }  # fmt: skip


def differences_text(found: dict[str, Any]) -> str:
    """Return what differs as lines for people."""
    lines = [f"{found['seconds']} s, {found['tracks_both']} tracks and {found['alerts_both']} alerts on both sides"]
    if found["equal"]:
        return lines[0] + ": no difference"
    for side in "ab":
        lines += [
            f"track {e['track']} only in {side.upper()}: {iso(e['from_ns'])} to {iso(e['until_ns'])}, {e['seconds']} s"
            for e in found[f"tracks_only_{side}"]
        ]
    lines += [f"track {e['a']} of A is track {e['b']} of B from {iso(e['from_ns'])}" for e in found["renumbered"]]
    lines += [f"track {e['a']}: elsewhere from {iso(e['from_ns'])}, at most {e['most_m']:g} m" for e in found["moved"]]
    lines += [f"track {e['a']}: another {e['what']} from {iso(e['from_ns'])}" for e in found["changed"]]
    for side in "ab":
        lines += [
            f"alert only in {side.upper()}: {iso(e['raised_ns'])} {e['rule']} {e['area']} track "
            f"{', '.join(map(str, e['tracks'])) or '-'}: {e['reason']}"
            for e in found[f"alerts_only_{side}"]
        ]
    lines += [
        f"identity of track {e['track']}: {e['what']} from {iso(e['from_ns'])}: A {e['a']}, B {e['b']}"
        for e in found["identities"]
    ]  # fmt: skip
    return "\n".join(lines)
