"""The laws that compare a node with its family's default: what is offered, and what calls of it do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.testkit.changes.declared import changes_of, covers
from orket.testkit.checks import Law
from orket.testkit.findings import Broken
from orket.testkit.laws.trials import trials
from orket.testkit.parity.calls import compare_runner, compare_strategy
from orket.testkit.parity.offers import differences
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from orket.testkit.changes.declared import Change
    from orket.testkit.laws.trials import Trial
    from orket.testkit.parity.offers import Difference
    from orket.testkit.subject import Plan, Subject

__all__ = ["LAWS"]

_MOST_TOLD = 5


def compare_offer(subject: Subject, plan: Plan) -> None:
    """Compare what the node offers with what the control offers, of every toolset, under every circumstance."""
    changes = changes_of(subject.declared)
    control = subject.control()
    for trial in trials(subject, plan, *TOOLSETS):
        undeclared = list(_undeclared(trial, control, changes))
        if undeclared:
            raise _broken(trial, undeclared)


def _undeclared(trial: Trial, control: object, changes: Sequence[Change]) -> Iterator[Difference]:
    before, after = trial.compose(control), trial.compose()
    if before is None or after is None:  # that compose gives a Toolset is the matter of other laws
        return
    for difference in differences(before, after, trial.circumstance):
        tool = before.get(difference.tool) or after.get(difference.tool)
        if not any(covers(change, difference, tool) for change in changes):
            yield difference


def _broken(trial: Trial, undeclared: Sequence[Difference]) -> Broken:
    first = undeclared[0]
    told = [f"'{one.tool}': {one.kind}: {one.detail}" for one in undeclared[:_MOST_TOLD]]
    if more := len(undeclared) - len(told):
        told.append(f"and {more} more")
    return Broken(
        "undeclared-change: " + "\n".join(told),
        expected=f"what the control offers, or a [[change]] of kind \"{first.kind}\" that covers '{first.tool}'",
        trace={**trial.trace, "tool": first.tool, "kind": first.kind},
        status="unaccepted-change",
    )


LAWS: Mapping[str, tuple[Law, ...]] = {
    "tool_strategy": (
        Law(
            "parity-offer",
            "What the strategy offers differs from the default's offer only in what it declares as changes.",
            compare_offer,
        ),
        Law(
            "parity-calls",
            "A tool that the strategy replaces does what the original does, but for declared changes; "
            "one that it adds does the same each time; and neither does more than its effects say.",
            compare_strategy,
            patience=3.0,
        ),
    ),
    "tool_runner": (
        Law(
            "parity-calls",
            "A call does the same under the runner as under the default: its result, and what it does to the world.",
            compare_runner,
            patience=3.0,
        ),
    ),
}
