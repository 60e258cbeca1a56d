"""Script time of the display's main thread for one update at 10,000 moving tracks, in headless Chromium.

usage: python bench/show_browser.py [--tracks 10000] [--seconds 20]
``show.browser``: milliseconds of processor time of the page's thread in script for one update, 400 labels in view, from
Chromium's own tracing (the outermost script events, their thread time), so neither another load of the machine nor the
software rendering of the map counts. Frame rate is not judged: there is no graphics card. The feeder of the tests
serves the picture. No peer: no other display shows 10,000 tracks of this feed.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.browser import FLAGS, chromium  # noqa: E402  (the same browser that the tests use)

SCRIPT = {"EvaluateScript", "FunctionCall", "v8.run", "V8.RunMicrotasks", "RunMicrotasks", "TimerFire", "EventDispatch",
          "FireAnimationFrame"}  # fmt: skip
CATEGORIES = "devtools.timeline,v8,toplevel,__metadata"
WARM_S = 8.0
WAIT_S = 120.0


def script_ms(events: list[dict[str, Any]]) -> float:
    """Return the thread time of the outermost script events of the page's main thread."""
    mains = {
        (e["pid"], e["tid"]) for e in events
        if e.get("name") == "thread_name" and e.get("args", {}).get("name") == "CrRendererMain"
    }  # fmt: skip
    total = dict.fromkeys(mains, 0.0)
    ends = dict.fromkeys(mains, 0.0)
    spans = [e for e in events if e.get("ph") == "X" and e.get("name") in SCRIPT and (e["pid"], e["tid"]) in mains]
    for event in sorted(spans, key=lambda e: (e["ts"], -e["dur"])):
        main = event["pid"], event["tid"]
        if event["ts"] >= ends[main]:
            ends[main] = event["ts"] + event["dur"]
            total[main] += event.get("tdur", event["dur"]) / 1e3
    return max(total.values(), default=0.0)


def measured(tracks: int, seconds: float) -> dict[str, Any]:
    """Open the display on a feeder and return its script time for one update."""
    feeder = subprocess.Popen(
        [sys.executable, "-m", "tests.show.feeder", "--tracks", str(tracks), "--port", "0"],
        cwd=ROOT, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert feeder.stderr is not None
        address = feeder.stderr.readline().strip()
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(address)
            patience = time.monotonic() + WAIT_S
            while not page.evaluate(f"Boolean(window.vigie && vigie.tracks === {tracks} && vigie.labels > 200)"):
                if time.monotonic() > patience:
                    raise TimeoutError(f"no picture of {tracks} tracks within {WAIT_S:.0f} s")
                page.wait_for_timeout(200)
            time.sleep(WARM_S)
            events: list[dict[str, Any]] = []
            over: list[bool] = []
            tracing = browser.new_browser_cdp_session()
            tracing.on("Tracing.dataCollected", lambda part: events.extend(part["value"]))
            tracing.on("Tracing.tracingComplete", lambda _: over.append(True))
            before = page.evaluate("vigie.scriptMs.updates")
            how = {"traceConfig": {"includedCategories": CATEGORIES.split(",")}, "transferMode": "ReportEvents"}
            tracing.send("Tracing.start", how)
            page.wait_for_timeout(seconds * 1e3)
            after = page.evaluate("vigie.scriptMs.updates")
            own = page.evaluate("vigie.scriptMs.mean")
            labels = page.evaluate("vigie.labels")
            tracing.send("Tracing.end")
            begun = time.monotonic()
            while not over and time.monotonic() - begun < WAIT_S:
                page.wait_for_timeout(100)
            browser.close()
    finally:
        feeder.terminate()
        feeder.wait(10)
    updates = max(1, after - before)
    return {"ms": script_ms(events) / updates, "updates": updates, "labels": labels, "own_ms": own}


def run(tracks: int = 10_000, seconds: float = 20.0) -> list[dict[str, Any]]:
    """Return the figure for ``vigie bench``."""
    if chromium() is None:
        return []
    found = measured(tracks, seconds)
    return [{
        "name": "show.browser", "value": round(found["ms"], 1), "unit": "ms script/update", "peer": None,
        "peer_value": None, "ratio": None, "runs": found["updates"], "labels": found["labels"],
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
    }]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tracks", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    given = parser.parse_args()
    sys.stdout.write(json.dumps(run(given.tracks, given.seconds), indent=1) + "\n")


if __name__ == "__main__":
    main()
