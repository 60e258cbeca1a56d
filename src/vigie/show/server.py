"""The picture server as an ASGI app: the page, a few JSON documents, and the socket that carries the picture.

Every route is made by ``_route``, which looks its act up in the table of ``people.permissions`` and asks ``allowed``
before the endpoint runs; a route without an entry cannot be made. Unknown routes are 404.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from vigie import __version__
from vigie.people.permissions import NOBODY, ROUTES, allowed, allowed_acts
from vigie.people.positions import layout, positions_of
from vigie.people.session import LOCAL, User
from vigie.show.account import AccountDesk
from vigie.show.api import ActIn, ActOut, Api, openapi
from vigie.show.aside import aside_json
from vigie.show.client import Client
from vigie.show.describe import no_areas, no_cover, no_history
from vigie.show.desk import Chain, Desk
from vigie.show.doors import COOKIE, Doors, Keys, must_change_text, place
from vigie.show.guard import Guard
from vigie.show.hub import MAX_CLIENTS, Hub
from vigie.show.intake import MAX_PIECES, acts_of, intake_page, read_form, set_aside_in
from vigie.show.maps import MapShelf
from vigie.show.messages import MAX_MESSAGE, ActMessage, Outcome, Submit, say
from vigie.show.office import AccountChange, OfficeBooks
from vigie.show.pagefiles import ASK_AGAIN, UNCHANGING, PageFiles, plain_page, preferred, wanted_language
from vigie.show.status import STATE_OK
from vigie.terms.errors import VigieError
from vigie.terms.tables import TABLES
from vigie.terms.words import tr

__all__ = ["COOKIE", "make_app", "new_key"]

_log = logging.getLogger("vigie.show")

PAGE_FOLDER: Final = Path(__file__).resolve().parent / "page"

Source = Callable[[Hub], Awaitable[None]]
"""A task that brings updates: it awaits them from wherever they come and calls ``hub.apply``."""
History = Callable[[str, dict[str, str]], str]
"""Answers a question of a name with its parameters as JSON; VigieError says what is wrong with it."""
MAX_QUESTIONS: Final = 2
"""Questions to the archive at a time: they take memory and a core, the picture comes first."""
Endpoint = Callable[[Request], Response | Awaitable[Response]]
HELD_A_DAY: Final = "private, max-age=86400"
"""For what is asked for with its version: another version has another address."""
_PAGES: Final = ("/", "/account", "/accounts", "/intake")
"""Where a browser comes by itself or by a link: who must change the password first is led there."""
T = TypeVar("T")


def new_key() -> str:
    """Return a fresh session key of 256 random bits, for printing once at start."""
    return secrets.token_urlsafe(32)


def make_app(
    hub: Hub,
    site: Mapping[str, Any],
    keys: Keys,
    *,
    page: Path = PAGE_FOLDER,
    submit: Submit | None = None,
    sources: Sequence[Source] = (),
    hosts: Iterable[str] = (),
    language: str = "",
    office: OfficeBooks | None = None,
    areas: Callable[[int], str] = no_areas,
    cover: Callable[[frozenset[int], int], str] = no_cover,
    history: History = no_history,
    maps: MapShelf | None = None,
) -> Starlette:
    """Return the app.

    ``site`` is what ``describe.site_json`` returns; ``keys`` say who may come in; ``submit`` takes allowed acts;
    ``sources`` run as long as the server; ``hosts`` are further names it may be asked by (loopback names always are);
    ``language`` is ``fr``, ``en`` or empty for the browser's own; ``office`` serves accounts and the audit chain;
    ``areas`` gives the areas at a time (ns), ``cover`` what well sensors see at a flight level, as GeoJSON; ``history``
    answers a question to the archive with its parameters as JSON; ``maps`` are what lies under the picture.
    """
    shelf = maps or MapShelf()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        hub.start()
        tasks = [asyncio.ensure_future(source(hub)) for source in (*sources, shelf.keep)]
        for task in tasks:
            task.add_done_callback(_source_ended)
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        hub.stop()

    desk = Desk(submit, chain=keys.chain, tell=hub.tell)
    served = _Served(hub, dict(site), keys, PageFiles(page), desk, language, office or OfficeBooks(), areas, cover,
                     history, shelf)  # fmt: skip
    return Starlette(
        routes=served.routes(),
        middleware=[Middleware(Guard, hosts=tuple(hosts))],
        lifespan=lifespan,
    )


class _Served:
    """The endpoints and what they share."""

    def __init__(
        self, hub: Hub, site: dict[str, Any], keys: Keys, files: PageFiles, desk: Desk, language: str,
        office: OfficeBooks, areas: Callable[[int], str],
        cover: Callable[[frozenset[int], int], str], history: History, maps: MapShelf,
    ) -> None:  # fmt: skip
        self._hub = hub
        self._site = site
        self._doors = doors = Doors(keys)
        self._files = files
        self._desk = desk
        self._language = language
        self._chain: Chain = keys.chain
        self._office = office
        self._desk_of_accounts = AccountDesk(keys, doors, office)
        self._areas = areas
        self._cover = cover
        self._history = history
        self._maps = maps
        self._asking = 0
        self._api = Api(hub, site)

    def routes(self) -> list[Route | WebSocketRoute]:
        doors, files, api = self._doors, self._files, self._api
        given: dict[tuple[str, str], Endpoint] = {
            ("GET", "/healthz"): lambda _: _json({"ok": True}),
            ("GET", "/enter"): doors.enter,
            ("GET", "/login"): doors.form,
            ("GET", "/login.css"): doors.style,
            ("POST", "/login"): doors.login,
            ("POST", "/logout"): doors.logout,
            ("GET", "/password"): doors.password_form,
            ("POST", "/password"): doors.password,
            ("GET", "/account"): self._desk_of_accounts.own,
            ("POST", "/account"): self._desk_of_accounts.end_own,
            ("GET", "/accounts"): self._desk_of_accounts.listed,
            ("POST", "/accounts"): self._desk_of_accounts.edit,
            ("GET", "/oidc/start"): doors.to_provider,
            ("GET", "/oidc/back"): doors.from_provider,
            ("GET", "/"): files.index,
            ("GET", "/intake"): lambda r: intake_page(r, 200),
            ("POST", "/intake"): self._intake,
            ("GET", "/assets/{path:path}"): lambda r: files.file(r, "assets/" + _tail(r), UNCHANGING),
            ("GET", "/borders/{path:path}"): lambda r: files.file(r, "borders/" + _tail(r), ASK_AGAIN),
            ("GET", "/api/site"): lambda _: _json(self._site),
            ("GET", "/api/areas"): lambda _: _octets(
                self._areas(self._hub.picture.now_ns).encode(), "application/geo+json"
            ),
            ("GET", "/api/cover"): self._cover_at,
            ("GET", "/api/maps"): lambda _: _json(self._maps.facts()),
            ("GET", "/api/maps/{sheet}/{z}/{x}/{y}"): self._map_tile,
            ("GET", "/api/status"): self._status,
            ("GET", "/api/aside"): lambda _: _json(
                aside_json(self._hub.aside, self._hub.status, self._hub.picture.now_ns / 1e6)
            ),
            ("GET", "/api/sensors/history"): lambda r: _json(
                self._hub.sensors.of(_whole(r, "sensor"), r.query_params.get("span", "hour"))
            ),
            ("GET", "/api/tables"): lambda _: _json(_tables()),
            ("GET", "/api/openapi.json"): lambda _: _json(openapi()),
            ("GET", "/api/picture"): lambda r: _octets(api.picture(_whole(r, "since"))),
            ("GET", "/api/tracks.geojson"): lambda _: _octets(api.geojson(), "application/geo+json"),
            ("GET", "/data/aircraft.json"): lambda _: _octets(api.aircraft()),
            ("GET", "/data/receiver.json"): lambda _: _octets(api.receiver()),
            ("GET", "/api/history/{question}"): self._asked,
            ("POST", "/api/acts"): self._act,
            ("GET", "/api/accounts"): lambda _: _json(self._office.accounts()),
            ("POST", "/api/accounts"): self._edit_account,
            ("GET", "/api/audit"): lambda _: _json(self._office.audit()),
        }
        routes = [self._route(method, path, endpoint) for (method, path), endpoint in given.items()]
        return [*routes, WebSocketRoute("/ws", self._talk, name=ROUTES["WS", "/ws"])]

    def _route(self, method: str, path: str, endpoint: Endpoint) -> Route:
        act = ROUTES[method, path]

        async def guarded(request: Request) -> Response:
            user = self._doors.user(request)
            if not allowed(user.role if user else NOBODY, act):
                if user is None and path == "/" and self._doors.has_login:
                    return RedirectResponse("/login", 303)
                if user is not None:
                    first = must_change_text(user, wanted_language(request))
                    reason = "the password must be changed first" if first else "the role forbids it"
                    self._chain(user, place(request), act, subject=path, outcome="refused", reason=reason)
                    if first:
                        return RedirectResponse("/password", 303) if path in _PAGES else plain_page(403, first)
                return plain_page(403, tr(
                    "This needs a session: open the address that Vigie printed when it started. If you have one, your "
                    "role does not allow this.", wanted_language(request)))  # fmt: skip
            answer = endpoint(request)
            return answer if isinstance(answer, Response) else await answer

        return Route(path, guarded, methods=[method], name=act)

    async def _asked(self, request: Request) -> Response:
        """Answer a question to the archive, in a thread of its own; what is wrong with it is said in words."""
        if self._asking >= MAX_QUESTIONS:
            return _json({"text": "too many questions at a time: ask again"}, 429)
        self._asking += 1
        try:
            question = str(request.path_params["question"])
            made = await asyncio.to_thread(self._history, question, dict(request.query_params))
        except VigieError as why:
            return _json({"text": str(why)}, 400)
        finally:
            self._asking -= 1
        return _octets(made.encode())

    async def _cover_at(self, request: Request) -> Response:
        """Return the cover of the sensors that are well at flight level ``fl`` (usually 100)."""
        level = min(600, _whole(request, "fl")) if "fl" in request.query_params else 100
        health = self._hub.picture.health
        well = (
            frozenset(health["sensor_id"][health["state"] == STATE_OK].tolist()) if health is not None else frozenset()
        )
        made = await asyncio.to_thread(self._cover, well, level)
        return _octets(made.encode(), "application/geo+json")

    async def _map_tile(self, request: Request) -> Response:
        """Return a tile of a map; what is wrong with its file stands in the list of maps, not here."""
        given = request.path_params
        try:
            z, x, y = (int(given[name]) for name in ("z", "x", "y"))
            tile = await self._maps.tile(given["sheet"], z, x, y)
        except (ValueError, KeyError):
            return Response(status_code=404)
        except BlockingIOError:
            return Response(status_code=503, headers={"Retry-After": "1"})
        kept = {"Cache-Control": HELD_A_DAY if request.query_params.get("v") else ASK_AGAIN}
        return Response(status_code=204, headers=kept) if tile is None else _octets(tile.octets, tile.type, kept)

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

    async def _act(self, request: Request) -> Response:
        asked, user = await _body(request, ActIn), self._doors.user(request)
        if asked is None or user is None:
            return _json({"state": "refused", "text": "the body is not an act: see /api/openapi.json"}, 400)
        message = ActMessage(act=asked.act, ref=0, subject=asked.subject, value=asked.value, reason=asked.reason)
        outcome = await self._done(request, user, asked.position, message)
        return _json(ActOut(state=outcome.state, text=outcome.text), 403 if outcome.state == "refused" else 200)

    async def _done(self, request: Request, user: User, position: str, message: ActMessage) -> Outcome:
        """Take an act to the desk and wait until what became of it is final."""
        language = self._language or wanted_language(request)
        outcome = self._desk.take(user, position, place(request), message, language)
        while outcome.then is not None:
            try:
                outcome = await outcome.then
            except VigieError as why:
                outcome = Outcome("refused", str(why))
        return Outcome(outcome.state, outcome.said(language))

    async def _intake(self, request: Request) -> Response:
        """Take the messages, notices or rows of a form, each piece an act."""
        form, user, language = await read_form(request), self._doors.user(request), wanted_language(request)
        if form is None or user is None:
            return intake_page(request, 400, [tr("The form was not understood.", language)])
        what, text = form
        pieces = acts_of(what, text)
        if len(pieces) > MAX_PIECES:
            return intake_page(
                request, 400, [tr("The text is too long for this form.", language)], what=what, text=text
            )
        done, lines = 0, []
        for act, subject, value in pieces:
            message = ActMessage(act=act, ref=0, subject=subject, value=value)
            outcome = await self._done(request, user, "", message)
            done += outcome.state != "refused"
            lines += [outcome.text] if outcome.state == "refused" else []
        told = tr("{done} of {all} pieces are in the record.", language).format(done=done, all=len(pieces))
        aside = [tr("set aside: {problem}", language).format(problem=p) for p in set_aside_in(what, text)]
        wrong = bool(lines or aside)
        return intake_page(
            request, 403 if lines else 200, [told, *lines, *aside], what=what, text=text if wrong else ""
        )

    async def _edit_account(self, request: Request) -> Response:
        change, user = await _body(request, AccountChange), self._doors.user(request)
        if change is None or user is None:
            return _json({"text": "the body is not a change of an account"}, 400)
        try:
            return _json(await self._desk_of_accounts.change(user, place(request), change))
        except VigieError as why:
            return _json({"text": str(why)}, 400)

    async def _talk(self, socket: WebSocket) -> None:
        user = self._doors.user(socket)
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
            user={
                "name": user.name,
                "role": user.role,
                "acts": allowed_acts(user.role),
                "local": user.version == LOCAL,
            },
            positions=[layout(p) for p in positions_of(user.role)],
            version=__version__,
        )
        self._hub.clients += 1
        try:
            with contextlib.suppress(WebSocketDisconnect):  # it may leave in the middle of anything
                await socket.accept()
                await Client(socket, self._hub, lambda: self._doors.user(socket), self._desk, language).talk(hello)
        finally:
            self._hub.clients -= 1


def _source_ended(task: asyncio.Future[None]) -> None:
    """Say loudly that nothing comes in any more; the screens see it by themselves, as STALE."""
    if not task.cancelled() and task.exception() is not None:
        _log.error("a source of updates failed", exc_info=task.exception())


def _tail(request: Request) -> str:
    return str(request.path_params["path"])


def _json(content: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status, media_type="application/json")


def _octets(octets: bytes, kind: str = "application/json", headers: Mapping[str, str] | None = None) -> Response:
    return Response(octets, media_type=kind, headers=headers)


def _whole(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


async def _body(request: Request, kind: type[T]) -> T | None:
    """Return the JSON body as ``kind``, None if it is too long or something else."""
    octets = b""
    async for part in request.stream():
        octets += part
        if len(octets) > MAX_MESSAGE:
            return None
    try:
        return msgspec.json.decode(octets, type=kind)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


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
