"""The family that a word names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.core.errors import ConfigError, Diagnostic, closest
from orket.core.families import FAMILIES

if TYPE_CHECKING:
    from orket.core.family import Family

__all__ = ["family_named"]


def family_named(name: str, command: str) -> Family[object]:
    """The family called ``name``.

    Raises:
        ConfigError: there is none.
    """
    families = {family.name: family for family in FAMILIES}
    if name in families:
        return families[name]
    raise ConfigError(
        Diagnostic(
            "wrong-usage",
            f"There is no node family '{name}'.",
            asked_by=command,
            found=", ".join(families),
            hint=closest(name, families) or "name one of these",
        )
    )
