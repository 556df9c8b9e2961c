"""The changelog's form: newest first, one line for each thing, under the six usual headings."""

import re
from datetime import date
from pathlib import Path

import pytest
from packaging.version import Version

KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.fixture
def lines(root: Path) -> list[str]:
    return (root / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()


def test_what_is_not_released_comes_first_and_releases_follow_newest_first(lines: list[str]) -> None:
    first, *releases = [line for line in lines if line.startswith("## ")]
    dated = [re.fullmatch(r"## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)", line) for line in releases]
    found = [(Version(match[1]), date.fromisoformat(match[2])) for match in dated if match]

    assert first == "## [Unreleased]"
    assert len(found) == len(releases)
    assert found == sorted(found, reverse=True)


def test_changes_stand_under_the_usual_headings(lines: list[str]) -> None:
    assert {line.removeprefix("### ") for line in lines if line.startswith("### ")} <= KINDS


def test_each_change_is_one_line(lines: list[str]) -> None:
    start = lines.index("## [Unreleased]")
    body = [line for line in lines[start:] if line and not line.startswith("#")]

    assert body
    assert [line for line in body if not line.startswith("- ")] == []
    assert len(body) == len(set(body))
