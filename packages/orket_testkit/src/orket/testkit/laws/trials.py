"""One compose after another: what the laws of strategies look at."""

from __future__ import annotations

import json
import signal
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core import Tool, Toolset
from orket.core.proving import contained
from orket.testkit.circumstances import Circumstance, circumstances
from orket.testkit.subject import toolset_from
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import FrameType

    from orket.core import ToolStrategy, TurnContext
    from orket.testkit.subject import Plan, Subject

__all__ = ["APPLICATION", "POLICIES", "Late", "Shown", "Trial", "difference", "show", "trials"]

APPLICATION = "application"
"""The name in traces of the toolset that the plan brings."""

POLICIES = (
    "timeout",
    "retry",
    "idempotent",
    "serial",
    "concurrency",
    "rate",
    "budget",
    "approval",
    "max_output",
    "host",
    "confine",
)


class Late(BaseException):
    """A compose that did not end in its time. No node that holds ``Exception`` holds this."""


class Shown(NamedTuple):
    """A tool as it is offered."""

    name: str
    digest: str
    """Over its description, schema, effects and policies: equal in every process."""


class Trial:
    """A circumstance, and a toolset to compose in it. Compose takes copies of both, so that no node spoils another."""

    def __init__(
        self, subject: Subject, circumstance: Circumstance, name: str, toolset: Toolset, seconds: float
    ) -> None:
        self.subject = subject
        self.circumstance = circumstance
        self.name = name
        self.toolset = toolset
        self.late = False
        """Whether a compose did not end here; then there is nothing more to learn of the node."""
        self._seconds = seconds

    @property
    def trace(self) -> dict[str, object]:
        """Enough to show it again, as plain JSON."""
        return {**self.circumstance.as_dict(), "toolset": self.name}

    def make(self) -> object:
        """A fresh node with the circumstance's options."""
        return self.subject.make(self.circumstance.options)

    def compose(self, node: object | None = None) -> Toolset | None:
        """What the node offers, a fresh one where none is given; ``None`` where it raises or gives no Toolset."""
        given, _ = self.attempt(node)
        return given if isinstance(given, Toolset) else None

    def attempt(
        self, node: object | None = None, inputs: tuple[Toolset, TurnContext] | None = None
    ) -> tuple[object, BaseException | None]:
        """What compose gives and what it raises. It is stopped when it takes too long, and ``late`` says so."""
        strategy = cast("ToolStrategy", self.make() if node is None else node)
        given: object = None
        with contained() as guard:
            _limit(self._seconds)
            try:
                given = strategy.compose(*(inputs or self.inputs()))
            finally:
                _limit(0)
        self.late = self.late or isinstance(guard.error, Late)
        return given, guard.error

    def show(self, offered: Toolset) -> list[Shown]:
        """An offer of this trial, for comparison with another one of it."""
        return show(offered, self.toolset)

    def inputs(self) -> tuple[Toolset, TurnContext]:
        """What compose is given: the trial's own tools in a container that is nobody else's."""
        context = self.circumstance.context
        return Toolset(self.toolset), replace(context, extra=deepcopy(dict(context.extra)))


def trials(subject: Subject, plan: Plan, *names: str, application: bool = False) -> Iterator[Trial]:
    """Trials, the shortest circumstances first; none after one that was late.

    Args:
        subject: the node.
        plan: says how many circumstances there are; a trace to replay leaves one.
        names: the toolsets to compose, by their names in ``TOOLSETS``.
        application: whether the application's own tools are composed as well, where the plan brings some.
    """
    _limit(0)  # whose handlers are there before anybody looks what a node does to them
    toolsets: dict[str, Toolset] = {}
    replayed = _replayed(plan)
    for name in names:
        if name in replayed or replayed.isdisjoint((*names, APPLICATION)):
            toolsets[name] = TOOLSETS[name]()
    if application and plan.toolset and (not replayed or APPLICATION in replayed):
        toolsets[APPLICATION] = toolset_from(plan.toolset)
    for circumstance in sorted(circumstances(subject, plan), key=lambda one: len(str(one.as_dict()))):
        for name, toolset in toolsets.items():
            trial = Trial(subject, circumstance, name, toolset, plan.brief)
            yield trial
            if trial.late:
                return


def _replayed(plan: Plan) -> set[object]:
    """The names of the toolsets of a trace to replay: its own, and that of the compose before it."""
    replay = plan.replay or {}
    after = cast("Mapping[str, object]", replay.get("after", {}))
    return {replay.get("toolset"), after.get("toolset")} - {None}


def show(toolset: Toolset, given: Iterable[Tool] = ()) -> list[Shown]:
    """A toolset as it is offered.

    Args:
        toolset: what is offered.
        given: tools that it was made of. The arguments that these have are not looked at: no schema is built for them.
    """
    known = {id(tool.arguments): tool.name for tool in given}
    return [Shown(tool.name, _digest(tool, known)) for tool in toolset]


def difference(one: Sequence[Shown], other: Sequence[Shown]) -> str:
    """In what the second offer differs from the first, in a few words; nothing where it does not."""
    names, others = [tool.name for tool in one], [tool.name for tool in other]
    if missing := [name for name in names if name not in others]:
        return f"it left out '{missing[0]}'"
    if added := [name for name in others if name not in names]:
        return f"it added '{added[0]}'"
    for before, after in zip(one, other, strict=True):
        if before.name != after.name:
            return f"it had '{after.name}' in the place of '{before.name}'"
        if before.digest != after.digest:
            return f"'{after.name}' had another description, schema, effect or policy"
    return ""


def _digest(tool: Tool, known: Mapping[int, str]) -> str:
    told: list[object] = [known.get(id(tool.arguments)), tool.described, sorted(tool.effects), tool.is_async]
    with contained():  # whether there is a schema is asked by a law of its own
        if id(tool.arguments) not in known:
            told += [tool.description, tool.schema]
    told += [getattr(tool, policy) for policy in POLICIES]
    text = json.dumps(told, sort_keys=True, default=lambda value: type(value).__name__)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _limit(seconds: float) -> None:
    """Interrupt this thread after so many seconds, or after a fifth of them at work; 0 for never.

    On a busy machine time passes while nothing is done, so that work alone says soon that there is no end to it.
    """
    for timer, number, most in (
        (signal.ITIMER_REAL, signal.SIGALRM, seconds),
        (signal.ITIMER_PROF, signal.SIGPROF, seconds / 5),
    ):
        signal.signal(number, _stop)
        signal.setitimer(timer, most, most / 4)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Late
