"""Playing a recorded session."""

from __future__ import annotations

import json
import logging
from hashlib import sha256
from pathlib import Path

import pytest

from orket.cli.demo.player import Play, in_turns, played
from orket.cli.demo.session import Message, RecordedCall
from orket.core import CallContext, Effect, Runtime, Settings, ToolCall, tool


@tool(effects={Effect.WRITE})
def put(path: str, text: str, ctx: CallContext) -> str:
    """Write a file."""
    return ctx.workspace.write_text(path, text)


@tool(effects={Effect.WRITE})
def pretend(path: str) -> str:
    """Say that a file is written, and write nothing."""
    return f"{path} is written"


@tool(effects={Effect.WRITE})
def put_and_fail(ctx: CallContext) -> None:
    """Write a file, and say that it failed."""
    ctx.workspace.write_text("behind.txt", "your back")
    raise OSError("nothing was written")


@tool(effects={Effect.READ})
def circumstances(ctx: CallContext) -> str:
    """Fail with what is known of the turn."""
    raise LookupError(json.dumps([ctx.session_id, ctx.roles, ctx.model, ctx.turn]))


TOOLS = (put, pretend, put_and_fail, circumstances)


def asked(
    name: str, status: str | None = None, *, playable: bool = True, **arguments: object
) -> RecordedCall:
    return RecordedCall(ToolCall("", name, json.dumps(arguments)), playable, status)


def message(*calls: RecordedCall) -> Message:
    return Message(1, "", calls)


def play(folder: Path, *messages: Message, roles: list[str] | None = None, **rules: object) -> Play:
    settings = Settings({"process_rules": rules})
    return played(lambda: Runtime(TOOLS, settings=settings, workspace=folder), messages, in_turns(roles))


def test_each_call_has_its_end_and_the_reason(tmp_path: Path) -> None:
    done = play(
        tmp_path, message(asked("put", path="a", text="b"), asked("putt"), asked("put", path="../a", text=""))
    )

    assert [(answer.tool, answer.status, answer.why) for answer in done.answers] == [
        ("put", "ok", ""),
        ("putt", "unknown-tool", "there is no tool 'putt'; did you mean 'put'?"),
        ("put", "failed", "'../a' is outside the workspace; give a path inside it"),
    ]


def test_each_message_is_a_turn_under_the_circumstances_of_the_recording(tmp_path: Path) -> None:
    first = Message(1, "", (asked("circumstances"),), "s1", ("coder", "tester"), "large", 7)
    second = Message(2, "", (asked("circumstances"),), "s2", (), None, None)

    done = play(tmp_path, first, second)

    assert [answer.why for answer in done.answers] == [
        'LookupError: ["s1", ["coder", "tester"], "large", 7]',
        'LookupError: ["s2", [], null, 2]',
    ]


def test_roles_can_be_exchanged(tmp_path: Path) -> None:
    done = play(tmp_path, Message(1, "", (asked("circumstances"),), roles=("coder",)), roles=["reviewer"])

    assert done.answers[0].why == 'LookupError: [null, ["reviewer"], null, 1]'


def test_each_step_has_its_offer(tmp_path: Path) -> None:
    done = play(tmp_path, message(asked("pretend", path="a")))

    assert done.steps[0].offer == (("put", "pretend", "put_and_fail", "circumstances"), ())


def test_a_call_whose_arguments_were_left_out_does_not_run(tmp_path: Path) -> None:
    done = play(
        tmp_path, message(asked("put_and_fail", "failed", playable=False), asked("pretend", path="a"))
    )

    assert [(answer.tool, answer.status, answer.differs) for answer in done.answers] == [
        ("put_and_fail", "not-played", False),
        ("pretend", "ok", False),
    ]
    assert done.changed == ()


def test_an_end_that_is_not_the_recorded_one_differs(tmp_path: Path) -> None:
    done = play(
        tmp_path,
        message(
            asked("pretend", "ok", path="a"), asked("pretend", "denied", path="a"), asked("pretend", path="a")
        ),
    )

    assert [answer.differs for answer in done.answers] == [False, True, False]


def test_what_changed_is_told_by_the_disk_and_not_by_the_tools(tmp_path: Path) -> None:
    done = play(tmp_path, message(asked("pretend", path="a.txt"), asked("put_and_fail")))

    assert [answer.status for answer in done.answers] == ["ok", "failed"]
    assert done.changed == (("behind.txt", "", sha256(b"your back").hexdigest()),)


def test_a_play_says_why_its_nodes_were_chosen(tmp_path: Path) -> None:
    done = play(tmp_path, message(asked("put")), tool_strategy_node="default")

    assert str(done.strategy.decided.source) == "process_rules.tool_strategy_node (file)"
    assert str(done.runner.decided.source) == "orket-core (default)"


def test_an_agent_without_tools_is_played_and_the_warning_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = play(tmp_path, message(asked("put")), tool_strategy_node="defolt", on_unusable_node="no-tools")

    assert done.strategy.node is None
    assert done.steps[0].offer.names == ()
    assert done.answers[0].status == "not-offered"
    assert [warning.splitlines()[:2] for warning in done.warnings] == [
        ["warning: unknown-node", "  No node 'defolt' for family 'tool_strategy'."]
    ]
    assert caplog.records == []


def test_logging_is_afterwards_as_it_was(tmp_path: Path) -> None:
    logger = logging.getLogger("orket")
    before = (list(logger.handlers), logger.propagate)

    play(tmp_path, message(asked("put")))

    assert (logger.handlers, logger.propagate) == before


def test_a_play_is_plain_values(tmp_path: Path) -> None:
    done = play(tmp_path, message(asked("put", "failed", path="a", text="b")))
    plain = json.loads(json.dumps(done.as_dict()))

    assert plain["tool_strategy"]["node"]["name"] == "default"
    assert plain["steps"] == [
        {
            "line": 1,
            "said": "",
            "event": "",
            "offered": ["put", "pretend", "put_and_fail", "circumstances"],
            "absent": {},
            "calls": [
                {
                    "tool": "put",
                    "arguments": '{"path": "a", "text": "b"}',
                    "status": "ok",
                    "why": "",
                    "recorded": "failed",
                    "differs": True,
                }
            ],
        }
    ]
    assert plain["changed"] == [{"path": "a", "before": "", "after": sha256(b"b").hexdigest(), "kind": "new"}]
