"""A file as a live link: played from its beginning at the pace of its own clock."""

from __future__ import annotations

import time
from collections.abc import Iterator

from vigie.receive.channels import Channel
from vigie.receive.files import Input, open_input
from vigie.terms.batch import Frames
from vigie.terms.errors import LinkError, VigieError
from vigie.terms.units import NS_PER_S


class FileChannel(Channel):
    """Frames of a file, stamped with the time at which they are played."""

    def open(self) -> None:
        """Open the file; LinkError says why it cannot be."""
        try:
            self._input: Input = open_input(self.address.path, link=self.number)
            first_ns = self._input.first_ns
        except VigieError as why:
            raise LinkError(f"link {self.address.text}: {why}") from why
        self._run: Iterator[Frames] = iter(self._input)
        self._now: Frames | None = None
        self._at = 0
        self._first_ns = first_ns or 0
        self._start_s = time.monotonic()
        self.turn("up")

    def tick(self, mono_s: float) -> None:
        """Give what is due by now."""
        if self.state == "ended":
            return
        due_ns = self._first_ns + int((mono_s - self._start_s) * NS_PER_S)
        with self.desk.lock:
            self.report()
            while True:
                if self._now is None or self._at >= len(self._now):
                    try:
                        self._now = next(self._run, None)
                    except VigieError as why:
                        self.turn("ended", str(why))
                        return
                    self._at = 0
                    if self._now is None:
                        self.turn("ended")
                        return
                row = self._now.rows[self._at]
                if int(row["rx_ns"]) > due_ns:
                    return
                octets = self._now.payload(self._at)
                self.keep(self.desk.stamp(), octets, int(row["format"]), int(row["src_addr"]), int(row["src_port"]))
                self._at += 1

    def close(self) -> None:
        """Let go of the file."""
        self._input.close()
        self.state = "ended"
