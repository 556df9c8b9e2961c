"""A declared change: a difference from the control that a node's author means, and says so before import."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, cast

from orket.core import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from orket.core import Tool
    from orket.core.proving import Declaration
    from orket.testkit.parity.offers import Difference

__all__ = ["KINDS", "Change", "changes_of", "concerns", "covers", "flaws"]

KINDS = ("removed", "added", "renamed", "order", "schema", "description", "policy", "result", "effect")
"""What may differ. Purity, ``closed``, ``never-widens`` and stability are no kinds: they cannot be declared away."""

_TEXTS = ("id", "kind", "reason", "doc", "witness")
_CONDITIONS = ("effects", "tool", "role")


class Change(NamedTuple):
    """One ``[[change]]`` of an ``orket-node.toml``."""

    id: str
    kind: str
    """One of ``KINDS``."""
    when: Mapping[str, tuple[str, ...]]
    """``effects``, ``tool`` and ``role``, each one word or several; all have to hold, and nothing covers every tool."""
    reason: str
    doc: str
    """A file of the package and a heading in it, ``changes.md#no-writes``."""
    witness: str
    """A file of the package: a circumstance that shows the difference."""


def changes_of(declared: Declaration) -> tuple[Change, ...]:
    """Every declared change, also one that lacks something: what is wrong with it is the matter of ``flaws``."""
    return tuple(
        Change(
            when={key: _words(value) for key, value in _when(table).items()},
            **{key: value if isinstance(value := table.get(key), str) else "" for key in _TEXTS},
        )
        for table in declared.changes
    )


def covers(change: Change, difference: Difference, tool: Tool | None) -> bool:
    """Whether ``change`` means ``difference``.

    Args:
        change: what is declared.
        difference: what was seen, of one tool under one circumstance.
        tool: the tool as the application has it; for one that was added, as the node offers it.
    """
    role = difference.circumstance.context.role
    return (
        change.kind == difference.kind and concerns(change, difference.tool, tool) and in_role(change, role)
    )


def concerns(change: Change, name: str, tool: Tool | None) -> bool:
    """Whether ``change`` speaks of this tool."""
    when = change.when
    effects: frozenset[str] = frozenset() if tool is None else tool.effects
    return (
        when.keys() <= set(_CONDITIONS)
        and ("tool" not in when or name in when["tool"])
        and ("effects" not in when or not effects.isdisjoint(when["effects"]))
    )


def in_role(change: Change, role: str | None) -> bool:
    """Whether ``change`` speaks of an agent whose leading role is ``role``."""
    return "role" not in change.when or role in change.when["role"]


def flaws(declared: Declaration) -> Iterator[str]:
    """What is wrong with the declared changes as they are written, each in one sentence."""
    seen: set[object] = set()
    for place, table in enumerate(declared.changes, 1):
        named = table.get("id")
        who = f"change '{named}'" if isinstance(named, str) and named else f"change number {place}"
        if named in seen:
            yield f"{who} is declared twice; an id names one change"
        seen.add(named)
        for key in _TEXTS:
            if key not in table:
                yield f"{who} has no '{key}'"
            elif not isinstance(value := table[key], str) or not value.strip():
                yield f"the '{key}' of {who} must be a text that says something, not {value!r}"
        for key in table.keys() - {*_TEXTS, "when"}:
            yield f"{who} has a key '{key}', which means nothing; known are {', '.join((*_TEXTS, 'when'))}"
        kind = table.get("kind")
        if isinstance(kind, str) and kind not in KINDS:
            yield f"{who} is of kind '{kind}', which cannot be declared; kinds are {', '.join(KINDS)}"
        yield from (f"{who}: {flaw}" for flaw in _flaws_of_when(table.get("when", {})))


def _flaws_of_when(when: object) -> Iterator[str]:
    if not isinstance(when, Mapping):
        yield f"'when' must be a table, not {when!r}"
        return
    for key, value in cast("Mapping[str, object]", when).items():
        if key not in _CONDITIONS:
            yield f"'when' has a key '{key}', which means nothing; known are {', '.join(_CONDITIONS)}"
        elif not _words(value):
            yield f"'when.{key}' must be a text or a list of texts, not {value!r}"
        elif key == "effects" and (unknown := set(_words(value)) - set(Effect)):
            yield f"'when.effects' names '{min(unknown)}'; effects are {', '.join(Effect)}"


def _when(table: Mapping[str, object]) -> Mapping[str, object]:
    when = table.get("when", {})
    return cast("Mapping[str, object]", when) if isinstance(when, Mapping) else {"": when}


def _words(value: object) -> tuple[str, ...]:
    """One word or several; nothing where it is neither, which holds for no tool."""
    if isinstance(value, str):
        return (value,)
    words = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(cast("list[str]", words)) if all(isinstance(word, str) for word in words) else ()
