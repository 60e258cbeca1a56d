"""``vigie service``: the centre as a systemd service, hardened."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from vigie.sensors.site import load_site
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr

program = typer.Typer(
    help="The centre as a systemd service. Example: vigie service install niamey.toml --dry-run.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

UNIT = """[Unit]
Description=Vigie, air picture of {name}
After=network-online.target time-sync.target
Wants=network-online.target

[Service]
Type=exec
ExecStart={program} run {site} --data-dir /var/lib/vigie
User=vigie
Group=vigie
StateDirectory=vigie
StateDirectoryMode=0750
UMask=0027
Restart=always
RestartSec=2
TimeoutStopSec=30
KillMode=mixed
KillSignal=SIGTERM
LimitNOFILE=65536
OOMScoreAdjust=-500
Nice=-5
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectSystem=strict
ProtectHome=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
PrivateTmp=yes
PrivateDevices=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @mount @debug
Environment=XDG_CACHE_HOME=/var/lib/vigie/cache

[Install]
WantedBy=multi-user.target
"""
_PLACE = Path("/etc/systemd/system/vigie.service")


@program.callback()
def _service() -> None:
    """Keep ``install`` a command of its own, also while it is the only one."""


@program.command("install")
def install(
    site: Annotated[Path, typer.Argument(help="the centre's site file")],
    to: Annotated[Path, typer.Option(help="the unit file to write")] = _PLACE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="print the unit, write nothing")] = False,
) -> None:
    """Write the unit file. Example: vigie service install /etc/vigie/niamey.toml --dry-run."""
    text = unit_of(site)
    if dry_run:
        typer.echo(text, nl=False)
        return
    if to.exists() and to.read_text("utf-8") != text:
        raise UsageError(f"{to}: exists and is another one; move it away first, nothing is overwritten")
    try:
        to.write_text(text, "utf-8")
    except OSError as why:
        raise VigieError(f"{to}: cannot be written: {why.strerror}. Run this as root, or choose --to.") from why
    typer.echo(tr("{file} is written. Then, as root: useradd --system vigie; systemctl daemon-reload; systemctl enable "
                  "--now vigie").format(file=to), err=True)  # fmt: skip


def unit_of(site: Path) -> str:
    """Return the unit for a site file, which must be right: a service that cannot start helps nobody."""
    held = load_site(site)
    if not held.links:
        raise UsageError(f"{site}: no sensor has a link; a service would receive nothing")
    found = shutil.which("vigie")
    program_path = found or f"{sys.executable} -m vigie.app.cli"
    name = "".join(c if c.isprintable() and c != "%" else " " for c in held.name)
    return UNIT.format(name=name, program=program_path, site=f'"{site.resolve()}"')
