"""A bounded ring of messages in shared memory, one writer process and one reader process.

A message is copied in whole and copied out whole. When the ring is full ``push`` says so at once; the writer decides
whether to wait or to drop and count. The semaphore orders the memory accesses and lets the reader sleep.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from multiprocessing.context import BaseContext
from multiprocessing.shared_memory import SharedMemory
from multiprocessing.synchronize import Semaphore
from typing import Final

_HEAD: Final = 0  # octets written since the beginning; only the writer changes it
_TAIL: Final = 64  # octets read since the beginning; only the reader changes it. 64: another cache line
_DATA: Final = 128
_COUNT = struct.Struct("<Q")
_SIZE = struct.Struct("<I")


@dataclass(frozen=True, slots=True)
class RingHandle:
    """What a child process needs to attach: pass it as an argument when the process is started."""

    name: str
    capacity: int
    filled: Semaphore


class Ring:
    """One end of a ring. The parent makes it with ``create``; children attach with ``Ring(handle)``."""

    def __init__(self, handle: RingHandle, *, memory: SharedMemory | None = None) -> None:
        self.handle = handle
        self._owner = memory is not None
        self._memory = memory or SharedMemory(handle.name)
        buffer = self._memory.buf
        assert buffer is not None  # None only after close
        self._buffer: memoryview = buffer
        self.dropped = 0

    @classmethod
    def create(cls, context: BaseContext, capacity: int) -> Ring:
        """Make a ring of ``capacity`` octets; the maker must ``close`` it last."""
        memory = SharedMemory(create=True, size=_DATA + capacity)
        ring = cls(RingHandle(memory.name, capacity, context.Semaphore(0)), memory=memory)
        ring._buffer[:_DATA] = bytes(_DATA)
        return ring

    def push(self, *parts: bytes | memoryview) -> bool:
        """Append one message made of ``parts``; False (and nothing written) when it does not fit now.

        A message larger than the whole ring can never fit: ValueError.
        """
        size = sum(len(p) for p in parts)
        need = _SIZE.size + size
        if need > self.handle.capacity:
            raise ValueError(f"a message of {size} octets cannot fit a ring of {self.handle.capacity}")
        head = self._get(_HEAD)
        if head + need - self._get(_TAIL) > self.handle.capacity:
            return False
        at = self._put(head, _SIZE.pack(size))
        for part in parts:
            at = self._put(at, part)
        _COUNT.pack_into(self._buffer, _HEAD, at)
        self.handle.filled.release()
        return True

    def has_room(self, size: int) -> bool:
        """Whether a message of ``size`` octets fits now; only the writer may rely on it."""
        return self._get(_HEAD) + _SIZE.size + size - self._get(_TAIL) <= self.handle.capacity

    def pop(self, timeout_s: float | None = 0.0) -> bytes | None:
        """Return the oldest message, waiting at most ``timeout_s`` (None: for ever); None when there is none."""
        if not self.handle.filled.acquire(timeout=timeout_s):
            return None
        tail = self._get(_TAIL)
        if tail == self._get(_HEAD):  # woken by ``nudge``
            return None
        (size,) = _SIZE.unpack(self._take(tail, _SIZE.size))
        message = self._take(tail + _SIZE.size, size)
        _COUNT.pack_into(self._buffer, _TAIL, tail + _SIZE.size + size)
        return message

    def nudge(self) -> None:
        """Wake the reader once more: whoever was killed may have taken or owed one signal."""
        self.handle.filled.release()

    @property
    def fill(self) -> float:
        """Return the share of the ring in use, 0 to 1."""
        return (self._get(_HEAD) - self._get(_TAIL)) / self.handle.capacity

    def close(self) -> None:
        """Let go of the memory; the maker also removes it."""
        self._buffer.release()
        self._memory.close()
        if self._owner:
            self._memory.unlink()

    def _get(self, place: int) -> int:
        return int(_COUNT.unpack_from(self._buffer, place)[0])

    def _put(self, at: int, part: bytes | memoryview) -> int:
        start = at % self.handle.capacity
        first = min(len(part), self.handle.capacity - start)
        self._buffer[_DATA + start : _DATA + start + first] = part[:first]
        if first < len(part):
            self._buffer[_DATA : _DATA + len(part) - first] = part[first:]
        return at + len(part)

    def _take(self, at: int, size: int) -> bytes:
        start = at % self.handle.capacity
        first = min(size, self.handle.capacity - start)
        head = bytes(self._buffer[_DATA + start : _DATA + start + first])
        return head if first == size else head + bytes(self._buffer[_DATA : _DATA + size - first])
