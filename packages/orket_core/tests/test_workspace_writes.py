"""Writing replaces a whole file or changes nothing, and says plainly why."""

from __future__ import annotations

import errno
import os
import re
import struct
import sys
import threading
from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace


def refused(text: str) -> pytest.RaisesExc[ToolError]:
    """The whole text that the model reads."""
    return pytest.RaisesExc(ToolError, match=f"^{re.escape(text)}$")


def test_a_written_file_is_read_back_and_missing_folders_are_made(workspace: Workspace, work: Path) -> None:
    assert workspace.write_text("a/b/c.txt", "é\r\n") == "a/b/c.txt"
    assert (work / "a/b/c.txt").read_bytes() == b"\xc3\xa9\r\n"
    assert workspace.write_bytes(f"{work}/./a//d", b"\x00") == "a/d"
    assert workspace.read_bytes("a/d") == b"\x00"


def test_a_new_file_has_the_usual_permissions(workspace: Workspace, work: Path) -> None:
    (work / "usual").touch()
    workspace.write_text("new", "")
    assert (work / "new").stat().st_mode == (work / "usual").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o755, 0o666])
def test_a_replaced_file_keeps_its_permissions(workspace: Workspace, work: Path, mode: int) -> None:
    (work / "script").touch()
    (work / "script").chmod(mode)
    workspace.write_text("script", "new")
    assert (work / "script").stat().st_mode & 0o7777 == mode


def test_a_replaced_file_loses_its_set_user_id(workspace: Workspace, work: Path) -> None:
    (work / "script").touch()
    (work / "script").chmod(0o4755)
    workspace.write_text("script", "new")
    assert (work / "script").stat().st_mode & 0o7777 == 0o755


