"""The doors: how a person comes in and goes out. A printed key, a name with a password, an identity provider.

Each login, refusal and exit is an entry of the audit chain. A wrong password slows down that pair of name and place
only, hashing runs on two threads at most, and an unknown name takes as long as a known one.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from vigie.people.accounts import Account, Accounts
from vigie.people.attempts import Attempts
from vigie.people.password import MAX_LENGTH, MIN_LENGTH
from vigie.people.permissions import UNCHANGED, allowed
from vigie.people.session import LIFE_S, LOCAL, Sessions, User
from vigie.show.desk import Chain, no_chain
from vigie.show.forms import login_page, password_page, waiting_page
from vigie.show.pagefiles import plain_page, wanted_language
from vigie.terms.errors import ForbiddenError, VigieError
from vigie.terms.words import tr

_log = logging.getLogger("vigie.show")

COOKIE: Final = "vigie_session"
MAX_FORM: Final = 4_096
MAX_WAITING: Final = 32
"""Most logins that wait for a thread; one more is told to come back, which costs nothing."""
_HASHING: Final = 2
_CHECK_ACCOUNTS_S: Final = 2.0
_STYLE: Final = Path(__file__).resolve().parent / "forms.css"


class SignOn(Protocol):
    """An identity provider: where to send a browser, and who came back."""

    async def begin(self, back: str) -> str:
        """Return the provider's address for a login that returns to ``back``."""
        ...

    async def finish(self, state: str, code: str) -> User:
        """Return the person; ForbiddenError or VigieError says why not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What opens the doors: the sessions, and where there are, accounts and an identity provider."""

    sessions: Sessions
    accounts: Accounts | None = None
    sign_on: SignOn | None = None
    chain: Chain = no_chain
    clock_s: Callable[[], float] = time.monotonic


