"""Rows of the fault list about people that the pages and the API must withstand: F89 and F95."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from vigie.people.accounts import Accounts
from vigie.people.permissions import ACTS, ROUTES, allowed
from vigie.show.messages import Outcome
from vigie.terms.batch import Act

from .live import in_loop, serving
from .test_show_doors import OURS, PASSWORD, QUICK, Book, login, talk

ONLY_SUPERVISOR = sorted(act for act in ACTS if allowed("supervisor", act) and not allowed("viewer", act))
ROUTES_ABOVE = sorted(
    (method, path) for (method, path), act in ROUTES.items() if method != "WS" and not allowed("viewer", act)
)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    books = Accounts(tmp_path, QUICK)
    books.add("aicha", "operator", PASSWORD)
    books.add("idi", "viewer", PASSWORD)
    return books


@pytest.mark.parametrize("ended_by", ["logout", "new password", "my account", "an administrator", "a closed account"])
def test_f89_a_cookie_is_nobodys_after_its_session_ended(accounts: Accounts, ended_by: str) -> None:
    """F89: the replay of a session cookie after logout and after a password change: refused, logged."""
    accounts.add("salif", "admin", PASSWORD)

    async def do(client: httpx.AsyncClient) -> None:
        await login(client)
        stolen = client.cookies["vigie_session"]
        client.cookies.clear()
        thief = {"Cookie": f"vigie_session={stolen}"}
        assert (await client.get("/api/site", headers=thief)).status_code == 200
        if ended_by == "logout":
            await client.post("/logout", headers=OURS | thief)
        else:
            await login(client, *(("salif", PASSWORD) if "a" in ended_by.split() or "an" in ended_by.split() else ()))
        if ended_by == "new password":
            form = {"old": PASSWORD, "new": PASSWORD + " new", "again": PASSWORD + " new"}
            assert (await client.post("/password", data=form, headers=OURS)).status_code == 303
        elif ended_by == "my account":
            assert (await client.post("/account", data={"end": "others"}, headers=OURS)).status_code == 200
        elif ended_by != "logout":
            change = {"do": "sessions" if ended_by == "an administrator" else "disable", "name": "aicha"}
            assert (await client.post("/api/accounts", json=change, headers=OURS)).status_code == 200
        client.cookies.clear()
        for path in ("/api/site", "/api/picture", "/account"):
            assert (await client.get(path, headers=thief)).status_code == 403
        assert (await client.post("/api/acts", json={"act": "track.name"}, headers=OURS | thief)).status_code == 403

    book = talk(accounts, do)
    told = [e for e in book.entries if "shown again" in e.get("reason", "")]
    assert len(told) == 4  # one for each request, with where it came from
    assert {(e["outcome"], e["origin"]) for e in told} == {("refused", "127.0.0.1")}


@pytest.mark.parametrize("act", ONLY_SUPERVISOR)
def test_f95_a_viewers_call_of_a_supervisors_act_is_refused_and_written_down(accounts: Accounts, act: str) -> None:
    """F95: a viewer calls supervisor functions: 403 and an audit entry; nothing reaches what takes acts."""
    taken: list[Act] = []

    async def submit(given: Act) -> Outcome:
        taken.append(given)
        return Outcome("durable")

    async def do(client: httpx.AsyncClient) -> None:
        await login(client, "idi")
        for position in ("", "supervisor"):  # who says that they sit there does not sit there
            asked = {"act": act, "subject": "1", "value": "out", "reason": "x", "position": position}
            answer = await client.post("/api/acts", json=asked, headers=OURS)
            assert (answer.status_code, answer.json()["state"]) == (403, "refused")

    book = talk(accounts, do, submit=submit)
    assert taken == []
    assert [(e["user"], e["outcome"]) for e in book.entries if e["act"] == act] == [("idi", "refused")] * 2


def test_f95_nor_by_the_socket_where_a_seat_that_is_not_theirs_ends_it() -> None:
    book, taken = Book(), list[Act]()

    async def submit(given: Act) -> Outcome:
        taken.append(given)
        return Outcome("durable")

    async def go() -> None:
        async with serving("viewer", submit=submit, chain=book) as live, await live.screen() as screen:
            for ref, act in enumerate(ONLY_SUPERVISOR, 1):
                await screen.say(type="act", act=act, ref=ref, subject="1", value="out", reason="x")
                told = await screen.text("act")
                assert (told["ref"], told["state"]) == (ref, "refused")
            await screen.say(type="position", position="supervisor")
            assert await screen.closed() == 1008

    in_loop(go())
    assert taken == []
    assert [e["act"] for e in book.entries if e.get("outcome") == "refused"] == ONLY_SUPERVISOR


@pytest.mark.parametrize(("method", "path"), ROUTES_ABOVE)
def test_f95_a_viewers_request_of_a_route_above_them_is_403_and_written_down(
    accounts: Accounts, method: str, path: str
) -> None:
    async def do(client: httpx.AsyncClient) -> None:
        await login(client, "idi")
        answer = await client.request(method, path, headers=OURS, content=b'{"do": "remove", "name": "aicha"}')
        assert answer.status_code == 403
        assert accounts.find("aicha") is not None

    entries = [e for e in talk(accounts, do).entries if e.get("outcome") == "refused"]
    assert [(e["user"], e["act"], e["subject"]) for e in entries] == [("idi", ROUTES[method, path], path)]


def test_a_refusal_of_the_chain_is_said_in_the_language_of_who_asked(accounts: Accounts) -> None:
    """What takes acts knows no language: its text is turned where the answer goes out, by the API and the socket."""
    told: list[str] = []

    async def submit(_: Act) -> Outcome:
        return Outcome("refused", "The act was not recorded in time.")

    async def do(client: httpx.AsyncClient) -> None:
        await login(client)
        for language in ("en", "fr"):
            headers = OURS | {"Accept-Language": language}
            asked = {"act": "track.name", "subject": "1", "value": "x"}
            told.append((await client.post("/api/acts", json=asked, headers=headers)).json()["text"])

    talk(accounts, do, submit=submit)

    async def go() -> None:
        async with (
            serving("operator", submit=submit) as live,
            await live.screen(headers={"Accept-Language": "fr"}) as screen,
        ):
            await screen.say(type="act", act="track.name", ref=1, subject="1", value="x", reason="")
            while (answer := await screen.text("act"))["state"] != "refused":
                assert answer["text"] == ""
            told.append(answer["text"])

    in_loop(go())
    french = "L’action n’a pas été enregistrée à temps."
    assert told == ["The act was not recorded in time.", french, french]
