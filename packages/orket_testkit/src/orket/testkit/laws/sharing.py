"""Laws about one node used more than once: in turn, and by several turns at once."""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
import threading
from itertools import chain, combinations, cycle, pairwise
from typing import TYPE_CHECKING, TypeAlias, cast

import orket.core
from orket.core import Toolset
from orket.core.proving import contained, describe
from orket.testkit.findings import Broken
from orket.testkit.laws.bound import bound
from orket.testkit.laws.trials import Trial, difference, trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import CodeType, FrameType

    from _typeshed import TraceFunction

    from orket.core import ToolStrategy
    from orket.testkit.laws.trials import Shown
    from orket.testkit.subject import Plan, Subject

    Given: TypeAlias = tuple[object, BaseException | None]
    """What a compose gives, and what it raises."""

__all__ = ["no_leak", "reentrant"]

_TURNS = 40
"""How often one node composes in a row."""
_GROUPS = 4
"""With how many different options a node composes so often."""
_POINTS = 16
"""At how many points at most one compose is interrupted by another."""
_PAIRS = 2
"""How many pairs of circumstances are composed in each other's midst."""
_PATIENCE = (1.0, 0.02)
"""Seconds that an interrupting compose is waited for; and once one was found to wait for the interrupted one."""
_AS_FRESH = "what a fresh node offers"
_OURS = (*orket.core.__path__, os.path.dirname(__file__), "<frozen ")


def no_leak(subject: Subject, plan: Plan) -> None:
    """What a node was used for before does not show in what it offers now."""
    first, second = (_settled(subject, plan, "one", "baseline") for _ in range(2))
    # The tools of the two are other objects under the same names.
    pairs = [*zip(first, second, strict=False), *pairwise(second), *pairwise(reversed(second))]
    for (earlier, _), (trial, fresh) in pairs:
        if earlier.circumstance.options != trial.circumstance.options:
            continue
        node, before, now = trial.make(), earlier.inputs(), trial.inputs()
        offered, _ = earlier.attempt(node, before)
        given, error = trial.attempt(node, now)
        trace = {**trial.trace, "after": earlier.trace}
        if not isinstance(given, Toolset):
            told = "no toolset" if error is None else describe(error)
            raise Broken(f"the second compose of a node gave {told}", expected=_AS_FRESH, trace=trace)
        earlier_tools = {tool.lineage for tool in earlier.toolset} - {tool.lineage for tool in trial.toolset}
        if strays := [tool.name for tool in given if tool.lineage in earlier_tools]:
            raise Broken(f"'{strays[0]}' is a tool of an earlier toolset", expected=_AS_FRESH, trace=trace)
        if told := difference(fresh, trial.show(given)):
            raise Broken(f"after another compose, {told}", expected=_AS_FRESH, trace=trace)
        if stray := next(bound(given, now, before), ""):
            found = f"'{stray}' holds on to an earlier toolset or context"
            raise Broken(found, expected=_AS_FRESH, trace=trace)
        if isinstance(offered, Toolset) and (stray := next(bound(offered, before, now), "")):
            found = f"'{stray}', offered before, holds on to a later toolset or context"
            raise Broken(found, expected="what is offered stays as it is", trace=trace)
    for group in list(_by_options([*first, *second]).values())[:_GROUPS]:
        _go_on(group)


def _go_on(trials: Sequence[tuple[Trial, list[Shown]]]) -> None:
    """Use one node for many turns: something that it counts shows only in the end."""
    node = trials[0][0].make()
    after: Mapping[str, object] = {}
    for number, (trial, fresh) in zip(range(1, _TURNS + 1), cycle(trials), strict=False):
        offered = trial.compose(node)
        told = "it gave no toolset" if offered is None else difference(fresh, trial.show(offered))
        if told:
            found = f"at compose number {number} of the same node, {told}"
            raise Broken(found, expected=_AS_FRESH, trace={**trial.trace, "after": after})
        after = trial.trace


def reentrant(subject: Subject, plan: Plan) -> None:
    """Turns in other threads and in tasks, also while another compose is under way, get what they would alone."""
    by_options = _by_options(_settled(subject, plan, "baseline"))
    for trial, fresh in chain.from_iterable(by_options.values()):
        if (given := _Elsewhere(trial, trial.make()).given(plan.brief)) is not None:
            _same(trial, "in another thread", fresh, given)
        _same(trial, "inside a running event loop", fresh, _in_loop(trial, trial.make()))
    # Two composes that get in each other's way show it best where their answers differ.
    pairs = chain.from_iterable(combinations(group, 2) for group in by_options.values())
    unlike = [pair for pair in pairs if pair[0][1] != pair[1][1]]
    alike = [(group[0], group[-1]) for group in by_options.values()]
    patience = _PATIENCE[0]
    for one, other in (unlike or alike)[:_PAIRS]:
        if _take_turns(*one, *other):  # otherwise it is the matter of another law
            patience = _interrupted(*one, *other, patience)
            patience = _interrupted(*other, *one, patience)


