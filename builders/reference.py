"""Writes the reference pages that come from the code itself: tables, ledgers, commands, site file.

Run ``python builders/reference.py``; a test fails when a page in ``docs/reference`` is not what this writes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from click.testing import CliRunner

from vigie.app.cli import COMMANDS, build
from vigie.app.reference import areas_and_flights_page
from vigie.decode.modes_messages import DOWNLINK_FORMATS
from vigie.identify.evidence import WORDS
from vigie.sensors.keys import CENTRE_KEYS, PEOPLE_KEYS, SENSOR_KEYS, KeyRule
from vigie.sensors.link import SCHEMES
from vigie.sensors.maps import MAP_KEYS
from vigie.sensors.places import AERODROME_KEYS, AREA_KEYS, FLIGHTS_KEYS, SITE_KEYS
from vigie.sensors.policy import ALERTS_KEYS, IDENTITY_KEYS, TERRAIN_KEYS
from vigie.sensors.tuning import TUNING_KEYS
from vigie.simulate.reference import exercise_reference
from vigie.terms.ledger import REASONS
from vigie.terms.tables import TABLES
from vigie.terms.words import use_language
from vigie.watch.rules import RULES
from vigie.wire.asterix import columns, slots, spec
from vigie.wire.containers.kind import COMPRESSIONS, KINDS
from vigie.wire.modes.registers import FIELDS
from vigie.wire.remoteid.layout import (
    AUTHENTICATION,
    BASIC_ID,
    CARRIERS,
    DJI_FLIGHT,
    DJI_INFO,
    LOCATION,
    OPERATOR_ID,
    PACK,
    RADIO_LINKS,
    SELF_ID,
    SYSTEM,
    TYPE_NAMES,
)

PAGES = Path(__file__).resolve().parent.parent / "docs/reference"
MADE = "<!-- made by builders/reference.py: change the code, not this page -->\n\n"


def tables_page() -> str:
    """Return the page of every table's columns."""
    text = MADE + "# Tables\n\nParquet, Arrow and the display use the same names, types and units. Absent: NaN for"
    text += " floats, 0 for `icao24`\nand `track_no`, 65535 for `mode3a`, 255 for quality indicators, empty text."
    text += " Time is nanoseconds UTC.\n"
    for table in TABLES.values():
        text += (
            f"\n## {table.name}\n\n{table.meaning}\n\n| column | type | unit | meaning |\n| --- | --- | --- | --- |\n"
        )
        for c in table.columns:
            text += f"| {c.name} | {c.type} | {c.unit} | {c.meaning.replace('|', '/')} |\n"
    return text


def ledgers_page() -> str:
    """Return the page of ledgers and the fixed list of reasons."""
    return (
        MADE
        + "# Reasons and ledgers\n\nEvery input is accounted for:\n\n"
        + "- `decode`: records = decoded + rejected(reason)\n"
        + "- `track`: plots = associated + started + held + filtered(reason) + shed(reason) + in flight\n"
        + "- `receive`: datagrams sent = received + kernel drops\n\n"
        + "A ledger that does not balance is itself an alarm. The reasons are one fixed list:\n\n"
        + "".join(f"- `{reason}`\n" for reason in REASONS[1:])
    )


def commands_page() -> str:
    """Return the page of every command's help."""
    use_language("en")
    program = typer.main.get_command(build())
    text = MADE + "# Command line\n\nExit codes: 0 done, 2 wrong use, 1 failure. Results go to standard output, words"
    text += " for people to standard error.\n"
    runner = CliRunner()
    for name in COMMANDS:
        shown = runner.invoke(program, [name, "--help"], prog_name="vigie", terminal_width=100).output.strip()
        text += f"\n## vigie {name}\n\n```text\n{shown}\n```\n"
    return text


