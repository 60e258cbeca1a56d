"""Starting a centre from a command: address, secret, folder of the recording, the line that tells where the page is."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import socket
import time
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import typer

from vigie.app.centre import run_centre
from vigie.app.keeper import keeper_main
from vigie.app.known import known_text
from vigie.app.logs import child_logging
from vigie.app.people import first_start
from vigie.app.plan import Centre, Replay
from vigie.record.retention import Keep
from vigie.sensors.site import Site
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.pace import Pace
from vigie.terms.words import language_in_use, tr


def start_centre(
    site: Site,
    *,
    mode: str,
    site_text: str,
    known: str | None = None,
    listen: str,
    data_dir: Path | None = None,
    replay: Replay | None = None,
    tracks_to: str = "",
    role: str = "supervisor",
    open_page: bool = False,
    pace: Pace | None = None,
    extra: dict[str, tuple[Callable[..., None], tuple[Any, ...]]] | None = None,
) -> None:
    """Run a centre until Ctrl-C; print the address of its page once it can be opened."""
    child_logging()
    host, port = parse_listen(listen or site.listen)
    check_door(site, host)
    port = check_port(host, port)
    secret = secrets.token_urlsafe(24)
    recording = "" if replay is not None else str(data_dir or default_data_dir(site))
    centre = Centre(
        site=site, site_text=site_text, mode=mode, host=host, port=port, secret=secret,
        known_text=known_text(site, time.time_ns()) if known is None else known,
        language=site.language or language_in_use(), data_dir=recording, replay=replay, tracks_to=tracks_to,
        pace=pace, role=role,
    )  # fmt: skip
    if mode == "live" and (password := first_start(recording)):
        typer.echo(tr(
            "First start: the administrator is “admin”, the password {password}. It is shown this once. The "
            "administrator gives others their accounts: vigie people add NAME ROLE --data-dir {folder}"
        ).format(password=password, folder=recording), err=True)  # fmt: skip
    address = f"http{'s' if site.tls[0] else ''}://{f'[{host}]' if ':' in host else host}:{port}/enter?key={secret}"

    def tell() -> None:
        typer.echo(tr("Vigie: the page is at {address}  (Ctrl-C ends)").format(address=address), err=True)
        if open_page and _has_screen():
            webbrowser.open(address)

    keep = Keep(days=site.keep_days, gib=site.keep_gib)
    hourly = (keeper_main, (recording, site.archive, keep)) if mode == "live" and recording else None
    run_centre(centre, extra=extra, hourly=hourly, on_ready=tell)


def check_door(site: Site, host: str) -> None:
    """Refuse to serve beyond this machine in plain HTTP, unless the site file says that a proxy speaks TLS."""
    for file in filter(None, site.tls):
        if not Path(file).is_file():
            raise UsageError(f"{site.file}: [centre] tls_certificate, tls_key: {file} does not exist")
    if host in {"127.0.0.1", "::1", "localhost"} or site.tls[0] or site.plain_http:
        return
    raise UsageError(
        f"the page would be served beyond this machine ({host}) in plain HTTP, with passwords in the clear. Give "
        "[centre] tls_certificate and tls_key in the site file, or plain_http = true if a proxy before it speaks TLS."
    )


def parse_listen(text: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``; UsageError says what was expected."""
    match = re.fullmatch(r"\[?([^\]]+?)\]?:(\d{1,5})", text)
    if not match or not 0 <= int(match.group(2)) <= 65535:
        raise UsageError(f"--listen {text!r}: expected HOST:PORT, for example 127.0.0.1:8080")
    return match.group(1), int(match.group(2))


def check_port(host: str, port: int) -> int:
    """Say at once, before anything starts, when the page's port cannot be had; return it, a free one for 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as why:
            raise VigieError(
                f"the page cannot listen on {host}:{port}: {why.strerror}. "
                "Stop what uses it, or choose another with --listen HOST:PORT."
            ) from why
        return int(probe.getsockname()[1])


def default_data_dir(site: Site) -> Path:
    """Return the folder of the site's recording: the site file's ``data_dir``, else one below the user's data."""
    if site.data_dir:
        base = Path(site.file).parent if site.file else Path()
        return base / site.data_dir
    root = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    slug = re.sub(r"[^a-z0-9]+", "-", site.name.lower()).strip("-") or "centre"
    return Path(root) / "vigie" / slug


def free_ports(kinds: Sequence[str]) -> list[int]:
    """Return one free loopback port for each sensor: TCP for receivers, UDP for what sends ASTERIX."""
    held = []
    for kind in kinds:
        probe = socket.socket(socket.AF_INET, socket.SOCK_STREAM if kind == "adsb" else socket.SOCK_DGRAM)
        probe.bind(("127.0.0.1", 0))
        held.append(probe)
    ports = [int(probe.getsockname()[1]) for probe in held]
    for probe in held:
        probe.close()
    return ports


def _has_screen() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
