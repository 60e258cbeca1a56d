"""All checks and tests of the project, cheapest first: what ``make test`` runs.

Chromium for the browser tests is fetched with the system's package manager when that is allowed; where it is not
(Ubuntu's Chromium is a snap) those tests skip with a sentence. In CI they must run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def run(title: str, *command: str | Path) -> None:
    """Run one check; the first failure ends the whole with its exit code."""
    print(f"== {title}", flush=True)
    started = time.monotonic()
    code = subprocess.run([str(c) for c in command], cwd=ROOT, check=False).returncode
    print(f"   {time.monotonic() - started:.1f} s", flush=True)
    if code:
        sys.exit(f"{title}: failed (exit code {code})")


def find_chromium() -> None:
    """Install Debian's Chromium if there is none and the package manager may be used."""
    if shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"):
        return
    release = Path("/etc/os-release")
    debian = release.is_file() and "ID=debian" in release.read_text("utf-8").split()
    sudo: list[str] | None = [] if os.geteuid() == 0 else None
    if sudo is None and shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
        sudo = ["sudo", "-n"] if asked.returncode == 0 else None
    if not debian or sudo is None or not shutil.which("apt-get"):
        print("== no Chromium here and it may not be installed: the browser tests will be skipped", flush=True)
        return
    print("== Chromium from the system's packages", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium", "tshark"]):
        subprocess.run([*sudo, "apt-get", *step], check=False, env=quiet, stdout=subprocess.DEVNULL)


def main() -> None:
    """Run everything; extra arguments go to pytest."""
    run("ruff", BIN / "ruff", "check", "src", "tests", "bench", "builders", "examples")
    run("format", BIN / "ruff", "format", "--check", "--quiet", "src", "tests", "bench", "builders", "examples")
    run("import contracts", BIN / "lint-imports")
    run("types", BIN / "mypy")
    run("web", sys.executable, ROOT / "builders/web.py", "--check")
    run("manual", BIN / "mkdocs", "build", "--strict", "--quiet", "--site-dir", "build/site")
    find_chromium()
    run("kernels", BIN / "vigie", "warmup")
    run("tests", sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", "-q", *sys.argv[1:])


if __name__ == "__main__":
    main()