def site_page() -> str:
    """Return the page of the site file's keys."""
    text = (
        MADE + "# Site file\n\nTOML. Unknown keys are refused with the nearest known name; `file:` paths are relative"
    )
    text += " to the site file.\nLinks: `udp://GROUP-OR-HOST:PORT[?interface=NAME]`, `tcp://HOST:PORT` (we call),"
    text += " `tcp-listen://HOST:PORT` (we are\ncalled), `file:PATH`, `capture://INTERFACE`"
    text += " (Linux: the radio frames of a Wi-Fi card in monitor mode).\n"
    for title, rules in (
        ("[centre]", CENTRE_KEYS), ("[[sensor]]", SENSOR_KEYS), ("[people]", PEOPLE_KEYS), ("[[area]]", AREA_KEYS),
        ("[[site]]", SITE_KEYS), ("[[aerodrome]]", AERODROME_KEYS), ("[flights]", FLIGHTS_KEYS),
        ("[alerts]", ALERTS_KEYS), ("[identity]", IDENTITY_KEYS), ("[terrain]", TERRAIN_KEYS),
        ("[[tuning]]", TUNING_KEYS), ("[[map]]", MAP_KEYS),
    ):  # fmt: skip
        text += f"\n## {title}\n\n| key | must be | required |\n| --- | --- | --- |\n"
        for key, rule in rules.items():
            text += f"| {key} | {_words(rule)} | {'yes' if rule.required else ''} |\n"
    return text


def exercises_page() -> str:
    """Return the page of the exercise language."""
    return MADE + exercise_reference()


def _words(rule: KeyRule) -> str:
    return rule.expected.replace("|", "/")


_COLUMN_OF_SLOT = {
    "TOD TOD2 TOD3 TOD4 TOD_SHORT": "toa_ns", "RHO": "range_m", "THETA THETA2": "azimuth_rad",
    "ELEVATION": "elevation_rad", "DOPPLER": "range_rate_mps",
    "X Y": "range_m, azimuth_rad, lat_deg, lon_deg", "LAT LAT_FINE": "lat_deg", "LON LON_FINE": "lon_deg",
    "LEVEL LEVEL2": "press_alt_m", "GEO GEO2": "geo_alt_m", "VX": "v_east_mps", "VY": "v_north_mps",
    "SPEED COURSE BDS_SPEED BDS_COURSE": "v_east_mps, v_north_mps", "CLIMB CLIMB2 BDS_CLIMB": "climb_mps",
    "SDX SDY COV SD_LAT SD_LON": "pos_sd_m, pos_minor_sd_m, pos_orient_rad", "ICAO": "icao24", "MODE3A": "mode3a",
    "CALLSIGN": "callsign", "TRACK_NO": "source_track_no", "NIC": "nic", "NAC_P": "nac_p, pos_sd_m", "NAC_V": "nac_v",
    "SIL": "sil", "VERSION": "adsb_version", "EMERGENCY": "emergency", "HEADING BDS_HEADING": "heading_rad",
    "IAS BDS_IAS IAS_OR_MACH": "ias_mps", "SELECTED SELECTED2 BDS_SELECTED": "selected_alt_m",
    "SECTOR": "azimuth_rad", "PERIOD": "period_s", "FAR_RHO": "range_m", "PRIORITY": "emergency",
    "SURFACE SURFACE_SPEED SURFACE_ANGLE": "v_east_mps, v_north_mps, heading_rad",
}  # fmt: skip
_FILES = {
    "pcap": (
        "yes",
        "simulate",
        "us and ns stamps, both octet orders; Ethernet (VLAN), Linux cooked, raw IP; IPv4, "
        "IPv6; UDP; TCP put back in order; radio frames of Wi-Fi and Bluetooth",
    ),
    "pcapng": ("yes", "", "every interface with its own resolution and offset"),
    "asterix": ("yes", "encode", "raw blocks, dated by their own times of day and `--date`"),
    "gps": ("yes", "", "GPS recorder: 2,200 octets of 0xCD, then blocks with a time"),
    "final": ("yes", "", "FINAL recorder: each block with length and time"),
    "beast": ("yes", "simulate, encode", "escapes, 12 MHz or GPS stamps, signal level, receiver status"),
    "avr": ("yes", "encode", "`*`, `@` (with stamp), `%` and `<` lines"),
    "sbs": ("yes", "", "BaseStation lines MSG 1 to 8, MLAT, and status lines"),
    "plots": ("yes", "decode, simulate", "Parquet of the table `plot`"),
    "iq": ("yes", "", "raw samples of 1090 MHz, unsigned 8-bit I and Q, 2.0 Msps; only with `--format iq`"),
    "iq24": ("yes", "", "the same at 2.4 Msps; only with `--format iq24`"),
    "recording": ("yes", "run, demo", "our own recording: every octet, act and tick, sealed and chained"),
}
_DOWNLINKS = {
    0: "short air-to-air: altitude, on ground",
    4: "altitude, flight status",
    5: "identity, flight status",
    11: "all-call: an address heard clean",
    16: "long air-to-air: altitude, on ground",
    17: "extended squitter: see below",
    18: "TIS-B (kind 9), ADS-R and non-transponder devices: see below",
    19: "military extended squitter, application 0 only: see below",
    20: "altitude and Comm-B: call sign, selected altitude, motion, heading, airspeed",
    21: "identity and Comm-B: the same",
    24: "Comm-D: counted only",
}
_TYPE_CODES = (
    ("1 to 4", "identification", "callsign"),
    (
        "5 to 8",
        "surface position and movement",
        "lat_deg, lon_deg, v_east_mps, v_north_mps, nic, pos_sd_m, flag on ground",
    ),
    ("9 to 18", "airborne position, pressure altitude", "lat_deg, lon_deg, press_alt_m, geo_alt_m, nic, pos_sd_m"),
    (
        "19",
        "velocity over ground or airspeed, climb, height difference",
        "v_east_mps, v_north_mps, climb_mps, heading_rad, ias_mps, geo_alt_m, nac_v",
    ),
    ("20 to 22", "airborne position, height above the ellipsoid", "lat_deg, lon_deg, geo_alt_m, nic, pos_sd_m"),
    ("28", "emergency state, Mode 3/A code", "emergency, mode3a, flag emergency"),
    ("29", "target state", "selected_alt_m, nac_p, sil"),
    ("31", "operational status, versions 0 to 2", "adsb_version, nac_p, sil, nic supplements"),
)


