"""My account and the list of accounts: who I am, my sessions, and what an administrator does; all of it audited."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from vigie.people.accounts import Accounts
from vigie.people.permissions import ROLES, allowed
from vigie.people.session import Sessions, User
from vigie.show.accountpages import GIVEN, position_words, role_words

from .live import KEY
from .test_show_doors import OURS, PASSWORD, QUICK, login, talk

ADMIN = ("salif", PASSWORD + "3")


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    books = Accounts(tmp_path, QUICK)
    books.add("aicha", "operator", PASSWORD)
    books.add("moussa", "supervisor", PASSWORD + "2")
    books.add("salif", "admin", PASSWORD + "3")
    books.add("dan", "auditor", PASSWORD + "4")
    return books


def ids(text: str) -> list[str]:
    """The names of the sessions that a page offers to end, in its order."""
    return re.findall(r'name="end" value="([0-9a-f]{16})"', text)


async def come(client: httpx.AsyncClient, name: str = "aicha", password: str = PASSWORD) -> str:
    """Sign in anew and return the cookie; earlier sessions of the person stay open."""
    client.cookies.clear()
    assert (await login(client, name, password)).status_code == 303
    return client.cookies["vigie_session"]


async def as_who(client: httpx.AsyncClient, cookie: str) -> int:
    """What the API answers to a cookie: 200, or 403 when its session is over."""
    client.cookies.clear()
    answer = await client.get("/api/tables", headers={"Cookie": f"vigie_session={cookie}"})
    client.cookies.clear()
    return answer.status_code


def test_who_i_am_and_my_sessions_in_both_languages(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await come(client, "moussa", PASSWORD + "2")
        await come(client)
        await come(client)
        for language, words in (
            ("en", ("My account", "Positions", "airspace control", "this session", "UTC")),
            ("fr", ("Mon compte", "Postes", "contrôle de l’espace aérien", "cette session", "opérateur")),
        ):
            page = await client.get("/account", headers={"Accept-Language": language})
            assert page.status_code == 200
            assert all(word in page.text for word in words), (language, page.text)
            assert "<script" not in page.text
            assert "style=" not in page.text
            assert "moussa" not in page.text
            assert len(ids(page.text)) == 2
            assert page.headers["cache-control"] == "no-store"
            assert "/accounts" not in page.text
        assert client.cookies["vigie_session"] not in page.text

    talk(accounts, do)


def test_one_session_is_ended_or_all_others_and_only_ones_own(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        boss = await come(client, "moussa", PASSWORD + "2")
        (theirs,) = ids((await client.get("/account")).text)
        first, second, third = [await come(client) for _ in range(3)]
        listed = ids((await client.get("/account")).text)
        assert len(set(listed)) == 3
        stolen = await client.post("/account", data={"end": theirs}, headers=OURS)
        assert (stolen.status_code, "not yours" in stolen.text) == (400, True)
        for odd in ({}, {"end": ""}, {"end": "<b>"}):
            assert (await client.post("/account", data=odd, headers=OURS)).status_code == 400
        assert (await client.post("/account", data={"end": "others"})).status_code == 403  # no origin
        assert await as_who(client, boss) == 200
        client.cookies.set("vigie_session", third)
        gone = await client.post("/account", data={"end": listed[-1]}, headers=OURS)  # the one used longest ago
        assert (gone.status_code, len(ids(gone.text))) == (200, 2)
        assert [await as_who(client, c) for c in (first, second, third)] == [403, 200, 200]
        client.cookies.set("vigie_session", third)
        rest = await client.post("/account", data={"end": "others"}, headers=OURS)
        assert (len(ids(rest.text)), "Sessions ended: 1" in rest.text) == (1, True)
        assert [await as_who(client, c) for c in (second, third, boss)] == [403, 200, 200]
        client.cookies.set("vigie_session", third)
        left = await client.post("/account", data={"end": ids(rest.text)[0]}, headers=OURS)
        assert (left.status_code, left.headers["location"]) == (303, "/login")
        assert await as_who(client, third) == 403

    book = talk(accounts, do)
    assert book.of("session.end") == ["refused"] * 4 + ["done"] * 3
    assert {e["user"] for e in book.entries if e["act"] == "session.end"} == {"aicha"}


def test_a_session_says_when_it_was_opened_and_used_and_from_where() -> None:
    sessions = Sessions(KEY, User("local", "viewer"), life_s=100.0)
    sessions.open(User("a", "operator", 1), "t" * 32, 10.0, "192.0.2.7")
    sessions.open(User("A", "operator", 1), "u" * 32, 20.0, "192.0.2.8")
    sessions.open(User("a", "operator"), "v" * 32, 20.0)  # by the identity provider: another person of that name
    sessions.user("t" * 32, 30.0)
    mine = sessions.opened(31.0, User("a", "operator", 1))
    assert [(s.opened_s, s.used_s, s.origin) for s in mine] == [(10.0, 30.0, "192.0.2.7"), (20.0, 20.0, "192.0.2.8")]
    assert mine[0].id == sessions.id_of("t" * 32) != sessions.id_of("u" * 32)
    assert sessions.user(mine[0].id, 31.0) is None  # its name opens nothing
    assert [s.until_s for s in sessions.opened(110.0)] == [120.0, 120.0]  # one is over


def test_an_administrator_lands_on_the_account_and_makes_resets_and_closes(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        theirs = await come(client)
        client.cookies.clear()
        assert (await login(client, *ADMIN)).headers["location"] == "/account"  # no picture, no display
        assert "/accounts" in (await client.get("/account")).text
        listed = (await client.get("/accounts", headers={"Accept-Language": "fr"})).text
        assert all(name in listed for name in ("aicha", "moussa", "salif", "Nouveau compte", "depuis", "ouvert"))
        assert accounts.find("aicha").hash not in listed  # type: ignore[union-attr]

        async def change(do: str, name: str, role: str = "") -> httpx.Response:
            return await client.post("/accounts", data={"do": do, "name": name, "role": role}, headers=OURS)

        made = await change("add", "fati", "technician")
        (secret,) = re.findall(r"<output>([a-z2-9-]{23})</output>", made.text)
        assert accounts.check("fati", secret) is not None
        assert secret not in (await client.get("/accounts")).text  # shown once
        assert (await change("add", "FATI", "viewer")).status_code == 400
        assert "exists already" in (await change("add", "fati", "viewer")).text
        assert (await change("add", "<b>x</b>", "viewer")).status_code == 400
        assert "<b>x</b>" not in (await change("add", "<b>x</b>", "viewer")).text
        assert (await change("own", "fati")).status_code == 400
        assert (await change("role", "aicha", "root")).status_code == 400
        kept = client.cookies["vigie_session"]
        assert await as_who(client, theirs) == 200
        client.cookies.set("vigie_session", kept)
        assert "Sessions ended: 1" in (await change("sessions", "aicha")).text
        again = await come(client)
        client.cookies.set("vigie_session", kept)
        reset = await change("password", "aicha")
        (fresh,) = re.findall(r"<output>([a-z2-9-]{23})</output>", reset.text)
        assert await as_who(client, again) == 403
        assert (await login(client, "aicha", fresh)).headers["location"] == "/password"
        client.cookies.clear()
        client.cookies.set("vigie_session", kept)
        assert "closed" in (await change("disable", "aicha")).text
        assert accounts.check("aicha", fresh) is None
        await change("enable", "aicha")
        assert accounts.check("aicha", fresh) is not None
        await change("role", "aicha", "trainer")
        assert accounts.find("aicha").role == "trainer"  # type: ignore[union-attr]
        for do in ("disable", "remove", "role"):  # the last administrator does not lock everybody out by a slip
            assert (await change(do, "salif", "viewer")).status_code == 400

    book = talk(accounts, do)
    edits = [(e.get("outcome", "done"), e["value"], e["subject"]) for e in book.entries if e["act"] == "account.edit"]
    done = [(value, subject) for outcome, value, subject in edits if outcome == "done"]
    assert done == [
        ("add technician", "fati"), ("sessions", "aicha"), ("password", "aicha"), ("disable", "aicha"),
        ("enable", "aicha"), ("role trainer", "aicha"),
    ]  # fmt: skip
    assert [e[0] for e in edits].count("refused") == 8
    assert not any("<output>" in str(e) or re.search(r"[a-z2-9]{5}(-[a-z2-9]{5}){3}", str(e)) for e in book.entries)


def test_the_list_says_what_holds_an_account_back(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        for n in range(4):
            await login(client, "AICHA", f"wrong password {n}")
        await come(client, *ADMIN)
        text = (await client.get("/accounts")).text
        assert re.search(r"<b>aicha</b>.*?waits \d s after 3 wrong passwords from 127\.0\.0\.1", text)
        assert text.count("wrong passwords") == 1
        assert "Sessions without an account" not in text
        kept = client.cookies["vigie_session"]
        client.cookies.clear()
        await client.get("/enter", params={"key": KEY})
        client.cookies.clear()
        client.cookies.set("vigie_session", kept)
        assert "Sessions without an account" in (await client.get("/accounts")).text
        ended = await client.post("/accounts", data={"do": "sessions", "name": "local"}, headers=OURS)
        assert "Sessions without an account" not in ended.text

    talk(accounts, do)


def test_an_auditor_reads_the_list_and_changes_nothing(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await come(client, "dan", PASSWORD + "4")
        page = await client.get("/accounts")
        assert (page.status_code, 'action="/accounts"' in page.text) == (200, False)
        closed = await client.post("/accounts", data={"do": "disable", "name": "aicha"}, headers=OURS)
        assert closed.status_code == 403
        assert accounts.check("aicha", PASSWORD) is not None

    assert talk(accounts, do).of("account.edit") == ["refused"]


def test_without_accounts_the_page_names_the_local_person(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await client.get("/enter", params={"key": KEY})
        page = (await client.get("/account")).text
        assert "local" in page
        assert "/password" not in page
        (own,) = ids(page)
        left = await client.post("/account", data={"end": own}, headers=OURS)
        assert (left.status_code, left.headers["location"]) == (303, "/")

    assert talk(None, do).of("session.end") == ["done"]


def test_guessing_the_old_password_is_slowed_down_as_at_the_door(accounts: Accounts) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await come(client)
        form = {"new": "a new long password", "again": "a new long password"}
        codes = [
            (await client.post("/password", data=form | {"old": f"wrong {n}"}, headers=OURS)).status_code
            for n in range(5)
        ]
        assert codes == [403, 403, 403, 429, 429]

    assert talk(accounts, do).of("password.change") == ["refused"] * 5


def test_sessions_of_a_removed_account_are_not_those_of_a_new_one_of_its_name(accounts: Accounts) -> None:
    before = accounts.find("aicha")
    accounts.remove("aicha")
    accounts.add("aicha", "viewer", PASSWORD)
    after = accounts.find("aicha")
    assert before is not None
    assert after is not None
    assert before.version != after.version


def test_every_role_and_position_has_words_in_both_languages() -> None:
    from vigie.people.positions import POSITIONS

    assert set(GIVEN) == set(ROLES) - {"service"}
    for role in GIVEN:
        assert role_words(role, "fr") != role_words(role, "en")
        assert allowed(role, "session.end")
    for position in POSITIONS:
        assert position_words(position, "en")
        assert position_words(position, "fr")
