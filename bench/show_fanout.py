"""Picture differences for 10,000 moving tracks to 50 clients at 1 Hz, from step to socket, on one core.

A child process, pinned to one core, is the picture server as it runs in a centre: each second an encoded update comes
in, is applied, its difference encoded once and sent to all. The clients run on another core and note when the last
octet of a picture is theirs, which is later than the server's socket had it. The peer sends the same octets with
``websockets.broadcast``, without versions, without flow control. A third run adds one client that reads 1 kB/s.

    python bench/show_fanout.py [--clients 50] [--tracks 10000] [--seconds 20]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import logging
import multiprocessing as mp
import os
import selectors
import socket
import struct
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import websockets
from websockets.asyncio.server import broadcast
from websockets.asyncio.server import serve as serve_peer

from vigie.people.session import Sessions, User
from vigie.show.columns import encode, encode_update
from vigie.show.doors import Keys
from vigie.show.hub import Hub
from vigie.show.runner import Server, open_door, port_of
from vigie.show.server import COOKIE, make_app
from vigie.terms.tables import TRACK, Rows

CLIENTS = 50
TRACKS = 10_000
SECONDS = 20
WARM = 3  # pictures not counted: the full one, and the first differences
KEY = "k" * 40


def moving(count: int) -> Rows:
    """Tracks that fill every column."""
    rows = TRACK.empty(count)
    draw = np.random.default_rng(1)
    rows["track_no"], rows["status"] = np.arange(1, count + 1), 2
    rows["lat_deg"], rows["lon_deg"] = draw.uniform(11, 23, count), draw.uniform(0, 16, count)
    rows["icao24"], rows["callsign"] = np.arange(count), b"NER123"
    return rows


def step(rows: Rows) -> int:
    """Move every track; return the instant, on the clock all processes share, as the tick's time."""
    rows["lat_deg"] += 1e-4
    rows["lon_deg"] += 1e-4
    rows["now_ns"] = time.monotonic_ns()
    return time.monotonic_ns()


def our_server(pipe: Connection, tracks: int, seconds: int) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = moving(tracks)
    door = open_door("127.0.0.1", 0)
    hub = Hub()

    async def source(hub: Hub) -> None:
        await asyncio.to_thread(pipe.recv)  # all clients are there
        for progress in range(1, seconds + WARM + 1):
            await asyncio.sleep(1.0)
            now_ns = step(rows)
            hub.apply(encode_update(now_ns, progress, "live", rows))
        await asyncio.sleep(1.5)
        pipe.send({"peak_mb": peak_mb(), "encoded": hub.picture.encoded, "coalesced": hub.coalesced})
        server.stop()

    app = make_app(
        hub, {"name": "bench", "sensors": []}, Keys(sessions=Sessions(KEY, User("local", "viewer"))), sources=[source]
    )
    server = Server(app, started=lambda: pipe.send(port_of(door)), signals=False)
    server.run(sockets=[door])


def peer_server(pipe: Connection, tracks: int, seconds: int) -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    logging.getLogger("websockets").setLevel(logging.CRITICAL)  # its readers leave without a word at the end
    rows = moving(tracks)

    async def drain(connection: Any) -> None:
        async for _ in connection:
            pass

    async def run() -> None:
        async with serve_peer(drain, "127.0.0.1", 0, compression=None) as server:
            pipe.send(next(iter(server.sockets)).getsockname()[1])
            await asyncio.to_thread(pipe.recv)
            for progress in range(1, seconds + WARM + 1):
                await asyncio.sleep(1.0)
                header = {"type": "picture", "version": progress, "now_ms": step(rows) / 1e6}
                broadcast(server.connections, encode(header, {"track": rows}))
            await asyncio.sleep(1.5)
            pipe.send({"peak_mb": peak_mb()})

    asyncio.run(run())


