"""A function whose arguments no model could give is an error that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from orket.core import ConfigError, ToolRuntimeExecutor, tool

if TYPE_CHECKING:
    from decimal import Decimal


def test_a_parameter_that_no_name_reaches_is_an_error() -> None:
    def first(path: str, /) -> None: ...

    with pytest.raises(ConfigError) as caught:
        tool(first)

    assert str(caught.value) == (
        "error: invalid-config\n"
        "  Tool 'first' cannot be called by name: its parameter 'path: 'str'' is positional.\n"
        f"  looked in: the signature of {first!r}\n"
        "  hint:      a model gives every argument by name; remove the '/' or the '*'"
    )


def test_a_function_without_a_signature_is_an_error() -> None:
    with pytest.raises(ConfigError) as caught:
        tool(dict)

    assert caught.value.diagnostic.message.startswith("Tool 'dict' has no signature that Python can tell: ")
    assert caught.value.diagnostic.hint == "write a function around it that takes its arguments by name"


def test_a_hint_that_cannot_be_found_is_an_error_of_the_tool_when_its_schema_is_first_asked_for() -> None:
    def pay(amount: Decimal) -> None: ...

    made = tool(pay)
    with pytest.raises(ConfigError) as caught:
        _ = made.schema

    assert str(caught.value) == (
        "error: invalid-config\n"
        "  The arguments of tool 'pay' have no JSON Schema: NameError: name 'Decimal' is not defined\n"
        f"  looked in: the signature of {pay!r}\n"
        "  hint:      use types that pydantic can describe and that can be found from the function's module"
    )


async def test_a_call_of_a_tool_without_a_schema_fails_and_does_not_blame_the_arguments() -> None:
    def pay(amount: Decimal) -> None: ...

    result = await ToolRuntimeExecutor().invoke(tool(pay), {"amount": 3})

    assert (result.status, result.error) == (
        "failed",
        (
            "'pay' cannot be called: The arguments of tool 'pay' have no JSON Schema: "
            "NameError: name 'Decimal' is not defined"
        ),
    )


def test_a_hint_that_pydantic_cannot_describe_is_the_same_error() -> None:
    class Opaque: ...

    def hold(thing: Opaque) -> None: ...

    hold.__annotations__["thing"] = Opaque
    with pytest.raises(ConfigError, match="The arguments of tool 'hold' have no JSON Schema: Pydantic"):
        _ = tool(hold).schema