def formats_page() -> str:
    """Return the page of what is read and written: files, links, ASTERIX items, registers, Mode S messages."""
    text = MADE + "# Formats\n\nFiles are told by their content. Compressed ones are read as they are: "
    text += ", ".join(COMPRESSIONS) + ", with limits to what they may\nexpand to.\n\n"
    text += "| file | read | written by | |\n| --- | --- | --- | --- |\n"
    text += "".join(f"| {kind} | {' | '.join(_FILES[kind])} |\n" for kind in KINDS)
    text += "\nLinks: " + ", ".join(f"`{s}:`" for s in SCHEMES if s != "nats") + ". Datagrams carry ASTERIX (with or"
    text += " without a trailer, or in ORADIS packets),\nBeast, AVR, SBS or Remote ID; TCP streams any of them.\n"
    text += _asterix_section() + _registers_section() + _modes_section() + _commb_section() + _remote_id_section()
    return text


def _asterix_section() -> str:
    text = "\n## ASTERIX\n\nEvery item of every edition below is read (`vigie decode --items`) and written (`vigie"
    text += " encode`), reserved expansion and\nspecial purpose fields included (an expansion without a"
    text += " published table, and every special purpose field,\nas its octets). Categories with a"
    text += "\ntable below become PLOT or SERVICE rows too."
    text += "\nCategory 008 fills the table WEATHER as well.\n\n"
    text += "| category | | editions | rows |\n| --- | --- | --- | --- |\n"
    for number in spec.categories():
        category = spec.load(number)
        word = {slots.PLOT_BIT: "plot", slots.SERVICE_BIT: "service"}.get(columns.DEFAULT_CLASS.get(number, 0), "")
        title = category.title + (" (*unverified*: the document was not read)" if category.unverified else "")
        text += f"| {number:03d} | {title} | {', '.join(category.editions)} | {word} |\n"
    for number in sorted(columns.DEFAULT_CLASS):
        for key in sorted({columns.key(number, e, columns.VALUES) for e in spec.load(number).editions}, reverse=True):
            text += _category_table(number, key)
    return text


