"""The demo's own story: one recorded session in four acts, of which the first three differ by one setting alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from orket.cli.demo.player import Play, in_turns, played, step
from orket.cli.demo.proofs import can_prove, enabled
from orket.cli.demo.scratch import scratch
from orket.cli.demo.session import read_session
from orket.core import TOOL_RUNNER, TOOL_STRATEGY, ConfigError, Diagnostic, Runtime, Settings, discover

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from orket.cli.demo.player import Step
    from orket.cli.demo.session import Message

__all__ = ["PLAYED_WITH", "SESSION", "Act", "acts"]

_HERE = Path(__file__).parent
SESSION = _HERE / "session.jsonl"
"""The session, recorded under ``default``."""
_RESPECTED = (TOOL_RUNNER.variable, "XDG_CACHE_HOME")
PLAYED_WITH = ("orket-tools", "orket-strategy-read-only", "orket-strategy-role")
"""The distributions that the acts choose from, besides core."""


class Act(NamedTuple):
    """One act, played."""

    title: str
    about: str
    shows: Literal["calls", "differences", "offers"]
    """What of the plays is worth a look: every call, those that end otherwise than recorded, or what was offered."""
    plays: Mapping[str, Play]
    """By what tells them apart."""
    tests: tuple[str, ...] = ()
    """How the project's own tests ended before and after, where they were run."""
    gate: tuple[tuple[str, str], ...] = ()
    """What happened at the gate before the node was enabled: labels and sentences."""

    def as_dict(self) -> dict[str, object]:
        """The act as JSON says it."""
        plays = {name: play.as_dict() for name, play in self.plays.items()}
        return {
            "title": self.title,
            "about": self.about,
            "plays": plays,
            "tests": list(self.tests),
            "gate": list(self.gate),
        }


def acts(environ: Mapping[str, str]) -> Iterator[Act]:
    """Play the acts one after the other, each in a fresh copy of the project.

    Args:
        environ: the user's variables. The one that chooses the runner counts, and where this user keeps what can be
            made again; the acts set their own.

    Raises:
        OrketError: the chosen runner, or what the demo plays with, cannot be used.
    """
    _check_installed()
    own = {name: environ[name] for name in _RESPECTED if name in environ}
    messages = read_session(SESSION)
    with scratch() as folder:
        yield _default(_project(folder, "1"), own, messages)
        yield _read_only(_project(folder, "2"), own, messages)
        yield _role(_project(folder, "3-reviewer"), _project(folder, "3-coder"), own, messages)
        yield _brake(_project(folder, "4"), own, messages)


def _check_installed() -> None:
    missing = [name for name in PLAYED_WITH if name not in discover().metadata]
    if missing:
        raise ConfigError(
            Diagnostic(
                "not-installed",
                f"The demo is played with distributions that are not installed: {', '.join(missing)}.",
                asked_by="orket demo",
                hint="install 'orket', which brings them; a recording of your own is played without",
            )
        )


def _default(project: str, environ: Mapping[str, str], messages: Sequence[Message]) -> Act:
    gate = tuple(enabled(Settings.load(project, environ), environ))
    before = _tests(project)
    play = played(_runtime(project, environ), messages, in_turns())
    return Act(
        "default",
        "A model fixes a bug. On the way it misspells, strays, and wants more rights.",
        "calls",
        {"": play},
        tests=(f"python -m unittest: {before}", _tests(project)),
        gate=gate,
    )


def _read_only(project: str, environ: Mapping[str, str], messages: Sequence[Message]) -> Act:
    flipped = {**environ, TOOL_STRATEGY.variable: "read-only"}
    gate = tuple(enabled(Settings.load(project, flipped), environ))
    return Act(
        f"{TOOL_STRATEGY.variable}=read-only",
        "The same session, project and code, and one variable of the environment.",
        "differences",
        {"": played(_runtime(project, flipped), messages, in_turns())},
        gate=gate,
    )


def _role(reviewers: str, coders: str, environ: Mapping[str, str], messages: Sequence[Message]) -> Act:
    rules = {TOOL_STRATEGY.rule: "role"}
    chosen = Settings.load(reviewers, environ).with_rules("rules", "Runtime(process_rules=…)", rules)
    gate = tuple(enabled(chosen, environ))
    return Act(
        "role",
        "The same session again, by two roles; a table in orket.toml says who has what.",
        "offers",
        {
            "reviewer": played(_runtime(reviewers, environ, rules), messages, in_turns(["reviewer"])),
            "coder": played(_runtime(coders, environ, rules), messages, in_turns(["coder"])),
        },
        gate=gate,
    )


def _brake(project: str, environ: Mapping[str, str], messages: Sequence[Message]) -> Act:
    return Act(
        "the brake",
        "A turn that may write is under way; the brake stops its next write.",
        "calls",
        {"": played(_runtime(project, environ), messages, _restricted_midway)},
    )


def _restricted_midway(runtime: Runtime, messages: Sequence[Message]) -> Iterator[Step]:
    """The two writes that succeeded first, and between them the brake; then a read. All in one turn."""
    first, second = _that_succeeded(messages, "write_file")[:2]
    turn = runtime.turn()
    yield step(runtime, turn, first)
    runtime.restrict({"read"})
    yield step(runtime, turn, second, 'runtime.restrict({"read"})')
    yield step(runtime, turn, _that_succeeded(messages, "read_file")[0])


def _that_succeeded(messages: Sequence[Message], tool: str) -> list[Message]:
    return [
        message
        for message in messages
        if [(one.call.name, one.status) for one in message.calls] == [(tool, "ok")]
    ]


def _runtime(
    project: str, environ: Mapping[str, str], rules: Mapping[str, object] | None = None
) -> Callable[[], Runtime]:
    settings = Settings.load(project, environ)
    return lambda: Runtime(settings=settings, process_rules=rules or {}, workspace=project)


def _project(folder: str, name: str) -> str:
    """A fresh copy of the project. Its files are kept as ``.txt``, so that no tool takes them for Orket's own."""
    project, copy = _HERE / "project", Path(folder, name)
    for path in project.rglob("*.txt"):
        target = copy / path.relative_to(project).with_suffix("")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())  # and not its permissions: installed files may be read-only
    if not can_prove():
        with (copy / "orket.toml").open("a", encoding="utf-8") as configuration:
            configuration.write('mode = "warn"\n')
    return str(copy)


def _tests(project: str) -> str:
    """How the project's own tests end, in their own words."""
    command = [sys.executable, "-I", "-B", "-m", "unittest"]
    quiet = {**os.environ, "NO_COLOR": "1"}
    ended = subprocess.run(command, cwd=project, env=quiet, capture_output=True, text=True, check=False)
    return ended.stderr.strip().rpartition("\n")[2]
