"""What a command imports: it decides how long everybody waits, and whose code runs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site

LISTED = "import sys; from orket.cli import main; main(sys.argv[1:]); print('modules', *sys.modules)"
LEAN = {"argparse", "typing", "orket.core"}
HEAVY = {"asyncio", "importlib.metadata", "pydantic", "rich"}


def imported(*words: str, path: Path | None = None) -> set[str]:
    """The modules that are there when the command has ended."""
    environ = {**os.environ, "PYTHONPATH": str(path)} if path else dict(os.environ)
    ran = subprocess.run(
        [sys.executable, "-c", LISTED, *words], env=environ, capture_output=True, text=True, check=True
    )
    return set(ran.stdout.splitlines()[-1].split()[1:])


def strangers(modules: set[str]) -> set[str]:
    """The modules of Orket's namespace that are neither core's nor the command's."""
    return {
        name for name in modules if name.startswith("orket.") and name.split(".")[1] not in ("cli", "core")
    }


def test_version_imports_next_to_nothing(work: Path) -> None:
    modules = imported("--version")

    assert modules & (LEAN | HEAVY) == set()
    assert {name for name in modules if name.startswith("orket")} == {"orket", "orket.cli"}


@pytest.mark.parametrize("words", [["nodes"], ["explain", "tool_strategy"]])
def test_choosing_imports_nothing_heavy(work: Path, words: list[str]) -> None:
    assert imported(*words) & HEAVY == set()


def test_nodes_imports_no_node(site: Site) -> None:
    site.install_calm()

    modules = imported("nodes", path=site.folder)

    assert modules & {"acme_calm", "orket.core.defaults"} == set()
    assert strangers(modules) == set()


def test_explain_imports_the_active_node_alone(site: Site) -> None:
    site.install_calm()

    modules = imported("explain", "tool_strategy", path=site.folder)

    assert "orket.core.defaults" in modules
    assert "acme_calm" not in modules
    assert strangers(modules) == set()


def test_doctor_imports_no_plugin_that_is_not_chosen(site: Site) -> None:
    site.install_calm()
    site.install_files()

    modules = imported("doctor", path=site.folder)

    assert modules & {"acme_calm", "some_files"} == set()
    assert strangers(modules) == set()
