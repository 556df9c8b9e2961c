"""The agent with pydantic-ai's own models for tests."""

import asyncio
import json
from pathlib import Path

import pytest
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models import Model
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel
from pydantic_ai_agent.agent import agent

from orket.core import Runtime

WRITE = ToolCallPart("write_file", {"path": "done.txt", "content": "plants"}, tool_call_id="call_1")


def write_once(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """A model that writes a file and then says what it was answered."""
    returned = [part for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
    return ModelResponse([TextPart(str(returned[0].content))] if returned else [WRITE])


def play(model: Model, runtime: Runtime) -> str:
    """What `main` does, with a model of this test."""

    async def play() -> str:
        async with runtime:
            return (await agent.run("Note it.", model=model, deps=runtime)).output

    return asyncio.run(play())


@pytest.mark.usefixtures("project")
def test_the_variable_alone_decides_what_the_request_offers(offered: list[str]) -> None:
    model = TestModel(call_tools=[])
    play(model, Runtime.load())

    assert model.last_model_request_parameters is not None
    assert [tool.name for tool in model.last_model_request_parameters.function_tools] == offered


@pytest.mark.usefixtures("project")
def test_the_model_is_shown_the_schema_as_orket_has_it() -> None:
    model = TestModel(call_tools=[])
    play(model, Runtime.load())
    with Runtime.load() as runtime:
        schemas = [tool.schema for tool in runtime.turn().tools]

    assert model.last_model_request_parameters is not None
    shown = [tool.parameters_json_schema for tool in model.last_model_request_parameters.function_tools]
    assert shown == schemas


def test_the_answer_to_a_call_goes_back_to_the_model(project: Path) -> None:
    answer = play(FunctionModel(write_once), Runtime.load())

    assert json.loads(answer) == {"ok": True, "path": "done.txt"}
    assert (project / "done.txt").read_text(encoding="utf-8") == "plants"


@pytest.mark.usefixtures("project")
def test_a_switch_holds_from_the_next_step_on() -> None:
    runtime = Runtime.load()
    seen: list[list[str]] = []

    def switching(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        seen.append([tool.name for tool in info.function_tools])
        runtime.switch("read-only")
        return write_once(messages, info)

    play(FunctionModel(switching), runtime)

    assert seen == [["read_file", "write_file", "list_directory"], ["read_file", "list_directory"]]


def test_a_session_is_recorded(project: Path) -> None:
    play(FunctionModel(write_once), Runtime.load(record=project / "session.jsonl"))

    asked, answered = map(json.loads, (project / "session.jsonl").read_text(encoding="utf-8").splitlines())
    (call,) = asked["tool_calls"]
    assert call["function"]["name"] == "write_file"
    assert answered["tool_call_id"] == call["id"]
