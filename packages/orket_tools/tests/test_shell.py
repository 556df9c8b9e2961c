"""The group ``shell`` runs a program: no shell, few variables, bounded output, and nothing left running."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import re
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast

import pytest

from orket.core import CallContext, Effect, ToolError, ToolResult, ToolRuntimeExecutor, Workspace
from orket.tools import shell
from orket.tools.shell import SHELL, Ran

RUN = SHELL["run_command"]


def run(
    root: Path, *argv: str, max_output: int = 65_536, deadline: float | None = None, **arguments: Any
) -> Ran:
    context = CallContext(files=Workspace(root), max_output=max_output, deadline=deadline)
    coroutine = RUN(argv=list(argv), ctx=context, **arguments)
    return asyncio.run(cast("Coroutine[object, object, Ran]", coroutine))


def python(root: Path, code: str, **arguments: Any) -> Ran:
    return run(root, sys.executable, "-c", code, **arguments)


def refused(text: str) -> pytest.RaisesExc[ToolError]:
    return pytest.RaisesExc(ToolError, match=f"^{re.escape(text)}$")


def test_a_program_runs_in_the_workspace_and_its_output_and_exit_code_are_given(tmp_path: Path) -> None:
    code = (
        "import os, sys; print(os.getcwd()); sys.stdout.flush(); print('bad', file=sys.stderr); sys.exit(3)"
    )
    assert python(tmp_path, code) == {"exit_code": 3, "output": f"{tmp_path}\nbad\n"}


def test_the_folder_may_be_chosen_within_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "sub folder").mkdir()
    (tmp_path / "out").symlink_to("..")
    assert run(tmp_path, "pwd", cwd="sub folder")["output"] == f"{tmp_path}/sub folder\n"
    with refused("'..' is outside the workspace; give a path inside it"):
        run(tmp_path, "pwd", cwd="..")
    with refused("'out' leads outside the workspace through a symbolic link; give a path that stays inside"):
        run(tmp_path, "pwd", cwd="out")
    with refused("cannot open 'nowhere': there is no 'nowhere' in the workspace"):
        run(tmp_path, "pwd", cwd="nowhere")


def test_arguments_are_given_as_they_are(tmp_path: Path) -> None:
    arguments = ["two words", "$HOME", "; id", "*", "", "é", '"']
    assert run(tmp_path, "printf", "%s\\n", *arguments)["output"].splitlines() == arguments


def test_a_program_gets_few_variables_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")
    monkeypatch.setenv("LANG", "C.UTF-8")
    lines = run(tmp_path, "env")["output"].splitlines()
    variables = dict(line.split("=", 1) for line in lines)
    assert variables["HOME"] == str(tmp_path)
    assert variables["PATH"] == os.environ["PATH"]
    assert variables.keys() <= {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "HOME", "TERM"}


def test_a_program_has_no_input_and_none_of_the_hosts_files(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), False)
        code = "import os, sys; print(sys.stdin.read() == '', sorted(os.listdir('/proc/self/fd'))[:4])"
        assert python(tmp_path, code)["output"] == "True ['0', '1', '2', '3']\n"


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        ([], "'argv' is empty; give the program and its arguments"),
        (
            ["no-such-program"],
            "cannot run 'no-such-program': No such file or directory, in no folder of PATH",
        ),
        (["./no-such-program"], "cannot run './no-such-program': No such file or directory"),
        (["/"], "cannot run '/': Permission denied"),
        (["a\0b"], "cannot run 'a\\x00b': embedded null byte"),
    ],
)
def test_what_cannot_be_run_is_refused(tmp_path: Path, argv: list[str], text: str) -> None:
    with refused(text):
        run(tmp_path, *argv)


def test_long_output_is_read_to_the_end_and_its_head_and_tail_are_given(tmp_path: Path) -> None:
    ran = python(tmp_path, "print('a' * 1_000_000); print('z' * 10, end='')", max_output=1_000)
    assert ran["exit_code"] == 0
    assert ran["output"] == f"{'a' * 450}\n[… 999,411 of 1,000,011 bytes left out …]\n{'a' * 139}\n{'z' * 10}"


def test_output_that_fits_is_whole(tmp_path: Path) -> None:
    assert python(tmp_path, "print('x' * 599, end='')", max_output=1_000)["output"] == "x" * 599


@pytest.mark.parametrize(
    "written", ["'line\\n' * 20_000", "'\\0' * 2_000", "'\\udcff' * 2_000", "'\\n' * 600"]
)
def test_output_is_cut_once_and_fits_as_json(tmp_path: Path, written: str) -> None:
    code = f"import sys; sys.stdout.buffer.write(({written}).encode(errors='surrogateescape'))"
    output = python(tmp_path, code, max_output=1_000)["output"]
    assert output.count(" bytes left out …]") == 1
    assert 300 < len(json.dumps(output, ensure_ascii=False).encode()) <= 700


def test_output_that_is_no_text_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    assert run(tmp_path, "printf", "a\\377\\303\\251")["output"] == "a�é"


def children(marker: str) -> list[int]:
    """The processes whose command line has ``marker``."""
    found: list[int] = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            command = Path("/proc", name, "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if marker.encode() in command and int(name) != os.getpid():
            found.append(int(name))
    return found


def all_end(marker: str) -> None:
    """See every such process end; one that was killed takes a moment to."""
    for _ in range(1_000):
        if not children(marker):
            return
        time.sleep(0.01)
    pytest.fail(f"still running: {children(marker)}")


TWO = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", sys.argv[1]])
print("begun", flush=True)
{}
"""


