"""Accounts: who may enter, in which role, kept in one small file of mode 0600 that is replaced whole.

The file is made at the first start with one administrator whose random password is shown once. That it was made is
remembered in the file itself: an administrator who is removed later does not come back at the next start.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from vigie.people.password import Passwords, fresh_password
from vigie.people.permissions import ROLES
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr

FILE: Final = "accounts.json"
MAX_ACCOUNTS: Final = 2_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
_ROLES: Final = tuple(role for role in ROLES if role != "service")  # a service has a certificate and no password


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One person. ``version`` rises with every change that must end the sessions opened before it."""

    name: str
    role: str
    hash: str
    disabled: bool = False
    must_change: bool = False
    version: int = 0


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    made_by: str = "vigie"
    accounts: tuple[Account, ...] = ()


class Accounts:
    """The accounts of one centre, in ``folder``; every change is on disk before the call returns.

    Another process (the command line beside a running centre) may change the file: ``refresh`` sees it.
    """

    def __init__(self, folder: Path, passwords: Passwords) -> None:
        self._file = folder / FILE
        self._passwords = passwords
        self._stamp = (0, 0)
        self._held: dict[str, Account] = {}
        self.refresh()

    def first_start(self) -> str:
        """Make the file with one administrator if there is none; return the password to show once, else nothing."""
        if self._file.exists():
            return ""
        password = fresh_password()
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held = {"admin": Account(name="admin", role="admin", hash=self._passwords.hash(password))}
        self._write()
        return password

    def __len__(self) -> int:
        """Return how many accounts there are."""
        return len(self._held)

    def __iter__(self) -> Iterator[Account]:
        """Iterate over the accounts in order of name."""
        return iter(sorted(self._held.values(), key=lambda a: a.name))

    def find(self, name: str) -> Account | None:
        """Return the account called ``name``, or None."""
        return self._held.get(name.lower())

    def check(self, name: str, password: str) -> Account | None:
        """Return the account if the password fits and it is not disabled; takes as long for a name nobody has."""
        account = self.find(name)
        fits = self._passwords.fits(password, account.hash if account else "")
        return account if fits and account and not account.disabled else None

    def add(self, name: str, role: str, password: str = "") -> str:
        """Add an account; return its password, a fresh one that must be changed at first use if none is given."""
        if not _NAME.fullmatch(name):
            text = tr("account name {name}: 1 to 64 letters, digits, dots, dashes, underscores or @")
            raise UsageError(text.format(name=repr(name)))
        if self.find(name):
            text = tr("account {name} exists already; to give a new password: vigie people password {name}")
            raise UsageError(text.format(name=name))
        if len(self._held) >= MAX_ACCOUNTS:
            raise UsageError(f"there are {MAX_ACCOUNTS} accounts already, the most there may be")
        given = password or fresh_password()
        self._put(Account(
            name=name, role=_known(role), hash=self._passwords.hash(given), must_change=not password,
            version=secrets.randbelow(1 << 30),  # never that of a removed account of this name: its sessions are over
        ))  # fmt: skip
        return given

    def set_password(self, name: str, password: str = "") -> str:
        """Give a new password, which ends all sessions of the account; return it."""
        held = self._must(name)
        given = password or fresh_password()
        self._put(msgspec.structs.replace(
            held, hash=self._passwords.hash(given), must_change=not password, version=held.version + 1
        ))  # fmt: skip
        return given

    def set_role(self, name: str, role: str) -> None:
        """Give another role; sessions opened before it end."""
        held = self._must(name)
        self._put(msgspec.structs.replace(held, role=_known(role), version=held.version + 1))

    def disable(self, name: str, disabled: bool = True) -> None:
        """Close an account without forgetting it, or open it again."""
        held = self._must(name)
        self._put(msgspec.structs.replace(held, disabled=disabled, version=held.version + 1))

    def remove(self, name: str) -> None:
        """Forget an account; what it did stays in the audit chain."""
        del self._held[self._must(name).name.lower()]
        self._write()

    def refresh(self) -> bool:
        """Read the file again if it changed since; return whether it did.

        Raises
        ------
        VigieError
            When the file cannot be understood: nobody is let in by a file that says nothing clear.
        """
        try:
            seen = self._file.stat()
        except FileNotFoundError:
            changed = bool(self._held)
            self._held = {}
            self._stamp = (0, 0)
            return changed
        stamp = (seen.st_mtime_ns, seen.st_size)
        if stamp == self._stamp:
            return False
        try:
            held = msgspec.json.decode(self._file.read_bytes(), type=_Held)
        except (msgspec.MsgspecError, UnicodeError, OSError) as why:
            raise VigieError(
                f"{self._file}: the accounts cannot be read: {why}. Restore the file from a backup, or move it away: "
                "the next start then makes a new administrator."
            ) from why
        self._held = {account.name.lower(): account for account in held.accounts}
        self._stamp = stamp
        return True

    def _must(self, name: str) -> Account:
        account = self.find(name)
        if account is None:
            known = ", ".join(a.name for a in self) or "none"
            raise UsageError(tr("account {name} does not exist; accounts: {known}").format(name=name, known=known))
        return account

    def _put(self, account: Account) -> None:
        self._held[account.name.lower()] = account
        self._write()

    def _write(self) -> None:
        octets = msgspec.json.format(msgspec.json.encode(_Held(accounts=tuple(self))), indent=1)
        fresh = self._file.with_suffix(".new")
        with contextlib.suppress(FileNotFoundError):
            fresh.unlink()
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._file)
        seen = self._file.stat()
        self._stamp = (seen.st_mtime_ns, seen.st_size)


def _known(role: str) -> str:
    if role not in _ROLES:
        raise UsageError(
            tr("role {role} is not known; roles: {roles}").format(role=repr(role), roles=", ".join(_ROLES))
        )
    return role
