"""The shapes that model providers speak: tools they are given, calls they send, results they read."""

from __future__ import annotations

from collections.abc import Mapping
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

if TYPE_CHECKING:
    from orket.core.calls import ToolResult
    from orket.core.tools import Tool

__all__ = [
    "Provider",
    "anthropic_tool",
    "decode_call",
    "encode_result",
    "openai_chat_tool",
    "openai_responses_tool",
    "plain_tool",
]

Provider: TypeAlias = Literal["openai-chat", "openai-responses", "anthropic"]


def plain_tool(tool: Tool) -> dict[str, object]:
    """A tool by itself, as MCP and most frameworks take it."""
    return {"name": tool.name, "description": tool.description, "parameters": tool.schema}


def openai_chat_tool(tool: Tool) -> dict[str, object]:
    """A tool as OpenAI chat completions take it."""
    return {"type": "function", "function": plain_tool(tool)}


def openai_responses_tool(tool: Tool) -> dict[str, object]:
    """A tool as OpenAI responses take it."""
    return {"type": "function", **plain_tool(tool), "strict": False}


def anthropic_tool(tool: Tool) -> dict[str, object]:
    """A tool as Anthropic messages take it."""
    return {"name": tool.name, "description": tool.description, "input_schema": tool.schema}


def decode_call(call: object) -> tuple[str, str, str | Mapping[str, object]]:
    """``(id, name, arguments)`` of a call in any of the shapes, a mapping or an object with attributes.

    Raises:
        ValueError: it is in none of the shapes; the text says what is missing.
    """
    function = _field(call, "function")
    name = _field(call if function is None else function, "name")
    if not isinstance(name, str):
        raise ValueError(f"this is no tool call, it has no 'name' and no 'function': {shortened(call)}")
    identity = _field(call, "call_id") or _field(call, "id") or ""
    given = (_field(call if function is None else function, word) for word in ("arguments", "input", "args"))
    arguments: object = next((one for one in given if one is not None), dict[str, object]())
    if not isinstance(arguments, str | Mapping):
        raise ValueError(
            f"the arguments of call '{name}' are neither an object nor JSON text: {shortened(arguments)}"
        )
    return str(identity), name, cast("str | Mapping[str, object]", arguments)


def encode_result(result: ToolResult, provider: Provider) -> dict[str, object]:
    """The message that answers a call, as ``provider`` reads it.

    Raises:
        ValueError: there is no such provider.
    """
    if provider not in get_args(Provider):
        raise ValueError(f"no provider '{provider}' is known; known are {', '.join(get_args(Provider))}")
    identity, text = result.model_call_id, result.for_model()
    match provider:
        case "openai-chat":
            return {"role": "tool", "tool_call_id": identity, "content": text}
        case "openai-responses":
            return {"type": "function_call_output", "call_id": identity, "output": text}
        case "anthropic":
            block = {
                "type": "tool_result",
                "tool_use_id": identity,
                "content": text,
                "is_error": not result.ok,
            }
            return {"role": "user", "content": [block]}


def _field(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).get(name)
    return cast("object", getattr(value, name, None))
