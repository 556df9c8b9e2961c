"""Orket's core: which tools an agent gets, and how their calls run, as nodes that configuration chooses.

Everything public is here; each name is imported from its module when it is first used, so that a program pays only
for what it touches.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orket.core.activation import Activation, activate
    from orket.core.calls import CallContext, CallRecord, Status, ToolCall, ToolResult, TurnContext
    from orket.core.discovery import Catalog, discover
    from orket.core.errors import (
        ConfigError,
        Diagnostic,
        JournalError,
        OrketError,
        ResolutionError,
        StoreError,
        ToolError,
    )
    from orket.core.evidence import Evidence
    from orket.core.executor import ToolRuntimeExecutor
    from orket.core.families import FAMILIES, TOOL_RUNNER, TOOL_STRATEGY
    from orket.core.family import Family, NodeRef
    from orket.core.gate import Verdict
    from orket.core.hookspecs import (
        CallAbandoned,
        CallDenied,
        CallEnded,
        CallKilled,
        CallRefused,
        Observer,
        ToolRunner,
        ToolStrategy,
        hookimpl,
    )
    from orket.core.journal import Journal, MemoryJournal
    from orket.core.recording import Recording
    from orket.core.resolver import Resolution, resolve
    from orket.core.runtime import Runtime, Turn
    from orket.core.settings import Settings, Source
    from orket.core.tools import Effect, Tool, tool
    from orket.core.toolset import Toolset
    from orket.core.workspace import Workspace

_HOMES = {
    "activation": "Activation activate",
    "calls": "CallContext CallRecord Status ToolCall ToolResult TurnContext",
    "discovery": "Catalog discover",
    "errors": "ConfigError Diagnostic JournalError OrketError ResolutionError StoreError ToolError",
    "evidence": "Evidence",
    "executor": "ToolRuntimeExecutor",
    "families": "FAMILIES TOOL_RUNNER TOOL_STRATEGY",
    "family": "Family NodeRef",
    "gate": "Verdict",
    "hookspecs": "CallAbandoned CallDenied CallEnded CallKilled CallRefused Observer ToolRunner ToolStrategy hookimpl",
    "journal": "Journal MemoryJournal",
    "recording": "Recording",
    "resolver": "Resolution resolve",
    "runtime": "Runtime Turn",
    "settings": "Settings Source",
    "tools": "Effect Tool tool",
    "toolset": "Toolset",
    "workspace": "Workspace",
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

__version__ = "0.1.0"

__all__ = [
    "FAMILIES",
    "TOOL_RUNNER",
    "TOOL_STRATEGY",
    "Activation",
    "CallAbandoned",
    "CallContext",
    "CallDenied",
    "CallEnded",
    "CallKilled",
    "CallRecord",
    "CallRefused",
    "Catalog",
    "ConfigError",
    "Diagnostic",
    "Effect",
    "Evidence",
    "Family",
    "Journal",
    "JournalError",
    "MemoryJournal",
    "NodeRef",
    "Observer",
    "OrketError",
    "Recording",
    "Resolution",
    "ResolutionError",
    "Runtime",
    "Settings",
    "Source",
    "Status",
    "StoreError",
    "Tool",
    "ToolCall",
    "ToolError",
    "ToolResult",
    "ToolRunner",
    "ToolRuntimeExecutor",
    "ToolStrategy",
    "Toolset",
    "Turn",
    "TurnContext",
    "Verdict",
    "Workspace",
    "activate",
    "discover",
    "hookimpl",
    "resolve",
    "tool",
]


def __getattr__(name: str) -> object:
    module = _MODULE_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'orket.core' has no attribute '{name}'")
    value: object = getattr(import_module(f"orket.core.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
