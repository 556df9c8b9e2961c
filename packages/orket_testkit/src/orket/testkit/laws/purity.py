"""The law that compose is pure: it decides, and does nothing."""

from __future__ import annotations

import io
import json
import logging
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

from orket.testkit.findings import Broken
from orket.testkit.laws.state import changes, process
from orket.testkit.laws.trials import difference, show, trials
from orket.testkit.laws.watch import watched

if TYPE_CHECKING:
    from collections.abc import Generator

    from orket.core import Tool, Toolset, TurnContext
    from orket.testkit.laws.trials import Shown
    from orket.testkit.subject import Plan, Subject

__all__ = ["pure"]


class _Inputs(NamedTuple):
    """What compose was given, remembered apart from it."""

    tools: tuple[Tool, ...]
    shown: list[Shown]
    context: str

    @classmethod
    def of(cls, toolset: Toolset, context: TurnContext) -> _Inputs:
        plain = [context.session_id, context.roles, context.model, context.turn, dict(context.extra)]
        return cls(tuple(toolset), show(toolset), json.dumps(plain, default=repr))


def pure(subject: Subject, plan: Plan) -> None:
    """Compose changes neither what it is given nor the world."""
    for trial in trials(subject, plan, "one", "baseline", "synthetic"):
        node, inputs = trial.make(), trial.inputs()
        before, state = _Inputs.of(*inputs), process()
        with watched() as deeds, _printed() as printed:
            trial.attempt(node, inputs)
        if deeds:
            raise Broken(f"compose {deeds[0]}", expected="a decision that does nothing", trace=trial.trace)
        if printed.getvalue():
            found = f"compose printed {printed.getvalue()[:60]!r}"
            raise Broken(found, expected="a decision that does nothing", trace=trial.trace)
        if moved := changes(state):
            found = f"compose changed {moved[0]}"
            raise Broken(found, expected="a decision that does nothing", trace=trial.trace)
        if changed := _changed(before, _Inputs.of(*inputs)):
            raise Broken(f"compose changed {changed}", expected="inputs as they were", trace=trial.trace)


@contextmanager
def _printed() -> Generator[io.StringIO]:
    """What is printed within the block. What is logged is not: where that goes is for the application to say."""
    text, last = io.StringIO(), logging.lastResort
    logging.lastResort = logging.NullHandler()
    try:
        with redirect_stdout(text), redirect_stderr(text):
            yield text
    finally:
        logging.lastResort = last


def _changed(before: _Inputs, after: _Inputs) -> str:
    if before.context != after.context:
        return f"the context that it was given: {before.context} became {after.context}"
    if told := difference(before.shown, after.shown):
        return f"the toolset that it was given: {told}"
    return "" if before.tools == after.tools else "tools of the toolset that it was given"
