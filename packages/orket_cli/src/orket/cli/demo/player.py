"""Plays a recorded session: each message of the model is one turn, as it was when it was recorded.

So the strategy composes anew for each message, in the roles and the session that the recording names, and the calls
of a message run side by side. What comes out are plain values; what changed on disk is told by the disk.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from orket.cli.demo.scratch import Change, changes, snapshot
from orket.core import TOOL_RUNNER, TOOL_STRATEGY

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from typing import TypeAlias

    from orket.cli.demo.session import Message, RecordedCall
    from orket.core import Resolution, Runtime, ToolResult, Turn

    Script: TypeAlias = Callable[[Runtime, Sequence[Message]], Iterator["Step"]]

__all__ = ["Answer", "Offer", "Play", "Step", "in_turns", "played", "step"]


class Offer(NamedTuple):
    """The tools of a turn, and why each of the application's others is absent."""

    names: tuple[str, ...]
    absent: tuple[tuple[str, str], ...]


class Answer(NamedTuple):
    """What came of one call."""

    tool: str
    arguments: str
    """As JSON text, or what the model sent in its place."""
    status: str
    """A ``Status``, or ``not-played`` where the recording has left the arguments out."""
    why: str
    """Why it is not ``ok``, as the model reads it."""
    recorded: str | None
    """The status at the time; ``None`` where the recording does not say."""

    @property
    def compared(self) -> bool:
        """Whether it was played, and the recording says how it ended at the time."""
        return self.status != "not-played" and self.recorded is not None

    @property
    def differs(self) -> bool:
        """Whether it ended otherwise than at the time."""
        return self.compared and self.status != self.recorded


class Step(NamedTuple):
    """One message of the model."""

    line: int
    said: str
    offer: Offer
    answers: tuple[Answer, ...]
    event: str = ""
    """What the application did just before."""


class Play(NamedTuple):
    """A session that was played."""

    strategy: Resolution
    runner: Resolution
    folder: str
    steps: tuple[Step, ...]
    changed: tuple[Change, ...]
    warnings: tuple[str, ...]
    """What was logged meanwhile, for example that a node is not proved."""

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Every call's, in order."""
        return tuple(answer for step in self.steps for answer in step.answers)

    def as_dict(self) -> dict[str, object]:
        """The play as JSON says it."""
        return {
            "tool_strategy": self.strategy.as_dict(),
            "tool_runner": self.runner.as_dict(),
            "steps": [
                {
                    "line": step.line,
                    "said": step.said,
                    "event": step.event,
                    "offered": list(step.offer.names),
                    "absent": dict(step.offer.absent),
                    "calls": [{**answer._asdict(), "differs": answer.differs} for answer in step.answers],
                }
                for step in self.steps
            ],
            "changed": [{**change._asdict(), "kind": change.kind} for change in self.changed],
            "warnings": list(self.warnings),
        }


def played(make: Callable[[], Runtime], messages: Sequence[Message], script: Script) -> Play:
    """Play a session in the workspace of a new runtime.

    Args:
        make: makes the runtime, which is closed afterwards.
        messages: what the model asks for.
        script: plays them.
    """
    with _logged() as warnings, make() as runtime:
        folder = runtime.workspace.root
        before = snapshot(folder)
        steps = tuple(script(runtime, messages))
        strategy, runner = runtime.resolution(TOOL_STRATEGY), runtime.resolution(TOOL_RUNNER)
        changed = changes(before, snapshot(folder))
    return Play(strategy, runner, folder, steps, changed, tuple(dict.fromkeys(warnings)))


def in_turns(roles: Sequence[str] | None = None) -> Script:
    """The script of most sessions: one turn a message.

    Args:
        roles: what the agent acts as, in place of what the recording says.
    """

    def script(runtime: Runtime, messages: Sequence[Message]) -> Iterator[Step]:
        for number, message in enumerate(messages, 1):
            turn = runtime.turn(
                session_id=message.session_id,
                roles=message.roles if roles is None else roles,
                model=message.model,
                turn=number if message.turn is None else message.turn,
            )
            yield step(runtime, turn, message)

    return script


def step(runtime: Runtime, turn: Turn, message: Message, event: str = "") -> Step:
    """Run the calls of one message in a turn."""
    names = turn.tools.names
    absent = tuple((name, turn.why(name)) for name in runtime.toolset.names if name not in names)
    played = [recorded for recorded in message.calls if recorded.playable]
    results = iter(turn.call_many_sync([recorded.call for recorded in played]) if played else ())
    answers = tuple(
        _answer(recorded, next(results) if recorded.playable else None) for recorded in message.calls
    )
    return Step(message.line, message.said, Offer(names, absent), answers, event)


def _answer(recorded: RecordedCall, result: ToolResult | None) -> Answer:
    call = recorded.call
    if result is None:
        why = "the recording has left its arguments out"
        return Answer(call.name, "", "not-played", why, recorded.status)
    given = call.arguments
    text = given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)
    return Answer(call.name, text, result.status, result.error, recorded.status)


@contextmanager
def _logged() -> Generator[list[str]]:
    """What Orket warns of meanwhile, for the transcript to show in its place."""
    logger, handler = logging.getLogger("orket"), _Kept()
    logger.addHandler(handler)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield handler.texts
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate


class _Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())
