"""The desk: role, position, second person, audit. The board: what acts make of it, bounded and the same in a replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from vigie.people.session import LOCAL, User
from vigie.show.board import MAX_LOG, MAX_MARKS, Board, read_mark
from vigie.show.desk import ALONE, MAX_PROPOSALS, Desk
from vigie.show.messages import ActMessage, Outcome
from vigie.terms.batch import Act
from vigie.terms.errors import WireError
from vigie.terms.units import NS_PER_S

from .live import in_loop

CHIEF, OTHER = User("chief", "supervisor", 1), User("other", "supervisor", 4)
OPERATOR = User("aicha", "operator", 2)


class Setting:
    """A desk whose acts, audit and news are kept."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.book: list[tuple[str, str, str]] = []
        self.told: list[Any] = []
        self.desk = Desk(self.submit, chain=self.chain, tell=self.told.append)

    async def submit(self, act: Act) -> Outcome:
        self.acts.append(act)
        return Outcome("durable")

    def chain(self, user: User | None, origin: str, act: str, *, outcome: str = "done", **more: Any) -> None:
        self.book.append((user.name if user else "", act, outcome))

    async def take(self, user: User, act: str, position: str = "", **more: str) -> Outcome:
        outcome = self.desk.take(user, position, "192.0.2.1", ActMessage(act=act, ref=1, **more), "en")
        return await outcome.then if outcome.then else outcome


def run(do: Callable[[Setting], Any]) -> Setting:
    setting = Setting()
    in_loop(do(setting))
    return setting


def test_role_and_position_both_have_to_allow_an_act() -> None:
    async def do(s: Setting) -> None:
        assert (await s.take(OPERATOR, "track.identify", "identification", subject="7")).state == "durable"
        assert (await s.take(OPERATOR, "track.identify", "surveillance", subject="7")).state == "refused"
        assert (await s.take(OPERATOR, "area.edit")).state == "refused"
        assert (await s.take(OPERATOR, "weapon.assign")).state == "refused"
        assert (await s.take(OPERATOR, "track.name", value="x" * 3_000)).state == "refused"

    s = run(do)
    assert [a.act for a in s.acts] == ["track.identify"]
    assert [outcome for _, _, outcome in s.book] == ["done", *["refused"] * 4]


def test_what_takes_safety_away_waits_for_another_person() -> None:
    async def do(s: Setting) -> None:
        asked = await s.take(CHIEF, "sensor.use", subject="3", value="out", reason="repair")
        assert asked.state == "waiting"
        assert s.acts == []
        (proposal,) = s.told[-1]["proposals"]
        assert (proposal["by"], proposal["act"], proposal["value"]) == ("chief", "sensor.use", "out")
        for who, word in ((CHIEF, "another"), (User("Chief", "supervisor", 1), "another"), (OPERATOR, "role")):
            refused = await s.take(who, "act.confirm", subject=str(proposal["id"]))
            assert (refused.state, word in refused.text) == ("refused", True)
        assert (await s.take(OTHER, "act.confirm", subject=str(proposal["id"]))).state == "durable"
        assert (await s.take(OTHER, "act.confirm", subject=str(proposal["id"]))).state == "refused"  # once only
        assert (await s.take(CHIEF, "sensor.use", subject="3", value="in")).state == "durable"  # gives safety back

    s = run(do)
    assert [(a.who, a.second, a.value) for a in s.acts] == [("chief", "other", "out"), ("chief", "", "in")]
    assert s.told[-1]["proposals"] == []


def test_one_local_user_is_alone_and_the_record_says_so() -> None:
    async def do(s: Setting) -> None:
        assert (await s.take(User("local", "supervisor", LOCAL), "sensor.use", value="out")).state == "durable"

    assert run(do).acts[0].second == ALONE


def test_waiting_acts_are_bounded() -> None:
    async def do(s: Setting) -> None:
        for _ in range(MAX_PROPOSALS):
            assert (await s.take(CHIEF, "threshold.edit", value="1")).state == "waiting"
        assert (await s.take(CHIEF, "threshold.edit", value="1")).state == "refused"

    assert len(run(do).desk.proposals()) == MAX_PROPOSALS


def act(name: str, subject: str = "", value: str = "", at_s: int = 0, who: str = "aicha") -> Act:
    return Act(seq=1, rx_ns=at_s * NS_PER_S, who=who, role="operator", origin="", act=name, subject=subject,
               value=value, reason="")  # fmt: skip


CIRCLE = json.dumps({"kind": "circle", "points": [[13.5, 2.1]], "radius_m": 9_260, "text": "<b>search</b>"})


def test_marks_handovers_and_the_log_come_from_acts() -> None:
    board = Board()
    assert board.apply([act("mark.place", value=CIRCLE), act("log.write", value="Radio check"),
                        act("track.handover", "17", "controller")], 0)  # fmt: skip
    facts = board.facts()["board"]
    assert facts["marks"][0]["text"] == "<b>search</b>"
    assert facts["log"][0]["text"] == "Radio check"
    assert (facts["handovers"][0]["to"], facts["handovers"][0]["taken_by"]) == ("controller", "")
    assert board.apply([act("track.accept", "17", who="moussa")], 0)
    assert board.facts()["board"]["handovers"][0]["taken_by"] == "moussa"
    assert not board.apply([act("track.accept", "17", who="idi"), act("mark.remove", "99"), act("track.name", "1")], 0)
    assert board.facts()["board"]["dropped"] == 2
    assert board.apply([act("mark.remove", "1")], 0)
    assert board.facts()["board"]["marks"] == []
    assert board.apply([], 700 * NS_PER_S)  # a handover that is done is not kept for ever
    assert board.facts()["board"]["handovers"] == []


def test_the_board_is_bounded() -> None:
    board = Board()
    board.apply([act("mark.place", value=CIRCLE) for _ in range(MAX_MARKS + 5)], 0)
    board.apply([act("log.write", value=str(n)) for n in range(MAX_LOG + 5)], 0)
    facts = board.facts()["board"]
    assert (len(facts["marks"]), len(facts["log"]), facts["dropped"]) == (MAX_MARKS, MAX_LOG, 5)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("", "understood"), ("[]", "understood"), ("{}", "understood"), ("[" * 5_000, "understood"),
        ('{"kind":"bomb","points":[[0,0]]}', "one of"), ('{"kind":"polygon","points":[[0,0]]}', "3 to 64"),
        ('{"kind":"point","points":[[91,0]]}', "outside"),
        ('{"kind":"circle","points":[[0,0]],"radius_m":0}', "radius"),
        ('{"kind":"point","points":[[NaN,0]]}', "understood"), ('{"kind":"point","points":[[1e400,0]]}', "understood"),
    ],
)  # fmt: skip
def test_a_mark_that_is_none_is_refused_with_words(value: str, word: str) -> None:
    with pytest.raises(WireError, match=word):
        read_mark(value)
    board = Board()
    assert not board.apply([act("mark.place", value=value)], 0)
