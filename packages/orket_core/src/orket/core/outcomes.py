"""What came of a call that did not give a result: which status, and what the model is told."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from orket.core.calls import Status, ToolResult
from orket.core.contain import contained, describe
from orket.core.errors import OrketError, ToolError
from orket.core.hookspecs import CallAbandoned, CallDenied, CallEnded, CallKilled, CallRefused
from orket.core.redact import redact
from orket.core.results import BadResult, TooLarge

if TYPE_CHECKING:
    from orket.core.calls import CallContext
    from orket.core.tools import Tool

__all__ = ["cut_short", "failed", "gone", "stopped", "unusable"]


def stopped(
    status: Status, name: str, context: CallContext, error: str, cause: BaseException | None = None
) -> ToolResult:
    """A call that ended with ``status``; ``error`` is made fit for a model."""
    safe = redact(error, None if context.files is None else context.files.root)
    return ToolResult(status, name, None, safe, context.call_id, context.model_call_id, None, cause)


def unusable(tool: Tool, error: BaseException | None) -> tuple[Status, str]:
    """How a call ends whose arguments could not be read, and why."""
    match error:
        case OrketError():  # there is no telling which arguments would do
            return "failed", f"'{tool.name}' cannot be called: {error.diagnostic.message}"
        case json.JSONDecodeError():
            return "invalid-arguments", f"the arguments are not JSON: {error}"
        case _:
            assert error is not None, "arguments are read or something is wrong with them"
            explained = str(error) if type(error) is ValueError else tool.arguments.explain(error)
            return "invalid-arguments", explained


def cut_short(
    tool: Tool, context: CallContext, error: BaseException | None, seconds: float | None
) -> ToolResult:
    """A call that did not come to its own end.

    Args:
        tool: what was called.
        context: the call's own.
        error: what its runner raised when it was told to end.
        seconds: the deadline that passed; ``None`` where the runtime was closed.
    """
    status: Status
    if seconds is None:
        status, text = "cancelled", f"'{tool.name}' was under way when the runtime was closed"
    else:
        status, text = "timeout", f"'{tool.name}' did not end within {seconds:g} seconds"
    if isinstance(error, CallAbandoned) and not tool.read_only:
        ended = "it was ended in the middle" if isinstance(error, CallKilled) else "it may still be running"
        status, text = "unknown-outcome", f"{text}; {ended}, and what it changed is not known"
    return stopped(status, tool.name, context, text)


def gone(tool: Tool, context: CallContext, error: BaseException | None) -> ToolResult:
    """A call whose caller went away; ``error`` is what its runner raised then."""
    running = isinstance(error, CallAbandoned) and not isinstance(error, CallKilled)
    status: Status = "unknown-outcome" if running and not tool.read_only else "cancelled"
    return stopped(status, tool.name, context, "the caller went away")


def failed(tool: Tool, context: CallContext, error: BaseException | None) -> ToolResult:
    """A call whose tool or runner raised ``error``, or whose result cannot be used.

    Raises:
        asyncio.CancelledError: its runner let go of it, because its caller went away.
    """
    status: Status = "failed"
    text = "" if error is None else _said(error)
    match error:
        case CallAbandoned() if _is_cancelled():
            raise asyncio.CancelledError from error
        case CallAbandoned() if not tool.read_only:
            status, text = "unknown-outcome", f"'{tool.name}' was let go, and what it changed is not known"
        case BadResult():
            status, text = "bad-result", f"'{tool.name}' gave what JSON cannot say: {text}"
        case TooLarge():
            status, text = "too-large", f"'{tool.name}' gave {text}"
        case CallEnded():
            status = error.status
        case CallDenied():
            status = "denied"
        case CallRefused():
            status = "busy"
        case _:
            pass
    return stopped(status, tool.name, context, text, error)


def _said(error: BaseException) -> str:
    """What was said on purpose, as it stands; of anything else, or where that cannot be printed, the type as well."""
    if isinstance(error, BadResult | TooLarge | CallEnded | CallRefused | ToolError):
        with contained():
            return str(error)
    return describe(error)


def _is_cancelled() -> bool:
    """Whether somebody cancelled the running task; a runner or a tool may only say so."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
