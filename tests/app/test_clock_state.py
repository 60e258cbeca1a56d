from __future__ import annotations

from vigie.app.clock_state import EVERY_NS, ClockState, kernel_state


def test_a_change_is_told_once_and_the_return_too() -> None:
    answers: list[tuple[bool, float] | None] = [
        (True, 0.001), (True, 0.002), (False, 16.0), (False, 16.0), (True, 0.5), (None), (True, 0.003)
    ]  # fmt: skip
    asked = iter(answers)
    state = ClockState(lambda: next(asked))
    told = [state.changes((k + 1) * EVERY_NS) for k in range(len(answers))]
    assert [[(e.kind, e.value, e.text) for e in events] for events in told] == [
        [], [], [("clock_state", 1, "not synchronised")], [], [], [], [("clock_state", 0, "")],
    ]  # fmt: skip


def test_it_is_asked_every_ten_seconds_only() -> None:
    count = 0

    def read() -> tuple[bool, float]:
        nonlocal count
        count += 1
        return False, 1.0

    state = ClockState(read)
    for tick in range(300):
        state.changes(EVERY_NS + tick * 100_000_000)
    assert count == 3


def test_this_kernel_answers_or_says_nothing() -> None:
    told = kernel_state()
    assert told is None or (isinstance(told[0], bool) and told[1] >= 0.0)
