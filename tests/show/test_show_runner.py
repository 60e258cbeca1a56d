"""The door and the process: a taken port is named with its remedy, signals end the server cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from vigie.show.runner import open_door, port_of
from vigie.terms.errors import LinkError

ROOT = Path(__file__).resolve().parents[2]


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LinkError, match=rf"port {port} on 127\.0\.0\.1 is taken.*--listen 127\.0\.0\.1:"):
            open_door("127.0.0.1", port)


def test_port_nought_takes_a_free_one() -> None:
    with open_door("127.0.0.1", 0) as one, open_door("localhost", 0) as other:
        assert port_of(one) > 0
        assert port_of(one) != port_of(other)


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no TCP_USER_TIMEOUT")
def test_a_peer_that_takes_nothing_is_given_up_by_the_kernel() -> None:
    with open_door("127.0.0.1", 0) as door, socket.create_connection(door.getsockname()):
        door.setblocking(True)
        connection, _ = door.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 120_000


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70_000), ("no such host", 80)])
def test_an_address_that_is_not_ours_is_refused_with_a_sentence(host: str, port: int) -> None:
    with pytest.raises(LinkError, match="--listen HOST:PORT"):
        open_door(host, port)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly_even_with_a_client_that_waits(number: signal.Signals) -> None:
    key = "k" * 40
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.show.feeder", "--tracks", "20", "--port", "0", "--key", key],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "error"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        address = process.stderr.readline().strip()
        base = address.partition("/enter")[0]
        with httpx.Client() as client, socket.create_connection(("127.0.0.1", int(base.rpartition(":")[2]))) as idle:
            assert client.get(address).status_code == 303
            assert client.get(base + "/api/status").json()["show"]["clients"] == 0
            process.send_signal(number)
            assert process.wait(timeout=20) == 0
            assert idle.recv(10) == b""
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
