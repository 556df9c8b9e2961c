"""A node of an odd shape that keeps its contract is as good as any."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from orket.core.calls import CallContext, TurnContext
from orket.core.families import TOOL_RUNNER, TOOL_STRATEGY
from orket.core.family import NodeRef
from orket.core.loader import load
from orket.core.tools import tool
from orket.core.toolset import Toolset

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from orket.core.hookspecs import ToolStrategy

    Write = Callable[[str], NodeRef]


@pytest.fixture
def write(site: Path) -> Write:
    """Writes the module ``acme``; its first line imports the marker."""

    def write(text: str) -> NodeRef:
        (site / "acme.py").write_text(f"from orket.core import hookimpl\n{text}")
        return NodeRef(
            "orket.tool_strategy", "reviewer", "acme:Reviewer", "acme", "1.0", "/site/acme-1.0.dist-info"
        )

    return write


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "class Node:\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n"
            "def Reviewer(): return Node()\n",
            id="a factory",
        ),
        pytest.param(
            "from functools import partial\n"
            "class Node:\n"
            "    def __init__(self, level): self.level = level\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n"
            "Reviewer = partial(Node, 3)\n",
            id="a partial",
        ),
        pytest.param(
            "from dataclasses import dataclass\n"
            "@dataclass(frozen=True)\n"
            "class Reviewer:\n"
            "    level: int = 3\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n",
            id="a frozen dataclass",
        ),
        pytest.param(
            "from dataclasses import dataclass, field\n"
            "@dataclass\n"
            "class Reviewer:\n"
            "    names: list = field(default_factory=list)\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n",
            id="a dataclass that cannot be hashed",
        ),
        pytest.param(
            "class Base:\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n"
            "class Reviewer(Base): pass\n",
            id="an inherited hookimpl",
        ),
        pytest.param(
            "class Reviewer:\n"
            "    __slots__ = ('level',)\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n",
            id="slots",
        ),
        pytest.param(
            "class Reviewer:\n"
            "    @staticmethod\n"
            "    @hookimpl\n"
            "    def compose(toolset, context): return toolset\n",
            id="a static method",
        ),
        pytest.param(
            "class Reviewer:\n"
            "    @classmethod\n"
            "    @hookimpl\n"
            "    def compose(cls, toolset, context): return toolset\n",
            id="a class method",
        ),
        pytest.param(
            "from functools import wraps\n"
            "def logged(function):\n"
            "    @wraps(function)\n"
            "    def call(*args, **kwargs): return function(*args, **kwargs)\n"
            "    return call\n"
            "class Reviewer:\n"
            "    @hookimpl\n"
            "    @logged\n"
            "    def compose(self, toolset, context): return toolset\n",
            id="decorated below the mark",
        ),
        pytest.param(
            "from functools import wraps\n"
            "def logged(function):\n"
            "    @wraps(function)\n"
            "    def call(*args, **kwargs): return function(*args, **kwargs)\n"
            "    return call\n"
            "class Reviewer:\n"
            "    @logged\n"
            "    @hookimpl\n"
            "    def compose(self, toolset, context): return toolset\n",
            id="decorated above the mark",
        ),
        pytest.param(
            "class Reviewer:\n"
            "    @hookimpl\n"
            "    def compose(self, toolset: 'Toolset' = None, context: 'TurnContext' = None) -> 'Toolset':\n"
            "        return toolset\n",
            id="annotations and default values",
        ),
        pytest.param(
            "class Reviewer:\n"
            "    @hookimpl(tryfirst=True, specname='compose')\n"
            "    def compose(self, toolset, context): return toolset\n"
            "    def helper(self, anything): ...\n"
            "    data = 1\n",
            id="marked with what changes nothing",
        ),
    ],
)
def test_a_node_of_an_odd_shape_that_keeps_the_contract_is_fit(text: str, write: Write) -> None:
    node: ToolStrategy = load(TOOL_STRATEGY, write(text), {}, "")
    toolset = Toolset()
    assert node.compose(toolset, TurnContext()) is toolset


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "class Reviewer:\n"
            "    @hookimpl\n"
            "    async def run(self, tool, arguments, context): return arguments\n",
            id="async",
        ),
        pytest.param(
            "class Reviewer:\n"
            "    @hookimpl\n"
            "    def run(self, tool, arguments, context): return self.later(arguments)\n"
            "    async def later(self, arguments): return arguments\n",
            id="a function that gives an awaitable",
        ),
    ],
)
def test_a_runner_may_be_async_or_give_what_can_be_awaited(text: str, write: Write) -> None:
    runner = load(TOOL_RUNNER, write(text), {}, "")

    async def scenario() -> object:
        return await runner.run(tool(scenario), {"path": "a"}, CallContext(call_id="c1"))

    assert asyncio.run(scenario()) == {"path": "a"}
