"""The step of identification: every track is judged when something of it changes, and every ten seconds."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.flights.blocks import NO_STATE, address_blocks
from vigie.flights.plan import NO_CODE, FlightPlan, fits, permit_covers
from vigie.flights.store import State
from vigie.identify.correlate import CONSPICUITY, Match, PlanBook, correlate, plan_book
from vigie.identify.drones import DRONE_BITS, DroneClaims
from vigie.identify.evidence import BEHAVIOUR, Policy, comloss_step, judge, words
from vigie.identify.trust import CONTRADICTED, CONTRADICTS, Trust, trust_words
from vigie.sensors.site import Site
from vigie.terms.batch import Act
from vigie.terms.rows import chosen, whole
from vigie.terms.tables import CATEGORIES, IDENTITY, REMOTE_ID, TRACK_CONFIRMED, TRACK_ENDED, Rows
from vigie.terms.texts import text_octets
from vigie.terms.units import NS_PER_S

TURNS: Final = 100
"""A track of which nothing changed is judged anew every so many ticks."""
TICK_NS: Final = 100_000_000
MOST_CASES: Final = 4096
FORGOTTEN_NS: Final = 30 * NS_PER_S
ACTS: Final = frozenset({"track.identify", "track.name", "track.radio"})
_HEARD: Final = np.dtype([
    ("number", "<i8"), ("icao24", "<i8"), ("mode3a", "<i8"), ("callsign", "S8"), ("trust", "<i8"), ("bits", "<i8"),
])  # fmt: skip
"""What of a track's row is judged as soon as it changes."""


@dataclass(slots=True, kw_only=True)
class Person:
    """What is held of one track."""

    number: int
    first_ns: int
    icao24: int = 0
    mode3a: int = NO_CODE
    callsign: str = ""
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    sensors: int = 0
    plan_id: str = ""
    permit: str = ""
    candidates: int = 0
    by: str = ""
    category: int = 0
    confidence: float = 0.0
    score: float = 0.0
    evidence: tuple[str, ...] = ()
    decided: int = -1
    decided_by: str = ""
    decided_ns: int = 0
    decided_why: str = ""
    trust: int = 0
    trust_bits: int = 0
    comloss: int = 0
    radio: str = ""
    name: str = ""
    told: tuple[Any, ...] = ()
    behaviour: frozenset[str] = field(default_factory=frozenset)


