"""The laws of strategies, each in one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orket.testkit.checks import Law
from orket.testkit.laws import cases, offers, provided, purity, sharing, stability

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LAWS"]

LAWS: Mapping[str, tuple[Law, ...]] = {
    "tool_strategy": (
        Law("returns-toolset", "The node can be made, and compose gives a Toolset.", offers.returns_toolset),
        Law(
            "deterministic",
            "The same toolset and context give the same answer: at once, at another time, in another process with "
            "another hash seed, environment, folder and home.",
            stability.deterministic,
        ),
        Law("pure", "Compose changes neither what it is given nor the world around it.", purity.pure),
        Law("no-leak", "Nothing of an earlier toolset or context shows in a later offer.", sharing.no_leak),
        Law(
            "closed",
            "Each tool offered descends from the tools given, or is named in 'provides'.",
            offers.closed,
        ),
        Law(
            "never-widens",
            "No tool offered has wider effects, a longer timeout, less approval or a looser limit than before.",
            offers.never_widens,
        ),
        Law("names-valid", "Each tool offered has a name that every provider takes.", offers.names_valid),
        Law("schemas-valid", "Each schema offered is one that every provider takes.", offers.schemas_valid),
        Law("kind-kept", "An async tool stays async, and a sync tool stays sync.", offers.kind_kept),
        Law("total", "Compose answers in time to any toolset, any role and no role.", offers.total),
        Law(
            "reentrant",
            "Turns in several threads and tasks get what each would get alone.",
            sharing.reentrant,
        ),
        Law(
            "cases-hold", "Each declared case gives its tools, and the cases say something.", cases.cases_hold
        ),
        Law(
            "calls-contained",
            "Each call of a provided tool ends, also when it fails, hangs or is cancelled, and with a promised status.",
            provided.calls_contained,
        ),
    )
}
