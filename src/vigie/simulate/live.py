"""An exercise sent live: datagrams and streams leave at their true times, paced by the monotonic clock, 1x to 100x.

ASTERIX goes as UDP to the links' addresses; a Beast link is a TCP server that the centre calls. Each client has a
bounded buffer: who does not read loses whole frames, counted, and delays nobody. Stops on an event or SIGTERM within
0.1 s.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import multiprocessing
import selectors
import signal
import socket
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from vigie.sensors.link import LinkAddress
from vigie.simulate.exercise import load_exercise
from vigie.simulate.ground import say_limits
from vigie.simulate.rows import Exercise
from vigie.simulate.run import Simulation
from vigie.simulate.warmup import warmup
from vigie.terms.errors import LinkError
from vigie.terms.pace import Pace
from vigie.terms.units import NS_PER_S

_log = logging.getLogger("vigie.simulate")

CLIENT_OCTETS: Final = 1 << 20
"""How much a client may leave unread before it loses frames."""
_AHEAD_NS: Final = 100_000_000
_LATE_NS: Final = 2 * NS_PER_S
_SLIP_NS: Final = 20_000_000
"""How late, in the world's time, a fast exercise may be before its clock is put back."""


class Stop(Protocol):
    """An event of threading or multiprocessing."""

    def is_set(self) -> bool:
        """Tell whether it is time to stop."""
        ...


class _Client:
    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.waiting: deque[memoryview] = deque()
        self.octets = 0
        self.lost = 0


class _Server:
    """One TCP link: listens, takes clients, gives each the stream from when it called."""

    def __init__(self, link: LinkAddress, selector: selectors.BaseSelector) -> None:
        family = socket.AF_INET6 if ":" in link.host else socket.AF_INET
        self._listener = socket.socket(family, socket.SOCK_STREAM)
        self._selector = selector
        self.clients: list[_Client] = []
        try:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((link.host, link.port))
            self._listener.listen(16)
        except OSError as why:
            self._listener.close()
            raise LinkError(
                f"the simulated sensor cannot listen on {link.text}: {why.strerror}; choose another port"
            ) from why
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ, self._accept)

    def _accept(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionError):
            connection, _ = self._listener.accept()
            connection.setblocking(False)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            client = _Client(connection)
            self.clients.append(client)
            self._selector.register(connection, selectors.EVENT_READ, lambda: self._listen_to(client))

    def _listen_to(self, client: _Client) -> None:
        """Read what a client says, which is nothing we need, to learn that it has gone."""
        try:
            gone = not client.connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            gone = True
        if gone:
            self._drop(client)

    def _drop(self, client: _Client) -> None:
        self._selector.unregister(client.connection)
        client.connection.close()
        self.clients.remove(client)
        if client.lost:
            _log.warning("a client that read too slowly lost %d frames", client.lost)

    def send(self, payload: bytes) -> None:
        for client in list(self.clients):
            if client.octets + len(payload) > CLIENT_OCTETS:
                client.lost += 1
                continue
            client.waiting.append(memoryview(payload))
            client.octets += len(payload)
            self._push(client)

    def push(self) -> None:
        for client in list(self.clients):
            if client.waiting:
                self._push(client)

    def _push(self, client: _Client) -> None:
        try:
            while client.waiting:
                sent = client.connection.send(client.waiting[0])
                client.octets -= sent
                if sent < len(client.waiting[0]):
                    client.waiting[0] = client.waiting[0][sent:]
                    return
                client.waiting.popleft()
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)

    def close(self) -> None:
        for client in list(self.clients):
            self._drop(client)
        self._selector.unregister(self._listener)
        self._listener.close()


class _Sender:
    """One UDP link: datagrams to a host or a group. A port that nobody reads from yet is no error."""

    def __init__(self, link: LinkAddress) -> None:
        address = ipaddress.ip_address(link.host)
        self._to = (link.host, link.port)
        self._socket = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_DGRAM)
        if address.is_multicast and address.version == 4:
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        self.lost = 0

    def send(self, payload: bytes) -> None:
        try:
            self._socket.sendto(payload, self._to)
        except OSError:  # a full buffer or no route: a datagram may be lost, the next is tried
            self.lost += 1

    def push(self) -> None:
        """Do nothing: datagrams do not wait."""

    def close(self) -> None:
        self._socket.close()


