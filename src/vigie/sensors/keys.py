"""The keys of a site file: which are known, what each must be, and how a wrong one is named."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class KeyRule:
    """What one key must hold: a Python type, an optional test, and the words that say what was expected."""

    types: tuple[type, ...]
    expected: str
    test: Callable[[Any], bool] = lambda _: True
    required: bool = False


def _between(low: float, high: float) -> Callable[[Any], bool]:
    return lambda v: low <= v <= high


_NUMBER: Final = (int, float)
_TEXT: Final = KeyRule((str,), "a text of 1 to 200 characters", lambda v: 0 < len(v) <= 200)
_BOOL: Final = KeyRule((bool,), "true or false")
_LATITUDE: Final = KeyRule(_NUMBER, "a latitude from -90 to 90 degrees", _between(-90, 90), required=True)
_LONGITUDE: Final = KeyRule(_NUMBER, "a longitude from -180 to 180 degrees", _between(-180, 180), required=True)
_KINDS: Final = ("radar", "adsb", "mlat", "remoteid", "observer", "acoustic", "sapient", "external")
_FORMATS: Final = ("asterix", "beast", "avr", "sbs", "remoteid")

CENTRE_KEYS: Final[dict[str, KeyRule]] = {
    "name": KeyRule((str,), "a text of 1 to 200 characters", lambda v: 0 < len(v) <= 200, required=True),
    "lat_deg": _LATITUDE,
    "lon_deg": _LONGITUDE,
    "data_dir": _TEXT,
    "keep_days": KeyRule(_NUMBER, "days a recording is kept, 0 for ever", _between(0, 100_000)),
    "keep_gib": KeyRule(_NUMBER, "GiB a recording may take, 0 without limit", _between(0, 1e6)),
    "archive": KeyRule((str,), "off, daily or hourly", lambda v: v in ("off", "daily", "hourly")),
    "listen": KeyRule((str,), "HOST:PORT, for example 127.0.0.1:8080", lambda v: bool(re.fullmatch(r".+:\d{1,5}", v))),
    "exercise": _BOOL,
    "qnh_hpa": KeyRule(_NUMBER, "a pressure from 850 to 1100 hPa", _between(850, 1100)),
    "temperature_c": KeyRule(_NUMBER, "a temperature from -60 to 60 degrees Celsius", _between(-60, 60)),
    "language": KeyRule((str,), "en or fr", lambda v: v in ("en", "fr")),
    "tls_certificate": _TEXT,
    "tls_key": _TEXT,
    "plain_http": _BOOL,
    "hosts": KeyRule((list,), "a list of host names", lambda v: all(isinstance(a, str) for a in v)),
}

_ADDRESS: Final = KeyRule((str,), "an https:// address", lambda v: v.startswith(("https://", "http://127.0.0.1")))
PEOPLE_KEYS: Final[dict[str, KeyRule]] = {
    "oidc_issuer": _ADDRESS,
    "oidc_client_id": _TEXT,
    "oidc_secret_file": _TEXT,
    "oidc_role_claim": _TEXT,
    "oidc_roles": KeyRule(
        (dict,),
        'roles by the provider\'s words, for example { "vigie-ops" = "operator" }',
        lambda v: bool(v) and all(isinstance(role, str) for role in v.values()),
    ),
    "anchor_folders": KeyRule((list,), "a list of folders", lambda v: all(isinstance(a, str) for a in v)),
}

SENSOR_KEYS: Final[dict[str, KeyRule]] = {
    "id": KeyRule((int,), "a whole number from 1 to 65535", _between(1, 65535), required=True),
    "name": KeyRule((str,), "a text of 1 to 200 characters", lambda v: 0 < len(v) <= 200, required=True),
    "kind": KeyRule((str,), "one of " + ", ".join(_KINDS), lambda v: v in _KINDS, required=True),
    "sac": KeyRule((int,), "a whole number from 0 to 255", _between(0, 255)),
    "sic": KeyRule((int,), "a whole number from 0 to 255", _between(0, 255)),
    "lat_deg": _LATITUDE,
    "lon_deg": _LONGITUDE,
    "height_m": KeyRule(_NUMBER, "a height from -500 to 30000 m above the ellipsoid", _between(-500, 30000)),
    "period_s": KeyRule(_NUMBER, "a period from 0.1 to 120 s", _between(0.1, 120)),
    "range_sd_m": KeyRule(_NUMBER, "a standard deviation from 0.1 to 10000 m", _between(0.1, 10000)),
    "azimuth_sd_deg": KeyRule(_NUMBER, "a standard deviation from 0.001 to 45 degrees", _between(0.001, 45)),
    "range_rate_sd_mps": KeyRule(_NUMBER, "a standard deviation from 0.1 to 100 m/s", _between(0.1, 100)),
    "elevation_sd_deg": KeyRule(_NUMBER, "a standard deviation from 0.001 to 45 degrees", _between(0.001, 45)),
    "pos_sd_m": KeyRule(_NUMBER, "a standard deviation from 0.1 to 50000 m", _between(0.1, 50000)),
    "max_range_nmi": KeyRule(_NUMBER, "a range from 0.1 to 5000 NM", _between(0.1, 5000)),
    "prf_hz": KeyRule(_NUMBER, "pulses a second of a primary radar, the fewest, from 50 to 20000", _between(50, 20000)),
    "detection_probability": KeyRule(_NUMBER, "a probability from 0.01 to 1", _between(0.01, 1)),
    "delay_s": KeyRule(_NUMBER, "a delay from 0 to 60 s", _between(0, 60)),
    "link": _TEXT,
    "editions": KeyRule(
        (dict,),
        'editions per category, for example { "48" = "1.30" }',
        lambda v: all(re.fullmatch(r"\d{1,3}", k) and isinstance(e, str) for k, e in v.items()),
    ),
    "simulated": _BOOL,
    "allow_from": KeyRule((list,), "a list of addresses", lambda v: all(isinstance(a, str) for a in v)),
    "trailer_bytes": KeyRule((int,), "a whole number from 0 to 64", _between(0, 64)),
    "format": KeyRule((str,), "one of " + ", ".join(_FORMATS), lambda v: v in _FORMATS),
    "registration_reference": _BOOL,
}


class Checker:
    """Collects what is wrong with a site file, each problem with its line."""

    def __init__(self, text: str, file: str) -> None:
        self.problems: list[str] = []
        self._lines = text.splitlines()
        self._file = file

    def say(self, section: str, index: int, key: str, problem: str) -> None:
        """Add one problem of ``key`` in the ``index``-th table called ``section``."""
        where = f"{self._file}:{self._line_of(section, index, key)}"
        self.problems.append(f"{where}: [{section}] {key}: {problem}.")

    def where(self, section: str, index: int) -> str:
        """Return ``file:line`` of the ``index``-th table called ``section``."""
        return f"{self._file}:{self._line_of(section, index, '')}"

    def top_level(self, tree: dict[str, Any], known: tuple[str, ...]) -> None:
        """Refuse unknown tables with the nearest known name."""
        for name in tree:
            if name not in known:
                self.say(name, 0, name, f"unknown table{_nearest(name, known)}")

    def table(self, row: object, section: str, index: int, rules: dict[str, KeyRule]) -> dict[str, Any]:
        """Return the good keys of one table; each bad, unknown or missing one becomes a problem."""
        if not isinstance(row, dict):
            self.say(section, index, section, f"found {_short(row)}, expected a table of keys")
            return {}
        good: dict[str, Any] = {}
        for key, value in row.items():
            rule = rules.get(key)
            if rule is None:
                self.say(section, index, key, f"unknown key{_nearest(key, tuple(rules))}")
            elif not _is_a(value, rule.types) or not rule.test(value):
                self.say(section, index, key, f"found {_short(value)}, expected {rule.expected}")
            else:
                good[key] = float(value) if rule.types == _NUMBER else value
        for key, rule in rules.items():
            if rule.required and key not in row:
                self.say(section, index, key, f"is missing, expected {rule.expected}")
        return good

    def _line_of(self, section: str, index: int, key: str) -> int:
        """Return the 1-based line of the key, or of its table's header, or 1."""
        seen = -1
        header_line = 0
        for number, line in enumerate(self._lines, 1):
            header = re.match(r"\s*\[\[?\s*([\w.-]+)\s*\]", line)
            if header:
                if seen == index and header_line:
                    return header_line
                if header.group(1) == section:
                    seen += 1
                    header_line = number if seen == index else 0
            elif seen == index and header_line and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return header_line or 1


def _is_a(value: object, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, float) and math.isnan(value):
        return False
    return isinstance(value, types)


def _nearest(name: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else f"; known here: {', '.join(sorted(known))}"


def _short(value: object) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
