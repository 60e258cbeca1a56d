"""Follow the picture of a running centre and print what changes.

    python examples/picture.py ADDRESS

ADDRESS is the one that Vigie prints at start (with its key). Nothing but the standard library is needed.
"""

from __future__ import annotations

import http.cookiejar
import json
import sys
import time
import urllib.request
from urllib.parse import urlsplit


def follow(address: str, rounds: int = 0) -> None:
    """Print each change of the picture once a second; ``rounds`` of 0 go on until Ctrl-C."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    opener.open(urllib.request.Request(address, method="HEAD")).close()  # the key becomes a session cookie
    base = "{0.scheme}://{0.netloc}".format(urlsplit(address))
    version = done = 0
    while True:
        with opener.open(f"{base}/api/picture?since={version}") as answer:
            picture = json.load(answer)
        version = picture["version"]
        for track in picture["tracks"]:
            who = track.get("callsign") or track.get("icao24") or track.get("mode3a") or "-"
            print(f"{track['track_no']:6} {who:8} {track['lat_deg']:9.4f} {track['lon_deg']:9.4f} {track['status']}")
        for number in picture["ended"]:
            print(f"{number:6} ended")
        done += 1
        if done == rounds:
            return
        time.sleep(1.0)


if __name__ == "__main__":
    follow(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0)
