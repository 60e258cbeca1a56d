"""A password that somebody else gave is good for one thing: changing it. Asked of every route, in every role."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
import websockets

from vigie.people.accounts import Accounts
from vigie.people.permissions import ROUTES, UNCHANGED, allowed
from vigie.people.session import Sessions, User
from vigie.show.accountpages import GIVEN

from .live import KEY, in_loop, serving
from .test_show_doors import OURS, QUICK, login, talk

OPEN = {("POST", "/logout"), ("GET", "/password"), ("POST", "/password")}
"""What is left, besides what is open to everybody."""
NEW = "a new long password"


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path, QUICK)


@pytest.mark.parametrize("role", GIVEN)
def test_nothing_but_the_change_is_open_until_it_is_made(accounts: Accounts, role: str) -> None:
    given = accounts.add("idi", role)
    asked = sorted(key for key, act in ROUTES.items() if key[0] != "WS" and act not in {"server.ping", "session.enter"})

    async def do(client: httpx.AsyncClient) -> None:
        assert (await login(client, "idi", given)).headers["location"] == "/password"
        for method, path in asked:
            if (method, path) in OPEN:
                continue
            answer = await client.request(method, re.sub(r"{\w+(:\w+)?}", "1", path), headers=OURS)
            if answer.status_code == 303:
                assert answer.headers["location"] == "/password", path
            else:
                assert answer.status_code == 403, path
                assert "change it first" in answer.text, path
        page = await client.get("/password", headers={"Accept-Language": "fr"})
        assert page.status_code == 200
        assert "changez-le d'abord" in page.text.replace("&#x27;", "'")
        form = {"old": given, "new": given, "again": given}
        same = await client.post("/password", data=form, headers=OURS)
        assert (same.status_code, "is the old one" in same.text) == (400, True)
        assert (await client.get("/account")).headers["location"] == "/password"
        changed = await client.post("/password", data=form | {"new": NEW, "again": NEW}, headers=OURS)
        assert changed.headers["location"] == ("/" if allowed(role, "picture.read") else "/account")
        account = await client.get("/account")
        assert account.status_code == 200
        site = await client.get("/api/site")
        assert site.status_code == (200 if allowed(role, "site.read") else 403)

    book = talk(accounts, do)
    refused = [e for e in book.entries if e.get("outcome") == "refused" and "changed first" in e["reason"]]
    assert len(refused) == len(asked) - len(OPEN) + 1


def test_a_password_given_while_one_works_is_a_new_beginning(accounts: Accounts) -> None:
    accounts.add("idi", "supervisor", NEW)

    async def do(client: httpx.AsyncClient) -> None:
        await login(client, "idi", NEW)
        assert (await client.get("/api/site")).status_code == 200
        given = accounts.set_password("idi")
        assert (await client.get("/api/site")).status_code == 403
        await login(client, "idi", given)
        assert "change it first" in (await client.get("/api/site")).text

    talk(accounts, do)


def test_no_socket_opens_before_the_change(accounts: Accounts) -> None:
    given = accounts.add("idi", "supervisor")

    async def go() -> None:
        async with serving(accounts=accounts) as live, httpx.AsyncClient(base_url=live.origin) as client:
            form = {"name": "idi", "password": given}
            entered = await client.post("/login", data=form, headers={"Origin": live.origin})
            cookie = f"vigie_session={entered.cookies['vigie_session']}"
            with pytest.raises(websockets.InvalidStatus) as refused:
                await live.connect(cookie=cookie)
            assert refused.value.response.status_code == 403

    in_loop(go())


def test_the_role_of_who_must_change_is_no_role_of_an_account() -> None:
    assert UNCHANGED not in GIVEN
    with pytest.raises(Exception, match="not known"):
        Sessions(KEY, User("idi", UNCHANGED))
