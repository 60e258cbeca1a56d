"""One client of the socket: pictures when it is ready for one, status, and its acts' answers.

Four tasks share the socket: one listens, one sends pictures, one sends the status, one minds the session. A picture is
sent only after the client said that it holds the one before, so at most one is on its way, however slowly it reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from vigie.people.permissions import MESSAGES, allowed
from vigie.people.positions import positions_of
from vigie.people.session import User
from vigie.show.desk import Desk
from vigie.show.hub import LATE_GAP_S, MIN_GAP_S, Hub
from vigie.show.messages import ActMessage, Have, Outcome, Sit, read_client, say
from vigie.terms.errors import VigieError, WireError
from vigie.terms.words import tr

_log = logging.getLogger("vigie.show")

MAX_ACTS: Final = 16
"""Most acts of one client that wait for their outcome."""
STATUS_GAP_S: Final = 1.0
SESSION_CHECK_S: Final = 5.0
REFUSED_CODE: Final = 1008  # RFC 6455 7.4.1: policy violation


class Client:
    """The conversation with one browser, from after its acceptance to its end."""

    def __init__(self, socket: WebSocket, hub: Hub, user: Callable[[], User | None], desk: Desk, language: str) -> None:
        self._socket = socket
        self._hub = hub
        self._user = user
        self._desk = desk
        self._position = ""
        self._language = language
        self._have = 0
        self._sent = 0
        self._ready = asyncio.Event()
        self._ready.set()
        self._sending = asyncio.Lock()
        self._acts: set[asyncio.Task[None]] = set()

    async def talk(self, hello: str) -> None:
        """Talk until the browser leaves, breaks the protocol or loses its session."""
        await self._socket.send_text(hello)
        tasks = {
            asyncio.create_task(part) for part in (self._listen(), self._pictures(), self._status(), self._session())
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks | self._acts:
                task.cancel()
            ended = await asyncio.gather(*tasks, *self._acts, return_exceptions=True)
        for error in ended:
            if isinstance(error, WireError):
                _log.warning("client closed: %s", str(error)[:200].encode("unicode_escape").decode())
                await self._socket.close(REFUSED_CODE)
            elif isinstance(error, Exception) and not isinstance(error, WebSocketDisconnect):
                raise error

    async def _listen(self) -> None:
        while True:
            received = await self._socket.receive()
            if received["type"] == "websocket.disconnect":
                return
            text = received.get("text")
            if text is None:
                raise WireError("a client sends text, this one sent octets")
            message = read_client(text)
            if isinstance(message, Have):
                self._holds(message.version)
            elif isinstance(message, Sit):
                self._sit(message.position)
            else:
                await self._act(message)

    def _holds(self, version: int) -> None:
        if not 0 <= version <= self._sent:
            raise WireError(f"the client says that it holds version {version}, it was sent {self._sent}")
        user = self._user()
        if user is None or not allowed(user.role, MESSAGES["have"]):
            raise WireError("the role does not allow the picture")
        self._have = version
        self._ready.set()

    def _sit(self, position: str) -> None:
        user = self._user()
        if user is None or (position and position not in {p.id for p in positions_of(user.role)}):
            raise WireError("the role does not allow this position")
        self._position = position

    async def _pictures(self) -> None:
        hub = self._hub
        seen = hub.beats
        while True:
            await self._ready.wait()
            if self._have:
                await self._turn(hub.beats - seen)
            seen = hub.beats
            self._ready.clear()
            self._sent = hub.picture.version
            octets = hub.picture.difference(self._have)
            async with self._sending:
                await self._socket.send_bytes(octets)
            if not self._have:  # a client that asks for full pictures only is held to the pace of beats, too
                await asyncio.sleep(MIN_GAP_S)

    async def _turn(self, missed: int) -> None:
        """Wait for the beat; who missed some gets what there is soon, for there may never be another one."""
        if not missed:
            await self._hub.next_beat()
            return
        self._hub.coalesced += missed
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LATE_GAP_S):
                await self._hub.next_beat()

    async def _status(self) -> None:
        known: dict[str, Any] = {}
        while True:
            known = await self._hub.next_status(known)
            async with self._sending:
                await self._socket.send_text(say("status", **known))
            await asyncio.sleep(STATUS_GAP_S)

    async def _session(self) -> None:
        """End with the session, though the socket is still open."""
        while self._user() is not None:
            await asyncio.sleep(SESSION_CHECK_S)
        raise WireError("the session has ended")

    async def _act(self, message: ActMessage) -> None:
        user = self._user()
        if user is None:
            raise WireError("the session has ended")
        if len(self._acts) >= MAX_ACTS:
            refusal = tr("Too many acts are waiting to be recorded. Try again.", self._language)
            await self._answer(message.ref, Outcome("refused", refusal))
            return
        address = self._socket.client
        outcome = self._desk.take(user, self._position, address.host if address else "", message, self._language)
        task = asyncio.create_task(self._follow(message.ref, outcome))
        self._acts.add(task)
        task.add_done_callback(self._act_done)

    def _act_done(self, task: asyncio.Task[None]) -> None:
        self._acts.discard(task)
        if not task.cancelled() and isinstance(task.exception(), Exception):
            _log.error("an act had no outcome", exc_info=task.exception())

    async def _follow(self, ref: int, outcome: Outcome) -> None:
        if outcome.then is None:
            await self._answer(ref, outcome)
        following = outcome.then
        while following is not None:
            try:
                outcome = await following
            except VigieError as why:
                outcome = Outcome("refused", str(why))
            await self._answer(ref, outcome)
            following = outcome.then

    async def _answer(self, ref: int, outcome: Outcome) -> None:
        text = outcome.said(self._language)
        async with self._sending:
            await self._socket.send_text(say("act", ref=ref, state=outcome.state, text=text))
