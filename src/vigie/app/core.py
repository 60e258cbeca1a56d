"""The core process: decode to picture. No socket, no file but the one asked for with ``--to``."""

from __future__ import annotations

import logging
import signal
from typing import Final

import msgspec

from vigie.app.alerts_out import AlertsOut
from vigie.app.aside import Aside
from vigie.app.feed import is_live, read_start
from vigie.app.files import TableFile
from vigie.app.kernels import LIVE_ROOMS, prepare
from vigie.app.known import known_from
from vigie.app.logs import child_logging
from vigie.app.pipeline import Outputs, State, step
from vigie.app.plan import Centre, Wires, quiet_child
from vigie.app.replay import SEEK, Seek
from vigie.app.ring import Ring
from vigie.app.snapshots import Pace, go_on, take_snapshot
from vigie.app.unseen import Unseen
from vigie.show.columns import encode_update
from vigie.show.describe import airspace_facts
from vigie.show.place import place_plots
from vigie.terms.errors import VigieError
from vigie.terms.tables import TRACK
from vigie.terms.units import NS_PER_S
from vigie.wire.recording.batch import decode_batch
from vigie.wire.recording.bodies import Snapshot

log = logging.getLogger("vigie.core")
_LEDGER_EVERY_TICKS: Final = 10
_AIRSPACE_EVERY_NS: Final = 60 * NS_PER_S


def core_main(number: int, centre: Centre, wires: Wires) -> None:
    """Prepare the kernels, then apply batches until told to stop; it is core ``number`` of this centre, from 1."""
    quiet_child()
    child_logging()
    core = Core(number, centre, wires)
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a long compilation may be ended: nothing is in hand yet
        core.prepare()
        quiet_child()
        core.run()
    finally:
        core.close()


