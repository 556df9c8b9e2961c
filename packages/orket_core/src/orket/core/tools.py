"""A tool: a typed callable with what the seam must know of it before it runs."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MethodType
from typing import TYPE_CHECKING, TypeAlias, overload

from orket.core.arguments import SchemaArguments, SignatureArguments, underlying
from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.policies import Policies, check_policies

if TYPE_CHECKING:
    from typing import Unpack

    from orket.core.arguments import Arguments

__all__ = ["Effect", "Lineage", "Tool", "effects_named", "tool"]

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

Function: TypeAlias = Callable[..., object]


class Effect(StrEnum):
    """What a call may do to the world outside its own memory."""

    READ = "read"
    WRITE = "write"
    NETWORK = "network"
    EXECUTE = "execute"


class Changes(Policies, total=False):
    """What ``Tool.with_`` can change."""

    name: str
    description: str
    effects: Iterable[Effect | str]
    owner: str


class Lineage:
    """An identity and nothing else."""

    __slots__ = ("__weakref__",)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tool:
    """An immutable tool. Made by ``tool`` or ``Tool.from_json_schema``; changed copies come from ``with_``."""

    name: str
    """What the model calls it: 1 to 64 letters, digits, ``_`` and ``-``."""
    function: Function
    """What runs; it receives its arguments by name."""
    arguments: Arguments
    """The schema of the arguments, and their check."""
    is_async: bool
    """Whether calling ``function`` gives a coroutine; found out once, when the tool is made."""
    effects: frozenset[Effect]
    """What a call may do; all of it where nothing was declared."""
    owner: str
    """Where the tool comes from, for messages: a module, or a group and its distribution."""
    declared: bool = True
    """Whether somebody said what the effects are; ``[tools.effects]`` speaks for tools that did not."""
    timeout: float | None = None
    """Seconds until a call is given up; ``math.inf`` for never."""
    retry: int = 0
    """Further attempts after a failure, inside the deadline; only for idempotent tools."""
    idempotent: bool = False
    """Whether running a call twice is the same as running it once."""
    serial: bool = False
    """Whether calls of this tool run one after the other."""
    concurrency: int | None = None
    """How many calls of this tool may be under way at once; a further one waits."""
    rate: int | None = None
    """How many calls may begin within any minute; a further one is ``busy``."""
    budget: int | None = None
    """How many calls one session may make; a further one is ``denied``."""
    approval: bool = False
    """Whether a person has to agree to each call."""
    max_output: int | None = None
    """Bytes of UTF-8 a result may have as JSON; longer text is cut, a longer structure is ``too-large``."""
    host: bool = False
    """Whether it must run in the host's own process, whichever runner is active: always, where it has no reference.

    A tool that needs ``deps`` of its context has to say so: elsewhere they are ``None``.
    """
    confine: bool = False
    """Whether it may only run where a runner confines it; the inline runner refuses such calls."""
    lineage: Lineage = field(default_factory=Lineage, repr=False)
    """What a tool shares with every changed copy of it, so that a renamed tool is known again."""
    described: str | None = field(default=None, repr=False)
    limited: bool = field(default=False, init=False, repr=False)
    """Whether its calls are counted: it has a budget, a rate, or a concurrency of its own."""
    guarded: bool = field(default=False, init=False, repr=False)
    """Whether its calls are counted, need a person's word, have a deadline of their own or are tried again."""

    def __post_init__(self) -> None:
        counted = self.serial or any(
            limit is not None for limit in (self.concurrency, self.rate, self.budget)
        )
        object.__setattr__(self, "limited", counted)
        guarded = counted or self.approval or self.timeout is not None or self.retry > 0
        object.__setattr__(self, "guarded", guarded)
        object.__setattr__(self, "host", self.host or self.reference is None)
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                Diagnostic(
                    "invalid-config",
                    f"'{self.name}' cannot be the name of a tool.",
                    looked_in=self.owner,
                    hint="use 1 to 64 letters, digits, '_' and '-'",
                )
            )

    @property
    def description(self) -> str:
        """What the tool does, for the model: the docstring's text, unless one was given."""
        return self.arguments.description if self.described is None else self.described

    @property
    def schema(self) -> dict[str, object]:
        """JSON Schema 2020-12 of the arguments."""
        return self.arguments.schema

    @property
    def read_only(self) -> bool:
        """Whether its effects are within {read}."""
        return self.effects <= _READ

    @property
    def reference(self) -> str | None:
        """``module:attribute`` under which another process finds the function; ``None`` where there is none."""
        module = getattr(self.function, "__module__", None)
        qualname = getattr(self.function, "__qualname__", "<")
        found = (
            module not in (None, "__main__") and "<" not in qualname and not _is_of_an_object(self.function)
        )
        return f"{module}:{qualname}" if found else None

    def with_(self, **changes: Unpack[Changes]) -> Tool:
        """A copy with the given fields changed, known to descend from this one.

        Raises:
            ConfigError: a value is not one that the field can have.
        """
        values: dict[str, object] = dict(changes)
        unknown = values.keys() - _CHANGEABLE
        if unknown:
            name = min(unknown)
            hint = closest(name, _CHANGEABLE) or f"what can change is {', '.join(sorted(_CHANGEABLE))}"
            raise TypeError(f"a tool has no '{name}' to change; {hint}")
        check_policies(changes, self.name)
        if "description" in values:
            values["described"] = values.pop("description")
        if "effects" in changes:
            effects = effects_named(changes["effects"], f"tool '{self.name}'")
            values |= {"effects": effects, "declared": True}
        return replace(self, **values)  # type: ignore[arg-type] # names and kinds were checked above

    def __call__(self, *args: object, **kwargs: object) -> object:
        """Call the function itself, past every check: for the tests of whoever wrote it."""
        return self.function(*args, **kwargs)

    @classmethod
    def from_json_schema(
        cls,
        function: Function,
        schema: Mapping[str, object],
        *,
        name: str,
        description: str,
        effects: Iterable[Effect | str] | None = None,
        **policies: Unpack[Policies],
    ) -> Tool:
        """A tool whose schema comes from elsewhere, for example from another service.

        Args:
            function: called with the arguments by name; one that takes a ``CallContext`` receives it.
            schema: JSON Schema 2020-12 of the arguments. Every call is checked against it.
            name: what the model calls it.
            description: what it does, for the model.
            effects: what it may do; all effects when left out.
            policies: fields of ``Tool``.

        Raises:
            ConfigError: the name, the schema, an effect or a policy is not one that a tool can have.
        """
        context = SignatureArguments(function, name).context
        return _make(cls, function, name, SchemaArguments(schema, description, context), effects, policies)


