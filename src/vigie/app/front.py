"""The front process: links and the recorder's writer. It reads, stamps, counts, ticks; it never decodes.

Live: links are read until the tick, everything received by then becomes one batch. Replay: batches come from files,
paced by the monotonic clock. Either way the batch goes to the recorder first, then over the ring to the core.
"""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final

import msgspec

from vigie.app.alerts_out import Sender, sender_of
from vigie.app.clock import FrontClock
from vigie.app.clock_state import ClockState
from vigie.app.comeback import Comeback, look_back, story_so_far, tail
from vigie.app.feed import Feed, Story
from vigie.app.logs import child_logging
from vigie.app.plan import Centre, Replay, Wires, quiet_child
from vigie.app.replay import Player
from vigie.app.ring import Ring
from vigie.app.room import Room
from vigie.app.source import Source
from vigie.receive.live import LinkStatus, LiveLinks
from vigie.record.heads import signer_of
from vigie.record.writer import NOT_RECORDED, Recorder
from vigie.terms.batch import Act, Batch, Event, Frames, no_frames
from vigie.terms.errors import VigieError
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import TICK_NS, tick_at_or_after
from vigie.wire.recording.batch import encode_batch
from vigie.wire.recording.bodies import Snapshot, decode_record

log = logging.getLogger("vigie.front")
_NEWS_EVERY_NS: Final = NS_PER_S
_FULL_RING_WAIT_S: Final = 0.005
_LEAD_OCTETS: Final = 512 << 10
"""A replay is at most so far ahead of the core: half a second of a full sky at the highest speed."""
_DURABLE_WITHIN_S: Final = 10.0


def front_main(centre: Centre, wires: Wires, acts: Connection) -> None:
    """Run the front until told to stop."""
    quiet_child()
    child_logging()
    front = Front(centre, wires, acts)
    try:
        if centre.replay is not None:
            front.replay(centre.replay)
        else:
            front.live()
    finally:
        front.close()


