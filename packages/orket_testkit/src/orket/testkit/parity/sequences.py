"""Generated scenes: calls drawn from the tools' schemas, some of them malformed, shrunk to the fewest that matter."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, cast

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from orket.testkit.parity.corpus import corpus
from orket.testkit.parity.scenes import Call, Scene
from orket.testkit.values import values

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

    from orket.core import Tool
    from orket.testkit.parity.comparison import Divergence
    from orket.testkit.subject import Plan

__all__ = ["scenes", "search"]

_FILES = {"notes.txt": "one\ntwo\n", "docs/guide.md": "# Guide\n", "runs/s1/log.txt": "log"}
_FIRST = Call("create_issue", {"seat": "coder", "summary": "Mend the fence"}, "issue")
_ROLES = ("coder", "integrity_guard")
_EXTRAS: tuple[Mapping[str, object], ...] = ({}, {"issue_id": "{issue.issue_id}"})
_LONGEST = 6
_BROKEN = ("", "{", "[]", "null", '{"path": }', '"text"')
_ODD = st.none() | st.booleans() | st.integers(-9, 9) | st.lists(st.integers(0, 1), max_size=1)


def scenes(tools: Mapping[str, Tool], focus: Sequence[str]) -> SearchStrategy[Scene]:
    """Scenes of up to six calls.

    Args:
        tools: every tool by its name.
        focus: those whose behaviour is in question; at least one call is of one of them.
    """
    words = _words()
    calls = {name: _calls(tool, words) for name, tool in tools.items()}
    asked = st.one_of(*(calls[name] for name in focus))
    others = st.one_of(asked, *(calls[name] for name in calls))
    drawn = st.tuples(st.booleans(), st.lists(others, max_size=_LONGEST - 1), asked)
    return drawn.map(_scene)


def search(
    drawn: SearchStrategy[Scene], plan: Plan, compare: Callable[[Scene], Divergence | None]
) -> Divergence | None:
    """The smallest scene found in which the sides part; ``None`` where none was found.

    The same plan draws the same scenes. Shrinking ends when half of the plan's time is over, with the smallest so far.

    Args:
        drawn: what to draw from.
        plan: the seed, how many scenes, and how much time.
        compare: plays a scene.
    """
    known: dict[str, Divergence | None] = {}
    found: list[Divergence] = []
    deadline = time.monotonic() + plan.seconds / 2

    @seed(plan.seed)
    @settings(
        max_examples=plan.examples,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        report_multiple_bugs=False,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(drawn)
    def sides_agree(scene: Scene) -> None:
        key = json.dumps(scene.as_dict(), sort_keys=True)
        if key not in known:
            late = bool(found) and time.monotonic() > deadline
            known[key] = None if late else compare(scene)
        divergence = known[key]
        if divergence is not None:
            found.append(divergence)
            raise _PartedError

    try:
        sides_agree()
    except _PartedError:
        return found[-1]  # what Hypothesis shows last is the smallest
    return None


class _PartedError(Exception):
    """The sides part in the scene that was just played."""


def _scene(drawn: tuple[bool, list[Call], Call]) -> Scene:
    with_issue, before, asked = drawn
    calls = (_FIRST, *before, asked) if with_issue else (*before, asked)
    return Scene(calls, _FILES, "generated")


def _calls(tool: Tool, words: Sequence[str]) -> SearchStrategy[Call]:
    fitting = cast("SearchStrategy[dict[str, object]]", values(tool.schema, words))
    frozen = [call.arguments for scene in corpus() for call in scene.calls if call.tool == tool.name]
    arguments: list[SearchStrategy[str | Mapping[str, object]]] = [fitting, fitting.flatmap(_spoilt)]
    if frozen:
        arguments.append(st.sampled_from(frozen))
    return st.builds(
        Call,
        st.just(tool.name),
        st.one_of(*arguments, st.sampled_from(_BROKEN)),
        label=st.just(""),  # what is left out would be drawn
        together=st.just(False),
        roles=st.lists(st.sampled_from(_ROLES), max_size=1).map(tuple),
        session_id=st.none() | st.just("s1"),
        extra=st.sampled_from(_EXTRAS),
    )


def _spoilt(arguments: dict[str, object]) -> SearchStrategy[dict[str, object]]:
    """Arguments with one left out, one of another type, or one too many."""
    more = st.just({**arguments, "no_such_argument": 1})
    if not arguments:
        return more
    names = st.sampled_from(sorted(arguments))
    fewer = names.map(lambda name: {key: value for key, value in arguments.items() if key != name})
    other = st.tuples(names, _ODD).map(lambda both: {**arguments, both[0]: both[1]})
    return st.one_of(fewer, other, more)


def _words() -> list[str]:
    """Every text that the frozen calls pass as an argument: each means something to some tool."""
    arguments = [call.arguments for scene in corpus() for call in scene.calls]
    texts = [
        value
        for one in arguments
        if isinstance(one, Mapping)
        for value in one.values()
        if isinstance(value, str)
    ]
    return list(dict.fromkeys([*_FILES, "{issue.issue_id}", *texts]))
