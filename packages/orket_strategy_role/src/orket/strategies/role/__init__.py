"""Offer an agent the tools of its role, by a table in the configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from orket.core import hookimpl

if TYPE_CHECKING:
    from orket.core import Toolset, TurnContext

__all__ = ["Role"]


class Role:
    """Offer the tools that the table names for the agent's leading role; no tools for no role or an unknown one."""

    class Options(BaseModel):
        """``[nodes.tool_strategy.role]`` of the configuration."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        roles: dict[str, list[str]]
        """Names of tools by role. A name that the application does not have adds nothing."""

    def __init__(self, options: Options) -> None:
        """Keep the table."""
        self._roles = {role: frozenset(names) for role, names in options.roles.items()}

    @hookimpl
    def compose(self, toolset: Toolset, context: TurnContext) -> Toolset:
        """The tools of ``toolset`` that the leading role has."""
        if context.role is None:
            return toolset.where(lambda _: False, why="role strategy: the agent acts in no role")
        names = self._roles.get(context.role)
        if names is None:
            return toolset.where(
                lambda _: False, why=f"role strategy: there is no role '{context.role}' in the table"
            )
        return toolset.where(
            lambda tool: tool.name in names, why=f"role strategy: not a tool of the role '{context.role}'"
        )
