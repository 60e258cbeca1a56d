"""Make the ASTERIX tables of ``src/vigie/wire/asterix/specs`` from the asterix-specs text definitions.

    python builders/asterix.py PATH/TO/asterix-specs.tar.gz

Each category becomes one file ``catNNN.json`` with all its editions: the distinct item definitions, one a line (so
that a new edition shows as a small difference), then for each edition which definition each item uses and its user
application profile. Remarks and definitions (prose) are left out. The compiler is ``vigie.wire.asterix.spec``.

Forms (every form is a JSON list, told apart by its first word):

* item: ``[name, title, rule]`` or ``["", "", bits]`` for spare bits;
* rule: ``["element", bits, content]``, ``["group", items]``, ``["extended", parts, last_part_has_fx]``,
  ``["repetitive", octets of REP or 0 for FX, rule]``, ``["explicit", kind]``,
  ``["compound", octets of a fixed presence field or 0 for FX, items or null]``, ``["case", paths, cases, default]``;
* content: ``["raw"]``, ``["table", {value: text}]``, ``["string", kind]``, ``["integer", sign]``,
  ``["quantity", sign, lsb, unit]``, ``["bds", address]``, ``["case", paths, cases, default]``.

Source: asterix-specs (Zoran Bošnjak, BSD-3-Clause), which restates the EUROCONTROL specifications.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parents[1] / "src" / "vigie" / "wire" / "asterix" / "specs"
CORRECTIONS = {
    # The limits that stand beside (8,192 m/s in 16 bits, 31 m/s2 in 8) allow only 1/4; in a recording of 51,292 records
    # I010/202 divided by the ground speed of I010/200 gives 0.250 m/s a step.
    ("cat-1.1.ast", "cat010"): [
        ('signed quantity 1/2^4 "m/s" >= -8192', 'signed quantity 1/2^2 "m/s" >= -8192'),
        ('signed quantity 1/2^4 "m/s²" >= -31', 'signed quantity 1/2^2 "m/s²" >= -31'),
    ],
}
"""Places where the definitions differ from the EUROCONTROL documents, and what stands there."""
PROSE = {"definition", "description", "remark", "preamble", "introduction"}


@dataclass
class Line:
    """One line of the definition and what is indented under it."""

    text: str
    below: list[Line] = field(default_factory=list)


def tree(text: str) -> list[Line]:
    """Return the indented text as a forest, prose left out."""
    root = Line("")
    stack: list[tuple[int, Line]] = [(-1, root)]
    prose_at: int | None = None
    for raw in text.splitlines():
        stripped = raw.strip()
        if not stripped:
            continue
        indent = len(raw) - len(raw.lstrip(" "))
        if prose_at is not None and indent > prose_at:
            continue
        prose_at = indent if stripped in PROSE else None
        if prose_at is not None:
            continue
        while stack[-1][0] >= indent:
            stack.pop()
        line = Line(stripped)
        stack[-1][1].below.append(line)
        stack.append((indent, line))
    return root.below


def named(line: Line) -> list[Any]:
    """Return one item: spare bits, or a name with its title and rule."""
    spare = re.fullmatch(r"spare (\d+)", line.text)
    if spare:
        return ["", "", int(spare.group(1))]
    found = re.fullmatch(r'(\S+) "(.*)"', line.text)
    if not found or len(line.below) != 1:
        raise ValueError(f"not an item: {line.text!r} with {[b.text for b in line.below]}")
    return [found.group(1), found.group(2), rule(line.below[0])]


def rule(line: Line) -> list[Any]:
    """Return the structure under an item."""
    word, _, rest = line.text.partition(" ")
    if word == "element":
        if len(line.below) > 1:
            raise ValueError(f"element with {len(line.below)} contents")
        return ["element", int(rest), content(line.below[0]) if line.below else ["raw"]]
    if word == "group":
        return ["group", [named(b) for b in line.below]]
    if word == "extended":
        parts: list[list[Any]] = [[]]
        for below in line.below:
            if below.text == "-":
                parts.append([])
            else:
                parts[-1].append(named(below))
        last_has_fx = not parts[-1]
        return ["extended", parts[:-1] if last_has_fx else parts, last_has_fx]
    if word == "repetitive":
        return ["repetitive", 0 if rest == "fx" else int(rest), rule(line.below[0])]
    if word == "explicit":
        return ["explicit", rest]
    if word == "compound":
        return ["compound", int(rest or 0), [None if b.text == "-" else named(b) for b in line.below]]
    if word == "case":
        return cases(line, rule)
    raise ValueError(f"unknown rule {line.text!r}")


def content(line: Line) -> list[Any]:
    """Return what the bits of an element mean."""
    word, _, rest = line.text.partition(" ")
    if word == "raw":
        return ["raw"]
    if word == "table":
        return ["table", {str(int(k)): v.strip() for k, _, v in (b.text.partition(":") for b in line.below)}]
    if word == "string":
        return ["string", rest]
    if word == "bds":
        return ["bds", rest]
    if word == "case":
        return cases(line, content)
    found = re.match(r"(signed|unsigned) (integer|quantity)(?: (\S+) \"(.*?)\")?", line.text)
    if not found:
        raise ValueError(f"unknown content {line.text!r}")
    sign, kind, lsb, unit = found.groups()
    return ["integer", sign[0]] if kind == "integer" else ["quantity", sign[0], lsb, unit]


def cases(line: Line, inner: Any) -> list[Any]:
    """Return a form that depends on the values of other items."""
    paths = [p.strip() for p in line.text.removeprefix("case").strip().strip("()").split(",")]
    table: dict[str, Any] = {}
    default = None
    for below in line.below:
        key = below.text.removesuffix(":").strip("()").replace(" ", "")
        if key == "default":
            default = inner(below.below[0])
        else:
            table[key] = inner(below.below[0])
    return ["case", paths, table, default]


def category(files: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Return the number and the tables of one category from its files {name: text}."""
    forms: list[str] = []
    number = -1
    title = ""
    editions: dict[str, Any] = {}
    expansions: dict[str, Any] = {}

    def keep(form: list[Any]) -> int:
        text = json.dumps(form, ensure_ascii=False, separators=(",", ":"))
        if text not in forms:
            forms.append(text)
        return forms.index(text)

    for name, text in sorted(files.items(), key=lambda f: edition_key(re.sub(r"[^0-9.]", "", f[0]).strip("."))):
        lines = tree(text)
        head = re.fullmatch(r'(asterix|ref) (\d+) "(.*)"', lines[0].text)
        if not head:
            raise ValueError(f"{name}: no heading")
        number = int(head.group(2))
        edition = lines[1].text.removeprefix("edition ")
        date = lines[2].text.removeprefix("date ")
        if head.group(1) == "ref":
            expansions[edition] = {"date": date, "form": keep(rule(lines[3]))}
            continue
        title = head.group(3)
        body = {line.text: line for line in lines[3:]}
        items = {item.text.split()[0]: keep(named(item)) for item in body["items"].below}
        editions[edition] = {"date": date, "items": items} | profiles(body)
    return number, {
        "category": number,
        "title": title,
        "forms": [json.loads(f) for f in forms],
        "editions": editions,
        "expansions": expansions,
    }