@overload
def tool(function: Function, /) -> Tool: ...
@overload
def tool(
    *,
    name: str | None = None,
    description: str | None = None,
    effects: Iterable[Effect | str] | None = None,
    **policies: Unpack[Policies],
) -> Callable[[Function], Tool]: ...
def tool(
    function: Function | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    effects: Iterable[Effect | str] | None = None,
    **policies: Unpack[Policies],
) -> Tool | Callable[[Function], Tool]:
    """Make a tool of a function; the schema comes from its signature, type hints and docstring.

    Works as ``@tool``, as ``@tool(effects={Effect.READ}, timeout=10)`` and as ``tool(function)``, for sync and async
    functions, partials and callable objects. A parameter annotated ``CallContext`` receives the call's context.

    Args:
        function: what runs; its arguments are given by name.
        name: what the model calls it; the function's own name when left out.
        description: what it does, for the model; the docstring's text when left out.
        effects: what a call may do; all effects when left out, since nothing is known.
        policies: fields of ``Tool``.

    Raises:
        ConfigError: the name, an effect or a policy is not one that a tool can have, or arguments have no names.
    """

    def make(function: Function) -> Tool:
        called = name or _name_of(function)
        made = _make(Tool, function, called, SignatureArguments(function, called), effects, policies)
        return made if description is None else made.with_(description=description)

    return make if function is None else make(function)


def _make(
    cls: type[Tool],
    function: Function,
    name: str,
    arguments: Arguments,
    effects: Iterable[Effect | str] | None,
    policies: Policies,
) -> Tool:
    check_policies(policies, name)
    return cls(
        name=name,
        function=function,
        arguments=arguments,
        is_async=_gives_coroutine(function),
        effects=_ALL if effects is None else effects_named(effects, f"tool '{name}'"),
        declared=effects is not None,
        owner=getattr(underlying(function), "__module__", None) or type(function).__module__,
        **policies,
    )


def effects_named(given: Iterable[Effect | str], asked_by: str) -> frozenset[Effect]:
    """The effects that ``given`` names.

    Raises:
        ConfigError: there is no such effect; ``asked_by`` says who wanted it.
    """
    words = {given} if isinstance(given, str) else set(given)
    known = {effect.value: effect for effect in Effect}
    for word in words:
        if word not in known:
            hint = closest(word, known) or "name effects out of the four"
            message = f"There is no effect '{word}'."
            raise ConfigError(Diagnostic("invalid-config", message, asked_by, "", ", ".join(known), hint))
    return frozenset(known[word] for word in words)


def _name_of(function: Function) -> str:
    function = underlying(function)
    return getattr(function, "__name__", type(function).__name__)


def _is_of_an_object(function: Function) -> bool:
    return isinstance(function, MethodType) and not isinstance(function.__self__, type)


def _gives_coroutine(function: Function) -> bool:
    function = underlying(function)
    return any(inspect.iscoroutinefunction(one) for one in (function, type(function).__call__))


_ALL = frozenset(Effect)
_READ = frozenset({Effect.READ})
_CHANGEABLE = frozenset(Changes.__annotations__)
