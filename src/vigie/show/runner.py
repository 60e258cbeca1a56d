"""Running the picture server: a door on a port, uvicorn behind it, a clean stop on SIGTERM and SIGINT."""

from __future__ import annotations

import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from vigie.show.messages import MAX_MESSAGE
from vigie.show.tls import Told, nobody_told, server_context
from vigie.terms.errors import LinkError

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
_DEAD_PEER_MS: Final = 120_000
_MAX_CONNECTIONS: Final = 512


def open_door(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes any free one.

    Raises
    ------
    LinkError
        Naming the port, the reason and what to do.
    """
    if not 0 <= port <= 65535:
        raise LinkError(f"cannot listen on {host}:{port}: a port is a number from 0 to 65535: --listen HOST:PORT")
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        door = socket.socket(family, socket.SOCK_STREAM)
    except OSError as why:
        raise LinkError(
            f"cannot listen on {host}:{port}: {why.strerror}. Give another address: --listen HOST:PORT"
        ) from why
    try:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # a peer that takes nothing for this long is gone (RFC 5482)
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _DEAD_PEER_MS)
        door.bind((host, port))
        door.listen(128)
        door.setblocking(False)
    except OSError as why:
        door.close()
        if why.errno == errno.EADDRINUSE:
            text = (
                f"port {port} on {host} is taken, perhaps by another Vigie. Stop that one, or choose another port: "
                f"--listen {host}:{port + 1 if port < 65535 else 8080} (or --listen {host}:0 for any free one)"
            )
        else:
            text = _cannot(host, port, why)
        raise LinkError(text) from why
    return door


def _cannot(host: str, port: int, why: OSError) -> str:
    return f"cannot listen on {host}:{port}: {why.strerror}. Give another address: --listen HOST:PORT"


def port_of(door: socket.socket) -> int:
    """Return the port a door listens on."""
    return int(door.getsockname()[1])


class Server(uvicorn.Server):
    """uvicorn with our manners: signals ask it to stop and are not raised again, ``stop`` works from any thread."""

    def __init__(
        self, app: ASGIApp, *, started: Callable[[], None] | None = None, signals: bool = True,
        tls: tuple[str, str] = ("", ""), refused: Told = nobody_told,
    ) -> None:  # fmt: skip
        self._tls = tls
        self._refused = refused
        super().__init__(
            uvicorn.Config(
                app,
                ssl_certfile=tls[0] or None,
                ssl_keyfile=tls[1] or None,
                loop="asyncio",
                http="h11",
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE,
                # Pictures are numbers that hardly shrink; packing them for each client would cost more than all else.
                ws_per_message_deflate=False,
                # A slow screen's pong waits behind a whole picture; the kernel's own timer finds the dead ones.
                ws_ping_interval=None,
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="on",
                timeout_graceful_shutdown=2,
                limit_concurrency=_MAX_CONNECTIONS,
            )
        )
        self._tell_started = started
        self._signals = signals  # False: a parent decides when to stop, and calls ``stop``

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell who wants to know; failed TLS handshakes go to ``refused``."""
        if self._tls[0]:
            self.config.ssl = server_context(*self._tls, self._refused)
        await super().startup(sockets)
        if self.started and self._tell_started is not None:
            self._tell_started()

    def stop(self) -> None:
        """Ask the server to end; it closes its clients and returns from ``run`` within about two seconds."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM, in the main thread; the handlers that were there come back afterwards."""
        if not self._signals or threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, lambda *_: self.stop()) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(app: ASGIApp, door: socket.socket, *, started: Callable[[], None] | None = None) -> None:
    """Serve ``app`` behind ``door`` (``open_door``) until SIGTERM or SIGINT; ``started`` is called once it answers."""
    Server(app, started=started).run(sockets=[door])
