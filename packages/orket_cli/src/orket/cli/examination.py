"""What ``orket doctor`` finds: what is installed, what is in force, and what is wrong with either."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

from orket.cli.running import running
from orket.core.activation import activate
from orket.core.contain import contained, describe
from orket.core.discovery import GROUPS, discover
from orket.core.errors import Diagnostic, OrketError
from orket.core.families import FAMILIES, TOOL_RUNNER
from orket.core.settings import Settings
from orket.core.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from orket.core.discovery import Catalog
    from orket.core.family import NodeRef
    from orket.core.resolver import Resolution

__all__ = ["Examination", "examine"]


class Examination(NamedTuple):
    """Everything found."""

    catalog: Catalog
    settings: Settings | None
    """``None`` where the configuration cannot be used."""
    resolutions: tuple[Resolution, ...]
    """The families with a usable node."""
    runner: object
    """The active runner; ``None`` where none is usable."""
    broken: tuple[Diagnostic, ...]
    """Why the choice in force cannot work."""
    warnings: tuple[Diagnostic, ...]
    """What looks wrong, and does no harm for as long as nobody asks for it."""

    def installed(self) -> dict[tuple[str, str], list[NodeRef]]:
        """What each distribution supplies, by its name and version."""
        supplied: dict[tuple[str, str], list[NodeRef]] = {}
        for ref in self.catalog.refs:
            if ref.group in GROUPS:
                supplied.setdefault((ref.distribution, ref.version), []).append(ref)
        return dict(sorted(supplied.items()))

    def confinement(self) -> dict[str, str]:
        """What stands between a tool and this machine, in plain words."""
        files = f"every file tool opens beneath the workspace's folder, {Workspace.opening()}"
        runner = next((one.node for one in self.resolutions if one.family is TOOL_RUNNER), None)
        if runner is None:
            calls = "no calls: no runner is usable"
        elif TOOL_RUNNER.is_default(runner):
            calls = (
                "none: the inline runner calls tools in this process; it uses neither Landlock nor namespaces"
            )
        else:
            return {"files": files, **_said_by(self.runner, runner.qualified)}
        return {"files": files, "calls": calls}


def examine() -> Examination:
    """Look at everything. Of the plugins, only what the configuration chooses is imported."""
    catalog = discover()
    try:
        settings = Settings.load()
    except OrketError as error:
        return Examination(catalog, None, (), None, (error.diagnostic,), catalog.problems)
    resolutions: list[Resolution] = []
    runner: object = None
    broken: list[Diagnostic] = []
    for family in FAMILIES:
        try:
            activation = activate(family, settings, catalog)
        except OrketError as error:
            broken.append(error.diagnostic)
        else:
            resolution = activation.resolution
            if family is TOOL_RUNNER:
                runner = activation.node
            if resolution.error is None:
                resolutions.append(resolution)
            else:
                broken.append(resolution.error)
    if not broken:
        broken += _tried(settings)
    warnings = (*_unproved(resolutions, settings), *catalog.problems, *_unknown_variables(settings))
    return Examination(catalog, settings, tuple(resolutions), runner, tuple(broken), warnings)


def _said_by(runner: object, name: str) -> dict[str, str]:
    """What a runner says of itself, where it has a method ``confinement`` that gives texts by their titles."""
    confinement: object = getattr(runner, "confinement", None)
    if not callable(confinement):
        return {"calls": f"what '{name}' does: see its documentation"}
    said: object = None
    with contained() as guard:
        said = confinement()
    if guard.error is not None:
        return {"calls": f"'{name}' could not say: {describe(guard.error)}"}
    facts = cast("dict[object, object]", said) if isinstance(said, dict) else {"calls": said}
    return {str(title): str(text) for title, text in facts.items()}


def _tried(settings: Settings) -> Iterator[Diagnostic]:
    """What a runtime of this configuration trips over: tool groups, the workspace, a first compose."""
    try:
        with running(None, settings) as runtime:
            breach = runtime.turn().breach
    except OrketError as error:
        yield error.diagnostic
    else:
        if breach is not None:
            yield breach


def _unproved(resolutions: Iterable[Resolution], settings: Settings) -> Iterator[Diagnostic]:
    for resolution in resolutions:
        ref, verdict = resolution.node, resolution.verdict
        if ref is None or verdict is None:
            continue
        if not verdict.proved:
            refusal = verdict.refusal(ref, str(resolution.decided.source), settings.evidence)
            yield refusal._replace(hint="it is active all the same, because the gate only warns")
        elif verdict.damaged:
            message = f"There is more than the evidence that node '{ref.name}' passes by."
            yield Diagnostic("damaged-evidence", message, found="; ".join(verdict.damaged), hint="delete it")


def _unknown_variables(settings: Settings) -> Iterator[Diagnostic]:
    for name, hint in settings.unknown_variables.items():
        message = f"Nothing reads the variable '{name}'."
        yield Diagnostic("unknown-variable", message, looked_in="the environment", hint=hint or "unset it")
