"""Starting ``vigie`` as its own process, reading where its page is, and ending it as a person would."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

START_WITHIN_S = 120.0
END_WITHIN_S = 20.0


class Vigie:
    """A running ``vigie`` command: its process, what it said so far, the address of its page."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""
        self.page = ""

    @property
    def base(self) -> str:
        return self.page.split("/enter")[0]

    def read_until(self, pattern: str, within_s: float) -> re.Match[str]:
        """Read what the process says until ``pattern`` is found; AssertionError with all it said otherwise."""
        assert self.process.stderr is not None
        ends = time.monotonic() + within_s
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stderr, selectors.EVENT_READ)
            while not (found := re.search(pattern, self.said)):
                left = ends - time.monotonic()
                assert left > 0, f"not said within {within_s} s: {pattern}\n{self.said}"
                if selector.select(min(left, 1.0)):
                    octets = os.read(self.process.stderr.fileno(), 65536)
                    assert octets, f"ended before it said {pattern}\n{self.said}"
                    self.said += octets.decode("utf-8", "replace")
        return found

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        return code


@contextlib.contextmanager
def running(*words: str | Path, data_home: Path) -> Iterator[Vigie]:
    """Run ``vigie WORDS`` until the block ends; its page is known when the block begins."""
    process = subprocess.Popen(
        [sys.executable, "-m", "vigie.app.cli", *(str(w) for w in words)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "XDG_DATA_HOME": str(data_home), "VIGIE_LANGUAGE": "en", "DISPLAY": ""},
    )  # fmt: skip
    vigie = Vigie(process)
    try:
        vigie.page = vigie.read_until(r"http://\S+/enter\?key=\S+", START_WITHIN_S).group(0)
        yield vigie
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()
