"""R32: thousands of wrong passwords lock nobody else out, name nobody, and are all written down (``--campaign``)."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import httpx

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


def test_a_name_nobody_has_takes_as_long_as_one_that_is_known(tmp_path: Path) -> None:
    """Ratio of processor times measured turn about, so that no other load of the machine tells them apart."""
    accounts = Accounts(tmp_path, Passwords(passes=2, memory_kib=4096))
    accounts.first_start()
    accounts.add("aicha", "operator", PASSWORD)
    took: dict[str, list[float]] = {"aicha": [], "nobody": []}
    for _ in range(25):
        for name, times in took.items():
            begun = time.thread_time()
            assert accounts.check(name, "a wrong password") is None
            times.append(time.thread_time() - begun)
    known, unknown = (statistics.median(took[name]) for name in ("aicha", "nobody"))
    assert 0.7 < known / unknown < 1.4
