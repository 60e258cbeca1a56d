"""Stream links: TCP connections that we open or accept, cut at whole messages, opened again when they end."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import selectors
import socket
import time
from threading import Thread
from typing import Any, Final

from vigie.receive import sockets
from vigie.receive.channels import Channel
from vigie.terms.errors import LinkError
from vigie.wire.containers.cut import StreamCutter
from vigie.wire.containers.flows import guess_stream

_READ_OCTETS: Final = 1 << 15
_GUESS_OCTETS: Final = 4096
PEERS_MOST: Final = 32


class Peer:
    """One connection: where its octets come from and what of them is not a whole message yet."""

    def __init__(self, sock: socket.socket, channel: Channel, host: str, port: int) -> None:
        self.sock = sock
        self.channel = channel
        self.host = host
        self.port = port
        self.last_s = time.monotonic()
        self._form = channel.form
        self._cutter = StreamCutter(self._form) if self._form else None
        self._head = b""
        self._address = 0 if ":" in host else int.from_bytes(socket.inet_aton(host), "big")

    @property
    def text(self) -> str:
        """Address and port for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def read(self) -> str:
        """Take what is there; return "" or the reason why the connection is over. The caller holds the lock."""
        for _ in range(16):
            try:
                octets = self.sock.recv(_READ_OCTETS)
            except BlockingIOError:
                return ""
            except OSError as why:
                self._finish()
                return why.strerror or str(why)
            if not octets:
                self._finish()
                return "closed by the other end"
            self.last_s = self.channel.last_mono_s = time.monotonic()
            self._take(octets)
        return ""

    def _take(self, octets: bytes) -> None:
        if self._cutter is None:
            self._head += octets
            form = guess_stream(self._head)
            if form == 0:
                if len(self._head) < _GUESS_OCTETS:
                    return
                form = 1  # nothing we know: the decoder will name it, octet by octet nothing is lost
            self._form = self.channel.form = form
            self._cutter = StreamCutter(form)
            octets, self._head = self._head, b""
        self._keep(self._cutter.feed(octets))

    def _finish(self) -> None:
        """Give out the unfinished rest: the decoder names it."""
        rest = self._head if self._cutter is None else self._cutter.close()
        self._head = b""
        if rest and self._form == 0:
            self._form = 1
        self._keep(rest)

    def _keep(self, octets: bytes) -> None:
        if octets:
            self.channel.keep(self.channel.desk.stamp(), octets, self._form, self._address, self.port)


class TcpClient(Channel):
    """A connection that we open, and open again with growing pauses when it ends."""

    def open(self) -> None:
        """Begin; a peer that is not there is a state, not an error."""
        self._peer: Peer | None = None
        self._sock: socket.socket | None = None
        self._deadline_s = 0.0
        self._pause_s = self.desk.limits.retry_first_s
        self._retry_s = 0.0
        self._found: list[tuple[Any, ...]] | str | None = None
        self._resolver: Thread | None = None
        self.turn("connecting")
        self.tick(time.monotonic())

    @property
    def peers(self) -> tuple[str, ...]:
        """The other end, when connected."""
        return (self._peer.text,) if self._peer else ()

    def tick(self, mono_s: float) -> None:
        """Connect when it is time; give up what takes too long or has fallen silent."""
        with self.desk.lock:
            self.report()
            if self._peer is not None:
                if mono_s - self._peer.last_s > self.desk.limits.silence_s:
                    self._end(f"silent for {mono_s - self._peer.last_s:.0f} s")
            elif self._sock is not None:
                if mono_s > self._deadline_s:
                    self._end("no answer")
            elif mono_s >= self._retry_s:
                self._connect(mono_s)

    def _connect(self, mono_s: float) -> None:
        """Look the name up beside (it may take seconds), then begin to connect."""
        if self._resolver is None:
            self._found = None
            self._resolver = Thread(target=self._resolve, name=f"resolve-{self.number}", daemon=True)
            self._resolver.start()
            self._resolver.join(0.05)  # an address in figures is there at once
        if self._resolver.is_alive():
            return
        self._resolver = None
        if not isinstance(self._found, list):
            self._end(self._found or "host not found")
            return
        family, kind, protocol, _, address = self._found[0]
        try:
            sock = socket.socket(family, kind, protocol)
            sockets.keep_alive(sock)
            code = sock.connect_ex(address)
        except OSError as why:
            self._end(why.strerror or str(why))
            return
        self._sock = sock
        self._deadline_s = mono_s + self.desk.limits.connect_s
        if code not in (0, errno.EINPROGRESS):
            self._end(os.strerror(code))
            return
        self.desk.selector.register(sock, selectors.EVENT_WRITE, self)

    def _resolve(self) -> None:
        try:
            self._found = list(socket.getaddrinfo(self.address.host, self.address.port, type=socket.SOCK_STREAM))
        except OSError as why:
            self._found = f"host {self.address.host!r}: {why.strerror or why}"

    def ready(self, sock: socket.socket, mask: int) -> None:
        """Finish connecting, or read."""
        with self.desk.lock:
            if self._peer is None:
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                if code:
                    self._end(os.strerror(code))
                    return
                host, port = sock.getpeername()[:2]
                if sock.getsockname()[:2] == (host, port):  # a port that calls itself: nobody is there
                    self._end("nobody listens")
                    return
                self._peer = Peer(sock, self, host, port)
                self.desk.selector.modify(sock, selectors.EVENT_READ, self)
                self.turn("up")
                return
            before = self.octets
            reason = self._peer.read()
            if self.octets > before:
                self._pause_s = self.desk.limits.retry_first_s
            if reason:
                self._end(reason)

    def _end(self, reason: str) -> None:
        """Close and plan the next attempt: pauses double, a quarter of them by chance so that clients spread."""
        if self._sock is not None:
            with contextlib.suppress(KeyError, ValueError):
                self.desk.selector.unregister(self._sock)
            self._sock.close()
        self._sock = self._peer = None
        self._retry_s = time.monotonic() + self._pause_s * random.uniform(0.75, 1.25)
        self._pause_s = min(2 * self._pause_s, self.desk.limits.retry_most_s)
        self.turn("down", reason)

    def close(self) -> None:
        """Close for good."""
        if self._sock is not None:
            self._end("closed here")


