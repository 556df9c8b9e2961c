"""Reading gives a whole regular file, or says plainly why not."""

from __future__ import annotations

import os
import re
import socket
import threading
from pathlib import Path

import pytest

from orket.core.errors import ToolError
from orket.core.workspace import Workspace


def refused(text: str) -> pytest.RaisesExc[ToolError]:
    """The whole text that the model reads."""
    return pytest.RaisesExc(ToolError, match=f"^{re.escape(text)}$")


def test_bytes_and_text_are_read_as_they_are(workspace: Workspace, work: Path) -> None:
    (work / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\x00\xc3\xa9")
    assert workspace.read_bytes("a.txt") == b"\xef\xbb\xbfone\r\ntwo\x00\xc3\xa9"
    assert workspace.read_text("a.txt") == "\ufeffone\r\ntwo\x00é"


def test_text_that_is_not_utf8_is_refused(workspace: Workspace, work: Path) -> None:
    (work / "image").write_bytes(b"abc\xff\xfe")
    with refused("cannot read 'image' as text: byte 0xff at position 3 is not UTF-8"):
        workspace.read_text("image")


def test_a_file_at_the_limit_is_read_and_one_beyond_is_refused(workspace: Workspace, work: Path) -> None:
    (work / "a.txt").write_bytes(b"x" * 1500)
    assert len(workspace.read_bytes("a.txt", limit=1500)) == 1500
    with refused("cannot read 'a.txt': it has 1,500 bytes and at most 1,499 are read at once"):
        workspace.read_bytes("a.txt", limit=1499)


def test_a_file_beyond_the_limit_is_not_even_begun(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "huge").touch()
    os.truncate(work / "huge", 1 << 30)

    def read(fd: int, most: int) -> bytes:
        raise AssertionError("it was read")

    monkeypatch.setattr(os, "read", read)
    with refused("cannot read 'huge': it has 1,073,741,824 bytes and at most 16,777,216 are read at once"):
        workspace.read_bytes("huge")


def test_a_file_that_grows_past_the_limit_while_it_is_read_is_refused(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "log").write_bytes(b"x" * 100)
    read = os.read

    def grow_and_read(fd: int, most: int) -> bytes:
        with (work / "log").open("ab") as file:
            file.write(b"x" * 100)
        return read(fd, most)

    monkeypatch.setattr(os, "read", grow_and_read)
    with refused("cannot read 'log': it has 151 bytes and at most 150 are read at once"):
        workspace.read_bytes("log", limit=150)


@pytest.mark.parametrize("act", ["read", "write"])
def test_a_named_pipe_is_refused_and_never_waited_for(workspace: Workspace, work: Path, act: str) -> None:
    os.mkfifo(work / "pipe")
    said: list[str] = []

    def use() -> None:
        with pytest.raises(ToolError) as caught:
            workspace.read_bytes("pipe") if act == "read" else workspace.write_bytes("pipe", b"")
        said.append(str(caught.value))

    thread = threading.Thread(target=use, daemon=True)  # a hang fails the test and does not stall the run
    thread.start()
    thread.join(30)
    assert said == [f"cannot {act} 'pipe': it is a named pipe, not a regular file"]


def test_a_socket_is_refused(workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(work)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("door")
        with refused("cannot read 'door': it is a socket or a device, not a regular file"):
            workspace.read_bytes("door")
        with refused("cannot write 'door': it is a socket, not a regular file"):
            workspace.write_bytes("door", b"")


def test_a_device_is_refused() -> None:
    workspace = Workspace("/dev")
    with refused("cannot read 'zero': it is a device, not a regular file"):
        workspace.read_bytes("zero")
    with refused("cannot write 'null': it is a device, not a regular file"):
        workspace.write_bytes("null", b"")


def test_a_folder_is_not_read(workspace: Workspace, work: Path) -> None:
    (work / "docs").mkdir()
    with refused("cannot read 'docs': it is a folder, not a regular file"):
        workspace.read_bytes("docs")


def test_a_file_with_two_names_is_read(workspace: Workspace, work: Path) -> None:
    (work / "a.txt").write_text("text")
    (work / "b.txt").hardlink_to(work / "a.txt")
    assert workspace.read_text("b.txt") == "text"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("readme.md", "there is no 'readme.md' in the workspace; did you mean 'README.md'?"),
        ("docs/guid.md", "there is no 'guid.md' in 'docs'; did you mean 'guide.md'?"),
        ("doc/guide.md", "there is no 'doc' in the workspace; did you mean 'docs'?"),
        ("docs/../docs/guides.md", "there is no 'guides.md' in 'docs/../docs'; did you mean 'guide.md'?"),
        ("zzz", "there is no 'zzz' in the workspace"),
    ],
)
def test_a_missing_file_names_what_is_there_instead(
    workspace: Workspace, work: Path, path: str, text: str
) -> None:
    (work / "README.md").touch()
    (work / "docs").mkdir()
    (work / "docs" / "guide.md").touch()
    with refused(f"cannot read '{path}': {text}"):
        workspace.read_text(path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("file-1.TXT", "there is no 'file-1.TXT' in the workspace; did you mean 'file-1.txt'?"),
        ("fil-1.txt", "there is no 'fil-1.txt' in the workspace"),
    ],
)
def test_of_very_many_names_only_one_of_another_case_is_sought(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    names = [f"file-{number}.txt" for number in range(2_001)]

    def listdir(folder: int) -> list[str]:
        return names

    monkeypatch.setattr(os, "listdir", listdir)
    with refused(f"cannot read {name!r}: {text}"):
        workspace.read_text(name)


def test_a_reference_is_read_by_its_absolute_path_and_never_written(work: Path, tmp_path: Path) -> None:
    manual = tmp_path / "manual"
    manual.mkdir()
    (manual / "page.txt").write_text("words")
    workspace = Workspace(work, references=[manual])
    assert workspace.read_text(f"{manual}/page.txt") == "words"
    assert workspace.list(str(manual)) == ["page.txt"]
    with refused(
        f"cannot read '{manual}/pag.txt': there is no 'pag.txt' in the reference; did you mean 'page.txt'?"
    ):
        workspace.read_text(f"{manual}/pag.txt")
    with refused(f"'{manual}/page.txt' is outside the workspace; give a path inside it"):
        workspace.write_text(f"{manual}/page.txt", "other")
    with refused("'/etc/passwd' is outside the workspace and its references; give a path inside it"):
        workspace.read_text("/etc/passwd")
