"""Tool groups for Orket, each a ``Toolset`` that configuration selects by its entry point's name."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orket.tools.editing import EDITING
    from orket.tools.files import FILES
    from orket.tools.shell import SHELL

__all__ = ["EDITING", "FILES", "SHELL"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'orket.tools' has no attribute '{name}'")
    value: object = getattr(import_module(f"orket.tools.{name.lower()}"), name)
    globals()[name] = value
    return value
