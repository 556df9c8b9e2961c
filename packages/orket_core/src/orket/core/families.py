"""The families that core itself declares. A further one is one more declaration, one Protocol and its laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core.family import Family

if TYPE_CHECKING:
    from orket.core.hookspecs import ToolRunner, ToolStrategy

__all__ = ["FAMILIES", "TOOL_RUNNER", "TOOL_STRATEGY"]

TOOL_STRATEGY: Family[ToolStrategy] = Family(
    "tool_strategy",
    contract=1,
    protocol="orket.core.hookspecs:ToolStrategy",
    distribution="orket-core",
    default="default",
    checks=(
        "returns-toolset",
        "deterministic",
        "pure",
        "no-leak",
        "closed",
        "never-widens",
        "names-valid",
        "schemas-valid",
        "kind-kept",
        "total",
        "reentrant",
        "import-quiet",
        "options-checked",
        "cases-hold",
        "calls-contained",
        "parity-offer",
        "parity-calls",
        "changes-hold",
    ),
)

TOOL_RUNNER: Family[ToolRunner] = Family(
    "tool_runner",
    contract=1,
    protocol="orket.core.hookspecs:ToolRunner",
    distribution="orket-core",
    default="inline",
    checks=(
        "import-quiet",
        "options-checked",
        "faults-contained",
        "cancels",
        "cleans-up",
        "parity-calls",
        "changes-hold",
    ),
    platform_bound=True,
)

FAMILIES: tuple[Family[object], ...] = (TOOL_STRATEGY, TOOL_RUNNER)
