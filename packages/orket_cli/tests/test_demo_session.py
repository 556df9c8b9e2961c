"""Reading a recorded session."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from orket.cli.demo.session import read_session
from orket.core import ConfigError, Recording, ToolCall, ToolResult, TurnContext

if TYPE_CHECKING:
    from pathlib import Path

CALL = {"id": "a", "type": "function", "function": {"name": "look", "arguments": '{"at": "sea"}'}}
ASKED = json.dumps({"role": "assistant", "content": "Let me see.", "tool_calls": [CALL]})


def recording(folder: Path, *lines: str | bytes) -> Path:
    path = folder / "session.jsonl"
    path.write_bytes(b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines))
    return path


def complaint(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_session(path)
    return str(caught.value)


def test_a_message_has_its_line_its_words_and_its_calls(tmp_path: Path) -> None:
    (message,) = read_session(recording(tmp_path, '{"role": "user", "content": "Look!"}', "", ASKED))

    assert (message.line, message.said) == (3, "Let me see.")
    assert [one.call for one in message.calls] == [ToolCall("a", "look", '{"at": "sea"}')]


def test_a_message_without_calls_is_kept(tmp_path: Path) -> None:
    messages = read_session(recording(tmp_path, ASKED, '{"role": "assistant", "content": "Done."}'))

    assert [(message.said, len(message.calls)) for message in messages] == [("Let me see.", 1), ("Done.", 0)]


def test_an_answer_tells_how_its_call_ended(tmp_path: Path) -> None:
    answer = json.dumps({"role": "tool", "tool_call_id": "a", "content": "", "orket": {"status": "failed"}})

    (message,) = read_session(recording(tmp_path, ASKED, answer))

    assert message.calls[0].status == "failed"


def test_a_status_is_unknown_where_the_recording_is_not_of_orket(tmp_path: Path) -> None:
    (message,) = read_session(
        recording(tmp_path, ASKED, '{"role": "tool", "tool_call_id": "a", "content": "x"}')
    )

    assert message.calls[0].status is None


def test_an_id_that_is_used_again_belongs_to_the_latest_call_that_waits(tmp_path: Path) -> None:
    answers = [
        json.dumps({"role": "tool", "tool_call_id": "a", "orket": {"status": status}})
        for status in ("ok", "failed", "denied", "busy")
    ]
    twice = json.dumps({"role": "assistant", "tool_calls": [CALL, CALL]})

    messages = read_session(recording(tmp_path, ASKED, answers[0], twice, *answers[1:]))

    assert [[one.status for one in message.calls] for message in messages] == [["ok"], ["failed", "denied"]]


def test_an_answer_belongs_to_its_session_where_two_sessions_use_one_id_at_once(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    record = Recording(path)
    for session in ("one", "other"):
        record.asked([ToolCall("a", "look", "{}")], TurnContext(session_id=session), "default")
    record.answered(ToolResult("failed", "look", model_call_id="a"), "one")
    record.answered(ToolResult("ok", "look", model_call_id="a"), "other")
    record.close()

    one, other = read_session(path)

    assert (one.calls[0].status, other.calls[0].status) == ("failed", "ok")


def test_an_answer_belongs_to_the_latest_message_where_an_earlier_one_was_never_answered(
    tmp_path: Path,
) -> None:
    answer = json.dumps({"role": "tool", "tool_call_id": "a", "orket": {"status": "ok"}})

    messages = read_session(recording(tmp_path, ASKED, ASKED, answer))

    assert [message.calls[0].status for message in messages] == [None, "ok"]


def test_what_a_runtime_records_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "session.jsonl"
    context = TurnContext(session_id="s", roles=("coder", "tester"), model="m", turn=4)
    record = Recording(path, omit={"login"})
    record.asked(
        [ToolCall("1", "look", {"at": "sea"}), ToolCall("2", "login", {"password": "x"})], context, "node"
    )
    record.answered(ToolResult("ok", "look", "blue", model_call_id="1"), "s")
    record.close()

    (message,) = read_session(path)

    assert (message.session_id, message.roles, message.model, message.turn) == (
        "s",
        ("coder", "tester"),
        "m",
        4,
    )
    assert [(one.call.name, one.playable, one.status) for one in message.calls] == [
        ("look", True, "ok"),
        ("login", False, None),
    ]


def test_a_byte_order_mark_and_carriage_returns_are_no_matter(tmp_path: Path) -> None:
    assert len(read_session(recording(tmp_path, b"\xef\xbb\xbf" + ASKED.encode() + b"\r", b"\r"))) == 1


def test_a_line_that_is_cut_off_is_named(tmp_path: Path) -> None:
    path = recording(tmp_path, ASKED, '{"role": "assistant", "tool')

    assert complaint(path) == (
        "error: invalid-recording\n"
        "  A line of the recording cannot be played: it is not JSON, column 23: Unterminated string starting at.\n"
        f"  looked in: {path}:2\n"
        '  found:     {"role": "assistant", "tool\n'
        "  hint:      one JSON object a line"
    )


def test_a_call_without_a_name_is_named(tmp_path: Path) -> None:
    path = recording(tmp_path, '{"role": "assistant", "tool_calls": [{"id": "a"}]}')

    assert complaint(path) == (
        "error: invalid-recording\n"
        "  A line of the recording cannot be played: this is no tool call, it has no 'name' and no 'function'.\n"
        f"  looked in: {path}:1\n"
        '  found:     {"id": "a"}\n'
        "  hint:      a call is {id, type, function: {name, arguments}}"
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("[]", "it is no JSON object"),
        ("{}", "it has no 'role'"),
        ('{"role": 1}', "it has no 'role'"),
        (b'{"role": "\xff"}', "byte 11 is not UTF-8"),
        ('{"role": "assistant", "tool_calls": {}}', "its 'tool_calls' are no list"),
        (
            '{"role": "assistant", "tool_calls": [1]}',
            "this is no tool call, it has no 'name' and no 'function'",
        ),
        (
            '{"role": "assistant", "tool_calls": [{"name": "look", "arguments": 7}]}',
            "the arguments of call 'look' are neither an object nor JSON text",
        ),
        ('{"role": "assistant", "orket": {"roles": "coder"}}', "its 'roles' are no list"),
        ('{"role": "tool", "content": "x"}', "a 'tool' line has no 'tool_call_id'"),
    ],
)
def test_every_complaint_names_file_and_line(tmp_path: Path, line: str | bytes, what: str) -> None:
    path = recording(tmp_path, ASKED, "", line)

    text = complaint(path)

    assert f"A line of the recording cannot be played: {what}." in text
    assert f"looked in: {path}:3\n" in text


@pytest.mark.parametrize("line", ["[" * 100_000, '{"role": ' + "1" * 5_000 + "}"])
def test_what_json_readers_choke_on_is_a_complaint(tmp_path: Path, line: str) -> None:
    path = recording(tmp_path, line)

    assert f"looked in: {path}:1" in complaint(path)


def test_a_long_line_is_shown_cut(tmp_path: Path) -> None:
    text = complaint(recording(tmp_path, "x" * 500))

    assert f"found:     {'x' * 100} …\n" in text


def test_a_recording_without_calls_is_refused(tmp_path: Path) -> None:
    path = recording(tmp_path, '{"role": "assistant", "content": "Hello."}')

    assert complaint(path) == (
        "error: invalid-recording\n"
        "  The recording has no tool calls to play.\n"
        f"  looked in: {path}\n"
        "  found:     no line of the role 'assistant' with 'tool_calls'\n"
        "  hint:      record a session with Runtime(record=…) or 'orket call --record'"
    )


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert complaint(tmp_path / "none.jsonl") == (
        "error: invalid-recording\n"
        "  The recording cannot be read: No such file or directory.\n"
        f"  looked in: {tmp_path}/none.jsonl\n"
        "  hint:      name a file of JSON lines"
    )
