"""What is no regular file of the workspace alone: pipes, sockets, devices, files with two names, mounts."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from textwrap import dedent

import pytest

from orket.core import CallContext, ToolError, Workspace
from orket.tools.editing import EDITING
from orket.tools.files import FILES

TOOLS = FILES | EDITING
ARGUMENTS: dict[str, dict[str, object]] = {
    "read_file": {},
    "write_file": {"content": "written"},
    "list_directory": {},
    "edit_file": {"old": "text", "new": "edited"},
    "search_text": {"pattern": "text"},
}
NOTHING_FOUND = str({"matches": [], "complete": True})


def call(root: str | Path, name: str, path: str) -> str:
    """What a tool says, given in a thread so that a hang fails one test and does not stall the run."""
    said: list[str] = []

    def use() -> None:
        try:
            said.append(
                str(TOOLS[name](path=path, ctx=CallContext(files=Workspace(root)), **ARGUMENTS[name]))
            )
        except ToolError as refusal:
            said.append(str(refusal))

    thread = threading.Thread(target=use, daemon=True)
    thread.start()
    thread.join(30)
    assert said, f"{name} waits for {path}"
    return said[0]


def test_every_file_tool_is_tried() -> None:
    assert set(ARGUMENTS) == set(TOOLS.names)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("read_file", "cannot read 'pipe': it is a named pipe, not a regular file"),
        ("write_file", "cannot write 'pipe': it is a named pipe, not a regular file"),
        ("edit_file", "cannot read 'pipe': it is a named pipe, not a regular file"),
        ("list_directory", "cannot list 'pipe': a file stands where a folder is needed"),
        ("search_text", NOTHING_FOUND),
    ],
)
def test_a_named_pipe_is_never_waited_for(tmp_path: Path, name: str, text: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert call(tmp_path, name, "pipe") == text
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("read_file", "cannot read 'door': it is a socket or a device, not a regular file"),
        ("write_file", "cannot write 'door': it is a socket, not a regular file"),
        ("edit_file", "cannot read 'door': it is a socket or a device, not a regular file"),
        ("list_directory", "cannot list 'door': a file stands where a folder is needed"),
        ("search_text", "cannot search 'door': it is a socket or a device, not a regular file"),
    ],
)
def test_a_socket_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    monkeypatch.chdir(tmp_path)  # the address of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("door")
        assert call(tmp_path, name, "door") == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("read_file", "cannot read 'zero': it is a device, not a regular file"),
        ("write_file", "cannot write 'zero': it is a device, not a regular file"),
        ("edit_file", "cannot read 'zero': it is a device, not a regular file"),
        ("list_directory", "cannot list 'zero': a file stands where a folder is needed"),
        ("search_text", NOTHING_FOUND),
    ],
)
def test_a_device_is_left_alone(name: str, text: str) -> None:
    assert call("/dev", name, "zero") == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("read_file", "{'content': 'text'}"),
        ("search_text", "{'matches': ['link:1:text'], 'complete': True}"),
        ("list_directory", "cannot list 'link': a file stands where a folder is needed"),
        *(
            (
                name,
                (
                    "cannot write 'link': the file has 2 names (hard links), of which another may be outside; "
                    "write to a new name"
                ),
            )
            for name in ("write_file", "edit_file")
        ),
    ],
)
def test_a_file_with_a_second_name_is_read_and_not_written(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "outside").write_text("text")
    (tmp_path / "work/link").hardlink_to(tmp_path / "outside")
    assert call(tmp_path / "work", name, "link") == text
    assert (tmp_path / "outside").read_text() == "text"


def test_searching_passes_over_everything_that_is_no_file_of_its_own(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_text("text")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/up").symlink_to("..")
    (tmp_path / "folder/file").write_text("text")
    (tmp_path / ".orket").mkdir()
    (tmp_path / ".orket/state").write_text("text")
    (tmp_path / ".orket-0123456789abcdef.tmp").write_text("text")
    (tmp_path / "image").write_bytes(b"\xfftext")
    (tmp_path / "zeros").write_bytes(b"text\0")
    (tmp_path / os.fsdecode(b"\xff")).write_text("text")
    assert call(tmp_path, "search_text", ".") == str(
        {"matches": ["file:1:text", "folder/file:1:text"], "complete": True}
    )
    assert call(tmp_path, "search_text", ".orket") == str(
        {"matches": [".orket/state:1:text"], "complete": True}
    )


MOUNTED = dedent("""
    import json, subprocess, sys
    from orket.core import CallContext, ToolError, Workspace
    from orket.tools.editing import EDITING
    from orket.tools.files import FILES

    top, arguments = sys.argv[1], json.loads(sys.argv[2])
    for outside, inside in (("outside", "work/mounted"), ("work/.orket", "work/state")):
        subprocess.run(["mount", "--bind", f"{top}/{outside}", f"{top}/{inside}"], check=True)
    said = {}
    context = CallContext(files=Workspace(f"{top}/work"))
    for path in ("mounted/file", "mounted/../file", "state/file"):
        for name in arguments:
            try:
                given = (FILES | EDITING)[name](path=path, ctx=context, **arguments[name])
            except ToolError as refusal:
                given = str(refusal)
            said[f"{name} {path}"] = given
    print(json.dumps(said))
    """)


@pytest.fixture
def unshared() -> list[str]:
    """The words before a command that may mount what nobody else sees."""
    words = ["unshare", "--mount", "--propagation", "private"]
    try:
        subprocess.run([*words, "mount", "--bind", "/", "/"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"mounting takes the right to, and unshare: {error}")
    return words


def test_a_mount_is_part_of_the_workspace_and_a_mount_of_orkets_own_is_still_its_own(
    tmp_path: Path, unshared: list[str]
) -> None:
    for folder in ("outside", "work/mounted", "work/state", "work/.orket"):
        (tmp_path / folder).mkdir(parents=True)
    for file in ("outside/file", "work/file", "work/.orket/file"):
        (tmp_path / file).write_text("text")
    command = [*unshared, sys.executable, "-c", MOUNTED, str(tmp_path), json.dumps(ARGUMENTS)]
    said = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    own = "Orket itself reads it (configuration, state or an installed package); choose another place"
    assert said == {
        "read_file mounted/file": {"content": "text"},
        "write_file mounted/file": {"path": "mounted/file"},
        "list_directory mounted/file": "cannot list 'mounted/file': a file stands where a folder is needed",
        "edit_file mounted/file": "'mounted/file' does not have the passage; "
        "read the file again, and give it as it is there",
        "search_text mounted/file": {"matches": [], "complete": True},
        "read_file mounted/../file": {"content": "text"},
        "write_file mounted/../file": {"path": "mounted/../file"},
        "list_directory mounted/../file": "cannot list 'mounted/../file': a file stands where a folder is needed",
        "edit_file mounted/../file": "'mounted/../file' does not have the passage; "
        "read the file again, and give it as it is there",
        "search_text mounted/../file": {"matches": [], "complete": True},
        "read_file state/file": {"content": "text"},
        "write_file state/file": f"cannot write 'state/file': {own}",
        "list_directory state/file": "cannot list 'state/file': a file stands where a folder is needed",
        "edit_file state/file": f"cannot write 'state/file': {own}",
        "search_text state/file": {"matches": ["state/file:1:text"], "complete": True},
    }
