"""The step of the watch: who moved and a tenth of the others are looked at, every rule says what it finds.

``Watch`` holds the board, the rules' settings and the alarms. Acts change settings, use and alarms in the same step
in which they come, so that a replay does the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from vigie.airspace import store as airspace_store
from vigie.airspace.aerodromes import Aerodrome, aerodrome_arrays
from vigie.airspace.drawn import drawn_volume
from vigie.airspace.sites import ProtectedSite
from vigie.airspace.volume import Volume
from vigie.flights.store import State as Flights
from vigie.sensors.places import check_area
from vigie.sensors.site import Site
from vigie.terms.batch import Act
from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S
from vigie.watch.board import Board
from vigie.watch.kernels.ground import NO_TERRAIN, Terrain, ground_below
from vigie.watch.life import Alarms
from vigie.watch.looked import Looked, make_looked
from vigie.watch.routes import make_routes
from vigie.watch.rule import Find, Rule, Settings
from vigie.watch.rules import RULES
from vigie.watch.rules.crossing import ADIZ, BORDER, note_fences
from vigie.watch.settings import setting_key, why_not
from vigie.watch.view import PERMIT, PLAN, View

SHARES: Final = 10
"""A track that did not move is looked at every so many ticks."""
TICK_NS: Final = 100_000_000
FENCES: Final = BORDER | ADIZ
MOST_DRAWN: Final = 500
QNH_HPA: Final = (850.0, 1100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What stands still: airspace, sites, aerodromes, terrain, and mean sea level's height over the ellipsoid."""

    volumes: tuple[Volume, ...] = ()
    """Volumes where no ``airspace`` is given."""
    notices: airspace_store.State | None = None
    sites: tuple[ProtectedSite, ...] = ()
    aerodromes: tuple[Aerodrome, ...] = ()
    terrain: Terrain = field(default_factory=lambda: NO_TERRAIN)
    undulation_m: float = 0.0

    @property
    def airspace(self) -> airspace_store.State:
        """What is known of the airspace at the start."""
        return self.notices or airspace_store.state_of(self.volumes)


