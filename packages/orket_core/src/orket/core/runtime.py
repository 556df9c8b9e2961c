"""The application's object: the active nodes, the tools, and the turns made with them."""

from __future__ import annotations

import os
from contextlib import ExitStack
from copy import copy
from typing import TYPE_CHECKING, TypeVar, cast

from orket.core.activation import Activation, activate
from orket.core.calls import TurnContext
from orket.core.composing import compose
from orket.core.contain import contained, describe
from orket.core.discovery import discover
from orket.core.errors import Diagnostic, ResolutionError
from orket.core.executor import ToolRuntimeExecutor
from orket.core.families import FAMILIES, TOOL_RUNNER, TOOL_STRATEGY
from orket.core.groups import classified, load_groups
from orket.core.hookspecs import CallRefused
from orket.core.journal import MemoryJournal
from orket.core.limits import Brake
from orket.core.parts import known, limits, observers, pinned, workspace
from orket.core.portal import Portal
from orket.core.recording import Recording
from orket.core.settings import Settings
from orket.core.tools import Effect, effects_named
from orket.core.toolset import Toolset
from orket.core.turn import Turn
from orket.core.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Self, Unpack

    from orket.core.calls import CallContext
    from orket.core.family import Family
    from orket.core.hookspecs import ToolRunner, ToolStrategy
    from orket.core.parts import Parts
    from orket.core.resolver import Resolution
    from orket.core.tools import Tool

__all__ = ["Runtime", "Turn"]

T = TypeVar("T")


