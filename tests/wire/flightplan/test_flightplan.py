"""ICAO flight messages: what each field says, which field is named when one is wrong, and that nothing ever raises."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.messages import FlightMessage
from vigie.terms.utc import civil_ns
from vigie.wire.flightplan.fixm import read_fixm
from vigie.wire.flightplan.reader import read_messages

FPL = """(FPL-NIG105-IS
-B738/M-SDFGHIRWY/LB1
-DRRN1030
-N0450F350 VINAM VG1 VIAGA/N0460F370 DCT 1830N00800E
-DRZA0130 DRRN
-PBN/A1B1 DOF/261127 REG/5UABC CODE/062001 OPR/AIR NIGER RMK/TEST - FLIGHT)"""


def one(text: str) -> FlightMessage:
    good, aside = read_messages(text.encode())
    assert not aside, aside
    assert len(good) == 1
    return good[0]


def test_a_filed_plan_says_everything() -> None:
    plan = one(FPL)
    assert (plan.kind, plan.callsign, plan.rules, plan.flight_type) == ("FPL", "NIG105", "I", "S")
    assert (plan.aircraft_type, plan.wake, plan.equipment, plan.surveillance) == ("B738", "M", "SDFGHIRWY", "LB1")
    assert (plan.departure, plan.eobt_s, plan.destination, plan.eet_s) == ("DRRN", 37_800, "DRZA", 5_400)
    assert plan.alternates == ("DRRN",)
    assert plan.speed_mps == pytest.approx(450 * 1852 / 3600)
    assert (plan.level_m, plan.level_datum) == (pytest.approx(10_668.0), "FL")
    assert plan.route == "VINAM VG1 VIAGA/N0460F370 DCT 1830N00800E"
    assert plan.dof_ns == civil_ns(2026, 11, 27)
    assert (plan.registration, plan.icao24, plan.item("OPR")) == ("5UABC", 0x062001, "AIR NIGER")
    assert plan.item("RMK") == "TEST-FLIGHT"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(DEP-NIG105/A4721-DRRN1034-DRZA-DOF/261127)", {"departed_s": 38_040, "mode3a": 0o4721, "eobt_s": -1}),
        ("(DLA-NIG105-DRRN1130-DRZA-0)", {"eobt_s": 41_400}),
        ("(CNL-NIG105-DRRN1030-DRZA-DOF/261127)", {"eobt_s": 37_800, "dof_ns": civil_ns(2026, 11, 27)}),
        ("(ARR-NIG105-DRRN-DRZA1203)", {"arrived_at": "DRZA", "arrived_s": 43_380, "departure": "DRRN"}),
        ("(ARR-NIG105-DRRN1030-DRZA-ZZZZ1203 BAGAROUA)", {"arrived_at": "ZZZZ", "destination": "DRZA"}),
        ("(ARR-NIG105-DRRN-DRZA1203-DOF/261127)", {"dof_ns": civil_ns(2026, 11, 27), "arrived_s": 43_380}),
        ("(EST-NIG105/A4721-DRRN-VITES/1146F350-DRZA)", {"estimate_point": "VITES", "estimate_s": 42_360}),
        (
            "(CHGN/D012D/N005-NIG105-DRRN1030-DRZA-DOF/261127-9/A320/M-15/N0440F330 VINAM DCT-18/RMK/A-B)",
            {"changed": ("number", "aircraft_type", "wake", "route", "speed_mps", "level_m", "level_datum", "other"),
             "aircraft_type": "A320", "route": "VINAM DCT"},
        ),
        (
            "(CPLD/N123-NIG105/A4721-IS-2C130/M-S/C-DRRN-VITES/1146F160F180A-N0280F160 VITES DCT-DRZA0130-0)",
            {"number": 2, "estimate_level_m": pytest.approx(4876.8), "mode3a": 0o4721},
        ),
        ("(FPL-5UABC-VG-C172/L-V/C-ZZZZ0600-K0200VFR DCT-ZZZZ0030-DEP/1330N00211E DEST/BAGAROUA)",
         {"level_datum": "VFR", "speed_mps": pytest.approx(200 / 3.6)}),
        ("(FPL-NIG1-IS-B738/M-S/C-DRRN1030-M082S1130 DCT-DRZA0130-0-E/0500 P/TBN)", {"mach": 0.82, "level_m": 11_300}),
    ],
)  # fmt: skip
def test_each_message_says_its_fields(text: str, expected: dict[str, object]) -> None:
    message = one(text)
    changed = expected.get("changed")
    if changed:
        assert set(message.changed) == set(changed)  # type: ignore[call-overload]
    assert {k: getattr(message, k) for k in expected if k != "changed"} == {
        k: v for k, v in expected.items() if k != "changed"
    }


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("NIG105", "TOOLONG12", "7"), ("-IS", "-QS", "8"), ("B738/M", "B738", "9"), ("/LB1", "", "10"),
        ("DRRN1030", "DRRN2530", "13"), ("DRRN1030", "DR", "13"), ("N0450F350", "450F350", "15"),
        ("VINAM VG1", "VIN(M", "15"), ("DRZA0130", "DRZA0175", "16"), ("DRZA0130 DRRN", "DRZA0130 DR", "16"),
        ("DOF/261127", "DOF/261332", "18"), ("CODE/062001", "CODE/ZZ", "18"), ("PBN/A1B1 ", "HELLO ", "18"),
        ("FPL-", "XYZ-", "3"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_the_next_message_counts(old: str, new: str, field: str) -> None:
    good, aside = read_messages((FPL.replace(old, new, 1) + "\n" + FPL.replace("NIG105", "NIG106")).encode(), "f.txt")
    assert [m.callsign for m in good] == ["NIG106"]
    assert [a.field for a in aside] == [field]
    assert aside[0].text
    assert good[0].source == "f.txt:7"


def test_a_message_that_is_cut_does_not_swallow_the_next() -> None:
    good, aside = read_messages((FPL[:90] + "\nNNNN\n" + FPL).encode())
    assert len(good) == len(aside) == 1
    assert aside[0].field == "3"


@settings(max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.tuples(st.integers(0, len(FPL)), st.binary(max_size=6)).map(
            lambda cut: FPL.encode()[: cut[0]] + cut[1] + FPL.encode()[cut[0] + len(cut[1]) :]
        ),
    )
)
def test_random_octets_never_raise(data: bytes) -> None:
    read_messages(data)
    read_fixm(data)


FIXM = """<?xml version="1.0"?>
<m:MessageCollection xmlns:m="http://www.fixm.aero/messaging/4.3" xmlns:fx="http://www.fixm.aero/flight/4.3"
 xmlns:fb="http://www.fixm.aero/base/4.3"><m:message><m:flight>
