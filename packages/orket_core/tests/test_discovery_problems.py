"""What discovery says about metadata that is not as it should be: a warning, and never a failure."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef

    Install = Callable[..., Path]
    Look = Callable[..., Catalog]

STRATEGY = "[orket.tool_strategy]\nread-only = acme.strategy:ReadOnly\n"


def stated(name: str, version: str = "1.0") -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: not this\n"


def qualified(refs: Sequence[NodeRef]) -> list[str]:
    return [ref.qualified for ref in refs]


def only_problem(catalog: Catalog) -> str:
    (problem,) = catalog.problems
    return problem.render("warning")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("orket.tool-strategy", "orket.tool_strategy"),
        ("orket_tool_strategy", "orket.tool_strategy"),
        ("Orket.tool_strategy", "orket.tool_strategy"),
        ("orket.tool_strategies", "orket.tool_strategy"),
        ("ORKET_TOOL_STRATEGIES", "orket.tool_strategy"),
        (" orket.tool_strategy ", "orket.tool_strategy"),
        ("orket.tool_runners", "orket.tool_runner"),
        ("orket.tool", "orket.tools"),
        ("orket.observer", "orket.observers"),
    ],
)
def test_a_group_that_is_nearly_right_stays_visible_with_the_right_one_as_hint(
    written: str, meant: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", f"[{written}]\nread-only = acme:ReadOnly\n")
    catalog = look(tmp_path)
    assert [ref.group for ref in catalog.refs] == [written]
    assert only_problem(catalog) == (
        "warning: near-miss-group\n"
        f"  Nothing reads the group '{written}' of 'acme'.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info\n"
        "  found:     read-only = acme:ReadOnly\n"
        f"  hint:      did you mean '{meant}'?"
    )


@pytest.mark.parametrize("family", ["planner", "router", "prompt_strategy", "evaluator"])
def test_a_family_that_core_does_not_know_is_no_near_miss(
    family: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", f"[orket.{family}]\nmine = acme:Mine\n")
    assert look(tmp_path).problems == ()


def test_a_bad_name_stays_visible_with_a_better_one_as_hint(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", "[orket.tool_strategy]\nRead_Only = acme:ReadOnly\n")
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:Read_Only"]
    assert only_problem(catalog) == (
        "warning: bad-node-name\n"
        "  'Read_Only' of 'acme' is no name for a node: "
        "names are lower-case letters, digits and hyphens, and start with a letter.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info\n"
        "  found:     Read_Only = acme:ReadOnly\n"
        "  hint:      did you mean 'read-only'?"
    )


@pytest.mark.parametrize("name", ["", "9lives", "-x", "naïve", "a b", "a:b"])
def test_a_name_that_cannot_be_mended_is_to_be_changed(
    name: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", f"[orket.tool_strategy]\n{name} = acme:X\n")
    (problem,) = look(tmp_path).problems
    assert (problem.code, problem.hint) == ("bad-node-name", "rename it")


@pytest.mark.parametrize(
    "value", ["", "acme strategy:X", "acme:X:Y", "acme-strategy:X", "acme:", ":X", "acme:X."]
)
def test_a_value_that_names_nothing_stays_visible(
    value: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", f"[orket.tool_strategy]\nmine = {value}\n")
    catalog = look(tmp_path)
    assert [ref.value for ref in catalog.refs] == [value]
    assert only_problem(catalog) == (
        "warning: bad-entry-point\n"
        "  'acme:mine' in 'orket.tool_strategy' names nothing that can be imported.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info\n"
        f"  found:     mine = {value}\n"
        "  hint:      write 'name = module:attribute'"
    )


def test_two_distributions_with_one_name_are_both_kept_and_told_apart(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    install(tmp_path, "zeta-1.0.dist-info", "[orket.tool_strategy]\nread-only = zeta:R\n", stated("zeta"))
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:read-only", "zeta:read-only"]
    assert only_problem(catalog) == (
        "warning: duplicate-node\n"
        "  2 entry points of 'orket.tool_strategy' are called 'read-only'.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info, {tmp_path}/zeta-1.0.dist-info\n"
        "  found:     acme:read-only = acme.strategy:ReadOnly, zeta:read-only = zeta:R\n"
        "  hint:      choose by the whole name, such as 'acme:read-only'"
    )


def test_a_name_written_twice_in_one_distribution_cannot_be_told_apart(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", STRATEGY + "read-only = acme:Other\n")
    assert only_problem(look(tmp_path)) == (
        "warning: duplicate-node\n"
        "  2 entry points of 'orket.tool_strategy' are called 'read-only'.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info\n"
        "  found:     acme:read-only = acme.strategy:ReadOnly, acme:read-only = acme:Other\n"
        "  hint:      keep one of its lines"
    )


def test_a_folder_left_behind_by_an_installer_still_counts_under_a_name_of_its_own(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "~cme-1.0.dist-info")
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["~cme:read-only"]
    assert only_problem(catalog) == (
        "warning: leftover\n"
        "  An interrupted installer left '~cme-1.0.dist-info' behind, and its entry points still count.\n"
        f"  looked in: {tmp_path}/~cme-1.0.dist-info\n"
        "  found:     acme 1.0\n"
        "  hint:      delete it"
    )


@pytest.mark.parametrize(
    ("metadata", "missing", "found"),
    [
        (None, "Name and no Version", "neither METADATA nor PKG-INFO"),
        ("", "Name and no Version", "METADATA"),
        ("Name: acme\n", "Version", "METADATA"),
        ("Version: 1.0\r\n\r\nName: acme\r\n", "Name", "METADATA"),
    ],
)
def test_metadata_that_is_missing_or_incomplete_is_told(
    metadata: str | None, missing: str, found: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", metadata=metadata)
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:read-only"]
    assert only_problem(catalog) == (
        "warning: broken-metadata\n"
        f"  The metadata in 'acme-1.0.dist-info' states no {missing}.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info\n"
        f"  found:     {found}\n"
        "  hint:      reinstall the distribution, or delete this if it is not installed any more"
    )


def test_an_egg_without_a_name_is_told_and_left_out(tmp_path: Path, install: Install, look: Look) -> None:
    egg = tmp_path / "acme.egg"
    install(egg, "EGG-INFO", metadata="Version: 1.0\n")
    catalog = look(egg)
    assert catalog.refs == ()
    assert [problem.message for problem in catalog.problems] == ["The metadata in 'EGG-INFO' states no Name."]


def test_two_versions_in_one_folder_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    install(tmp_path, "acme-2.0.dist-info", entry_points=None, metadata=stated("acme", "2.0"))

    def newest_first(_: object) -> list[str]:
        return ["acme-2.0.dist-info", "acme-1.0.dist-info"]

    monkeypatch.setattr(os, "listdir", newest_first)
    catalog = look(tmp_path)
    assert catalog.refs == ()
    assert only_problem(catalog) == (
        "warning: stale-metadata\n"
        "  One folder holds the metadata of 'acme' more than once.\n"
        f"  looked in: {tmp_path}\n"
        "  found:     acme-2.0.dist-info (in effect), acme-1.0.dist-info\n"
        "  hint:      delete what is not installed any more"
    )


@pytest.mark.parametrize(
    ("text", "reason", "line"),
    [
        ("[orket.tools]\nfiles acme:FILES\n", "it has no '='.", "files acme:FILES"),
        ("\ufeff[orket.tools]\n", "it stands before the first [group].", "\ufeff[orket.tools]"),
        ("files = acme:FILES\n[orket.tools]\n", "it stands before the first [group].", "files = acme:FILES"),
    ],
)
def test_a_line_that_says_nothing_is_told(
    text: str, reason: str, line: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", text + "[orket.tools]\ngood = acme:GOOD\n")
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:good"]
    assert only_problem(catalog) == (
        "warning: bad-entry-point\n"
        f"  A line of entry points says nothing: {reason}\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info/entry_points.txt\n"
        f"  found:     {line}\n"
        "  hint:      write 'name = module:attribute' below a line such as '[orket.tool_strategy]'"
    )


def test_a_line_without_meaning_in_a_strangers_group_is_not_ours_to_judge(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", "[console_scripts]\nnonsense\n" + STRATEGY)
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:read-only"]
    assert catalog.problems == ()


def test_entry_points_that_are_not_utf8_are_told_and_read_as_far_as_they_go(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info", b"# caf\xe9\n" + STRATEGY.encode())
    catalog = look(tmp_path)
    assert qualified(catalog.refs) == ["acme:read-only"]
    assert only_problem(catalog) == (
        "warning: broken-metadata\n"
        "  The entry points of a distribution cannot be read.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info/entry_points.txt\n"
        "  found:     UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 5: "
        "invalid continuation byte\n"
        "  hint:      reinstall the distribution"
    )


def test_entry_points_that_cannot_be_opened_are_told(tmp_path: Path, install: Install, look: Look) -> None:
    place = install(tmp_path, "acme-1.0.dist-info", entry_points=None)
    file = place / "entry_points.txt"
    file.symlink_to(file)
    catalog = look(tmp_path)
    assert catalog.metadata == {"acme": str(place)}
    assert only_problem(catalog) == (
        "warning: broken-metadata\n"
        "  The entry points of a distribution cannot be read.\n"
        f"  looked in: {file}\n"
        f"  found:     OSError: [Errno 40] Too many levels of symbolic links: '{file}'\n"
        "  hint:      reinstall the distribution"
    )


def test_entry_points_that_are_a_folder_are_told(tmp_path: Path, install: Install, look: Look) -> None:
    install(tmp_path, "acme-1.0.dist-info/entry_points.txt", entry_points=None, metadata=None)
    (problem,) = look(tmp_path).problems
    assert (problem.code, problem.found) == (
        "broken-metadata",
        "IsADirectoryError: [Errno 21] Is a directory",
    )


def test_an_entry_of_the_path_that_cannot_be_searched_is_told(tmp_path: Path, look: Look) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert only_problem(look(loop)) == (
        "warning: unreadable-path\n"
        "  An entry of the path cannot be searched for plugins.\n"
        f"  looked in: {loop}\n"
        f"  found:     OSError: [Errno 40] Too many levels of symbolic links: '{loop}'\n"
        "  hint:      make it readable, or take it off the path"
    )


def test_an_entry_of_the_path_that_no_system_accepts_is_told(look: Look) -> None:
    (problem,) = look("nul\0byte").problems
    assert problem.code == "unreadable-path"
