"""Release rules as data: every key must stand there, rightly; else the rule denies and says why."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from vigie.terms.tables import TRACK
from vigie.terms.units import NS_PER_S

CATEGORIES: Final = ("pending", "unknown", "assumed friend", "friend", "neutral", "suspect", "hostile")
"""Names of ``category`` of the table identity, by number."""
ALWAYS: Final = ("now_ns", "track_no", "status")
"""Columns without which a row is none."""
FIELDS: Final = tuple(c.name for c in TRACK.columns if c.name not in ALWAYS)


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one neighbour may have. No key has a default, so that nothing is released by omission."""

    name: str
    outline_deg: list[tuple[float, float]]
    floor_fl: float
    ceiling_fl: float
    categories: list[str]
    fields: list[str]
    delay_s: float
    accuracy_m: float
    valid_from: datetime.datetime
    valid_until: datetime.datetime

    def valid_at(self, now_ns: int) -> bool:
        """Tell whether the rule counts at ``now_ns``."""
        return self.valid_from.timestamp() * NS_PER_S <= now_ns < self.valid_until.timestamp() * NS_PER_S


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A neighbour and its rule; ``rule`` is None where it is denied, and ``why`` says why in English words."""

    name: str
    rule: Rule | None
    why: tuple[str, ...] = ()


def read_rules(rows: Any) -> tuple[Neighbour, ...]:
    """Return the neighbours of the tables ``[[neighbour]]``. Never raises: what is wrong denies."""
    if not isinstance(rows, list):
        return (Neighbour("?", None, ("[[neighbour]] needs two brackets",)),)
    found = [_read(row, f"neighbour {i + 1}") for i, row in enumerate(rows)]
    names = [one.name for one in found]
    return tuple(
        Neighbour(n.name, None, (*n.why, "its name stands twice")) if names.count(n.name) > 1 else n for n in found
    )


def _read(row: Any, number: str) -> Neighbour:
    if not isinstance(row, dict):
        return Neighbour(number, None, ("is no table",))
    given = row.get("name")
    name = given if isinstance(given, str) and given.strip() else number
    known = Rule.__struct_fields__
    why = [f"{key} is missing" for key in known if key not in row]
    why += [f"{key} is not known" for key in sorted(set(row) - set(known))]
    if not why:
        try:
            rule = msgspec.convert(row, Rule, strict=True)
        except msgspec.ValidationError as wrong:
            why.append(str(wrong))
        else:
            why += _absurd(rule)
            if not why:
                return Neighbour(name, rule)
    return Neighbour(name, None, tuple(why))


def _absurd(rule: Rule) -> list[str]:
    lats, lons = [p[0] for p in rule.outline_deg], [p[1] for p in rule.outline_deg]
    on_earth = all(abs(a) <= 90 for a in lats) and all(abs(o) <= 180 for o in lons)
    return [
        words
        for good, words in (
            (rule.name.strip(), "name is empty"),
            (len(set(rule.outline_deg)) >= 3 and on_earth, "outline_deg is no outline of three places or more"),
            (not lons or max(lons) - min(lons) < 180, "outline_deg goes round more than half the Earth"),
            (-100 <= rule.floor_fl < rule.ceiling_fl <= 3000, "floor_fl and ceiling_fl are no band"),
            (rule.categories and set(rule.categories) <= set(CATEGORIES), "categories has none, or one not known"),
            (rule.fields and set(rule.fields) <= set(FIELDS), "fields has none, or one not known"),
            (0 <= rule.delay_s < math.inf, "delay_s is no time from 0"),
            (0 <= rule.accuracy_m <= 100_000, "accuracy_m is not from 0 to 100000"),
            (rule.valid_from.tzinfo and rule.valid_until.tzinfo, "valid_from and valid_until need Z, for UTC"),
        )
        if not good
    ] or ([] if rule.valid_from < rule.valid_until else ["valid_until is not after valid_from"])
