"""Who may come into a running centre: its accounts, its identity provider, and the audit chain, from the site file."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.people.accounts import Accounts
from vigie.people.audit import AuditLog
from vigie.people.oidc import Provider
from vigie.people.password import Passwords
from vigie.people.session import Sessions, User
from vigie.sensors.site import Site
from vigie.show.doors import Keys, SignOn
from vigie.show.hub import Hub
from vigie.show.office import OfficeBooks
from vigie.show.signon import OpenIdSignOn
from vigie.terms.errors import UsageError

log = logging.getLogger("vigie.people")
FOLDER: Final = "people"
ANCHOR_EVERY_S: Final = 300.0
LOCAL: Final = "local"
"""Whoever holds the secret that was printed at start: the one person of a demo, and the way in when all else fails."""


@dataclass(frozen=True, slots=True)
class Gate:
    """All that the web process needs to know of people."""

    keys: Keys
    office: OfficeBooks
    audit: AuditLog | None = None
    anchors: tuple[Path, ...] = ()

    async def keep_anchored(self, _: Hub) -> None:
        """Write the head of the audit chain down every five minutes, for as long as the server runs."""
        while True:
            if self.audit is not None:
                await asyncio.to_thread(self._anchor)
            await asyncio.sleep(ANCHOR_EVERY_S)

    def _anchor(self) -> None:
        if self.audit is None:
            return
        try:
            self.audit.anchor(time.time_ns(), self.anchors)
        except OSError as why:
            log.error("the head of the audit chain could not be written down: %s", why)


def first_start(data_dir: str) -> str:
    """Make the accounts of a centre that never had any; return the administrator's password, to be shown once."""
    return Accounts(Path(data_dir) / FOLDER, Passwords()).first_start() if data_dir else ""


def open_gate(site: Site, secret: str, data_dir: str, *, accounts: bool, role: str = "supervisor") -> Gate:
    """Return the gate of a centre. Without ``accounts`` (a demo, a replay) the printed key is the only way in.

    ``role`` is that of whoever enters with the printed key.
    """
    sessions = Sessions(secret, User(LOCAL, role))
    if not data_dir or not accounts:
        return Gate(Keys(sessions=sessions), OfficeBooks())
    folder = Path(data_dir) / FOLDER
    passwords = Passwords()
    passwords.prepare()
    books = Accounts(folder, passwords)
    audit = AuditLog(folder)
    chain = _Chain(audit)
    keys = Keys(sessions=sessions, accounts=books, sign_on=_sign_on(site), chain=chain)
    anchors = tuple(Path(text) for text in site.people.get("anchor_folders", ()))
    return Gate(keys, OfficeBooks(books, folder), audit, anchors)


class _Chain:
    """Writes entries of the audit chain; a fault of the disk is logged and stops nobody's work."""

    def __init__(self, audit: AuditLog) -> None:
        self._audit = audit

    def __call__(
        self, user: User | None, origin: str, act: str, *, subject: str = "", value: str = "", reason: str = "",
        outcome: str = "done", who: str = "",
    ) -> None:  # fmt: skip
        try:
            self._audit.append(
                at_ns=time.time_ns(), who=user.name if user else who, role=user.role if user else "", origin=origin,
                act=act, subject=subject, value=value, reason=reason, outcome=outcome, sync=outcome == "done",
            )  # fmt: skip
        except OSError as why:
            log.error("an entry of the audit chain could not be written (%s %s): %s", act, outcome, why)


def _sign_on(site: Site) -> SignOn | None:
    people = site.people
    if "oidc_issuer" not in people:
        return None
    for key in ("oidc_client_id", "oidc_secret_file", "oidc_roles"):
        if key not in people:
            raise UsageError(f"{site.file}: [people] {key} is missing: an identity provider needs it")
    file = Path(site.file).parent / people["oidc_secret_file"]
    try:
        secret = file.read_text("utf-8").strip()
    except OSError as why:
        raise UsageError(f"{file}: the secret of the identity provider cannot be read: {why.strerror}") from why
    provider = Provider(
        issuer=people["oidc_issuer"], client_id=people["oidc_client_id"],
        role_claim=people.get("oidc_role_claim", "roles"), roles=tuple(people["oidc_roles"].items()),
    )  # fmt: skip
    return OpenIdSignOn(provider, secret)
