"""My account and the list of accounts: what a person ends or changes there. Each act is an entry of the audit chain."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from vigie.people.session import User
from vigie.show.accountpages import OTHERS, account_page, accounts_page
from vigie.show.doors import COOKIE, Doors, Keys, place, read_fields
from vigie.show.office import AccountChange, OfficeBooks
from vigie.show.pagefiles import plain_page, wanted_language
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr


class AccountDesk:
    """Endpoints of the two pages, and the one way by which an account is changed, from a page or from the API."""

    def __init__(self, keys: Keys, doors: Doors, office: OfficeBooks) -> None:
        self._keys = keys
        self._doors = doors
        self._office = office

    def own(self, request: Request) -> Response:
        """Show who asks, and their open sessions."""
        user = self._doors.user(request)
        return self._own(request, 200, user) if user else _nobody(request)

    async def end_own(self, request: Request) -> Response:
        """End one of one's own sessions, or all others; one's own present one is like leaving."""
        user, fields, language = self._doors.user(request), await read_fields(request), wanted_language(request)
        if user is None:
            return _nobody(request)
        wanted, token = (fields or {}).get("end", ""), request.cookies.get(COOKIE, "")
        sessions = self._keys.sessions
        if wanted == OTHERS:
            ended = sessions.end_others(token, user)
        elif wanted and sessions.end(wanted, user):
            ended = 1
        else:
            self._keys.chain(user, place(request), "session.end", subject=wanted, outcome="refused",
                             reason="no open session of this person has this name")  # fmt: skip
            return self._own(request, 400, user, tr("This session is not open, or not yours.", language))
        self._keys.chain(user, place(request), "session.end", subject=wanted, value=str(ended))
        if wanted == sessions.id_of(token):
            response = RedirectResponse("/login" if self._doors.has_login else "/", 303)
            response.delete_cookie(COOKIE, path="/")
            return response
        return self._own(request, 200, user, tr("Sessions ended: {n}", language).format(n=ended))

    def listed(self, request: Request) -> Response:
        """Show all accounts with what holds each back, and all open sessions."""
        user = self._doors.user(request)
        return self._listed(request, 200, user) if user else _nobody(request)

    async def edit(self, request: Request) -> Response:
        """Change an account as the form says; a fresh password is on the page that answers, and nowhere else."""
        user, fields, language = self._doors.user(request), await read_fields(request), wanted_language(request)
        if user is None:
            return _nobody(request)
        try:
            change = msgspec.convert(fields or {}, AccountChange)
        except msgspec.ValidationError:
            return self._listed(request, 400, user, tr("The form was not understood.", language))
        try:
            done = await self.change(user, place(request), change, language)
        except VigieError as why:
            return self._listed(request, 400, user, str(why))
        text = tr("Done: {name}. Sessions ended: {n}.", language).format(name=change.name, n=done["ended"])
        if "password" in done:
            text = tr("Password of {name}, shown this once, to be changed at the first entry:", language)
            text = text.format(name=change.name)
        return self._listed(request, 200, user, text, str(done.get("password", "")))

    async def change(self, user: User, origin: str, change: AccountChange, language: str = "") -> dict[str, Any]:
        """Make one change for ``user`` and end the sessions that it takes the ground from; return what to tell.

        Raises
        ------
        UsageError
            When it cannot be made, saying why; that is an entry of the chain, too.
        """
        value = f"{change.do} {change.role}".strip()
        try:
            if change.do in ("disable", "remove", "role") and change.name.lower() == user.name.lower():
                raise UsageError(tr("Nobody closes, removes or changes the role of their own account here.", language))
            done = await asyncio.to_thread(self._office.change, change)
        except VigieError as why:
            self._keys.chain(user, origin, "account.edit", subject=change.name, value=value, outcome="refused",
                             reason=str(why))  # fmt: skip
            raise
        ended = 0 if change.do in ("add", "enable") else self._keys.sessions.end_of(change.name)
        self._keys.chain(user, origin, "account.edit", subject=change.name, value=value,
                         reason=f"sessions ended: {ended}" if ended else "")  # fmt: skip
        return {**done, "ended": ended}

    def _own(self, request: Request, status: int, user: User, text: str = "") -> Response:
        now_s, sessions = self._keys.clock_s(), self._keys.sessions
        return account_page(
            request, status, user, sessions.opened(now_s, user), sessions.id_of(request.cookies.get(COOKIE, "")),
            now_s, time.time_ns(), text,
        )  # fmt: skip

    def _listed(self, request: Request, status: int, user: User, text: str = "", secret: str = "") -> Response:
        now_s, accounts = self._keys.clock_s(), self._office.held()
        return accounts_page(
            request, status, user, accounts, self._keys.sessions.opened(now_s),
            {a.name: self._doors.waits(a.name) for a in accounts}, now_s, time.time_ns(), text=text, secret=secret,
        )  # fmt: skip


def _nobody(request: Request) -> Response:
    return plain_page(403, tr("The session has ended: sign in again.", wanted_language(request)))
