"""A session as a file: what it says of calls and answers, and that it never stands in their way."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orket.core import CallContext, ConfigError, Effect, Recording, Runtime, tool


@tool(effects={Effect.READ})
def shout(text: str) -> str:
    """Say it louder."""
    return text.upper()


@tool(effects={Effect.READ})
def login(password: str) -> str:
    """Log in."""
    return f"welcome, {password}"


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def ask(record: Recording | Path, *calls: object) -> list[str]:
    with Runtime([shout, login], record=record) as runtime:
        turn = runtime.turn(session_id="s1", roles=["coder"], model="m", turn=2)
        return [result.status for result in turn.call_many_sync(list(calls))]


def call(name: str, arguments: object) -> dict[str, object]:
    return {"id": f"id-{name}", "name": name, "arguments": arguments}


def test_a_message_and_its_answers_have_the_form_of_chat_messages(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    ask(file, call("shout", {"text": "hi"}))
    asked, answered = lines(file)
    assert asked == {
        "role": "assistant",
        "tool_calls": [
            {
                "id": "id-shout",
                "type": "function",
                "function": {"name": "shout", "arguments": '{"text": "hi"}'},
            }
        ],
        "orket": {
            "session_id": "s1",
            "roles": ["coder"],
            "model": "m",
            "turn": 2,
            "node": "tool_strategy/orket-core:default",
        },
    }
    assert (answered["role"], answered["tool_call_id"], answered["content"]) == ("tool", "id-shout", "HI")


def test_the_calls_of_one_reply_are_one_message(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    ask(file, call("shout", {"text": "a"}), call("shot", "{}"), {"nothing": "of a call"})
    asked, *answers = lines(file)
    assert [one["function"]["name"] for one in asked["tool_calls"]] == ["shout", "shot"]
    statuses = {one["orket"]["status"] for one in answers}
    assert statuses == {"ok", "unknown-tool", "invalid-arguments"}


@pytest.mark.parametrize("omit", [["login"], "login"])
def test_what_is_to_be_left_out_is_nowhere_in_the_file(tmp_path: Path, omit: str | list[str]) -> None:
    file = tmp_path / "session.jsonl"
    ask(Recording(file, omit=omit), call("login", {"password": "hunter2"}))
    assert "hunter2" not in file.read_text(encoding="utf-8")
    asked, answered = lines(file)
    (only,) = asked["tool_calls"]
    assert only["orket"] == {"omitted": True}
    assert answered["content"] == ""


@tool(effects={Effect.WRITE})
def write(path: str, ctx: CallContext) -> str:
    """Write."""
    return ctx.workspace.write_text(path, "nothing happened")


@pytest.mark.parametrize("make", [Path, Recording])
def test_an_agent_cannot_write_what_is_recorded_of_it(
    tmp_path: Path, make: Callable[[Path], Path | Recording]
) -> None:
    file = tmp_path / "session.jsonl"
    with Runtime([write], record=make(file), workspace=tmp_path) as runtime:
        result = runtime.turn().call_sync(call("write", {"path": "session.jsonl"}))
    assert (result.status, len(lines(file))) == ("failed", 2)
    assert result.error.startswith("cannot write 'session.jsonl': Orket itself reads it")


def test_what_was_recorded_before_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    for _ in range(2):
        ask(file, call("shout", {"text": "x"}))
    assert len(lines(file)) == 4


def test_arguments_that_are_no_json_are_recorded_as_text_and_the_call_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    assert ask(file, call("shout", {"text": {1, 2}}), call("shout", {"text": "a\ud800"})) == [
        "invalid-arguments",
        "bad-result",
    ]
    assert [line["role"] for line in lines(file)] == ["assistant", "tool", "tool"]


def test_arguments_without_an_end_are_recorded_as_far_as_they_can_be_shown(tmp_path: Path) -> None:
    file, endless = tmp_path / "session.jsonl", list[object]()
    endless.append(endless)

    statuses = ask(file, call("shout", {"text": endless}), call("shout", {"text": "a"}))

    assert statuses == ["invalid-arguments", "ok"]
    shown = lines(file)[0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(shown).startswith("{'text': [[")


def test_a_file_that_cannot_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Recording(tmp_path / "none" / "session.jsonl")
    assert str(caught.value) == (
        "error: invalid-config\n"
        "  The recording cannot be written: No such file or directory.\n"
        f"  looked in: {tmp_path}/none/session.jsonl\n"
        "  hint:      name a file in a folder that exists and may be written"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_logged_and_stops_no_call(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "orket.recording"):
        assert ask(Path("/dev/full"), call("shout", {"text": "x"})) == ["ok"]
    assert "a message is not recorded: OSError: [Errno 28] No space left on device" in caplog.messages


def test_after_closing_nothing_more_is_recorded(tmp_path: Path) -> None:
    file = tmp_path / "session.jsonl"
    recording = Recording(file)
    recording.close()
    recording.close()
    assert ask(recording, call("shout", {"text": "x"})) == ["ok"]
    assert file.read_text(encoding="utf-8") == ""
