"""The arguments of a tool: their JSON Schema, and the check that every call's arguments pass.

Both are built on first use, since pydantic, griffe and jsonschema cost more to import than most programs ever need.
"""

from __future__ import annotations

import inspect
import json
import math
import re
from collections.abc import Mapping
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Annotated, NotRequired, TypeAlias, cast, get_type_hints

from orket.core.contain import describe
from orket.core.errors import ConfigError, Diagnostic, closest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jsonschema.protocols import Validator
    from pydantic import JsonValue, TypeAdapter
    from pydantic.json_schema import GenerateJsonSchema

    JsonObject: TypeAlias = dict[str, object]

__all__ = ["Arguments", "SchemaArguments", "SignatureArguments", "decoded", "underlying"]

_CONTEXT = re.compile(r"\bCallContext\b")


class SignatureArguments:
    """Arguments described by a function's signature, type hints and docstring."""

    def __init__(self, function: Callable[..., object], name: str) -> None:
        self._function = function
        self._name = name
        self._parameters = _parameters(function, name)
        self.context = _context_parameter(self._parameters)
        """The parameter that receives the call's context, which is not part of the schema."""

    @cached_property
    def description(self) -> str:
        """What the tool does, for the model."""
        return self._documentation[0]

    @cached_property
    def schema(self) -> JsonObject:
        """JSON Schema 2020-12 of an object; extra arguments are forbidden unless the tool collects them."""
        schema: JsonObject = self._adapter.json_schema(schema_generator=_untitled())
        del schema["title"]
        schema.setdefault("properties", {})
        return schema

    @cached_property
    def validate(self) -> Callable[[object], JsonObject]:
        """Arguments as the function takes them, from arguments as JSON gives them; a ``ValueError`` otherwise."""
        return self._adapter.validator.validate_python

    def explain(self, error: BaseException) -> str:
        """What ``validate`` found wrong, each argument in a few words."""
        from pydantic import ValidationError

        if not isinstance(error, ValidationError):
            return describe(error)
        known = [name for name in self._parameters if name != self.context]
        return "; ".join(
            _unknown(str(problem["loc"][0]), known)
            if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1
            else _located(problem["loc"], problem["msg"])
            for problem in error.errors(include_url=False, include_context=False, include_input=False)
        )

    @cached_property
    def _documentation(self) -> tuple[str, dict[str, str]]:
        """The docstring's text and what it says of each parameter, in Google, NumPy or Sphinx style."""
        text = inspect.getdoc(self._function)
        if not text:
            return "", {}
        from griffe import Docstring, DocstringSectionParameters, DocstringSectionText, parse_auto

        sections = parse_auto(
            Docstring(text),
            default="google",
            per_style_options={
                "google": {"warnings": False},
                "numpy": {"warnings": False},
                "sphinx": {"warnings": False},
            },
        )
        about = [section.value.strip() for section in sections if isinstance(section, DocstringSectionText)]
        parameters = {
            parameter.name.lstrip("*"): parameter.description
            for section in sections
            if isinstance(section, DocstringSectionParameters)
            for parameter in section.value
        }
        return "\n\n".join(about), parameters

    @cached_property
    def _adapter(self) -> TypeAdapter[JsonObject]:
        from pydantic import ConfigDict, Field, PydanticUserError, TypeAdapter, with_config
        from typing_extensions import TypedDict

        described = self._documentation[1]
        fields: JsonObject = {}
        open_ended = False
        try:
            hints = get_type_hints(self._function_with_hints, include_extras=True)
            for name, parameter in self._parameters.items():
                if name == self.context:
                    continue
                if parameter.kind is parameter.VAR_KEYWORD:
                    open_ended = True
                    continue
                hint = hints.get(name, object)
                if name in described:  # else what the hint itself says of the argument stands
                    hint = Annotated[hint, Field(description=described[name])]
                default = parameter.default
                if default is not parameter.empty:  # the function fills it in; the schema only tells of it
                    if default is None or isinstance(default, str) or _is_finite(default):
                        hint = Annotated[hint, Field(json_schema_extra={"default": default})]
                    hint = NotRequired[hint]
                fields[name] = hint
            config = ConfigDict(extra="allow" if open_ended else "forbid")
            typed_dict = cast("Callable[[str, JsonObject], type[JsonObject]]", TypedDict)
            return TypeAdapter(with_config(config)(typed_dict("arguments", fields)))
        except (PydanticUserError, NameError, TypeError) as error:
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    f"The arguments of tool '{self._name}' have no JSON Schema: {describe(error)}",
                    looked_in=f"the signature of {self._function!r}",
                    hint="use types that pydantic can describe and that can be found from the function's module",
                )
            ) from error

    @property
    def _function_with_hints(self) -> object:
        function = inspect.unwrap(underlying(self._function))
        return function if hasattr(function, "__annotations__") else function.__call__


