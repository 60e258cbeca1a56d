"""The books an administrator and an auditor look into: accounts, and the audit chain."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from vigie.people.accounts import Account, Accounts
from vigie.people.audit import read
from vigie.terms.errors import UsageError


class AccountChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one account; ``sessions`` ends those that are open and changes nothing else."""

    do: Literal["add", "role", "password", "disable", "enable", "remove", "sessions"]
    name: str
    role: str = ""


class OfficeBooks:
    """Accounts and audit of a centre; a centre without a folder has neither."""

    def __init__(self, accounts: Accounts | None = None, audit_folder: Path | None = None) -> None:
        self._accounts = accounts
        self._audit_folder = audit_folder

    def held(self) -> list[Account]:
        """Return the accounts as they are kept now, by name."""
        if self._accounts is None:
            return []
        self._accounts.refresh()
        return list(self._accounts)

    def accounts(self) -> list[dict[str, Any]]:
        """Return the accounts without their hashes."""
        return [
            {"name": a.name, "role": a.role, "disabled": a.disabled, "must_change": a.must_change} for a in self.held()
        ]

    def change(self, change: AccountChange) -> dict[str, Any]:
        """Make one change; a fresh password is in the answer, once.

        Raises
        ------
        UsageError
            When it cannot be made, saying why.
        """
        if change.do == "sessions":  # of whom has no account here, too
            return {"name": change.name}
        accounts = self._accounts
        if accounts is None:
            raise UsageError("this centre keeps no accounts: it was started without a folder")
        accounts.refresh()
        if change.do == "add":
            return {"name": change.name, "password": accounts.add(change.name, change.role)}
        if change.do == "password":
            return {"name": change.name, "password": accounts.set_password(change.name)}
        if change.do == "role":
            accounts.set_role(change.name, change.role)
        elif change.do == "remove":
            accounts.remove(change.name)
        else:
            accounts.disable(change.name, change.do == "disable")
        return {"name": change.name}

    def audit(self) -> list[dict[str, Any]]:
        """Return the newest entries of the audit chain, oldest first."""
        if self._audit_folder is None:
            return []
        return [msgspec.to_builtins(entry) for entry in read(self._audit_folder)]
