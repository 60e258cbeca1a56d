"""A running centre: what it is made of, and the processes that make it run.

*front* (links, ticks, recording) -> ring -> *core* (decode, monitor, track) -> ring -> *web* (picture, people).
Small news of the front (links, recording) goes straight to web over a ring of its own; acts go from web to front over
a pipe, because every act enters at the front door and is recorded before it counts.
"""

from __future__ import annotations

import contextlib
import logging
import multiprocessing as mp
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any, Final

from vigie.app.core import core_main
from vigie.app.flags import Count, Flag
from vigie.app.front import front_main
from vigie.app.plan import Centre, Wires
from vigie.app.ring import Ring
from vigie.app.web import web_main
from vigie.terms.errors import VigieError

log = logging.getLogger("vigie.app")

INPUT_RING_OCTETS: Final = 64 << 20
"""Holds a minute of 10x load while the kernels compile on a first start."""
PICTURE_RING_OCTETS: Final = 64 << 20
NEWS_RING_OCTETS: Final = 1 << 20
OUTGOING_RING_OCTETS: Final = 1 << 20
SNAPSHOT_RING_OCTETS: Final = 64 << 20
"""Some snapshots of the fullest sky, compressed; one comes every 20 to 60 s of recording time."""
_GRACE_S: Final = 8.0
_OFTEN: Final = 3
_OFTEN_WITHIN_S: Final = 60.0
_HOUR_S: Final = 3600.0
_FIRST_HOURLY_S: Final = 120.0