class SchemaArguments:
    """Arguments described by a JSON Schema that comes from elsewhere, checked by the jsonschema library."""

    def __init__(self, schema: Mapping[str, object], description: str, context: str | None = None) -> None:
        self.schema = {"type": "object", **schema}
        self.description = description
        self.context = context

    @cached_property
    def _validator(self) -> Validator:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import SchemaError

        try:
            Draft202012Validator.check_schema(self.schema)
        except SchemaError as error:
            where = "/".join(str(step) for step in error.absolute_path) or "its top level"
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    f"This is no JSON Schema 2020-12: {error.message}.",
                    looked_in=where,
                    hint="give the schema of an object, for example {'type': 'object', 'properties': {…}}",
                )
            ) from error
        if (reference := next(_references_elsewhere(self.schema), None)) is not None:
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    f"A JSON Schema of arguments refers to '{reference}', which is not in it.",
                    hint="put what it refers to under '$defs', so that no call has to fetch it",
                )
            )
        return Draft202012Validator(self.schema)

    def validate(self, given: object) -> JsonObject:
        """The arguments as they are; a ``ValueError`` that names each one that the schema does not allow."""
        if not isinstance(given, Mapping):
            raise ValueError("the arguments must be an object")
        arguments = dict(cast("Mapping[str, object]", given))
        errors = self._validator.iter_errors(cast("JsonValue", arguments))
        problems = [
            _located(error.absolute_path, error.message)
            for error in sorted(errors, key=lambda error: list(map(str, error.path)))
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return arguments

    def explain(self, error: BaseException) -> str:
        """What ``validate`` raised besides a ``ValueError``, whose text says it all."""
        return describe(error)


Arguments: TypeAlias = SignatureArguments | SchemaArguments
"""What a tool accepts, wherever its schema comes from."""


def decoded(text: str) -> JsonObject:
    """Arguments out of the JSON text that most providers send; no text at all stands for no arguments.

    Raises:
        ValueError: it is not the JSON of an object.
    """
    arguments = json.loads(text or "{}", parse_constant=_no_json_number)
    if not isinstance(arguments, dict):
        raise ValueError(f"the arguments must be a JSON object, not {text[:40]!r}")
    return cast("JsonObject", arguments)


def _no_json_number(word: str) -> object:
    raise ValueError(f"{word} is no JSON number")


@cache
def _untitled() -> type[GenerateJsonSchema]:
    """Makes schemas in which an argument is not given a title that only repeats its name."""
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        def field_title_should_be_set(self, schema: object) -> bool:
            return False

    return Untitled


def underlying(function: Callable[..., object]) -> Callable[..., object]:
    """The function that a ``functools.partial`` is about, however nested."""
    while isinstance(function, partial):
        function = function.func
    return function


def _parameters(function: Callable[..., object], name: str) -> dict[str, inspect.Parameter]:
    try:
        parameters = dict(inspect.signature(function).parameters)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            Diagnostic(
                "invalid-config",
                f"Tool '{name}' has no signature that Python can tell: {error}.",
                looked_in=repr(function),
                hint="write a function around it that takes its arguments by name",
            )
        ) from error
    for parameter in parameters.values():
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    f"Tool '{name}' cannot be called by name: its parameter '{parameter}' is positional.",
                    looked_in=f"the signature of {function!r}",
                    hint="a model gives every argument by name; remove the '/' or the '*'",
                )
            )
    return parameters


def _context_parameter(parameters: Mapping[str, inspect.Parameter]) -> str | None:
    """The parameter annotated with ``CallContext``, as a type or as text; else one named ``ctx`` without a hint."""
    for name, parameter in parameters.items():
        hint = parameter.annotation
        if _CONTEXT.search(str(hint)) or (name == "ctx" and hint is parameter.empty):
            return name
    return None


def _is_finite(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _references_elsewhere(schema: object) -> Iterator[str]:
    """What a schema refers to outside itself; jsonschema would fetch it over the network."""
    if isinstance(schema, Mapping):
        for key, value in cast("Mapping[str, object]", schema).items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str) and not value.startswith("#"):
                yield value
            yield from _references_elsewhere(value)
    elif isinstance(schema, list):
        for value in cast("list[object]", schema):
            yield from _references_elsewhere(value)


def _located(place: Iterable[object], message: str) -> str:
    return f"{'.'.join(str(step) for step in place)}: {message}".removeprefix(": ")


def _unknown(name: str, known: list[str]) -> str:
    return f"{name}: no such argument; {closest(name, known) or 'known are ' + (', '.join(known) or 'none')}"
