"""The server as its clients meet it: another process, spoken to over its standard streams."""

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import CallToolResult, TextContent

T = TypeVar("T")

SERVER = Path(__file__).parents[1] / "server.py"


def connected(use: Callable[[Client], Awaitable[T]]) -> T:
    """What `use` makes of a client that has started the server."""
    chosen = {name: value for name, value in os.environ.items() if name.startswith("ORKET_")}
    server = StdioServerParameters(command=sys.executable, args=["-W", "error", str(SERVER)], env=chosen)

    async def run() -> T:
        async with Client(stdio_client(server)) as client:
            return await use(client)

    return asyncio.run(run())


def answer(result: CallToolResult) -> object:
    """What the model reads of a result, which is one text of JSON."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return json.loads(content.text)


@pytest.mark.usefixtures("project")
def test_the_variable_alone_decides_which_tools_are_listed(offered: list[str]) -> None:
    listed = connected(lambda client: client.list_tools())

    assert [tool.name for tool in listed.tools] == offered


@pytest.mark.usefixtures("project")
def test_a_client_is_told_which_tools_only_read() -> None:
    listed = connected(lambda client: client.list_tools())
    hints = {tool.name: tool.annotations.read_only_hint for tool in listed.tools if tool.annotations}

    assert hints == {"read_file": True, "write_file": False, "list_directory": True}


@pytest.mark.usefixtures("project")
def test_a_call_gives_what_the_tool_gives() -> None:
    result = connected(lambda client: client.call_tool("read_file", {"path": "todo.txt"}))

    assert not result.is_error
    assert answer(result) == {"ok": True, "content": "water the plants\n"}


def test_a_tool_that_is_not_offered_is_an_error_with_the_reason(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "read-only")
    arguments = {"path": "done.txt", "content": "plants"}
    result = connected(lambda client: client.call_tool("write_file", arguments))

    assert result.is_error
    assert answer(result) == {
        "ok": False,
        "error": "'write_file' is absent: read-only strategy: it may do more than read",
        "code": "not-offered",
    }
    assert not (project / "done.txt").exists()
