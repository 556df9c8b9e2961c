"""The group ``files`` reads, writes and lists in the workspace of the call."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import orket.tools
from orket.core import CallContext, ToolError, ToolRuntimeExecutor, Toolset, Workspace
from orket.tools.files import FILES


@pytest.fixture
def context(tmp_path: Path) -> CallContext:
    return CallContext(files=Workspace(tmp_path))


def call(context: CallContext, name: str, **arguments: object) -> object:
    """What a call gives once its arguments have passed the schema."""
    tool = FILES[name]
    return tool(**tool.arguments.validate(arguments), ctx=context)


def complaint(name: str, **arguments: object) -> str:
    """What the schema says of arguments that do not pass."""
    with pytest.raises(ValueError, match=r"^\d validation error") as caught:
        FILES[name].arguments.validate(arguments)
    return FILES[name].arguments.explain(caught.value)


def test_a_written_file_is_read_and_listed(context: CallContext) -> None:
    assert call(context, "write_file", path="docs/a.txt", content="text\n") == {"path": "docs/a.txt"}
    assert call(context, "read_file", path="docs/a.txt") == {"content": "text\n"}
    assert call(context, "list_directory", path="docs") == {"items": ["a.txt"]}


def test_listing_starts_at_the_workspace(context: CallContext, tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).touch()
    assert call(context, "list_directory") == {"items": ["a", "b"]}


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ({}, "one\r\ntwo\f2\n\nfour"),
        ({"first_line": 1, "last_line": 1}, "one\r\n"),
        ({"first_line": 2, "last_line": 3}, "two\f2\n\n"),
        ({"first_line": 3}, "\nfour"),
        ({"last_line": 2}, "one\r\ntwo\f2\n"),
        ({"first_line": 4, "last_line": 99}, "four"),
        ({"last_line": None}, "one\r\ntwo\f2\n\nfour"),
    ],
)
def test_some_lines_of_a_file_are_read_as_they_are(
    context: CallContext, tmp_path: Path, lines: dict[str, object], text: str
) -> None:
    (tmp_path / "a").write_bytes(b"one\r\ntwo\f2\n\nfour")
    assert call(context, "read_file", path="a", **lines) == {"content": text}


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ({"first_line": 5}, "'a' has no line 5, only 4"),
        (
            {"first_line": 0},
            "there are no lines 0 to the end: lines are counted from 1, and the first is not after the last",
        ),
        (
            {"first_line": 3, "last_line": 2},
            "there are no lines 3 to 2: lines are counted from 1, and the first is not after the last",
        ),
        (
            {"last_line": 0},
            "there are no lines 1 to 0: lines are counted from 1, and the first is not after the last",
        ),
    ],
)
def test_lines_that_are_not_there_are_refused(
    context: CallContext, tmp_path: Path, lines: dict[str, object], text: str
) -> None:
    (tmp_path / "a").write_text("one\ntwo\n\nfour\n")
    with pytest.raises(ToolError, match=f"^{re.escape(text)}$"):
        call(context, "read_file", path="a", **lines)


def test_a_file_that_comes_without_its_middle_is_read_in_parts(context: CallContext, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("".join(f"line {number}\n" for number in range(1, 10_001)))

    def read(**lines: int) -> str:
        call = ToolRuntimeExecutor().invoke(FILES["read_file"], {"path": "a", **lines}, context)
        return str(asyncio.run(call).as_dict()["content"])

    assert "characters left out" in read()
    assert read(first_line=5_000, last_line=5_001) == "line 5000\nline 5001\n"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("", ""),
        ('"quoted"', '"quoted"'),
        ("0123", "0123"),
        (5, "5"),
        (1.0, "1.0"),
        (True, "true"),
        ([], "[]"),
        (["é", None], '[\n  "é",\n  null\n]'),
        ({"b": {"a": 1}}, '{\n  "b": {\n    "a": 1\n  }\n}'),
    ],
)
def test_text_is_written_as_it_is_and_other_json_indented(
    context: CallContext, tmp_path: Path, content: object, text: str
) -> None:
    call(context, "write_file", path="a", content=content)
    assert (tmp_path / "a").read_text(encoding="utf-8") == text


def test_a_number_that_json_cannot_say_is_not_written(context: CallContext, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^Out of range float values are not JSON compliant"):
        call(context, "write_file", path="a", content={"large": json.loads("1e999")})
    assert os.listdir(tmp_path) == []


def test_a_write_without_content_is_refused() -> None:
    assert complaint("write_file", path="a") == "content: Field required"


def test_a_write_of_null_is_refused() -> None:
    assert complaint("write_file", path="a", content=None).startswith(
        "content.str: Input should be a valid string;"
    )


def test_unknown_arguments_are_refused() -> None:
    assert (
        complaint("read_file", path="a", mode="r")
        == "mode: no such argument; known are path, first_line, last_line"
    )


@pytest.mark.parametrize(
    ("name", "arguments"), [("read_file", {}), ("write_file", {"content": "x"}), ("list_directory", {})]
)
def test_nothing_outside_the_workspace_is_touched(
    context: CallContext, name: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(ToolError, match=r"^'\.\./x' is outside the workspace; give a path inside it$"):
        call(context, name, path="../x", **arguments)


def test_what_orket_reads_is_not_written(context: CallContext) -> None:
    with pytest.raises(ToolError, match=r"^cannot write 'orket\.toml': Orket itself reads it "):
        call(context, "write_file", path="orket.toml", content="x")


def test_a_model_is_told_what_each_tool_does_and_takes() -> None:
    assert FILES.as_json_schema() == [
        {
            "name": "read_file",
            "description": "Read a text file, or some of its lines. "
            "What is too long to be given at once comes without its middle.",
            "parameters": {
                "type": "object",
                "properties": {
                    "path": {
                        "type": "string",
                        "description": "Path of the file, relative to the workspace; "
                        "or absolute, inside the workspace or a reference folder.",
                    },
                    "first_line": {
                        "type": "integer",
                        "description": "Number of the line to begin with, counted from 1.",
                        "default": 1,
                    },
                    "last_line": {
                        "anyOf": [{"type": "integer"}, {"type": "null"}],
                        "description": "Number of the line to end with; the end of the file when left out.",
                        "default": None,
                    },
                },
                "required": ["path"],
                "additionalProperties": False,
            },
        },
        {
            "name": "write_file",
            "description": "Create a file or replace its whole content. Missing folders are made.",
            "parameters": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "Path of the file, relative to the workspace."},
                    "content": {
                        "anyOf": [
                            {"type": "string"},
                            {"type": "integer"},
                            {"type": "number"},
                            {"type": "boolean"},
                            {"type": "array", "items": {}},
                            {"type": "object", "additionalProperties": True},
                        ],
                        "description": "The whole new content, as text. Anything but text is written as JSON, "
                        'indented by 2.\nUse "" for an empty file.',
                    },
                },
                "required": ["path", "content"],
                "additionalProperties": False,
            },
        },
        {
            "name": "list_directory",
            "description": "List the names of the files and folders in a folder, sorted.",
            "parameters": {
                "type": "object",
                "properties": {
                    "path": {
                        "type": "string",
                        "description": "Path of the folder, relative to the workspace; "
                        "the workspace itself when left out.",
                        "default": ".",
                    }
                },
                "additionalProperties": False,
            },
        },
    ]


def test_only_writing_changes_anything_and_all_run_in_threads() -> None:
    assert {tool.name: sorted(tool.effects) for tool in FILES} == {
        "read_file": ["read"],
        "write_file": ["write"],
        "list_directory": ["read"],
    }
    assert not any(tool.is_async for tool in FILES)
    assert all(tool.idempotent for tool in FILES)


def test_public_are_the_groups() -> None:
    assert orket.tools.__all__ == ["EDITING", "FILES", "SHELL"]
    assert [type(getattr(orket.tools, name)) for name in orket.tools.__all__] == [Toolset] * 3
    assert orket.tools.FILES is FILES
    with pytest.raises(AttributeError, match=r"^module 'orket\.tools' has no attribute 'NOTHING'$"):
        getattr(orket.tools, "NOTHING")  # noqa: B009 - a type checker would refuse the attribute


def test_importing_the_package_imports_no_group() -> None:
    code = "import sys, orket.tools; print('orket.tools.files' in sys.modules, 'orket.core' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False False\n"
