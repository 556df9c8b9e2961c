"""An immutable, ordered collection of tools that remembers why a tool was dropped."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256

from orket.core import providers
from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.tools import Tool, tool

__all__ = ["Toolset"]


class Toolset:
    """Tools by name, in order. Every operation gives a new toolset; what it drops keeps its reason."""

    __slots__ = ("_digest", "_dropped", "_tools")

    def __init__(self, tools: Iterable[Tool | Callable[..., object]] = ()) -> None:
        """Collect tools; plain functions become tools of undeclared effects.

        Raises:
            ConfigError: a name is given twice, or something cannot be a tool.
        """
        self._tools: dict[str, Tool] = {}
        self._dropped: Mapping[str, str] = {}
        self._digest: str | None = None
        for given in tools:
            made = given if isinstance(given, Tool) else tool(given)
            _add(self._tools, made)

    @property
    def names(self) -> tuple[str, ...]:
        """The tools' names, in order."""
        return tuple(self._tools)

    def get(self, name: str) -> Tool | None:
        """The tool of that name, or ``None``."""
        return self._tools.get(name)

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def __iter__(self) -> Iterator[Tool]:
        return iter(self._tools.values())

    def __len__(self) -> int:
        return len(self._tools)

    def __repr__(self) -> str:
        return f"Toolset({', '.join(self._tools)})"

    def where(self, predicate: Callable[[Tool], bool], *, why: str) -> Toolset:
        """The tools for which ``predicate`` holds; ``why`` is the reason the others are absent."""
        kept = {name: tool for name, tool in self._tools.items() if predicate(tool)}
        return self._derive(kept, dict.fromkeys(self._tools.keys() - kept.keys(), why))

    def only(self, *names: str, why: str = "not among the chosen tools") -> Toolset:
        """The tools of these names, in this toolset's order; a name that is not here adds nothing."""
        return self.where(lambda tool: tool.name in names, why=why)

    def without(self, *names: str, why: str) -> Toolset:
        """All tools but those of these names."""
        return self.where(lambda tool: tool.name not in names, why=why)

    def map(self, change: Callable[[Tool], Tool]) -> Toolset:
        """Each tool changed by ``change``, in the same order.

        Raises:
            ConfigError: two tools have one name now.
        """
        changed: dict[str, Tool] = {}
        renamed: dict[str, str] = {}
        for each in self:
            new = change(each)
            _add(changed, new)
            if new.name != each.name:
                renamed[each.name] = f"it is now called '{new.name}'"
        return self._derive(changed, renamed)

    def renamed(self, names: Mapping[str, str]) -> Toolset:
        """Tools under new names, ``{old: new}``; a name that is not here changes nothing. Raises like ``map``."""
        return self.map(lambda tool: tool.with_(name=names[tool.name]) if tool.name in names else tool)

    def prefixed(self, prefix: str) -> Toolset:
        """Every name with ``prefix`` in front.

        Raises:
            ConfigError: a name cannot be a tool's any more.
        """
        return self.map(lambda tool: tool.with_(name=prefix + tool.name))

    def replace(self, tool: Tool) -> Toolset:
        """``tool`` in the place of the one of the same name.

        Raises:
            ConfigError: there is none.
        """
        if tool.name not in self:
            raise ConfigError(
                Diagnostic(
                    "unknown-tool",
                    f"There is no tool '{tool.name}' to replace.",
                    found=", ".join(self._tools) or "no tools",
                    hint=closest(tool.name, self._tools) or "add it with '|'",
                )
            )
        return self._derive(self._tools | {tool.name: tool}, {})

    def __or__(self, other: Toolset) -> Toolset:
        """Both toolsets' tools, these first.

        Raises:
            ConfigError: a name is in both; it names both owners.
        """
        joined = dict(self._tools)
        for each in other:
            _add(joined, each)
        return self._derive(joined, other._dropped)

    def why(self, name: str) -> str:
        """Why ``name`` is offered or absent, in one sentence; for a misspelt name, the closest match."""
        if name in self._tools:
            return f"'{name}' is offered"
        if name in self._dropped:
            return f"'{name}' is absent: {self._dropped[name]}"
        known = [*self._tools, *self._dropped]
        return f"there is no tool '{name}'; {closest(name, known) or 'known are ' + (', '.join(known) or 'none')}"

    @property
    def digest(self) -> str:
        """SHA-256 over what a model sees, in order: names, descriptions and schemas; equal in every process."""
        if self._digest is None:
            shown = [[each.name, each.description, each.schema] for each in self]
            text = json.dumps(shown, sort_keys=True, separators=(",", ":"))
            self._digest = f"sha256:{sha256(text.encode()).hexdigest()}"
        return self._digest

    def as_openai_chat(self) -> list[dict[str, object]]:
        """The ``tools`` of an OpenAI chat completion request."""
        return [providers.openai_chat_tool(each) for each in self]

    def as_openai_responses(self) -> list[dict[str, object]]:
        """The ``tools`` of an OpenAI responses request."""
        return [providers.openai_responses_tool(each) for each in self]

    def as_anthropic(self) -> list[dict[str, object]]:
        """The ``tools`` of an Anthropic messages request."""
        return [providers.anthropic_tool(each) for each in self]

    def as_json_schema(self) -> list[dict[str, object]]:
        """Each tool as ``{name, description, parameters}`` with JSON Schema 2020-12 parameters."""
        return [providers.plain_tool(each) for each in self]

    def _derive(self, tools: dict[str, Tool], dropped: Mapping[str, str]) -> Toolset:
        derived = Toolset.__new__(Toolset)
        derived._tools = tools
        derived._digest = None
        derived._dropped = {**self._dropped, **dropped} if dropped else self._dropped
        return derived


def _add(tools: dict[str, Tool], tool: Tool) -> None:
    other = tools.setdefault(tool.name, tool)
    if other is not tool:
        raise ConfigError(
            Diagnostic(
                "duplicate-tool",
                f"Two tools are named '{tool.name}'.",
                found=f"one from {other.owner}, one from {tool.owner}",
                hint="rename one with renamed({…}) or prefixed(…), or use replace(tool) to exchange it on purpose",
            )
        )