class Doors:
    """Endpoints of coming and going, and the one answer to who a request is from."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._attempts = Attempts()
        self._threads = asyncio.Semaphore(_HASHING)
        self._waiting = 0
        self._looked_s = float("-inf")

    @property
    def has_login(self) -> bool:
        """Whether there is another way in than the printed key."""
        return self._keys.accounts is not None or self._keys.sign_on is not None

    def user(self, asker: HTTPConnection) -> User | None:
        """Return who asks, or None. A session ends when its account changed, was disabled or is gone.

        Whose password is to be changed has the role UNCHANGED until it is: that one may do nothing else.
        """
        token = asker.cookies.get(COOKIE, "")
        if not token:
            return None
        sessions, now_s = self._keys.sessions, self._keys.clock_s()
        user = sessions.user(token, now_s)
        if user is None:
            if sessions.was_closed(token):
                self._keys.chain(None, place(asker), "session.enter", outcome="refused",
                                 reason="the cookie of a session that was closed was shown again")  # fmt: skip
            return None
        accounts = self._keys.accounts
        if user.version != LOCAL and accounts is not None:
            if now_s - self._looked_s > _CHECK_ACCOUNTS_S:
                self._looked_s = now_s
                accounts.refresh()
            held = accounts.find(user.name)
            if held is None or held.disabled or held.version != user.version:
                sessions.leave(token)
                return None
            if held.must_change:
                return replace(user, role=UNCHANGED)
        return user

    def enter(self, request: Request) -> Response:
        """Open a session of the local user for who shows the printed key."""
        token, key = secrets.token_urlsafe(32), request.query_params.get("key", "")
        if not self._keys.sessions.enter(key, token, self._keys.clock_s(), place(request)):
            self._keys.chain(None, place(request), "session.enter", outcome="refused", reason="wrong key")
            return plain_page(403, tr(
                "This key is not the one of the running server. Open the address that it printed when it started.",
                wanted_language(request)))  # fmt: skip
        self._keys.chain(self._keys.sessions.user(token, self._keys.clock_s()), place(request), "session.enter",
                         reason="the key printed at start")  # fmt: skip
        return _with_cookie(RedirectResponse("/", 303), token, request)

    def form(self, request: Request) -> Response:
        """Return the page that asks for name and password."""
        if not self.has_login:
            return RedirectResponse("/", 303)
        return self._login_page(request, 200)

    async def login(self, request: Request) -> Response:
        """Check name and password."""
        keys, language = self._keys, wanted_language(request)
        fields = await read_fields(request)
        if keys.accounts is None or fields is None:
            return self._login_page(request, 400, tr("The form was not understood.", language))
        name, password, origin = fields.get("name", "").strip(), fields.get("password", ""), place(request)
        wait_s = self._attempts.wait_s(name, origin, keys.clock_s())
        if wait_s > 0 or self._waiting >= MAX_WAITING:
            keys.chain(None, origin, "session.enter", who=name, outcome="refused", reason="too many tries")
            return waiting_page(request, max(1, round(wait_s)))
        account = await self._check(keys.accounts, name, password)
        if account is None:
            failures = self._attempts.failed(name, origin, keys.clock_s())
            keys.chain(None, origin, "session.enter", who=name, outcome="refused", reason=f"wrong, {failures} in a row")
            return self._login_page(request, 403, tr("Name or password is wrong.", language))
        self._attempts.succeeded(name, origin)
        user = User(account.name, account.role, account.version)
        response = self._let_in(request, user, "/password" if account.must_change else home(user))
        keys.chain(user, origin, "session.enter", reason="password")
        return response

    def logout(self, request: Request) -> Response:
        """Close the session; its cookie is nobody's from now on."""
        user = self.user(request)
        self._keys.sessions.leave(request.cookies.get(COOKIE, ""))
        self._keys.chain(user, place(request), "session.leave")
        response = RedirectResponse("/login" if self.has_login else "/", 303)
        response.delete_cookie(COOKIE, path="/")
        return response

    def password_form(self, request: Request) -> Response:
        """Return the page on which a person changes their own password."""
        user = self.user(request)
        if user is None or user.version == LOCAL:
            return plain_page(403, tr("Only who entered with an account has a password.", wanted_language(request)))
        return password_page(request, 200, must_change_text(user, wanted_language(request)))

    async def password(self, request: Request) -> Response:
        """Change one's own password; every session of the account ends, this one begins anew."""
        user, language, keys = self.user(request), wanted_language(request), self._keys
        fields = await read_fields(request)
        if user is None or user.version == LOCAL or keys.accounts is None or fields is None:
            return plain_page(403, tr("Only who entered with an account has a password.", language))
        wait_s = self._attempts.wait_s(user.name, place(request), keys.clock_s())
        if wait_s > 0:
            keys.chain(user, place(request), "password.change", outcome="refused", reason="too many tries")
            return waiting_page(request, max(1, round(wait_s)), "/account")
        account = await self._check(keys.accounts, user.name, fields.get("old", ""))
        if account is None:
            self._attempts.failed(user.name, place(request), keys.clock_s())
            keys.chain(user, place(request), "password.change", outcome="refused", reason="wrong password")
            return password_page(request, 403, tr("The old password is wrong.", language))
        self._attempts.succeeded(user.name, place(request))
        new = fields.get("new", "")
        if new == fields.get("old"):
            return password_page(request, 400, tr("The new password is the old one: choose another.", language))
        if new != fields.get("again"):
            return password_page(request, 400, tr("The two new passwords differ.", language))
        if not MIN_LENGTH <= len(new) <= MAX_LENGTH:
            text = tr("A password has {least} to {most} characters.", language)
            return password_page(request, 400, text.format(least=MIN_LENGTH, most=MAX_LENGTH))
        await asyncio.to_thread(keys.accounts.set_password, user.name, new)
        keys.sessions.end_of(user.name)
        keys.chain(user, place(request), "password.change")
        held = keys.accounts.find(user.name) or account
        entered = User(held.name, held.role, held.version)
        return self._let_in(request, entered, home(entered))

    def waits(self, name: str) -> list[tuple[str, int, float]]:
        """Return (place, failures, seconds) of the tries with this name that have to wait now."""
        return self._attempts.waiting(name, self._keys.clock_s())

    async def to_provider(self, request: Request) -> Response:
        """Send the browser to the identity provider."""
        if self._keys.sign_on is None:
            return Response(status_code=404)
        try:
            address = await self._keys.sign_on.begin(str(request.base_url).rstrip("/") + "/oidc/back")
        except VigieError as why:
            _log.warning("a login by the identity provider could not begin: %s", why)
            self._keys.chain(None, place(request), "session.enter", outcome="refused", reason=str(why))
            return self._login_page(request, 503, str(why))
        return RedirectResponse(address, 303)

    async def from_provider(self, request: Request) -> Response:
        """Take over what the identity provider says of a person."""
        sign_on, asked = self._keys.sign_on, request.query_params
        if sign_on is None:
            return Response(status_code=404)
        try:
            user = await sign_on.finish(asked.get("state", ""), asked.get("code", ""))
        except (ForbiddenError, VigieError) as why:
            self._keys.chain(None, place(request), "session.enter", outcome="refused", reason=str(why))
            return self._login_page(request, 403, tr("The identity provider did not let this person in.",
                                                     wanted_language(request)))  # fmt: skip
        self._keys.chain(user, place(request), "session.enter", reason="identity provider")
        return self._let_in(request, user, home(user), strict=False)

    @staticmethod
    def style(_: Request) -> Response:
        """Return the style sheet of these pages."""
        return Response(_STYLE.read_bytes(), media_type="text/css", headers={"Cache-Control": "no-cache"})

    def _login_page(self, request: Request, status: int, text: str = "") -> Response:
        return login_page(request, status, text, password=self._keys.accounts is not None,
                          provider=self._keys.sign_on is not None)  # fmt: skip

    async def _check(self, accounts: Accounts, name: str, password: str) -> Account | None:
        self._waiting += 1
        try:
            async with self._threads:
                accounts.refresh()
                return await asyncio.to_thread(accounts.check, name, password)
        finally:
            self._waiting -= 1

    def _let_in(self, request: Request, user: User, to: str, *, strict: bool = True) -> Response:
        self._keys.sessions.leave(request.cookies.get(COOKIE, ""))  # a session is never carried over into another
        token = secrets.token_urlsafe(32)
        self._keys.sessions.open(user, token, self._keys.clock_s(), place(request))
        # After a login elsewhere the browser would not send a strict cookie with the redirect: one page leads on.
        response: Response = RedirectResponse(to, 303) if strict else _onward(to)
        return _with_cookie(response, token, request)


