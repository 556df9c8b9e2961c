"""LangChain tools out of an Orket turn, and an agent loop that uses them."""

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage, HumanMessage, ToolMessage
from langchain_core.tools import StructuredTool

from orket.core import Runtime, Turn


def tools_of(turn: Turn) -> list[StructuredTool]:
    """The offer as LangChain's own tools: to bind to a model, to give to an agent, or to invoke, sync or async."""
    return [
        StructuredTool.from_function(
            func=function.sync,
            coroutine=function,
            name=function.name,
            description=function.description,
            args_schema=function.schema,
        )
        for function in turn.functions()
    ]


async def ask(question: str, model: BaseChatModel, runtime: Runtime) -> str:
    """The model's answer, after as many rounds of tool calls as it needs."""
    messages: list[BaseMessage] = [HumanMessage(question)]
    for number in range(10):
        turn = runtime.turn(turn=number)
        tools = {tool.name: tool for tool in tools_of(turn)}
        reply = await model.bind_tools(list(tools.values())).ainvoke(messages)
        if not reply.tool_calls:
            return reply.text
        messages.append(reply)
        for call in reply.tool_calls:
            if (tool := tools.get(call["name"])) is not None:
                messages.append(await tool.ainvoke(call))
            else:
                messages.append(ToolMessage(turn.why(call["name"]), tool_call_id=call["id"], status="error"))
    return "No answer after ten rounds."