class Runtime:
    """Puts configuration, nodes and tools together. A context manager, sync and async; or ``close`` it."""

    def __init__(
        self,
        tools: Iterable[Tool | Callable[..., object]] = (),
        *,
        settings: Settings | None = None,
        **parts: Unpack[Parts],
    ) -> None:
        """Activate the chosen nodes. No configuration file is read, unless ``ORKET_CONFIG`` names one.

        Args:
            tools: the application's own tools, besides the groups that the configuration chooses.
            settings: the configuration; made from the environment when left out.
            parts: what else it is made of; see ``orket.core.parts.Parts``.

        Raises:
            ConfigError: the configuration, a part or a tool cannot be used.
            ResolutionError: a node cannot be used, and the configuration does not go on without tools.
        """
        with ExitStack() as opened:  # where a part cannot be had, those before it are closed again
            self._opened = opened
            self._assemble(tools, settings or Settings.load(search=False), known(parts))
            self._opened = opened.pop_all()

    def _assemble(
        self, tools: Iterable[Tool | Callable[..., object]], settings: Settings, parts: Parts
    ) -> None:
        if "process_rules" in parts:
            settings = settings.with_rules("rules", "Runtime(process_rules=…)", parts["process_rules"])
        self.settings = settings = pinned(settings, parts.get("nodes", {}), "Runtime(nodes=…)")
        self.catalog, self.deps = discover(), parts.get("deps")
        place, record = parts.get("workspace"), parts.get("record")
        if not isinstance(place, Workspace):
            place = self._open(workspace(place, settings, self.catalog, record))
        self.workspace = place
        groups = load_groups(parts.get("groups"), settings, self.catalog)
        self.toolset = classified(groups | Toolset(tools), settings)
        self._active: dict[Family[object], Activation[object]] = {
            family: activate(family, settings, self.catalog) for family in FAMILIES
        }
        for activation in self._active.values():
            _warn(activation.resolution)
        for misspelt in settings.misspelt_variables:
            _log(misspelt)
        self._recording = self._open(Recording(record) if isinstance(record, str | os.PathLike) else record)
        watching = [self._open(observer) for observer in observers(settings, self.catalog)]
        self.executor = ToolRuntimeExecutor(
            self._open(self._runner()),
            journal=parts["journal"] if "journal" in parts else MemoryJournal(),
            observers=(*watching, *parts.get("observers", ())),
            limits=limits(settings),
            brake=Brake(Effect(word) for word in settings.allow_effects),
            approve=parts.get("approve"),
        )
        self._open(self.executor)
        self._portal = self._open(Portal())

    @classmethod
    def load(
        cls,
        start: str | os.PathLike[str] = ".",
        tools: Iterable[Tool | Callable[..., object]] = (),
        **parts: Unpack[Parts],
    ) -> Self:
        """A runtime configured by the ``orket.toml`` in ``start`` or the nearest folder above it.

        ``ORKET_CONFIG`` names another file. Everything else is as for ``Runtime``.
        """
        return cls(tools, settings=Settings.load(start), **parts)

    def node(self, family: Family[T]) -> T:
        """The active node of ``family``.

        Raises:
            ResolutionError: there is none, and the configuration goes on without tools.
        """
        activation = self._active[family]
        if activation.node is None:
            raise ResolutionError(cast("Diagnostic", activation.resolution.error))
        return cast("T", activation.node)

    def resolution(self, family: Family[object]) -> Resolution:
        """Which node of ``family`` is active, who asked for it, and why the others are not."""
        return self._active[family].resolution

    def turn(
        self,
        *,
        session_id: str | None = None,
        roles: Iterable[str] = (),
        model: str | None = None,
        turn: int = 0,
        extra: Mapping[str, object] | None = None,
    ) -> Turn:
        """Compose the offer for one exchange with a model; it stays as it is whatever is switched meanwhile.

        Args:
            session_id: groups turns; budgets count within it.
            roles: what the agent acts as, the leading role first; a text is one role.
            model: the name of the model.
            turn: which turn of the session this is.
            extra: what else strategies and tools may know; plain JSON values.
        """
        acting = (roles,) if isinstance(roles, str) else tuple(roles)
        context = TurnContext(session_id=session_id, roles=acting, model=model, turn=turn, extra=extra or {})
        node, tools, breach = self._offer(self._active, context)
        if breach is not None:
            _log(breach.render("warning"))
        self.executor.relay.tell("turn_composed", toolset=tools, context=context, node=node)
        return Turn(
            tools,
            context,
            everything=self.toolset,
            node=node,
            breach=breach,
            executor=self.executor,
            portal=self._portal,
            workspace=self.workspace,
            deps=self.deps,
            recording=self._recording,
        )

    def _offer(
        self, active: Mapping[Family[object], Activation[object]], context: TurnContext
    ) -> tuple[str, Toolset, Diagnostic | None]:
        """The identity of the strategy, what it offers, and why that is nothing where a node cannot be used."""
        strategy = active[TOOL_STRATEGY]
        ref = strategy.resolution.node
        node = "" if ref is None else ref.identity
        unusable = next((one.resolution.error for one in active.values() if one.node is None), None)
        if unusable is not None:
            return node, self.toolset.only(why=unusable.message), unusable
        offer = compose(
            cast("ToolStrategy", strategy.node),
            self.toolset,
            context,
            node=node,
            provides=strategy.declared.provides,
            limits=self.executor.limits,
        )
        return node, *offer

    def switch(self, node: str, family: Family[object] = TOOL_STRATEGY) -> Resolution:
        """Make ``node`` the active one, if it resolves, passes the gate, loads, and composes once on trial.

        Turns under way keep their offer. Whatever fails, the node that was active stays.

        Raises:
            ResolutionError: with one of the codes of a resolution, or ``pinned`` where a stronger source decides.
        """
        decided = self.settings.asked(family)[0]
        if decided.source.kind in ("environment", "argument"):
            raise ResolutionError(
                Diagnostic(
                    "pinned",
                    f"The node of family '{family.name}' is decided by a stronger source than a switch.",
                    asked_by="Runtime.switch (operator)",
                    found=f"'{decided.value}', by {decided.source}",
                    hint=f"change it there, or remove it there to let a switch decide on '{node}'",
                )
            )
        settings = self.settings.with_rules("operator", "Runtime.switch", {family.rule: node})
        active = {**self._active, family: activate(family, settings, self.catalog)}
        _, _, breach = self._offer(active, TurnContext())
        if breach is not None:
            raise ResolutionError(breach)
        self._active, self.settings = active, settings
        if family is TOOL_RUNNER:
            self.executor.runner = self._open(self._runner())
        _warn(self.resolution(family))
        return self.resolution(family)

    def restrict(self, effects: Iterable[Effect | str]) -> None:
        """Allow calls no effects but these, and of these only what is allowed already: also in turns under way.

        Raises:
            ConfigError: there is no such effect.
        """
        self.executor.brake.restrict(effects_named(effects, "Runtime.restrict(…)"))

    def scoped(self, *, nodes: Mapping[str, str], deps: object = None) -> Self:
        """A runtime with nodes of its own, for one tenant; tools, runner, limits and journal are shared.

        Its brake narrows with this one's, and not the other way round. Closing it closes what it does not share.
        Errors are those of making a ``Runtime``.
        """
        scope = copy(self)
        scope.settings = pinned(self.settings, nodes, "Runtime.scoped(nodes=…)")
        scope._active = dict(self._active)
        for family in FAMILIES:
            if family.name in nodes:
                scope._active[family] = activate(family, scope.settings, self.catalog)
        scope._opened = ExitStack()
        runner = scope._open(scope._runner()) if TOOL_RUNNER.name in nodes else self.executor.runner
        scope.executor = self.executor.scoped(runner)
        scope.deps = self.deps if deps is None else deps
        return scope

    def close(self) -> None:
        """Stop what this runtime started, and end the calls that are under way. Closing twice is fine."""
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.executor.ended()

    def _open(self, part: T) -> T:
        """``part``, which this runtime began and therefore closes, the last one first."""
        self._opened.callback(_close, part)
        return part

    def _runner(self) -> ToolRunner:
        runner = self._active[TOOL_RUNNER].node
        return _NoRunner() if runner is None else cast("ToolRunner", runner)


def _close(part: object) -> None:
    close = getattr(part, "close", None)
    if callable(close):
        with contained() as guard:
            close()
        if guard.error is not None:
            _log(f"{type(part).__name__} did not close: {describe(guard.error)}")


class _NoRunner:
    """Stands where no runner is usable: calls must not run somewhere that nobody chose."""

    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        raise CallRefused("no runner is usable")


def _warn(resolution: Resolution) -> None:
    if resolution.node is not None and resolution.verdict is not None:
        for warning in resolution.verdict.warnings(resolution.node):
            _log(warning)


def _log(message: str) -> None:
    import logging

    logging.getLogger("orket.runtime").warning("%s", message)
