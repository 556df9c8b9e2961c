"""What a distribution imports is what it declares: an editable workspace would hide the difference."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Members = dict[Path, dict[str, Any]]


def imported_modules(source: Path) -> Iterator[str]:
    """The full names of the modules that a file imports, at its top or later."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def declared_names(declared: dict[str, Any]) -> set[str]:
    """What a distribution needs, also where it needs it for an extra alone."""
    project = declared["project"]
    texts = [*project["dependencies"], *chain(*project.get("optional-dependencies", {}).values())]
    return {canonicalize_name(Requirement(text).name) for text in texts}


def provider(distributions: list[str], declared: set[str]) -> str:
    """The distribution that a module comes from: of those that share a namespace, the declared one."""
    names: list[str] = [canonicalize_name(name) for name in distributions]
    return next((name for name in names if name in declared), names[0])


@pytest.fixture
def imported(members: Members) -> dict[str, set[str]]:
    """For each distribution with code, the distributions that its code imports from."""
    providers = packages_distributions()
    siblings = {
        ".".join(marker.parent.relative_to(member / "src").parts): declared["project"]["name"]
        for member, declared in members.items()
        for marker in member.glob("src/**/py.typed")
    }
    found: dict[str, set[str]] = {}
    for member, declared in members.items():
        own = declared["project"]["name"]
        modules = {name for path in member.glob("src/**/*.py") for name in imported_modules(path)}
        ours = {
            siblings[name] for name in siblings for module in modules if f"{module}.".startswith(f"{name}.")
        }
        tops = (
            {module.partition(".")[0] for module in modules}
            - sys.stdlib_module_names
            - {"orket", "_typeshed"}
        )
        known = declared_names(declared)
        theirs = {provider(providers[top], known) for top in tops}
        if modules:
            found[own] = (ours | theirs) - {own}
    return found


def test_everything_imported_is_declared_and_everything_declared_is_imported(
    members: Members, imported: dict[str, set[str]]
) -> None:
    declared = {each["project"]["name"]: declared_names(each) for each in members.values()}

    assert imported == {name: declared[name] for name in imported}
