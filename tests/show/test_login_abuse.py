"""R32: thousands of wrong passwords lock nobody else out, name nobody, and are all written down (``--campaign``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import httpx
from argon2 import PasswordHasher, extract_parameters

from vigie.people.accounts import Accounts
from vigie.people.password import Passwords

from .test_show_doors import OURS, PASSWORD, talk

TRIES, SAMPLE = 10_000, 400


def test_ten_thousand_tries_harm_no_other_and_all_are_in_the_chain(tmp_path: Path, campaign: bool) -> None:
    tries = TRIES if campaign else SAMPLE
    accounts = Accounts(tmp_path, Passwords(passes=1, memory_kib=64))
    accounts.first_start()
    accounts.add("aicha", "operator", PASSWORD)

    async def abuse(client: httpx.AsyncClient) -> None:
        for n in range(tries):
            name = "moussa" if n % 2 else f"guess{n}"
            answer = await client.post("/login", data={"name": name, "password": f"wrong {n}"}, headers=OURS)
            assert answer.status_code in {403, 429}
            if n % (tries // 4) == 0:  # in the midst of it another person comes in at once, from the same place
                good = await client.post("/login", data={"name": "aicha", "password": PASSWORD}, headers=OURS)
                assert (good.status_code, good.headers["location"]) == (303, "/")
                client.cookies.clear()

    outcomes = talk(accounts, abuse).of("session.enter")
    assert outcomes.count("refused") == tries
    assert len(outcomes) - tries == sum(n % (tries // 4) == 0 for n in range(tries))


class Counted(PasswordHasher):
    """A hasher that notes what each evaluation of Argon2 costs: variant, version, passes, memory, lanes, lengths."""

    def __init__(self, seen: list[str], **cost: int) -> None:
        super().__init__(**cost)
        self.seen = seen

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.seen.append(str(extract_parameters(str(hash))))
        return super().verify(hash, password)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        made = super().hash(password, salt=salt)
        self.seen.append(str(extract_parameters(made)))
        return made


LEFT_OUT = {"date", "content-length"}  # the second is that of the body, which is compared itself


def test_r32_each_refusal_is_the_same_work_and_the_same_answer_whoever_is_named(tmp_path: Path) -> None:
    """R32: no user enumeration. What takes the time is provably the same: one evaluation of the same parameters.

    A stop-watch here would fail by chance; ``vigie bench people`` measures the times themselves.
    """
    seen: list[str] = []
    passwords = Passwords(passes=2, memory_kib=256)
    passwords._hasher = Counted(seen, time_cost=2, memory_cost=256, parallelism=1)
    accounts = Accounts(tmp_path, passwords)
    accounts.add("aicha", "operator", PASSWORD)
    accounts.add("moussa", "admin")
    accounts.add("closed", "viewer", PASSWORD)
    accounts.disable("closed")
    passwords.prepare()  # as a centre does before it opens
    (cost,) = set(seen)
    wrong = {
        "a known name": ("aicha", "a wrong password"), "in capitals": ("AICHA", "a wrong password"),
        "an administrator": ("moussa", "a wrong password"), "nobody": ("nobody", "a wrong password"),
        "a closed account": ("closed", "a wrong password"), "a closed one, rightly": ("closed", PASSWORD),
        "no name": ("", "a wrong password"), "a long name": ("n" * 300, "a wrong password"),
        "markup": ("<b>aicha</b>", "a wrong password"), "no password": ("aicha", ""), "nobody, none": ("nobody", ""),
    }  # fmt: skip
    told: dict[str, tuple[Any, ...]] = {}

    async def do(client: httpx.AsyncClient) -> None:
        for kind, (name, password) in wrong.items():
            seen.clear()
            answer = await client.post("/login", data={"name": name, "password": password}, headers=OURS)
            headers = sorted((k, v) for k, v in answer.headers.items() if k not in LEFT_OUT)
            told[kind] = (answer.status_code, answer.text, headers, tuple(seen))

    book = talk(accounts, do)
    assert {kind: t[3] for kind, t in told.items()} == dict.fromkeys(wrong, (cost,))
    assert len({repr(t[:3]) for t in told.values()}) == 1
    assert told["nobody"][0] == 403
    assert book.of("session.enter") == ["refused"] * len(wrong)


def test_r32_the_waits_after_wrong_passwords_are_those_of_a_name_nobody_has(tmp_path: Path) -> None:
    """R32: the pace, too, tells nothing; and a password too long to hash costs nobody anything."""
    seen: list[str] = []
    passwords = Passwords(passes=1, memory_kib=64)
    passwords._hasher = Counted(seen, time_cost=1, memory_cost=64, parallelism=1)
    accounts = Accounts(tmp_path, passwords)
    accounts.add("aicha", "operator", PASSWORD)
    passwords.prepare()
    paces: dict[str, list[tuple[int, str, int]]] = {"aicha": [], "nobody": []}

    async def do(client: httpx.AsyncClient) -> None:
        for n in range(6):
            for name, pace in paces.items():
                seen.clear()
                password = "x" * 257 if n == 0 else f"wrong {n}"
                answer = await client.post("/login", data={"name": name, "password": password}, headers=OURS)
                pace.append((answer.status_code, answer.headers.get("retry-after", ""), len(seen)))

    talk(accounts, do)
    assert paces["aicha"] == paces["nobody"]
    assert [status for status, _, _ in paces["aicha"]] == [403, 403, 403, 429, 429, 429]
    assert [work for _, _, work in paces["aicha"]] == [0, 1, 1, 0, 0, 0]