class TcpServer(Channel):
    """A port where others call us."""

    def open(self) -> None:
        """Listen; LinkError names link, reason, remedy."""
        self._listener = sockets.open_listener(self.address)
        self._peers: dict[socket.socket, Peer] = {}
        self.desk.selector.register(self._listener, selectors.EVENT_READ, self)
        self.turn("listening")

    @property
    def peers(self) -> tuple[str, ...]:
        """Everyone who has called and is still there."""
        return tuple(peer.text for peer in self._peers.values())

    def ready(self, sock: socket.socket, mask: int) -> None:
        """Accept a caller, or read one."""
        with self.desk.lock:
            if sock is self._listener:
                self._accept()
                return
            peer = self._peers.get(sock)
            if peer is not None:
                reason = peer.read()
                if reason:
                    self._end(peer, reason)

    def _accept(self) -> None:
        try:
            sock, source = self._listener.accept()
        except OSError:  # the caller has gone again
            return
        host, port = source[:2]
        if not self.sources.admits(host) or len(self._peers) >= PEERS_MOST:
            self.refused += 1
            sock.close()
            return
        sockets.keep_alive(sock)
        self._peers[sock] = Peer(sock, self, host, port)
        self.desk.selector.register(sock, selectors.EVENT_READ, self)
        self.turn("up", f"{len(self._peers)} connected")

    def _end(self, peer: Peer, reason: str) -> None:
        del self._peers[peer.sock]
        self.desk.selector.unregister(peer.sock)
        peer.sock.close()
        self.desk.tell("link_down", self.number, f"{self.address.text}: {peer.text}: {reason}")
        self.turn("up" if self._peers else "listening", f"{len(self._peers)} connected" if self._peers else "")

    def tick(self, mono_s: float) -> None:
        """Tell losses; let go of callers that have fallen silent."""
        with self.desk.lock:
            self.report()
            for peer in list(self._peers.values()):
                if mono_s - peer.last_s > self.desk.limits.silence_s:
                    self._end(peer, f"silent for {mono_s - peer.last_s:.0f} s")

    def close(self) -> None:
        """Close the port and every connection."""
        for sock in (*self._peers, self._listener):
            if sock.fileno() >= 0:
                self.desk.selector.unregister(sock)
                sock.close()
        self._peers.clear()
        self.state = "down"


def unsupported(scheme: str, text: str) -> LinkError:
    """Return the error for a link of a kind that cannot be received yet."""
    return LinkError(f"link {text}: {scheme} links cannot be received; use udp, tcp, tcp-listen or file")
