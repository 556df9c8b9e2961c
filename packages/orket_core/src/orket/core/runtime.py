"""The application's object: the active nodes, the tools, and the turns made with them."""

from __future__ import annotations

import os
import sys
from copy import copy
from typing import TYPE_CHECKING, TypedDict, TypeVar, cast

from orket.core.activation import Activation, activate
from orket.core.calls import TurnContext
from orket.core.composing import compose
from orket.core.contain import contained, describe
from orket.core.discovery import discover
from orket.core.errors import ConfigError, Diagnostic, ResolutionError, closest
from orket.core.executor import ToolRuntimeExecutor
from orket.core.families import FAMILIES, TOOL_RUNNER, TOOL_STRATEGY
from orket.core.groups import classified, load_groups
from orket.core.hookspecs import CallRefused
from orket.core.journal import MemoryJournal
from orket.core.limits import Brake, Limits
from orket.core.portal import Portal
from orket.core.recording import Recording
from orket.core.settings import Settings
from orket.core.tools import Effect
from orket.core.toolset import Toolset
from orket.core.turn import Turn
from orket.core.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Self, Unpack

    from orket.core.calls import CallContext
    from orket.core.discovery import Catalog
    from orket.core.executor import Approve
    from orket.core.family import Family
    from orket.core.hookspecs import ToolRunner, ToolStrategy
    from orket.core.journal import Journal
    from orket.core.resolver import Resolution
    from orket.core.tools import Tool

__all__ = ["Runtime", "Turn"]

T = TypeVar("T")


class Parts(TypedDict, total=False):
    """What a runtime may be given besides its tools; each has a default."""

    process_rules: Mapping[str, object]
    """Rules that are stronger than a file's and weaker than the environment."""
    nodes: Mapping[str, str]
    """Nodes by family, ``{"tool_strategy": "read-only"}``; stronger than every other source."""
    groups: Iterable[str]
    """Tool groups, in place of those that the configuration chooses."""
    workspace: Workspace | str | os.PathLike[str]
    """Where tools find files; by default the configured folder, or the working directory."""
    journal: Journal
    """Where calls are recorded; by default in memory."""
    observers: Iterable[object]
    """Objects with hookimpls of ``Observer``."""
    approve: Approve
    """Asked before each call of a tool that needs approval; by default such calls do not run."""
    deps: object
    """The application's objects, for tools that take a ``CallContext``."""
    record: Recording | str | os.PathLike[str]
    """A file that what the model asks and what it is answered are appended to."""


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
            parts: see ``Parts``.

        Raises:
            ConfigError: the configuration or a tool cannot be used.
            ResolutionError: a node cannot be used, and the configuration does not go on without tools.
        """
        settings = Settings.load(search=False) if settings is None else settings
        if "process_rules" in parts:
            settings = settings.with_rules("rules", "Runtime(process_rules=…)", parts["process_rules"])
        self.settings = _pinned(settings, parts.get("nodes", {}), "Runtime(nodes=…)")
        self.catalog = discover()
        self.deps = parts.get("deps")
        self.workspace = _workspace(parts.get("workspace"), settings, self.catalog)
        chosen = parts.get("groups", settings.config.get("tools", {}).get("groups", []))
        self.toolset = classified(load_groups(chosen, settings, self.catalog) | Toolset(tools), settings)
        self._active: dict[Family[object], Activation[object]] = {
            family: activate(family, self.settings, self.catalog) for family in FAMILIES
        }
        for activation in self._active.values():
            _warn_unproved(activation.resolution)
        self._portal = Portal()
        self._recording = _recording(parts.get("record"))
        self.executor = ToolRuntimeExecutor(
            self._runner(),
            journal=parts.get("journal") or MemoryJournal(),
            observers=parts.get("observers", ()),
            limits=_limits(settings),
            brake=Brake(Effect(word) for word in settings.allow_effects),
            approve=parts.get("approve"),
        )

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
            roles: what the agent acts as, the leading role first.
            model: the name of the model.
            turn: which turn of the session this is.
            extra: what else strategies and tools may know; plain JSON values.
        """
        context = TurnContext(session_id=session_id, roles=tuple(roles), model=model, turn=turn, extra=extra or {})
        return self._turn(self._active, context)

    def _turn(self, active: Mapping[Family[object], Activation[object]], context: TurnContext) -> Turn:
        unusable = next((one.resolution.error for one in active.values() if one.node is None), None)
        strategy = active[TOOL_STRATEGY]
        ref = strategy.resolution.node
        node = "" if ref is None else ref.identity
        if unusable is None:
            tools, breach = compose(
                cast("ToolStrategy", strategy.node),
                self.toolset,
                context,
                node=node,
                provides=strategy.declared.provides,
                limits=self.executor.limits,
            )
        else:
            tools, breach = self.toolset.where(lambda _: False, why=unusable.message), unusable
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
        trial = self._turn(active, TurnContext())
        if trial.breach is not None:
            raise ResolutionError(trial.breach)
        self._active, self.settings = active, settings
        self.executor.runner = self._runner()
        _warn_unproved(self.resolution(family))
        return self.resolution(family)

    def restrict(self, effects: Iterable[Effect | str]) -> None:
        """Allow calls no effects but these, and of these only what is allowed already: also in turns under way."""
        self.executor.brake.restrict(Effect(effect) for effect in effects)

    def scoped(self, *, nodes: Mapping[str, str], deps: object = None) -> Self:
        """A runtime with nodes of its own, for one tenant; tools, runner, limits and journal are shared.

        Its brake narrows with this one's, and not the other way round. It ends when this one is closed.
        """
        scope = copy(self)
        scope.settings = _pinned(self.settings, nodes, "Runtime.scoped(nodes=…)")
        scope._active = dict(self._active)
        for family in FAMILIES:
            if family.name in nodes:
                scope._active[family] = activate(family, scope.settings, self.catalog)
        scope.executor = self.executor.scoped(scope._runner())
        scope.deps = self.deps if deps is None else deps
        return scope

    def close(self) -> None:
        """Stop what this runtime started. Closing twice is fine."""
        self._portal.close()
        close = getattr(self.executor.runner, "close", None)
        if callable(close):
            with contained() as guard:
                close()
            if guard.error is not None:
                _log(f"the runner did not close: {describe(guard.error)}")
        self.workspace.close()
        if self._recording is not None:
            self._recording.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def _runner(self) -> ToolRunner:
        runner = self._active[TOOL_RUNNER].node
        return _NoRunner() if runner is None else cast("ToolRunner", runner)


