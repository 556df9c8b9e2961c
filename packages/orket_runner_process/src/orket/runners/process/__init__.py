"""Run calls in confined worker processes: whatever a tool does to its process, the host goes on."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orket.runners.process.options import Options
    from orket.runners.process.runner import Process

__all__ = ["Options", "Process"]

_HOMES = {"Options": "options", "Process": "runner"}


def __getattr__(name: str) -> object:
    # Workers import what lies beside, and would pay for all that the host's side needs.
    if name not in _HOMES:
        raise AttributeError(f"module 'orket.runners.process' has no attribute '{name}'")
    value: object = getattr(import_module(f"orket.runners.process.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
