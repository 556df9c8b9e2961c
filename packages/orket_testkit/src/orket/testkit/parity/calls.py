"""Whose calls are compared: of a strategy the tools that it brings along, of a runner every tool."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core import ToolRuntimeExecutor
from orket.core.proving import contained
from orket.testkit.changes.declared import changes_of, covers
from orket.testkit.circumstances import circumstances
from orket.testkit.laws.trials import trials
from orket.testkit.parity.comparison import Comparison
from orket.testkit.parity.corpus import scenes_with
from orket.testkit.parity.offers import Difference
from orket.testkit.parity.replay import broken, scene_of
from orket.testkit.parity.samples import samples
from orket.testkit.parity.sequences import scenes, search
from orket.testkit.parity.worlds import Cast
from orket.testkit.toolsets import baseline

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from orket.core import Tool, ToolRunner, Toolset
    from orket.testkit.circumstances import Circumstance
    from orket.testkit.laws.trials import Trial
    from orket.testkit.parity.comparison import Divergence
    from orket.testkit.parity.observations import Observation
    from orket.testkit.parity.worlds import Staging
    from orket.testkit.subject import Plan, Subject

__all__ = ["compare_runner", "compare_strategy"]

_MOST = 8
"""Circumstances whose calls are compared; more of them would say little that is new and take long."""

_DECLARABLE = ("result", "effect")


class _Comparing(NamedTuple):
    """One comparison to make: who, under which circumstance, and what is in question."""

    circumstance: Circumstance
    comparison: Comparison
    tools: Mapping[str, Tool]
    focus: Sequence[str]
    """The names of the tools in question."""


def compare_strategy(subject: Subject, plan: Plan) -> str:
    """Compare each tool that the node replaces with the original, and each that it adds with itself."""
    comparisons = list(_of_strategy(subject, plan))
    counts = _compare(comparisons, plan)
    if comparisons:
        return _counted(comparisons, counts)
    return "it provides nothing: every call of what it offers is a call of the application's own tool"


def compare_runner(subject: Subject, plan: Plan) -> str:
    """Compare calls of every tool under the runner with the same calls under the control."""
    comparisons = list(_of_runner(subject, plan))
    return _counted(comparisons, _compare(comparisons, plan, spread=True))


def _counted(comparisons: Sequence[_Comparing], counts: Counter[tuple[str, bool]]) -> str:
    """Which tools were compared, by how many calls, and how many of these did not end well."""
    names = dict.fromkeys(name for one in comparisons for name in one.focus)
    told = [
        f"{name} ({counts[name, True] + counts[name, False]} calls, {counts[name, False]} errors)"
        for name in names
    ]
    return f"compared: {', '.join(told)}" if told else ""


def _compare(
    comparisons: Sequence[_Comparing], plan: Plan, *, spread: bool = False
) -> Counter[tuple[str, bool]]:
    """The frozen scenes first, then generated ones; of a trace only its own.

    Gives how often the candidates' calls of each tool ended well, and how often not.

    Args:
        comparisons: what to compare, each under options of its own.
        plan: how much to generate, or the trace to show again.
        spread: whether each frozen scene is played under one of the sets of options, in turn, and not under all.
    """
    counts: Counter[tuple[str, bool]] = Counter()

    def count(seen: Observation) -> None:
        counts.update((call.tool, call.status == "ok") for call in seen.seen)

    replayed = scene_of(plan)
    comparisons = [one._replace(comparison=one.comparison._replace(watches=count)) for one in comparisons]
    for place, one in enumerate(comparisons):
        frozen = scenes_with(one.focus) if one.comparison.control is not None else ()
        if spread:
            frozen = frozen[place :: len(comparisons)]
        for scene in frozen if replayed is None else (replayed,):
            _judge(one, one.comparison.of(scene), reducing=replayed is None)
    if replayed is not None:
        return counts
    for place, one in enumerate(comparisons):
        share = plan._replace(
            seed=plan.seed + place,  # not the same scenes under each set of options
            examples=max(1, plan.examples // len(comparisons)),
            seconds=plan.seconds / len(comparisons),
        )
        _judge(one, search(scenes(one.tools, one.focus), share, one.comparison.of), reducing=False)
    return counts


def _judge(one: _Comparing, found: Divergence | None, *, reducing: bool) -> None:
    if found is None:
        return
    if reducing:
        found = one.comparison.reduced(found)
    meant = set(found.kinds) <= set(_DECLARABLE)
    raise broken(found, one.circumstance, status="unaccepted-change" if meant else "failed")


def _of_strategy(subject: Subject, plan: Plan) -> Iterator[_Comparing]:
    runner = ToolRuntimeExecutor().runner
    for trial, provided in _providing(subject, plan):
        original = _named(_ready(trial.toolset))
        tools = {**original, **_named(_ready(provided))}
        replaced = [tool.name for tool in provided if tool.name in original]
        added = [tool.name for tool in provided if tool.name not in original]
        candidate = _staged(trial, [*replaced, *added], runner)
        accepts = _accepting(subject, trial.circumstance, original)
        effects = {tool.name: tool.effects for tool in provided}
        if replaced:
            control = _playing(original, runner)
            comparison = Comparison(candidate, control, accepts, effects=effects)
            common = {name: tool for name, tool in tools.items() if name in original}
            yield _Comparing(trial.circumstance, comparison, common, replaced)
        if added:
            yield _Comparing(trial.circumstance, Comparison(candidate, None, effects=effects), tools, added)


def _of_runner(subject: Subject, plan: Plan) -> Iterator[_Comparing]:
    tools = _named(_ready(baseline() | samples()))
    control = cast("ToolRunner", subject.control())
    different: list[Mapping[str, object]] = []
    for circumstance in circumstances(subject, plan):
        if circumstance.options in different or len(different) == _MOST:
            continue
        different.append(circumstance.options)

        def candidate(options: Mapping[str, object] = circumstance.options) -> Cast:
            return Cast(tools, cast("ToolRunner", subject.make(options)))

        accepts = _accepting(subject, circumstance, tools)
        # What a runner leaves running is the matter of the law that it cleans up.
        comparison = Comparison(candidate, _playing(tools, control), accepts, leaks=False)
        yield _Comparing(circumstance, comparison, tools, list(tools))


def _providing(subject: Subject, plan: Plan) -> Iterator[tuple[Trial, list[Tool]]]:
    """One trial for each set of options and each role with which the node brings tools along, and these tools."""
    names = subject.declared.provides
    different: list[object] = []
    for trial in trials(subject, plan, "baseline") if names else ():
        offered = trial.compose() or ()
        provided = [
            tool for tool in offered if tool.name in names and trial.toolset.get(tool.name) is not tool
        ]
        circumstance = trial.circumstance
        key = circumstance.options, circumstance.context.role, sorted(tool.name for tool in provided)
        if provided and key not in different and len(different) < _MOST:
            different.append(key)
            yield trial, provided


def _playing(tools: Mapping[str, Tool], runner: ToolRunner) -> Staging:
    return lambda: Cast(tools, runner)


def _staged(trial: Trial, names: Sequence[str], runner: ToolRunner) -> Staging:
    """A fresh node composes inside the world, and only what it brings along takes the original's place."""

    def cast_() -> Cast:
        offered: Toolset | tuple[Tool, ...] = trial.compose() or ()
        return Cast(
            {**_named(trial.toolset), **_named(tool for tool in offered if tool.name in names)}, runner
        )

    return cast_


def _accepting(
    subject: Subject, circumstance: Circumstance, originals: Mapping[str, Tool]
) -> Callable[[str, str], bool]:
    changes = changes_of(subject.declared)

    def accepts(kind: str, name: str) -> bool:
        difference = Difference(kind, name, circumstance, "")
        tool = originals.get(name)
        return kind in _DECLARABLE and any(covers(change, difference, tool) for change in changes)

    return accepts


def _named(tools: Iterable[Tool]) -> dict[str, Tool]:
    return {tool.name: tool for tool in tools}


def _ready(tools: Iterable[Tool]) -> list[Tool]:
    """The tools whose arguments can be described, each with all that is built on first use: worlds inherit it."""
    ready: list[Tool] = []
    for tool in tools:
        with contained():
            assert tool.schema is not None
            assert tool.arguments.validate is not None
            ready.append(tool)
    return ready
