"""Start a command line and get an answer out of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

from benchmarks.harness import Row, Target
from benchmarks.sites import installed

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness import Contender


def _python(folder: Path) -> Callable[[], object]:
    """The interpreter alone: what any program written in Python has to pay."""
    return _process(folder, [sys.executable, "-c", "pass"])


def _command(*words: str) -> Contender:
    """A console script that is installed beside this Python."""

    def contender(folder: Path) -> Callable[[], object]:
        script = which(words[0], path=os.path.dirname(sys.executable))
        if script is None:
            raise ImportError(name=words[0])
        return _process(folder, [script, *words[1:]])

    return contender


def _process(folder: Path, command: list[str]) -> Callable[[], object]:
    os.chdir(folder)
    # Where nothing may keep its bytecode, each start would compile every module that an installer left as source.
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]

    def work() -> None:
        child = os.posix_spawn(command[0], command, environ, file_actions=silence)
        _, status = os.waitpid(child, 0)
        assert status == 0, f"{command} failed"

    return work


ROWS = (
    Row(
        name="start-version",
        title=f"say the version, with {installed()} distributions around",
        contenders={
            "python -c pass": _python,
            "orket --version": _command("orket", "--version"),
            "hatch --version": _command("hatch", "--version"),
            "pytest --version": _command("pytest", "--version"),
            "llm --version": _command("llm", "--version"),
        },
        targets=(Target("orket --version", over="python -c pass", limit=1.5),),
    ),
    Row(
        name="start-nodes",
        title=f"say which plugins there are, with {installed()} distributions around",
        contenders={
            "python -c pass": _python,
            "orket nodes": _command("orket", "nodes"),
            "orket explain": _command("orket", "explain", "tool_strategy"),
            "keyring --list-backends": _command("keyring", "--list-backends"),
            "llm plugins": _command("llm", "plugins"),
        },
        targets=(
            Target("orket nodes", over="python -c pass", limit=5),
            Target("orket explain", over="python -c pass", limit=5),
        ),
    ),
)
