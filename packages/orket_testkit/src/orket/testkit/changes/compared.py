"""How a node's offer differs from the control's under one circumstance, each difference with the tool it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from orket.core import Toolset
from orket.core.proving import contained
from orket.testkit.parity.offers import differences

if TYPE_CHECKING:
    from orket.core import Tool, ToolStrategy
    from orket.testkit.circumstances import Circumstance
    from orket.testkit.parity.offers import Difference
    from orket.testkit.subject import Subject

__all__ = ["differing"]


def differing(
    subject: Subject, circumstance: Circumstance, toolset: Toolset
) -> list[tuple[Difference, Tool | None]] | None:
    """Every difference; ``None`` where there is no offer to compare, which is the matter of other laws.

    The tool is the application's; for an added one, the node's.
    """
    with contained():
        control = _offered(subject.control(), toolset, circumstance)
        candidate = _offered(subject.make(circumstance.options), toolset, circumstance)
        if control is not None and candidate is not None:
            found = differences(control, candidate, circumstance)
            return [(one, control.get(one.tool) or candidate.get(one.tool)) for one in found]
    return None


def _offered(node: object, toolset: Toolset, circumstance: Circumstance) -> Toolset | None:
    made = cast("object", cast("ToolStrategy", node).compose(toolset, circumstance.context))
    return made if isinstance(made, Toolset) else None
