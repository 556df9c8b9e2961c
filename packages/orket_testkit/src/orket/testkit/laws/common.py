"""The laws of every family: importing a node does nothing, and its options are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.testkit.checks import Law
from orket.testkit.laws import importing, options

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LAWS"]

LAWS: Mapping[str, tuple[Law, ...]] = {
    "*": (
        Law(
            "import-quiet",
            "Importing the node starts nothing, writes nothing, prints nothing and changes nothing of the process.",
            importing.import_quiet,
        ),
        Law(
            "options-checked",
            "Options that the node cannot use are refused as invalid, and those that it declares are accepted.",
            options.options_checked,
        ),
    )
}
