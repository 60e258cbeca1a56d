"""The shared-memory ring: order, wrap, fullness, and two processes."""

import multiprocessing as mp
import random

import pytest

from vigie.app.ring import Ring, RingHandle

SPAWN = mp.get_context("spawn")


def test_messages_come_out_whole_and_in_order_whatever_the_wrap() -> None:
    ring = Ring.create(SPAWN, 1000)
    rng = random.Random(3)
    waiting: list[bytes] = []
    pushed = popped = 0
    for _ in range(5000):
        if rng.random() < 0.5:
            message = rng.randbytes(rng.randrange(0, 300))
            if ring.push(message[:100], message[100:]):
                waiting.append(message)
                pushed += 1
            else:
                assert sum(len(m) + 4 for m in waiting) + len(message) + 4 > 1000
        else:
            got = ring.pop()
            assert got == (waiting.pop(0) if waiting else None)
            popped += got is not None
    assert pushed > 1000
    assert popped > 1000
    ring.close()


def test_a_message_that_can_never_fit_is_an_error() -> None:
    ring = Ring.create(SPAWN, 64)
    with pytest.raises(ValueError, match="cannot fit"):
        ring.push(bytes(61))
    assert ring.push(bytes(60))
    assert not ring.push(b"")
    ring.close()


def _echo(handle: RingHandle, back: RingHandle) -> None:
    source, sink = Ring(handle), Ring(back)
    while (message := source.pop(10.0)) not in (None, b"end"):
        while not sink.push(message[::-1]):
            pass
    source.close()
    sink.close()


def test_two_processes() -> None:
    there, back = Ring.create(SPAWN, 5000), Ring.create(SPAWN, 5000)
    child = SPAWN.Process(target=_echo, args=(there.handle, back.handle))
    child.start()
    for i in range(2000):
        message = i.to_bytes(4, "big") * (i % 50 + 1)
        while not there.push(message):
            pass
        assert back.pop(10.0) == message[::-1]
    assert there.push(b"end")
    child.join(10)
    assert child.exitcode == 0
    there.close()
    back.close()
