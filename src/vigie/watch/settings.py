"""Numbers of rules that people set: how one is named, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable

from vigie.watch.rule import Rule


def setting_key(rules: Iterable[Rule], subject: str) -> tuple[str, str, str] | None:
    """Return (rule, area, parameter) of ``RULE.PARAMETER`` or ``RULE/AREA.PARAMETER``; None where none is so."""
    what, _, name = subject.rpartition(".")
    rule_name, _, area = what.partition("/")
    rule = next((r for r in rules if r.name == rule_name), None)
    known = rule is not None and any(p.name == name for p in rule.parameters)
    return (rule_name, area, name) if known else None


def why_not(rules: Iterable[Rule], key: tuple[str, str, str], value: float) -> str:
    """Return why a value cannot be set, empty where it can."""
    param = next(p for r in rules if r.name == key[0] for p in r.parameters if p.name == key[2])
    within = param.low <= value <= param.high
    return "" if within else f"{value:g} is not between {param.low:g} and {param.high:g}"
