"""Activate the node that configuration chose: resolve, judge, load, in this order and nowhere else."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from orket.core.declaration import Declaration, check_contract, declaration
from orket.core.errors import Diagnostic, OrketError, ResolutionError
from orket.core.evidence import find, installed
from orket.core.gate import Verdict, verdict
from orket.core.payload import payload
from orket.core.resolver import Resolution, resolve

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from orket.core.discovery import Catalog
    from orket.core.evidence import Installed
    from orket.core.family import Family, NodeRef
    from orket.core.settings import Settings

__all__ = ["Activation", "activate", "judge"]

T = TypeVar("T")


class Activation(NamedTuple, Generic[T]):
    """The active node of a family, and how it came to be active."""

    resolution: Resolution
    node: T | None = None
    """``None`` where no node is usable and the configuration lets the agent go on without tools."""
    declared: Declaration = Declaration()


def activate(family: Family[T], settings: Settings, catalog: Catalog) -> Activation[T]:
    """Choose, judge and load the node of ``family``. Nothing but the chosen node is imported.

    Where the chosen node is refused, it is resolved again without it: the configuration then says whether that is an
    error or an agent without tools. No other node takes its place.

    Raises:
        ResolutionError: there is no usable node, and the configuration does not let the agent go on without tools.
    """
    refused: dict[str, Diagnostic] = {}
    judged: Verdict | None = None
    while True:
        resolution = resolve(family, settings, catalog, refused)._replace(verdict=judged)
        ref = resolution.node
        if ref is None:
            if settings.without_tools:
                return Activation(resolution)
            raise _unusable(resolution)
        try:
            declared, judged, current = _examine(family, ref, settings, catalog)
            if not judged.passes:
                raise ResolutionError(judged.refusal(ref, "", settings.evidence))
            from orket.core.loader import load  # what it needs is imported for the chosen node alone

            options_at, options = settings.options(family, ref.qualified)
            with _importing(current, ref, judged):
                node = load(family, ref, options, options_at)
        except OrketError as refusal:
            asked_by = str(resolution.decided.source)
            refused[ref.identity] = refusal.diagnostic._replace(asked_by=asked_by)
            continue
        return Activation(resolution._replace(verdict=judged), node, declared)


def judge(
    family: Family[T], ref: NodeRef, settings: Settings, catalog: Catalog
) -> tuple[Declaration, Verdict]:
    """What ``ref`` declares, and what the gate says of it, without importing it.

    Raises:
        OrketError: its declaration, the folder of evidence or its installation cannot be read.
    """
    return _examine(family, ref, settings, catalog)[:2]


def _examine(
    family: Family[T], ref: NodeRef, settings: Settings, catalog: Catalog
) -> tuple[Declaration, Verdict, Installed | None]:
    """What ``ref`` declares, what the gate says of it, and what is installed; nothing is measured of the control."""
    policy = settings.policy(ref.qualified)
    if family.is_default(ref):
        return Declaration(), verdict(ref, None, None, policy, 0.0), None
    own = payload(ref.location)
    declared = declaration(ref, own.files)
    check_contract(declared, family, ref)
    current = installed(family, ref, catalog, declared.contract, own)
    evidence, damaged = find(settings.evidence, ref, current)
    return declared, verdict(ref, current, evidence, policy, time.time(), damaged), current


def _importing(current: Installed | None, ref: NodeRef, judged: Verdict) -> AbstractContextManager[None]:
    """What the import of a judged node takes place in: where it is proved, of nothing but the proved bytes."""
    if current is None:
        return nullcontext()
    from orket.core.sources import check_imported, import_from

    if judged.proved:
        check_imported(current.sources, ref.module)
    return import_from(current.sources)


def _unusable(resolution: Resolution) -> ResolutionError:
    assert resolution.error is not None, "a resolution has a node or an error"
    error = ResolutionError(resolution.error)
    error.resolution = resolution
    return error
