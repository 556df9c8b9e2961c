"""What discovery finds, what hides what, and what looking costs."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from orket.core.discovery import Catalog, discover
from orket.core.families import TOOL_STRATEGY
from orket.core.family import NodeRef

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


def test_an_entry_point_becomes_a_reference_with_all_that_metadata_says(
    tmp_path: Path, install: Install, look: Look
) -> None:
    place = install(tmp_path, "Acme_Tools-1.5.dist-info", metadata=stated("Acme.Tools", "1.5"))
    catalog = look(tmp_path)
    assert catalog == Catalog(
        refs=(
            NodeRef(
                group="orket.tool_strategy",
                name="read-only",
                value="acme.strategy:ReadOnly",
                distribution="acme-tools",
                version="1.5",
                location=str(place),
            ),
        ),
        shadowed=(),
        problems=(),
        metadata={"acme-tools": str(place)},
    )


def test_every_group_of_orket_is_found_and_no_other(tmp_path: Path, install: Install, look: Look) -> None:
    groups = ("orket.tool_strategy", "orket.tool_runner", "orket.tools", "orket.observers", "orket.planner")
    foreign = ("console_scripts", "pytest11", "my.orket.tools")
    text = "".join(f"[{group}]\nx = acme:X\n" for group in (*groups, *foreign))
    install(tmp_path, "acme-1.0.dist-info", text)
    catalog = look(tmp_path)
    assert [ref.group for ref in catalog.refs] == sorted(groups)
    assert catalog.problems == ()


def test_references_are_sorted_whatever_the_order_of_files_and_lines(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "zeta-1.0.dist-info", "[orket.tools]\nb = z:B\na = z:A\n", stated("zeta"))
    install(tmp_path, "acme-1.0.dist-info", "[orket.tools]\nd = a:D\nc = a:C\n")
    assert [ref.name for ref in look(tmp_path).refs] == ["a", "b", "c", "d"]


def test_candidates_of_a_family_are_those_of_its_group(tmp_path: Path, install: Install, look: Look) -> None:
    install(tmp_path, "acme-1.0.dist-info", STRATEGY + "[orket.tools]\nfiles = acme:FILES\n")
    catalog = look(tmp_path)
    assert qualified(catalog.candidates(TOOL_STRATEGY)) == ["acme:read-only"]
    assert qualified(catalog.group("orket.tools")) == ["acme:files"]
    assert catalog.group("orket.planner") == ()


def test_comments_blank_lines_extras_and_odd_spacing_are_read_like_importlib_metadata_reads_them(
    tmp_path: Path, install: Install, look: Look
) -> None:
    text = (
        "# all of it\r\n\r\n  [orket.tools]  \r\n"
        "  # of ours\r\n  files  =  acme.files : FILES [fast,safe]  \r\n"
        "eq = acme:A=B # not a comment\r\n"
    )
    install(tmp_path, "acme-1.0.dist-info", text)
    assert [(ref.name, ref.value) for ref in look(tmp_path).refs] == [
        ("eq", "acme:A=B # not a comment"),
        ("files", "acme.files : FILES [fast,safe]"),
    ]


def test_a_file_of_any_size_is_read_to_its_end(tmp_path: Path, install: Install, look: Look) -> None:
    install(tmp_path, "acme-1.0.dist-info", "# filler\n" * 20_000 + STRATEGY)
    assert qualified(look(tmp_path).refs) == ["acme:read-only"]


def test_metadata_that_is_not_utf8_is_read_all_the_same(tmp_path: Path, install: Install, look: Look) -> None:
    place = install(tmp_path, "acme-1.0.dist-info")
    (place / "METADATA").write_bytes(b"Author: Ren\xe9\r\nNAME: acme\r\nVersion: 1.0\r\n\r\nVersion: 9\r\n")
    catalog = look(tmp_path)
    assert [ref.version for ref in catalog.refs] == ["1.0"]
    assert catalog.problems == ()


def test_an_egg_info_folder_counts(tmp_path: Path, install: Install, look: Look) -> None:
    install(tmp_path, "acme.egg-info")
    assert qualified(look(tmp_path).refs) == ["acme:read-only"]


def test_an_egg_info_file_hides_later_distributions_though_it_has_no_entry_points(
    tmp_path: Path, install: Install, look: Look
) -> None:
    early, late = tmp_path / "early", tmp_path / "late"
    early.mkdir()
    (early / "acme-0.9.egg-info").write_text(stated("acme", "0.9"))
    install(late, "acme-1.0.dist-info")
    catalog = look(early, late)
    assert catalog.refs == ()
    assert qualified(catalog.shadowed) == ["acme:read-only"]
    assert catalog.metadata == {"acme": str(early / "acme-0.9.egg-info")}


def test_an_egg_folder_is_named_by_its_metadata(tmp_path: Path, install: Install, look: Look) -> None:
    egg = tmp_path / "whatever-1.0-py3.11.egg"
    install(egg, "EGG-INFO", metadata=stated("Acme_Egg", "3.0"))
    (ref,) = look(egg).refs
    assert (ref.distribution, ref.version, ref.location) == ("acme-egg", "3.0", str(egg / "EGG-INFO"))


def test_egg_info_of_a_folder_that_is_no_egg_is_left_alone(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path, "EGG-INFO")
    assert look(tmp_path).refs == ()


@pytest.mark.parametrize("entry", ["", ".", "sub/.."])
def test_relative_entries_are_of_the_working_directory(
    entry: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install, look: Look
) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    (ref,) = look(entry).refs
    assert os.path.isabs(ref.location)
    assert os.path.samefile(ref.location, tmp_path / "acme-1.0.dist-info")


def test_the_path_is_that_of_the_interpreter_unless_one_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install
) -> None:
    install(tmp_path, "acme-1.0.dist-info")
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    assert qualified(discover().refs) == ["acme:read-only"]


def test_entries_that_do_not_exist_are_no_problem(tmp_path: Path, look: Look) -> None:
    (tmp_path / "text.py").write_text("")
    catalog = look(tmp_path / "absent", tmp_path / "text.py" / "inside")
    assert catalog == Catalog((), (), (), {})


def test_a_working_directory_that_is_gone_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, install: Install, look: Look
) -> None:
    install(tmp_path / "site", "acme-1.0.dist-info")
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert qualified(look("", tmp_path / "site").refs) == ["acme:read-only"]


def test_an_earlier_entry_of_the_path_hides_a_later_one(tmp_path: Path, install: Install, look: Look) -> None:
    first = install(tmp_path / "a", "acme-1.0.dist-info")
    later = install(tmp_path / "b", "acme-2.0.dist-info", metadata=stated("acme", "2.0"))
    catalog = look(tmp_path / "a", tmp_path / "b")
    assert [(ref.version, ref.location) for ref in catalog.refs] == [("1.0", str(first))]
    assert [(ref.version, ref.location) for ref in catalog.shadowed] == [("2.0", str(later))]
    assert catalog.problems == ()


@pytest.mark.parametrize("other", ["Acme.Tools", "acme__tools", "ACME_tools", "acme._tools"])
def test_names_that_normalise_alike_are_one_distribution(
    other: str, tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path / "a", "acme_tools-1.0.dist-info", metadata=stated("acme-tools"))
    install(tmp_path / "b", f"{other}-1.0.dist-info", metadata=stated(other))
    catalog = look(tmp_path / "a", tmp_path / "b")
    assert qualified(catalog.refs) == ["acme-tools:read-only"]
    assert qualified(catalog.shadowed) == ["acme-tools:read-only"]


def test_a_distribution_that_declares_nothing_hides_one_that_does(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path / "a", "acme-1.0.dist-info", entry_points=None)
    install(tmp_path / "b", "acme-1.0.dist-info")
    assert look(tmp_path / "a", tmp_path / "b").refs == ()


def test_a_whole_distribution_beats_an_earlier_one_without_metadata(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path / "a", "acme-1.0.dist-info", metadata=None)
    whole = install(tmp_path / "b", "acme-1.0.dist-info")
    catalog = look(tmp_path / "a", tmp_path / "b")
    assert [ref.location for ref in catalog.refs] == [str(whole)]
    assert [ref.location for ref in catalog.shadowed] == [str(tmp_path / "a" / "acme-1.0.dist-info")]
    assert catalog.metadata == {"acme": str(whole)}


def test_an_entry_given_twice_hides_nothing(tmp_path: Path, install: Install, look: Look) -> None:
    site = tmp_path / "lib"
    install(site, "acme-1.0.dist-info")
    (tmp_path / "lib64").symlink_to(site)
    catalog = look(site, site, f"{site}/", tmp_path / "lib64")
    assert qualified(catalog.refs) == ["acme:read-only"]
    assert catalog.shadowed == ()
    assert catalog.problems == ()


def test_an_entry_given_twice_counts_where_it_stands_first(
    tmp_path: Path, install: Install, look: Look
) -> None:
    install(tmp_path / "a", "acme-1.0.dist-info")
    install(tmp_path / "b", "acme-2.0.dist-info", metadata=stated("acme", "2.0"))
    assert [ref.version for ref in look(tmp_path / "a", tmp_path / "b", tmp_path / "a").refs] == ["1.0"]


def test_a_stranger_cannot_pass_for_core_by_what_its_metadata_states(
    tmp_path: Path, install: Install, look: Look
) -> None:
    """The default is exempt from the gate, so a folder named otherwise must not become `orket-core:default`."""
    install(
        tmp_path, "acme-1.0.dist-info", "[orket.tool_strategy]\ndefault = acme:Evil\n", stated("orket-core")
    )
    catalog = look(tmp_path)
    assert [TOOL_STRATEGY.is_default(ref) for ref in catalog.refs] == [False]
    assert only_problem(catalog) == (
        "warning: name-mismatch\n"
        "  The metadata in 'acme-1.0.dist-info' is of another distribution, so it is known as 'acme'.\n"
        f"  looked in: {tmp_path}/acme-1.0.dist-info\n"
        "  found:     Name: orket-core\n"
        "  hint:      reinstall it under one name"
    )


def test_looking_imports_no_plugin_and_nothing_slow(tmp_path: Path, install: Install) -> None:
    (tmp_path / "acme.py").write_text("raise SystemExit('imported')")
    install(tmp_path, "acme-1.0.dist-info", "[orket.tool_strategy]\nread-only = acme:ReadOnly\n")
    code = (
        "import sys; from orket.core.discovery import discover\n"
        "assert [ref.value for ref in discover().refs if ref.distribution == 'acme'] == ['acme:ReadOnly']\n"
        "print(*sys.modules)"
    )
    path = os.pathsep.join([str(tmp_path), *(entry for entry in sys.path if entry)])
    run = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    unwelcome = {
        *("acme", "importlib_metadata", "importlib.metadata", "pluggy", "pydantic", "asyncio", "dataclasses"),
        *("inspect", "pathlib", "json", "difflib", "email", "zipfile"),
    }
    assert unwelcome.intersection(run.stdout.split()) == set()
