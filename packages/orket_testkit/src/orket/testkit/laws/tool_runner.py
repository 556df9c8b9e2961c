"""The laws of runners: what goes wrong in a call stays in it, calls can be stopped, and nothing is left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.testkit.checks import Law
from orket.testkit.laws.cancelling import cancels
from orket.testkit.laws.cleaning import cleans_up
from orket.testkit.laws.faults import FAULTS, answer, answer_otherwise, reading
from orket.testkit.laws.running import at_work, benches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core import ToolResult
    from orket.testkit.laws.faults import Fault
    from orket.testkit.laws.running import Bench
    from orket.testkit.subject import Plan, Subject

__all__ = ["LAWS"]


def faults_contained(subject: Subject, plan: Plan) -> None:
    """Let tools go wrong in every way; after each the runner still answers."""
    replayed = None if plan.replay is None else plan.replay.get("fault")
    for bench in benches(subject, plan):
        for fault in FAULTS:
            if replayed in (None, fault.name):
                _hold(bench, fault, plan.seconds / 2)
        at_work(bench, _told_apart(bench), plan.seconds / 2)


def _hold(bench: Bench, fault: Fault, seconds: float) -> None:
    async def work() -> tuple[ToolResult, ToolResult]:
        gone_wrong = await bench.executor.invoke(
            reading(fault.function), {"kind": fault.kind}, bench.context()
        )
        return gone_wrong, await bench.executor.invoke(reading(answer), {}, bench.context())

    result, after = at_work(bench, work(), seconds)
    expected = f"'{fault.status}'" + (f", with the text {fault.says!r}" if fault.says else "")
    if result.status != fault.status or fault.says not in result.error:
        told = f" with the text {result.error!r}" if result.error else ""
        raise bench.broken(f"{fault.name}: came out as '{result.status}'{told}", expected, fault=fault.name)
    if (after.status, after.value) != ("ok", "still here"):
        found = (
            f"after {fault.name}, a call that does nothing wrong came out as '{after.status}': {after.error}"
        )
        raise bench.broken(found, "later calls are as good as ever", fault=fault.name)


async def _told_apart(bench: Bench) -> None:
    """A tool of another application, or of another turn, may have the same name."""
    namesake = reading(answer_otherwise).with_(name=answer.__name__)
    result = await bench.executor.invoke(namesake, {}, bench.context())
    if (result.status, result.value) != ("ok", "somebody else"):
        raise bench.broken(
            f"of two tools of the name '{namesake.name}', the wrong one answered: {result.value or result.error}",
            "the tool that is called",
        )


LAWS: Mapping[str, tuple[Law, ...]] = {
    "tool_runner": (
        Law(
            "faults-contained",
            "Whatever a tool raises or gives becomes the result of its own call, and later calls are as good as ever.",
            faults_contained,
        ),
        Law(
            "cancels",
            "A call ends when its deadline passes or its caller goes away, and what is said of it then is true.",
            cancels,
        ),
        Law(
            "cleans-up",
            "Once it is closed, nothing that it began is left: no thread, task, process or file; and the process is as "
            "it was.",
            cleans_up,
        ),
    )
}