class Core:
    """The chain between two rings."""

    def __init__(self, number: int, centre: Centre, wires: Wires) -> None:
        self._number = number
        self._centre = centre
        self._wires = wires
        self._batches = Ring(wires.batches)
        self._pictures = Ring(wires.pictures)
        self._snapshots = Ring(wires.snapshots)
        self._outgoing = Ring(wires.outgoing)
        self._alerts_out = AlertsOut(centre.site)
        if number > 1:  # the one before may have been killed between a message and its signal
            for ring in (self._batches, self._pictures, self._snapshots, self._outgoing):
                ring.nudge()
        self._state: State | None = None
        self._aside: Aside | None = None
        self._deaf = centre.replay is None
        """What lies in the ring before our own start was meant for the core before us."""
        self._came_back = self._set_aside = False
        self._start_text = ""
        self._tracks_file = TableFile(centre.tracks_to, TRACK) if centre.tracks_to else None
        self._lost_updates = 0
        self._now_ns = 0
        self._recent = Unseen()
        self._hidden = False
        """Steps are applied and not shown: what was recorded before is caught up with."""
        self._told_airspace: object = None
        replay = centre.replay
        self._pace = Pace()
        self._keeps = bool(centre.data_dir) or (replay is not None and not replay.own_snapshots)

    def prepare(self) -> None:
        """Compile what is not in the cache, telling the page which kernels are being prepared."""
        for done, name in enumerate(prepare(LIVE_ROOMS)):
            self._publish(None, {"kernels": {"ready": False, "preparing": name, "done": done}})
            if self._wires.stop.is_set():
                return
        self._state = State(self._centre.site, known=known_from(self._centre.known_text))
        self._publish(None, {"kernels": {"ready": True, "preparing": "", "done": 0}})

    def run(self) -> None:
        """Apply batches in order until told to stop or the source ends."""
        state = self._state
        if state is None:
            return
        while True:
            message = self._batches.pop(0.25)
            if message is None:
                if self._wires.stop.is_set():
                    return
                continue
            if not message:
                self._publish(None, self._status(state) | {"ended": True})
                self._close_file()
                self._wires.finished.set()
                continue
            if (start := read_start(message)) is not None:
                if start[0].number == self._number:
                    state = self._begin(state, start[0].text, start[1])
                continue
            if self._deaf:
                continue
            if is_live(message):
                self._came_back, self._set_aside = True, False
                continue
            if self._set_aside:
                continue
            if message.startswith(SEEK):
                state = self._seek(state, msgspec.msgpack.decode(message[len(SEEK) :], type=Seek))
                continue
            batch = decode_batch(message)
            out = step(state, batch)
            self._recent.take(out)
            self._note(state, out)
            if self._tracks_file:
                self._tracks_file.append(out.tracks)
            status = self._status(state) if state.steps % _LEDGER_EVERY_TICKS == 0 else {}
            if status and not self._hidden and self._aside is not None:
                status |= self._aside.facts()
            if state.refused:
                status["refused"] = [
                    {"seq": act.seq, "act": act.act, "subject": act.subject, "who": act.who, "why": why}
                    for act, why in state.refused[:50]
                ]
            if state.board_changed:
                status |= state.board.facts()
            if state.watch.airspace is not self._told_airspace or batch.now_ns % _AIRSPACE_EVERY_NS == 0:
                self._told_airspace = state.watch.airspace
                status |= airspace_facts(state.watch.airspace, state.watch.drawn, batch.now_ns)
            if not self._hidden:
                self._publish(out, status)
            sends = not self._hidden or self._came_back
            if len(out.alerts) and sends and self._alerts_out.links and self._centre.replay is None:
                self._send(out)
            due = self._pace.due(out)
            if self._keeps and (self._came_back or due):
                self._keep(state, batch.now_ns)
            if self._came_back:
                self._came_back = False
                self._show(state)
                self._wires.came_back.set()

    def _note(self, state: State, out: Outputs) -> None:
        """Note what was set aside; a list that is missing begins with what the state says already as known."""
        if self._aside is None:
            self._aside = Aside(state)
        self._aside.take(state, out)

    def _begin(self, state: State, text: str, snapshot: Snapshot | None) -> State:
        """Go on from a snapshot, or anew; what was recorded since follows, and is applied without being shown."""
        self._deaf, self._hidden = False, True
        self._set_aside = snapshot is None
        self._start_text = text
        if snapshot is not None:
            try:
                go_on(state, snapshot)
                self._recent = Unseen(snapshot.shown)
            except VigieError as why:
                self._start_text = f"the picture before the end is not brought back: {why}"
                log.warning("%s", self._start_text)
                self._set_aside = True
                state = self._state = State(self._centre.site, known=known_from(self._centre.known_text))
        return state

    def _seek(self, state: State, seek: Seek) -> State:
        """Begin to apply without showing, in a state of another time where that was sent along; or show again."""
        if seek.show:
            self._show(state)
            return state
        self._hidden = True
        if not seek.fresh:
            return state
        self._aside = None
        self._recent = Unseen()
        state = State(self._centre.site, known=known_from(self._centre.known_text))
        if seek.snapshot:
            snapshot = msgspec.msgpack.decode(seek.snapshot, type=Snapshot)
            go_on(state, snapshot)
            self._recent = Unseen(snapshot.shown)
        self._state = state
        return state

    def _show(self, state: State) -> None:
        """Publish the picture as it is now, as one that begins anew."""
        unseen, hidden, self._hidden = self._recent, self._hidden, False
        if not hidden or not unseen.now_ns:
            return
        self._now_ns = unseen.now_ns
        status = self._status(state) | state.board.facts() | {"ended": False}
        status |= airspace_facts(state.watch.airspace, state.watch.drawn, unseen.now_ns)
        if self._aside is not None:
            self._aside.changed = True
            status |= self._aside.facts()
        self._push(encode_update(
            now_ns=unseen.now_ns, progress=state.steps, mode=self._centre.mode, tracks=unseen.tracks(),
            plots=place_plots(self._centre.site, unseen.plots()), health=unseen.health, status=status, restart=True,
            identities=state.identify.rows(unseen.now_ns), alerts=state.watch.alarms.rows(unseen.now_ns),
            weather=unseen.weather(),
        ), must=True)  # fmt: skip

    def _send(self, out: Outputs) -> None:
        """Hand the data blocks of alerts to the front, which sends them; what finds no room is counted and told."""
        for block in self._alerts_out.blocks(out.alerts):
            if not self._outgoing.push(block):
                self._alerts_out.lost += 1
                log.warning("the way out is full: a data block of alerts is lost (%d so far)", self._alerts_out.lost)

    def _keep(self, state: State, now_ns: int) -> None:
        """Hand a snapshot to the front, which records it; one that cannot be written is told and left out."""
        try:
            self._snapshots.push(take_snapshot(state, now_ns, self._recent.keep()))
        except (VigieError, ValueError) as why:
            log.warning("no snapshot at %d: %s", now_ns, why)

    def close(self) -> None:
        """Finish the file and let go of the rings."""
        self._close_file()
        self._batches.close()
        self._pictures.close()
        self._snapshots.close()
        self._outgoing.close()

    def _status(self, state: State) -> dict[str, object]:
        return {
            "ledger": {"decode": state.decoder.ledger.as_json(), "track": state.tracker.ledger.as_json()},
            "balances": state.ledgers_balance(),
            "digest": state.digest.hex(),
            "digest_step": state.steps,
            "start": self._start_text,
            "lost_updates": self._lost_updates,
            "suspect_editions": {str(sensor): e for sensor, e in state.decoder.suspect_editions.items()},
        }

    def _publish(self, out: Outputs | None, status: dict[str, object]) -> None:
        if out is None:
            steps = self._state.steps if self._state else 0
            message = encode_update(now_ns=self._now_ns, progress=steps, mode=self._centre.mode, status=status)
        else:
            assert self._state is not None
            self._now_ns = out.now_ns
            message = encode_update(
                now_ns=out.now_ns,
                progress=self._state.steps,
                mode=self._centre.mode,
                tracks=out.tracks if len(out.tracks) else None,
                plots=place_plots(self._centre.site, out.plots) if len(out.plots) else None,
                health=out.health,
                status=status or None,
                identities=out.identities,
                alerts=out.alerts,
                weather=out.weather,
            )
        self._push(message, must=out is None)

    def _push(self, message: bytes, *, must: bool) -> None:
        while not self._pictures.push(message):
            # A replay at full speed waits for nobody: the picture is a LATEST queue, losses are counted and shown.
            if not must:
                self._lost_updates += 1
                if self._aside is not None:
                    self._aside.changed = True  # it may have been in the one that is lost
                return
            if self._wires.stop.wait(0.05):
                return

    def _close_file(self) -> None:
        if self._tracks_file:
            self._tracks_file.close()
            self._tracks_file = None
