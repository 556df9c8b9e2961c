"""The roadmap's form: an item exists, is worked on, is done."""

import re
from pathlib import Path

import pytest


def sections(markdown: str) -> dict[str, str]:
    """The text under each second-level heading."""
    parts = re.split(r"^## (.+)$", markdown, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture
def items(root: Path) -> dict[str, str]:
    return sections((root / "docs/ROADMAP.md").read_text(encoding="utf-8"))


def test_every_item_has_a_purpose_and_acceptance_criteria(items: dict[str, str]) -> None:
    assert items
    for title, text in items.items():
        purpose, marker, criteria = text.partition("\nAccepted when:\n")

        assert purpose.strip(), f"{title}: no purpose"
        assert marker, f"{title}: no 'Accepted when:'"
        assert re.match(r"\n- \S", criteria), f"{title}: no acceptance criteria"


def test_at_most_one_item_of_the_roadmap_is_worked_on(root: Path, items: dict[str, str]) -> None:
    handoff = (root / "docs/HANDOFF.md").read_text(encoding="utf-8")
    worked_on = re.findall(r"^Working on: (.+)$", handoff, re.MULTILINE)

    assert len(worked_on) == 1
    assert worked_on[0] in {"nothing", *items}


def test_a_done_item_has_left_the_roadmap(root: Path, items: dict[str, str]) -> None:
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    done = re.findall(r"^- \*\*(.+?)\*\*", changelog, re.MULTILINE)

    assert done
    assert set(done).isdisjoint(items)
