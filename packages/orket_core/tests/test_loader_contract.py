"""A node that does not keep its contract is refused, and the definition that is wrong is shown."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from orket.core.errors import ResolutionError
from orket.core.families import TOOL_RUNNER, TOOL_STRATEGY
from orket.core.family import NodeRef
from orket.core.loader import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[[str], NodeRef]

REF = NodeRef("orket.tool_strategy", "reviewer", "acme:Reviewer", "acme", "1.0", "/site/acme-1.0.dist-info")


@pytest.fixture
def write(site: Path) -> Write:
    """Writes the module ``acme``; its first line imports the marker."""

    def write(text: str) -> NodeRef:
        (site / "acme.py").write_text(f"from orket.core import hookimpl\n{text}")
        return REF

    return write


@pytest.fixture
def write_class(write: Write) -> Write:
    """Writes ``class Reviewer`` on line 2 of the module ``acme``; its body begins on line 3."""
    return lambda body: write("class Reviewer:\n" + indent(body, "    "))


def refusal(ref: NodeRef) -> str:
    with pytest.raises(ResolutionError) as caught:
        load(TOOL_STRATEGY, ref, {}, "")
    return str(caught.value)


def mismatch(
    reason: str, found: str, hint: str = "write @hookimpl and below it: def compose(self, toolset, context)"
) -> str:
    return (
        "error: contract-mismatch\n"
        f"  Node 'acme:reviewer' does not keep the contract of family 'tool_strategy': {reason}.\n"
        "  looked in: acme 1.0, entry point 'reviewer = acme:Reviewer'\n"
        f"  found:     {found}\n"
        f"  hint:      {hint}"
    )


@pytest.mark.parametrize(
    ("body", "reason", "definition"),
    [
        pytest.param(
            "@hookimpl\ndef compose(self, toolset, roles): ...",
            "its 'compose' takes (toolset, roles), where the contract has (toolset, context)",
            "def compose(self, toolset, roles)",
            id="another argument",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self, toolset): ...",
            "its 'compose' takes (toolset), where the contract has (toolset, context)",
            "def compose(self, toolset)",
            id="an argument too few",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self): ...",
            "its 'compose' takes (), where the contract has (toolset, context)",
            "def compose(self)",
            id="no argument",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self, toolset, context, extra): ...",
            "its 'compose' takes (toolset, context, extra), where the contract has (toolset, context)",
            "def compose(self, toolset, context, extra)",
            id="an argument too many",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self, context, toolset): ...",
            "its 'compose' takes (context, toolset) in another order, where the contract has (toolset, context)",
            "def compose(self, context, toolset)",
            id="another order",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self, *, toolset, context): ...",
            "its 'compose' takes (*, toolset, context), where the contract has (toolset, context)",
            "def compose(self, *, toolset, context)",
            id="keywords only",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self, *toolset, **context): ...",
            "its 'compose' takes (*toolset, **context), where the contract has (toolset, context)",
            "def compose(self, *toolset, **context)",
            id="any arguments that happen to be called alike",
        ),
        pytest.param(
            "@staticmethod\n@hookimpl\ndef compose(context): ...",
            "its 'compose' takes (context), where the contract has (toolset, context)",
            "def compose(context)",
            id="a static method",
        ),
        pytest.param(
            "def compose(self, toolset, context): ...",
            "its 'compose' is not marked with @hookimpl",
            "def compose(self, toolset, context)",
            id="the forgotten decorator",
        ),
        pytest.param(
            "@hookimpl\nasync def compose(self, toolset, context): ...",
            "its 'compose' is async, where the contract is not",
            "async def compose(self, toolset, context)",
            id="async",
        ),
        pytest.param(
            "@hookimpl\ndef compose(self, toolset, context): yield toolset",
            "its 'compose' is a generator",
            "def compose(self, toolset, context)",
            id="a generator",
        ),
        pytest.param(
            "@hookimpl\nasync def compose(self, toolset, context): yield toolset",
            "its 'compose' is a generator",
            "def compose(self, toolset, context)",
            id="an async generator",
        ),
        pytest.param(
            "@hookimpl(wrapper=True)\ndef compose(self, toolset, context): return (yield)",
            "its 'compose' is a hook wrapper, and a node has nothing to wrap",
            "def compose(self, toolset, context)",
            id="a hook wrapper",
        ),
        pytest.param(
            "@hookimpl(hookwrapper=True)\ndef compose(self, toolset, context): yield",
            "its 'compose' is a hook wrapper, and a node has nothing to wrap",
            "def compose(self, toolset, context)",
            id="a hook wrapper of the old kind",
        ),
        pytest.param(
            "@hookimpl\ndef compoze(self, toolset, context): ...",
            "it has no method 'compose'",
            "def compoze(self, toolset, context)",
            id="a misspelt hook",
        ),
        pytest.param(
            "@hookimpl(specname='compose')\ndef choose(self, toolset, context): ...",
            "it has no method 'compose'",
            "def choose(self, toolset, context)",
            id="another method in place of the hook",
        ),
        pytest.param(
            "@hookimpl(specname='compoze')\ndef compose(self, toolset, context): ...",
            "its 'compose' is marked as the implementation of 'compoze'",
            "def compose(self, toolset, context)",
            id="the hook in place of another one",
        ),
    ],
)
def test_a_definition_that_does_not_keep_the_contract_is_shown_with_its_line(
    body: str, reason: str, definition: str, write_class: Write, site: Path
) -> None:
    assert refusal(write_class(body)) == mismatch(reason, f"{definition} at {site}/acme.py:3")


def test_a_second_hook_that_there_is_not_is_shown_with_its_line(write_class: Write, site: Path) -> None:
    good = "@hookimpl\ndef compose(self, toolset, context): return toolset\n"
    assert refusal(write_class(good + "@hookimpl\ndef decompose(self, toolset): ...")) == mismatch(
        "it implements a hook that is not in it",
        f"def decompose(self, toolset) at {site}/acme.py:5",
        "the hooks of this family are compose",
    )


def test_a_node_without_any_hook_is_told(write_class: Write) -> None:
    assert refusal(write_class("pass")) == mismatch("it has no method 'compose'", "no hookimpl")


def test_a_factory_that_returns_nothing_makes_no_node(write: Write) -> None:
    assert refusal(write("def Reviewer(): pass")) == mismatch("it has no method 'compose'", "no hookimpl")


def test_an_attribute_in_place_of_the_method_is_told(write_class: Write) -> None:
    assert refusal(write_class("compose = 3")) == mismatch("its 'compose' is no method", "3")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            "@hookimpl\ndef run(self, tool, arguments): ...",
            "its 'run' takes (tool, arguments), where the contract has (tool, arguments, context)",
        ),
        ("@hookimpl\nasync def run(self, tool, arguments, context): yield", "its 'run' is a generator"),
    ],
)
def test_a_runner_is_held_to_the_contract_of_runners(body: str, reason: str, write_class: Write) -> None:
    with pytest.raises(ResolutionError, match="contract-mismatch") as caught:
        load(TOOL_RUNNER, write_class(body), {}, "")
    assert reason in caught.value.diagnostic.message