def peak_mb() -> float:
    """This process's own peak; ``ru_maxrss`` would start from its parent's."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Reader:
    """A client as thin as it can be: one socket, one buffer, the time at which each picture was whole."""

    def __init__(self, port: int, cookie: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        nonce = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {nonce}\r\nSec-WebSocket-Version: 13\r\n"
            f"Cookie: {cookie}\r\n\r\n".encode()
        )
        self.held = bytearray()
        while b"\r\n\r\n" not in self.held:
            self.held += self.socket.recv(65536)
        assert self.held.startswith(b"HTTP/1.1 101"), bytes(self.held[:80])
        del self.held[: self.held.index(b"\r\n\r\n") + 4]
        self.latencies_ms: list[float] = []
        self.octets = 0
        self.frames()

    def take(self, limit: int = 1 << 20) -> bool:
        """Read what is there; False at the end of the stream."""
        octets = self.socket.recv(limit)
        self.held += octets
        self.frames()
        return bool(octets)

    def frames(self) -> None:
        """Take whole frames off the buffer."""
        while len(self.held) >= 2:
            size, start = self.held[1] & 127, 2
            if size == 126:
                size, start = struct.unpack_from(">H", self.held + bytes(2), 2)[0], 4
            elif size == 127:
                if len(self.held) < 10:
                    return
                size, start = struct.unpack_from(">Q", self.held, 2)[0], 10
            if len(self.held) < start + size:
                return
            if self.held[0] & 15 == 2:
                self.picture(self.held, start)
                self.octets += size
            del self.held[: start + size]

    def picture(self, octets: bytearray, start: int) -> None:
        now_ms = time.monotonic_ns() / 1e6
        (length,) = struct.unpack_from("<I", octets, start + 4)
        header = json.loads(octets[start + 8 : start + 8 + length])
        if header["now_ms"]:
            self.latencies_ms.append(now_ms - header["now_ms"])
        text = json.dumps({"type": "have", "version": header["version"]}).encode()
        self.socket.sendall(bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text)  # masked with zeros


def measure(server: Any, clients: int, tracks: int, seconds: int, *, slow: bool = False) -> dict[str, Any]:
    """Run one server against so many readers; return latencies (ms), octets and what the server said at its end."""
    context = mp.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=server, args=(there, tracks, seconds))
    process.start()
    before = os.sched_getaffinity(0)
    try:
        port = here.recv()
        os.sched_setaffinity(0, {max(before)})
        cookie = enter(port) if server is our_server else ""
        readers = [Reader(port, cookie) for _ in range(clients)]
        crawler = Reader(port, cookie) if slow else None
        chosen = selectors.DefaultSelector()
        for reader in readers:
            chosen.register(reader.socket, selectors.EVENT_READ, reader)
        here.send("go")
        due_s = time.monotonic() + 1.0
        while not here.poll():
            for key, _ in chosen.select(0.05):
                key.data.take()
            if crawler is not None and time.monotonic() >= due_s:
                due_s += 1.0
                crawler.take(1000)
        said = dict(here.recv())
        for reader in readers + ([crawler] if crawler else []):
            reader.socket.close()
        process.join(20)
        counted = [x for reader in readers for x in reader.latencies_ms[-seconds:]]
        return {**said, "latencies_ms": counted, "octets": sum(r.octets for r in readers)}
    finally:
        os.sched_setaffinity(0, before)
        if process.is_alive():
            process.kill()
            process.join()


def enter(port: int) -> str:
    with socket.create_connection(("127.0.0.1", port)) as door:
        door.sendall(f"GET /enter?key={KEY} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := door.recv(65536):
            answer += part
    return f"{COOKIE}={answer.split(COOKIE.encode() + b'=')[1].split(b';')[0].decode()}"


def p99(result: dict[str, Any]) -> float:
    return float(np.percentile(result["latencies_ms"], 99))


def run(clients: int = CLIENTS, tracks: int = TRACKS, seconds: int = SECONDS) -> list[dict[str, Any]]:
    """Return the figures; times are 99th percentiles over all clients and pictures, so less is better."""
    ours = measure(our_server, clients, tracks, seconds)
    peer = measure(peer_server, clients, tracks, seconds)
    slow = measure(our_server, clients, tracks, seconds, slow=True)
    name = f"websockets {websockets.__version__} broadcast"
    return [
        {
            "name": "show.fanout", "value": round(p99(ours), 1), "unit": "ms p99", "peer": name,
            "peer_value": round(p99(peer), 1), "ratio": round(p99(peer) / p99(ours), 2),
            "peak_mb": round(ours["peak_mb"]), "runs": len(ours["latencies_ms"]),
        },
        {
            "name": "show.fanout_slow_client", "value": round(p99(slow), 1), "unit": "ms p99",
            "peer": "the same without the client that reads 1 kB/s", "peer_value": round(p99(ours), 1),
            "ratio": round(p99(ours) / p99(slow), 2), "peak_mb": round(slow["peak_mb"]),
            "runs": len(slow["latencies_ms"]),
        },
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=Path(__file__).name)
    parser.add_argument("--clients", type=int, default=CLIENTS)
    parser.add_argument("--tracks", type=int, default=TRACKS)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    print(json.dumps(run(**vars(parser.parse_args())), indent=1))
