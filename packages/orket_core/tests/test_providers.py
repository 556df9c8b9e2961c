"""What model providers are given, what they send, and what they get back: their shapes, written by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orket.core import ToolCall, ToolResult, Toolset

PARAMETERS = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "description": "where."},
        "limit": {"type": "integer", "default": 10},
    },
    "required": ["path"],
    "additionalProperties": False,
}


def read_file(path: str, limit: int = 10) -> str:
    """Read a file.

    Args:
        path: where.
    """
    return path


def test_tools_for_openai_chat_completions() -> None:
    assert Toolset([read_file]).as_openai_chat() == [
        {
            "type": "function",
            "function": {"name": "read_file", "description": "Read a file.", "parameters": PARAMETERS},
        }
    ]


def test_tools_for_openai_responses() -> None:
    assert Toolset([read_file]).as_openai_responses() == [
        {
            "type": "function",
            "name": "read_file",
            "description": "Read a file.",
            "parameters": PARAMETERS,
            "strict": False,
        }
    ]


def test_tools_for_anthropic_messages() -> None:
    assert Toolset([read_file]).as_anthropic() == [
        {"name": "read_file", "description": "Read a file.", "input_schema": PARAMETERS}
    ]


def test_tools_for_everybody_else() -> None:
    assert Toolset([read_file]).as_json_schema() == [
        {"name": "read_file", "description": "Read a file.", "parameters": PARAMETERS}
    ]


def objects(value: Any) -> Any:
    """The same call as an SDK gives it: an object with attributes, down to its arguments."""
    fields = {key: objects(part) if key == "function" else part for key, part in value.items()}
    return SimpleNamespace(**fields)


CALLS = [
    pytest.param(
        {"id": "call_1", "type": "function", "function": {"name": "read_file", "arguments": '{"path": "a"}'}},
        ToolCall("call_1", "read_file", '{"path": "a"}'),
        id="openai-chat",
    ),
    pytest.param(
        {
            "type": "function_call",
            "id": "fc_1",
            "call_id": "call_1",
            "name": "read_file",
            "arguments": '{"path": "a"}',
        },
        ToolCall("call_1", "read_file", '{"path": "a"}'),
        id="openai-responses",
    ),
    pytest.param(
        {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "a"}},
        ToolCall("toolu_1", "read_file", {"path": "a"}),
        id="anthropic",
    ),
    pytest.param(
        {"id": "1", "name": "read_file", "arguments": {"path": "a"}},
        ToolCall("1", "read_file", {"path": "a"}),
        id="plain",
    ),
    pytest.param(
        {"function": {"name": "now", "arguments": ""}}, ToolCall("", "now", ""), id="no-arguments-as-text"
    ),
    pytest.param({"name": "now"}, ToolCall("", "now", {}), id="no-arguments"),
]


@pytest.mark.parametrize(("sent", "call"), CALLS)
def test_a_call_is_read_from_a_mapping(sent: dict[str, object], call: ToolCall) -> None:
    assert ToolCall.decode(sent) == call


@pytest.mark.parametrize(("sent", "call"), CALLS)
def test_a_call_is_read_from_an_object(sent: dict[str, object], call: ToolCall) -> None:
    assert ToolCall.decode(objects(sent)) == call


def test_a_call_that_is_one_already_is_itself() -> None:
    call = ToolCall("1", "read_file")

    assert ToolCall.decode(call) is call


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "this is no tool call, it has no 'name' and no 'function': {}"),
        (None, "this is no tool call, it has no 'name' and no 'function': None"),
        ("read_file", "this is no tool call, it has no 'name' and no 'function': 'read_file'"),
        ({"name": 3}, "this is no tool call, it has no 'name' and no 'function': {'name': 3}"),
        ({"function": {}}, "this is no tool call, it has no 'name' and no 'function': {'function': {}}"),
        (
            {"name": "read_file", "arguments": [1]},
            "the arguments of call 'read_file' are neither an object nor JSON text: [1]",
        ),
    ],
    ids=range(6),
)
def test_what_is_no_call_is_an_error_that_shows_it(sent: object, error: str) -> None:
    with pytest.raises(ValueError, match="call") as caught:
        ToolCall.decode(sent)

    assert str(caught.value) == error


def test_what_is_no_call_is_shown_in_a_few_words_however_long_it_is() -> None:
    with pytest.raises(ValueError, match="this is no tool call") as caught:
        ToolCall.decode({"content": "x" * 1_000_000})

    assert len(str(caught.value)) < 200


OK = ToolResult("ok", "read_file", "content", model_call_id="call_1")
FAILED = ToolResult("failed", "read_file", error="no such file", model_call_id="call_1")
FAILED_TEXT = '{"ok": false, "error": "no such file", "code": "failed"}'


def test_results_for_openai_chat_completions() -> None:
    assert OK.as_message("openai-chat") == {"role": "tool", "tool_call_id": "call_1", "content": "content"}
    assert FAILED.as_message("openai-chat")["content"] == FAILED_TEXT


def test_results_for_openai_responses() -> None:
    assert OK.as_message("openai-responses") == {
        "type": "function_call_output",
        "call_id": "call_1",
        "output": "content",
    }
    assert FAILED.as_message("openai-responses")["output"] == FAILED_TEXT


def test_results_for_anthropic_messages() -> None:
    assert OK.as_message("anthropic") == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "call_1", "content": "content", "is_error": False}
        ],
    }
    assert FAILED.as_message("anthropic") == {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": "call_1", "content": FAILED_TEXT, "is_error": True}
        ],
    }


def test_a_provider_that_nobody_knows_is_an_error() -> None:
    unknown: Any = "gemini"
    with pytest.raises(ValueError, match="gemini") as caught:
        OK.as_message(unknown)

    assert (
        str(caught.value)
        == "no provider 'gemini' is known; known are openai-chat, openai-responses, anthropic"
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", {"ok": True, "content": "text"}),
        ({"path": "a"}, {"ok": True, "path": "a"}),
        ({"ok": 1, "path": "a"}, {"ok": True, "result": {"ok": 1, "path": "a"}}),
        ([1, 2], {"ok": True, "result": [1, 2]}),
        (None, {"ok": True, "result": None}),
        (3, {"ok": True, "result": 3}),
    ],
    ids=range(6),
)
def test_the_plain_shape_of_a_result(value: object, expected: dict[str, object]) -> None:
    assert ToolResult("ok", "t", value).as_dict() == expected


def test_the_plain_shape_of_a_result_that_is_none() -> None:
    assert FAILED.as_dict() == {"ok": False, "error": "no such file", "code": "failed"}


def test_a_model_reads_text_as_it_is_and_anything_else_as_json() -> None:
    assert OK.for_model() == "content"
    assert ToolResult("ok", "t", {"name": "Zoë"}).for_model() == '{"ok": true, "name": "Zoë"}'
    assert FAILED.for_model() == FAILED_TEXT
