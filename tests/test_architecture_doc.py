"""`docs/architecture.md` says what the linter holds and what the tree shows."""

import re
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def document(root: Path) -> str:
    return (root / "docs/architecture.md").read_text(encoding="utf-8")


@pytest.fixture
def rules(document: str) -> dict[str, str]:
    """The fenced block under each third-level heading, on one line."""
    blocks = re.findall(r"^### (.+)\n(?:(?!#).*\n)*?```text\n((?:.*\n)+?)```$", document, re.MULTILINE)
    return {title: " ".join(block.split()) for title, block in blocks}


def short(modules: list[str]) -> str:
    return " ".join(name.removeprefix("orket.").removeprefix("core.") for name in modules)


def in_words(contract: dict[str, Any]) -> str:
    """A contract of the linter as the document writes it, on one line."""
    match contract["type"]:
        case "layers":
            return " above ".join(contract["layers"])
        case "forbidden":
            return f"{short(contract['source_modules'])} never {short(contract['forbidden_modules'])}"
        case "protected":
            return f"{short(contract['protected_modules'])} only from {short(contract['allowed_importers'])}"
        case "independence":
            return short(contract["modules"])
        case "acyclic_siblings":
            return " ".join(f"{short([name])}.*" for name in contract["ancestors"])
        case kind:
            raise AssertionError(f"say here how the document writes a contract of type {kind!r}")


def test_every_rule_of_the_linter_stands_in_the_document_and_no_other(
    workspace: dict[str, Any], rules: dict[str, str]
) -> None:
    contracts = workspace["tool"]["importlinter"]["contracts"]

    assert rules == {contract["name"]: in_words(contract) for contract in contracts}


def test_every_module_of_core_belongs_to_one_wing_or_stands_under_or_above_both(
    root: Path, workspace: dict[str, Any], document: str
) -> None:
    """The rules for the two wings list their modules; one that no list has would be free to import both."""
    contracts = {contract["name"]: contract for contract in workspace["tool"]["importlinter"]["contracts"]}
    choosing = contracts["Core: choosing does not know calling"]
    calling = contracts["Core: calling does not know choosing"]
    outside = re.findall(r"(?:knows neither|above both): (.+)\.", document)
    under_or_above = {name for names in outside for name in re.findall(r"`(\w+)`", names)}
    tree = {path.stem for path in (root / "packages/orket_core/src/orket/core").glob("*.py")} - {"__init__"}

    assert set(choosing["forbidden_modules"]) == set(calling["source_modules"])
    assert set(calling["forbidden_modules"]) == set(choosing["source_modules"])
    assert set(short(choosing["source_modules"] + calling["source_modules"]).split()) == tree - under_or_above


def test_the_table_of_packages_is_the_tree(members: dict[Path, dict[str, Any]], document: str) -> None:
    rows = re.findall(r"^\| `(orket\w*)` \| `?([\w.]+)`? \|", document, re.MULTILINE)
    tree = {
        (member.name, ".".join(marker.parent.relative_to(member / "src").parts))
        for member in members
        for marker in member.glob("src/**/py.typed")
    }

    assert set(rows) == tree | {("orket", "none")}


def test_the_folders_of_the_layout_exist(root: Path, document: str) -> None:
    (layout,) = re.findall(r"^## Layout\n\n```text\n((?:.*\n)+?)```$", document, re.MULTILINE)
    paths = [line.split()[0] for line in layout.splitlines()]

    assert [path for path in paths if not list(root.glob(path.rstrip("/")))] == []
