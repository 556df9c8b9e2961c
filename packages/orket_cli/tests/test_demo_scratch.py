"""Copies to work in, and what changed in them."""

from __future__ import annotations

import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from orket.cli.demo import scratch
from orket.cli.demo.scratch import Change, changes, copied, snapshot
from orket.core import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    for name in ("a.txt", "deep/er/b.txt", ".git/config", "deep/__pycache__/b.pyc", ".venv/bin/python"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    return made


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def refusal(folder: Path, to: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        copied(str(folder), str(to))
    return str(caught.value)


def test_a_copy_has_what_people_keep_and_not_what_tools_leave(folder: Path, tmp_path: Path) -> None:
    copy = copied(str(folder), str(tmp_path / "copy"))

    assert snapshot(copy) == {"a.txt": digest("a.txt"), "deep/er/b.txt": digest("deep/er/b.txt")}


def test_permissions_of_files_are_copied(folder: Path, tmp_path: Path) -> None:
    (folder / "a.txt").chmod(0o750)

    copied(str(folder), str(tmp_path / "copy"))

    assert (tmp_path / "copy/a.txt").stat().st_mode & 0o777 == 0o750


def test_links_are_copied_as_links_and_pipes_not_at_all(folder: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to("deep")
    (folder / "nowhere").symlink_to("/nowhere/at/all")
    os.mkfifo(folder / "pipe")

    copied(str(folder), str(tmp_path / "copy"))

    assert sorted(os.listdir(tmp_path / "copy")) == ["a.txt", "deep", "link", "nowhere"]
    assert os.readlink(tmp_path / "copy/nowhere") == "/nowhere/at/all"


def test_a_copy_may_lie_in_the_folder_itself(folder: Path) -> None:
    copied(str(folder), str(folder / "copy"))

    assert sorted(os.listdir(folder / "copy")) == ["a.txt", "deep"]


def test_changes_are_told_from_bytes(folder: Path) -> None:
    before = snapshot(str(folder))
    (folder / "a.txt").write_text("other")
    (folder / "deep/er/b.txt").unlink()
    (folder / "new.txt").write_text("new")

    told = changes(before, snapshot(str(folder)))

    assert told == (
        Change("a.txt", digest("a.txt"), digest("other")),
        Change("deep/er/b.txt", digest("deep/er/b.txt"), ""),
        Change("new.txt", "", digest("new")),
    )
    assert [change.kind for change in told] == ["changed", "gone", "new"]


def test_the_same_bytes_written_again_are_no_change(folder: Path) -> None:
    before = snapshot(str(folder))
    (folder / "a.txt").write_text("a.txt")

    assert changes(before, snapshot(str(folder))) == ()


def test_a_folder_that_is_not_copied_is_watched_all_the_same(folder: Path) -> None:
    before = snapshot(str(folder))
    (folder / ".git/config").write_text("hooks!")

    assert [change.path for change in changes(before, snapshot(str(folder)))] == [".git/config"]


def test_a_link_that_points_elsewhere_is_a_change(folder: Path) -> None:
    (folder / "link").symlink_to("a.txt")
    before = snapshot(str(folder))
    (folder / "link").unlink()
    (folder / "link").symlink_to("deep")

    assert [change.path for change in changes(before, snapshot(str(folder)))] == ["link"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none", tmp_path / "copy") == (
        "error: invalid-config\n"
        "  The workspace cannot be copied: No such file or directory.\n"
        "  asked by:  --workspace\n"
        f"  looked in: {tmp_path}/none\n"
        "  hint:      name an existing folder whose files may be read"
    )


def test_a_folder_of_too_many_bytes_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "MOST_BYTES", 3 << 20)
    with (folder / "large").open("wb") as file:
        file.truncate(4 << 20)

    assert refusal(folder, tmp_path / "copy") == (
        "error: invalid-config\n"
        "  The workspace is too large to be copied.\n"
        "  asked by:  --workspace\n"
        f"  looked in: {folder}\n"
        "  found:     more than 3 MiB\n"
        "  hint:      name the folder that the session worked in, or a part of it"
    )
    assert not (tmp_path / "copy").exists()


def test_a_folder_of_too_many_files_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "MOST_FILES", 3)

    assert "found:     more than 3 files" in refusal(folder, tmp_path / "copy")


def test_what_is_not_copied_does_not_count(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "MOST_FILES", 4)  # a.txt, deep, deep/er, deep/er/b.txt

    copied(str(folder), str(tmp_path / "copy"))
