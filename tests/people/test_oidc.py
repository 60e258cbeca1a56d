"""Identity provider: a token is believed only if every check holds."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from vigie.people.oidc import Login, Provider, authorize_address, believe
from vigie.terms.errors import ForbiddenError

NOW = 1_900_000_000
KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
KEYS: dict[str, Any] = KeySet([KEY]).as_dict(private=False)
PROVIDER = Provider(
    issuer="https://id.example", client_id="vigie", role_claim="realm_access.roles",
    roles=(("vigie-chief", "supervisor"), ("vigie-ops", "operator")),
)  # fmt: skip
LOGIN = Login(state="s" * 32, nonce="n" * 32, verifier="v" * 64, back="https://vigie.example/oidc/back")
GOOD: dict[str, Any] = {
    "iss": "https://id.example", "aud": "vigie", "exp": NOW + 300, "iat": NOW, "nonce": LOGIN.nonce, "sub": "u-1",
    "preferred_username": "aicha", "realm_access": {"roles": ["x", "vigie-ops", "vigie-chief"]},
}  # fmt: skip


def token(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": "k1"}, claims, key, algorithms=[alg])


def test_a_good_token_names_the_person_and_the_highest_role() -> None:
    user = believe(PROVIDER, LOGIN, token(GOOD), KEYS, NOW)
    assert (user.name, user.role) == ("aicha", "supervisor")
    several = GOOD | {"aud": ["vigie", "other"], "azp": "vigie"}
    assert believe(PROVIDER, LOGIN, token(several), KEYS, NOW).role == "supervisor"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"iss": "https://evil.example"}, "iss"), ({"aud": "other"}, "aud"), ({"aud": ["vigie", "other"]}, "azp"),
        ({"azp": "other"}, "azp"), ({"nonce": "m" * 32}, "nonce"), ({"nonce": None}, "nonce"),
        ({"exp": NOW - 61}, "exp"),
        ({"exp": None}, "exp"), ({"exp": "soon"}, "exp"), ({"iat": NOW + 120}, "iat"), ({"iat": None}, "iat"),
        ({"nbf": NOW + 120}, "nbf"), ({"sub": ""}, "sub"), ({"sub": 5}, "sub"),
        ({"realm_access": {"roles": ["x"]}}, "role"), ({"realm_access": None}, "role"),
    ],
)  # fmt: skip
def test_each_check_refuses(change: dict[str, Any], word: str) -> None:
    claims = {name: value for name, value in (GOOD | change).items() if value is not None}
    with pytest.raises(ForbiddenError, match=word):
        believe(PROVIDER, LOGIN, token(claims), KEYS, NOW)


def test_a_signature_that_is_none_shared_or_of_another_key_is_refused() -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "k1"})
    shared = OctKey.import_key("a-shared-secret-of-enough-octets-000", {"kid": "k1"})
    good = token(GOOD)
    for bad in (
        token(GOOD, stranger), token(GOOD, shared, "HS256"), good[:-8] + "AAAAAAAA", "", "a.b.c",
        good.rpartition(".")[0] + ".",
        "eyJhbGciOiJub25lIn0." + good.split(".")[1] + ".",
    ):  # fmt: skip
        with pytest.raises(ForbiddenError, match="signed"):
            believe(PROVIDER, LOGIN, bad, KEYS, NOW)


def test_the_address_binds_the_login() -> None:
    address = urlsplit(authorize_address(PROVIDER, "https://id.example/auth?tenant=1", LOGIN))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert asked["tenant"] == "1"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert (asked["state"], asked["nonce"], asked["redirect_uri"]) == (LOGIN.state, LOGIN.nonce, LOGIN.back)
    assert LOGIN.verifier not in address.query
