"""A declared change is shown by its witness: one circumstance, in which the node differs as the change says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from orket.testkit.changes.compared import differing
from orket.testkit.changes.declared import covers
from orket.testkit.changes.documents import shipped
from orket.testkit.circumstances import Circumstance
from orket.testkit.findings import Broken
from orket.testkit.toolsets import TOOLSETS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from orket.testkit.changes.declared import Change
    from orket.testkit.subject import Plan, Subject

__all__ = ["check_witness"]

_EXPECTED = (
    'JSON as {"options": {}, "roles": ["coder"], "toolset": "baseline", "tool": "a_tool", "kind": "removed"}'
)

_EXPECTED_CALLS = (
    'JSON as {"options": {}, "files": {"a.txt": "text"}, "calls": [{"tool": "a_tool", "arguments": {}}]}'
)


def check_witness(subject: Subject, change: Change, plan: Plan) -> Circumstance | None:
    """The witness of ``change`` is there, and shows it under this circumstance; ``None`` where calls show it.

    Raises:
        Broken: it is not, or does not: ``change-stale``.
    """
    witness = _read(subject, change)
    if "calls" in witness:
        shown = _shown_by_calls(subject, change, plan, witness)
    else:
        shown = _shown_by_offer(subject, change, witness)
    if not shown:
        raise Broken(
            f"change-stale: the node does not differ as change '{change.id}' says, where its witness looks",
            expected=f"a difference of kind '{change.kind}' at '{witness.get('tool', '')}', or no such [[change]]",
            trace=witness,
        )
    return None if "calls" in witness else Circumstance.from_dict(witness)


def _read(subject: Subject, change: Change) -> Mapping[str, object]:
    text = shipped(subject, change, "witness", change.witness)
    try:
        plain: object = json.loads(text)
        if not isinstance(plain, dict):
            raise ValueError(f"it is a {type(plain).__name__}, where an object belongs")
        kept = cast("dict[str, object]", plain)
        witness = cast(
            "dict[str, object]", kept.get("trace", kept)
        )  # a file that ``orket prove`` keeps is one
        Circumstance.from_dict(witness)
    except ValueError as error:
        found = f"the witness of change '{change.id}' cannot be used: {error}"
        raise Broken(found, expected=_EXPECTED) from error
    if witness.get("kind", change.kind) != change.kind:
        found = (
            f"the witness of change '{change.id}' is about the kind '{witness['kind']}', not '{change.kind}'"
        )
        raise Broken(found, expected=_EXPECTED, trace=witness)
    if change.kind == "result" and "calls" not in witness:
        found = f"the witness of change '{change.id}' makes no calls, and nothing else has results"
        raise Broken(found, expected=_EXPECTED_CALLS, trace=witness)
    if "calls" not in witness:
        for key, known in (("toolset", TOOLSETS.keys()), ("tool", None)):
            if not isinstance(value := witness.get(key), str) or (known is not None and value not in known):
                found = f"the witness of change '{change.id}' names {value!r} as its {key}"
                raise Broken(found, expected=_EXPECTED, trace=witness)
    return witness


def _shown_by_offer(subject: Subject, change: Change, witness: Mapping[str, object]) -> bool:
    toolset = TOOLSETS[str(witness["toolset"])]()
    found = differing(subject, Circumstance.from_dict(witness), toolset)
    return found is None or any(
        covers(change, one, tool) and (one.tool == witness["tool"] or one.kind == "order")
        for one, tool in found
    )


def _shown_by_calls(subject: Subject, change: Change, plan: Plan, witness: Mapping[str, object]) -> bool:
    """Whether the parity of calls, played once more without this change, finds that it is missing."""
    from orket.testkit.checks import laws_of, run_law

    others = tuple(table for table in subject.declared.changes if table.get("id") != change.id)
    bare = subject._replace(declared=subject.declared._replace(changes=others))
    finding = run_law(laws_of(subject.ref.family)["parity-calls"], bare, plan._replace(replay=witness))
    return finding.status == "unaccepted-change"
