"""Fetching for OpenID Connect: discovery, keys and tokens from the site's own identity provider, and nothing else.

The provider's addresses come from its discovery document and must be of the issuer's own scheme; every answer is
bounded in size and time. What a token must say is judged in ``people.oidc``.
"""

from __future__ import annotations

import asyncio
import secrets
import time
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import msgspec

from vigie.people.oidc import Login, Provider, authorize_address, believe
from vigie.people.session import User
from vigie.terms.errors import ForbiddenError, VigieError

MAX_ANSWER: Final = 262_144
TIMEOUT_S: Final = 10.0
LOGIN_LIFE_S: Final = 600.0
MAX_LOGINS: Final = 200
_KEYS_LIFE_S: Final = 600.0


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER: Final = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


class OpenIdSignOn:
    """Logins by way of one provider; holds the ones on their way, bounded."""

    def __init__(self, provider: Provider, secret: str) -> None:
        self._provider = provider
        self._secret = secret
        self._logins: dict[str, tuple[float, Login]] = {}
        self._found: dict[str, Any] = {}
        self._keys: tuple[float, dict[str, Any]] = (float("-inf"), {})

    async def begin(self, back: str) -> str:
        """Return the provider's address for a new login."""
        found = await asyncio.to_thread(self._discover)
        login = Login(
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            back=back,
        )
        now_s = time.monotonic()
        self._logins = {s: (t, held) for s, (t, held) in self._logins.items() if now_s - t < LOGIN_LIFE_S}
        while len(self._logins) >= MAX_LOGINS:
            del self._logins[next(iter(self._logins))]
        self._logins[login.state] = (now_s, login)
        return authorize_address(self._provider, found["authorization_endpoint"], login)

    async def finish(self, state: str, code: str) -> User:
        """Exchange the code for a token and return the person it names; a state is good for one use."""
        begun_s, login = self._logins.pop(state, (float("-inf"), None))
        if login is None or time.monotonic() - begun_s > LOGIN_LIFE_S or not code:
            raise ForbiddenError("this login was not begun here, or too long ago")
        return await asyncio.to_thread(self._exchange, login, code)

    def _exchange(self, login: Login, code: str) -> User:
        found = self._discover()
        asked = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": login.back,
            "client_id": self._provider.client_id, "client_secret": self._secret, "code_verifier": login.verifier,
        }  # fmt: skip
        answer = self._fetch(found["token_endpoint"], urlencode(asked).encode())
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ForbiddenError("the identity provider gave no ID token")
        return believe(self._provider, login, token, self._key_set(found["jwks_uri"]), int(time.time()))

    def _discover(self) -> dict[str, Any]:
        if not self._found:
            found = self._fetch(self._provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
            wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self._provider.issuer or not all(isinstance(found.get(w), str) for w in wanted):
                raise VigieError(
                    f"{self._provider.issuer}: its discovery document does not name this issuer and its addresses"
                )
            self._found = found
        return self._found

    def _key_set(self, address: str) -> dict[str, Any]:
        fetched_s, keys = self._keys
        if time.monotonic() - fetched_s > _KEYS_LIFE_S:
            keys = self._fetch(address)
            self._keys = (time.monotonic(), keys)
        return keys

    def _fetch(self, address: str, form: bytes | None = None) -> dict[str, Any]:
        if urlsplit(address).scheme != urlsplit(self._provider.issuer).scheme:
            raise VigieError(f"the identity provider names an address of another scheme than its own: {address[:100]}")
        try:
            request = urllib.request.Request(address, data=form, headers={"Accept": "application/json"})
            with _OPENER.open(request, timeout=TIMEOUT_S) as answer:
                octets = answer.read(MAX_ANSWER + 1)
            if len(octets) > MAX_ANSWER:
                raise VigieError(f"{address[:100]}: the answer is longer than {MAX_ANSWER} octets")
            return msgspec.json.decode(octets, type=dict[str, Any])
        except (urllib.error.URLError, OSError, msgspec.MsgspecError, UnicodeError, ValueError) as why:
            raise VigieError(f"the identity provider cannot be asked at {address[:100]}: {why}") from why
