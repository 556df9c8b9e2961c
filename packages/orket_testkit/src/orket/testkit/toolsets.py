"""Toolsets to compose: the baseline, a synthetic one, and sizes at the edge. Each call gives fresh tools."""

from __future__ import annotations

import math
from functools import partial, wraps
from itertools import combinations, product
from typing import TYPE_CHECKING

from orket.core import Effect, Tool, Toolset, tool
from orket.testkit.baseline_tools import BASELINE, image_generate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["TOOLSETS", "baseline", "empty", "one", "synthetic", "thousand", "undeclared"]


def plain(path: str = ".", depth: int = 1, **more: object) -> str:
    """Say where and how deep.

    Args:
        path: where to begin.
        depth: how far down.
        more: what else there is to say.
    """
    return " ".join(map(str, (path, depth, *more)))


async def awaited(path: str = ".", depth: int = 1, **more: object) -> str:
    """Say where and how deep, in a while."""
    return plain(path, depth, **more)


class Called:
    """An object that is called like a coroutine function."""

    async def __call__(self, path: str = ".", depth: int = 1, **more: object) -> str:
        return plain(path, depth, **more)


def decorated(function: Callable[..., str]) -> Callable[..., str]:
    """What decorators commonly do to a function."""

    @wraps(function)
    def wrapper(*args: object, **kwargs: object) -> str:
        return function(*args, **kwargs)

    return wrapper


@decorated
def wrapped(
    path: str = ".", depth: int = 1, *, corner: dict[str, float] | None = None, **more: object
) -> str:
    """Say where and how deep, behind a decorator."""
    return plain(path, depth, corner=corner, **more)


_KINDS: Mapping[str, Callable[..., object]] = {
    "sync": plain,
    "async": awaited,
    "partial": partial(awaited, depth=2),
    "object": Called(),
    "wrapped": wrapped,
}

_SHAPES: Mapping[str, dict[str, object] | None] = {
    "signature": None,
    "bare": {},
    "nested": {
        "properties": {
            "path": {"type": "string"},
            "corners": {"type": "array", "items": {"$ref": "#/$defs/Point"}},
        },
        "required": ["corners"],
        "additionalProperties": False,
        "$defs": {"Point": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}},
    },
    "choices": {
        "properties": {
            "path": {"enum": ["here", "there"]},
            "depth": {"anyOf": [{"type": "integer", "minimum": 1}, {"type": "null"}], "default": None},
        },
        "additionalProperties": False,
    },
}

_POLICIES: tuple[dict[str, Any], ...] = (  # fields of Tool, each of its own type
    {},
    {"timeout": 5.0, "max_output": 1000},
    {"timeout": math.inf, "max_output": 1_000_000},
    {"approval": True, "serial": True, "confine": True},
    {"idempotent": True, "retry": 2},
    {"concurrency": 3, "rate": 30, "budget": 100},
    {"host": True},
)

_EFFECTS = (None, *(set(chosen) for size in range(5) for chosen in combinations(Effect, size)))


def baseline() -> Toolset:
    """The 15 baseline tools, in their order. See ``baseline_tools``."""
    reads = frozenset({Effect.READ})
    return Toolset(
        tool(effects=effects, idempotent=effects == reads, host=function is image_generate)(function)
        for function, effects in BASELINE.items()
    )


def synthetic() -> Toolset:
    """340 tools: every combination of effects, kind of function and shape of schema, and each with every policy.

    Named ``<kind>-<shape>-<effects>``; effects are their initials, ``any`` where undeclared, ``none`` where empty.
    """
    made: list[Tool] = []
    patterns = [_pattern(kind, shape) for kind, shape in product(_KINDS, _SHAPES)]
    for (row, effects), (column, pattern) in product(enumerate(_EFFECTS), enumerate(patterns)):
        policies = _POLICIES[(row + column + column // len(_SHAPES)) % len(_POLICIES)]
        initials = "any" if effects is None else "".join(sorted(one[0] for one in effects)) or "none"
        made.append(_fresh(pattern, f"{pattern.name}-{initials}", effects, policies))
    return Toolset(made)


def empty() -> Toolset:
    """No tools."""
    return Toolset()


def one() -> Toolset:
    """The first of the baseline tools."""
    return Toolset([next(iter(baseline()))])


def thousand() -> Toolset:
    """A thousand tools whose effects take turns: ``tool-0`` to ``tool-996``, and three of odd names.

    Two differ from ``tool-0`` in spelling alone, and one is as long as names may be and described at length.
    """
    pattern = _pattern("sync", "signature")
    names = [*(f"tool-{n}" for n in range(997)), "TOOL-0", "tool_0", "t" * 64]
    tools = [_fresh(pattern, name, _EFFECTS[n % len(_EFFECTS)], {}) for n, name in enumerate(names)]
    return Toolset([*tools[:-1], tools[-1].with_(description="It is a long story. " * 250)])


def undeclared() -> Toolset:
    """The baseline tools as foreign ones come: nobody said what they may do."""
    return Toolset(tool(function) for function in BASELINE)


TOOLSETS: Mapping[str, Callable[[], Toolset]] = {
    "baseline": baseline,
    "synthetic": synthetic,
    "empty": empty,
    "one": one,
    "thousand": thousand,
    "undeclared": undeclared,
}
"""The toolsets by the names that traces give them."""


def _pattern(kind: str, shape: str) -> Tool:
    """A tool to make others of, so that each schema is built once."""
    function, schema, name = _KINDS[kind], _SHAPES[shape], f"{kind}-{shape}"
    if schema is None:
        return tool(function).with_(name=name)
    return Tool.from_json_schema(function, schema, name=name, description=f"A tool of the kind {name}.")


def _fresh(pattern: Tool, name: str, effects: set[Effect] | None, policies: dict[str, Any]) -> Tool:
    """A tool that descends from no other."""
    return Tool(
        name=name,
        function=pattern.function,
        arguments=pattern.arguments,
        is_async=pattern.is_async,
        effects=frozenset(Effect if effects is None else effects),
        declared=effects is not None,
        owner=pattern.owner,
        described=f"Say where and how deep. ({name})",  # reading it out of a docstring takes long
        **policies,
    )
