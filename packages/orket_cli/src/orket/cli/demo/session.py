"""A recorded session: what a model asked for, message by message, and how each call was answered at the time.

A recording is JSON lines in the form of OpenAI chat messages, as ``Runtime(record=…)`` writes it. Only what the model
asked for is played again: lines of other roles are passed over, except that a ``tool`` line tells how a call ended.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast

from orket.core import ConfigError, Diagnostic, ToolCall

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Message", "RecordedCall", "read_session"]

_SHOWN = 100


@dataclass(slots=True)
class RecordedCall:
    """One call of a recorded message."""

    call: ToolCall
    playable: bool = True
    """Whether the recording has its arguments."""
    status: str | None = None
    """How it ended at the time; ``None`` where the recording does not say."""
    answered: bool = False


class Message(NamedTuple):
    """One message of the model, and under what circumstances it was sent."""

    line: int
    """Where in the file it is, from 1."""
    said: str
    """The text beside the calls."""
    calls: tuple[RecordedCall, ...]
    session_id: str | None = None
    roles: tuple[str, ...] = ()
    model: str | None = None
    turn: int | None = None


def read_session(path: str | os.PathLike[str]) -> list[Message]:
    """The model's messages in a recording, in order.

    Raises:
        ConfigError: there is no such file, a line cannot be understood, or nothing in it can be played.
    """
    messages: list[Message] = []
    for number, line in enumerate(_lines(path), 1):
        if line.strip():
            _Line(path, number).read(line, messages)
    if not any(message.calls for message in messages):
        raise ConfigError(
            Diagnostic(
                "invalid-recording",
                "The recording has no tool calls to play.",
                looked_in=os.path.abspath(path),
                found="no line of the role 'assistant' with 'tool_calls'",
                hint="record a session with Runtime(record=…) or 'orket call --record'",
            )
        )
    return messages


def _lines(path: str | os.PathLike[str]) -> list[bytes]:
    try:
        with open(path, "rb") as file:
            return file.read().removeprefix(b"\xef\xbb\xbf").split(b"\n")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigError(
            Diagnostic(
                "invalid-recording",
                f"The recording cannot be read: {reason}.",
                looked_in=os.path.abspath(path),
                hint="name a file of JSON lines",
            )
        ) from error


class _Line:
    """Reads one line; every complaint names it."""

    def __init__(self, path: str | os.PathLike[str], number: int) -> None:
        self._place = f"{os.path.abspath(path)}:{number}"
        self._number = number

    def read(self, line: bytes, messages: list[Message]) -> None:
        message = self._message(line)
        match message.get("role"):
            case "assistant":
                messages.append(self._asked(message))
            case "tool":
                self._answered(message, messages)
            case str():
                pass
            case other:
                self._refuse("it has no 'role'", other if "role" in message else message)

    def _message(self, line: bytes) -> Mapping[str, object]:
        try:
            value: object = json.loads(line.decode())
        except UnicodeDecodeError as error:
            self._refuse(f"byte {error.start + 1} is not UTF-8", hint="save the file as UTF-8")
        except json.JSONDecodeError as error:
            self._refuse(
                f"it is not JSON, column {error.colno}: {error.msg}",
                line.decode(),
                "one JSON object a line",
            )
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, brackets without end
            self._refuse(f"it is no sensible JSON, {error}")
        if not isinstance(value, dict):
            self._refuse("it is no JSON object", value, "one JSON object a line")
        return cast("dict[str, object]", value)

    def _asked(self, message: Mapping[str, object]) -> Message:
        calls = self._list(message.get("tool_calls"), "its 'tool_calls' are no list")
        said, note = message.get("content"), _table(message.get("orket"))
        roles = self._list(note.get("roles"), "its 'roles' are no list")
        turn = note.get("turn")
        return Message(
            self._number,
            said if isinstance(said, str) else "",
            tuple(map(self._call, calls)),
            session_id=_text(note.get("session_id")),
            roles=tuple(map(str, roles)),
            model=_text(note.get("model")),
            turn=turn if isinstance(turn, int) else None,
        )

    def _list(self, value: object, what: str) -> list[object]:
        if value is None:
            return []
        if not isinstance(value, list):
            self._refuse(what, value)
        return cast("list[object]", value)

    def _call(self, call: object) -> RecordedCall:
        try:
            decoded = ToolCall.decode(call)
        except ValueError as error:
            self._refuse(
                str(error).partition(": ")[0], call, "a call is {id, type, function: {name, arguments}}"
            )
        return RecordedCall(decoded, playable=not _table(_table(call).get("orket")).get("omitted"))

    def _answered(self, message: Mapping[str, object], messages: list[Message]) -> None:
        name = message.get("tool_call_id")
        if not isinstance(name, str):
            self._refuse("a 'tool' line has no 'tool_call_id'", message)
        note = _table(message.get("orket"))
        # Models use an id again in later messages, and in one message too: the latest that waits is meant.
        for asked in reversed(messages):
            if note.get("session_id", asked.session_id) != asked.session_id:
                continue
            for recorded in asked.calls:
                if recorded.call.id == name and not recorded.answered:
                    recorded.answered = True
                    recorded.status = _text(note.get("status"))
                    return

    def _refuse(self, what: str, found: object = "", hint: str = "") -> NoReturn:
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        raise ConfigError(
            Diagnostic(
                "invalid-recording",
                f"A line of the recording cannot be played: {what}.",
                looked_in=self._place,
                found=text if len(text) <= _SHOWN else f"{text[:_SHOWN]} …",
                hint=hint,
            )
        )


def _table(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
