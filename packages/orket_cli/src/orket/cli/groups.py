"""Tools for a person at a terminal, where the configuration chooses none: to look around, ``files`` will do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core.discovery import discover
from orket.core.resolver import denied

if TYPE_CHECKING:
    from orket.core.settings import Settings

__all__ = ["unchosen_groups"]

_FILES = "orket-tools:files"


def unchosen_groups(settings: Settings) -> list[str]:
    """The group ``files`` where it may be used and nobody chose any group, else nothing. No model is offered it."""
    if "groups" in settings.config.get("tools", {}):
        return []
    files = [ref for ref in discover().group("orket.tools") if ref.qualified == _FILES]
    return [_FILES] if len(files) == 1 and denied(files[0], settings) is None else []