<fx:aircraft><fx:aircraftAddress>062001</fx:aircraftAddress>
 <fx:aircraftType><fx:type><fx:icaoAircraftTypeDesignator>B738</fx:icaoAircraftTypeDesignator></fx:type></fx:aircraftType>
 <fx:registration>5UABC</fx:registration><fx:wakeTurbulence>M</fx:wakeTurbulence></fx:aircraft>
<fx:arrival><fx:destinationAerodrome><fb:locationIndicator>DRZA</fb:locationIndicator></fx:destinationAerodrome></fx:arrival>
<fx:departure><fx:departureAerodrome><fb:locationIndicator>DRRN</fb:locationIndicator></fx:departureAerodrome>
 <fx:estimatedOffBlockTime>2026-11-27T10:30:00.000Z</fx:estimatedOffBlockTime>
 <fx:actualTimeOfDeparture>2026-11-27T10:34:00Z</fx:actualTimeOfDeparture></fx:departure>
<fx:flightIdentification><fx:aircraftIdentification>NIG105</fx:aircraftIdentification></fx:flightIdentification>
<fx:flightType>SCHEDULED</fx:flightType>
<fx:routeTrajectoryGroup><fx:filed><fx:routeInformation>
 <fx:cruisingLevel><fb:flightLevel uom="FL">350</fb:flightLevel></fx:cruisingLevel>
 <fx:cruisingSpeed uom="KT">450</fx:cruisingSpeed><fx:flightRulesCategory>IFR</fx:flightRulesCategory>
 <fx:routeText>VINAM VG1 VIAGA</fx:routeText>
 <fx:totalEstimatedElapsedTime>PT1H30M</fx:totalEstimatedElapsedTime></fx:routeInformation></fx:filed>
</fx:routeTrajectoryGroup></m:flight></m:message></m:MessageCollection>"""


def test_a_fixm_flight_is_the_same_plan() -> None:
    (plan, departed), aside = read_fixm(FIXM.encode())
    assert not aside
    text = one(FPL)
    for name in ("callsign", "icao24", "registration", "aircraft_type", "wake", "departure", "destination", "eobt_s",
                 "dof_ns", "eet_s", "level_m", "speed_mps", "rules", "flight_type"):  # fmt: skip
        assert getattr(plan, name) == pytest.approx(getattr(text, name)), name
    assert (departed.kind, departed.departed_s) == ("DEP", 38_040)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("NIG105", "?", "aircraftIdentification"), (">DRRN<", ">12<", "departureAerodrome"),
        ("2026-11-27T10:30", "2026-13-27T10:30", "estimatedOffBlockTime"), (">450<", ">x<", "cruisingSpeed"),
        ('<?xml version="1.0"?>', '<!DOCTYPE a [<!ENTITY b "c">]>', "xml_dtd"), ("</m:flight>", "", "xml"),
    ],
)  # fmt: skip
def test_a_wrong_fixm_element_is_named(old: str, new: str, field: str) -> None:
    good, aside = read_fixm(FIXM.replace(old, new, 1).encode())
    assert not good
    assert [a.field for a in aside] == [field]
