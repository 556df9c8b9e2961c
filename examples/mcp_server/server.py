"""An MCP server on stdio that offers what Orket offers: `python server.py`, in a folder with an `orket.toml`."""

import asyncio

from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
    ToolAnnotations,
)

from orket.core import Runtime, ToolCall, Turn


def server_of(turn: Turn) -> Server:
    """A server for one client, which sees one offer as long as it is connected."""

    async def list_tools(
        _ctx: ServerRequestContext, _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(
            tools=[
                Tool(
                    name=tool.name,
                    description=tool.description,
                    input_schema=tool.schema,
                    annotations=ToolAnnotations(
                        read_only_hint=tool.read_only, idempotent_hint=tool.idempotent
                    ),
                )
                for tool in turn.tools
            ]
        )

    async def call_tool(ctx: ServerRequestContext, params: CallToolRequestParams) -> CallToolResult:
        result = await turn.call(ToolCall(str(ctx.request_id), params.name, params.arguments or {}))
        return CallToolResult(content=[TextContent(text=result.for_model())], is_error=not result.ok)

    return Server("orket", on_list_tools=list_tools, on_call_tool=call_tool)


async def main() -> None:
    """Serve until the client goes."""
    async with Runtime.load() as runtime, stdio_server() as (reading, writing):
        server = server_of(runtime.turn())
        await server.run(reading, writing, server.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(main())