class _NoRunner:
    """Stands where no runner is usable: calls must not run somewhere that nobody chose."""

    async def run(self, tool: Tool, arguments: Mapping[str, object], context: CallContext) -> object:
        raise CallRefused("no runner is usable")


def _pinned(settings: Settings, nodes: Mapping[str, str], where: str) -> Settings:
    if not nodes:
        return settings
    rules = {family.name: family.rule for family in FAMILIES}
    for name in nodes:
        if name not in rules:
            hint = closest(name, rules)
            message = f"There is no node family '{name}'."
            raise ConfigError(Diagnostic("invalid-config", message, asked_by=where, found=", ".join(rules), hint=hint))
    return settings.with_rules("argument", where, {rules[name]: node for name, node in nodes.items()})


def _limits(settings: Settings) -> Limits:
    table, default = settings.config.get("limits", {}), Limits()
    return Limits(
        timeout=table.get("timeout", default.timeout),
        max_output=table.get("max_output", default.max_output),
        concurrency=table.get("concurrency", default.concurrency),
    )


def _workspace(given: Workspace | str | os.PathLike[str] | None, settings: Settings, catalog: Catalog) -> Workspace:
    if isinstance(given, Workspace):
        return given
    table = settings.config.get("workspace", {})
    root = os.path.realpath(settings.path(table.get("root", ".")) if given is None else given)
    references = [settings.path(reference) for reference in table.get("references", [])]
    return Workspace(root, references=references, protected=_read_by_orket(root, settings, catalog))


def _read_by_orket(root: str, settings: Settings, catalog: Catalog) -> Iterator[str]:
    """What no tool may write: the configuration, the evidence, and code that this process could import."""
    if settings.file is not None:
        yield settings.file
    yield settings.evidence
    folders = {*sys.path, *(os.path.dirname(location) for location in catalog.metadata.values())}
    for folder in sorted(folders):
        if os.path.realpath(folder or ".").startswith(os.path.join(root, "")):
            yield os.path.realpath(folder)


def _recording(given: Recording | str | os.PathLike[str] | None) -> Recording | None:
    return given if given is None or isinstance(given, Recording) else Recording(given)


def _warn_unproved(resolution: Resolution) -> None:
    ref, verdict = resolution.node, resolution.verdict
    if ref is not None and verdict is not None and not verdict.proved:
        _log(f"node '{ref.qualified}' is active and not proved ({verdict.judgement}): the gate only warns")


def _log(message: str) -> None:
    import logging

    logging.getLogger("orket.runtime").warning("%s", message)