class Identify:
    """Tracks, flights, behaviour and acts in, IDENTITY rows out. ``trust`` is what aircraft's words are worth."""

    NOT_IN_SNAPSHOT = ("_judged",)

    def __init__(self, site: Site, policy: Policy | None = None, *, undulation_m: float = 0.0) -> None:
        self.policy = policy or Policy()
        self.trust = Trust(site, undulation_m=undulation_m)
        self._people: dict[int, Person] = {}
        # Which people to look at, so that a tick costs what changed in it and not what is on the picture:
        self._due: set[int] = set()
        self._waiting: set[int] = set()
        self._turns: list[set[int]] = [set() for _ in range(TURNS)]
        self._behaving: set[int] = set()
        self._absent: dict[int, int] = {}
        """Number -> when its row was last there."""
        self._taken_ns = 0
        self._told = np.zeros(0, _HEARD)
        self._place: dict[int, int] = {}
        """Number -> row in ``_where``: latitude, longitude (degrees)."""
        self._where = np.zeros((0, 2))
        self._sensors = np.zeros(0, np.uint64)
        self._codes: dict[int, int] = {}
        self._flights = State()
        self._book = PlanBook()
        self._neighbours = sum(1 << s.id % 64 for s in site.sensors if s.kind == "external")
        self._observers = sum(1 << s.id % 64 for s in site.sensors if s.kind in ("observer", "acoustic"))
        self._remote = sum(1 << s.id % 64 for s in site.sensors if s.kind == "remoteid")
        self._drones = DroneClaims()
        self._heard = False
        self._judged: dict[tuple[tuple[str, ...], int, bool], tuple[int, float, float]] = {}
        self.refused: list[tuple[Act, str]] = []

    def step(
        self, tracks: Rows, plots: Rows, health: Rows, flights: State, behaviour: dict[int, set[str]],
        acts: tuple[Act, ...], now_ns: int, *, remote_ids: Rows | None = None,
    ) -> Rows:  # fmt: skip
        """Return IDENTITY rows of all tracks of which something changed."""
        self.refused = []
        self.trust.step(tracks, plots, health, now_ns)
        self._heard = self._drones.step(plots, REMOTE_ID.empty() if remote_ids is None else remote_ids, now_ns)
        if flights is not self._flights:
            if flights.plans is not self._flights.plans or flights.aircraft is not self._flights.aircraft:
                self._book = plan_book(flights)
            self._flights = flights
            self._due.update(self._people)
        self._take(tracks, behaviour, now_ns)
        for act in acts:
            if act.act in ACTS:
                why = self._act(act, now_ns)
                if why:
                    self.refused.append((act, why))
        judged = self._due | self._turns[now_ns // TICK_NS % TURNS]
        if now_ns % NS_PER_S == 0:
            judged |= self._waiting
        self._due.clear()
        changed = []
        for number in sorted(judged & self._people.keys()):
            person = self._people[number]
            self._judge(person, now_ns)
            now = self._fingerprint(person)
            if now != person.told:
                person.told = now
                changed.append(person)
        return self._rows(changed, now_ns)

    def _take(self, tracks: Rows, behaviour: dict[int, set[str]], now_ns: int) -> None:
        """Take the rows of a whole second: whoever's words, trust or behaviour changed is due."""
        if not len(tracks):
            return
        for number in tracks["track_no"][tracks["status"] == TRACK_ENDED].tolist():
            self._forget(number)
        live = chosen(tracks, (tracks["status"] >= TRACK_CONFIRMED) & (tracks["status"] != TRACK_ENDED))
        rows = np.zeros(len(live), _HEARD)
        rows["number"], rows["icao24"], rows["mode3a"] = live["track_no"], live["icao24"], live["mode3a"]
        rows["callsign"], (rows["trust"], rows["bits"]) = live["callsign"], self.trust.latest
        self._place = dict(zip(rows["number"].tolist(), range(len(live)), strict=True))
        self._where = np.stack([live["lat_deg"], live["lon_deg"]], 1).astype(np.float64)
        self._sensors = live["sensors"].astype(np.uint64)
        self._codes = dict(Counter(rows["mode3a"].tolist()))
        if self._heard:
            self._hold_against_drones(rows)
        rows = chosen(rows, np.argsort(rows["number"], kind="stable"))
        changed = np.ones(len(rows), bool)
        if len(self._told):
            place = np.minimum(np.searchsorted(self._told["number"], rows["number"]), len(self._told) - 1)
            changed = whole(chosen(self._told, place)) != whole(rows)
        self._told = rows
        for number, icao24, mode3a, callsign, trust, bits in chosen(rows, changed).tolist():
            person = self._people.get(number)
            if person is None:
                person = self._people[number] = Person(number=number, first_ns=now_ns)
                self._turns[number % TURNS].add(number)
            name = callsign.decode("ascii", "replace").strip()
            now = (icao24, mode3a, name, trust, bits)
            if now != (person.icao24, person.mode3a, person.callsign, person.trust, person.trust_bits):
                person.icao24, person.mode3a, person.callsign, person.trust, person.trust_bits = now
                self._due.add(number)
            elif not person.told:
                self._due.add(number)
        for number in sorted((behaviour.keys() | self._behaving) & self._place.keys()):
            does = frozenset(behaviour.get(number, ()))
            if does != self._people[number].behaviour:
                self._people[number].behaviour = does
                self._due.add(number)
            (self._behaving.add if does else self._behaving.discard)(number)
        self._forget_absent(now_ns)

    def _hold_against_drones(self, rows: Rows) -> None:
        """Add what drones' own messages contradict to the trust of the tracks that such receivers see."""
        for k in np.flatnonzero(self._sensors & np.uint64(self._remote)).tolist():
            name = bytes(rows["callsign"][k]).decode("ascii", "replace").strip()
            rows["bits"][k] |= self._drones.bits_of(name, *self._where[k].tolist())
            if rows["bits"][k] & DRONE_BITS:
                rows["trust"][k] = CONTRADICTED

    def _forget_absent(self, now_ns: int) -> None:
        for number in self._absent.keys() & self._place.keys():
            del self._absent[number]
        for number in sorted(self._people.keys() - self._place.keys()):
            if now_ns - self._absent.setdefault(number, self._taken_ns) > FORGOTTEN_NS:
                self._forget(number)
        self._taken_ns = now_ns

    def _forget(self, number: int) -> None:
        self._people.pop(number, None)
        self._absent.pop(number, None)
        for held in (self._due, self._waiting, self._behaving, self._turns[number % TURNS]):
            held.discard(number)

    # --- judging ------------------------------------------------------------------------------------------------------

    def _judge(self, p: Person, now_ns: int) -> None:
        at = self._place.get(p.number)
        if at is not None:
            p.lat_deg, p.lon_deg = self._where[at].tolist()
            p.sensors = int(self._sensors[at])
        plan = self._couple(p, now_ns)
        p.permit = self._permit(p, plan, now_ns)
        p.comloss = comloss_step(
            radio=p.radio, code_7600=p.mode3a == 0o7600, code_7500=p.mode3a == 0o7500, behaviour=p.behaviour
        )
        p.evidence = tuple(self._evidence(p, plan, now_ns))
        age_s = (now_ns - p.first_ns) / NS_PER_S
        # The same evidence is judged the same: most of the picture shares a few dozen sets of it.
        case = (p.evidence, p.category, age_s < self.policy.pending_s)
        if case not in self._judged:
            if len(self._judged) >= MOST_CASES:
                self._judged.clear()
            self._judged[case] = judge(self.policy, p.evidence, p.category, age_s)
        category, p.confidence, p.score = self._judged[case]
        p.category = p.decided if p.decided >= 0 else category
        (self._waiting.discard if p.category else self._waiting.add)(p.number)

    def _couple(self, p: Person, now_ns: int) -> FlightPlan | None:
        by_hand = self._flights.couplings.get(p.number)
        if by_hand is not None:
            plan = self._flights.plans.get(by_hand)
            p.plan_id, p.candidates, p.by = (plan.plan_id, 1, "hand") if plan else ("", 0, "hand")
            return plan
        match = self._match(p, now_ns)
        p.plan_id = match.plan.plan_id if match.plan else ""
        p.candidates, p.by = match.candidates, match.by
        return match.plan

    def _match(self, p: Person, now_ns: int) -> Match:
        if not self._flights.plans:
            return Match()
        return correlate(
            self._book, icao24=p.icao24, callsign=p.callsign, mode3a=p.mode3a,
            code_shared=self._codes.get(p.mode3a, 0) > 1, lat_deg=p.lat_deg, lon_deg=p.lon_deg, now_ns=now_ns,
        )  # fmt: skip

    def _permit(self, p: Person, plan: FlightPlan | None, now_ns: int) -> str:
        known = self._flights.aircraft.get(p.icao24)
        registration = (plan.registration if plan else "") or (known.registration if known else "")
        operator = (plan.item("OPR") if plan else "") or (known.operator if known else "")
        kind = (plan.aircraft_type if plan else "") or (known.aircraft_type if known else "")
        for permit in self._flights.permits.values():
            covered, _ = permit_covers(
                permit, now_ns, callsign=p.callsign or (plan.callsign if plan else ""), registration=registration,
                icao24=p.icao24, aircraft_type=kind, operator=operator,
            )  # fmt: skip
            named = permit.callsigns or permit.registrations or permit.icao24s or permit.operator
            if covered and named:
                return permit.number
        return ""

    def _evidence(self, p: Person, plan: FlightPlan | None, now_ns: int) -> list[str]:
        out: list[str] = []
        flights = self._flights
        known = flights.aircraft.get(p.icao24)
        for one in flights.known:
            if not _means(one, p, known.registration if known else "", now_ns):
                continue
            out.append({
                "friend": "known_friend", "assumed_friend": "known_assumed", "neutral": "known_neutral",
                "suspect": "known_suspect", "hostile": "known_suspect", "own_state": "known_own",
                "watched": "known_watched",
            }[one.known_as])  # fmt: skip
            break
        if plan:
            out.append("plan")
            if plan.code_due not in (NO_CODE, p.mode3a) and p.mode3a != NO_CODE:
                out.append("code_other")
            elif plan.code_due == p.mode3a and p.mode3a not in CONSPICUITY and p.mode3a != NO_CODE:
                out.append("code_due")
            if "off_route" not in p.behaviour and len(plan.points) > 1:
                out.append("on_route")
        if p.permit:
            out.append("permit")
        if p.candidates > 1:
            out.append("ambiguous")
        if (flights.plans or flights.permits) and not plan and not p.permit:
            out.append("no_plan")
        if p.icao24:
            state, military = address_blocks().owner(p.icao24)
            if state == NO_STATE:
                out.append("no_state")
            elif state == self.policy.own_state:
                out.append("own_block")
            else:
                out.append("military_block" if military else "civil_address")
        elif p.mode3a == NO_CODE and now_ns - p.first_ns > 60 * NS_PER_S:
            out.append("no_answer")
        if p.sensors & self._neighbours:
            out.append("neighbour")
        if p.sensors & self._observers:
            out.append("observer")
        out += [name for name in BEHAVIOUR if name in p.behaviour]
        if p.mode3a == 0o7500:
            out.append("hijack")
        if p.comloss:
            out.append("comloss")
        if p.trust_bits & CONTRADICTS:
            out.append("contradicted")
        return out

    # --- people -------------------------------------------------------------------------------------------------------

    def _act(self, act: Act, now_ns: int) -> str:
        number = int(act.subject) if act.subject.isascii() and act.subject.isdigit() else 0
        p = self._people.get(number)
        if p is None:
            return f"no track {act.subject!r} is on the picture"
        if act.act == "track.name":
            p.name = act.value[:16]
        elif act.act == "track.radio":
            if act.value not in ("lost", "regained", "refuses", "confirmed"):
                return f"found {act.value!r}, expected lost, regained, refuses or confirmed"
            if act.value == "confirmed" and not act.reason.strip():
                return "confirming needs a reason"
            p.radio = "" if act.value == "regained" else act.value
        elif act.value == "withdraw":
            p.decided, p.decided_by, p.decided_ns, p.decided_why = -1, "", 0, ""
        else:
            if act.value not in CATEGORIES or CATEGORIES.index(act.value) not in self.policy.used:
                return f"{act.value!r} is not a category in use here"
            if not act.reason.strip():
                return "a decision needs a reason"
            p.decided, p.decided_by = CATEGORIES.index(act.value), act.who
            p.decided_ns, p.decided_why = now_ns, act.reason
        self._due.add(number)
        return ""

    # --- telling ------------------------------------------------------------------------------------------------------

    def _fingerprint(self, p: Person) -> tuple[Any, ...]:
        return (
            p.category, p.evidence, p.plan_id, p.permit, p.candidates, p.decided_by, p.decided_ns, p.trust,
            p.trust_bits, p.comloss, p.name,
        )  # fmt: skip

    def _rows(self, people: list[Person], now_ns: int) -> Rows:
        rows = IDENTITY.empty(len(people))
        for i, p in enumerate(people):
            en, fr = words(self.policy, p.evidence)
            rows[i] = (
                now_ns, p.number, p.category, p.confidence, text_octets(en, 240), text_octets(p.plan_id, 40),
                text_octets(p.permit, 24), text_octets(p.decided_by, 24), text_octets(fr, 240), p.decided_ns,
                text_octets(p.decided_why, 64), min(p.candidates, 255), p.trust, p.trust_bits,
                text_octets(trust_words(p.trust_bits), 240), p.comloss, text_octets(p.name, 16), p.score,
            )  # fmt: skip
        return rows

    def rows(self, now_ns: int) -> Rows:
        """Return what was told of every track: what a picture that begins anew holds."""
        return self._rows([p for p in self._people.values() if p.told], now_ns)

    @property
    def codes_seen(self) -> frozenset[int]:
        """Mode 3/A codes that tracks send now."""
        return frozenset(self._codes)

    def person(self, number: int) -> Person | None:
        """Return what is held of a track, for tests and reports."""
        return self._people.get(number)


def _means(one: Any, p: Person, registration: str, now_ns: int) -> bool:
    """Return whether an entry of a list of known aircraft means a track."""
    if one.valid_from_ns >= 0 and now_ns < one.valid_from_ns:
        return False
    if 0 <= one.valid_to_ns <= now_ns:
        return False
    if one.icao24:
        return bool(one.icao24 == p.icao24)
    if one.registration:
        return fits(one.registration, registration)
    return fits(one.callsign, p.callsign) if one.callsign else False