def profiles(body: dict[str, Line]) -> dict[str, Any]:
    """Return the user application profile, or several with the item that chooses among them."""
    if "uap" in body:
        return {"uap": {"uap": [b.text for b in body["uap"].below]}}
    parts = {b.text: b for b in body["uaps"].below}
    out: dict[str, Any] = {"uap": {v.text: [b.text for b in v.below] for v in parts["variations"].below}}
    for text, line in parts.items():
        if text.startswith("case "):
            out["choose"] = [
                text.removeprefix("case "),
                {k.strip(): v.strip() for k, _, v in (b.text.partition(":") for b in line.below)},
            ]
    return out


def edition_key(edition: str) -> tuple[int, ...]:
    """Return editions in their order: 1.9 before 1.10."""
    return tuple(int(p) for p in edition.split("."))


def write(tables: dict[str, Any], path: Path) -> None:
    """Write the tables with one definition a line."""

    def short(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    lines = ["{", f'"category":{tables["category"]},', f'"title":{short(tables["title"])},', '"forms":[']
    lines.append(",\n".join(short(f) for f in tables["forms"]))
    lines.append('],\n"editions":{')
    lines.append(",\n".join(f"{short(k)}:{short(v)}" for k, v in tables["editions"].items()))
    lines.append('},\n"expansions":{')
    lines.append(",\n".join(f"{short(k)}:{short(v)}" for k, v in tables["expansions"].items()))
    lines.append("}}\n")
    path.write_text("\n".join(lines), "utf-8")


def main() -> None:
    """Read the archive named on the command line and write every category it holds."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found: dict[str, dict[str, str]] = {}
    with tarfile.open(sys.argv[1]) as archive:
        for member in archive:
            path = Path(member.name)
            stream = archive.extractfile(member) if path.suffix == ".ast" else None
            if stream is not None:
                text = stream.read().decode("utf-8")
                for wrong, right in CORRECTIONS.get((path.name, path.parent.name), []):
                    if text.count(wrong) != 2:
                        sys.exit(f"{path}: {wrong!r} is no longer there twice: look at CORRECTIONS again")
                    text = text.replace(wrong, right)
                found.setdefault(path.parent.name, {})[path.name] = text
    OUT.mkdir(parents=True, exist_ok=True)
    for _, files in sorted(found.items()):
        number, tables = category(files)
        out = OUT / f"cat{number:03d}.json"
        write(tables, out)
        print(f"{out.name}: editions {', '.join(tables['editions'])}; {out.stat().st_size} octets")


if __name__ == "__main__":
    main()
