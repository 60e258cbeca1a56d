"""Accounts of a centre from the command line; what a page may be served to; the audit of it all."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vigie.app.commands.people import program
from vigie.app.people import FOLDER, first_start, open_gate
from vigie.app.start import check_door
from vigie.people.audit import FILE, read
from vigie.people.password import Passwords
from vigie.sensors.site import make_site, parse_site
from vigie.terms.errors import SiteError, UsageError, VigieError

QUICK = Passwords(passes=1, memory_kib=64)
SITE = make_site(name="Niamey", lat_deg=13.5, lon_deg=2.1, sensors=())


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash cheaply: the cost of a password is judged nowhere here."""
    for module in ("vigie.app.people", "vigie.app.commands.people"):
        monkeypatch.setattr(f"{module}.Passwords", lambda: QUICK)


def call(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(program, list(words))
    if isinstance(done.exception, VigieError):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.output


def test_accounts_from_the_command_line(tmp_path: Path) -> None:
    here = ("--data-dir", str(tmp_path))
    with pytest.raises(UsageError, match="no accounts yet"):
        call("list", *here)
    assert first_start(str(tmp_path))
    assert first_start(str(tmp_path)) == ""
    assert call("add", "aicha", "operator", *here).strip().count("-") == 3
    for words in (("role", "aicha", "supervisor"), ("disable", "aicha"), ("enable", "aicha"), ("password", "aicha")):
        call(*words, *here)
    assert "aicha" in call("list", *here)
    call("remove", "aicha", *here)
    with pytest.raises(UsageError, match="does not exist"):
        call("remove", "aicha", *here)
    assert [e.value for e in read(tmp_path / FOLDER)] == ["add operator", "role supervisor", "disable", "enable",
                                                          "password", "remove"]  # fmt: skip
    assert "6" in call("audit", *here)
    log = tmp_path / FOLDER / FILE
    log.write_bytes(log.read_bytes().replace(b"disable", b"nothing"))
    with pytest.raises(VigieError, match="entry 3"):
        call("audit", *here)


def test_a_demo_has_no_accounts_and_a_live_centre_has(tmp_path: Path) -> None:
    secret = "s" * 32
    assert open_gate(SITE, secret, str(tmp_path), accounts=False).keys.accounts is None
    first_start(str(tmp_path))
    gate = open_gate(SITE, secret, str(tmp_path), accounts=True)
    assert gate.keys.accounts is not None
    gate.keys.chain(None, "192.0.2.1", "session.enter", who="<b>", outcome="refused")
    assert read(tmp_path / FOLDER)[-1].who == "<b>"


@pytest.mark.parametrize(
    ("host", "served"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False), ("10.0.0.1", False)]
)
def test_nothing_is_served_beyond_this_machine_without_tls(host: str, served: bool) -> None:
    """F85: loopback only, or a refusal that says what is missing."""
    if served:
        check_door(SITE, host)
        return
    with pytest.raises(UsageError, match="tls_certificate"):
        check_door(SITE, host)
    check_door(make_site(name="x", lat_deg=0, lon_deg=0, sensors=(), plain_http=True), host)


TEXT = """
[centre]
name = "Niamey"
lat_deg = 13.5
lon_deg = 2.1
{centre}
[people]
{people}
"""


@pytest.mark.parametrize(
    ("centre", "people", "words"),
    [
        ('tls_certificate = "a.pem"', "", "tls_key: is missing"),
        ("", 'oidc_issuer = "http://id.example"', "https://"),
        ("", "oidc_issue = 1", "did you mean 'oidc_issuer'"),
        ("", "oidc_roles = {}", "roles by the provider"),
    ],
)
def test_a_wrong_site_file_is_named(centre: str, people: str, words: str) -> None:
    with pytest.raises(SiteError, match=words):
        parse_site(TEXT.format(centre=centre, people=people), file="x.toml")


def test_an_identity_provider_needs_all_its_keys(tmp_path: Path) -> None:
    text = TEXT.format(centre="", people='oidc_issuer = "https://id.example"\noidc_client_id = "vigie"')
    site = parse_site(text, file=str(tmp_path / "x.toml"))
    first_start(str(tmp_path))
    with pytest.raises(UsageError, match="oidc_secret_file is missing"):
        open_gate(site, "s" * 32, str(tmp_path), accounts=True)
