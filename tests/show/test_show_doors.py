"""Coming in and going out: passwords, cookies that are shown again, an identity provider, the audit of all of it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from vigie.people.accounts import Accounts
from vigie.people.oidc import Provider
from vigie.people.password import Passwords
from vigie.people.session import Sessions, User
from vigie.show.office import OfficeBooks
from vigie.show.signon import OpenIdSignOn

from .live import KEY, app_for, in_loop, named_hub

BASE = "http://127.0.0.1:8080"
OURS = {"Origin": BASE}
QUICK = Passwords(passes=1, memory_kib=64)
PASSWORD = "correct horse battery"


class Book:
    """An audit chain that only remembers."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []

    def __call__(self, user: User | None, origin: str, act: str, **more: Any) -> None:
        self.entries.append({"user": user.name if user else more.pop("who", ""), "act": act, "origin": origin, **more})

    def of(self, act: str) -> list[str]:
        return [e.get("outcome", "done") for e in self.entries if e["act"] == act]


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    books = Accounts(tmp_path, QUICK)
    books.first_start()
    books.add("aicha", "operator", PASSWORD)
    books.add("moussa", "supervisor", PASSWORD + "2")
    books.add("salif", "admin", PASSWORD + "3")
    return books


def talk(accounts: Accounts | None, do: Callable[[httpx.AsyncClient], Awaitable[None]], **more: Any) -> Book:
    """Run ``do`` with a client of a server that has ``accounts``; return what was written to the audit chain."""
    book = Book()

    async def go() -> None:
        if accounts is not None:
            more.setdefault("office", OfficeBooks(accounts))
        app = app_for(named_hub(), accounts=accounts, chain=book, **more)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
            await do(client)

    in_loop(go())
    return book


async def login(client: httpx.AsyncClient, name: str = "aicha", password: str = PASSWORD) -> httpx.Response:
    return await client.post("/login", data={"name": name, "password": password}, headers=OURS)


