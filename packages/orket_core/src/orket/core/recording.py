"""A session as a file: one JSON object a line, the model's messages with their tool calls and the answers to them.

The form is that of OpenAI chat messages, so that a recording is readable anywhere and can be played again under
another node: the player needs the ``assistant`` lines alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from reprlib import repr as shortened
from threading import Lock
from typing import TYPE_CHECKING

from orket.core.contain import contained, describe
from orket.core.errors import ConfigError, Diagnostic

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from orket.core.calls import ToolCall, ToolResult, TurnContext

__all__ = ["Recording"]


class Recording:
    """Appends what turns are asked, and what they answer, to a file."""

    def __init__(self, path: str | os.PathLike[str], *, omit: Collection[str] = ()) -> None:
        """Open the file.

        Args:
            path: where to; what is there already is kept.
            omit: names of tools whose arguments and answers are left out, or one name. Their calls cannot be played
                again.

        Raises:
            ConfigError: the file cannot be written.
        """
        self.path = os.path.abspath(path)
        self.omit = frozenset({omit} if isinstance(omit, str) else omit)
        self._lock = Lock()
        try:
            self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    f"The recording cannot be written: {error.strerror}.",
                    looked_in=self.path,
                    hint="name a file in a folder that exists and may be written",
                )
            ) from error

    def asked(self, calls: Sequence[ToolCall], context: TurnContext, node: str) -> None:
        """Record the calls of one message of the model."""
        self._write(
            {
                "role": "assistant",
                "tool_calls": [self._call(call) for call in calls],
                "orket": {
                    "session_id": context.session_id,
                    "roles": list(context.roles),
                    "model": context.model,
                    "turn": context.turn,
                    "node": node,
                },
            }
        )

    def answered(self, result: ToolResult, session_id: str | None) -> None:
        """Record what came of a call of a session: two sessions at once may use the same ids."""
        content = "" if result.tool in self.omit else result.for_model()
        self._write(
            {
                "role": "tool",
                "tool_call_id": result.model_call_id,
                "content": content,
                "orket": {"call_id": result.call_id, "session_id": session_id, "status": result.status},
            }
        )

    def close(self) -> None:
        """Close the file. Closing twice is fine."""
        with self._lock:
            self._file.close()

    def _call(self, call: ToolCall) -> Mapping[str, object]:
        left_out = call.name in self.omit
        given = call.arguments if isinstance(call.arguments, str) else _told(call.arguments)
        function = {"name": call.name, "arguments": "{}" if left_out else given}
        mark = {"orket": {"omitted": True}} if left_out else {}
        return {"id": call.id, "type": "function", "function": function, **mark}

    def _write(self, message: Mapping[str, object]) -> None:
        """Append a message. A full disk is no reason to fail a call, so it is only logged."""
        with self._lock, contained() as guard:
            if not self._file.closed:
                self._file.write(_json(message).encode("utf-8", "backslashreplace").decode() + "\n")
                self._file.flush()
        if guard.error is not None:
            import logging

            logging.getLogger("orket.recording").error("a message is not recorded: %s", describe(guard.error))


def _told(arguments: Mapping[str, object]) -> str:
    """Arguments as JSON; nested without an end, or with keys that are no text, as far as they can be shown."""
    with contained():
        return _json(arguments)
    return _json(shortened(arguments))


def _json(value: object) -> str:
    """What JSON cannot say, it says of it: a recording is for reading, and such a call would fail again."""
    return json.dumps(value, ensure_ascii=False, default=repr)