def run_centre(
    centre: Centre,
    *,
    extra: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] | None = None,
    hourly: tuple[Callable[..., None], tuple[Any, ...]] | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Start the processes, wait for Ctrl-C, the end of a replay with ``tracks_to``, or a failure; stop them in order.

    ``extra`` are further processes (the demo's simulator), each called with ``stop`` as its last argument. ``hourly``
    is called so once an hour in a process that ends by itself; its failure is no failure of the centre.

    Raises
    ------
    VigieError
        When a process ended by itself: the message names it.
    """
    context = mp.get_context("spawn")
    rings = {
        "batches": Ring.create(context, INPUT_RING_OCTETS),
        "pictures": Ring.create(context, PICTURE_RING_OCTETS),
        "news": Ring.create(context, NEWS_RING_OCTETS),
        "snapshots": Ring.create(context, SNAPSHOT_RING_OCTETS),
        "outgoing": Ring.create(context, OUTGOING_RING_OCTETS),
    }
    stop = Flag(context)
    wires = Wires(
        rings["batches"].handle, rings["pictures"].handle, rings["news"].handle, rings["snapshots"].handle,
        rings["outgoing"].handle,
        stop, Flag(context), Flag(context), Flag(context), Flag(context), Count(context, 1),
    )  # fmt: skip

    def make_core() -> SpawnProcess:
        number = wires.core_starts.value
        return context.Process(
            target=_child, args=(core_main, stop, number, centre, wires), name="vigie-core", daemon=True
        )

    acts_in, acts_out = context.Pipe(duplex=False)
    processes: dict[str, SpawnProcess] = {
        # In the order of stopping: who gives stops before who takes.
        **{name: context.Process(target=_child, args=(target, stop, *args, stop), name=f"vigie-{name}", daemon=True)
           for name, (target, args) in (extra or {}).items()},
        **{name: context.Process(
               target=_child, args=(target, stop, centre, wires, *more), name=f"vigie-{name}", daemon=True)
           for name, target, more in (("front", front_main, (acts_in,)), ("web", web_main, (acts_out,)))},
    }  # fmt: skip
    # The core stops between the one that gives to it and the one that takes from it.
    processes = {**processes, "core": make_core(), "web": processes.pop("web")}
    # A core is only started again where a recording holds what it must go on from.
    again = _Again(wires, make_core) if centre.data_dir and centre.replay is None else None
    beside = _Hourly(lambda: context.Process(
        target=_child, args=(hourly[0], stop, *hourly[1], stop), name="vigie-hourly", daemon=True
    ) if hourly else None)  # fmt: skip
    try:
        with _Interrupts() as interrupts:
            for process in reversed(processes.values()):
                process.start()
            failed = _watch(
                processes, wires, interrupts, on_ready, again, beside, ends_by_itself=bool(centre.tracks_to)
            )
    finally:
        stop.set()
        beside.end()
        for process in processes.values():
            if process.pid is not None:
                process.join(_GRACE_S / 4)
                process.terminate()  # heeded only by a core that still compiles kernels: it holds nothing yet
                process.join(_GRACE_S)
                if process.is_alive():
                    log.warning("%s did not stop within %.0f s and was ended", process.name, _GRACE_S)
                    process.kill()
                    process.join()
        for ring in rings.values():
            ring.close()
    if failed:
        raise VigieError(
            f"the process {failed!r} ended unexpectedly (exit code {processes[failed].exitcode}); "
            "its last words stand above. The recording up to here is safe."
        )


def _child(target: Callable[..., None], stop: Flag, *args: Any) -> None:
    """Run a process of the centre; when the parent is gone, however it went, the child stops in order, too."""
    with contextlib.suppress(OSError):  # what `top` shows; where there is no /proc it shows "python"
        Path("/proc/self/comm").write_text(mp.current_process().name, "ascii")
    parent = mp.parent_process()
    if parent is not None:
        threading.Thread(target=_stop_after, args=(parent.sentinel, stop), daemon=True).start()
    target(*args)


def _stop_after(sentinel: int, stop: Flag) -> None:
    wait([sentinel])
    stop.set()


def _watch(
    processes: dict[str, SpawnProcess],
    wires: Wires,
    interrupts: _Interrupts,
    on_ready: Callable[[], None] | None,
    again: _Again | None,
    beside: _Hourly,
    *,
    ends_by_itself: bool,
) -> str:
    """Wait until told to stop; return the name of a process that ended by itself, or nothing."""
    told = False
    while not interrupts.asked:
        time.sleep(0.05)
        beside.turn(time.monotonic())
        if not told and wires.ready.is_set():
            told = True
            if on_ready:
                on_ready()
        if ends_by_itself and wires.finished.is_set():
            return ""
        for name, process in processes.items():
            if process.exitcode is not None and not interrupts.asked:
                if name != "core" or again is None or (core := again.start(process)) is None:
                    return name
                processes[name] = core
                break
    return ""


class _Again:
    """Starts a core again that has ended, but not for ever: what ends three in a minute will end the fourth."""

    def __init__(self, wires: Wires, make_core: Callable[[], SpawnProcess]) -> None:
        self._wires = wires
        self._make_core = make_core
        self._ended_s: list[float] = []

    def start(self, ended: SpawnProcess) -> SpawnProcess | None:
        """Return the new core, started; None where it has ended too often."""
        now_s = time.monotonic()
        self._ended_s = [t for t in self._ended_s if now_s - t < _OFTEN_WITHIN_S] + [now_s]
        if len(self._ended_s) > _OFTEN:
            return None
        log.error("the core ended (exit code %s): another goes on from the recording", ended.exitcode)
        if self._wires.came_back.is_set():
            self._wires.anew.clear()
        else:
            self._wires.anew.set()  # what it went on from has ended it: no other shall
        self._wires.came_back.clear()
        self._wires.core_starts.next()
        core = self._make_core()
        core.start()
        return core


class _Hourly:
    """Starts a process once an hour, the first a little after the start; never two at a time."""

    def __init__(self, make: Callable[[], SpawnProcess | None]) -> None:
        self._make = make
        self._due_s = time.monotonic() + _FIRST_HOURLY_S
        self._running: SpawnProcess | None = None

    def turn(self, now_s: float) -> None:
        """Start one if its time has come."""
        if now_s < self._due_s or (self._running is not None and self._running.is_alive()):
            return
        self._due_s = now_s + _HOUR_S
        self._running = self._make()
        if self._running is not None:
            self._running.start()

    def end(self) -> None:
        """Wait a moment for one that runs, then end it: what it had not finished is done again."""
        if self._running is not None:
            self._running.join(_GRACE_S / 4)
            if self._running.is_alive():
                self._running.kill()
                self._running.join()


class _Interrupts:
    """Notes SIGINT and SIGTERM while the block runs; a second one, a second later, ends at once.

    The handler only notes: setting a shared flag takes a lock that the interrupted code may hold.
    """

    def __init__(self) -> None:
        self.asked = False
        self._first_s = 0.0

    def __enter__(self) -> _Interrupts:
        self._before = {s: signal.signal(s, self._ask) for s in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, _number: int, _frame: object) -> None:
        if self.asked and time.monotonic() - self._first_s > 1.0:
            raise KeyboardInterrupt
        if not self.asked:
            self._first_s = time.monotonic()
        self.asked = True
