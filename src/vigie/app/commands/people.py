"""``vigie people``: the accounts of a centre, and its audit chain."""

from __future__ import annotations

import getpass
import os
import time
from pathlib import Path
from typing import Annotated

import typer

from vigie.app.people import FOLDER
from vigie.app.start import default_data_dir
from vigie.people.accounts import Accounts
from vigie.people.audit import AuditLog, verify
from vigie.people.password import Passwords
from vigie.sensors.site import load_site
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr

program = typer.Typer(
    help="Accounts of a centre, and its audit chain. Example: vigie people add aicha operator --site niamey.toml.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Site = Annotated[Path | None, typer.Option("--site", help="the centre's site file")]
Folder = Annotated[Path | None, typer.Option("--data-dir", help="the centre's folder, if not that of the site file")]
Name = Annotated[str, typer.Argument(help="the account's name")]
Role = Annotated[
    str, typer.Argument(help="viewer, operator, supervisor, technician, releaser, auditor, trainer, admin")
]


@program.command("list")
def list_accounts(site: Site = None, data_dir: Folder = None) -> None:
    """Show the accounts. Example: vigie people list --site niamey.toml."""
    for account in _accounts(site, data_dir):
        state = tr("disabled") if account.disabled else tr("password to be changed") if account.must_change else ""
        typer.echo(f"{account.name:24} {account.role:12} {state}".rstrip())


@program.command()
def add(name: Name, role: Role, site: Site = None, data_dir: Folder = None) -> None:
    """Add an account; its first password is printed once. Example: vigie people add aicha operator --site a.toml."""
    password = _accounts(site, data_dir).add(name, role)
    _note(site, data_dir, "account.edit", name, f"add {role}")
    typer.echo(tr("Password of {name}, shown this once, to be changed at the first entry:").format(name=name), err=True)
    typer.echo(password)


@program.command()
def password(
    name: Name, site: Site = None, data_dir: Folder = None,
    ask: Annotated[bool, typer.Option("--ask", help="type it instead of a random one")] = False,
) -> None:  # fmt: skip
    """Give a new password; all sessions of the account end. Example: vigie people password aicha."""
    given = getpass.getpass(tr("New password: ")) if ask else ""
    fresh = _accounts(site, data_dir).set_password(name, given)
    _note(site, data_dir, "account.edit", name, "password")
    if not ask:
        typer.echo(fresh)


@program.command()
def role(name: Name, role: Role, site: Site = None, data_dir: Folder = None) -> None:
    """Give another role. Example: vigie people role aicha supervisor."""
    _accounts(site, data_dir).set_role(name, role)
    _note(site, data_dir, "account.edit", name, f"role {role}")


@program.command()
def disable(name: Name, site: Site = None, data_dir: Folder = None) -> None:
    """Close an account without forgetting it. Example: vigie people disable aicha."""
    _accounts(site, data_dir).disable(name)
    _note(site, data_dir, "account.edit", name, "disable")


@program.command()
def enable(name: Name, site: Site = None, data_dir: Folder = None) -> None:
    """Open a closed account again. Example: vigie people enable aicha."""
    _accounts(site, data_dir).disable(name, False)
    _note(site, data_dir, "account.edit", name, "enable")


@program.command()
def remove(name: Name, site: Site = None, data_dir: Folder = None) -> None:
    """Forget an account; what it did stays in the audit chain. Example: vigie people remove aicha."""
    _accounts(site, data_dir).remove(name)
    _note(site, data_dir, "account.edit", name, "remove")


@program.command()
def audit(
    site: Site = None, data_dir: Folder = None,
    anchor: Annotated[Path | None, typer.Option(help="the anchor that was kept elsewhere")] = None,
) -> None:  # fmt: skip
    """Check the audit chain to its last anchor. Example: vigie people audit --anchor /media/usb/audit.anchor."""
    finding = verify(_folder(site, data_dir), anchor=anchor)
    if finding.fault:
        raise VigieError(f"the audit chain is broken at entry {finding.seq}: {finding.fault}")
    typer.echo(tr("{n} entries, chain and signatures whole").format(n=finding.entries))


def _folder(site: Path | None, data_dir: Path | None) -> Path:
    if site is None and data_dir is None:
        raise UsageError("say which centre: --site SITE.toml, or --data-dir FOLDER")
    base = data_dir if data_dir is not None else default_data_dir(load_site(site or ""))
    if not (base / FOLDER).is_dir():
        raise UsageError(
            f"{base}: no accounts yet: the first `vigie run` of the centre makes them, with an administrator"
        )
    return base / FOLDER


def _accounts(site: Path | None, data_dir: Path | None) -> Accounts:
    return Accounts(_folder(site, data_dir), Passwords())


def _note(site: Path | None, data_dir: Path | None, act: str, subject: str, value: str) -> None:
    """Write an entry: who holds the machine is named by the account they are logged in with there."""
    AuditLog(_folder(site, data_dir)).append(
        at_ns=time.time_ns(), who=os.environ.get("SUDO_USER") or getpass.getuser(), role="machine",
        origin="command line", act=act, subject=subject, value=value,
    )  # fmt: skip
