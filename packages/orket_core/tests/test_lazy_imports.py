"""A program pays only for what it touches: each test starts a fresh interpreter and looks at its modules."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Wheel = Callable[..., Path]

SLOW = {
    *(
        "asyncio",
        "dataclasses",
        "email",
        "importlib.metadata",
        "inspect",
        "json",
        "logging",
        "pathlib",
        "tempfile",
    ),
    *("importlib_metadata", "packaging", "pluggy", "pydantic"),
}


def imported(code: str, *first: Path, environ: dict[str, str] | None = None) -> set[str]:
    """The modules of an interpreter that ran ``code``, with these folders first on its path."""
    path = os.pathsep.join([*map(str, first), *(entry for entry in sys.path if entry)])
    run = subprocess.run(
        [sys.executable, "-S", "-c", f"{code}\nimport sys; print(*sys.modules)"],
        env={"PYTHONPATH": path, **(environ or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


def test_importing_core_imports_nothing_slow_and_none_of_its_modules() -> None:
    modules = imported("import orket.core")
    assert modules & SLOW == set()
    assert [name for name in modules if name.startswith("orket.core.")] == []


def test_naming_something_of_core_imports_its_module_and_not_all() -> None:
    modules = imported("from orket.core import Settings")
    assert "orket.core.settings" in modules
    assert modules & {*SLOW, "orket.core.runtime", "orket.core.tools", "orket.core.activation"} == set()


@pytest.fixture
def acme(wheel: Wheel, tmp_path: Path) -> dict[str, str]:
    """An environment in which a node that must not be imported is installed and chosen."""
    wheel(
        "acme",
        {"acme.py": "raise SystemExit('imported')\n"},
        "[orket.tool_strategy]\nreviewer = acme:Reviewer\n",
    )
    (tmp_path / "orket.toml").write_text("[process_rules]\ntool_strategy_node = 'reviewer'\n")
    return {"ORKET_CONFIG": str(tmp_path / "orket.toml")}


CHOOSE = """
from orket.core import Settings, discover, resolve, TOOL_STRATEGY
resolution = resolve(TOOL_STRATEGY, Settings.load(), discover())
assert resolution.node.qualified == "acme:reviewer"
"""


def test_choosing_imports_nothing_slow_and_no_plugin(acme: dict[str, str], site: Path) -> None:
    assert imported(CHOOSE, site, environ=acme) & {*SLOW, "acme"} == set()


JUDGE = """
from orket.core.activation import judge
declared, verdict = judge(TOOL_STRATEGY, resolution.node, Settings.load(), discover())
assert verdict.judgement == "missing"
"""


def test_judging_imports_no_plugin_and_nothing_to_load_it_with(acme: dict[str, str], site: Path) -> None:
    unwelcome = {"acme", "asyncio", "importlib_metadata", "orket.core.loader", "pluggy", "pydantic"}
    assert imported(CHOOSE + JUDGE, site, environ=acme) & unwelcome == set()


def test_refusing_a_node_imports_nothing_of_it(acme: dict[str, str], site: Path) -> None:
    code = """
from orket.core import ResolutionError, Settings, activate, discover, TOOL_STRATEGY
try:
    activate(TOOL_STRATEGY, Settings.load(), discover())
except ResolutionError as error:
    assert error.code == "gate-missing"
else:
    raise AssertionError("activated")
"""
    assert imported(code, site, environ=acme) & {"acme", "pluggy", "pydantic", "orket.core.loader"} == set()