def must_change_text(user: User, language: str) -> str:
    """Return what to tell who may do nothing but change the password, nothing for everybody else."""
    if user.role != UNCHANGED:
        return ""
    return tr("This password was given by somebody else: change it first. Until then nothing else is open.", language)


def home(user: User) -> str:
    """Return the first page of a person: the display, or their account where the role sees no picture."""
    return "/" if allowed(user.role, "picture.read") else "/account"


def place(asker: HTTPConnection) -> str:
    """Return where a request comes from."""
    return asker.client.host if asker.client else ""


def _onward(to: str) -> Response:
    return Response(
        f'<!doctype html><meta charset=utf-8><title>Vigie</title><meta http-equiv=refresh content="0;url={to}">',
        media_type="text/html",
    )


def _with_cookie(response: Response, token: str, request: Request) -> Response:
    response.set_cookie(
        COOKIE, token, max_age=int(LIFE_S), path="/", httponly=True, samesite="strict",
        secure=request.url.scheme == "https",
    )  # fmt: skip
    return response


async def read_fields(request: Request) -> dict[str, str] | None:
    """Return the fields of a small form, or None if it is none."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return None
    try:
        return {name: values[-1] for name, values in parse_qs(body.decode(), max_num_fields=8).items()}
    except (UnicodeDecodeError, ValueError):
        return None
