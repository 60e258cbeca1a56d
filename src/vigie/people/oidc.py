"""Signing in with an organisation's identity provider: OpenID Connect, authorization code flow with PKCE.

This file makes the address the browser is sent to and judges the token that comes back; fetching is somebody else's.
An ID token is believed only if its signature is of one of the provider's keys by an algorithm we name, its issuer and
audience are ours, its nonce is the one of this very login, and it is neither expired nor from the future.
Source: OpenID Connect Core 1.0 section 3.1.3.7; RFC 7636 (PKCE); RFC 8725 (JWT best practice).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vigie.people.session import User
from vigie.terms.errors import ForbiddenError

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Signatures with public keys only: a token signed with a shared secret or with none is refused."""
LEEWAY_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The identity provider of a site: its issuer, who we are there, and which of its words means which role."""

    issuer: str
    client_id: str
    role_claim: str = "roles"
    roles: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One login on its way: the random words that bind the answer to this browser."""

    state: str
    nonce: str
    verifier: str
    back: str


def authorize_address(provider: Provider, endpoint: str, login: Login) -> str:
    """Return the provider's address to which the browser is sent."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(login.verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": provider.client_id, "redirect_uri": login.back, "scope": "openid profile",
        "state": login.state, "nonce": login.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def believe(provider: Provider, login: Login, id_token: str, keys: Mapping[str, Any], now_s: int) -> User:
    """Return the person an ID token names.

    Raises
    ------
    ForbiddenError
        Saying which check failed; never with the token itself.
    """
    try:
        token = jwt.decode(id_token, KeySet.import_key_set(dict(keys)), algorithms=list(ALGORITHMS))  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError) as why:
        raise ForbiddenError(
            f"the identity provider's token is not signed as it must be ({type(why).__name__})"
        ) from why
    claims: dict[str, Any] = token.claims
    audience = claims.get("aud")
    several = isinstance(audience, list) and len(audience) > 1
    checks = {
        "iss": claims.get("iss") == provider.issuer,
        "aud": audience == provider.client_id or (isinstance(audience, list) and provider.client_id in audience),
        "azp": claims.get("azp", provider.client_id if not several else "") == provider.client_id,
        "nonce": claims.get("nonce") == login.nonce,
        "exp": _number(claims.get("exp"), -1) + LEEWAY_S > now_s,
        "iat": _number(claims.get("iat"), 1 << 62) - LEEWAY_S <= now_s,
        "nbf": _number(claims.get("nbf"), 0) - LEEWAY_S <= now_s,
        "sub": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
    }
    for name, good in checks.items():
        if not good:
            raise ForbiddenError(f"the identity provider's token is refused: its {name!r} does not fit")
    called = claims.get("preferred_username")
    return User(str(called or claims["sub"])[:64], _role(provider, claims))


def _role(provider: Provider, claims: Mapping[str, Any]) -> str:
    """Return the first role, in the order of the site file, whose word stands in the role claim."""
    said: Any = claims
    for part in provider.role_claim.split("."):  # some providers nest: realm_access.roles
        said = said.get(part) if isinstance(said, dict) else None
    listed = said if isinstance(said, list) else [said]
    words = {word for word in listed if isinstance(word, str)}
    for word, role in provider.roles:
        if word in words:
            return role
    raise ForbiddenError("the identity provider knows this person, but none of its words gives a role here")


def _number(value: object, absent: int) -> int:
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else absent