def test_a_person_comes_in_with_name_and_password_and_goes_out(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        assert (await client.get("/")).headers["location"] == "/login"
        page = await client.get("/login", headers={"Accept-Language": "fr"})
        assert page.status_code == 200
        assert "<script" not in page.text
        assert 'action="/login"' in page.text
        assert (await client.get("/login.css")).headers["content-type"].startswith("text/css")
        answer = await login(client)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        kept = client.cookies["vigie_session"]
        assert (await client.get("/api/site")).status_code == 200
        assert (await client.get("/api/accounts")).status_code == 403  # an operator
        assert (await client.post("/logout", headers=OURS)).headers["location"] == "/login"
        client.cookies.clear()
        assert (await client.get("/api/site")).status_code == 403
        replayed = await client.get("/api/site", headers={"Cookie": f"vigie_session={kept}"})  # F89
        assert replayed.status_code == 403

    book = talk(accounts, do)
    assert book.of("session.enter") == ["done", "refused"]
    assert "shown again" in book.entries[-1]["reason"]
    assert book.of("account.read") == ["refused"]


def test_a_wrong_password_is_refused_slowed_down_and_hurts_nobody_else(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        codes = [(await login(client, "aicha", f"wrong password {n}")).status_code for n in range(8)]
        assert codes[:3] == [403, 403, 403]
        assert codes[3:] == [429] * 5
        assert (await login(client, "AICHA")).status_code == 429  # the right one has to wait, too, from here
        assert (await login(client, "moussa", PASSWORD + "2")).status_code == 303
        unknown = await login(client, "nobody", "some password")
        known = await login(client, "salif", "some password")
        assert (unknown.status_code, unknown.text) == (known.status_code, known.text)

    assert talk(accounts, do).of("session.enter").count("refused") == 11


@pytest.mark.parametrize(
    "body", [b"", b"name=aicha", b"\xff\xfe=1", b"name=" + b"x" * 10_000, b"&".join(b"a%d=1" % n for n in range(50))]
)
def test_an_odd_form_lets_nobody_in(accounts: Accounts, body: bytes) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await client.post("/login", content=body, headers=OURS | kind)
        assert answer.status_code in {400, 403}
        assert "set-cookie" not in answer.headers
        assert (await client.post("/login", json={"name": "aicha"}, headers=OURS)).status_code == 400
        assert (await client.post("/login", content=body, headers=kind)).status_code == 403  # no origin

    talk(accounts, do)


def test_a_name_with_markup_is_text(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        answer = await login(client, "<script>alert(1)</script>", "some password")
        assert "<script" not in answer.text

    talk(accounts, do)


def test_a_new_password_ends_all_sessions_but_this_one(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await login(client)
        elsewhere = client.cookies["vigie_session"]
        client.cookies.clear()
        await login(client)
        form = {"old": PASSWORD, "new": "a new long password", "again": "a new long password"}
        assert (await client.post("/password", data=form | {"old": "no"}, headers=OURS)).status_code == 403
        assert (await client.post("/password", data=form | {"again": "x"}, headers=OURS)).status_code == 400
        short = await client.post("/password", data=form | {"new": "short", "again": "short"}, headers=OURS)
        assert short.status_code == 400
        assert (await client.post("/password", data=form, headers=OURS)).status_code == 303
        assert (await client.get("/api/site")).status_code == 200
        client.cookies.clear()
        old = await client.get("/api/site", headers={"Cookie": f"vigie_session={elsewhere}"})
        assert old.status_code == 403
        assert (await login(client)).status_code == 403
        assert (await login(client, "aicha", "a new long password")).status_code == 303

    talk(accounts, do)


def test_who_must_change_the_password_is_led_there_and_a_closed_account_is_out(accounts: Accounts) -> None:
    first = accounts.add("idi", "viewer")

    async def do(client: httpx.AsyncClient) -> None:
        assert (await login(client, "idi", first)).headers["location"] == "/password"
        assert (await client.get("/password")).status_code == 200
        accounts.disable("idi")
        assert (await client.get("/api/site")).status_code == 403
        assert (await login(client, "idi", first)).status_code == 403

    talk(accounts, do)


def test_the_administrator_keeps_accounts_and_has_no_work_on_the_picture(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await login(client, "salif", PASSWORD + "3")
        listed = (await client.get("/api/accounts")).json()
        assert {a["name"] for a in listed} == {"admin", "aicha", "moussa", "salif"}
        assert "hash" not in listed[0]
        made = await client.post(
            "/api/accounts", json={"do": "add", "name": "fati", "role": "technician"}, headers=OURS
        )
        assert len(made.json()["password"]) > 12
        again = await client.post("/api/accounts", json={"do": "add", "name": "fati", "role": "viewer"}, headers=OURS)
        assert (again.status_code, "exists already" in again.text) == (400, True)
        assert (await client.post("/api/accounts", json={"do": "own"}, headers=OURS)).status_code == 400
        assert (await client.get("/api/picture")).status_code == 403
        refused = await client.post("/api/acts", json={"act": "track.name", "subject": "1"}, headers=OURS)
        assert (refused.status_code, refused.json()["state"]) == (403, "refused")

    book = talk(accounts, do)
    assert book.of("account.edit") == ["done", "refused"]


def test_without_accounts_the_printed_key_is_the_only_way(tmp_path: Path) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        assert (await client.get("/")).status_code == 403
        assert (await client.get("/login")).headers["location"] == "/"
        assert (await login(client)).status_code == 400
        assert (await client.get("/oidc/start")).status_code == 404
        assert (await client.get("/enter", params={"key": KEY})).status_code == 303

    assert talk(None, do).of("session.enter") == ["done"]


class IdentityProvider(http.server.BaseHTTPRequestHandler):
    """A provider on loopback: discovery, keys, and a token endpoint that checks what it is sent."""

    key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
    asked: dict[str, str] = {}  # noqa: RUF012
    nonce = ""

    def issuer(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def say(self, content: Any) -> None:
        octets = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def do_GET(self) -> None:
        us = self.issuer()
        if self.path.endswith("/jwks"):
            self.say(KeySet([self.key]).as_dict(private=False))
        else:
            self.say({"issuer": us, "authorization_endpoint": us + "/auth", "token_endpoint": us + "/token",
                      "jwks_uri": us + "/jwks"})  # fmt: skip

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        type(self).asked = {name: v[0] for name, v in parse_qs(body).items()}
        now = int(time.time())
        claims = {"iss": self.issuer(), "aud": "vigie", "sub": "u", "preferred_username": "hama", "roles": ["ops"],
                  "iat": now, "exp": now + 60, "nonce": self.nonce}  # fmt: skip
        self.say({"id_token": jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)})

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), IdentityProvider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_person_comes_in_by_the_identity_provider(provider: str) -> None:
    ours = Provider(issuer=provider, client_id="vigie", roles=(("ops", "operator"),))

    async def do(client: httpx.AsyncClient) -> None:
        begun = await client.get("/oidc/start")
        asked = {n: v[0] for n, v in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        assert begun.headers["location"].startswith(provider + "/auth?")
        IdentityProvider.nonce = "another"
        wrong = await client.get("/oidc/back", params={"state": asked["state"], "code": "c"})
        assert wrong.status_code == 403
        begun = await client.get("/oidc/start")
        asked = {n: v[0] for n, v in parse_qs(urlsplit(begun.headers["location"]).query).items()}
        IdentityProvider.nonce = asked["nonce"]
        assert (await client.get("/oidc/back", params={"state": "x" * 32, "code": "c"})).status_code == 403
        good = await client.get("/oidc/back", params={"state": asked["state"], "code": "c"})
        assert good.status_code == 200
        assert IdentityProvider.asked["client_secret"] == "hush"
        assert len(IdentityProvider.asked["code_verifier"]) >= 43
        assert (await client.get("/api/site")).status_code == 200
        again = await client.get("/oidc/back", params={"state": asked["state"], "code": "c"})
        assert again.status_code == 403  # a state is good once

    book = talk(None, do, sign_on=OpenIdSignOn(ours, "hush"))
    assert book.of("session.enter") == ["refused", "refused", "done", "refused"]
    assert [e["user"] for e in book.entries if e.get("outcome", "done") == "done"] == ["hama"]


def test_a_provider_that_cannot_be_asked_is_said(tmp_path: Path) -> None:
    ours = Provider(issuer="http://127.0.0.1:9", client_id="vigie", roles=(("ops", "operator"),))

    async def do(client: httpx.AsyncClient) -> None:
        answer = await client.get("/oidc/start")
        assert answer.status_code == 503
        assert "cannot be asked" in answer.text

    talk(None, do, sign_on=OpenIdSignOn(ours, "hush"))


def test_sessions_of_two_people_are_their_own() -> None:
    sessions = Sessions(KEY, User("local", "viewer"))
    sessions.open(User("a", "operator", 1), "t" * 32, 0.0)
    sessions.open(User("b", "admin", 2), "u" * 32, 0.0)
    assert sessions.end_of("A") == 1
    assert sessions.user("t" * 32, 1.0) is None
    assert sessions.was_closed("t" * 32)
    assert sessions.user("u" * 32, 1.0) == User("b", "admin", 2)
