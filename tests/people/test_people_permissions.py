"""The table of permissions: what it must say of each role, and no for everything it does not know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.people.permissions import ACTS, MESSAGES, NOBODY, ROLES, ROUTES, UNCHANGED, allowed, allowed_acts

READS = {a for a in ACTS if a.endswith(".read")}
SELF = {"server.ping", "session.enter", "session.leave", "session.end", "password.change", "page.open"}
CHANGES = set(ACTS) - READS - SELF
WORK = {
    "track.name", "track.identify", "track.radio", "track.couple", "track.start", "track.drop", "track.handover",
    "track.accept",
    "mark.place", "mark.remove", "log.write", "alert.acknowledge", "alert.shelve", "act.confirm",
    "flight.message", "notice.message", "code.assign", "code.release",
}  # fmt: skip
"""What an operator does on the picture."""


@pytest.mark.parametrize("act", sorted(ACTS))
@pytest.mark.parametrize("role", [NOBODY, UNCHANGED, *ROLES])
def test_each_pair_is_as_in_the_table(role: str, act: str) -> None:
    assert allowed(role, act) is (role in ACTS[act])
    assert (act in allowed_acts(role)) is (role in ACTS[act])


def test_the_roles_are_what_the_threat_model_says() -> None:
    assert set(allowed_acts(NOBODY)) == {"server.ping", "session.enter"}
    assert set(allowed_acts(UNCHANGED)) == {"server.ping", "session.enter", "session.leave", "password.change"}
    assert not set(allowed_acts("viewer")) & CHANGES
    assert not set(allowed_acts("auditor")) & CHANGES - {"replay.control"}  # looking back changes nothing
    assert set(allowed_acts("operator")) & CHANGES == WORK | {"replay.control"}
    assert {"area.edit", "threshold.edit", "sensor.use", "qnh.set"} <= set(allowed_acts("supervisor"))
    operational = (WORK - {"log.write", "act.confirm"}) | {"area.edit", "threshold.edit", "sensor.use"}
    for role in ("technician", "releaser", "auditor", "admin", "trainer", "service", "viewer"):
        assert not set(allowed_acts(role)) & operational, role
    assert set(allowed_acts("admin")) & CHANGES == {"account.edit", "key.edit"}
    assert [r for r in ROLES if allowed(r, "audit.read")] == ["auditor"]
    assert [r for r in ROLES if allowed(r, "release.edit")] == ["releaser"]
    assert set(allowed_acts("service:peer-1")) == set(allowed_acts("service")) == {"server.ping", "session.enter"}


def test_the_table_names_only_known_roles_and_acts() -> None:
    for act, roles in ACTS.items():
        assert roles
        assert roles <= {NOBODY, UNCHANGED, *ROLES}, act
    assert set(ROUTES.values()) | set(MESSAGES.values()) <= set(ACTS)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.text(max_size=20), st.text(max_size=20))
def test_what_is_not_known_is_refused(role: str, act: str) -> None:
    if role not in {NOBODY, UNCHANGED, *ROLES} and not role.startswith("service:"):
        assert not any(allowed(role, known) for known in ACTS)
    if act not in ACTS:
        assert not any(allowed(known, act) for known in ROLES)


@pytest.mark.parametrize("role", ["", "Viewer", "viewer ", "viewer:x", "operator:", ":", "service", "admin\0", "root"])
def test_nearly_a_role_is_none(role: str) -> None:
    assert not allowed(role, "picture.read")