def test_a_program_that_takes_too_long_is_stopped_with_all_it_started(tmp_path: Path) -> None:
    marker = f"marker{tmp_path}"
    two = """sh -c 'sleep 600; :' "$0" & echo begun; wait"""
    ran = run(tmp_path, "sh", "-c", two, marker, timeout=1.0)
    assert ran == {"exit_code": None, "output": "begun\n\n[… stopped after 1 seconds …]\n"}
    all_end(marker)


def test_a_program_is_stopped_before_its_call_is_so_that_its_output_is_told(tmp_path: Path) -> None:
    ran = run(tmp_path, "sh", "-c", "echo begun; sleep 600", deadline=time.monotonic() + 4)
    assert ran["exit_code"] is None
    assert re.fullmatch(r"begun\n\n\[… stopped after [12](\.\d+)? seconds …\]\n", ran["output"])


def test_what_a_program_leaves_behind_is_ended_and_not_waited_for(tmp_path: Path) -> None:
    marker = f"marker{tmp_path}"
    ran = run(tmp_path, sys.executable, "-c", TWO.format(""), marker)
    assert ran == {"exit_code": 0, "output": "begun\n"}
    all_end(marker)


def test_a_program_that_is_ended_by_a_signal_shows_its_number(tmp_path: Path) -> None:
    assert python(tmp_path, "import os; os.kill(os.getpid(), 9)")["exit_code"] == -9


def begun(root: Path, marker: str, **policies: Any) -> Coroutine[object, object, ToolResult]:
    """A call of a program that starts another one, and neither of which ends."""
    tool, context = RUN.with_(confine=False, **policies), CallContext(files=Workspace(root))
    argv = [sys.executable, "-c", TWO.format("time.sleep(600)"), marker]
    return ToolRuntimeExecutor().invoke(tool, {"argv": argv}, context)


def test_a_caller_that_goes_away_ends_the_program_and_all_it_started(tmp_path: Path) -> None:
    marker = f"marker{tmp_path}"

    async def go_away() -> None:
        call = asyncio.create_task(begun(tmp_path, marker))
        while len(children(marker)) < 2:  # noqa: ASYNC110 - nobody tells when another process begins
            await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(go_away())
    all_end(marker)


def test_a_deadline_ends_the_program_and_all_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shell, "_TO_TELL", -600)  # the program is not stopped before its call is
    marker = f"marker{tmp_path}"
    assert asyncio.run(begun(tmp_path, marker, timeout=1.0)).status == "timeout"
    all_end(marker)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    gc.collect()  # what other tests have left
    before = len(os.listdir("/proc/self/fd"))
    run(tmp_path, "true")
    with pytest.raises(ToolError):
        run(tmp_path, "no-such-program")
    gc.collect()  # a refusal that was raised may still hold the workspace
    assert len(os.listdir("/proc/self/fd")) == before


def test_it_may_do_anything_and_so_asks_to_be_confined() -> None:
    assert RUN.effects == set(Effect)
    assert RUN.confine
    assert RUN.timeout is None
    assert not RUN.idempotent


def test_the_inline_runner_refuses_it(tmp_path: Path) -> None:
    result = asyncio.run(
        ToolRuntimeExecutor().invoke(RUN, {"argv": ["true"]}, CallContext(files=Workspace(tmp_path)))
    )
    assert result.status == "denied"
    assert result.error == (
        "'run_command' runs only where it is confined, and the inline runner confines nothing: "
        "choose a runner that does, or list the tool under 'unconfined' in [tools]"
    )
