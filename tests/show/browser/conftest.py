"""What feeds the browser tests: a stand-in for the core, in a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.browser import ROOT


@dataclass
class Served:
    """A feeder in a process of its own."""

    address: str
    process: subprocess.Popen[str]

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)


@pytest.fixture
def feeder() -> Iterator[Callable[..., Served]]:
    """Start feeders: ``feeder(tracks, *more_arguments)``."""
    started: list[subprocess.Popen[str]] = []

    def start(tracks: int, *more: str) -> Served:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.show.feeder", "--tracks", str(tracks), "--port", "0", *more],
            cwd=ROOT, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(process)
        assert process.stderr is not None
        return Served(process.stderr.readline().strip(), process)

    yield start
    for process in started:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(10)
        if process.stderr is not None:
            process.stderr.close()
