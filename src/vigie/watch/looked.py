"""Volumes as the rules use them: which rule applies to which, with its numbers; worked out when something changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.airspace.index import Index, Near, build_index
from vigie.airspace.volume import Volume
from vigie.earth.wgs84 import Floats
from vigie.watch.board import Board, Bools, Longs
from vigie.watch.kernels.entry import entries
from vigie.watch.rule import Rule, Settings, setting

MARGIN_M: Final = 60_000.0


@dataclass(slots=True)
class Looked:
    """One set of volumes. ``near``, ``entry_s`` and ``square`` are of the step at hand, pair by pair."""

    index: Index
    applies: dict[str, Bools]
    horizon_s: Floats
    margin_m: Floats
    wanted_u1: npt.NDArray[np.uint8]
    near: Near = field(default_factory=lambda: Near(*_nothing()))
    entry_s: Floats = field(default_factory=lambda: np.zeros(0))
    square: Floats = field(default_factory=lambda: np.zeros(0))
    cache: dict[tuple[str, str], Floats] = field(default_factory=dict)

    def wanted(self, rule: Rule) -> Bools:
        """Return which volumes a rule applies to now: by kind or by name, switched on, and active."""
        of = self.applies.get(rule.name)
        active = self.index.active.astype(bool)
        return active & of if of is not None else np.zeros(len(self.index.volumes), bool)

    def look(self, board: Board, rows: Longs) -> None:
        """Find the pairs of this step and when each track will be in."""
        if not self.index.volumes or not rows.size:
            self.near, self.entry_s, self.square = Near(*_nothing()), np.zeros(0), np.zeros(0)
            return
        speed = np.hypot(np.nan_to_num(board.ve[rows]), np.nan_to_num(board.vn[rows]))
        reach = np.minimum(self.index.margin_m, speed * float(self.horizon_s.max(initial=0.0)) + 500.0)
        self.near = self.index.near(
            board.lat[rows], board.lon[rows], board.press_m[rows], board.amsl_m[rows], board.ground_m[rows], reach
        )
        count = self.near.point.size
        self.entry_s, self.square = np.empty(count), np.empty(count)
        entries(
            self.near.point, self.near.volume, self.near.distance_m, rows, self.wanted_u1, board.lat, board.lon,
            board.press_m, board.amsl_m, board.ground_m, board.ve, board.vn, board.climb, self.index.edges,
            self.index.edge_first, self.index.levels, self.index.datums, self.horizon_s, self.margin_m, self.entry_s,
            self.square,
        )  # fmt: skip


def _nothing() -> tuple[Any, Any, Any, Any]:
    return np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0), np.zeros(0)


def applies(rule: Rule, volume: Volume, settings: Settings) -> bool:
    """Return whether a rule looks at a volume: named by it, or usual for its kind; and not switched off."""
    named = rule.name in volume.rules if volume.rules else volume.kind in rule.kinds
    own_on = volume.parameter("on", -1.0)
    return named and own_on != 0.0 and setting(settings, rule, volume.id, "on") > 0.0


def number(rule: Rule, volume: Volume, settings: Settings, name: str) -> float:
    """Return a parameter for a volume: set by a person, else written in the volume, else the rule's."""
    if (rule.name, volume.id, name) in settings:
        return settings[rule.name, volume.id, name]
    written = volume.parameter(f"{rule.name}.{name}", float("nan"))
    return setting(settings, rule, volume.id, name) if written != written else written  # noqa: PLR0124


def make_looked(volumes: Sequence[Volume], rules: Iterable[Rule], settings: Settings) -> Looked:
    """Return the volumes with the rules that apply to them."""
    kinded = [rule for rule in rules if rule.kinds]
    index = build_index(volumes, margin_m=MARGIN_M)
    n = len(index.volumes)
    of = {rule.name: np.array([applies(rule, v, settings) for v in volumes], bool) for rule in kinded}
    horizon, margin = np.zeros(n), np.zeros(n)
    for rule in kinded:
        names = {p.name for p in rule.params}
        for i, volume in enumerate(volumes):
            if of[rule.name][i]:
                if "horizon_s" in names:
                    horizon[i] = max(horizon[i], number(rule, volume, settings, "horizon_s"))
                if "margin_m" in names:
                    margin[i] = max(margin[i], number(rule, volume, settings, "margin_m"))
    wanted = np.zeros(n, bool)
    for mask in of.values():
        wanted |= mask
    return Looked(index, of, horizon, margin, wanted.astype(np.uint8))
