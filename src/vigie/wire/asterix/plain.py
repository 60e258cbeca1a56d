"""Plain groups: elements side by side whose widths and contents no other value chooses, planned once for all records.

The people's view reads most bits through them; a record of 200 octets may have 1,500 such elements of one bit.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from vigie.wire.asterix.spec import Form


class Member(NamedTuple):
    """One element: bits before and behind it in the group, its content and, by number, its table's words.

    Spare bits have the name ``""`` and no content.
    """

    name: str
    title: str
    before: int
    width: int
    behind: int
    mask: int
    content: Form
    words: dict[int, str] | None


class Plan(NamedTuple):
    """The members of a plain group and its width in bits."""

    members: tuple[Member, ...]
    width: int


_PLANS: Final[dict[int, tuple[list[Form], Plan | None]]] = {}
"""By the identity of the list of forms, which the entry keeps alive; there are as many as the tables have groups."""


def plan(forms: list[Form]) -> Plan | None:
    """Return the plan of a group, None where it is not plain."""
    known = _PLANS.get(id(forms))
    if known is None:
        known = _PLANS[id(forms)] = forms, _plan(forms)
    return known[1]


def _plan(forms: list[Form]) -> Plan | None:
    widths: list[int] = []
    contents: list[Any] = []
    for name, _, rule in forms:
        if name and (rule[0] != "element" or rule[2][0] == "case"):
            return None
        widths.append(int(rule[1]) if name else int(rule))
        contents.append(rule[2] if name else None)
    total = sum(widths)
    members = []
    before = 0
    for form, width, content in zip(forms, widths, contents, strict=True):
        words = {int(k): v for k, v in content[1].items()} if content and content[0] == "table" else None
        behind = total - before - width
        members.append(Member(form[0], form[1], before, width, behind, (1 << width) - 1, content, words))
        before += width
    return Plan(tuple(members), total)


__all__ = ["Member", "Plan", "plan"]
