"""The law that a node does what its ``[[case]]`` entries say, and that they say something."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from orket.core import Toolset
from orket.core.proving import contained
from orket.testkit.circumstances import Circumstance, options_model
from orket.testkit.findings import Broken
from orket.testkit.laws.trials import Trial
from orket.testkit.toolsets import baseline

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.testkit.subject import Plan, Subject

__all__ = ["cases_hold"]


def cases_hold(subject: Subject, plan: Plan) -> None:
    """Each case gives its names in order; of a node with options, one case differs from the control."""
    cases = [_read(case) for case in subject.declared.cases]
    differs = False
    for circumstance, expected in cases:
        trial = Trial(subject, circumstance, "baseline", baseline(), plan.brief)
        offered: Toolset | None = None
        with contained():  # options that are refused are the matter of another law
            offered = trial.compose()
        if offered is None:
            continue
        if offered.names != expected:
            raise Broken(
                f"it offered {_listed(offered.names)}",
                expected=f"the case's {_listed(expected)}",
                trace=trial.trace,
            )
        control, _ = trial.attempt(subject.control())
        differs = differs or (isinstance(control, Toolset) and trial.show(offered) != trial.show(control))
    if not differs and getattr(options_model(subject), "model_fields", None):
        raise Broken(
            "vacuous: it has options, and no case in which it offers anything but what the default node offers",
            expected="at least one [[case]] whose options make a difference",
        )


def _read(case: Mapping[str, object]) -> tuple[Circumstance, tuple[str, ...]]:
    expected = case.get("expect")
    if not isinstance(expected, list) or not all(
        isinstance(name, str) for name in cast("list[object]", expected)
    ):
        raise Broken(
            f"a case has {'no' if expected is None else 'an unusable'} 'expect'",
            expected="expect = [names of the tools, in order]",
            trace=case,
        )
    try:
        return Circumstance.from_dict(case), tuple(cast("list[str]", expected))
    except ValueError as error:
        raise Broken(
            f"a case cannot be used: {error}", expected="options, roles and expect", trace=case
        ) from error


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "no tools"
