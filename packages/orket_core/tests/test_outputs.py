"""The whole of a text that was cut is kept in the workspace, and the cut text says where."""

from __future__ import annotations

import contextlib
import logging
import os
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orket.core import CallContext, Effect, ToolError, ToolResult, ToolRuntimeExecutor, Workspace, tool
from orket.core.journal import MemoryJournal
from orket.core.limits import Limits

TEXT = "line\n" * 1_000
KEPT = ".orket/outputs/call-1.txt"
NOTE = f"; the whole is in {KEPT} …]"


async def give(
    workspace: Workspace, value: object, *, limits: Limits | None = None, **policies: Any
) -> ToolResult:
    """What a call ``call-1`` of a tool that gives ``value`` comes to."""
    made = tool(name="t", effects=[Effect.READ], max_output=500, **policies)(lambda: value)
    context = CallContext(files=workspace, call_id="call-1")
    return await ToolRuntimeExecutor(limits=limits).invoke(made, {}, context)


@pytest.mark.parametrize("limits", [None, Limits(timeout=float("inf"), concurrency=None)])
async def test_cut_text_names_a_file_that_has_the_whole(workspace: Workspace, limits: Limits | None) -> None:
    result = await give(workspace, TEXT, limits=limits)

    assert isinstance(result.value, str)
    assert len(result.value.encode()) <= 500
    assert NOTE in result.value
    assert workspace.read_text(KEPT) == result.whole == TEXT


async def test_the_long_entry_of_a_mapping_names_it_too(workspace: Workspace) -> None:
    result = await give(workspace, {"path": "a", "content": TEXT})

    assert NOTE in str(result.as_dict()["content"])
    assert workspace.read_text(KEPT) == TEXT


async def test_text_that_fits_is_not_kept(workspace: Workspace, work: Path) -> None:
    await give(workspace, "short")
    assert os.listdir(work) == []


async def test_without_a_workspace_nothing_is_named() -> None:
    made = tool(name="t", effects=[Effect.READ], max_output=500)(lambda: TEXT)
    result = await ToolRuntimeExecutor(journal=MemoryJournal()).invoke(made, {})

    assert "characters left out …]" in str(result.value)


def file_in_the_way(work: Path) -> None:
    (work / ".orket").write_text("")


def link_that_leads_out(work: Path) -> None:
    (work.parent / "outside").mkdir()
    (work / ".orket").symlink_to("../outside")


def outputs_that_lead_out(work: Path) -> None:
    (work.parent / "outside").mkdir()
    (work / ".orket").mkdir()
    (work / ".orket/outputs").symlink_to("../../outside")


def an_output_of_that_name(work: Path) -> None:
    (work / ".orket/outputs").mkdir(parents=True)
    (work / KEPT).symlink_to(work.parent / "outside")


@pytest.mark.parametrize(
    "hinder", [file_in_the_way, link_that_leads_out, outputs_that_lead_out, an_output_of_that_name]
)
async def test_where_it_cannot_be_kept_the_call_is_as_good_and_names_nothing(
    workspace: Workspace, work: Path, hinder: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    hinder(work)
    with caplog.at_level(logging.WARNING):
        result = await give(workspace, {"content": TEXT, "lines": 1_000})

    assert (result.status, result.whole) == ("ok", TEXT)
    assert "characters left out …]" in str(result.value)
    assert caplog.messages[0].startswith("the whole output of call-1 was not kept: ")
    outside = work.parent / "outside"
    assert not outside.is_file()
    assert not outside.is_dir() or os.listdir(outside) == []


async def test_a_closed_workspace_keeps_nothing(workspace: Workspace) -> None:
    workspace.close()
    assert "characters left out …]" in str((await give(workspace, TEXT)).value)


def test_no_tool_writes_what_is_kept(workspace: Workspace) -> None:
    workspace.keep("call-1", TEXT)
    with pytest.raises(ToolError, match="Orket itself reads it"):
        workspace.write_text(KEPT, "forged")


def test_only_the_owner_reads_it_and_version_control_passes_it_over(workspace: Workspace, work: Path) -> None:
    workspace.keep("call-1", TEXT)
    assert (work / KEPT).stat().st_mode & 0o777 == 0o600
    assert (work / ".orket/outputs/.gitignore").read_text() == "*\n"


def test_a_call_id_that_somebody_chose_is_no_path(workspace: Workspace, work: Path) -> None:
    assert workspace.keep("../../up/and away", "text") == ".orket/outputs/______up_and_away.txt"
    assert os.listdir(work) == [".orket"]


@pytest.mark.parametrize("step", ["stat", "unlink"])
def test_one_that_another_call_removes_meanwhile_hinders_nothing(
    workspace: Workspace, work: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for number in range(100):
        os.utime(work / workspace.keep(f"call-{number}", "text"), ns=(number, number))
    real: Callable[..., object] = getattr(os, step)

    def too_late(path: str, **kwargs: Any) -> object:
        with contextlib.suppress(FileNotFoundError):
            os.remove(work / ".orket/outputs/call-0.txt")
        return real(path, **kwargs)

    monkeypatch.setattr(os, step, too_late)
    assert workspace.read_text(workspace.keep("call-100", "new")) == "new"


def test_a_text_that_there_is_no_room_for_is_not_kept_in_part(workspace: Workspace, work: Path) -> None:
    workspace.keep("call-1", "text")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))  # to a process the same as a full disk
    try:
        with pytest.raises(OSError, match="File too large"):
            workspace.keep("call-2", TEXT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.name for path in work.glob(".orket/outputs/*.txt")] == ["call-1.txt"]


def test_the_last_hundred_are_kept(workspace: Workspace, work: Path) -> None:
    for number in range(103):
        path = workspace.keep(f"call-{number}", "text")
        os.utime(work / path, ns=(number, number))
    names = sorted(work.glob(".orket/outputs/*.txt"), key=lambda path: path.stat().st_mtime_ns)
    assert [path.stem for path in names] == [f"call-{number}" for number in range(3, 103)]
