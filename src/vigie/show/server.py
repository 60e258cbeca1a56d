"""The picture server as an ASGI app: the page, a few JSON documents, and the socket that carries the picture.

Every route is made by ``_route``, which looks its act up in the table of ``people.permissions`` and asks ``allowed``
before the endpoint runs; a route without an entry cannot be made. Unknown routes are 404.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from vigie import __version__
from vigie.people.permissions import NOBODY, ROUTES, allowed, allowed_acts
from vigie.people.session import LIFE_S, Sessions, User
from vigie.show.client import Client
from vigie.show.guard import Guard
from vigie.show.hub import MAX_CLIENTS, Hub
from vigie.show.messages import Submit, say
from vigie.show.pagefiles import ASK_AGAIN, UNCHANGING, PageFiles, plain_page, preferred, wanted_language
from vigie.terms.tables import TABLES
from vigie.terms.words import tr

_log = logging.getLogger("vigie.show")

COOKIE: Final = "vigie_session"
PAGE_FOLDER: Final = Path(__file__).resolve().parent / "page"

Source = Callable[[Hub], Awaitable[None]]
"""A task that brings updates: it awaits them from wherever they come and calls ``hub.apply``."""
Endpoint = Callable[[Request], Response]


def new_key() -> str:
    """Return a fresh session key of 256 random bits, for printing once at start."""
    return secrets.token_urlsafe(32)


def make_app(
    hub: Hub,
    site: Mapping[str, Any],
    sessions: Sessions,
    *,
    page: Path = PAGE_FOLDER,
    submit: Submit | None = None,
    sources: Sequence[Source] = (),
    hosts: Iterable[str] = (),
    language: str = "",
) -> Starlette:
    """Return the app.

    ``site`` is what ``describe.site_json`` returns; ``submit`` takes allowed acts; ``sources`` run as long as the
    server; ``hosts`` are further names it may be asked by (loopback names always are); ``language`` is ``fr``,
    ``en`` or empty for the browser's own.
    """

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        hub.start()
        tasks = [asyncio.ensure_future(source(hub)) for source in sources]
        for task in tasks:
            task.add_done_callback(_source_ended)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        hub.stop()

    office = _Office(hub, dict(site), sessions, PageFiles(page), submit, language)
    return Starlette(
        routes=office.routes(),
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
        lifespan=lifespan,
    )


class _Office:
    """The endpoints and what they share."""

    def __init__(
        self, hub: Hub, site: dict[str, Any], sessions: Sessions, files: PageFiles, submit: Submit | None, language: str
    ) -> None:
        self._hub = hub
        self._site = site
        self._sessions = sessions
        self._files = files
        self._submit = submit
        self._language = language

    def routes(self) -> list[Route | WebSocketRoute]:
        return [
            self._route("/healthz", lambda _: _json({"ok": True})),
            self._route("/enter", self._enter),
            self._route("/", self._files.index),
            self._route("/assets/{path:path}", lambda r: self._files.file(r, "assets/" + _tail(r), UNCHANGING)),
            self._route("/borders/{path:path}", lambda r: self._files.file(r, "borders/" + _tail(r), ASK_AGAIN)),
            self._route("/api/site", lambda _: _json(self._site)),
            self._route("/api/status", self._status),
            self._route("/api/tables", lambda _: _json(_tables())),
            WebSocketRoute("/ws", self._talk, name=ROUTES["WS", "/ws"]),
        ]

    def _route(self, path: str, endpoint: Endpoint) -> Route:
        act = ROUTES["GET", path]

        async def guarded(request: Request) -> Response:
            user = self._user(request)
            if not allowed(user.role if user else NOBODY, act):
                return plain_page(403, tr(
                    "This needs a session: open the address that Vigie printed when it started. If you have one, your "
                    "role does not allow this.", wanted_language(request)))  # fmt: skip
            return endpoint(request)

        return Route(path, guarded, methods=["GET"], name=act)

    def _user(self, asker: HTTPConnection) -> User | None:
        token = asker.cookies.get(COOKIE, "")
        return self._sessions.user(token, time.monotonic()) if token else None

    def _enter(self, request: Request) -> Response:
        token = secrets.token_urlsafe(32)
        if not self._sessions.enter(request.query_params.get("key", ""), token, time.monotonic()):
            return plain_page(403, tr(
                "This key is not the one of the running server. Open the address that it printed when it started.",
                wanted_language(request)))  # fmt: skip
        response = RedirectResponse("/", 303)
        response.set_cookie(
            COOKIE, token, max_age=int(LIFE_S), path="/", httponly=True, samesite="strict",
            secure=request.url.scheme == "https",
        )  # fmt: skip
        return response

    def _status(self, _: Request) -> Response:
        hub = self._hub
        picture = hub.picture
        shown = {
            "clients": hub.clients,
            "beats": hub.beats,
            "coalesced": hub.coalesced,
            "encoded": picture.encoded,
            "plots_dropped": picture.plots_dropped,
        }
        return _json(
            {
                **hub.status,
                "now_ms": picture.now_ns / 1e6,
                "progress": picture.progress,
                "mode": picture.mode,
                "tracks": len(picture),
                "show": shown,
            }
        )

    async def _talk(self, socket: WebSocket) -> None:
        user = self._user(socket)
        if user is None or not allowed(user.role, ROUTES["WS", "/ws"]):
            await socket.close(1008)  # before acceptance: the browser gets 403
            return
        if self._hub.clients >= MAX_CLIENTS:
            await socket.close(1013)
            return
        language = self._language or preferred(socket.headers.get("accept-language", ""))
        hello = say(
            "hello",
            site=self._site,
            language=language,
            user={"name": user.name, "role": user.role, "acts": allowed_acts(user.role)},
            version=__version__,
        )
        self._hub.clients += 1
        try:
            with contextlib.suppress(WebSocketDisconnect):  # it may leave in the middle of anything
                await socket.accept()
                await Client(socket, self._hub, lambda: self._user(socket), self._submit, language).talk(hello)
        finally:
            self._hub.clients -= 1


def _source_ended(task: asyncio.Future[None]) -> None:
    """Say loudly that nothing comes in any more; the screens see it by themselves, as STALE."""
    if not task.cancelled() and task.exception() is not None:
        _log.error("a source of updates failed", exc_info=task.exception())


def _tail(request: Request) -> str:
    return str(request.path_params["path"])


def _json(content: object) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


def _tables() -> list[dict[str, Any]]:
    return [
        {
            "name": table.name,
            "meaning": table.meaning,
            "columns": [
                {"name": c.name, "type": c.type, "unit": c.unit, "meaning": c.meaning, "source": c.source}
                for c in table.columns
            ],
        }
        for table in TABLES.values()
    ]
