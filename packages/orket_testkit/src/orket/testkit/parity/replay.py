"""A trace back to the scene that it shows: a failing case is played again from its file alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from orket.testkit.findings import Broken
from orket.testkit.parity.scenes import Scene
from orket.testkit.parity.view import side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.testkit.circumstances import Circumstance
    from orket.testkit.findings import Status
    from orket.testkit.parity.comparison import Divergence
    from orket.testkit.subject import Plan

__all__ = ["broken", "scene_of"]

_SAID = {
    "unstable": "does not do the same in two fresh worlds",
    "result": "gives something else than the control does",
    "effect": "does something else to the world than the control does",
    "beyond": "does more than its effects say",
    "leak": "leaves something else running than the control does",
    "ended": "did not let the world come to its end",
}


def scene_of(plan: Plan) -> Scene | None:
    """The scene of the trace that the plan replays; ``None`` where there is no such trace."""
    trace = plan.replay
    return Scene.from_dict(trace) if trace is not None and "calls" in trace else None


def broken(found: Divergence, circumstance: Circumstance, *, status: Status) -> Broken:
    """What a law raises for a divergence: in words, side by side, and as a trace that shows it again."""
    unstable = "unstable" in found.kinds
    alone = unstable or "beyond" in found.kinds
    titles = ("once", "again") if alone else ("control", "candidate")
    said = " and ".join(_SAID[kind] for kind in found.kinds)
    what = f"'{found.tool}'" if found.tool else "it"
    code = "undeclared-change: " if status == "unaccepted-change" else ""
    view = side_by_side(found.scene, found.place, found.sides, titles)
    expected = "what the control does, or a [[change]] that says otherwise"
    if alone:
        expected = "the same calls do the same in every fresh world" if unstable else "what its effects name"
    trace: Mapping[str, object] = {
        **circumstance.as_dict(),
        **found.scene.as_dict(),
        **{title: cast("object", side._asdict()) for title, side in zip(titles, found.sides, strict=True)},
    }
    return Broken(f"{code}{what} {said}\n{view}", expected=expected, trace=trace, status=status)
