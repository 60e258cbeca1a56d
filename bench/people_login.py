"""How long a refused login takes: for a name that exists, one that is closed, one that nobody has (R32).

Each refusal goes through the doors of the page's server as in a centre, with the real cost of a password, in an order
drawn at random, each from another address so that none has to wait. ``people.login`` is the median of all by the wall
clock. ``people.login_difference_*`` is by how much the medians of processor time differ (other programs move the wall
clock by more than that), with the 95 % interval that bootstrapping gives, and the share of random relabellings that
differ as much: a small share would be a leak.

    python bench/people_login.py [--runs 60]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import numpy.typing as npt

from vigie.people.accounts import Accounts
from vigie.people.password import Passwords
from vigie.people.session import Sessions, User
from vigie.show.doors import Keys
from vigie.show.hub import Hub
from vigie.show.server import make_app

KEY = "k" * 40
BASE = "http://127.0.0.1:8080"
KINDS = ("known", "unknown", "closed")
DRAWS = 10_000

Times = npt.NDArray[np.float64]


async def measure(folder: Path, runs: int) -> dict[str, Times]:
    """Return an array (``runs``, 2) of each kind: seconds by the wall clock and of processor time of each refusal."""
    passwords = Passwords()
    passwords.prepare()
    accounts = Accounts(folder, passwords)
    accounts.add("known", "operator")
    accounts.add("closed", "operator")
    accounts.disable("closed")
    keys = Keys(sessions=Sessions(KEY, User("local", "viewer")), accounts=accounts)
    app = make_app(Hub(), {"name": "bench", "sensors": []}, keys)
    order = np.random.default_rng(1).permutation(np.repeat(KINDS, runs + 1))
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for n, kind in enumerate(order.tolist()):
        transport = httpx.ASGITransport(app, client=(f"192.0.{n // 250}.{n % 250}", 1))
        async with httpx.AsyncClient(transport=transport, base_url=BASE, headers={"Origin": BASE}) as client:
            begun, worked = time.perf_counter(), time.process_time()
            answer = await client.post("/login", data={"name": kind, "password": f"a wrong password {n}"})
            took[kind].append((time.perf_counter() - begun, time.process_time() - worked))
            assert answer.status_code == 403
    return {kind: np.array(times[1:]) for kind, times in took.items()}  # the first of each warms the caches


def difference(one: Times, other: Times) -> tuple[float, float, float, float]:
    """Return by how many per cent the median of ``one`` exceeds that of ``other``, its 95 % interval, and the share."""
    rng = np.random.default_rng(2)
    medians = [np.median(rng.choice(x, (DRAWS, len(x))), axis=1) for x in (one, other)]
    low, high = np.percentile(100 * (medians[0] / medians[1] - 1), [2.5, 97.5])
    seen = 100 * float(np.median(one) / np.median(other) - 1)
    both = np.concatenate([one, other])
    mixed = rng.permuted(np.tile(both, (DRAWS, 1)), axis=1)
    drawn = 100 * (np.median(mixed[:, : len(one)], axis=1) / np.median(mixed[:, len(one) :], axis=1) - 1)
    return seen, float(low), float(high), float(np.mean(np.abs(drawn) >= abs(seen)))


def run(runs: int = 60) -> list[dict[str, Any]]:
    """Return the median of a refusal, and the two differences that a stop-watch would look for."""
    with tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(measure(Path(folder), runs))
    peak = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    both = np.concatenate(list(took.values()))
    none = {"peer": None, "peer_value": None, "ratio": None, "peak_mb": peak, "runs": runs}
    figures: list[dict[str, Any]] = [
        {"name": "people.login", "value": round(1e3 * float(np.median(both[:, 0])), 1), "unit": "ms (median)", **none}
    ]
    for kind in ("unknown", "closed"):
        seen, low, high, share = difference(took["known"][:, 1], took[kind][:, 1])
        figures.append(
            {
                "name": f"people.login_difference_{kind}", "value": round(abs(seen), 2), "unit": "% of the median",
                "low": round(low, 2), "high": round(high, 2), "share_by_chance": round(share, 3), **none,
            }
        )  # fmt: skip
    return figures


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=Path(__file__).name)
    parser.add_argument("--runs", type=int, default=60)
    print(json.dumps(run(**vars(parser.parse_args())), indent=1))
