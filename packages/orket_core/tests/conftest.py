"""What the tests of several concepts share."""

from __future__ import annotations

from pathlib import Path

import pytest

from orket.core.workspace import Workspace

FILES = ("file", "folder/inner", "folder/deep/deepest", ".hidden/..twodots", "back\\slash")
LINKS = {
    "link": "file",
    "two_links": "link",
    "to_folder": "folder",
    "to_folder_slash": "folder/",
    "to_folder_dot": "folder/.",
    "to_deep": "folder/deep",
    "via_link": "to_folder/inner",
    "dot": ".",
    "dot_dots": "folder/../folder/./deep/../../file",
    "up_through_link": "to_deep/../inner",
    "folder/up": "..",
    "folder/to_file": "../file",
    "folder/deep/top": "../..",
    "dangling": "nothing",
    "dangling_folder": "nothing/inner",
    "file_slash": "file/",
    "file_dot": "file/.",
    "through_file": "file/inner",
    "self": "self",
    "loop_a": "loop_b",
    "loop_b": "loop_a",
    "loop_folder": "loop_folder/inner",
    "out": "..",
    "out_file": "../secret",
    "out_folder": "../outside",
    "out_deep": "folder/deep/../../../secret",
    "out_and_back": "../work/file",
    "folder/out": "../../secret",
    "to_out": "out_folder",
    "absolute": "/",
    "absolute_secret": "{top}/secret",
    "absolute_inside": "{top}/work/file",
    "hop1": "file",
    **{f"hop{number}": f"hop{number - 1}" for number in range(2, 42)},
}


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """An empty folder to be a workspace."""
    work = tmp_path / "work"
    work.mkdir()
    return work


@pytest.fixture
def workspace(work: Path) -> Workspace:
    return Workspace(work)


@pytest.fixture
def tangle(work: Path) -> Path:
    """A workspace full of links, beside things that must not be reached; each file holds its own path."""
    for name in FILES:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(name)
    for name in ("secret", "outside/inner", "work2/file"):
        (work.parent / name).parent.mkdir(exist_ok=True)
        (work.parent / name).write_text("SECRET")
    for name, target in LINKS.items():
        (work / name).symlink_to(target.format(top=work.parent))
    return work