class LiveFeed:
    """The sockets of an exercise: open them, then ``send_until`` stopped."""

    def __init__(self, simulation_links: Sequence[LinkAddress]) -> None:
        self._selector = selectors.DefaultSelector()
        self._ends: list[_Server | _Sender] = []
        try:
            for link in simulation_links:
                if link.scheme == "udp":
                    self._ends.append(_Sender(link))
                elif link.scheme == "tcp":
                    self._ends.append(_Server(link, self._selector))
                else:
                    raise LinkError(f"a simulated sensor cannot send to {link.text}; expected udp:// or tcp://")
        except (LinkError, ValueError):
            self.close()
            raise

    def send_until(self, simulation: Simulation, stop: Stop, pace: Pace) -> None:
        """Send the exercise from its start to its end or until ``stop``, at the times that ``pace`` gives.

        Making a simulation takes a second: what its sensors stamped meanwhile is sent at once, so that their clocks
        are right.
        """
        speed = pace.speed
        end_ns = simulation.start_ns + round(simulation.exercise.duration_s * NS_PER_S)
        horizon_ns = simulation.start_ns
        step_ns = min(round(_AHEAD_NS * speed), NS_PER_S)
        said_late = False
        while horizon_ns < end_ns and not stop.is_set():
            horizon_ns += step_ns
            frames = simulation.step(horizon_ns)
            self._wait(0)
            for i in range(len(frames)):
                early_ns = int(frames.rows["rx_ns"][i]) - pace.utc_at(time.monotonic_ns())
                if early_ns > 0:
                    self._wait(early_ns / speed)
                self._ends[int(frames.rows["link"][i]) - 1].send(frames.payload(i))
            late_ns = pace.utc_at(time.monotonic_ns()) - horizon_ns
            if pace.slip is not None and late_ns > _SLIP_NS * speed:
                pace.slip.value += late_ns
            elif pace.slip is None and late_ns > _LATE_NS and not said_late:
                said_late = True
                _log.warning("the simulation cannot keep up: it is %.1f s late", late_ns / NS_PER_S)
            # At the world's pace what follows is made when it is due; a faster clock is given it one step ahead.
            lead_ns = step_ns if speed > 1.0 else 0
            while (early_ns := horizon_ns - lead_ns - pace.utc_at(time.monotonic_ns())) > 0 and not stop.is_set():
                self._wait(min(early_ns / speed, _AHEAD_NS))

    def _wait(self, wait_ns: float) -> None:
        """Serve the clients until ``wait_ns`` have gone by."""
        until = time.monotonic_ns() + wait_ns
        while True:
            for end in self._ends:
                end.push()
            left_ns = until - time.monotonic_ns()
            for key, _ in self._selector.select(max(left_ns, 0) / NS_PER_S):
                key.data()
            if left_ns <= 0:
                return

    def close(self) -> None:
        """Close every socket."""
        for end in self._ends:
            end.close()
        self._ends = []
        self._selector.close()


class _Stopped:
    """Stops on the given event, on SIGTERM, or when the process that started us has gone."""

    def __init__(self, stop: Stop | None) -> None:
        self._stop = stop
        self._parent = multiprocessing.parent_process()
        self.terminated = False

    def is_set(self) -> bool:
        if self.terminated or (self._stop is not None and self._stop.is_set()):
            return True
        return self._parent is not None and not self._parent.is_alive()


def send_live(
    exercise: Exercise, stop: Stop, *, seed: int | None = None, pace: Pace | None = None,
    ready: Callable[[], None] | None = None,
) -> None:  # fmt: skip
    """Send an exercise live, again and again, until ``stop``; ``ready`` is called when the sockets listen.

    The times on the wire are those of the present on the clock of ``pace`` (default: the world's): the exercise starts
    now.
    """
    for _ in warmup():  # the exercise starts when all is compiled, not before
        pass
    say_limits(exercise)
    if pace is None:
        pace = Pace(mono_ns=time.monotonic_ns(), utc_ns=time.time_ns())
    simulation = Simulation(exercise, seed, start_ns=pace.utc_at(time.monotonic_ns()))
    feed = LiveFeed(simulation.site().links)
    try:
        if ready is not None:
            ready()
        while not stop.is_set():
            feed.send_until(simulation, stop, pace)
            if not stop.is_set():
                simulation = Simulation(exercise, simulation.seed + 1, start_ns=pace.utc_at(time.monotonic_ns()))
    finally:
        feed.close()


def simulator_main(
    exercise: str, ports: Sequence[int], pace: Pace | None = None, seed: int | None = None, stop: Stop | None = None
) -> None:
    """Run the simulator as a process of its own: an exercise's sensors on loopback, until ``stop`` or SIGTERM."""
    stopped = _Stopped(stop)

    def terminate(*_: object) -> None:
        stopped.terminated = True

    signal.signal(signal.SIGTERM, terminate)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle: it sets the event
    send_live(load_exercise(exercise).with_ports(ports), stopped, seed=seed, pace=pace)
