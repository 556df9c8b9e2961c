"""`conformance(…)` gives one named test for each check, and what tests do changes nothing that counts."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from orket.core import TOOL_STRATEGY, ConfigError
from orket.testkit import conformance

if TYPE_CHECKING:
    from pathlib import Path

TESTS = """\
from orket.testkit import Plan, conformance

PLAN = Plan(examples=1)
TestDefault = conformance("tool_strategy", "default", plan=PLAN)
"""
DEAF = """

class TestDeaf(TestDefault):
    def test_total(self):
        "Anybody can write a test that passes."
"""


def pytest_in(folder: Path, *words: str) -> str:
    """What a test run says of the tests in a folder."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "test_default.py").write_text(TESTS)
    return tmp_path


def recorded(folder: Path) -> dict[str, str]:
    """How each check stands in the evidence that a run wrote."""
    (file,) = folder.glob("evidence/tool_strategy/*.json")
    return {check["id"]: check["status"] for check in json.loads(file.read_text())["checks"]}


def test_each_check_of_the_family_is_one_test() -> None:
    tests = [name for name in vars(conformance("tool_strategy", "default")) if name.startswith("test_")]

    assert tests == [f"test_{check.replace('-', '_')}" for check in TOOL_STRATEGY.checks]


def test_there_has_to_be_such_a_family() -> None:
    with pytest.raises(ConfigError, match="There is no node family 'tool_strategist'"):
        conformance("tool_strategist", "default")


def test_each_check_is_displayed_by_its_name(folder: Path) -> None:
    said = pytest_in(folder, "-v", "-k", "names_valid or kind_kept")

    assert "test_default.py::TestDefault::test_names_valid PASSED" in said
    assert "test_default.py::TestDefault::test_kind_kept PASSED" in said
    assert "2 passed, 16 deselected" in said


def test_a_law_that_is_not_kept_is_told_in_words_for_people(folder: Path) -> None:
    (folder / "test_default.py").write_text(TESTS.replace("default", "nobody", 1))

    said = pytest_in(folder, "-k", "names_valid")

    assert "No node 'nobody' for family 'tool_strategy'." in said


def test_a_test_that_is_left_out_leaves_its_check_missing(folder: Path) -> None:
    said = pytest_in(folder, "--orket-evidence", "evidence", "-k", "names_valid")

    assert "orket: evidence of default is in evidence/tool_strategy/" in said
    # Whether a node can be imported at all is looked at before any other check.
    ran = ("import-quiet", "names-valid")
    assert recorded(folder) == {
        check: "passed" if check in ran else "missing" for check in TOOL_STRATEGY.checks
    }


def test_a_test_that_is_overridden_leaves_its_check_missing(folder: Path) -> None:
    with (folder / "test_default.py").open("a") as file:
        file.write(DEAF)

    said = pytest_in(folder, "--orket-evidence", "evidence", "-k", "TestDeaf and (total or names_valid)")

    assert "2 passed" in said
    assert recorded(folder)["total"] == "missing"
    assert recorded(folder)["names-valid"] == "passed"


def test_no_evidence_is_written_unless_it_is_asked_for(folder: Path) -> None:
    pytest_in(folder, "-k", "names_valid")

    assert [path.name for path in folder.iterdir() if path.name != "__pycache__"] == ["test_default.py"]


def test_the_plugin_imports_nothing_of_the_testkit_for_tests_that_do_not_use_it(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\n"
        "def test_other():\n"
        "    ours = sorted(name for name in sys.modules if name.startswith('orket.'))\n"
        "    assert ours == ['orket.testkit', 'orket.testkit.plugin']\n"
    )

    assert "1 passed" in pytest_in(tmp_path, "--orket-evidence", "evidence")
