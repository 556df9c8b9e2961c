"""Where things lie, and what every distribution says of itself."""

import re
from itertools import chain
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

Members = dict[Path, dict[str, Any]]

NAMESPACES = {Path("orket"), Path("orket/observers"), Path("orket/runners"), Path("orket/strategies")}
MEGABYTE = 1_000_000
# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [name + ".org" for name in ("pypi", "pythonhosted", "registry.npmjs", "conda.anaconda")]
MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:root|work|Users/\w+|home/(?!me/)\w+)/")


def requirements(declared: dict[str, Any]) -> list[str]:
    """What a distribution needs, and what it needs for its extras."""
    project = declared["project"]
    return [*project["dependencies"], *chain(*project.get("optional-dependencies", {}).values())]


def packages_of(member: Path) -> list[Path]:
    """The import packages a member ships, as folders relative to its `src`."""
    src = member / "src"
    modules = {path.parent.relative_to(src) for path in src.rglob("*.py")}
    return sorted(path for path in modules if path.parent in NAMESPACES and path not in NAMESPACES)


def test_no_namespace_folder_holds_a_module(members: Members) -> None:
    """One stray `orket/__init__.py` hides all the other distributions, and only in editable installs."""
    stray = [
        path
        for member in members
        for namespace in NAMESPACES
        for path in (member / "src" / namespace).glob("*.py")
    ]

    assert stray == []


def test_every_folder_under_packages_is_a_member(root: Path, members: Members) -> None:
    folders = {path for path in root.glob("packages/*") if any(path.rglob("*.py"))}

    assert folders <= set(members)


def test_folders_are_identifiers_and_spell_their_distribution(members: Members) -> None:
    for member, declared in members.items():
        assert member.name.isidentifier()
        assert declared["project"]["name"] == member.name.replace("_", "-")


def test_every_import_package_says_that_it_is_typed(members: Members) -> None:
    shipped = {member / "src" / package for member in members for package in packages_of(member)}
    marked = {path.parent for member in members for path in member.glob("src/**/py.typed")}

    assert shipped == marked


def test_all_distributions_have_one_version(members: Members) -> None:
    assert len({declared["project"]["version"] for declared in members.values()}) == 1


def test_siblings_are_pinned_to_the_minor_version(members: Members) -> None:
    names = {declared["project"]["name"] for declared in members.values()}
    for declared in members.values():
        version = Version(declared["project"]["version"])
        expected = SpecifierSet(f">={version.major}.{version.minor},<{version.major}.{version.minor + 1}")
        needs = map(Requirement, requirements(declared))

        assert {r.specifier for r in needs if r.name in names} <= {expected}


def test_siblings_come_from_the_workspace(members: Members, workspace: dict[str, Any]) -> None:
    names = {declared["project"]["name"] for declared in members.values()}
    needed = {
        requirement.name
        for declared in members.values()
        for requirement in map(Requirement, requirements(declared))
        if requirement.name in names
    }

    assert needed == set(workspace["tool"]["uv"]["sources"])


def test_mypy_is_shown_every_source_folder(root: Path, members: Members, workspace: dict[str, Any]) -> None:
    """A folder that is missing from `mypy_path` is passed over without a word."""
    sources = {str(member.relative_to(root) / "src") for member in members if (member / "src").exists()}

    assert set(workspace["tool"]["mypy"]["mypy_path"]) == sources


def test_every_member_has_the_licence_and_a_readme(root: Path, members: Members) -> None:
    licence = (root / "LICENSE").read_bytes()
    for member, declared in members.items():
        assert declared["project"]["license"] == "Apache-2.0"
        assert (member / "LICENSE").read_bytes() == licence
        assert not (member / "LICENSE").is_symlink()
        title, *_ = (member / "README.md").read_text(encoding="utf-8").splitlines()
        assert title == f"# {declared['project']['name']}"


def test_the_meta_distribution_holds_no_code(root: Path) -> None:
    assert list((root / "packages/orket").rglob("src")) == []


def test_no_file_is_larger_than_a_megabyte(files: list[Path]) -> None:
    assert [path for path in files if path.stat().st_size > MEGABYTE] == []


def test_no_file_names_a_registry_or_a_place_on_one_machine(root: Path, files: list[Path]) -> None:
    found: list[str] = []
    for path in files:
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path.relative_to(root)}: {host}" for host in REGISTRIES if host in text]
        found += [f"{path.relative_to(root)}: {match[0]}" for match in MACHINE_PATH.finditer(text)]

    assert found == []
