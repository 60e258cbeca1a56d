"""Accounts: made once, bounded, private, and changed only as a whole; passwords that take as long for nobody."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from vigie.people.accounts import FILE, Accounts
from vigie.people.attempts import FREE, MAX_PAIRS, MAX_WAIT_S, Attempts
from vigie.people.password import Passwords, fresh_password
from vigie.terms.errors import UsageError, VigieError

QUICK = Passwords(passes=1, memory_kib=64)


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(tmp_path / "people", QUICK)


def test_the_first_start_makes_one_administrator_once(tmp_path: Path) -> None:
    """F85: the first secret is random and shown once; a removed administrator does not come back."""
    folder = tmp_path / "people"
    accounts = Accounts(folder, QUICK)
    password = accounts.first_start()
    assert len(password) >= 20
    account = accounts.check("ADMIN", password)
    assert account is not None
    assert account.role == "admin"
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert password not in (folder / FILE).read_text()
    assert accounts.first_start() == ""
    accounts.add("aicha", "operator")
    accounts.remove("admin")
    assert Accounts(folder, QUICK).first_start() == ""
    assert [a.name for a in Accounts(folder, QUICK)] == ["aicha"]


def test_each_change_is_on_disk_and_ends_what_was_before(accounts: Accounts, tmp_path: Path) -> None:
    accounts.first_start()
    password = accounts.add("aicha", "operator")
    held = accounts.check("aicha", password)
    assert held is not None
    assert held.must_change
    beside = Accounts(tmp_path / "people", QUICK)  # the command line beside a running centre
    fresh = beside.set_password("aicha")
    assert accounts.refresh()
    assert accounts.check("aicha", password) is None
    changed = accounts.check("Aicha", fresh)
    assert changed is not None
    assert changed.version == held.version + 1
    accounts.disable("aicha")
    assert accounts.check("aicha", fresh) is None
    accounts.disable("aicha", False)
    accounts.set_role("aicha", "supervisor")
    found = accounts.find("aicha")
    assert found is not None
    assert (found.role, found.version) == ("supervisor", held.version + 4)


@pytest.mark.parametrize("name", ["", " ", "a b", "<b>x</b>", "é", "x" * 65, "../x", "a\n"])
def test_a_name_that_is_none_is_refused(accounts: Accounts, name: str) -> None:
    with pytest.raises(UsageError, match="account name"):
        accounts.add(name, "operator")


def test_wrong_uses_say_what_to_do(accounts: Accounts) -> None:
    accounts.first_start()
    with pytest.raises(UsageError, match="exists already"):
        accounts.add("ADMIN", "operator")
    for role in ("root", "service", ""):
        with pytest.raises(UsageError, match="roles:"):
            accounts.add("x", role)
    with pytest.raises(UsageError, match="12 to 256"):
        accounts.add("x", "operator", "short")
    with pytest.raises(UsageError, match="accounts: admin"):
        accounts.remove("nobody")


def test_a_file_that_cannot_be_read_lets_nobody_in(accounts: Accounts, tmp_path: Path) -> None:
    accounts.first_start()
    file = tmp_path / "people" / FILE
    for text in ("", "{", '{"accounts": [{"name": 3}]}', "[]"):
        file.write_text(text)
        with pytest.raises(VigieError, match=r"accounts\.json"):
            Accounts(tmp_path / "people", QUICK)


def test_passwords() -> None:
    held = QUICK.hash("correct horse battery")
    assert QUICK.fits("correct horse battery", held)
    for wrong in ("", "correct horse batter", "x" * 10_000, "\ud800"):
        assert not QUICK.fits(wrong, held)
    assert not QUICK.fits("anything", "")
    assert not QUICK.fits("anything", "not a hash")
    assert len({fresh_password() for _ in range(50)}) == 50


def test_wrong_passwords_slow_down_only_their_own_pair() -> None:
    attempts = Attempts()
    for n in range(40):
        now_s = float(n)
        attempts.failed("aicha", "192.0.2.1", now_s)
    assert 0 < attempts.wait_s("AICHA", "192.0.2.1", 40.0) <= MAX_WAIT_S
    assert attempts.wait_s("aicha", "192.0.2.2", 40.0) == 0.0
    assert attempts.wait_s("moussa", "192.0.2.1", 40.0) == 0.0
    assert attempts.wait_s("aicha", "192.0.2.1", 40.0 + MAX_WAIT_S) == 0.0
    attempts.succeeded("aicha", "192.0.2.1")
    assert attempts.wait_s("aicha", "192.0.2.1", 40.0) == 0.0


def test_the_first_failures_are_free_and_the_table_is_bounded() -> None:
    attempts = Attempts()
    for n in range(FREE):
        assert attempts.wait_s("x", "p", 0.0) == 0.0, n
        attempts.failed("x", "p", 0.0)
    assert attempts.wait_s("x", "p", 0.0) == 1.0
    for n in range(MAX_PAIRS + 100):
        attempts.failed(str(n), "p", 1.0)
    assert len(attempts._held) == MAX_PAIRS
