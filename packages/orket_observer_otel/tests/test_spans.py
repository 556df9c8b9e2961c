"""Each call becomes one span under the caller's, and says no more than it may."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import (  # pyright: ignore[reportMissingTypeStubs]  # it is typed
    gen_ai_attributes,
)
from opentelemetry.semconv.attributes import error_attributes
from opentelemetry.trace import SpanKind, StatusCode, get_current_span

import orket.observers.otel as package
from orket.core import CallContext, CallRecord, Effect, Runtime, Tool, ToolResult, ToolRuntimeExecutor, tool
from orket.core.settings import Settings
from orket.observers.otel import Spans


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(exporter: InMemorySpanExporter) -> TracerProvider:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider


@tool(effects=[Effect.READ])
def look(path: str) -> str:
    """Look."""
    if path == "nowhere":
        raise ValueError("no such thing as nowhere")
    return path


def invoke(provider: TracerProvider, path: str, made: Tool = look, **options: bool) -> ToolResult:
    executor = ToolRuntimeExecutor(observers=[Spans(Spans.Options(**options), provider)])
    context = CallContext(
        call_id="call-1", model_call_id="toolu_1", session_id="s1", turn=3, node="n", offer="d"
    )
    return asyncio.run(executor.invoke(made, {"path": path}, context))


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


def test_a_call_is_a_span_with_the_attributes_of_the_conventions(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    invoke(provider, "a.txt")
    span = only(exporter)
    assert (span.name, span.kind, span.status.status_code) == (
        "execute_tool look",
        SpanKind.INTERNAL,
        StatusCode.UNSET,
    )
    assert span.attributes == {
        gen_ai_attributes.GEN_AI_OPERATION_NAME: "execute_tool",
        gen_ai_attributes.GEN_AI_TOOL_NAME: "look",
        gen_ai_attributes.GEN_AI_TOOL_TYPE: "function",
        gen_ai_attributes.GEN_AI_TOOL_CALL_ID: "toolu_1",
        gen_ai_attributes.GEN_AI_CONVERSATION_ID: "s1",
        "orket.call.id": "call-1",
        "orket.turn": 3,
        "orket.node": "n",
        "orket.offer": "d",
    }


def test_a_call_outside_a_session_says_only_what_there_is(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    executor = ToolRuntimeExecutor(observers=[Spans(provider=provider)])
    result = asyncio.run(executor.invoke(look, {"path": "a"}))
    assert only(exporter).attributes == {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "look",
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": result.call_id,
        "orket.call.id": result.call_id,
        "orket.turn": 0,
    }


def test_a_call_that_fails_has_its_status_and_not_the_text(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    invoke(provider, "nowhere")
    span = only(exporter)
    assert span.attributes is not None
    assert span.attributes[error_attributes.ERROR_TYPE] == "failed"
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "failed")
    assert "nowhere" not in span.to_json()


def test_arguments_and_texts_of_errors_are_there_where_the_option_says_so(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    invoke(provider, "nowhere", arguments=True)
    span = only(exporter)
    assert span.attributes is not None
    assert json.loads(str(span.attributes[gen_ai_attributes.GEN_AI_TOOL_CALL_ARGUMENTS])) == {
        "path": "nowhere"
    }
    assert span.status.description == "ValueError: no such thing as nowhere"


def test_a_refused_call_is_a_span_too(provider: TracerProvider, exporter: InMemorySpanExporter) -> None:
    invoke(provider, "a", look.with_(approval=True))
    span = only(exporter)
    assert span.attributes is not None
    assert span.attributes["error.type"] == "needs-approval"


def test_what_a_model_makes_up_can_be_exported(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    call = CallRecord("call-1", "lo\ud800ok", {}, "c\ud800")

    Spans(provider=provider).call_finished(call, ToolResult("unknown-tool", "lo\ud800ok"))

    span = only(exporter)
    assert span.name == "execute_tool lo?ok"
    assert (span.attributes or {})["gen_ai.tool.call.id"] == "c?"


def test_arguments_that_cannot_be_told_leave_the_span(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    circle: list[object] = []
    circle.append(circle)
    call = CallRecord("call-1", "look", {"path": circle})

    Spans(Spans.Options(arguments=True), provider).call_finished(call, ToolResult("ok", "look"))

    attributes = only(exporter).attributes or {}
    assert attributes["gen_ai.tool.call.arguments"] == "<unprintable> (ValueError)"


def test_the_parent_is_the_span_that_is_current_where_the_call_is_made(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    with provider.get_tracer("test").start_as_current_span("turn") as turn:
        invoke(provider, "a")
    call = exporter.get_finished_spans()[0]
    assert call.parent is not None
    assert call.parent.span_id == turn.get_span_context().span_id


@pytest.mark.parametrize("threaded", [True, False])
def test_inside_a_tool_also_in_a_thread_the_callers_span_is_current(
    provider: TracerProvider, exporter: InMemorySpanExporter, *, threaded: bool
) -> None:
    current: list[tuple[int, bool]] = []

    def note() -> None:
        elsewhere = threading.current_thread() is not threading.main_thread()
        current.append((get_current_span().get_span_context().span_id, elsewhere))

    async def note_here() -> None:
        note()

    made = tool(name="note", effects=[Effect.READ])(note if threaded else note_here)
    executor = ToolRuntimeExecutor(observers=[Spans(provider=provider)])
    with provider.get_tracer("test").start_as_current_span("turn") as turn:
        asyncio.run(executor.invoke(made, {}))
    assert current == [(turn.get_span_context().span_id, threaded)]


def test_calls_made_at_once_have_each_their_span_under_one_parent(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    executor = ToolRuntimeExecutor(observers=[Spans(provider=provider)])

    async def calls() -> None:
        await asyncio.gather(*(executor.invoke(look, {"path": str(number)}) for number in range(20)))

    with provider.get_tracer("test").start_as_current_span("turn") as turn:
        asyncio.run(calls())
    spans = [span for span in exporter.get_finished_spans() if span.name == "execute_tool look"]
    assert len({span.context.span_id for span in spans if span.context}) == 20
    assert {span.parent.span_id for span in spans if span.parent} == {turn.get_span_context().span_id}


def test_a_call_whose_caller_goes_away_ends_its_span(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    begun = asyncio.Event()

    async def wait() -> None:
        begun.set()
        await asyncio.Event().wait()

    made = tool(name="wait", effects=[Effect.READ])(wait)
    executor = ToolRuntimeExecutor(observers=[Spans(provider=provider)])

    async def go_away() -> None:
        call = asyncio.create_task(executor.invoke(made, {}))
        await begun.wait()
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)

    asyncio.run(go_away())
    span = only(exporter)
    assert span.attributes is not None
    assert span.attributes["error.type"] == "cancelled"


def test_closing_ends_the_spans_of_calls_whose_end_was_not_told(
    provider: TracerProvider, exporter: InMemorySpanExporter
) -> None:
    spans = Spans(provider=provider)
    spans.call_started(CallRecord("call-1", "look", {}))
    spans.close()
    span = only(exporter)
    assert span.attributes is not None
    assert span.attributes["error.type"] == "unknown-outcome"
    assert span.status.description == "its end was not told"


def test_no_more_than_so_many_spans_are_open(
    provider: TracerProvider, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(package, "_MOST_OPEN", 2)
    spans = Spans(provider=provider)
    for number in range(3):
        spans.call_started(CallRecord(f"call-{number}", f"t{number}", {}))
    assert only(exporter).name == "execute_tool t0"


def test_it_is_enabled_by_its_name_with_its_options() -> None:
    config: dict[str, object] = {"observers": {"enable": ["otel"], "options": {"otel": {"arguments": True}}}}
    with Runtime([look], settings=Settings(config)) as runtime:
        assert runtime.executor.relay.watched


def test_without_a_provider_of_the_application_a_call_is_as_good() -> None:
    call: Coroutine[Any, Any, ToolResult] = ToolRuntimeExecutor(observers=[Spans()]).invoke(
        look, {"path": "a"}
    )
    assert asyncio.run(call).value == "a"


def test_public_is_what_it_says() -> None:
    assert package.__all__ == ["Spans"]
