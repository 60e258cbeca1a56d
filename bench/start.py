"""How long ``make demo`` takes to the page, the first plots, a healthy sensor and the first confirmed track.

usage: python bench/start.py [FOLDER]   (a checkout; default: this one; cold: a fresh clone and an empty XDG_CACHE_HOME)
A client of the socket like the browser's listens; all times are on the clock, from the call of make.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from vigie.show.columns import decode
from vigie.terms.tables import TRACK_CONFIRMED

PATIENCE_S = 600.0
HEALTHY = 1


class _Stay(urllib.request.HTTPRedirectHandler):
    """Leave the redirect alone: the cookie is in its head."""

    def redirect_request(self, *_: Any) -> None:
        return None


def cookie_of(address: str) -> str:
    try:
        urllib.request.build_opener(_Stay).open(address)
    except urllib.error.HTTPError as answer:
        return answer.headers["Set-Cookie"].split(";")[0]
    raise RuntimeError(f"{address} set no cookie")


def listen(address: str, began_s: float) -> dict[str, float]:
    base = address.split("/enter", maxsplit=1)[0]
    seen: dict[str, float] = {}
    headers = {"Cookie": cookie_of(address), "Origin": base}
    with connect(base.replace("http", "ws") + "/ws", additional_headers=headers, max_size=None) as socket:
        while len(seen) < 3:
            message = socket.recv(timeout=PATIENCE_S)
            if isinstance(message, str):
                continue
            header, tables = decode(message)
            socket.send(json.dumps({"type": "have", "version": header["version"]}))
            found = {
                "plots": "plot" in tables and len(tables["plot"]["rx_ns"]) > 0,
                "healthy_sensor": "health" in tables and bool((tables["health"]["state"] == HEALTHY).any()),
                "confirmed_track": "track" in tables and bool((tables["track"]["status"] == TRACK_CONFIRMED).any()),
            }
            for name, here in found.items():
                if here and name not in seen:
                    seen[name] = time.monotonic() - began_s
    return seen


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    began_s = time.monotonic()
    made = subprocess.Popen(
        ["make", "demo", "ARGS=--no-open --listen 127.0.0.1:0"], cwd=folder, stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True, start_new_session=True,
    )  # fmt: skip
    assert made.stderr is not None
    address = next((m.group(0) for line in made.stderr if (m := re.search(r"http://\S+/enter\?key=\S+", line))), "")
    page_s = time.monotonic() - began_s
    threading.Thread(target=made.stderr.read, daemon=True).start()
    try:
        figures = {"page": page_s, **listen(address, began_s)}
    finally:
        asked_s = time.monotonic()
        os.killpg(made.pid, signal.SIGINT)
        made.wait(30)
    figures["end_after_ctrl_c"] = time.monotonic() - asked_s
    print(json.dumps({name: round(seconds, 1) for name, seconds in figures.items()}))


if __name__ == "__main__":
    main()
