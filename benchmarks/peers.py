"""How other libraries check the arguments of a tool and call it: shared by the rows about calls.

What a contender leaves out, an agent loop above all, is left out for Orket as well. They are imported by name, so
that the type checkers need none of them.
"""

from __future__ import annotations

import asyncio
import json
from importlib import import_module
from typing import TYPE_CHECKING

from benchmarks.samples import ARGUMENTS, calls_in_a_loop, greet

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from benchmarks.harness import Contender

__all__ = ["CALLING", "pydantic_ai_call", "pydantic_ai_context", "pydantic_ai_with_timeout"]


def pydantic_ai_context() -> object:
    """What pydantic-ai hands to its toolsets; there is no model behind it."""
    run_context = import_module("pydantic_ai").RunContext
    usage = import_module("pydantic_ai.usage").RunUsage()
    return run_context(deps=None, model=import_module("pydantic_ai.models.test").TestModel(), usage=usage)


def pydantic_ai_call(timeout: float | None = None) -> Callable[[], Awaitable[object]]:
    """The arguments validated, then ``call_tool`` of a toolset."""
    toolset = import_module("pydantic_ai.toolsets").FunctionToolset([greet], max_retries=1, timeout=timeout)
    context = pydantic_ai_context()
    tool = asyncio.run(toolset.get_tools(context))["greet"]
    validate, call_tool = tool.args_validator.validate_python, toolset.call_tool
    return lambda: call_tool("greet", validate(ARGUMENTS), context, tool)


def pydantic_ai_with_timeout(_: Path) -> Callable[[], object]:
    """Validated and called within a minute; a timeout is the only one of Orket's promises that it has."""
    return calls_in_a_loop(pydantic_ai_call(timeout=60))


def _pydantic_ai(_: Path) -> Callable[[], object]:
    return calls_in_a_loop(pydantic_ai_call())


def _openai_agents(_: Path) -> Callable[[], object]:
    """``on_invoke_tool``, which takes the JSON text of the arguments."""
    tool = import_module("agents").function_tool(greet)
    arguments = json.dumps(ARGUMENTS)
    make_context = import_module("agents.tool_context").ToolContext
    context = make_context(None, tool_name="greet", tool_call_id="x", tool_arguments=arguments)
    return calls_in_a_loop(lambda: tool.on_invoke_tool(context, arguments))


def _mcp(_: Path) -> Callable[[], object]:
    """``Tool.run`` of the server in the SDK, without the protocol."""
    tool = import_module("mcp.server.mcpserver.tools.base").Tool.from_function(greet)
    context = import_module("mcp.server.mcpserver").Context()
    return calls_in_a_loop(lambda: tool.run(ARGUMENTS, context))


def _fastmcp(_: Path) -> Callable[[], object]:
    """``Tool.run``, without the server and the protocol; its result is content for the protocol already."""
    tool = import_module("fastmcp.tools").Tool.from_function(greet)
    return calls_in_a_loop(lambda: tool.run(ARGUMENTS))


def _langchain(_: Path) -> Callable[[], object]:
    """``ainvoke`` of a ``StructuredTool``, with no callback registered."""
    tool = import_module("langchain_core.tools").StructuredTool.from_function(coroutine=greet)
    return calls_in_a_loop(lambda: tool.ainvoke(ARGUMENTS))


CALLING: dict[str, Contender] = {
    "pydantic-ai": _pydantic_ai,
    "openai-agents": _openai_agents,
    "mcp": _mcp,
    "fastmcp": _fastmcp,
    "langchain-core": _langchain,
}
"""All who check and call, each ``CALLS`` times."""
