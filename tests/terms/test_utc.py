"""Time: the nearest-day rule, ticks, and what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.terms.errors import UsageError
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, TICK_NS, iso, parse_date, parse_instant, tick_at_or_after, unroll_time_of_day

INSTANTS = st.integers(0, 4_000_000_000 * NS_PER_S)


@given(INSTANTS, st.integers(-DAY_NS // 2 + 1, DAY_NS // 2 - 1))
def test_time_of_day_unrolls_to_the_nearest_day(true_ns: int, error_ns: int) -> None:
    near_ns = true_ns + error_ns
    if near_ns >= 0:
        assert unroll_time_of_day(true_ns % DAY_NS, near_ns) == true_ns


@given(INSTANTS)
def test_ticks_are_whole_and_never_early(t_ns: int) -> None:
    tick = tick_at_or_after(t_ns)
    assert tick % TICK_NS == 0
    assert 0 <= tick - t_ns < TICK_NS


def test_what_people_type() -> None:
    start = parse_date("2026-04-29") + 17 * 3600 * NS_PER_S
    assert parse_instant("90", start) == start + 90 * NS_PER_S
    assert iso(parse_instant("17:10:00", start)) == "2026-04-29T17:10:00.000Z"
    assert iso(parse_instant("01:00", start)) == "2026-04-30T01:00:00.000Z"
    assert iso(parse_instant("2026-04-29T17:10:00.5Z", start)) == "2026-04-29T17:10:00.500Z"
    for bad in ("soon", "25:00", "2026-13-01"):
        with pytest.raises(UsageError, match="is not understood"):
            parse_instant(bad, start)
    with pytest.raises(UsageError, match="Expected YYYY-MM-DD"):
        parse_date("29.04.2026")
