"""Sessions: entered with the key only, bounded, expiring, and gone when left."""

from __future__ import annotations

import pytest

from vigie.people.session import MIN_SECRET, Sessions, User
from vigie.terms.errors import UsageError

KEY = "k" * MIN_SECRET
USER = User("local", "operator")


def token(n: int) -> str:
    return f"{n:032d}"


def test_the_key_opens_and_nothing_else_does() -> None:
    sessions = Sessions(KEY, USER)
    for wrong in ("", "k", KEY[:-1], KEY + "k", KEY.upper(), "é" * MIN_SECRET, "\ud800" * MIN_SECRET):
        assert not sessions.enter(wrong, token(1), 0.0)
        assert sessions.user(token(1), 0.0) is None
    assert sessions.enter(KEY, token(1), 0.0)
    assert sessions.user(token(1), 0.0) == USER
    assert sessions.user(token(2), 0.0) is None
    assert sessions.user(KEY, 0.0) is None
    assert sessions.user("", 0.0) is None


def test_a_session_ends_with_its_life_and_when_it_is_left() -> None:
    sessions = Sessions(KEY, USER, life_s=10.0)
    sessions.enter(KEY, token(1), 100.0)
    sessions.enter(KEY, token(2), 105.0)
    assert sessions.user(token(1), 109.9) == USER
    assert sessions.user(token(1), 110.0) is None
    assert sessions.user(token(2), 110.0) == USER
    sessions.leave(token(2))
    assert sessions.user(token(2), 110.0) is None  # a replayed cookie is nobody's
    sessions.leave(token(2))


def test_the_number_is_bounded_and_the_oldest_makes_room() -> None:
    sessions = Sessions(KEY, USER, limit=3)
    for n in range(10):
        sessions.enter(KEY, token(n), float(n))
        assert len(sessions) <= 3
    assert [n for n in range(10) if sessions.user(token(n), 10.0)] == [7, 8, 9]


def test_a_short_token_opens_nothing() -> None:
    sessions = Sessions(KEY, USER)
    assert not sessions.enter(KEY, "short", 0.0)
    assert sessions.user("short", 0.0) is None


def test_a_weak_key_or_an_unknown_role_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="characters"):
        Sessions("1234", USER)
    with pytest.raises(UsageError, match="role"):
        Sessions(KEY, User("local", "root"))


def test_only_digests_are_kept() -> None:
    sessions = Sessions(KEY, USER)
    sessions.enter(KEY, token(5), 0.0)
    assert token(5) not in repr(vars(sessions))
    assert KEY not in repr(vars(sessions))
