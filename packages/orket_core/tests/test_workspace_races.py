"""While the tree is changed under it, no read and no write leaves the workspace."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace

ATTEMPTS = 3_000
MOST_NAIVE_ATTEMPTS = 200_000


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace in which ``spot`` is a folder, ``trap`` a link to a folder outside; both hold a ``file``."""
    root = tmp_path / "work"
    for folder, text in ((root / "spot", "inside"), (tmp_path / "outside", "SECRET")):
        folder.mkdir(parents=True)
        (folder / "file").write_text(text)
    (root / "trap").symlink_to("../outside")
    monkeypatch.setattr(os, "fsync", skip_fsync)
    return root


def skip_fsync(fd: int) -> None:
    """How long the disk takes is not what is tried here."""


# Run by another process, since threads of one interpreter take turns.
SWAP = """
import os, shutil, sys
first, second, between = sys.argv[1:]
print("swapping", flush=True)
while True:
    os.rename(first, between)
    while True:
        try:
            os.rename(second, first)
            break
        except OSError:  # a write that found nothing there made a folder
            shutil.rmtree(first, ignore_errors=True)
    os.rename(between, second)
"""


@contextlib.contextmanager
def swapping(work: Path, one: str, other: str) -> Generator[None]:
    """Exchange two entries over and over until the block ends."""
    entries = [os.fspath(work / name) for name in (one, other, "between")]
    with subprocess.Popen([sys.executable, "-I", "-c", SWAP, *entries], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"swapping\n"
        try:
            yield
            assert process.poll() is None
        finally:
            process.kill()


def naive_read(work: Path, path: str) -> str | None:
    """Resolve, check, then open: what everybody writes first. The control that must escape."""
    try:
        resolved = os.path.realpath(work / path)
        return Path(resolved).read_text() if resolved.startswith(f"{work}/") else None
    except OSError:
        return None


def test_no_read_escapes_and_the_naive_way_does(work: Path) -> None:
    workspace = Workspace(work)
    seen: set[str] = set()
    with swapping(work, "spot", "trap"):
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ToolError):
                seen.add(workspace.read_text("spot/file"))
        escaped = any(naive_read(work, "spot/file") == "SECRET" for _ in range(MOST_NAIVE_ATTEMPTS))
    assert seen == {"inside"}
    assert escaped, "the swaps never hit, so this run shows nothing"


def test_no_read_escapes_through_a_last_component(work: Path) -> None:
    (work / "file").write_text("inside")
    (work / "link").symlink_to("../outside/file")
    workspace = Workspace(work)
    seen: set[str] = set()
    with swapping(work, "file", "link"):
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ToolError):
                seen.add(workspace.read_text("spot/../file"))
    assert seen == {"inside"}


def test_no_listing_escapes(work: Path) -> None:
    (work.parent / "outside/secret").touch()
    workspace = Workspace(work)
    seen: set[str] = set()
    with swapping(work, "spot", "trap"):
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ToolError):
                seen.update(workspace.list("spot"))
    assert seen == {"file"}


@pytest.mark.parametrize("path", ["spot/file", "spot/new", "spot/new/folder/file", "spot/../spot/file"])
def test_no_write_escapes(work: Path, path: str) -> None:
    workspace = Workspace(work)
    written = 0
    with swapping(work, "spot", "trap"):
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ToolError):
                workspace.write_text(path, "written")
                written += 1
    outside = work.parent / "outside"
    assert os.listdir(outside) == ["file"]
    assert (outside / "file").read_text() == "SECRET"
    assert written


def test_no_write_reaches_the_state_through_a_swapped_folder(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / ".orket").mkdir()
    (work / "detour").symlink_to(".orket")
    workspace = Workspace(work)
    written = 0
    with swapping(work, "spot", "detour"):
        for _ in range(ATTEMPTS):
            with contextlib.suppress(ToolError):
                workspace.write_text("spot/file", "written")
                written += 1
    assert os.listdir(work / ".orket") == []
    assert written
