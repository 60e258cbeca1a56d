"""F87: expired, wrong name, unknown authority, old TLS, plain text: refused, logged with the reason, and shown.

Two sides speak TLS here: the page's own port, and the asking of an identity provider. Links to sensors carry none.
"""

from __future__ import annotations

import asyncio
import http.client
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from vigie.people.oidc import Provider
from vigie.people.session import Sessions, User
from vigie.show.runner import Server, open_door, port_of
from vigie.show.signon import OpenIdSignOn
from vigie.show.tls import MAX_REASONS, server_context

from .certificates import Authority
from .live import KEY, WAIT_S, app_for, in_loop, named_hub
from .test_show_doors import IdentityProvider, talk


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "ours")


def visited(tls: tuple[str, str], visit: Callable[[int], None]) -> dict[str, int]:
    """Run the page's server with a certificate, let ``visit`` talk to its port; return what it says of refusals."""
    hub = named_hub()

    async def go() -> None:
        door, up = open_door("127.0.0.1", 0), asyncio.Event()
        port = port_of(door)
        app = app_for(hub, sessions=Sessions(KEY, User("local", "technician")))
        server = Server(
            app, started=up.set, signals=False, tls=tls, refused=lambda counts: hub.tell({"tls_refused": counts})
        )
        running = asyncio.create_task(server.serve(sockets=[door]))
        await asyncio.wait_for(up.wait(), WAIT_S)
        try:
            await asyncio.to_thread(visit, port)
        finally:
            server.stop()
            await asyncio.wait_for(running, WAIT_S)

    in_loop(go())
    return dict(hub.status.get("tls_refused", {}))


def get(port: int, context: ssl.SSLContext) -> int:
    """Ask for the heartbeat over TLS, expecting a certificate for 127.0.0.1; return the status."""
    with (
        socket.create_connection(("127.0.0.1", port), WAIT_S) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        secured.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = http.client.HTTPResponse(secured)
        answer.begin()
        return answer.status


def trusting(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.file))


def test_f87_who_trusts_the_certificate_is_served_by_a_good_one(ours: Authority) -> None:
    def visit(port: int) -> None:
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = trusting(ours)
            context.minimum_version = context.maximum_version = version
            assert get(port, context) == 200

    assert visited(ours.issue("good", "127.0.0.1"), visit) == {}


@pytest.mark.parametrize(
    ("case", "words"),
    [("expired", "expired"), ("wrong_name", "mismatch"), ("unknown_authority", "unable to get local issuer")],
)
def test_f87_a_bad_certificate_is_refused_by_the_peer_and_the_port_says_so(
    ours: Authority, tmp_path: Path, caplog: pytest.LogCaptureFixture, case: str, words: str
) -> None:
    tls = ours.issue(case, "192.0.2.1" if case == "wrong_name" else "127.0.0.1", expired=case == "expired")
    trusted = Authority(tmp_path, "other") if case == "unknown_authority" else ours

    def visit(port: int) -> None:
        for _ in range(3):
            with pytest.raises(ssl.SSLCertVerificationError, match=words):
                get(port, trusting(trusted))

    with caplog.at_level(logging.WARNING, "vigie.show"):
        refused = visited(tls, visit)
    (reason,) = refused
    assert refused[reason] == 3
    assert "ALERT" in reason
    said = [r.getMessage() for r in caplog.records if r.getMessage().startswith("TLS:")]
    assert len(said) == 2  # at the first and the second: the log grows with the logarithm
    assert reason in said[0]


def test_f87_plain_text_and_old_tls_are_refused_and_the_port_goes_on(
    ours: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    def visit(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port), WAIT_S) as plain:
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert b"200" not in plain.recv(4096)
        # The record and hello of TLS 1.0, as an old client sends it: no library here speaks it any more.
        hello = bytes.fromhex("0301") + bytes(32) + bytes.fromhex("000002002f0100")
        hello = b"\x01" + len(hello).to_bytes(3) + hello
        with socket.create_connection(("127.0.0.1", port), WAIT_S) as old:
            old.sendall(b"\x16\x03\x01" + len(hello).to_bytes(2) + hello)
            assert old.recv(4096)[:1] in (b"\x15", b"")  # an alert, or nothing
        assert get(port, trusting(ours)) == 200

    with caplog.at_level(logging.WARNING, "vigie.show"):
        refused = visited(ours.issue("good", "127.0.0.1"), visit)
    assert refused == {"HTTP_REQUEST": 1, "UNSUPPORTED_PROTOCOL": 1}
    assert {"HTTP_REQUEST", "UNSUPPORTED_PROTOCOL"} <= {
        r.getMessage().split(": ")[2].split(" ")[0] for r in caplog.records if r.getMessage().startswith("TLS:")
    }


def test_the_reasons_are_bounded(ours: Authority) -> None:
    told: list[dict[str, int]] = []
    context = server_context(*ours.issue("good", "127.0.0.1"), told.append)
    for n in range(MAX_REASONS + 50):
        why = ssl.SSLError(1, "x")
        why.reason = f"R{n}"
        context.note(why)  # type: ignore[attr-defined]
    assert len(told[-1]) == MAX_REASONS + 1
    assert told[-1]["other"] == 50


@pytest.fixture
def provider(request: pytest.FixtureRequest, ours: Authority) -> Iterator[str]:
    """An identity provider that shows the certificate of the test's parameter."""
    case = request.param
    files = ours.issue(f"idp-{case}", "192.0.2.1" if case == "wrong_name" else "127.0.0.1", expired=case == "expired")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Secured)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # its client hangs up on a bad certificate
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


class _Secured(IdentityProvider):
    def issuer(self) -> str:
        return super().issuer().replace("http://", "https://")


@pytest.mark.parametrize(
    ("provider", "trusted", "words"),
    [
        ("good", "ours", ""), ("expired", "ours", "certificate has expired"),
        ("wrong_name", "ours", "IP address mismatch"),
        ("good", "other", "unable to get local issuer certificate"),
    ],
    indirect=["provider"],
)  # fmt: skip
def test_f87_an_identity_provider_with_a_bad_certificate_is_not_asked(
    provider: str, trusted: str, words: str, ours: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    authority = ours if trusted == "ours" else Authority(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    sign_on = OpenIdSignOn(Provider(issuer=provider, client_id="vigie", roles=(("ops", "operator"),)), "hush")
    statuses: list[int] = []

    async def do(client: httpx.AsyncClient) -> None:
        statuses.append((await client.get("/oidc/start")).status_code)

    with caplog.at_level(logging.WARNING, "vigie.show"):
        book = talk(None, do, sign_on=sign_on)
    assert statuses == ([503] if words else [303])
    assert bool([r for r in caplog.records if words in r.getMessage()]) is bool(words)
    assert book.of("session.enter") == (["refused"] if words else [])
    if words:
        assert words in book.entries[-1]["reason"]
