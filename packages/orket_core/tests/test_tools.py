"""A tool: what is known of it before it runs."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from orket.core import CallContext, ConfigError, Effect, Tool, tool
from orket.core.policies import Policies, check_policies

READ = frozenset({Effect.READ})


def read_file(path: str) -> str:
    """Read a file."""
    return f"content of {path}"


async def fetch(url: str) -> str:
    """Fetch a page."""
    return f"page at {url}"


def through(function: Callable[..., Awaitable[str]]) -> Callable[..., Awaitable[str]]:
    @functools.wraps(function)
    def wrapper(*args: object, **kwargs: object) -> Awaitable[str]:
        return function(*args, **kwargs)

    return wrapper


class Shelf:
    """Callable objects and methods to make tools of."""

    def __call__(self, book: str) -> str:
        """Take a book."""
        return book

    async def lend(self, book: str) -> str:
        """Lend a book."""
        return book

    @classmethod
    def count(cls) -> int:
        """Count the books."""
        return 3


class AsyncShelf:
    async def __call__(self, book: str) -> str:
        """Take a book, some day."""
        return book


def test_the_decorator_keeps_what_the_function_says_of_itself() -> None:
    made = tool(read_file)

    assert (made.name, made.description, made.owner) == ("read_file", "Read a file.", __name__)
    assert made.schema["required"] == ["path"]


def test_what_is_given_wins_over_what_the_function_says() -> None:
    made = tool(name="open", description="Open it.", effects={"read"}, timeout=10)(read_file)

    assert (made.name, made.description, made.effects, made.timeout) == (
        "open",
        "Open it.",
        READ,
        10,
    )


def test_calling_a_tool_calls_its_function() -> None:
    assert tool(read_file)("a.txt") == "content of a.txt"


def test_policies_are_left_to_the_application_unless_given() -> None:
    made = tool(read_file)

    assert (made.timeout, made.concurrency, made.rate, made.budget, made.max_output) == (None,) * 5
    assert (made.retry, made.idempotent, made.serial, made.approval) == (0, False, False, False)


def test_undeclared_effects_are_all_effects() -> None:
    made = tool(read_file)

    assert made.effects == {Effect.READ, Effect.WRITE, Effect.NETWORK, Effect.EXECUTE}
    assert not made.declared


@pytest.mark.parametrize(
    ("effects", "read_only"),
    [([], True), (["read"], True), (["read", "write"], False), (["network"], False), ("read", True)],
)
def test_read_only_means_that_nothing_but_read_is_among_the_effects(effects: Any, read_only: bool) -> None:
    made = tool(effects=effects)(read_file)

    assert made.read_only is read_only
    assert made.declared


def test_an_effect_that_there_is_not_is_an_error_with_the_closest_one() -> None:
    with pytest.raises(ConfigError) as caught:
        tool(effects=["raed"])(read_file)

    assert str(caught.value) == (
        "error: invalid-config\n"
        "  There is no effect 'raed'.\n"
        "  asked by:  tool 'read_file'\n"
        "  found:     read, write, network, execute\n"
        "  hint:      did you mean 'read'?"
    )


@pytest.mark.parametrize("name", ["a", "A-b_9", "x" * 64])
def test_a_name_of_letters_digits_underscores_and_hyphens_is_fine(name: str) -> None:
    assert tool(name=name)(read_file).name == name


@pytest.mark.parametrize("name", ["two words", "x" * 65, "café", "dot.ted", "line\n", "<lambda>"])
def test_any_other_name_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tool(name=name)(read_file)

    message, hint = caught.value.diagnostic.message, caught.value.diagnostic.hint
    assert message == f"'{name}' cannot be the name of a tool."
    assert hint == "use 1 to 64 letters, digits, '_' and '-'"


def test_a_lambda_needs_a_name() -> None:
    with pytest.raises(ConfigError, match="'<lambda>' cannot be the name of a tool"):
        tool(lambda: None)

    assert tool(name="nothing")(lambda: None).name == "nothing"


@pytest.mark.parametrize(
    ("function", "name", "is_async"),
    [
        (read_file, "read_file", False),
        (fetch, "fetch", True),
        (functools.partial(read_file, path="a"), "read_file", False),
        (functools.partial(fetch, url="u"), "fetch", True),
        (functools.partial(functools.partial(fetch), url="u"), "fetch", True),
        (Shelf(), "Shelf", False),
        (AsyncShelf(), "AsyncShelf", True),
        (functools.partial(AsyncShelf(), book="b"), "AsyncShelf", True),
        (Shelf().lend, "lend", True),
        (Shelf.count, "count", False),
        (through(fetch), "fetch", False),
    ],
)
def test_name_and_kind_are_found_whatever_is_called(
    function: Callable[..., object], name: str, is_async: bool
) -> None:
    made = tool(function)

    assert (made.name, made.is_async, made.owner) == (name, is_async, __name__)


def test_an_importable_function_has_a_reference_and_may_run_anywhere() -> None:
    made = tool(read_file)

    assert (made.reference, made.host) == (f"{__name__}:read_file", False)
    assert tool(Shelf.count).reference == f"{__name__}:Shelf.count"


@pytest.mark.parametrize(
    "function",
    [
        lambda: None,
        functools.partial(read_file, path="a"),
        Shelf(),
        Shelf().lend,
    ],
    ids=["lambda", "partial", "object", "method"],
)
def test_what_cannot_be_imported_runs_in_the_host_alone(function: Callable[..., object]) -> None:
    made = tool(name="made")(function)

    assert (made.reference, made.host) == (None, True)


def test_a_tool_that_asks_for_the_host_runs_there() -> None:
    assert tool(host=True)(read_file).host


def test_a_changed_copy_leaves_the_original_as_it_was() -> None:
    made = tool(read_file)
    changed = made.with_(name="look", description="Look.", effects=["read"], timeout=1, budget=2)

    assert (changed.name, changed.description, changed.effects) == ("look", "Look.", READ)
    assert (changed.timeout, changed.budget, changed.declared) == (1, 2, True)
    assert (made.name, made.description, made.timeout, made.budget) == (
        "read_file",
        "Read a file.",
        None,
        None,
    )
    assert not made.declared


def test_a_changed_copy_is_known_to_descend_from_the_original() -> None:
    made = tool(read_file)

    assert made.with_(name="a").with_(timeout=1).lineage is made.lineage
    assert tool(read_file).lineage is not made.lineage


def test_changing_what_a_tool_does_not_have_names_the_closest_field() -> None:
    with pytest.raises(TypeError) as caught:
        tool(read_file).with_(timeuot=1)  # type: ignore[call-arg]  # the mistake  # pyright: ignore[reportCallIssue]

    assert str(caught.value) == "a tool has no 'timeuot' to change; did you mean 'timeout'?"


def test_what_runs_cannot_be_changed() -> None:
    with pytest.raises(TypeError) as caught:
        tool(read_file).with_(code=fetch)  # type: ignore[call-arg]  # the mistake  # pyright: ignore[reportCallIssue]

    assert str(caught.value) == (
        "a tool has no 'code' to change; what can change is approval, budget, concurrency, confine, description, "
        "effects, host, idempotent, max_output, name, owner, rate, retry, serial, timeout"
    )


def test_a_tool_with_a_schema_from_elsewhere() -> None:
    schema: dict[str, object] = {"type": "object", "properties": {"path": {"type": "string"}}}
    made = Tool.from_json_schema(
        read_file, schema, name="fs_read", description="Read.", effects=["read"], timeout=3
    )

    assert (made.name, made.description, made.schema) == ("fs_read", "Read.", schema)
    assert (made.effects, made.declared, made.timeout) == (READ, True, 3)


def test_a_parameter_of_the_context_is_known_by_its_type_also_with_a_schema_from_elsewhere() -> None:
    def look(path: str, context: CallContext) -> str:
        return path

    assert tool(look).arguments.context == "context"
    assert Tool.from_json_schema(look, {}, name="look", description="").arguments.context == "context"


@pytest.mark.parametrize(
    ("policy", "value", "belongs"),
    [
        ("timeout", "10", "a number of seconds above 0, or None"),
        ("timeout", 0, "a number of seconds above 0, or None"),
        ("retry", -1, "a whole number of 0 or more"),
        ("concurrency", 0, "a whole number above 0, or None"),
        ("rate", 1.5, "a whole number of 0 or more, or None"),
        ("budget", "3", "a whole number of 0 or more, or None"),
        ("max_output", True, "a whole number above 0, or None"),
        ("approval", "no", "True or False"),
    ],
)
def test_a_policy_of_another_kind_is_an_error_before_any_call(
    policy: str, value: object, belongs: str
) -> None:
    policies: dict[str, Any] = {policy: value}
    message = f"error: invalid-config\n  '{policy}' of tool 'read_file' must be {belongs}, not {value!r}."

    with pytest.raises(ConfigError) as made:
        tool(**policies)(read_file)
    with pytest.raises(ConfigError) as changed:
        tool(read_file).with_(**policies)

    assert (str(made.value), str(changed.value)) == (message, message)


def test_every_policy_is_checked() -> None:
    for policy in Policies.__annotations__:
        with pytest.raises(ConfigError, match=f"'{policy}' of tool 'read_file' must be "):
            check_policies({policy: object()}, "read_file")
