"""The values of a call: under what circumstances it is made, what is asked, what came of it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from orket.core import providers

if TYPE_CHECKING:
    from orket.core.workspace import Workspace

__all__ = ["CallContext", "CallRecord", "Status", "ToolCall", "ToolResult", "TurnContext", "new_call_id"]

Status: TypeAlias = Literal[
    "ok",
    "failed",
    "invalid-arguments",
    "unknown-tool",
    "not-offered",
    "forbidden-effect",
    "denied",
    "needs-approval",
    "timeout",
    "cancelled",
    "crashed",
    "too-large",
    "bad-result",
    "busy",
    "unknown-outcome",
]


def _empty() -> dict[str, object]:  # calling the alias ``dict[str, object]`` takes five times as long
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnContext:
    """What a strategy may know of the turn it composes for. Plain JSON values only."""

    session_id: str | None = None
    """Groups turns; budgets count within it."""
    roles: tuple[str, ...] = ()
    """The roles the agent acts in, the leading one first."""
    model: str | None = None
    """The name of the model that will see the offer."""
    turn: int = 0
    """Which turn of the session this is."""
    extra: Mapping[str, object] = field(default_factory=_empty)
    """What else the application wants a strategy or a tool to know."""

    @property
    def role(self) -> str | None:
        """The leading role, or ``None`` where there is no role."""
        return self.roles[0] if self.roles else None


@dataclass(slots=True, kw_only=True)
class CallContext:
    """What a tool may know of its call, and what it works with. Received by a parameter annotated with this type."""

    session_id: str | None = None
    roles: tuple[str, ...] = ()
    model: str | None = None
    turn: int = 0
    extra: Mapping[str, object] = field(default_factory=_empty)
    call_id: str = ""
    """Minted for this call alone: fit as an idempotency key."""
    deadline: float | None = None
    """When the call is given up, on the clock of ``time.monotonic()``; ``None`` for never."""
    max_output: int = 65_536
    """How many bytes of JSON the result may have."""
    deps: object = None
    """The application's own objects; never serialised, so a tool that needs them has to say ``host=True``."""
    files: Workspace | None = None
    model_call_id: str = ""
    """The model's own id of the call, only recorded: two calls may carry the same."""
    node: str = ""
    """Identity of the strategy that offered the tool; empty for a call outside a turn."""
    offer: str = ""
    """Digest of the offer the call was made under."""

    @property
    def role(self) -> str | None:
        """The leading role, or ``None`` where there is no role."""
        return self.roles[0] if self.roles else None

    @property
    def workspace(self) -> Workspace:
        """Where files are read and written; a ``LookupError`` where the application gave none."""
        if self.files is None:
            raise LookupError(
                "this call has no workspace; pass one to Runtime(workspace=…) or CallContext(files=…)"
            )
        return self.files


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model asks for.

    ``arguments`` are a mapping, or the JSON text of one as most providers send it. ``id`` is the model's own, and
    is only recorded: two calls may carry the same.
    """

    id: str
    name: str
    arguments: str | Mapping[str, object] = field(default_factory=_empty)

    @classmethod
    def decode(cls, call: object) -> ToolCall:
        """A call out of what a provider sends, as a mapping or as an SDK's object.

        Understood are the shapes of OpenAI chat completions and responses, of Anthropic messages, and plain
        ``{id, name, arguments}``. A ``ValueError`` names what is missing from any other.
        """
        return call if isinstance(call, cls) else cls(*providers.decode_call(call))


@dataclass(slots=True)
class CallRecord:
    """What the journal keeps of a call before it runs."""

    call_id: str
    tool: str
    arguments: Mapping[str, object]
    model_call_id: str = ""
    session_id: str | None = None
    turn: int = 0
    node: str = ""
    offer: str = ""
    started: float = 0.0
    """Seconds since the epoch."""

    @classmethod
    def of(cls, name: str, arguments: Mapping[str, object], context: CallContext) -> CallRecord:
        """The record of a call that is made now."""
        return cls(
            context.call_id,
            name,
            arguments,
            context.model_call_id,
            context.session_id,
            context.turn,
            context.node,
            context.offer,
            time.time(),
        )


@dataclass(slots=True)
class ToolResult:
    """What came of a call. ``value`` is what the tool gave where ``ok``, and ``error`` says why where not."""

    status: Status
    tool: str
    value: object = None
    error: str = ""
    call_id: str = ""
    """The runtime's own id of the call; empty where none was minted."""
    model_call_id: str = ""
    whole: str | None = None
    """The text before it was cut to the tool's ``max_output``; ``None`` where nothing was cut."""
    cause: BaseException | None = None
    """What the tool raised: for the application's eyes, never for the model's."""

    @property
    def ok(self) -> bool:
        """Whether the tool ran and its result could be used."""
        return self.status == "ok"

    def as_dict(self) -> dict[str, object]:
        """The plain shape: ``{"ok": true, …}``, or ``{"ok": false, "error": text, "code": status}``.

        A mapping's entries stand beside ``ok``; text is under ``content``, anything else under ``result``.
        """
        if self.status != "ok":
            return {"ok": False, "error": self.error, "code": self.status}
        value = self.value
        if isinstance(value, Mapping) and "ok" not in value:
            return {"ok": True, **cast("Mapping[str, object]", value)}
        return {"ok": True, "content" if isinstance(value, str) else "result": value}

    def for_model(self) -> str:
        """What the model reads: text as it is, anything else as JSON."""
        if isinstance(self.value, str) and self.status == "ok":
            return self.value
        return json.dumps(self.as_dict(), ensure_ascii=False)

    def as_message(self, provider: providers.Provider) -> dict[str, object]:
        """The message that answers the model's call.

        Args:
            provider: ``openai-chat``, ``openai-responses`` or ``anthropic``.

        Raises:
            ValueError: no provider is known by that name.
        """
        return providers.encode_result(self, provider)


def new_call_id() -> str:
    """An id that no other call has, in this process or in any other."""
    return f"{_ids.prefix}{next(_ids.numbers):08x}"


class _Ids:
    """A random start that each process draws for itself, and a count: the system is asked once, not for each call."""

    def __init__(self) -> None:
        self.prefix = f"call-{os.urandom(8).hex()}"
        self.numbers = count()


def _begin_anew() -> None:
    global _ids  # noqa: PLW0603 - a forked child must not go on with its parent's
    _ids = _Ids()


_ids = _Ids()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
