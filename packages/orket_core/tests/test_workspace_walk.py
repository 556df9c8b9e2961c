"""What is in a folder and below it, and a folder to work in: both without leaving the workspace."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace


def test_files_are_given_by_paths_that_can_be_read(tangle: Path) -> None:
    workspace = Workspace(tangle)
    for start in (".", "./", "folder", "folder/", "to_folder", f"{tangle}/folder"):
        for path in workspace.walk(start):
            assert workspace.read_text(path) == os.path.relpath(os.path.realpath(tangle / path), tangle)


def test_files_come_sorted_and_links_are_not_followed(tangle: Path) -> None:
    assert list(Workspace(tangle).walk()) == [
        "back\\slash",
        "file",
        ".hidden/..twodots",
        "folder/inner",
        "folder/deep/deepest",
        "one/two/three/four",
    ]


def test_a_file_is_itself(tangle: Path) -> None:
    assert list(Workspace(tangle).walk("to_folder/inner")) == ["to_folder/inner"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("..", "'..' is outside the workspace; give a path inside it"),
        ("out", "'out' leads outside the workspace through a symbolic link; give a path that stays inside"),
        ("flie", "cannot search 'flie': there is no 'flie' in the workspace; did you mean 'file'?"),
        ("file/x", "cannot search 'file/x': a file stands where a folder is needed"),
    ],
)
def test_what_cannot_be_walked_is_refused(tangle: Path, path: str, text: str) -> None:
    with pytest.raises(ToolError) as caught:
        list(Workspace(tangle).walk(path))
    assert str(caught.value) == text


def test_a_folder_that_may_not_be_listed_is_no_empty_one(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a/file", "b/c/file"):
        (work / name).parent.mkdir(parents=True)
        (work / name).touch()
    closed, listdir = [(work / name).stat() for name in ("a", "b/c")], os.listdir

    def list_open(folder: int) -> list[str]:
        if any(os.path.samestat(os.fstat(folder), one) for one in closed):
            raise PermissionError(errno.EACCES, "Permission denied")  # as it is for everybody but a superuser
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", list_open)
    with pytest.raises(ToolError, match=r"^cannot search 'a': Permission denied$"):
        list(workspace.walk("a"))
    assert list(workspace.walk("b")) == []
    with pytest.raises(ToolError, match=r"^cannot read 'a/fil': there is no 'fil' in 'a'$"):
        workspace.read_text("a/fil")


def test_a_deep_tree_takes_no_more_descriptors_than_a_shallow_one(workspace: Workspace, work: Path) -> None:
    workspace.write_text("d/" * 150 + "file", "text")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 8, hard))
    try:
        assert list(workspace.walk()) == ["d/" * 150 + "file"]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_folder_that_goes_away_meanwhile_is_passed_over(workspace: Workspace, work: Path) -> None:
    for name in ("a/file", "b/file", "file"):
        (work / name).parent.mkdir(exist_ok=True)
        (work / name).touch()
    walk = workspace.walk()
    assert next(walk) == "file"
    (work / "a").rename(work.parent / "gone")
    assert list(walk) == ["b/file"]


def test_a_folder_that_becomes_a_link_leads_nowhere_else(workspace: Workspace, work: Path) -> None:
    for name in ("work/a/file", "work/file", "outside/secret"):
        (work.parent / name).parent.mkdir(exist_ok=True)
        (work.parent / name).touch()
    walk = workspace.walk()
    assert next(walk) == "file"
    (work / "a").rename(work.parent / "gone")
    (work / "a").symlink_to("../outside")
    assert list(walk) == []


def test_a_folder_is_open_for_as_long_as_its_block(workspace: Workspace, work: Path) -> None:
    (work / "a").mkdir()
    with workspace.folder("a") as folder:
        (work / "a").rename(work / "b")
        assert os.path.samestat(os.fstat(folder), (work / "b").stat())
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(folder)


@pytest.mark.parametrize("path", ["..", "out", "file", "nothing", "/"])
def test_what_is_no_folder_of_the_workspace_is_not_opened(tangle: Path, path: str) -> None:
    with pytest.raises(ToolError), Workspace(tangle, references=["/"]).folder(path):
        pass


def test_an_error_in_the_block_is_the_callers_own(workspace: Workspace) -> None:
    with pytest.raises(FileNotFoundError), workspace.folder():
        os.stat("/no/such/file")
    with contextlib.suppress(KeyError), workspace.folder():
        raise KeyError
