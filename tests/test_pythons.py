"""One list of Pythons: what the metadata promises is what is tested."""

import re
from pathlib import Path
from typing import Any

Members = dict[Path, dict[str, Any]]

PROMISE = "Programming Language :: Python :: 3."


def promised(members: Members) -> set[str]:
    """The Pythons of the classifiers, on which all members agree."""
    (agreed,) = {
        tuple(text for text in declared["project"]["classifiers"] if text.startswith(PROMISE))
        for declared in members.values()
    }
    return {text.rpartition(" ")[2] for text in agreed}


def listed(line: str, path: Path) -> set[str]:
    """The quoted Pythons in the lines of a file that begin so."""
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r'"(3\.\d+)"', "".join(re.findall(rf"^ *{line}.*$", text, re.MULTILINE))))


def test_continuous_integration_runs_every_python_that_is_promised(root: Path, members: Members) -> None:
    assert listed(r"python: \[", root / ".github/workflows/quality.yml") == promised(members)


def test_every_python_that_is_promised_has_a_test_session(root: Path, members: Members) -> None:
    assert listed("(?:OLDEST|PYTHONS) =", root / "noxfile.py") == promised(members)


def test_the_oldest_python_is_the_floor_everywhere(workspace: dict[str, Any], members: Members) -> None:
    assert {declared["project"]["requires-python"] for declared in members.values()} == {">=3.11"}
    assert workspace["tool"]["mypy"]["python_version"] == "3.11"
    assert workspace["tool"]["pyright"]["pythonVersion"] == "3.11"
    assert workspace["tool"]["ruff"]["target-version"] == "py311"
