"""The chain, in order: the one place where a batch becomes a picture.

``step`` is the same for live, replay, demo and files: only the source of the batches differs. It reads no clock, no
file, no random number and no environment; everything that can change the picture is in the batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

from vigie.app.biases import ToldBiases
from vigie.app.hands import Hands
from vigie.app.known import Known
from vigie.app.news import apply_news
from vigie.app.policy import wanted_of
from vigie.decode.decoder import Decoder
from vigie.flights.plan import RepetitivePlan
from vigie.flights.store import new_day
from vigie.identify.identify import Identify
from vigie.monitor.monitor import Monitor
from vigie.sensors.site import Site
from vigie.show.board import Board
from vigie.terms.batch import Act, Batch, Event, no_frames
from vigie.terms.rows import joined
from vigie.terms.snapshot import decode, encode
from vigie.terms.tables import ALERT, IDENTITY, REJECT, REMOTE_ID, SERVICE, WEATHER, Rows
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import day_start_ns
from vigie.track.tracker import Bias, Tracker
from vigie.watch.watch import Watch

PARDON_NS = 30 * NS_PER_S
"""A pause of the centre up to this long is no silence of aircraft: as long afterwards it counts against no track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What one step gives: rows of the tables PLOT, SERVICE, REJECT, HEALTH, TRACK and more.

    ``identities`` and ``alerts`` are rows of what changed in this step.
    """

    now_ns: int
    plots: Rows
    services: Rows
    rejects: Rows
    health: Rows
    tracks: Rows
    remote_ids: Rows = field(default_factory=REMOTE_ID.empty)
    weather: Rows = field(default_factory=WEATHER.empty)
    identities: Rows = field(default_factory=IDENTITY.empty)
    alerts: Rows = field(default_factory=ALERT.empty)


class State:
    """All that the chain remembers between two ticks."""

    def __init__(self, site: Site, *, editions: Mapping[int, str] | None = None, known: Known | None = None) -> None:
        self.site = site
        self.decoder = Decoder(site, editions=dict(editions or {}))
        self.monitor = Monitor(site)
        self.tracker = Tracker(site)
        self.known = known or Known()
        self.flights = self.known.flights
        wanted = wanted_of(site, self.known.own_state)
        self.hands = Hands(site, wanted.codes)
        self.identify = Identify(site, wanted.identity, undulation_m=self.known.ground.undulation_m)
        self.watch = Watch(site, self.known.ground, settings=wanted.settings, texts=wanted.texts)
        self.watch.set_flights(self.flights)
        self.board = Board()
        """Marks, handovers and the log book; ``board_changed`` says whether the last step changed it."""
        self.board_changed = False
        self.refused: list[tuple[Act, str]] = []
        """Acts of the last step that could not be carried out, each with its reason in words."""
        self._day: tuple[int, tuple[RepetitivePlan, ...]] = (-1, ())
        self.biases: dict[int, Bias] = {}
        self.told_biases = ToldBiases()
        self.steps = 0
        self.digest = b"\0" * 16

    def _given(self) -> tuple[object, ...]:
        """Return what both sides of a snapshot have from the site file: written as a place in this list."""
        known, ground = self.known, self.known.ground
        return (
            self.site, *self.site.sensors, known, ground, known.flights, known.navigation,
            *(getattr(ground, one.name) for one in fields(ground)), self.watch.rules, *self.watch.rules,
        )  # fmt: skip

    def snapshot(self) -> bytes:
        """Return all that the chain remembers, as octets; SnapshotError names what cannot be written."""
        return encode(self, self._given())

    def restore(self, octets: bytes) -> None:
        """Go on from a snapshot, in a state made with the same site and knowledge: every bit comes out the same.

        Raises
        ------
        SnapshotError
            If the octets are of another version, damaged or of another state; this state must then not be used.
        """
        decode(octets, self, self._given())

    def turn_day(self, now_ns: int) -> None:
        """File the repetitive plans of a new day, or of a new list, and forget what is over."""
        turned = (day_start_ns(now_ns), self.flights.repetitive)
        if turned != self._day:
            self.flights = new_day(self.flights, now_ns, self.known.navigation)
            self._day = turned

    def ledgers_balance(self) -> bool:
        """Whether every record and every plot is accounted for; a False is itself an alarm."""
        return self.decoder.ledger.balances and self.tracker.ledger.balances


def step(state: State, batch: Batch) -> Outputs:
    """Advance the whole chain by one tick.

    The same batches give the same outputs and the same ``state.digest``, bit for bit, however they were read.
    """
    # A front whose core is far behind sheds frames of a tick: the decision is recorded, so a replay sheds them too.
    shed = any(event.kind == "shed" for event in batch.events)
    decoded = state.decoder.step(no_frames() if shed else batch.frames)
    for event in batch.events:
        if event.kind == "link_down":  # half a message of the old connection must not meet half of the next
            state.decoder.link_lost(event.link)
        elif event.kind == "came_back" and event.value <= PARDON_NS:
            state.tracker.pardon_s, state.tracker.pardon_until_ns = event.value / NS_PER_S, batch.now_ns + PARDON_NS
    out = _think(
        state,
        decoded.plots,
        decoded.services,
        decoded.rejects,
        batch.now_ns,
        batch.mono_ns,
        batch.acts,
        batch.events,
        decoded.remote_ids,
    )
    if len(decoded.remote_ids) or len(decoded.weather):
        out = replace(out, remote_ids=decoded.remote_ids, weather=decoded.weather)
    return out


def step_plots(state: State, plots: Rows, now_ns: int) -> Outputs:
    """Advance the chain behind ``decode`` by one tick, for input that is plots already."""
    return _think(state, plots, SERVICE.empty(), REJECT.empty(), now_ns, now_ns)


def _think(
    state: State, plots: Rows, services: Rows, rejects: Rows, now_ns: int, mono_ns: int,
    acts: tuple[Act, ...] = (), events: tuple[Event, ...] = (),
    remote_ids: Rows | None = None,
) -> Outputs:  # fmt: skip
    health = state.monitor.step(plots, services, rejects, now_ns, mono_ns)
    if acts:
        state.flights, airspace, aside = apply_news(
            acts, state.flights, state.watch.airspace, state.known.navigation, now_ns
        )
        state.watch.set_airspace(airspace)
        state.flights = state.hands.apply(
            acts, state.tracker, state.flights, now_ns, trust=state.identify.trust, seen=state.identify.codes_seen
        )
        state.refused = [*aside, *state.hands.refused]
    else:
        state.refused = []
    state.board_changed = state.board.apply(acts, now_ns)
    state.turn_day(now_ns)
    state.hands.mark(health)
    tracks = state.tracker.step(state.identify.trust.weigh(plots), health, now_ns)
    by_hand = state.hands.rows(now_ns)
    if len(by_hand):
        tracks = joined([tracks, by_hand])
    if now_ns % NS_PER_S == 0:
        state.biases = state.tracker.biases()
    state.told_biases.write(health, state.biases, state.hands.beyond)
    behaviour = state.watch.alarms.open_rules() if len(tracks) else {}
    identities = state.identify.step(
        tracks, plots, health, state.flights, behaviour, acts, now_ns, remote_ids=remote_ids
    )
    state.watch.set_flights(state.flights)
    cells = state.identify.trust.cells
    alerts = state.watch.step(tracks, identities, plots, health, acts, now_ns, cells=cells, events=events)
    state.refused += [*state.identify.refused, *state.watch.refused]
    state.steps += 1
    out = Outputs(
        now_ns=now_ns, plots=plots, services=services, rejects=rejects, health=health, tracks=tracks,
        identities=identities, alerts=alerts,
    )  # fmt: skip
    state.digest = _chain(state.digest, out)
    return out


def _chain(previous: bytes, out: Outputs) -> bytes:
    """Return the digest of this step's output rows, chained to all before it."""
    digest = hashlib.blake2b(previous, digest_size=16)
    digest.update(out.now_ns.to_bytes(8, "little", signed=True))
    for rows in (out.plots, out.services, out.rejects, out.tracks, out.identities, out.alerts):
        digest.update(len(rows).to_bytes(8, "little"))
        digest.update(rows.tobytes())
    return digest.digest()