def _category_table(number: int, key: str) -> str:
    """Return which item of a category feeds which column, by the newest edition that shares the mapping."""
    editions = [e for e in spec.load(number).editions if columns.key(number, e, columns.VALUES) == key]
    newest = spec.edition(number, editions[-1])
    uses: dict[str, list[str]] = {"010": ["sensor_id"]}
    for path, slot in columns.VALUES.get(key, {}).items():
        uses.setdefault(_item_of(path), []).extend(_columns_of(slot))
    state = "flags" if columns.DEFAULT_CLASS[number] == slots.PLOT_BIT else "status"
    for path, meanings in columns.BITS.get(columns.key(number, editions[-1], columns.BITS), {}).items():
        values = list(meanings.values())
        names = ["kind"] if any(v >> slots.KIND_SHIFT & slots.KIND_MASK for v in values) else []
        names += [state] if any(v & 0xFFFFFF for v in values) else []
        names = ["status"] if path.startswith("550/") else names  # category 010 has targets and status in one
        uses.setdefault(_item_of(path), []).extend(names)
    register = columns.REGISTER_ITEMS.get(key.partition(":")[0])
    if register and register.partition("/")[0] in newest.items:
        uses.setdefault(register.partition("/")[0], []).append("registers below")
    span = editions[-1] if len(editions) == 1 else f"{editions[0]} to {editions[-1]}"
    text = f"\n### Category {number:03d}, edition {span}\n\n| item | | column |\n| --- | --- | --- |\n"
    for item, form in newest.items.items():
        if item in uses:
            text += f"| I{number:03d}/{item} | {form[1]} | {', '.join(dict.fromkeys(uses[item]))} |\n"
    for name, title, _ in (part for part in (newest.expansion or ["", 0, []])[2] if part):
        if f"RE/{name}" in uses:
            text += f"| I{number:03d}/RE/{name} | {title} | {', '.join(dict.fromkeys(uses[f'RE/{name}']))} |\n"
    rest = [item for item in newest.items if item not in uses]
    return text + ("\nItems view only: " + ", ".join(rest) + ".\n" if rest else "")


def _item_of(path: str) -> str:
    """Return the item of a field's path; of an expansion, the part of it: ``RE/ERR``."""
    names = path.partition("..")[0].split("/")
    return "/".join(names[:2]) if names[0] == "RE" else names[0]


def _columns_of(slot: int) -> list[str]:
    names = {n for n, v in slots.NAMES.items() if v == slot}
    return next(text.split(", ") for key, text in _COLUMN_OF_SLOT.items() if names & set(key.split()))


def _registers_section() -> str:
    text = "\n## Comm-B registers in ASTERIX\n\nFrom I010/250, I020/250, I021/250, I048/250 and I062/380, where"
    text += " the field's status bit is set.\nBits are counted from 1.\n\n"
    text += "| register | bits | step | column |\n| --- | --- | --- | --- |\n"
    for register, _, first, width, slot, step, unit in columns.REGISTERS:
        name = f"{register >> 4:X},{register & 15:X}"
        columns_ = ", ".join(_columns_of(abs(slot)))
        text += f"| {name} | {first} to {first + width - 1} | {step:g} {unit} | {columns_} |\n"
    return text


def _commb_section() -> str:
    text = "\n## Comm-B registers in Mode S replies\n\nWhich register a DF20 or DF21 carries is inferred, with a"
    text += (
        " confidence; below 0.95 nothing is taken. Registers 1,0\n2,0 and 3,0 carry their number; 1,7 is told by its"
    )
    text += " capabilities. Bits are counted from 1; what lies outside the range is\ntaken for another register.\n\n"
    text += "| register | field | status bit | bits | step | range |\n| --- | --- | --- | --- | --- | --- |\n"
    for f in FIELDS:
        name, last = f"{f.register >> 4:X},{f.register & 15:X}", f.first + f.width - 1
        text += f"| {name} | {f.name} | {f.status or ''} | {f.sign or f.first} to {last} | {f.step:g} {f.unit}"
        text += f" | {f.low:g} to {f.high:g} |\n"
    text += (
        "\n`vigie decode --items` (or `--tree`) prints a line for each Mode S message of Beast and AVR, good or bad,"
    )
    text += (
        " with every field\nand every register that `rs1090` reads: name, value, unit, raw bits, octets and offset in"
    )
    text += " the message. A reply that can be\nread as several registers shows all, the inferred one with its"
    text += " `confidence`. Records of ASTERIX that repeat registers have\ntheir fields under `registers`. Fields of"
    text += " registers 1,0 1,7 1,8 1,9 2,0 2,1 and 3,0 stand without bits of their own.\n"
    return text


def _modes_section() -> str:
    text = "\n## Mode S, ADS-B, TIS-B, ADS-R\n\nDO-260, DO-260A, DO-260B (versions 0 to 2). Parity is checked; the"
    text += " repair of one bit is off unless asked for.\nOther downlink formats are rejects `bad_format`. There are"
    text += " encoders for 0, 4, 5, 11, 16, 17, 18, 20, 21.\n\n"
    text += "| downlink format | what is taken from it |\n| --- | --- |\n"
    text += "".join(f"| DF{n} | {_DOWNLINKS[n]} |\n" for n in DOWNLINK_FORMATS)
    text += "\n| type code of a squitter | | columns |\n| --- | --- | --- |\n"
    text += "".join(f"| {codes} | {what} | {into} |\n" for codes, what, into in _TYPE_CODES)
    return text


