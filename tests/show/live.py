"""A real server on loopback for the tests, and a client that speaks the protocol."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import httpx
import websockets
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection

from vigie.people.session import Sessions, User
from vigie.show.columns import decode
from vigie.show.describe import site_json
from vigie.show.doors import COOKIE, Keys
from vigie.show.hub import Hub
from vigie.show.messages import Submit
from vigie.show.runner import Server, open_door, port_of
from vigie.show.server import make_app

from .feeder import SENSORS, SITE

T = TypeVar("T")
KEY = "a-key-for-tests-only-0123456789abcdef"
WAIT_S = 20.0  # an upper bound that only a broken server reaches


def app_for(
    hub: Hub,
    role: str = "supervisor",
    *,
    page: Path = Path("/nonexistent"),
    sessions: Sessions | None = None,
    **more: Any,
) -> Starlette:
    if sessions is None:
        sessions = Sessions(KEY, User("local", role))
    keys = Keys(sessions=sessions, **{k: more.pop(k) for k in ("accounts", "sign_on", "chain") if k in more})
    return make_app(hub, site_json(SITE), keys, page=page, **more)


def named_hub() -> Hub:
    return Hub({s.id: s.name for s in SENSORS})


def in_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run ``coroutine`` to its end in a thread of its own.

    pytest-playwright keeps an event loop running in the main thread from its first browser test to the end of the
    session; a test that comes to the same worker later could start none there.
    """
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


class Live:
    """The server, its hub and its address."""

    def __init__(self, hub: Hub, sessions: Sessions, server: Server, port: int) -> None:
        self.hub = hub
        self.sessions = sessions
        self.server = server
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"

    async def cookie(self) -> str:
        async with httpx.AsyncClient(base_url=self.origin) as client:
            answer = await client.get("/enter", params={"key": KEY})
            assert answer.status_code == 303
            return f"{COOKIE}={answer.cookies[COOKIE]}"

    async def connect(self, **more: Any) -> ClientConnection:
        headers = {"Cookie": more.pop("cookie", None) or await self.cookie(), **more.pop("headers", {})}
        return await websockets.connect(
            f"ws://127.0.0.1:{self.port}/ws", origin=more.pop("origin", self.origin), additional_headers=headers,
            max_size=None, compression=None, **more,
        )  # fmt: skip

    async def screen(self, **more: Any) -> Talk:
        return Talk(await self.connect(**more))


@contextlib.asynccontextmanager
async def serving(role: str = "supervisor", *, submit: Submit | None = None, **more: Any) -> AsyncIterator[Live]:
    """Run a real server on a free port in this event loop; it must end by itself within the time of ``WAIT_S``."""
    hub = named_hub()
    door = open_door("127.0.0.1", 0)
    port = port_of(door)
    up = asyncio.Event()
    sessions = Sessions(KEY, User("local", role))
    server = Server(app_for(hub, sessions=sessions, submit=submit, **more), started=up.set, signals=False)
    running = asyncio.create_task(server.serve(sockets=[door]))
    await asyncio.wait_for(up.wait(), WAIT_S)
    try:
        yield Live(hub, sessions, server, port)
    finally:
        server.stop()
        await asyncio.wait_for(running, WAIT_S)


class Talk:
    """A client: reads until what it waits for, tells what it holds."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.passed: list[dict[str, Any]] = []
        self.pictures: list[bytes] = []
        """Messages that came while it waited for something else."""

    async def __aenter__(self) -> Talk:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self.socket.close()

    async def text(self, kind: str) -> dict[str, Any]:
        for held in self.passed:
            if held["type"] == kind:
                self.passed.remove(held)
                return held
        while True:
            message = await asyncio.wait_for(self.socket.recv(), WAIT_S)
            if isinstance(message, str):
                told: dict[str, Any] = json.loads(message)
                if told["type"] == kind:
                    return told
                self.passed.append(told)
            else:
                self.pictures.append(message)

    async def picture(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        if self.pictures:
            return decode(self.pictures.pop(0))
        while True:
            message = await asyncio.wait_for(self.socket.recv(), WAIT_S)
            if isinstance(message, bytes):
                return decode(message)
            self.passed.append(json.loads(message))

    async def say(self, **message: Any) -> None:
        await self.socket.send(json.dumps(message))

    async def closed(self) -> int | None:
        try:
            while True:
                await asyncio.wait_for(self.socket.recv(), WAIT_S)
        except websockets.ConnectionClosed as why:
            return why.rcvd.code if why.rcvd else None
