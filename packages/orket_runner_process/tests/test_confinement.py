"""What workers may not do, where this machine can keep them from it; and that it is said where it cannot."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from orket.core import CallContext, Tool, ToolRuntimeExecutor, Workspace, tool
from orket.runners.process import confinement
from orket.runners.process.inside import landlock

if TYPE_CHECKING:
    from orket.core import ToolResult
    from orket.runners.process import Process

Make = Callable[..., "Process"]

faulty: Any = import_module("faulty_tools")
VERSION, WHY_NOT = landlock.version()
with_landlock = pytest.mark.skipif(not VERSION, reason=f"no Landlock: {WHY_NOT}")
with_scopes = pytest.mark.skipif(VERSION < 6, reason="Landlock is too old to keep signals in")
confined = tool(confine=True)


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder beside the workspace that is not a temporary one to the runner."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    return tmp_path / "outside"


@pytest.fixture
def call(
    make: Make, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Makes a call in a runner whose temporary folder is in the test's own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))

    async def call(called: Tool, options: dict[str, object] | None = None, **arguments: object) -> ToolResult:
        runner = make(**(options or {}))
        return await ToolRuntimeExecutor(runner).invoke(called, arguments, CallContext(files=workspace))

    return call


@with_landlock
async def test_a_tool_writes_in_the_workspace(call: Callable[..., Any], workspace: Workspace) -> None:
    path = os.path.join(workspace.root, "new")

    assert (await call(tool(faulty.writes_directly), path=path)).value == path


@with_landlock
async def test_a_tool_does_not_write_elsewhere(call: Callable[..., Any], outside: Path) -> None:
    result = await call(tool(faulty.writes_directly), path=str(outside / "new"))

    assert (result.status, (outside / "new").exists()) == ("failed", False)
    assert result.error.startswith("PermissionError: [Errno 13] Permission denied")


@with_landlock
async def test_a_tool_writes_where_the_configuration_lets_it(call: Callable[..., Any], outside: Path) -> None:
    options = {"writable": [str(outside)]}

    assert (await call(tool(faulty.writes_directly), options, path=str(outside / "new"))).status == "ok"


@with_landlock
async def test_only_a_confined_tool_is_kept_from_reading_elsewhere(
    call: Callable[..., Any], outside: Path
) -> None:
    path = str(outside / "secret")

    assert (await call(tool(faulty.reads_directly), path=path)).value == "secret"
    assert (await call(confined(faulty.reads_directly), path=path)).error.startswith("PermissionError")


@with_landlock
async def test_a_confined_tool_reads_and_writes_in_the_workspace(
    call: Callable[..., Any], workspace: Workspace
) -> None:
    assert (await call(confined(faulty.writes), path="new")).status == "ok"
    path = os.path.join(workspace.root, "new")
    assert (await call(confined(faulty.reads_directly), path=path)).value == "written"


async def test_a_confined_tool_finds_no_secret_in_any_environment(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", "secret")

    assert "SERVICE_TOKEN" in (await call(tool(faulty.variables))).value
    names = (await call(confined(faulty.variables))).value
    assert "PATH" in names
    assert "SERVICE_TOKEN" not in names


async def test_a_confined_tool_of_the_superuser_has_powers_over_files_alone(call: Callable[..., Any]) -> None:
    chown, override, read_search, owner, keep_set_id = (1 << number for number in range(5))

    powers = (await call(confined(faulty.powers))).value

    assert powers & ~(chown | override | read_search | owner | keep_set_id) == 0


@with_landlock
async def test_a_confined_tool_does_not_see_what_its_host_holds(call: Callable[..., Any]) -> None:
    for file in ("environ", "maps"):
        result = await call(confined(faulty.reads_directly), path=f"/proc/{os.getpid()}/{file}")

        assert result.error.startswith(("PermissionError", "FileNotFoundError"))


@pytest.mark.skipif(bool(confinement.bubblewrap()), reason=confinement.bubblewrap() or "bubblewrap works")
@pytest.mark.parametrize(
    "name", ["orket.toml", ".orket/evidence/a.json", ".orket/new", "lib/packages/module.py"]
)
async def test_a_confined_tool_does_not_write_what_orket_reads(make: Make, tmp_path: Path, name: str) -> None:
    work = tmp_path / "work"
    for file in ("orket.toml", ".orket/evidence/a.json", ".orket/outputs/a.txt", "lib/packages/module.py"):
        (work / file).parent.mkdir(parents=True, exist_ok=True)
        (work / file).write_text("old")
    context = CallContext(files=Workspace(work, protected=[work / "lib/packages"]))
    executor = ToolRuntimeExecutor(make())

    result = await executor.invoke(confined(faulty.writes_directly), {"path": str(work / name)}, context)
    assert result.error.startswith("OSError: [Errno 30] Read-only file system")
    moved = await executor.invoke(
        confined(faulty.moves_aside), {"path": str(work / Path(name).parts[0])}, context
    )
    assert moved.error.startswith("OSError: [Errno 16] Device or resource busy")
    for file in ("lib/new", ".orket/outputs/b.txt"):
        path = str(work / file)
        assert (
            await executor.invoke(confined(faulty.writes_directly), {"path": path}, context)
        ).value == path


@with_scopes
async def test_a_tool_cannot_signal_its_host(call: Callable[..., Any]) -> None:
    result = await call(tool(faulty.signals), process=os.getpid())

    refused = "PermissionError: [Errno 1] Operation not permitted"
    unseen = "ProcessLookupError: [Errno 3] No such process"  # where workers have process ids of their own
    assert result.error in (refused, unseen)


async def test_a_confined_tool_has_no_network_unless_it_is_given(call: Callable[..., Any]) -> None:
    if "not taken" in confinement.facts(network=False)["network"]:
        pytest.skip("this machine has nothing that takes the network from a process")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert (await call(tool(faulty.connects), port=port)).value == "connected"
        assert (await call(confined(faulty.connects), port=port)).status == "failed"
        assert (await call(confined(faulty.connects), {"network": True}, port=port)).value == "connected"


async def test_where_nothing_confines_a_tool_that_asks_for_it_is_denied(
    call: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landlock, "version", lambda: (0, "this kernel does not offer it"))
    monkeypatch.setattr(confinement, "bubblewrap", lambda: "'bwrap' is not installed")

    result = await call(confined(faulty.pid))

    assert (result.status, result.error) == (
        "denied",
        (
            "'pid' runs only where it is confined, and nothing confines it here: "
            "Landlock: this kernel does not offer it; bubblewrap: 'bwrap' is not installed"
        ),
    )


async def test_a_confined_tool_that_no_worker_finds_is_denied(call: Callable[..., Any]) -> None:
    def inner() -> None:
        """A function of a function."""

    result = await call(confined(inner))

    assert (result.status, result.error) == (
        "denied",
        "'inner' runs only where it is confined, and no other process can find it: define it as a function of a module",
    )


def test_a_bubblewrap_that_does_not_work_is_named_with_what_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'no permission for namespaces' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert confinement.bubblewrap.__wrapped__() == f"'{program}' does not work: no permission for namespaces"


def test_a_machine_without_bubblewrap_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert confinement.bubblewrap.__wrapped__() == "'bwrap' is not installed"


def test_what_is_in_force_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: (0, "this kernel does not offer it"))
    monkeypatch.setattr(confinement, "bubblewrap", lambda: "'bwrap' is not installed")

    assert make(network=True).confinement() == {
        "processes": "calls run in worker processes, each in a session of its own, with limits of memory, CPU time, "
        "open files and processes; they end with this one, in which 'host only' tools run",
        "landlock": "no: this kernel does not offer it",
        "pid namespace": "no: 'bwrap' is not installed",
        "what Orket reads": "confined tools can write it in the workspace: 'bwrap' is not installed",
        "network": "confined tools have the network, as configured",
    }


def test_what_landlock_lets_tools_do_is_said(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: (5, ""))

    assert make(writable=["/srv/data"]).confinement()["landlock"] == (
        "yes, version 5: writes go to the workspace, /srv/data and the temporary folder alone; confined tools read "
        "besides only references, Python's modules and the system's folders such as /etc; "
        "too old to keep signals to the workers themselves"
    )


def test_another_platform_has_no_landlock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "plan9")

    assert landlock.version() == (0, "plan9 has no Landlock")