class Watch:
    """Tracks, identities, airspace, flights and acts in; ALERT rows out. See ``step``."""

    def __init__(
        self,
        site: Site,
        ground: Ground | None = None,
        *,
        rules: Sequence[Rule] = RULES,
        settings: Settings | None = None,
        texts: Mapping[str, tuple[str, str]] | None = None,
    ) -> None:
        self.site = site
        self.texts = dict(texts or {})
        """By rule: what is said before the reason, in English and French."""
        self.rules = tuple(rules)
        self.settings: Settings = dict(settings or {})
        self.ground = ground or Ground()
        self.board = Board(site.qnh_hpa, site.temperature_c, self.ground.undulation_m)
        self.alarms = Alarms(self.rules)
        self.flights = Flights()
        self.refused: list[tuple[Act, str]] = []
        self.airspace = airspace_store.State()
        self.drawn: set[str] = set()
        """Ids of areas that people drew, and may remove."""
        self._notes: dict[str, Any] = {}
        self._routes = make_routes(())
        self._active_minute = -1
        self._no_plots: Any = None
        self._leave = self.board.remember("leave", np.int8)
        self._set_volumes()

    def set_ground(self, ground: Ground) -> None:
        """Take over another airspace: what is remembered of who is inside which fence begins anew."""
        self.ground = ground
        self.board.undulation_m = ground.undulation_m
        self._set_volumes()

    def set_airspace(self, airspace: airspace_store.State) -> None:
        """Take over what is known of the airspace after a notice, where it changed."""
        if airspace is self.airspace:
            return
        self.airspace = airspace
        for name in ("fence_in", "fence_m", "fence_ns"):
            self.board.memory.pop(name, None)
        self._set_rules()

    def set_flights(self, flights: Flights) -> None:
        """Take over what is known of flights, where it changed."""
        if flights is self.flights:
            return
        if flights.plans is not self.flights.plans:
            old = self._routes.plans
            self._routes = make_routes(flights.plans.values())
            held = self.board.plan_no[: self.board.used]
            for row in np.flatnonzero(held >= 0).tolist():
                held[row] = self._routes.number.get(old[held[row]].plan_id, -1)
        self.flights = flights

    def step(
        self, tracks: Rows, identities: Rows, plots: Rows, health: Rows, acts: tuple[Act, ...], now_ns: int,
        *, cells: tuple[Any, ...] = (), events: tuple[Any, ...] = (),
    ) -> Rows:  # fmt: skip
        """Advance by one tick and return ALERT rows of all that changed.

        ``tracks`` are TRACK rows of this tick (may be none), ``identities`` IDENTITY rows that changed.
        """
        self.refused = []
        self._apply(acts)
        b = self.board
        b.take(tracks, now_ns)
        self._identify(identities)
        b.carry(now_ns)
        self._activate(now_ns)
        used = b.used
        turn = (now_ns // TICK_NS) % SHARES
        looked = np.zeros(b.capacity, bool)
        looked[turn:used:SHARES] = True
        looked[b.moved] = True
        looked[:used] &= b.known()
        rows = np.flatnonzero(looked)
        t = self.ground.terrain
        ground_below(rows, b.lat, b.lon, t.lat0_deg, t.lon0_deg, t.step_deg, t.heights_m, b.ground_m)
        self.zones.look(b, rows)
        self.fences.look(b, rows)
        view = View(
            now_ns=now_ns, board=b, rows=rows, looked_at=looked, zones=self.zones, fences=self.fences,
            sites=self.ground.sites, aerodromes=self.ground.aerodromes, fields=self._fields, flights=self.flights,
            routes=self._routes, plots=plots, health=health, site=self.site, terrain=t, settings=self.settings,
            cells=cells, events=events, quiet=self.alarms.quiet,
            second=now_ns % NS_PER_S == 0, notes=self._notes,
        )  # fmt: skip
        note_fences(view)
        finds: list[Find] = []
        busy = rows.size > 0 or len(plots) > 0
        for rule in self.rules:
            due = view.second if rule.when == "second" else rule.scope == "system" or busy
            if due and view.value(rule, "on") > 0.0:
                finds += rule.find(view)
        if self.texts:
            finds = [self._worded(find) for find in finds]
        out = self.alarms.advance(finds, b, looked, acts, self.settings, now_ns)
        self.refused += self.alarms.refused
        return out

    def _worded(self, find: Find) -> Find:
        """Return a find with the centre's own words before its reason; one without words stays without."""
        said = self.texts.get(find.rule)
        if said is None or not find.reason:
            return find
        return replace(find, reason=f"{said[0]}: {find.reason}", reason_fr=f"{said[1]} : {find.reason_fr}")

    # --- what people set ----------------------------------------------------------------------------------------------

    def _apply(self, acts: Iterable[Act]) -> None:
        changed = False
        for act in acts:
            why = ""
            if act.act == "threshold.edit":
                why = self._threshold(act)
                changed = changed or not why
            elif act.act == "area.edit":
                why = self._area(act)
            elif act.act == "qnh.set":
                why = self._qnh(act)
            if why:
                self.refused.append((act, why))
        if changed:
            self._set_rules()

    def _threshold(self, act: Act) -> str:
        """Set ``RULE.PARAMETER`` or ``RULE/AREA.PARAMETER`` to ``value``; ``usual`` takes the setting back."""
        key = setting_key(self.rules, act.subject)
        if key is None:
            return f"no parameter {act.subject!r} is known"
        if act.value == "usual":
            self.settings.pop(key, None)
            return ""
        try:
            value = float(act.value)
        except ValueError:
            return f"{act.value!r} is not a number"
        why = why_not(self.rules, key, value)
        if not why:
            self.settings[key] = value
        return why

    def _area(self, act: Act) -> str:
        """Switch a volume ``on`` or ``off`` by hand, ``auto`` back to its own times; or draw one, and ``remove`` it.

        A value in braces draws: JSON with the keys of ``[[area]]`` (kind, outline, circle or corridor, levels, rules).
        """
        if act.value.startswith("{"):
            return self._draw(act)
        if act.value == "remove":
            if act.subject not in self.drawn:
                return f"no area {act.subject!r} was drawn by hand"
            volumes = {k: v for k, v in self.airspace.volumes.items() if k != act.subject}
            by_hand = {k: v for k, v in self.airspace.by_hand.items() if k != act.subject}
            self.drawn.discard(act.subject)
            self.set_airspace(replace(self.airspace, volumes=volumes, by_hand=by_hand))
            return ""
        if act.value not in ("on", "off", "auto"):
            return f"found {act.value!r}, expected on, off, auto, remove, or an area as JSON in braces"
        done = airspace_store.switch(self.airspace, act.subject, None if act.value == "auto" else act.value == "on")
        if done.set_aside:
            return done.set_aside.reason
        self.airspace = done.state
        self._active_minute = -1
        return ""

    def _draw(self, act: Act) -> str:
        if act.subject in self.airspace.volumes and act.subject not in self.drawn:
            return f"{act.subject!r} is an area of the site file or of a notice: draw one with another name"
        if act.subject not in self.drawn and len(self.drawn) >= MOST_DRAWN:
            return f"{MOST_DRAWN} drawn areas are enough: remove some first"
        try:
            said = json.loads(act.value)
        except ValueError as why:
            return f"the area is no JSON: {why}"
        keys, problems = (
            check_area({**said, "id": act.subject}, act.who) if isinstance(said, dict) else ({}, ["no area"])
        )
        unknown = sorted(set(keys.get("rules", ())) - {r.name for r in self.rules})
        if unknown:
            problems.append(f"no rule {unknown[0]!r} is known")
        if problems:
            return "; ".join(problems)
        try:
            volume = drawn_volume(keys, f"drawn by {act.who}")
        except ValueError as why:
            return str(why)
        self.drawn.add(act.subject)
        self.set_airspace(airspace_store.put(self.airspace, volume))
        return ""

    def _qnh(self, act: Act) -> str:
        try:
            value = float(act.value)
        except ValueError:
            value = 0.0
        if not QNH_HPA[0] <= value <= QNH_HPA[1]:
            return f"QNH {act.value!r} is not between 850 and 1100 hPa"
        self.board.qnh_hpa = value
        return ""

    # --- what stands still --------------------------------------------------------------------------------------------

    def _set_volumes(self) -> None:
        for name in ("fence_in", "fence_m", "fence_ns"):
            self.board.memory.pop(name, None)
        self._fields = aerodrome_arrays(self.ground.aerodromes)
        self.airspace = self.ground.airspace
        self._set_rules()

    def _set_rules(self) -> None:
        volumes = airspace_store.all_volumes(self.airspace)
        fences = [v for v in volumes if v.kind in FENCES]
        zones = [v for v in volumes if v.kind not in FENCES]
        self.zones: Looked = make_looked(zones, self.rules, self.settings)
        self.fences: Looked = make_looked(fences, self.rules, self.settings)
        self._active_minute = -1

    def _activate(self, now_ns: int) -> None:
        """Set which volumes count, by hand, by notice, by their own times; looked up every second."""
        if now_ns // NS_PER_S == self._active_minute:
            return
        self._active_minute = now_ns // NS_PER_S
        for looked in (self.zones, self.fences):
            looked.index.active[:] = airspace_store.active_ids(self.airspace, looked.index.volumes, now_ns)

    def _identify(self, identities: Rows) -> None:
        if not len(identities):
            return
        leave = self.board.remember("leave", np.int8)
        rows = self.board.at(identities["track_no"])
        for k in np.flatnonzero(rows >= 0).tolist():
            row, one = int(rows[k]), identities[k]
            plan = bytes(one["plan"]).decode("utf-8", "replace")
            self.board.plan_no[row] = self._routes.number.get(plan, -1)
            leave[row] = PLAN * bool(plan) + PERMIT * bool(bytes(one["permit"]))
            self.board.category[row] = int(one["category"])
            self.board.trust_bits[row] = int(one["trust_bits"])

    # --- snapshot -----------------------------------------------------------------------------------------------------

    def snapshot(self) -> dict[str, Any]:
        """Return all that the watch remembers, as plain values and arrays."""
        return {
            "board": self.board.snapshot(),
            "alarms": self.alarms.snapshot(),
            "settings": [[*key, value] for key, value in self.settings.items()],
            "airspace": self.airspace,
            "drawn": sorted(self.drawn),
            "notes": self._notes,
        }

    def restore(self, held: dict[str, Any]) -> None:
        """Take over what ``snapshot`` told; airspace and flights are given anew by the caller."""
        self.settings = {(r, a, p): v for r, a, p, v in held["settings"]}
        self.airspace = held["airspace"]
        self.drawn = set(held["drawn"])
        self._notes = held["notes"]
        self._set_rules()
        self.board.restore(held["board"])
        self.alarms.restore(held["alarms"])
