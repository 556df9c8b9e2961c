"""LangChain tools, and the loop with a chat model that answers from a script."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_tools.agent import ask, tools_of
from pydantic import Field

from orket.core import Runtime


class Scripted(GenericFakeChatModel):
    """Gives its messages one by one; keeps the tools it was bound to, and what it was told."""

    requests: list[list[dict[str, Any]]] = Field(default_factory=list)
    told: list[list[BaseMessage]] = Field(default_factory=list)

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Any:
        self.requests.append([convert_to_openai_tool(tool) for tool in tools])
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Any:
        self.told.append(list(messages))
        return super()._generate(messages, *args, **kwargs)


def call(name: str, **arguments: object) -> ToolCall:
    return {"id": f"id-{name}", "name": name, "args": arguments, "type": "tool_call"}


def play(*calls: ToolCall) -> Scripted:
    """The loop with a model that makes these calls, then answers."""
    model = Scripted(messages=iter([AIMessage("", tool_calls=list(calls)), AIMessage("Done.")]))

    async def play() -> str:
        async with Runtime.load() as runtime:
            return await ask("What is left to do?", model, runtime)

    assert asyncio.run(play()) == "Done."
    return model


def answers(model: Scripted) -> list[ToolMessage]:
    """What came of the calls, as the model was told."""
    return [message for message in model.told[1] if isinstance(message, ToolMessage)]


@pytest.mark.usefixtures("project")
def test_the_variable_alone_decides_what_the_request_offers(offered: list[str]) -> None:
    model = play(call("list_directory"))

    assert [tool["function"]["name"] for tool in model.requests[0]] == offered


@pytest.mark.usefixtures("project")
def test_the_model_is_shown_the_schema_as_orket_has_it() -> None:
    with Runtime.load() as runtime:
        turn = runtime.turn()
        shown = [convert_to_openai_tool(tool)["function"] for tool in tools_of(turn)]

    for seen, tool in zip(shown, turn.tools, strict=True):
        assert seen["description"] == tool.description
        assert seen["parameters"]["properties"] == tool.schema["properties"]
        assert seen["parameters"]["additionalProperties"] is False


def test_the_answers_to_the_calls_go_back_to_the_model(project: Path) -> None:
    model = play(call("read_file", path="todo.txt"), call("write_file", path="done.txt", content="plants"))

    read, written = answers(model)
    assert [read.tool_call_id, written.tool_call_id] == ["id-read_file", "id-write_file"]
    assert json.loads(read.text) == {"ok": True, "content": "water the plants\n"}
    assert (project / "done.txt").read_text(encoding="utf-8") == "plants"


def test_a_tool_that_is_not_offered_is_answered_with_the_reason(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORKET_TOOL_STRATEGY_NODE", "read-only")
    model = play(call("write_file", path="done.txt", content="plants"))

    (refused,) = answers(model)
    assert refused.status == "error"
    assert refused.content == "'write_file' is absent: read-only strategy: it may do more than read"
    assert not (project / "done.txt").exists()


@pytest.mark.usefixtures("project")
def test_code_without_a_loop_invokes_the_same_tools() -> None:
    with Runtime.load() as runtime:
        read, *_ = tools_of(runtime.turn())
        answer = read.invoke({"path": "todo.txt"})

    assert json.loads(answer) == {"ok": True, "content": "water the plants\n"}