def _take_turns(one: Trial, fresh: list[Shown], other: Trial, others: list[Shown]) -> bool:
    """Whether a node used for one trial after another gives what fresh ones do."""
    node = one.make()
    for trial, expected in ((one, fresh), (other, others), (one, fresh)):
        offered = trial.compose(node)
        if offered is None or trial.show(offered) != expected:
            return False
    return True


def _settled(subject: Subject, plan: Plan, *names: str) -> list[tuple[Trial, list[Shown]]]:
    """Trials in which fresh nodes agree, with what they offer; the others are the matter of another law."""
    return list(_agreed(trials(subject, plan, *names)))


def _by_options(
    settled: Iterable[tuple[Trial, list[Shown]]],
) -> dict[str, list[tuple[Trial, list[Shown]]]]:
    groups: dict[str, list[tuple[Trial, list[Shown]]]] = {}
    for trial, fresh in settled:
        groups.setdefault(str(trial.circumstance.options), []).append((trial, fresh))
    return groups


def _agreed(found: Iterator[Trial]) -> Iterator[tuple[Trial, list[Shown]]]:
    for trial in found:
        one = trial.compose()
        other = None if one is None else trial.compose()
        if one is not None and other is not None and trial.show(one) == trial.show(other):
            yield trial, trial.show(one)


def _same(trial: Trial, where: str, fresh: list[Shown], given: Given, beside: Trial | None = None) -> None:
    offered, error = given
    if isinstance(offered, Toolset):
        told = difference(fresh, trial.show(offered))
    else:
        told = "it gave no toolset" if error is None else f"it raised {describe(error)}"
    if told:
        trace = trial.trace if beside is None else {**trial.trace, "after": beside.trace}
        raise Broken(f"{where}, {told}", expected="the same answer everywhere", trace=trace)


class _Elsewhere:
    """A compose in a thread of its own."""

    def __init__(self, trial: Trial, node: object) -> None:
        self._given: list[Given] = []
        self._thread = threading.Thread(target=lambda: self._given.append(_plainly(trial, node)), daemon=True)
        self._thread.start()

    def given(self, patience: float) -> Given | None:
        """What came of it; ``None`` when it has not ended in time."""
        self._thread.join(patience)
        return self._given[0] if self._given else None


def _in_loop(trial: Trial, node: object) -> Given:
    async def turn() -> Given:
        return trial.attempt(node)

    return asyncio.run(turn())


def _plainly(trial: Trial, node: object) -> Given:
    """Compose without a limit of time: only the main thread can have one, and not while it waits for another."""
    given: object = None
    with contained() as guard:
        given = cast("ToolStrategy", node).compose(*trial.inputs())
    return given, guard.error


def _interrupted(
    trial: Trial, fresh: list[Shown], other: Trial, others: list[Shown], patience: float
) -> float:
    """Interrupt a compose at one line after another, each time by a whole other compose of the same node.

    Returns:
        The patience to go on with.
    """
    for point in _spread(_Interruption(trial, other, 0, patience).passed):
        interruption = _Interruption(trial, other, point, patience)
        if interruption.waited_in_vain:
            patience = _PATIENCE[1]
        where = "while another compose of the same node was under way"
        _same(trial, where, fresh, interruption.given, other)
        if interruption.between is not None and (between := interruption.between.given(1)) is not None:
            _same(other, where, others, between, trial)
    return patience


class _Interruption:
    """A compose that another compose of the same node interrupts before a line of the node's code."""

    def __init__(self, trial: Trial, other: Trial, point: int, patience: float) -> None:
        self._node, self._other, self._point, self._patience = trial.make(), other, point, patience
        self.passed = 0
        """How many lines were run."""
        self.waited_in_vain = False
        self.between: _Elsewhere | None = None
        self.given = _traced(lambda: _plainly(trial, self._node), self._at_line)

    def _at_line(self) -> None:
        self.passed += 1
        if self.passed == self._point:
            self.between = _Elsewhere(self._other, self._node)
            self.waited_in_vain = self.between.given(self._patience) is None


def _spread(lines: int) -> list[int]:
    """Points out of so many lines: the first ones, and then some all the way to the end."""
    half = _POINTS // 2
    step = max(1, (lines - half) // half)
    return sorted({*range(1, min(lines, half) + 1), *range(half, lines + 1, step)})[: _POINTS + 1]


def _traced(run: Callable[[], Given], at_line: Callable[[], None]) -> Given:
    """Run, and call ``at_line`` before each line of the node's own code in this thread."""
    known: dict[CodeType, bool] = {}

    def enter(frame: FrameType, _event: str, _argument: object) -> TraceFunction | None:
        code = frame.f_code
        if code not in known:
            known[code] = _may_be_the_nodes(code.co_filename)
        return line if known[code] else None

    def line(_frame: FrameType, event: str, _argument: object) -> TraceFunction:
        if event == "line":
            at_line()
        return line

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        return run()
    finally:
        sys.settrace(before)


def _may_be_the_nodes(file: str) -> bool:
    of_python = file.startswith(sysconfig.get_path("stdlib")) and "site-packages" not in file
    return not of_python and not file.startswith(_OURS)
