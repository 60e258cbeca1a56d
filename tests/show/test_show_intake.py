"""The form for flights and notices: what it takes, what it says, who may; and how a text is cut into acts."""

from __future__ import annotations

from typing import Any

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.show.intake import KINDS, acts_of, set_aside_in
from vigie.show.messages import MAX_LONG, Outcome
from vigie.terms.batch import Act

from .live import KEY, app_for, in_loop, named_hub

BASE = "http://127.0.0.1:8080"
OURS = {"Origin": BASE}
FPL = "(FPL-NIG{:03d}-IS-B738/M-S/C-DRRN1030-N0450F350 DCT-DRZA0130-0)\n"


def send(role: str, **fields: str) -> tuple[httpx.Response, list[Act]]:
    acts: list[Act] = []

    async def submit(act: Act) -> Outcome:
        acts.append(act)
        return Outcome("durable")

    async def go() -> httpx.Response:
        app = app_for(named_hub(), role, submit=submit)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
            assert (await client.get("/intake")).status_code == 403
            await client.get("/enter", params={"key": KEY})
            page = await client.get("/intake", headers={"Accept-Language": "fr"})
            assert "<script" not in page.text
            assert "Autorisations" in page.text or "Permits" in page.text
            return await client.post("/intake", data=fields, headers=OURS)

    return in_loop(go()), acts


def test_messages_become_acts_and_a_bad_one_is_named() -> None:
    answer, acts = send("operator", what="flight.message", text=FPL.format(1) + "(FPL-BAD)\n")
    assert answer.status_code == 200
    assert "field 8" in answer.text
    assert [a.act for a in acts] == ["flight.message"]
    assert "NIG001" in acts[0].value
    assert acts[0].who


def test_a_list_is_for_the_supervisor() -> None:
    rows = "number,callsigns\n1/26,CTM*\n"
    answer, acts = send("operator", what="permits", text=rows)
    assert answer.status_code == 403
    assert not acts
    answer, acts = send("supervisor", what="permits", text=rows)
    assert answer.status_code == 200
    assert [(a.act, a.subject) for a in acts] == [("flight.list", "permits")]


def test_what_is_no_form_is_refused() -> None:
    for fields in ({"what": "weapon", "text": "x"}, {"what": "permits"}, {"what": "permits", "text": " "}):
        answer, acts = send("supervisor", **fields)
        assert answer.status_code == 400
        assert not acts


def test_a_long_text_is_cut_between_messages_and_rows() -> None:
    plans = acts_of("flight.message", "".join(FPL.format(i) for i in range(500)))
    assert len(plans) > 2
    assert all(len(value) <= MAX_LONG for _, _, value in plans)
    assert sum(value.count("(FPL") for _, _, value in plans) == 500
    rows = acts_of("known", "known_as,callsign\n" + "".join(f"friend,NAF{i}\n" for i in range(2000)))
    assert all(len(v) <= MAX_LONG and v.startswith("known_as,callsign\n") for _, _, v in rows)
    assert sum(v.count("NAF") for _, _, v in rows) == 2000


@settings(max_examples=40)
@given(st.sampled_from(KINDS), st.text(max_size=80))
def test_any_text_is_cut_and_told(what: str, text: str) -> None:
    pieces: list[Any] = acts_of(what, text)
    assert all(len(p) == 3 for p in pieces)
    set_aside_in(what, text)