class Front:
    """Links, recorder and the way to the core."""

    def __init__(self, centre: Centre, wires: Wires, acts: Connection) -> None:
        self._centre = centre
        self._wires = wires
        self._acts = acts
        self._ring = Ring(wires.batches)
        self._feed = Feed(self._ring, wires.stop)
        self._core = 0
        self._last_number = 0
        self._news = Ring(wires.news)
        self._snapshots = Ring(wires.snapshots)
        self._outgoing = Ring(wires.outgoing)
        self._sender: Sender | None = None
        self._news_due_ns = 0
        self._act_seq = 0
        self._waiting_acts: list[tuple[int, int]] = []  # (durable sequence needed, reference of the page)
        self._refused: list[tuple[int, str]] = []
        self._steady: dict[str, Any] = {}
        self._shed_frames = 0
        self._recorder: Recorder | None = None
        if centre.data_dir:
            self._recorder = Recorder(Path(centre.data_dir), site_text=centre.site_text, version=_version(),
                                      known_text=centre.known_text,
                                      signer=signer_of(Path(centre.data_dir)))  # fmt: skip

    def live(self) -> None:
        """Read links and make ticks until told to stop."""
        clock = FrontClock(self._centre.pace)
        state = ClockState()
        room = Room(Path(self._centre.data_dir or "."))
        links = LiveLinks(self._centre.site, clock_ns=clock.utc_ns, speed=clock.speed)
        seq = 0
        self._sender = sender_of(self._centre.site)
        back = self._begin(clock.utc_ns())
        # Our own absence is no silence of the sensors: for time-outs the first tick follows the last one recorded.
        bridge_ns = back.last_mono_ns + TICK_NS - clock.elapsed_ns() if back.snapshot else 0
        tick_ns = tick_at_or_after(max(clock.utc_ns(), back.last_ns + 1 if back.snapshot else 0))
        first = self._first_events(back, tick_ns)
        try:
            while not self._wires.stop.is_set():
                if self._wires.core_starts.value != self._core:
                    self._begin_again()
                while (left_ns := tick_ns - clock.utc_ns()) > 0:
                    links.poll(left_ns / clock.speed / NS_PER_S)
                frames = links.drain(tick_ns)
                frames.rows["seq"] = range(seq + 1, seq + 1 + len(frames))
                seq += len(frames)
                events = (*first, *links.events(), *clock.discipline(), *state.changes(tick_ns), *room.changes(tick_ns))
                first = ()
                self._give(tick_ns, clock.elapsed_ns() + bridge_ns, frames, events)
                self._tell([_link(status) for status in links.status()])
                self._send()
                tick_ns += TICK_NS
        finally:
            links.close()
            if self._sender is not None:
                self._sender.close()

    def _send(self) -> None:
        """Send what the core has for neighbours."""
        blocks = []
        while (block := self._outgoing.pop()) is not None:
            blocks.append(block)
        if self._sender is not None:
            self._sender.send(blocks)

    def replay(self, replay: Replay) -> None:
        """Play files as people ask; what is faster than the core is held back by how much waits for it."""
        source = Source(replay)
        player = Player(source, replay, send=self._push_waiting, give=self._play, stop=self._wires.stop,
                        idle=lambda: self._attend(source, player), writes=bool(self._centre.tracks_to))  # fmt: skip
        player.run()

    def _attend(self, source: Source, player: Player) -> None:
        """Between two batches of a replay: take what people ask, keep the core's snapshots, tell how it stands."""
        for act in self._take_acts(0):
            try:
                player.obey(act)
            except VigieError as why:
                self._refused.append((act.seq, str(why)))
            else:
                self._waiting_acts.append((0, act.seq))
        while (taken := self._snapshots.pop()) is not None:
            source.keep(taken)
        facts = player.facts()
        steady = {**facts, "now_ms": 0}
        self._tell([], facts, at_once=steady != self._steady)
        self._steady = steady

    def _play(self, batch: Batch) -> None:
        message = encode_batch(batch)
        while self._ring.fill * self._ring.handle.capacity > _LEAD_OCTETS:  # so that a pause or another time is soon
            if self._wires.stop.wait(_FULL_RING_WAIT_S):
                return
        self._push_waiting(message)

    def close(self) -> None:
        """Finish the recording and let go of the rings."""
        if self._recorder is not None:
            self._recorder.close()
        self._feed.close()
        self._ring.close()
        self._news.close()
        self._snapshots.close()
        self._outgoing.close()

    def _give(self, now_ns: int, mono_ns: int, frames: Frames, events: tuple[Event, ...]) -> None:
        acts = self._take_acts(now_ns)
        batch = Batch(now_ns=now_ns, mono_ns=mono_ns, frames=frames, acts=acts, events=events)
        message = encode_batch(batch)
        if not self._feed.has_room(len(message)):
            # The core is a minute behind. The record keeps the frames and the decision; the core gets only the tick.
            self._shed_frames += len(frames)
            event = Event(rx_ns=now_ns, kind="shed", value=len(frames), text="the core is behind: frames not decoded")
            batch = replace(batch, events=(*events, event))
            message = encode_batch(replace(batch, frames=no_frames()))
        if self._recorder is not None:
            durable_at = self._recorder.append(batch)
            if durable_at != NOT_RECORDED:
                self._last_number = durable_at
            self._waiting_acts += [(durable_at, act.seq) for act in acts]
            while (taken := self._snapshots.pop()) is not None:
                self._recorder.note(now_ns, decode_record(taken, Snapshot))
        if not self._feed.push(message):
            log.error("the ring to the core is full: the tick %d is lost to the picture, not to the record", now_ns)

    def _begin(self, now_ns: int) -> Comeback:
        """Let the first core go on from the recording, or begin anew."""
        self._core = self._wires.core_starts.value
        if self._recorder is None:
            self._feed.start(self._core, Story)
            return Comeback()
        folder = Path(self._centre.data_dir)
        centre = self._centre
        back = look_back(folder, site_text=centre.site_text, known_text=centre.known_text, now_ns=now_ns)
        log.log(logging.WARNING if back.last_ns and back.snapshot is None else logging.INFO, "%s", back.text)
        story = Story(text=back.text)
        if back.snapshot is not None:
            after = tail(folder, back.snapshot.now_ns, self._recorder.durable_seq)
            story = Story(snapshot=back.snapshot, batches=after, text=back.text)
        self._feed.start(self._core, lambda: story)
        return back

    def _begin_again(self) -> None:
        """Another core is coming: it goes on where the recording stands now, and misses nothing."""
        self._core = self._wires.core_starts.value
        recorder, number, folder = self._recorder, self._last_number, Path(self._centre.data_dir)

        def look() -> Story:
            if recorder is None or self._wires.anew.is_set():
                return Story(text="the picture begins anew: going on from the recording has ended a core")
            recorder.wait_durable(number, _DURABLE_WITHIN_S)
            return story_so_far(folder, number)

        self._feed.start(self._core, look)

    def _first_events(self, back: Comeback, tick_ns: int) -> tuple[Event, ...]:
        """Tell the record how this centre began; half a message of an old connection is not gone on with."""
        if back.snapshot is None:
            return (Event(rx_ns=tick_ns, kind="begun_anew", text=back.text),) if back.last_ns else ()
        text = "the centre was started again"
        return (
            Event(rx_ns=tick_ns, kind="came_back", value=tick_ns - back.last_ns, text=back.text),
            *(Event(rx_ns=tick_ns, kind="link_down", link=n, text=text)
              for n in range(1, len(self._centre.site.links) + 1)),
        )  # fmt: skip

    def _push_waiting(self, message: bytes) -> None:
        while not self._ring.push(message):
            if self._wires.stop.wait(_FULL_RING_WAIT_S):
                return

    def _take_acts(self, now_ns: int) -> tuple[Act, ...]:
        taken = []
        while self._acts.poll():
            try:
                fields: dict[str, Any] = msgspec.msgpack.decode(self._acts.recv_bytes())
            except EOFError:  # web has ended
                break
            taken.append(Act(**{**fields, "rx_ns": now_ns}))
        return tuple(taken)

    def _tell(self, links: list[Any], replay: dict[str, Any] | None = None, *, at_once: bool = False) -> None:
        """Tell web once a second how links, recording and replay are, and at once what became of acts."""
        durable: list[int] = []
        if self._waiting_acts:
            done = self._recorder.durable_seq if self._recorder is not None else 0
            durable = [ref for need, ref in self._waiting_acts if need <= done]
            self._waiting_acts = [(need, ref) for need, ref in self._waiting_acts if need > done]
        mono_ns = time.monotonic_ns()
        if not (durable or self._refused or at_once) and mono_ns < self._news_due_ns:
            return
        self._news_due_ns = mono_ns + _NEWS_EVERY_NS
        recording: dict[str, Any] = {"state": "off", "durable_seq": 0, "text": ""}
        if self._recorder is not None:
            recording = {
                "state": self._recorder.state,
                "durable_seq": self._recorder.durable_seq,
                "text": self._recorder.reason,
            }
        news = {"links": links, "recording": recording, "durable_acts": durable, "shed_frames": self._shed_frames,
                "refused_acts": self._refused}  # fmt: skip
        if replay is not None:
            news["replay"] = replay
        self._refused = []
        if not self._news.push(msgspec.json.encode(news)):
            self._news.dropped += 1


def _link(status: LinkStatus) -> dict[str, Any]:
    """Return a link's state as the page shows it."""
    return {
        "number": status.number, "text": status.text, "state": status.state, "reason": status.reason,
        "frames": status.frames, "bytes": status.octets, "kernel_drops": status.kernel_drops, "shed": status.shed,
        "refused": status.refused, "last_rx_ms": status.last_rx_ns / 1e6,
    }  # fmt: skip


def _version() -> str:
    from vigie import __version__

    return __version__