def test_a_replaced_file_stays_with_its_group(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "a.txt").touch()
    (work / "a.txt").chmod(0o640)
    owner, given = (work / "a.txt").stat(), list[tuple[int, int]]()

    def fchown(fd: int, uid: int, gid: int) -> None:
        given.append((uid, gid))
        if uid != -1:
            raise PermissionError  # as it is for everybody but a superuser, where the file is somebody else's

    monkeypatch.setattr(os, "fchown", fchown)
    workspace.write_text("a.txt", "new")
    assert given == [(owner.st_uid, owner.st_gid), (-1, owner.st_gid)]
    assert (work / "a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(("mode", "left"), [(0o640, 0o600), (0o664, 0o644), (0o775, 0o755), (0o604, 0o644)])
def test_a_replaced_file_that_cannot_stay_with_its_group_opens_to_no_other(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch, mode: int, left: int
) -> None:
    (work / "a.txt").touch()
    (work / "a.txt").chmod(mode)

    def fchown(fd: int, uid: int, gid: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "fchown", fchown)
    workspace.write_text("a.txt", "new")
    assert (work / "a.txt").stat().st_mode & 0o777 == left


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other lists")
def test_a_replaced_file_keeps_its_access_control_list(workspace: Workspace, work: Path) -> None:
    """Its mode is 0660, and yet its group may do nothing."""
    entries = [(1, 6, -1), (2, 6, 4_242), (4, 0, -1), (16, 6, -1), (32, 0, -1)]
    access_list = struct.pack("<I", 2) + b"".join(struct.pack("<HHi", *entry) for entry in entries)
    (work / "a.txt").touch()
    try:
        os.setxattr(work / "a.txt", "system.posix_acl_access", access_list)
    except OSError as error:
        pytest.skip(f"this file system keeps no access control lists: {error}")
    assert (work / "a.txt").stat().st_mode & 0o777 == 0o660
    workspace.write_text("a.txt", "new")
    assert os.getxattr(work / "a.txt", "system.posix_acl_access") == access_list


def test_a_file_is_written_to_the_end_when_the_system_takes_it_in_pieces(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write

    def write_a_little(fd: int, data: memoryview) -> int:
        return write(fd, data[:3])

    monkeypatch.setattr(os, "write", write_a_little)
    workspace.write_text("a.txt", "0123456789")
    assert (work / "a.txt").read_text() == "0123456789"


@pytest.mark.parametrize("step", ["write", "fsync", "fchmod", "rename"])
def test_a_failure_in_the_middle_leaves_the_old_file_and_nothing_else(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    (work / "a.txt").write_text("old")

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, step, fail)
    with refused("cannot write 'a.txt': No space left on device"):
        workspace.write_text("a.txt", "new")
    monkeypatch.undo()
    assert (work / "a.txt").read_text() == "old"
    assert os.listdir(work) == ["a.txt"]


def test_an_interrupt_in_the_middle_leaves_the_old_file_and_nothing_else(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "a.txt").write_text("old")

    def interrupt(fd: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        workspace.write_text("a.txt", "new")
    assert (work / "a.txt").read_text() == "old"
    assert os.listdir(work) == ["a.txt"]


def test_a_reader_sees_the_old_file_until_the_new_one_is_complete(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "a.txt").write_text("old")
    seen: list[object] = []

    def look(fd: int) -> None:
        seen.extend([workspace.read_text("a.txt"), workspace.list()])

    monkeypatch.setattr(os, "fsync", look)
    workspace.write_text("a.txt", "new")
    assert seen == ["old", ["a.txt"]]
    assert workspace.read_text("a.txt") == "new"


def test_writers_of_one_file_leave_one_of_their_texts(workspace: Workspace, work: Path) -> None:
    texts = [letter * 50_000 for letter in "abcdefgh"]
    threads = [threading.Thread(target=workspace.write_text, args=("deep/er/a.txt", text)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (work / "deep/er/a.txt").read_text() in texts
    assert os.listdir(work / "deep/er") == ["a.txt"]


def test_a_link_that_waits_under_the_temporary_name_is_not_written_through(
    workspace: Workspace, work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outside").write_text("old")
    (work / ".orket-0101010101010101.tmp").symlink_to("../outside")

    def foreseen(size: int) -> bytes:
        return b"\1" * size

    monkeypatch.setattr(os, "urandom", foreseen)
    with refused("cannot write 'a.txt': File exists"):
        workspace.write_text("a.txt", "new")
    assert (tmp_path / "outside").read_text() == "old"


def test_a_file_with_two_names_is_not_written(workspace: Workspace, work: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("old")
    (work / "a.txt").hardlink_to(tmp_path / "outside.txt")
    with refused(
        "cannot write 'a.txt': the file has 2 names (hard links), of which another may be outside; write to a new name"
    ):
        workspace.write_text("a.txt", "new")
    assert (tmp_path / "outside.txt").read_text() == "old"


def test_a_link_is_not_replaced_by_a_file(workspace: Workspace, work: Path) -> None:
    (work / "a.txt").write_text("old")
    (work / "link").symlink_to("a.txt")
    with refused(
        "cannot write 'link': it is a symbolic link, which would be replaced; give the path it points to"
    ):
        workspace.write_text("link", "new")
    assert (work / "link").is_symlink()
    assert (work / "a.txt").read_text() == "old"


def test_a_read_only_file_is_not_written(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "a.txt").write_text("old")

    def access(path: str, mode: int, **kwargs: object) -> bool:
        return False  # as it is for everybody but a superuser

    monkeypatch.setattr(os, "access", access)
    with refused("cannot write 'a.txt': the file is read-only; write to a new name"):
        workspace.write_text("a.txt", "new")
    assert (work / "a.txt").read_text() == "old"


def test_text_with_a_lone_surrogate_is_not_written(workspace: Workspace, work: Path) -> None:
    with refused("cannot write 'a.txt': the text has a lone surrogate at position 2; remove it"):
        workspace.write_text("a.txt", "ab\ud800")
    assert os.listdir(work) == []


@pytest.mark.parametrize("opened_by", ["walk"], indirect=True)
def test_what_the_system_says_is_passed_on(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(*args: object, **kwargs: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied", str(work))

    monkeypatch.setattr(os, "open", deny)
    for verb, use in (("read", workspace.read_text), ("list", workspace.list)):
        with refused(f"cannot {verb} 'a.txt': Permission denied"):
            use("a.txt")
    with refused("cannot write 'a.txt': Permission denied"):
        workspace.write_text("a.txt", "")
