"""What of a call travels to a worker: a name to find the function by, the arguments, and the plain context."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core import CallEnded, Tool
from orket.core.arguments import SignatureArguments
from orket.core.contain import contained
from orket.runners.process.tracing import carried

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.core import CallContext
    from orket.runners.process.frames import Frame

__all__ = ["LARGEST", "Place", "place_of", "reference_of", "request"]

LARGEST = 1024 * 1024
"""Bytes of JSON up to which a result travels as it is, for the host to judge; a call may allow itself more."""

_SCALARS = (str, int, float, bool)


class Place(NamedTuple):
    """Where a worker may work. It is confined to one place for life."""

    root: str | None = None
    references: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    confined: bool = False


def place_of(tool: Tool, context: CallContext) -> Place:
    """Where a call may work."""
    files = context.files
    if files is None:
        return Place(confined=tool.confine)
    return Place(files.root, files.references, files.protected, tool.confine)


def reference_of(tool: Tool) -> str | None:
    """The name by which another process finds the very function of the tool; ``None`` where none does."""
    reference = tool.reference
    if tool.host or reference is None:
        return None
    module, _, qualname = reference.partition(":")
    found: object = sys.modules.get(module)
    for name in qualname.split("."):
        found = getattr(found, name, None)
    # A decorator that copies names may have put another function in the place of this one.
    same = (found.function if isinstance(found, Tool) else found) == tool.function
    return reference if same else None


def request(reference: str, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> Frame:
    """A call as plain values.

    Raises:
        CallEnded: an argument cannot be told as JSON.
    """
    as_it_is = _is_plain(arguments)
    return {
        "arguments": arguments if as_it_is else _sent(tool, arguments),
        # Only of what was made of them anew, such as models and dates, has the worker to make it again.
        "validate": not as_it_is and isinstance(tool.arguments, SignatureArguments),
        "reference": reference,
        "limit": max(LARGEST, context.max_output),
        "max_output": context.max_output,
        "call_id": context.call_id,
        "trace": carried(),
        "context": None
        if tool.arguments.context is None
        else _context(tool, tool.arguments.context, context),
    }


def _context(tool: Tool, parameter: str, context: CallContext) -> Frame:
    """What a tool that asks for it may know of its call."""
    return {
        "parameter": parameter,
        "left": None if context.deadline is None else context.deadline - time.monotonic(),
        "extra": _told(tool, context.extra),
        "session_id": context.session_id,
        "roles": context.roles,
        "model": context.model,
        "turn": context.turn,
        "model_call_id": context.model_call_id,
        "node": context.node,
        "offer": context.offer,
    }


def _is_plain(value: object) -> bool:
    """Whether JSON gives back the very same."""
    if value is None or type(value) in _SCALARS:
        return True
    if type(value) is list:
        return all(map(_is_plain, cast("list[object]", value)))
    if type(value) is dict:
        entries = cast("dict[object, object]", value)
        return all(type(key) is str and _is_plain(entry) for key, entry in entries.items())
    return False


def _sent(tool: Tool, arguments: Mapping[str, object]) -> object:
    """Arguments of which the worker makes the very same, as far as they can be compared."""
    told = _told(tool, arguments)
    if isinstance(tool.arguments, SignatureArguments):
        made: Mapping[str, object] = {}
        with contained() as guard:
            made = tool.arguments.validate(told)
        if guard.error is not None:
            raise _cannot(tool, tool.arguments.explain(guard.error)) from guard.error
        for name, value in arguments.items():
            if type(value).__eq__ is not object.__eq__ and made[name] != value:
                raise _cannot(tool, f"'{name}' would not be the same there")
    return told


def _told(tool: Tool, value: Mapping[str, object]) -> object:
    if _is_plain(value):
        return value
    from pydantic_core import PydanticSerializationError, to_jsonable_python

    try:
        return to_jsonable_python(dict(value), round_trip=True)
    except (PydanticSerializationError, ValueError) as error:
        raise _cannot(tool, str(error)) from error


def _cannot(tool: Tool, why: str) -> CallEnded:
    return CallEnded("failed", f"the arguments of '{tool.name}' cannot be sent to another process: {why}")
