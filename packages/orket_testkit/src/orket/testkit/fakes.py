"""Small stand-ins for the unit tests of a node's author."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core import Diagnostic, JournalError, Toolset, TurnContext, hookimpl, tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from orket.core import CallContext, CallRecord, Tool, ToolResult

__all__ = ["FakeRunner", "RefusingJournal", "toolset", "turn"]


def toolset(**effects: Iterable[str] | None) -> Toolset:
    """Tools that do nothing, by name with their effects: ``toolset(read_file={"read"}, foreign=None)``.

    ``None`` stands for effects that nobody declared.
    """
    return Toolset(tool(name=name, effects=named)(_nothing) for name, named in effects.items())


def turn(*roles: str, **extra: object) -> TurnContext:
    """The context of a turn in these roles, the leading one first."""
    return TurnContext(session_id="session", roles=roles, model="model", extra=extra)


class FakeRunner:
    """A runner that runs nothing: it keeps what it was asked, and answers as it was told to."""

    def __init__(self, answers: Mapping[str, object] | None = None) -> None:
        """Prepare the answers.

        Args:
            answers: by the tool's name what it gives; an exception is raised; ``None`` for all other tools.
        """
        self._answers = answers or {}
        self.calls: list[tuple[str, dict[str, object]]] = []
        """The name and the arguments of each call, in order."""

    @hookimpl
    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        """Answer without running."""
        self.calls.append((tool.name, dict(arguments)))
        answer = self._answers.get(tool.name)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class RefusingJournal:
    """A journal that cannot record anything, so that no call may run."""

    async def begin(self, call: CallRecord) -> None:
        """Refuse.

        Raises:
            JournalError: always.
        """
        raise JournalError(Diagnostic("journal-refused", f"The call of '{call.tool}' is not recorded."))

    async def end(self, call: CallRecord, result: ToolResult) -> None:
        """Take an outcome that no call can have."""


def _nothing() -> None:
    """Do nothing."""
