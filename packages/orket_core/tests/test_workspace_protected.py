"""No tool writes what Orket itself reads, however its path is spelt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace

REFUSAL = (
    "cannot write {path!r}: Orket itself reads it (configuration, state or an installed package); "
    "choose another place"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project with its configuration, its state, and packages installed beside the sources."""
    root = tmp_path / "work"
    for name in (
        "orket.toml",
        ".orket/orket.db",
        "conf/real.toml",
        "lib/packages/pkg/module.py",
        "sub/a.txt",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("old")
    return root


def content(root: Path) -> dict[str, str]:
    """Every file below ``root`` with what it holds."""
    return {str(path.relative_to(root)): path.read_text() for path in root.rglob("*") if path.is_file()}


def assert_refused(workspace: Workspace, path: str) -> None:
    before = content(Path(workspace.root))
    with pytest.raises(ToolError) as caught:
        workspace.write_text(path, "new")
    assert str(caught.value) == REFUSAL.format(path=path)
    assert content(Path(workspace.root)) == before


@pytest.mark.parametrize(
    "path",
    [
        "orket.toml",
        "./orket.toml",
        "sub/../orket.toml",
        "sub/orket.toml",
        "new/folder/orket.toml",
        "sub/ORKET.toml",
        "ORKET.toml",
        "Orket.Toml",
        "orket.toml.",
        "orket.toml ",
        "orket.toml. .",
        "or\u212aet.toml",  # the sign for kelvin
        "orket\u200d.toml",  # with a character nobody sees
        "\uff4frket.toml",  # a wide letter
        ".orket",
        ".orket/orket.db",
        ".orket/new",
        ".orket/new/folder/file",
        ".ORKET/new",
        ".orket./new",
        "sub/.orket/new",
        "sub/../.orket/new",
        "orket.toml/new",
        "{root}/orket.toml",
        "{root}/.orket/new",
    ],
)
def test_configuration_and_state_by_any_spelling(root: Path, path: str) -> None:
    assert_refused(Workspace(root), path.format(root=root))


@pytest.mark.parametrize(
    ("link", "target", "path"),
    [
        ("x", "orket.toml", "x"),
        ("x", ".orket", "x/orket.db"),
        ("x", ".orket", "x/new"),
        ("x", ".orket", "x/new/folder/file"),
        ("sub/x", "../.orket", "sub/x/new"),
        ("sub/x", "..", "sub/x/orket.toml"),
        ("y", "lib/packages", "y/pkg/module.py"),
        ("y", "lib/packages/pkg", "y/new/folder/file"),
    ],
)
def test_through_a_link(root: Path, link: str, target: str, path: str) -> None:
    (root / link).symlink_to(target)
    assert_refused(Workspace(root, protected=[root / "lib/packages"]), path)


def test_state_found_in_a_folder_below(root: Path) -> None:
    (root / "sub/.orket/deep").mkdir(parents=True)
    (root / "x").symlink_to("sub/.orket/deep")
    assert_refused(Workspace(root), "x/new")


@pytest.mark.parametrize(
    "path", ["lib/packages/pkg/module.py", "lib/packages/pkg/new.py", "lib/packages/new/a.py", "lib/packages"]
)
def test_a_protected_folder_and_all_in_it(root: Path, path: str) -> None:
    assert_refused(Workspace(root, protected=[root / "lib/packages"]), path)


@pytest.mark.parametrize("path", ["conf/real.toml", "conf/../conf/REAL.toml", "{root}/conf/real.toml"])
def test_a_protected_file(root: Path, path: str) -> None:
    assert_refused(Workspace(root, protected=[root / "conf/real.toml"]), path.format(root=root))


def test_the_file_that_the_configuration_is_a_link_to(root: Path) -> None:
    (root / "orket.toml").unlink()
    (root / "orket.toml").symlink_to("conf/real.toml")
    assert_refused(Workspace(root), "conf/real.toml")


def test_the_file_that_the_configuration_is_a_link_to_before_it_exists(root: Path) -> None:
    (root / "orket.toml").unlink()
    (root / "orket.toml").symlink_to("conf/later.toml")
    assert_refused(Workspace(root), "conf/later.toml")


def test_the_folder_that_the_state_is_a_link_to(root: Path) -> None:
    (root / ".orket").rename(root / "state")
    (root / ".orket").symlink_to("state")
    assert_refused(Workspace(root), "state/new")


def test_a_protected_file_under_the_name_it_has_elsewhere(root: Path, tmp_path: Path) -> None:
    """A mount shows one folder at two places; here the workspace and the protected path are two such spellings."""
    (tmp_path / "alias").symlink_to("work")
    assert_refused(Workspace(root, protected=[tmp_path / "alias/conf"]), "conf/real.toml")


@pytest.mark.parametrize("path", ["data.db", "DATA.DB", "sub/../data.db"])
def test_a_protected_file_before_it_exists(root: Path, path: str) -> None:
    assert_refused(Workspace(root, protected=[root / "data.db"]), path)


@pytest.mark.parametrize("path", ["later", "later/a.txt", "later/folder/a.txt"])
def test_a_protected_folder_before_it_exists(root: Path, path: str) -> None:
    assert_refused(Workspace(root, protected=[root / "later"]), path)
    assert not (root / "later").exists()


def test_a_protected_file_that_was_replaced_after_the_start(root: Path) -> None:
    workspace = Workspace(root, protected=[root / "conf/real.toml"])
    (root / "saved").write_text("edited")
    (root / "saved").replace(root / "conf/real.toml")
    assert_refused(workspace, "conf/real.toml")


def test_a_workspace_inside_a_protected_folder(root: Path) -> None:
    assert_refused(Workspace(root / "sub", protected=[root]), "a.txt")


def test_where_the_file_system_ignores_case(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder opened by another case is the same folder, so its device and inode betray it."""
    real_open = os.open

    def folding_open(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        return real_open("packages" if path == "PACKAGES" else path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", folding_open)
    monkeypatch.setattr(os, "supports_dir_fd", {*os.supports_dir_fd, folding_open})
    assert_refused(Workspace(root, protected=[root / "lib/packages"]), "lib/PACKAGES/pkg/module.py")


@pytest.mark.parametrize("path", [".orket-00.tmp", "sub/.orket-00.tmp", ".orket-00.tmp/a.txt"])
def test_the_names_of_temporary_files_are_taken(root: Path, path: str) -> None:
    with pytest.raises(ToolError) as caught:
        Workspace(root).write_text(path, "new")
    assert str(caught.value) == (
        f"cannot write '{path}': such names are for Orket's temporary files; choose another name"
    )


def test_a_folder_that_was_moved_out_meanwhile_is_not_written(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_stat, moved = os.fstat, tmp_path / "moved"

    def move_first(fd: int) -> os.stat_result:
        if not moved.exists():
            (root / "sub").rename(moved)
        return real_stat(fd)

    monkeypatch.setattr(os, "fstat", move_first)
    with pytest.raises(ToolError) as caught:
        Workspace(root).write_text("sub/a.txt", "new")
    assert (
        str(caught.value) == "cannot write 'sub/a.txt': its folder was moved out of the workspace meanwhile"
    )
    assert content(moved) == {"a.txt": "old"}


@pytest.mark.parametrize(
    "path", ["orket.toml.bak", "my-orket.toml", "orket", ".orketrc", "conf/real.toml.new", "lib/a.py"]
)
def test_what_only_looks_alike_is_written(root: Path, path: str) -> None:
    Workspace(root, protected=[root / "lib/packages", root / "conf/real.toml"]).write_text(path, "new")
    assert (root / path).read_text() == "new"


def test_what_is_protected_is_read_and_listed_all_the_same(root: Path) -> None:
    workspace = Workspace(root)
    assert workspace.read_text("orket.toml") == "old"
    assert workspace.list(".orket") == ["orket.db"]
