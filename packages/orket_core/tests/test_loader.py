"""A node is imported, built once, and given its options; what goes wrong is told with its place."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Protocol

import pytest

from orket.core.errors import ResolutionError
from orket.core.families import TOOL_STRATEGY
from orket.core.family import NodeRef
from orket.core.loader import load, load_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Write = Callable[[str], NodeRef]

GOOD = """
from orket.core import hookimpl

class Reviewer:
    @hookimpl
    def compose(self, toolset, context):
        return toolset
"""
WITH_OPTIONS = """
from pydantic import BaseModel, ConfigDict, field_validator, model_validator
from orket.core import hookimpl

class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")
    level: int
    style: str = "strict"

    @field_validator("style")
    @classmethod
    def known(cls, style):
        if style == "crash":
            raise RuntimeError("validator of style")
        return style

    @model_validator(mode="after")
    def fits(self):
        if self.level == 13:
            raise ValueError("level and style do not go together")
        return self

class Reviewer:
    Options = Options

    def __init__(self, options):
        self.options = options

    @hookimpl
    def compose(self, toolset, context):
        return toolset
"""


class HasLevel(Protocol):
    level: int
    style: str


@pytest.fixture
def write(site: Path) -> Write:
    """Writes the module ``acme``, whose ``Reviewer`` is the node."""

    def write(text: str) -> NodeRef:
        (site / "acme.py").write_text(dedent(text))
        return ref()

    return write


def ref(value: str = "acme:Reviewer") -> NodeRef:
    return NodeRef("orket.tool_strategy", "reviewer", value, "acme", "1.0", "/site/acme-1.0.dist-info")


def build(node: NodeRef, options: Mapping[str, object] | None = None) -> object:
    at = "/app/orket.toml: nodes.tool_strategy.reviewer"
    return load(TOOL_STRATEGY, node, options or {}, at)


def refusal(node: NodeRef, options: Mapping[str, object] | None = None) -> str:
    with pytest.raises(ResolutionError) as caught:
        build(node, options)
    return str(caught.value)


def test_a_class_is_imported_and_built(write: Write) -> None:
    assert type(build(write(GOOD))).__name__ == "Reviewer"


def test_a_factory_is_called(write: Write) -> None:
    write(GOOD + "\ndef make():\n    return Reviewer()\n")
    assert type(build(ref("acme:make"))).__name__ == "Reviewer"


def test_each_activation_builds_a_node_of_its_own(write: Write) -> None:
    node = write(GOOD)
    assert build(node) is not build(node)


@pytest.mark.parametrize("value", ["acme:Inner.Reviewer", " acme : Inner.Reviewer [fast,slow]"])
def test_a_reference_may_be_dotted_and_have_extras(value: str, write: Write) -> None:
    write(GOOD + "\nclass Inner:\n    Reviewer = Reviewer\n")
    assert type(build(ref(value))).__name__ == "Reviewer"


def test_an_object_that_is_no_node_is_loaded_as_it_is(write: Write) -> None:
    write("words = ['please']\n")
    assert load_object(ref("acme:words")) == ["please"]
    assert getattr(load_object(ref("acme")), "words", None) == ["please"]


# broken-node


def broken(verb: str, found: str, value: str = "acme:Reviewer") -> str:
    return (
        "error: broken-node\n"
        f"  Node 'acme:reviewer' could not be {verb}.\n"
        f"  looked in: acme 1.0, entry point 'reviewer = {value}'\n"
        f"  found:     {found}\n"
        "  hint:      repair or reinstall 'acme', or choose another node"
    )


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("raise BaseException('all of it')", "BaseException: all of it"),
        ("raise GeneratorExit", "GeneratorExit"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import not_installed_at_all", "ModuleNotFoundError: No module named 'not_installed_at_all'"),
    ],
)
def test_an_import_that_raises_is_told_with_its_line(
    statement: str, found: str, write: Write, site: Path
) -> None:
    assert refusal(write(f"# one\n# two\n{statement}\n")) == broken(
        "imported", f"{found} at {site}/acme.py:3"
    )


def test_a_fault_of_what_the_module_imports_is_told_where_it_was_raised(write: Write, site: Path) -> None:
    (site / "helper.py").write_text("\n\nraise ValueError('deep')\n")
    assert refusal(write("import helper\n")) == broken("imported", f"ValueError: deep at {site}/helper.py:3")


def test_a_syntax_error_is_told_with_its_line(write: Write, site: Path) -> None:
    assert refusal(write("x = 1\ndef broken(:\n")) == broken(
        "imported", f"SyntaxError: invalid syntax (acme.py, line 2) at {site}/acme.py:2"
    )


def test_a_module_that_is_not_there_is_told_without_a_line(site: Path) -> None:
    assert refusal(ref("acme.nowhere:Reviewer")) == broken(
        "imported", "ModuleNotFoundError: No module named 'acme'", "acme.nowhere:Reviewer"
    )


def test_an_attribute_that_is_not_there_is_told_without_a_line(write: Write) -> None:
    assert refusal(write("")) == broken(
        "imported", "AttributeError: module 'acme' has no attribute 'Reviewer'"
    )


def test_an_entry_point_without_a_module_is_told(site: Path) -> None:
    assert refusal(ref(":Reviewer")) == broken("imported", "ValueError: Empty module name", ":Reviewer")


@pytest.mark.parametrize("error", ["ValueError('no')", "SystemExit('no')", "BaseException('no')"])
def test_a_class_that_raises_when_it_is_built_is_told(error: str, write: Write, site: Path) -> None:
    node = write(f"class Reviewer:\n    def __init__(self):\n        raise {error}\n")
    name = error.partition("(")[0]
    assert refusal(node) == broken("built", f"{name}: no at {site}/acme.py:3")


def test_a_class_that_needs_arguments_is_told(write: Write) -> None:
    node = write("class Reviewer:\n    def __init__(self, level):\n        pass\n")
    assert refusal(node) == broken(
        "built", "TypeError: Reviewer.__init__() missing 1 required positional argument: 'level'"
    )


def test_what_was_raised_stays_the_cause_for_those_who_debug(write: Write) -> None:
    with pytest.raises(ResolutionError) as caught:
        build(write("raise ValueError('no luck')\n"))
    assert isinstance(caught.value.__cause__, ValueError)


def test_an_interrupt_from_the_keyboard_is_not_the_nodes(write: Write) -> None:
    node = write("raise KeyboardInterrupt\n")
    with pytest.raises(KeyboardInterrupt):
        build(node)


@pytest.mark.parametrize(
    ("text", "kind"), [("Reviewer = 3", "int"), ("Reviewer = None", "NoneType"), ("Reviewer = ['x']", "list")]
)
def test_what_can_not_be_called_builds_no_node(text: str, kind: str, write: Write) -> None:
    assert refusal(write(text)) == (
        "error: contract-mismatch\n"
        "  Node 'acme:reviewer' does not keep the contract of family 'tool_strategy': "
        f"it is a {kind}, where a class or a factory belongs.\n"
        "  looked in: acme 1.0, entry point 'reviewer = acme:Reviewer'\n"
        "  found:     acme:Reviewer\n"
        "  hint:      let the entry point name a class, or a function without arguments"
    )


# Options


def test_a_class_with_options_is_given_them(write: Write) -> None:
    node = build(write(WITH_OPTIONS), {"level": 2})
    options: HasLevel = getattr(node, "options")  # noqa: B009 - the class is known only when the test runs
    assert (options.level, options.style) == (2, "strict")


def invalid(reason: str, found: str, hint: str = "") -> str:
    return (
        "error: invalid-options\n"
        f"  The options of node 'acme:reviewer' cannot be used: {reason}.\n"
        "  looked in: /app/orket.toml: nodes.tool_strategy.reviewer\n"
        f"  found:     {found}"
    ) + (f"\n  hint:      {hint}" if hint else "")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (
            {"level": 1, "stile": "x"},
            invalid("it has no option 'stile'", "level, style", "did you mean 'style'?"),
        ),
        ({"level": 1, "qqq": 1}, invalid("it has no option 'qqq'", "level, style", "remove it")),
        ({}, invalid("level: Field required", "{}")),
        (
            {"level": "high"},
            invalid(
                "level: Input should be a valid integer, unable to parse string as an integer",
                "{'level': 'high'}",
            ),
        ),
        (
            {"style": 1},
            invalid("level: Field required; style: Input should be a valid string", "{'style': 1}"),
        ),
        ({"level": 13}, invalid("Value error, level and style do not go together", "{'level': 13}")),
    ],
)
def test_bad_options_are_told_with_key_place_and_reason(
    options: dict[str, object], text: str, write: Write
) -> None:
    assert refusal(write(WITH_OPTIONS), options) == text


def test_options_for_a_node_that_takes_none_are_refused(write: Write) -> None:
    assert refusal(write(GOOD), {"level": 1}) == invalid("it takes no options", "level", "remove the table")


def test_a_validator_that_breaks_is_the_nodes_fault(write: Write, site: Path) -> None:
    line = WITH_OPTIONS.splitlines().index('            raise RuntimeError("validator of style")') + 1
    assert refusal(write(WITH_OPTIONS), {"level": 1, "style": "crash"}) == broken(
        "built", f"RuntimeError: validator of style at {site}/acme.py:{line}"
    )


def test_options_that_are_no_model_are_a_mismatch(write: Write) -> None:
    assert refusal(write("class Reviewer:\n    Options = {'level': int}\n"), {"level": 1}) == (
        "error: contract-mismatch\n"
        "  Node 'acme:reviewer' does not keep the contract of family 'tool_strategy': "
        "its 'Options' is no pydantic model.\n"
        "  looked in: acme 1.0, entry point 'reviewer = acme:Reviewer'\n"
        "  found:     {'level': <class 'int'>}\n"
        "  hint:      let Options be a subclass of pydantic.BaseModel"
    )
