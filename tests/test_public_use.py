"""Siblings use only what core lists as public."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest


def borrowed(root: Path) -> Iterator[tuple[str, str, str]]:
    """File, module and name of each import that a sibling makes from core."""
    for file in sorted(root.glob("packages/*/src/**/*.py")):
        place = file.relative_to(root / "packages").as_posix()
        if place.startswith("orket_core/"):
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("orket.core"):
                yield from ((place, str(node.module), alias.name) for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (
                    (place, alias.name, "*") for alias in node.names if alias.name.startswith("orket.core.")
                )


def public(module: str) -> set[str]:
    return set(import_module(module).__all__)


def test_each_name_that_a_sibling_takes_from_core_is_listed_there(root: Path) -> None:
    taken = list(borrowed(root))
    assert len(taken) > 100
    private = [f"{file}: {module}.{name}" for file, module, name in taken if name not in public(module)]
    assert private == []


@pytest.mark.parametrize("module", ["orket.core", "orket.core.proving"])
def test_nothing_that_is_listed_starts_with_an_underscore(module: str) -> None:
    assert [name for name in public(module) if name.startswith("_")] == []
