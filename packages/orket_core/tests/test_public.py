"""What of core others may rely on: what `__all__` lists, and nothing else."""

from __future__ import annotations

import ast
from importlib import import_module
from pathlib import Path

import pytest

import orket.core

PACKAGE = Path(orket.core.__file__ or "").parent
MODULES = sorted(path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__")


def declared_for_type_checkers() -> dict[str, str]:
    """Each name that `orket.core` imports for type checkers, with the module it comes from."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    blocks = [
        node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


@pytest.mark.parametrize("name", orket.core.__all__)
def test_each_public_name_is_there_and_public_in_its_module(name: str) -> None:
    module = import_module(declared_for_type_checkers()[name])
    assert getattr(orket.core, name) is getattr(module, name)
    assert name in module.__all__


def test_type_checkers_see_what_a_program_sees() -> None:
    assert sorted(declared_for_type_checkers()) == sorted(orket.core.__all__)


def test_what_is_public_is_what_is_listed() -> None:
    assert dir(orket.core) == sorted(orket.core.__all__)


def test_no_name_is_listed_twice() -> None:
    assert len(set(orket.core.__all__)) == len(orket.core.__all__)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'orket\.core' has no attribute 'Tolset'$"):
        getattr(orket.core, "Tolset")  # noqa: B009 - a type checker would not let it be written


@pytest.mark.parametrize("name", MODULES)
def test_each_module_lists_what_is_public_in_it(name: str) -> None:
    module = import_module(f"orket.core.{name}")
    public: list[str] = module.__all__
    assert public == [one for one in public if hasattr(module, one)]
    assert len(set(public)) == len(public)
