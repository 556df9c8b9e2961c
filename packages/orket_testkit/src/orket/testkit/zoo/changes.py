"""Nodes that declare their changes wrongly, and nodes that declare them well."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from orket.core.proving import Declaration
from orket.testkit.zoo.changed import (
    Backwards,
    Confines,
    CutsWords,
    NewName,
    OneMore,
    Optional,
    OtherWords,
    Patience,
    Same,
    WithoutBoth,
    WithoutWrite,
    WithoutWriteAsReviewer,
)
from orket.testkit.zoo.subjects import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHANGES", "DECLARED", "Declared"]

_FILE = os.path.join(os.path.dirname(__file__), "declared", "orket-node.toml")


class Declared(NamedTuple):
    """A node with what it declares."""

    entry: Entry
    says: str
    """How the finding begins."""


def _declared(
    about: str,
    node: type,
    changes: tuple[Mapping[str, object], ...],
    rejected_by: str = "",
    says: str = "",
    provides: tuple[str, ...] = (),
) -> Declared:
    value = f"{node.__module__}:{node.__qualname__}"
    declaration = Declaration(1, provides, (), changes, _FILE)
    return Declared(Entry(about.replace(" ", "-"), value, rejected_by, about, declaration), says)


def _change(name: str, kind: str, when: Mapping[str, object], **other: object) -> dict[str, object]:
    return {
        "id": name,
        "kind": kind,
        "when": when,
        "reason": "it is meant",
        "doc": f"changes.md#{name}",
        "witness": f"witness/{name.replace('-', '_')}.json",
        **other,
    }


_WRITE = {"tool": "write_file"}
_READ = {"tool": "read_file"}
_WITHOUT_WRITE = _change("without-write", "removed", _WRITE)


def _without_write(**other: object) -> tuple[dict[str, object], ...]:
    return ({**_WITHOUT_WRITE, **other},)


def _bad(name: str, says: str, *changes: Mapping[str, object]) -> Declared:
    return _declared(name, WithoutWrite, changes, "changes-hold", says)


DECLARED = (
    _declared("nothing", Same, ()),
    _declared("a tool less", WithoutWrite, (_WITHOUT_WRITE,)),
    _declared(
        "a tool less in one role",
        WithoutWriteAsReviewer,
        _without_write(when={**_WRITE, "role": "reviewer"}, witness="witness/without_write_as_reviewer.json"),
    ),
    _declared(
        "with the file that was kept for a witness",
        WithoutWrite,
        _without_write(witness="witness/kept.json"),
    ),
    _declared(
        "two changes of two kinds",
        OtherWords,
        (_WITHOUT_WRITE, _change("other-words", "description", _READ)),
    ),
    _declared("less time", Patience, (_change("patience", "policy", _READ),)),
    _declared("another name", NewName, (_change("new-name", "renamed", _READ),)),
    _declared("another order", Backwards, (_change("backwards", "order", {}),)),
    _declared(
        "a tool more", OneMore, (_change("one-more", "added", {"tool": "whisper"}),), provides=("whisper",)
    ),
)
"""Nodes that declare well what they change."""

CHANGES = (
    _declared("stale", Same, (_WITHOUT_WRITE,), "changes-hold", "change-stale: "),
    _declared(
        "stale, since it is so in another role",
        WithoutWriteAsReviewer,
        (_WITHOUT_WRITE,),
        "changes-hold",
        "change-stale: ",
    ),
    _declared(
        "a result that no call shows",
        Same,
        (_change("no-calls", "result", _READ, doc="changes.md#without-write"),),
        "changes-hold",
        "the witness of change 'no-calls' makes no calls, and nothing else has results",
    ),
    _bad("covers every tool", "change-too-broad: ", {**_WITHOUT_WRITE, "when": {}}),
    _bad(
        "covers every writing tool", "change-too-broad: ", {**_WITHOUT_WRITE, "when": {"effects": ["write"]}}
    ),
    _bad(
        "covers a tool more",
        "change-too-broad: ",
        {**_WITHOUT_WRITE, "when": {"tool": ["write_file", "read_file"]}},
    ),
    _declared(
        "hides another tool less",
        WithoutBoth,
        (_WITHOUT_WRITE,),
        "parity-offer",
        "undeclared-change: ",
    ),
    _declared(
        "hides that a tool is confined",
        Confines,
        (),
        "parity-offer",
        "undeclared-change: 'read_file': policy: confine is True, where the control has False",
    ),
    _declared("hides that long words are cut", CutsWords, (), "parity-offer", "undeclared-change: 'tttt"),
    _declared(
        "hides other words",
        OtherWords,
        (_WITHOUT_WRITE,),
        "parity-offer",
        "undeclared-change: ",
    ),
    _declared(
        "says in which role, and does it in all",
        WithoutWrite,
        _without_write(when={**_WRITE, "role": "reviewer"}, witness="witness/without_write_as_reviewer.json"),
        "parity-offer",
        "undeclared-change: ",
    ),
    _declared(
        "declares nothing",
        WithoutWrite,
        (),
        "parity-offer",
        "undeclared-change: ",
    ),
    _bad(
        "names a tool that there is not",
        "change 'without-write' names the tool 'wirte_file', which there is not",
        {**_WITHOUT_WRITE, "when": {"tool": ["write_file", "wirte_file"]}},
    ),
    _bad(
        "has no document",
        "the 'doc' of change 'without-write' cannot be read: missing.md: No such file or directory",
        {**_WITHOUT_WRITE, "doc": "missing.md#without-write"},
    ),
    _bad(
        "has no heading",
        "the document of change 'without-write' has no heading 'without-writing': changes.md has ",
        {**_WITHOUT_WRITE, "doc": "changes.md#without-writing"},
    ),
    _bad(
        "names no heading",
        "the 'doc' of change 'without-write' names no heading of changes.md",
        {**_WITHOUT_WRITE, "doc": "changes.md"},
    ),
    _bad(
        "is documented elsewhere",
        "the 'doc' of change 'without-write' is outside the package: ../changes.py",
        {**_WITHOUT_WRITE, "doc": "../changes.py#without-write"},
    ),
    _bad(
        "has no witness",
        "the 'witness' of change 'without-write' cannot be read: witness/missing.json: No such file or directory",
        {**_WITHOUT_WRITE, "witness": "witness/missing.json"},
    ),
    _bad(
        "has a witness that is no JSON",
        "the witness of change 'without-write' cannot be used: ",
        {**_WITHOUT_WRITE, "witness": "witness/cut_off.json"},
    ),
    _bad(
        "has a witness of something else",
        "the witness of change 'without-write' is about the kind 'policy', not 'removed'",
        {**_WITHOUT_WRITE, "witness": "witness/patience.json"},
    ),
    _bad(
        "has a witness with tools that there are not",
        "the witness of change 'without-write' names 'everything' as its toolset",
        {**_WITHOUT_WRITE, "witness": "witness/unknown_toolset.json"},
    ),
    _bad("is declared twice", "change 'without-write' is declared twice", _WITHOUT_WRITE, _WITHOUT_WRITE),
    _bad(
        "says no reason",
        "the 'reason' of change 'without-write' must be a text",
        {**_WITHOUT_WRITE, "reason": " "},
    ),
    _bad(
        "has a key too many",
        "change 'without-write' has a key 'because', which means nothing",
        {**_WITHOUT_WRITE, "because": "of that"},
    ),
    *(
        _declared(
            f"declares {kind} away",
            Same,
            _without_write(kind=kind),
            "changes-hold",
            f"change 'without-write' is of kind '{kind}', which cannot be declared",
        )
        for kind in ("pure", "closed", "never-widens", "unstable")
    ),
    _declared(
        "covers by a word that there is not",
        Same,
        _without_write(when={"tools": "write_file"}),
        "changes-hold",
        "change 'without-write': 'when' has a key 'tools', which means nothing",
    ),
    _declared(
        "covers an effect that there is not",
        Same,
        _without_write(when={"effects": ["delete"]}),
        "changes-hold",
        "change 'without-write': 'when.effects' names 'delete'",
    ),
    _declared("vacuous", Optional, (), "cases-hold", "vacuous: "),
)
"""Nodes whose declaration one law rejects."""
