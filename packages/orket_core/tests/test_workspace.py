"""A workspace is one folder and its references, for as long as it is open."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest

from orket.core.errors import ConfigError, ToolError
from orket.core.workspace import Workspace


def refused(text: str) -> pytest.RaisesExc[ToolError]:
    """The whole text that the model reads."""
    return pytest.RaisesExc(ToolError, match=f"^{re.escape(text)}$")


def test_root_is_absolute(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)
    assert Workspace().root == str(work)


def test_a_root_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Workspace(tmp_path / "absent")
    assert str(caught.value) == (
        "error: invalid-config\n"
        f"  The workspace's root '{tmp_path}/absent' cannot be opened as a folder.\n"
        f"  looked in: {tmp_path}\n"
        "  found:     No such file or directory\n"
        "  hint:      create the folder, or set 'root' under [workspace] to one that exists"
    )


def test_a_reference_that_is_a_file_is_a_configuration_error(work: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ConfigError) as caught:
        Workspace(work, references=[tmp_path / "notes.txt"])
    assert str(caught.value) == (
        "error: invalid-config\n"
        f"  The workspace's references '{tmp_path}/notes.txt' cannot be opened as a folder.\n"
        f"  looked in: {tmp_path}\n"
        "  found:     Not a directory\n"
        "  hint:      create the folder, or set 'references' under [workspace] to one that exists"
    )


def test_a_platform_without_relative_opens_is_a_configuration_error(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "supports_dir_fd", set[object]())
    with pytest.raises(ConfigError) as caught:
        Workspace(work)
    assert str(caught.value) == (
        "error: invalid-config\n"
        "  A workspace cannot be confined on this platform: it does not open files relative to a folder.\n"
        "  hint:      run on Linux or macOS; on Windows, inside WSL"
    )


def test_it_stays_with_its_folder_when_that_is_renamed(workspace: Workspace, work: Path) -> None:
    work.rename(work.with_name("moved"))
    work.mkdir()
    workspace.write_text("a.txt", "here")
    assert (work.with_name("moved") / "a.txt").read_text() == "here"


def test_nothing_is_read_or_written_once_it_is_closed(work: Path) -> None:
    with Workspace(work) as workspace:
        workspace.write_text("a.txt", "text")
    for use in (workspace.read_text, workspace.list, workspace.relative):
        with refused("the workspace is closed; no file is read or written any more"):
            use("a.txt")


def test_a_call_under_way_survives_the_closing(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fsync(fd: int) -> None:
        workspace.close()

    monkeypatch.setattr(os, "fsync", fsync)
    assert workspace.write_text("a.txt", "whole") == "a.txt"
    assert (work / "a.txt").read_text() == "whole"


@pytest.mark.parametrize("opened_by", ["walk"], indirect=True)
def test_every_descriptor_is_closed_with_it(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "up").symlink_to("a/..")
    real_open, opened = os.open, list[int]()

    def noted_open(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        opened.append(real_open(path, flags, mode, dir_fd=dir_fd))
        return opened[-1]

    monkeypatch.setattr(os, "open", noted_open)
    monkeypatch.setattr(os, "supports_dir_fd", {noted_open})
    with Workspace(work, references=[work]) as workspace:
        workspace.write_text("a/b/c", "text")
        workspace.read_text("up/a/../up/a/b/c")
        workspace.list("a")
        assert [fd for fd in set(opened) if is_open(fd)] == opened[:2]
        for path in ("../x", "a", "a/none", "a/b/c/d", "up/../../x"):
            with contextlib.suppress(ToolError):
                workspace.read_text(path)
            with contextlib.suppress(ToolError):
                workspace.write_text(path, "text")
        assert [fd for fd in set(opened) if is_open(fd)] == opened[:2]
    assert len(opened) > 30
    assert [fd for fd in opened if is_open(fd)] == []


def is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False
    return True


def test_names_are_sorted_and_temporary_files_left_out(workspace: Workspace, work: Path) -> None:
    for name in ("b", "a", ".hidden", ".orket-0011aabb.tmp", "B"):
        (work / name).touch()
    (work / "c").mkdir()
    assert workspace.list() == [".hidden", "B", "a", "b", "c"]
    assert workspace.list("c") == []


def test_a_name_that_is_not_utf8_is_shown_with_its_bytes(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [os.fsdecode(b"caf\xe9"), "plain"]  # not every file system keeps such a name

    def listdir(folder: int) -> list[str]:
        return names

    monkeypatch.setattr(os, "listdir", listdir)
    assert workspace.list() == [r"caf\xe9", "plain"]


def test_a_file_is_not_listed(workspace: Workspace, work: Path) -> None:
    (work / "a.txt").touch()
    with refused("cannot list 'a.txt': a file stands where a folder is needed"):
        workspace.list("a.txt")


@pytest.mark.parametrize(
    ("path", "text"),
    [("a.txt", "a.txt"), ("./a//b/", "a/b"), ("{work}/a/b", "a/b"), ("{work}", "."), ("a/../b", "a/../b")],
)
def test_relative_gives_the_way_from_the_root(workspace: Workspace, work: Path, path: str, text: str) -> None:
    assert workspace.relative(path.format(work=work)) == text


def test_relative_refuses_an_absolute_path_outside(workspace: Workspace, work: Path) -> None:
    with refused(f"'{work.parent}/other' is outside the workspace; give a path inside it"):
        workspace.relative(f"{work.parent}/other")


def test_both_spellings_of_a_root_behind_a_link_are_inside(work: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to("work")
    (work / "a.txt").write_text("text")
    workspace = Workspace(tmp_path / "alias")
    assert workspace.read_text(f"{tmp_path}/alias/a.txt") == "text"
    assert workspace.read_text(f"{work}/a.txt") == "text"


def test_a_workspace_says_what_it_keeps_to(work: Path, tmp_path: Path) -> None:
    """Another process can make the same one of it."""
    notes = tmp_path / "notes"
    notes.mkdir()

    workspace = Workspace(work, references=[notes], protected=[work / "database"])

    assert workspace.references == (str(notes),)
    assert workspace.protected == (str(work / "orket.toml"), str(work / ".orket"), str(work / "database"))
