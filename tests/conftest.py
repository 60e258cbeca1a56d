"""What every test may use: the recordings beside the project, and the switch for long campaigns."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

# Compiling a kernel on its first call is no failure, and every run must test the same examples.
hypothesis.settings.register_profile("vigie", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("vigie")

pytest_plugins = ("tests.browser",)

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--campaign", action="store_true", help="run the long seeded campaigns in full")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what repeats another test in a second language or at another seat, unless the campaign is run."""
    if config.getoption("--campaign"):
        return
    left_out = [item for item in items if "repetition" in item.keywords]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if "repetition" not in item.keywords]


@pytest.fixture(scope="session")
def campaign(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--campaign"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings. Absent on a user's machine: skipped there; in CI its absence is a failure."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail("../shared is absent: CI must run with the recordings beside the project")
        pytest.skip("the recordings of ../shared are not on this machine")
    return SHARED
