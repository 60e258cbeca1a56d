"""The front's clock when somebody sets the host's: told once, worked off slowly, never backwards (F35)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from vigie.app import clock
from vigie.terms.pace import Pace
from vigie.terms.units import NS_PER_S


class Host:
    """A host whose UTC can be set while its monotonic clock goes on."""

    def __init__(self) -> None:
        self.utc_ns = 1_800_000_000 * NS_PER_S
        self.mono_ns = 5 * NS_PER_S

    def time_ns(self) -> int:
        return self.utc_ns

    def monotonic_ns(self) -> int:
        return self.mono_ns

    def pass_time(self, ns: int) -> None:
        self.utc_ns += ns
        self.mono_ns += ns


@pytest.mark.parametrize("step_s", [30, -30])
def test_a_step_of_the_host_is_told_once_and_worked_off(monkeypatch: pytest.MonkeyPatch, step_s: int) -> None:
    host = Host()
    monkeypatch.setattr(clock, "time", host)
    front = clock.FrontClock()
    before_ns = front.utc_ns()
    host.utc_ns += step_s * NS_PER_S
    assert front.utc_ns() == before_ns
    told = []
    for _ in range(700):
        earlier_ns = front.utc_ns()
        host.pass_time(NS_PER_S)
        told += front.discipline()
        # A second of the host is a second of ours, less or more the 50 ms that are worked off.
        assert 0.9 * NS_PER_S < front.utc_ns() - earlier_ns < 1.1 * NS_PER_S
    assert [event.kind for event in told] == ["clock_step"]
    assert told[0].value == pytest.approx(step_s * NS_PER_S, rel=0.01)
    assert abs(front.utc_ns() - host.utc_ns) < NS_PER_S // 1000


def test_the_usual_discipline_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    monkeypatch.setattr(clock, "time", host)
    front = clock.FrontClock()
    for _ in range(100):
        host.pass_time(NS_PER_S)
        host.utc_ns += 2_000_000
        assert front.discipline() == ()


def test_an_exercise_has_a_clock_of_its_own_that_runs_at_its_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    monkeypatch.setattr(clock, "time", host)
    began_ns = host.utc_ns
    slip = SimpleNamespace(value=0)
    front = clock.FrontClock(Pace(mono_ns=host.mono_ns, utc_ns=host.utc_ns, speed=20.0, slip=slip))
    elapsed_ns = front.elapsed_ns()
    host.pass_time(3 * NS_PER_S)
    host.utc_ns += 40 * NS_PER_S  # a step of the host's clock is none of the exercise's
    assert front.discipline() == ()
    assert front.utc_ns() == began_ns + 60 * NS_PER_S
    assert front.elapsed_ns() - elapsed_ns == 60 * NS_PER_S
    assert front.speed == 20.0
    slip.value = 4 * NS_PER_S  # a simulator that cannot follow: the clock waits, it never goes back
    assert front.utc_ns() == began_ns + 60 * NS_PER_S
    host.pass_time(NS_PER_S)
    assert front.utc_ns() == began_ns + 76 * NS_PER_S