_MESSAGES = {
    BASIC_ID: ("identity and type of the aircraft", "uas_id, id_type, ua_type; callsign of its plots"),
    LOCATION: (
        "position, heights, motion, accuracies, status",
        "a plot of kind 7: lat_deg, lon_deg, press_alt_m, geo_alt_m, v_east_mps, v_north_mps, climb_mps, pos_sd_m",
    ),
    AUTHENTICATION: ("up to 16 pages of a signature or another proof", "auth_type; not verified"),
    SELF_ID: ("what the operator says of the flight", "self_id"),
    SYSTEM: (
        "operator's place, area of operation, category of the European Union",
        "operator_lat_deg, operator_lon_deg, operator_geo_alt_m, operator_place, area_count, area_radius_m, eu_*",
    ),
    OPERATOR_ID: ("registration of the operator", "operator_id"),
    PACK: ("up to nine messages in one", "those of its messages"),
    DJI_FLIGHT: (
        "DroneID telemetry of DJI, versions 1 and 2 (*unverified*: there is no public document)",
        "as a location with its identity; home_lat_deg, home_lon_deg, operator's place",
    ),
    DJI_INFO: ("DroneID text of DJI", "counted only"),
}


def _remote_id_section() -> str:
    text = (
        "\n## Remote ID\n\nASTM F3411-22a and EN 4709-002, read and written, from radio frames in captures (link types "
    )
    text += ", ".join(str(link) for link in RADIO_LINKS) + "), and\nfrom gateways by UDP: bare"
    text += " messages and packs, or radio frames behind `RF` and their link type\n(two octets). Carriers: "
    text += (
        ", ".join(CARRIERS.values()) + ".\nColumns below without another word are those of the table `remote_id`.\n\n"
    )
    text += "| ledger | message | | columns |\n| --- | --- | --- | --- |\n"
    for kind, (what, into) in _MESSAGES.items():
        text += f"| RID{kind} | {TYPE_NAMES[kind].replace('_', ' ')} | {what} | {into} |\n"
    return text


def alerts_page() -> str:
    """Return the page of the watch's rules: name, meaning, parameters."""
    text = MADE + "# Alerts\n\nEvery rule, as `alert.rule` names it. A parameter is set with the act `threshold.edit`:"
    text += " subject `RULE.PARAMETER`\nfor everywhere, `RULE/AREA.PARAMETER` for one area, value a number in SI or"
    text += " `usual`. Each rule also has `on`, `raise_s`,\n`clear_s`, `escalate_s` and `severity`. An area of the site"
    text += " file names the rules that apply to it (`rules`); without it\nthose usual for its kind do.\n\n"
    levels = ("", "information", "caution", "warning", "alarm")
    for rule in RULES:
        kinds = f" Kinds of area: {', '.join(sorted(rule.kinds))}." if rule.kinds else ""
        text += (
            f"## {rule.name}\n\n**{rule.title}** ({rule.title_fr}); {levels[rule.severity]}. {rule.about}{kinds}\n\n"
        )
        text += f"Raised after {rule.raise_s:g} s, cleared after {rule.clear_s:g} s"
        text += f", escalates after {rule.escalate_s:g} s.\n\n" if rule.escalate_s else ", does not escalate.\n\n"
        if rule.params:
            text += "| parameter | usual | meaning |\n| --- | --- | --- |\n"
            text += "".join(f"| {p.name} | {p.usual:g} | {p.meaning} |\n" for p in rule.params) + "\n"
    text += "## Evidence of identity\n\nName, weight and words; the sum gives the category.\n\n"
    text += "| evidence | weight | English | French |\n| --- | --- | --- | --- |\n"
    text += "".join(f"| {n} | {w:+g} | {en} | {fr} |\n" for n, (w, en, fr) in WORDS.items())
    return text.rstrip() + "\n"


BUILDERS = {
    "tables.md": tables_page,
    "ledgers.md": ledgers_page,
    "commands.md": commands_page,
    "site-file.md": site_page,
    "formats.md": formats_page,
    "exercises.md": exercises_page,
    "alerts.md": alerts_page,
    "areas-and-flights.md": lambda: MADE + areas_and_flights_page(),
}


def main() -> None:
    """Write all pages."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for name, build_page in BUILDERS.items():
        (PAGES / name).write_text(build_page(), "utf-8")
        sys.stderr.write(f"docs/reference/{name}\n")


if __name__ == "__main__":
    main()
