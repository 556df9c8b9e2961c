"""Each call of a tool as an OpenTelemetry span, named and described by the conventions for generative AI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind, Status, StatusCode, get_tracer
from pydantic import BaseModel, ConfigDict

from orket.core import hookimpl
from orket.core.contain import contained

if TYPE_CHECKING:
    from collections.abc import Mapping

    from opentelemetry.trace import Span, TracerProvider
    from opentelemetry.util.types import AttributeValue

    from orket.core import CallRecord, ToolResult

__all__ = ["Spans"]

_OPERATION = "execute_tool"
_MOST_OPEN = 10_000


class Spans:
    """Begins a span with each call and ends it with the call's result.

    The span's parent is the span that is current where the call is made. It is not made current inside the tool: an
    observer changes nothing, and the context of a call is not its to change.
    """

    class Options(BaseModel):
        """What ``[observers.options.otel]`` may say."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        arguments: bool = False
        """Whether spans hold the arguments of calls and the texts of errors."""

    def __init__(self, options: Options | None = None, provider: TracerProvider | None = None) -> None:
        """Watch.

        Args:
            options: what spans hold; no arguments when left out.
            provider: whose spans they are; the application's own provider when left out.
        """
        self._arguments = options is not None and options.arguments
        self._tracer = get_tracer("orket.observers.otel", tracer_provider=provider)
        self._open: dict[str, Span] = {}

    @hookimpl
    def call_started(self, call: CallRecord) -> None:
        if len(self._open) >= _MOST_OPEN:  # calls whose end nobody told, in a process that goes on for months
            self._end(next(iter(self._open)))
        self._open[call.call_id] = self._begin(call)

    @hookimpl
    def call_finished(self, call: CallRecord, result: ToolResult) -> None:
        span = self._open.pop(call.call_id, None)
        if span is None:  # a check refused it before it started
            span = self._begin(call)
        if not result.ok:
            span.set_attribute("error.type", result.status)
            span.set_status(Status(StatusCode.ERROR, result.error if self._arguments else result.status))
        span.end()

    def close(self) -> None:
        """End the spans of calls whose end was not told."""
        for call_id in list(self._open):
            self._end(call_id)

    def _begin(self, call: CallRecord) -> Span:
        attributes = _attributes(call)
        if self._arguments:
            attributes["gen_ai.tool.call.arguments"] = _told(call.arguments)
        return self._tracer.start_span(
            _exportable(f"{_OPERATION} {call.tool}"),
            kind=SpanKind.INTERNAL,
            attributes={
                name: _exportable(value) if isinstance(value, str) else value
                for name, value in attributes.items()
            },
        )

    def _end(self, call_id: str) -> None:
        span = self._open.pop(call_id, None)
        if span is not None:
            span.set_attribute("error.type", "unknown-outcome")
            span.set_status(Status(StatusCode.ERROR, "its end was not told"))
            span.end()


def _told(arguments: Mapping[str, object]) -> str:
    """Arguments as text. What JSON cannot say must not get rid of who watches."""
    with contained() as guard:
        return json.dumps(arguments, ensure_ascii=False, default=str)
    return f"<unprintable> ({type(guard.error).__name__})"


def _exportable(text: str) -> str:
    """Text that a model may have made up, without lone surrogates: exporters drop whole batches for them."""
    return text.encode("utf-8", "replace").decode()


def _attributes(call: CallRecord) -> dict[str, AttributeValue]:
    # Written out: the distribution of the conventions marks these names as moved, and has no other place for them yet.
    attributes: dict[str, AttributeValue] = {
        "gen_ai.operation.name": _OPERATION,
        "gen_ai.tool.name": call.tool,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": call.model_call_id or call.call_id,
        "orket.call.id": call.call_id,
        "orket.turn": call.turn,
    }
    said = {"gen_ai.conversation.id": call.session_id, "orket.node": call.node, "orket.offer": call.offer}
    return attributes | {name: value for name, value in said.items() if value}
