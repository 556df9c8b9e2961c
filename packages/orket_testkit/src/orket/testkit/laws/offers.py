"""Laws about one offer: what a strategy may make of the tools that it is given."""

from __future__ import annotations

import inspect
import json
import re
from functools import partial
from typing import TYPE_CHECKING, cast

from orket.core import ResolutionError, Toolset
from orket.core.proving import Limits, breaches, contained, describe
from orket.testkit.circumstances import circumstances
from orket.testkit.findings import Broken
from orket.testkit.laws.trials import trials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from orket.core import Tool
    from orket.testkit.laws.trials import Trial
    from orket.testkit.subject import Plan, Subject

__all__ = [
    "closed",
    "kind_kept",
    "names_valid",
    "never_widens",
    "returns_toolset",
    "schemas_valid",
    "total",
]

_USUAL = ("one", "baseline", "synthetic")
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_PROPERTY = re.compile(r"[a-zA-Z0-9_.-]{1,64}")
_CHOICES = ("anyOf", "oneOf", "allOf", "enum", "not")


def returns_toolset(subject: Subject, plan: Plan) -> None:
    """Also speaks where the node cannot be made at all: every other law is silent then."""
    if not circumstances(subject, plan):
        raise Broken(f"it cannot be made: {_why_not(subject)}", expected="a node that composes")
    for trial in trials(subject, plan, "empty", *_USUAL):
        given, error = trial.attempt()
        if error is None and not isinstance(given, Toolset):
            raise Broken(f"compose gave a {type(given).__name__}", expected="a Toolset", trace=trial.trace)


def total(subject: Subject, plan: Plan) -> None:
    """Compose answers in every circumstance."""
    for trial in trials(subject, plan, "empty", *_USUAL, "thousand", "undeclared", application=True):
        _, error = trial.attempt()
        if trial.late:
            found = f"compose did not end within {plan.brief:g} seconds"
        elif error is not None:
            found = f"compose raised {describe(error)}"
        else:
            continue
        raise Broken(found, expected="an answer to any toolset and any context", trace=trial.trace)


def closed(subject: Subject, plan: Plan) -> None:
    """Nothing is offered that the application or the declaration does not know."""
    _no_breach("closed", "tools of the application, and those that 'provides' names", subject, plan)


def never_widens(subject: Subject, plan: Plan) -> None:
    """Nothing that is offered may do more than before."""
    _no_breach("never-widens", "tools that may do no more, and as safely, as those given", subject, plan)


def _no_breach(law: str, expected: str, subject: Subject, plan: Plan) -> None:
    for trial in trials(subject, plan, *_USUAL, application=True):
        if (offered := trial.compose()) is not None:
            for breach in breaches(offered, trial.toolset, subject.declared.provides, Limits()):
                if breach.law == law:
                    raise Broken(breach.flaw, expected=expected, trace=trial.trace)


def names_valid(subject: Subject, plan: Plan) -> None:
    """Each tool can be called by its name, at every provider."""
    for trial, offered in _offers(subject, plan):
        for name, tool in zip(offered.names, offered, strict=True):
            if not isinstance(cast("object", tool.name), str) or not _NAME.fullmatch(tool.name):
                found = f"a tool is called {tool.name!r}"
            elif name != tool.name:
                found = f"the tool '{tool.name}' stands under the name '{name}'"
            else:
                continue
            raise Broken(
                found, expected="1 to 64 letters, digits, '_' and '-', one name a tool", trace=trial.trace
            )


def schemas_valid(subject: Subject, plan: Plan) -> None:
    """Each schema is one that every provider takes."""
    sound: set[str] = set()
    for trial, offered in _offers(subject, plan):
        given = {id(tool.arguments) for tool in trial.toolset}
        for tool in offered:
            if id(tool.arguments) in given:
                continue
            flaw: str | None = None
            with contained() as guard:
                text = json.dumps(tool.schema, allow_nan=False)
                flaw = None if text in sound else next(_flaws(tool), None)
                sound.add(text)
            if guard.error is not None:
                flaw = f"has no schema that JSON can say: {describe(guard.error)}"
            if flaw is not None:
                trace = {**trial.trace, "tool": tool.name}
                expected = "JSON Schema 2020-12 of an object, in the parts that providers take"
                raise Broken(f"'{tool.name}' {flaw}", expected=expected, trace=trace)


def kind_kept(subject: Subject, plan: Plan) -> None:
    """What is awaited stays awaited, and what is called stays called."""
    for trial, offered in _offers(subject, plan):
        kinds = {tool.lineage: tool.is_async for tool in trial.toolset}
        for tool in offered:
            truth = _gives_coroutine(tool.function)
            if tool.is_async != truth or kinds.get(tool.lineage, truth) != truth:
                kind, claim = (("sync", "async"), ("async", "sync"))[truth]
                raise Broken(
                    f"'{tool.name}' is {kind} and is offered as {claim}",
                    expected="each tool of the kind that its function is",
                    trace={**trial.trace, "tool": tool.name},
                )


def _offers(subject: Subject, plan: Plan) -> Iterator[tuple[Trial, Toolset]]:
    for trial in trials(subject, plan, *_USUAL):
        if (offered := trial.compose()) is not None:
            yield trial, offered


def _why_not(subject: Subject) -> str:
    try:
        subject.make({})
    except ResolutionError as error:
        diagnostic = error.diagnostic
        return f"{diagnostic.message} {diagnostic.found}".strip()
    return "no circumstance fits it"


def _gives_coroutine(function: Callable[..., object]) -> bool:
    while isinstance(function, partial):
        function = cast("Callable[..., object]", function.func)
    return any(inspect.iscoroutinefunction(one) for one in (function, type(function).__call__))


def _flaws(tool: Tool) -> Iterator[str]:
    """What is wrong with a tool's schema and description."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    schema = tool.schema
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield f"has a schema that is none: {error.message}"
    if schema.get("type") != "object":
        yield f"has a schema of type {schema.get('type')!r}"
    for word in _CHOICES:
        if word in schema:
            yield f"has '{word}' at the top of its schema, which providers refuse"
    yield from _inner_flaws(schema, schema)
    if not isinstance(cast("object", tool.description), str):
        yield f"has a {type(tool.description).__name__} for a description"


def _inner_flaws(part: object, schema: Mapping[str, object]) -> Iterator[str]:
    if isinstance(part, list):
        for each in cast("list[object]", part):
            yield from _inner_flaws(each, schema)
    if not isinstance(part, dict):
        return
    for key, value in cast("dict[str, object]", part).items():
        if key in ("$ref", "$dynamicRef") and isinstance(value, str) and not _leads_to(value, schema):
            yield f"has a schema that refers to '{value}', which is not in it"
        if key in ("properties", "$defs") and isinstance(value, dict):
            named = cast("dict[str, object]", value)
            if key == "properties":
                for name in named:
                    if not _PROPERTY.fullmatch(name):
                        yield f"has an argument {name!r}, a name that providers refuse"
            yield from _inner_flaws(list(named.values()), schema)
        elif key not in ("default", "const", "enum", "examples"):
            yield from _inner_flaws(value, schema)


def _leads_to(reference: str, schema: Mapping[str, object]) -> bool:
    return reference.startswith("#") and _has(schema, reference.removeprefix("#").split("/")[1:])


def _has(part: object, steps: list[str]) -> bool:
    if not steps:
        return True
    return isinstance(part, dict) and _has(cast("dict[str, object]", part).get(steps[0]), steps[1:])
